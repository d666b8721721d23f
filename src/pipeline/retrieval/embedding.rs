//! Texts become vectors of unit length whose dot product says how near their meanings are.
//!
//! The built-in model, all-MiniLM-L6-v2 with weights of eight bits, is part of the program and needs neither network
//! nor library. Everything here blocks: callers on an async runtime go through a blocking thread.

#[cfg(feature = "onnxruntime")]
mod onnx_runtime;

use std::sync::{Mutex, OnceLock};

use rten::{Model, NodeId};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::config::EmbeddingConfig;

/// Name of the built-in model, as the configuration has it.
pub const BUILT_IN: &str = "all-MiniLM-L6-v2";

/// Word pieces of a text that count; the model card's own limit.
const MAX_PIECES: usize = 256;

/// Texts worked on at once. Larger batches gain nothing on two cores and cost memory.
const BATCH: usize = 32;

static WEIGHTS: &[u8] = include_bytes!("../../../assets/models/all-MiniLM-L6-v2.w8.onnx");
static TOKENIZER: &[u8] = include_bytes!("../../../assets/models/tokenizer.json");

/// Why texts could not be embedded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingError {
    #[error("no embedding model named \"{name}\"; \"{BUILT_IN}\" is built in{}", if cfg!(feature = "onnxruntime") {
        ", others are folders with model.onnx and tokenizer.json"
    } else {
        ", others need a build with the feature onnxruntime"
    })]
    UnknownModel { name: String },
    #[error("the embedding model could not be loaded: {0}")]
    Load(String),
    #[error("the embedding model could not be run: {0}")]
    Run(String),
}

/// An embedding model that is ready to run.
pub enum Embedder {
    BuiltIn(&'static BuiltIn),
    #[cfg(feature = "onnxruntime")]
    OnnxRuntime(Box<onnx_runtime::OnnxRuntime>),
}

impl Embedder {
    /// Loads the configured model; the built-in one only once in a process.
    pub fn load(config: &EmbeddingConfig) -> Result<Self, EmbeddingError> {
        if config.model == BUILT_IN {
            return BuiltIn::shared().map(Self::BuiltIn);
        }
        #[cfg(feature = "onnxruntime")]
        return onnx_runtime::OnnxRuntime::load(&config.model).map(|model| Self::OnnxRuntime(Box::new(model)));
        #[cfg(not(feature = "onnxruntime"))]
        Err(EmbeddingError::UnknownModel { name: config.model.clone() })
    }

    /// One vector of unit length for each text, in order.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        match self {
            Self::BuiltIn(model) => model.embed(texts),
            #[cfg(feature = "onnxruntime")]
            Self::OnnxRuntime(model) => model.embed(texts),
        }
    }
}

/// The model that is compiled in.
pub struct BuiltIn {
    model: Model,
    tokenizer: Tokenizer,
    /// Token ids, attention mask, token types.
    inputs: [NodeId; 3],
    output: NodeId,
    /// Runs share one pool of threads; side by side they would only slow each other down.
    running: Mutex<()>,
}

impl BuiltIn {
    fn shared() -> Result<&'static Self, EmbeddingError> {
        static SHARED: OnceLock<Result<BuiltIn, EmbeddingError>> = OnceLock::new();
        SHARED.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, EmbeddingError> {
        let model = Model::load_static_slice(WEIGHTS).map_err(|e| EmbeddingError::Load(e.to_string()))?;
        let node = |name: &str| model.node_id(name).map_err(|e| EmbeddingError::Load(e.to_string()));
        let inputs = [node("input_ids")?, node("attention_mask")?, node("token_type_ids")?];
        let output = node("last_hidden_state")?;
        Ok(Self { inputs, output, tokenizer: tokenizer()?, model, running: Mutex::new(()) })
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let encodings = self
                .tokenizer
                .encode_batch_fast(batch.to_vec(), true)
                .map_err(|e| EmbeddingError::Run(e.to_string()))?;
            vectors.extend(self.run(&encodings)?);
        }
        Ok(vectors)
    }

    fn run(&self, encodings: &[Encoding]) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        let longest = encodings.iter().map(|e| e.get_ids().len()).max().unwrap_or(0);
        let shape = [encodings.len(), longest];
        let padded = |part: fn(&Encoding) -> &[u32]| {
            NdTensor::from_fn(shape, |[row, at]| part(&encodings[row]).get(at).map_or(0, |&n| n as i32))
        };
        let (ids, mask, kinds) =
            (padded(Encoding::get_ids), padded(Encoding::get_attention_mask), padded(Encoding::get_type_ids));
        let [ids_node, mask_node, kinds_node] = self.inputs;
        let inputs =
            vec![(ids_node, ids.view().into()), (mask_node, mask.view().into()), (kinds_node, kinds.view().into())];
        let failed = |e: &dyn std::fmt::Display| EmbeddingError::Run(e.to_string());
        let states = {
            let _turn = self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            self.model.run_n(inputs, [self.output], None).map_err(|e| failed(&e))
        }?;
        let [states] = states;
        let states: NdTensor<f32, 3> = states.try_into().map_err(|_| failed(&"its output is no array of numbers"))?;
        Ok(pool(&states.view(), encodings))
    }
}

fn tokenizer() -> Result<Tokenizer, EmbeddingError> {
    let failed = |e: tokenizers::Error| EmbeddingError::Load(format!("tokenizer: {e}"));
    let mut tokenizer = Tokenizer::from_bytes(TOKENIZER).map_err(failed)?;
    // As published it pads every text to 128 pieces, which makes a short question ten times as slow.
    tokenizer.with_padding(None);
    let truncation = TruncationParams { max_length: MAX_PIECES, ..TruncationParams::default() };
    tokenizer.with_truncation(Some(truncation)).map_err(failed)?;
    Ok(tokenizer)
}

/// The mean over the pieces of each text, padding left out, brought to unit length.
fn pool(states: &NdTensorView<f32, 3>, encodings: &[Encoding]) -> Vec<Vec<f32>> {
    let width = states.size(2);
    encodings
        .iter()
        .enumerate()
        .map(|(row, encoding)| {
            let mut sum = vec![0.0_f32; width];
            for at in 0..encoding.get_ids().len() {
                let state = states.slice((row, at));
                for (total, value) in sum.iter_mut().zip(state.iter()) {
                    *total += value;
                }
            }
            normalise(sum)
        })
        .collect()
}

fn normalise(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embed(texts: &[&str]) -> Vec<Vec<f32>> {
        let config = EmbeddingConfig { model: BUILT_IN.to_owned() };
        Embedder::load(&config).unwrap().embed(texts).unwrap()
    }

    fn dot(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn near_meanings_lie_nearer() {
        let triples = [
            ("revenue", "turnover", "store city"),
            ("how many customers bought something", "number of buyers", "warehouse address"),
            ("unit cost of an article", "purchase price", "opening hours"),
            ("competitor prices", "what rivals charge", "employee birthday"),
        ];
        for (asked, near, far) in triples {
            let vectors = embed(&[asked, near, far]);
            let (near_score, far_score) = (dot(&vectors[0], &vectors[1]), dot(&vectors[0], &vectors[2]));
            assert!(near_score > far_score + 0.1, "{asked}: {near} {near_score}, {far} {far_score}");
        }
    }

    #[test]
    fn agrees_with_the_published_model() {
        // The first two components that the published model gives for this sentence in full precision.
        let vectors = embed(&["This is an example sentence"]);
        assert_eq!(vectors[0].len(), 384);
        assert!((vectors[0][0] - 0.0676).abs() < 0.01, "{}", vectors[0][0]);
        assert!((vectors[0][1] - 0.0635).abs() < 0.01, "{}", vectors[0][1]);
    }

    #[test]
    fn vectors_have_unit_length_and_do_not_depend_on_their_batch() {
        let long = "monthly sales of every category in every region ".repeat(60);
        let mut texts = vec!["price", "", long.as_str(), "Umsätze in Köln 🍎"];
        texts.extend(std::iter::repeat_n("stock level by store", BATCH));
        let together = embed(&texts);
        assert_eq!(together.len(), texts.len());
        for (text, vector) in texts.iter().zip(&together).take(5) {
            assert!((dot(vector, vector) - 1.0).abs() < 1e-4);
            let alone = &embed(&[text])[0];
            let apart = vector.iter().zip(alone).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-4, "{text:.20}: {apart}");
        }
    }

    #[test]
    fn an_unknown_model_is_named() {
        let config = EmbeddingConfig { model: "nowhere/no-model".to_owned() };
        let Err(error) = Embedder::load(&config) else { panic!("loaded a model that does not exist") };
        assert!(error.to_string().contains("nowhere/no-model"), "{error}");
    }
}
