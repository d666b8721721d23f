//! Fitted weights as a file: a mark, a version, the payload and its checksum. Numbers are little-endian; linear weights
//! keep the upper half of their bits, which is more than they are known to.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::linear::Linear;
use super::shape::Shape;
use super::trees::{Forest, Node, Tree};
use super::{SlotModel, Weights};

/// Everything that is fitted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub weights: Weights,
    /// Scores how a question and its plan read together.
    pub alignment: Linear,
    /// How rare a word is: the logarithm of how many databases there are for one whose questions have it.
    pub rarity: Linear,
    /// Scores finished plans.
    pub ranking: Forest,
    /// Scores how likely one plan is right, by itself and by how it stands among the others.
    pub confidence: Forest,
    /// The share of right answers by that score, as points of a rising line.
    pub calibration: Vec<(f32, f32)>,
}

/// Why a file holds no weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    #[error("the file does not begin as one of weights")]
    Foreign,
    #[error("the file is of version {0}, this program reads {VERSION}")]
    Version(u16),
    #[error("the file is damaged: its checksum does not fit")]
    Damaged,
    #[error("the file ends too early or says what cannot be")]
    Malformed,
}

const MARK: &[u8; 4] = b"t2sw";
const VERSION: u16 = 4;
const CHECKSUM: usize = 32;

/// The weights that come with the program; `None` if they cannot be read, so that the rules serve alone.
pub fn built_in() -> Option<&'static Model> {
    static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| {
        let bytes = include_bytes!("../../../../../assets/offline/weights.bin");
        Model::from_bytes(bytes).inspect_err(|error| tracing::warn!("no fitted scores: {error}")).ok()
    });
    MODEL.as_ref()
}

impl Model {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut payload = Writer::default();
        payload.model(self);
        let mut bytes = MARK.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(Sha256::digest(&payload.0));
        bytes.extend(payload.0);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AssetError> {
        let rest = bytes.strip_prefix(MARK).ok_or(AssetError::Foreign)?;
        let (version, rest) = rest.split_first_chunk::<2>().ok_or(AssetError::Malformed)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(AssetError::Version(version));
        }
        let (checksum, payload) = rest.split_at_checked(CHECKSUM).ok_or(AssetError::Malformed)?;
        if Sha256::digest(payload).as_slice() != checksum {
            return Err(AssetError::Damaged);
        }
        Reader(payload).model().ok_or(AssetError::Malformed)
    }
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn count(&mut self, n: usize) {
        self.0.extend((n as u32).to_le_bytes());
    }

    fn float(&mut self, x: f32) {
        self.0.extend(x.to_le_bytes());
    }

    /// The upper half of a number's bits, rounded.
    fn half(&mut self, x: f32) {
        self.0.extend(((x.to_bits().saturating_add(0x8000) >> 16) as u16).to_le_bytes());
    }

    fn linear(&mut self, linear: &Linear) {
        self.count(linear.bias.len());
        linear.bias.iter().for_each(|b| self.float(*b));
        let rows = linear.rows();
        self.count(rows.len());
        for (feature, weights) in rows {
            self.0.extend(feature.to_le_bytes());
            for weight in weights {
                self.half(*weight);
            }
        }
    }

    fn forest(&mut self, forest: &Forest) {
        self.float(forest.base);
        self.count(forest.trees().len());
        for tree in forest.trees() {
            let nodes = tree.nodes();
            self.count(nodes.len());
            for (node, is_leaf) in nodes {
                if is_leaf {
                    self.0.extend(u16::MAX.to_le_bytes());
                    self.float(node.value);
                } else {
                    self.0.extend(node.feature.to_le_bytes());
                    self.float(node.threshold);
                    self.0.extend(node.next.to_le_bytes());
                }
            }
        }
    }

    fn slots(&mut self, slots: &SlotModel) {
        self.linear(&slots.linear);
        self.count(slots.forests.len());
        slots.forests.iter().for_each(|forest| self.forest(forest));
    }

    fn model(&mut self, model: &Model) {
        let weights = &model.weights;
        self.count(weights.shapes.len());
        for shape in &weights.shapes {
            self.0.extend(shape.code().to_le_bytes());
        }
        for linear in [&weights.shape, &weights.size, &weights.outputs, &weights.direction, &weights.against] {
            self.linear(linear);
        }
        for slots in [&weights.columns, &weights.tables, &weights.values, &weights.numbers] {
            self.slots(slots);
        }
        self.linear(&weights.value_comparison);
        self.linear(&weights.number_comparison);
        self.linear(&model.alignment);
        self.linear(&model.rarity);
        self.forest(&model.ranking);
        self.forest(&model.confidence);
        self.count(model.calibration.len());
        for (score, share) in &model.calibration {
            self.float(*score);
            self.float(*share);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    /// A number of things of which each takes at least one byte.
    fn count(&mut self) -> Option<usize> {
        let n = u32::from_le_bytes(self.bytes()?) as usize;
        (n <= self.0.len()).then_some(n)
    }

    fn short(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_le_bytes)
    }

    fn float(&mut self) -> Option<f32> {
        self.bytes().map(f32::from_le_bytes)
    }

    fn half(&mut self) -> Option<f32> {
        self.short().map(|bits| f32::from_bits(u32::from(bits) << 16))
    }

    fn linear(&mut self) -> Option<Linear> {
        let classes = self.count()?;
        let bias: Vec<f32> = (0..classes).map(|_| self.float()).collect::<Option<_>>()?;
        let features = self.count()?;
        let row =
            |_| Some((u32::from_le_bytes(self.bytes()?), (0..classes).map(|_| self.half()).collect::<Option<_>>()?));
        let rows = (0..features).map(row).collect::<Option<_>>()?;
        Some(Linear::new(bias, rows))
    }

    fn forest(&mut self) -> Option<Forest> {
        let base = self.float()?;
        let count = self.count()?;
        let trees = (0..count).map(|_| self.tree()).collect::<Option<_>>()?;
        Some(Forest::new(base, trees))
    }

    fn tree(&mut self) -> Option<Tree> {
        let count = self.count()?;
        let mut nodes = Vec::with_capacity(count);
        for at in 0..count {
            let feature = self.short()?;
            nodes.push(if feature == u16::MAX {
                Node::leaf(at, self.float()?)
            } else {
                let (threshold, next) = (self.float()?, self.short()?);
                if usize::from(next) <= at {
                    return None;
                }
                Node::split(feature, threshold, next)
            });
        }
        Tree::new(nodes)
    }

    fn slots(&mut self) -> Option<SlotModel> {
        let linear = self.linear()?;
        let count = self.count()?;
        Some(SlotModel { linear, forests: (0..count).map(|_| self.forest()).collect::<Option<_>>()? })
    }

    fn model(mut self) -> Option<Model> {
        let shapes = self.count()?;
        let shapes = (0..shapes).map(|_| self.short().map(Shape::from_code)).collect::<Option<_>>()?;
        let weights = Weights {
            shapes,
            shape: self.linear()?,
            size: self.linear()?,
            outputs: self.linear()?,
            direction: self.linear()?,
            against: self.linear()?,
            columns: self.slots()?,
            tables: self.slots()?,
            values: self.slots()?,
            numbers: self.slots()?,
            value_comparison: self.linear()?,
            number_comparison: self.linear()?,
        };
        let alignment = self.linear()?;
        let rarity = self.linear()?;
        let ranking = self.forest()?;
        let confidence = self.forest()?;
        let steps = self.count()?;
        let calibration = (0..steps).map(|_| Some((self.float()?, self.float()?))).collect::<Option<_>>()?;
        self.0.is_empty().then_some(Model { weights, alignment, rarity, ranking, confidence, calibration })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Model {
        let linear = Linear::new(vec![0.5, -1.0], vec![(7, vec![1.0, -2.0]), (3, vec![0.25, 4.0])]);
        let tree = Tree::new(vec![Node::split(1, 0.5, 1), Node::leaf(1, -1.0), Node::leaf(2, 2.0)]);
        let forest = Forest::new(0.125, vec![tree.expect("a tree")]);
        let slots = SlotModel { linear: linear.clone(), forests: vec![forest.clone()] };
        let weights = Weights {
            shapes: vec![Shape::from_code(0), Shape::from_code(53)],
            shape: linear.clone(),
            size: linear.clone(),
            outputs: linear.clone(),
            direction: linear.clone(),
            against: linear.clone(),
            columns: slots.clone(),
            tables: slots.clone(),
            values: slots.clone(),
            numbers: slots,
            value_comparison: linear.clone(),
            number_comparison: linear.clone(),
        };
        Model {
            weights,
            alignment: linear.clone(),
            rarity: linear,
            ranking: forest.clone(),
            confidence: forest,
            calibration: vec![(0.0, 0.1), (0.5, 0.9)],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(Model::from_bytes(&small().to_bytes()), Ok(small()));
    }

    #[test]
    fn shapes_keep_their_codes() {
        for code in 0..256 {
            assert_eq!(Shape::from_code(code).code(), code);
        }
    }

    #[test]
    fn a_damaged_file_is_told_and_never_read() {
        let whole = small().to_bytes();
        assert_eq!(Model::from_bytes(b"PK\x03\x04"), Err(AssetError::Foreign));
        assert_eq!(Model::from_bytes(&whole[..20]), Err(AssetError::Malformed));
        for at in 6..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            assert_eq!(Model::from_bytes(&bytes), Err(AssetError::Damaged), "byte {at}");
        }
        let mut newer = whole;
        newer[4] = 9;
        assert_eq!(Model::from_bytes(&newer), Err(AssetError::Version(9)));
    }

    #[test]
    fn a_payload_that_says_what_cannot_be_is_refused() {
        let payload = small().to_bytes()[6 + CHECKSUM..].to_vec();
        for end in 0..payload.len() {
            assert!(Reader(&payload[..end]).model().is_none(), "cut at {end}");
        }
        // A node that leads back to itself.
        let mut loops = Writer::default();
        loops.float(0.0);
        loops.count(1);
        loops.count(1);
        loops.0.extend([0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(Reader(&loops.0).forest().is_none());
    }

    #[test]
    fn the_weights_that_come_with_the_program_are_read() {
        let model = built_in().expect("the file is whole");
        assert!(!model.weights.shapes.is_empty() && !model.ranking.trees().is_empty() && !model.calibration.is_empty());
    }
}
