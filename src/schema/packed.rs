//! A schema as bytes and back, to be kept in a file: no shape that others read, and it changes as the types do.
//!
//! Flat and little-endian, as it is read at every start. Bytes that are no schema give `None`, never a panic.

use super::values::Entry;
use super::words::{Link, Word, Words};
use super::{
    Column, ColumnId, ColumnProfile, Dialect, ForeignKey, Schema, SemanticType, Table, TableId, Value, ValueIndex,
};

impl Schema {
    /// The whole schema, values included.
    pub fn pack(&self) -> Vec<u8> {
        let Self { dialect, name, tables, foreign_keys, values, fingerprint } = self;
        let mut to = Packer::default();
        to.byte(*dialect as u8);
        to.text(name);
        to.text(fingerprint);
        to.all(tables, Packer::table);
        to.all(foreign_keys, Packer::key);
        to.values(values);
        to.bytes
    }

    /// A schema from what [`Schema::pack`] made of it; `None` if the bytes are anything else.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker { rest: bytes };
        let dialect = from.one_of(&[Dialect::Sqlite, Dialect::BigQuery])?;
        let (name, fingerprint) = (from.text()?, from.text()?);
        let mut schema = Self { dialect, name, fingerprint, tables: from.all(Unpacker::table)?, ..Self::default() };
        schema.foreign_keys = from.all(|from| from.key(&schema))?;
        schema.values = from.values(&schema)?;
        from.rest.is_empty().then_some(schema)
    }

    fn has(&self, id: ColumnId) -> bool {
        self.tables.get(id.table.0).is_some_and(|table| id.column < table.columns.len())
    }
}

#[derive(Default)]
struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn word(&mut self, number: u32) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.raw(text.as_bytes());
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend(bytes);
    }

    fn option<T>(&mut self, value: Option<&T>, pack: impl FnOnce(&mut Self, &T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            pack(self, value);
        }
    }

    fn all<T>(&mut self, values: &[T], mut pack: impl FnMut(&mut Self, &T)) {
        self.number(values.len() as u64);
        for value in values {
            pack(self, value);
        }
    }

    fn column_id(&mut self, id: ColumnId) {
        self.word(id.table.0 as u32);
        self.word(id.column as u32);
    }

    fn table(&mut self, table: &Table) {
        let Table { name, is_view, volatile, has_hidden, columns, primary_key, row_count, rows_estimated, description } =
            table;
        self.text(name);
        for flag in [is_view, volatile, has_hidden, rows_estimated] {
            self.byte(u8::from(*flag));
        }
        self.all(columns, Self::column);
        self.all(primary_key, |to, position| to.word(*position as u32));
        self.option(row_count.as_ref(), |to, count| to.number(*count));
        self.option(description.as_ref(), |to, text| to.text(text));
    }

    fn column(&mut self, column: &Column) {
        let Column { name, declared_type, not_null, description, profile } = column;
        self.text(name);
        self.text(declared_type);
        self.byte(u8::from(*not_null));
        self.option(description.as_ref(), |to, text| to.text(text));
        self.profile(profile);
    }

    fn profile(&mut self, profile: &ColumnProfile) {
        let ColumnProfile {
            semantic,
            rows,
            sampled,
            nulls,
            distinct,
            unique,
            min,
            max,
            exact_ends,
            top,
            numeric,
            iso_dates,
            mean_length,
        } = profile;
        self.byte(*semantic as u8);
        for count in [rows, nulls, distinct] {
            self.number(*count);
        }
        for flag in [unique, numeric, iso_dates, sampled, exact_ends] {
            self.byte(u8::from(*flag));
        }
        self.option(min.as_ref(), Self::value);
        self.option(max.as_ref(), Self::value);
        self.all(top, Self::value);
        self.number(mean_length.to_bits());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.byte(0),
            Value::Integer(number) => {
                self.byte(1);
                self.number(number.cast_unsigned());
            }
            Value::Real(number) => {
                self.byte(2);
                self.number(number.to_bits());
            }
            Value::Text(text) => {
                self.byte(3);
                self.text(text);
            }
            Value::Blob(bytes) => {
                self.byte(4);
                self.raw(bytes);
            }
        }
    }

    fn key(&mut self, key: &ForeignKey) {
        let ForeignKey { from, to, declared, one_to_one } = key;
        self.column_id(*from);
        self.column_id(*to);
        self.byte(u8::from(*declared));
        self.byte(u8::from(*one_to_one));
    }

    fn values(&mut self, values: &ValueIndex) {
        let ValueIndex { text, entries, phrases, tokens } = values;
        self.text(text);
        self.all(entries, |to, entry| {
            let Entry { column, end, phrase, rows } = entry;
            to.column_id(*column);
            to.word(*end);
            to.word(*phrase);
            to.number(*rows);
        });
        self.words(phrases);
        self.words(tokens);
    }

    fn words(&mut self, words: &Words) {
        self.text(&words.text);
        self.all(&words.list, |to, word| {
            let Word { end, first, last, count } = *word;
            for part in [end, first, last, count] {
                to.word(part);
            }
        });
        self.all(&words.links, |to, link| {
            let Link { entry, next } = *link;
            for part in [entry, next] {
                to.word(part);
            }
        });
    }
}

struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.take::<1>()?[0])).copied()
    }

    fn flag(&mut self) -> Option<bool> {
        self.one_of(&[false, true])
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn raw(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.raw()?).ok().map(str::to_owned)
    }

    #[expect(clippy::option_option, reason = "what is read may be none, and the reading may fail")]
    fn option<T>(&mut self, unpack: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { unpack(self).map(Some) } else { Some(None) }
    }

    /// Each of them takes at least one byte, so a length beyond the rest is none.
    fn all<T>(&mut self, mut unpack: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= self.rest.len())?;
        (0..length).map(|_| unpack(self)).collect()
    }

    /// As [`Self::all`], for parts of one size: read in one go.
    fn equal<const N: usize, T>(&mut self, unpack: impl Fn(&[u8; N]) -> T) -> Option<Vec<T>> {
        let length = usize::try_from(self.number()?).ok()?.checked_mul(N)?;
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken.as_chunks::<N>().0.iter().map(unpack).collect())
    }

    fn column_id(&mut self, schema: &Schema) -> Option<ColumnId> {
        let (table, column) = (self.word()? as usize, self.word()? as usize);
        Some(ColumnId { table: TableId(table), column }).filter(|id| schema.has(*id))
    }

    fn table(&mut self) -> Option<Table> {
        let name = self.text()?;
        let [is_view, volatile, has_hidden] = [self.flag()?, self.flag()?, self.flag()?];
        let rows_estimated = self.flag()?;
        let columns = self.all(Self::column)?;
        let primary_key = self.all(|from| from.word().map(|n| n as usize).filter(|n| *n < columns.len()))?;
        let row_count = self.option(Self::number)?;
        let description = self.option(Self::text)?;
        Some(Table {
            name,
            is_view,
            volatile,
            has_hidden,
            columns,
            primary_key,
            row_count,
            rows_estimated,
            description,
        })
    }

    fn column(&mut self) -> Option<Column> {
        Some(Column {
            name: self.text()?,
            declared_type: self.text()?,
            not_null: self.flag()?,
            description: self.option(Self::text)?,
            profile: self.profile()?,
        })
    }

    fn profile(&mut self) -> Option<ColumnProfile> {
        let semantic = self.one_of(SemanticType::ALL)?;
        let [rows, nulls, distinct] = [self.number()?, self.number()?, self.number()?];
        let [unique, numeric, iso_dates] = [self.flag()?, self.flag()?, self.flag()?];
        let [sampled, exact_ends] = [self.flag()?, self.flag()?];
        let [min, max] = [self.option(Self::value)?, self.option(Self::value)?];
        let top = self.all(Self::value)?;
        let mean_length = f64::from_bits(self.number()?);
        Some(ColumnProfile {
            semantic,
            rows,
            sampled,
            nulls,
            distinct,
            unique,
            min,
            max,
            exact_ends,
            top,
            numeric,
            iso_dates,
            mean_length,
        })
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.take::<1>()?[0] {
            0 => Value::Null,
            1 => Value::Integer(self.number()?.cast_signed()),
            2 => Value::Real(f64::from_bits(self.number()?)),
            3 => Value::Text(self.text()?),
            4 => Value::Blob(self.raw()?.to_vec()),
            _ => return None,
        })
    }

    fn key(&mut self, schema: &Schema) -> Option<ForeignKey> {
        let (from, to) = (self.column_id(schema)?, self.column_id(schema)?);
        Some(ForeignKey { from, to, declared: self.flag()?, one_to_one: self.flag()? })
    }

    fn values(&mut self, schema: &Schema) -> Option<ValueIndex> {
        let text = self.text()?;
        let entries = self.equal(|bytes: &[u8; 24]| {
            let column = ColumnId { table: TableId(part(bytes, 0) as usize), column: part(bytes, 1) as usize };
            let rows = u64::from(part(bytes, 4)) | u64::from(part(bytes, 5)) << 32;
            Entry { column, end: part(bytes, 2), phrase: part(bytes, 3), rows }
        })?;
        let phrases = self.words(entries.len())?;
        let tokens = self.words(entries.len())?;
        let mut start = 0;
        for entry in &entries {
            let fits = entry.end >= start && text.is_char_boundary(entry.end as usize);
            if !fits || entry.phrase as usize >= phrases.len() || !schema.has(entry.column) {
                return None;
            }
            start = entry.end;
        }
        (start as usize == text.len()).then_some(ValueIndex { text, entries, phrases, tokens })
    }

    fn words(&mut self, entries: usize) -> Option<Words> {
        let text = self.text()?;
        let words = self.equal(|bytes: &[u8; 16]| Word {
            end: part(bytes, 0),
            first: part(bytes, 1),
            last: part(bytes, 2),
            count: part(bytes, 3),
        })?;
        let links = self.equal(|bytes: &[u8; 8]| Link { entry: part(bytes, 0), next: part(bytes, 1) })?;
        Words::from_parts(text, words, links, entries)
    }
}

/// The 32-bit number at a place counted in such numbers.
fn part(bytes: &[u8], place: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|n| bytes[place * 4 + n]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let profile = ColumnProfile {
            semantic: SemanticType::Percent,
            rows: 7,
            sampled: true,
            nulls: u64::MAX,
            distinct: 3,
            unique: true,
            min: Some(Value::Integer(i64::MIN)),
            max: Some(Value::Real(-0.1)),
            exact_ends: true,
            top: vec![Value::Null, Value::Text("Ω \0".into()), Value::Blob(vec![0, 255])],
            numeric: true,
            iso_dates: true,
            mean_length: 1.0 / 3.0,
        };
        let column = Column {
            name: "naïve".into(),
            declared_type: "REAL".into(),
            not_null: true,
            description: Some(String::new()),
            profile,
        };
        let table = Table {
            name: "t".into(),
            is_view: true,
            volatile: true,
            has_hidden: true,
            columns: vec![Column::default(), column],
            primary_key: vec![1],
            row_count: Some(9),
            rows_estimated: true,
            description: None,
        };
        let [from, to] = [0, 1].map(|column| ColumnId { table: TableId(0), column });
        let mut values = ValueIndex::default();
        for value in ["Frozen Food", "food", "Ümlaut", "Frozen food"] {
            values.insert(to, value, 5);
        }
        let foreign_keys = vec![ForeignKey { from, to, declared: true, one_to_one: true }];
        Schema {
            name: "shop".into(),
            fingerprint: "ff".into(),
            tables: vec![table],
            foreign_keys,
            values,
            ..Schema::default()
        }
    }

    #[test]
    fn a_schema_comes_back_as_it_was() {
        for schema in [schema(), Schema::default(), Schema { dialect: Dialect::BigQuery, ..Schema::default() }] {
            let unpacked = Schema::unpack(&schema.pack()).expect("a schema");
            assert_eq!(unpacked, schema);
            assert_eq!(unpacked.values.partial(&["food"]), schema.values.partial(&["food"]));
        }
        assert_eq!(schema().values.exact(&["frozen", "food"]).len(), 2);
    }

    #[test]
    fn the_list_of_meanings_is_in_the_order_of_their_numbers() {
        assert!(SemanticType::ALL.iter().enumerate().all(|(number, semantic)| *semantic as usize == number));
        assert_eq!(SemanticType::ALL.last(), Some(&SemanticType::default()));
    }

    #[test]
    fn bytes_cut_short_or_changed_never_panic() {
        let packed = schema().pack();
        for end in 0..packed.len() {
            assert_eq!(Schema::unpack(&packed[..end]), None, "{end}");
        }
        assert_eq!(Schema::unpack(&[&packed[..], &[0]].concat()), None);
        for at in 0..packed.len() {
            for bit in [1, 16, 128] {
                let mut changed = packed.clone();
                changed[at] ^= bit;
                // It may be another schema; its look-ups must hold all the same.
                if let Some(other) = Schema::unpack(&changed) {
                    other.values.exact(&["frozen", "food"]);
                    other.values.partial(&["food"]);
                    other.values.fuzzy(&["frozen", "foot"]);
                    assert!(other.columns().all(|id| other.values.of_column(id).count() <= 4));
                }
            }
        }
    }
}
