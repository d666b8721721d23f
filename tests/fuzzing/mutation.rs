//! Changes a statement a little or a lot: its tokens, its marks, its bytes.

use serde_json::Value;

use super::queries::Names;
use super::random::Random;

/// The statements of a file of cases.
pub fn cases(lines: &str) -> Vec<String> {
    let sql = |line: &str| {
        let case: Value = serde_json::from_str(line).expect("a case is an object");
        case["sql"].as_str().expect("a case has a statement").to_owned()
    };
    lines.lines().filter(|line| !line.trim().is_empty()).map(sql).collect()
}

/// A statement under change, as tokens that put together are its text.
pub struct Mutation<'a> {
    tokens: Vec<String>,
    other: Vec<String>,
    names: &'a Names,
    pub random: &'a mut Random,
}

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION ALL",
    "EXCEPT",
    "WITH",
    "RECURSIVE",
    "AS",
    "ON",
    "USING",
    "JOIN",
    "NATURAL",
    "LEFT",
    "CROSS",
    "DISTINCT",
    "ALL",
    "NOT",
    "NULL",
    "IN",
    "EXISTS",
    "BETWEEN",
    "LIKE",
    "GLOB",
    "REGEXP",
    "MATCH",
    "ESCAPE",
    "COLLATE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "OVER",
    "PARTITION BY",
    "ROWS",
    "RANGE",
    "GROUPS",
    "FILTER",
    "WINDOW",
    "VALUES",
    "INSERT",
    "UPDATE",
    "DELETE",
    "REPLACE",
    "INTO",
    "SET",
    "RETURNING",
    "CREATE",
    "DROP",
    "ALTER",
    "TABLE",
    "PRAGMA",
    "ATTACH",
    "VACUUM",
    "BEGIN",
    "COMMIT",
    "EXPLAIN",
    "INDEXED BY",
    "MATERIALIZED",
    "ISNULL",
    "IS",
    "DEFAULT",
    "TEMP",
    "FOR UPDATE",
    "LATERAL",
    "QUALIFY",
    "PIVOT",
    "FETCH FIRST 1 ROWS ONLY",
    "TABLESAMPLE",
    "INTERVAL",
    "ARRAY",
    "STRUCT",
    "|> WHERE",
];
const MARKS: &[&str] = &[
    ",", "(", ")", ";", ".", "*", "'", "\"", "`", "[", "]", "--", "/*", "*/", "||", "->>", "::", "?", "?1", ":a", "@b",
    "$c", "{", "}", "\\", "#", "!", "~", "<>", "==", "=>", "^", "&", "<<", "''", "\"\"", "%", "\n", "\r", "\t",
    "\u{b}",
];
const ODD: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{a0}",
    "\u{200b}",
    "\u{2028}",
    "\u{202e}",
    "\u{7f}",
    "\u{1b}[2J",
    "é",
    "e\u{301}",
    "ſ",
    "K",
    "ｓｅｌｅｃｔ",
    "；",
    "＇",
    "’",
    "“",
    "商品",
    "🛒",
    "\u{10ffff}",
    "\u{fffd}",
    "ı",
    "İ",
    "ß",
    "\u{1}",
    "\u{c}",
];
const BIG: &[&str] = &[
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "1e308",
    "1e999",
    "-1e-999",
    "0x7fffffffffffffff",
    "0xffffffffffffffffff",
    "00000000001",
    "1.",
    ".5",
    "1e",
    "0x",
    "1_0",
    "1__0",
    "3.14.15",
    "1e+",
    "999999999999999999999999",
];
const COMMENTS: &[&str] = &[
    "/* x */",
    "-- x\n",
    "/**/",
    "/*! x */",
    "/* /* */ */",
    "--",
    "/*",
    "/* ; */",
    "-- ; DROP TABLE items\n",
    "#x\n",
    "--\r",
];
const SECOND: &[&str] = &[
    "; DROP TABLE items",
    ";DELETE FROM staff",
    ";;",
    "; -- end",
    "; SELECT 1",
    ";\0DROP TABLE items",
    "; PRAGMA query_only=0",
    ";ATTACH 'planted.db' AS p",
    "; /* */ ;",
    "\0; VACUUM",
];
const HIDDEN: &[&str] =
    &["sqlite_master", "pragma_table_info", "sqlite_dbpage", "staff", "pin", "load_extension", "rowid"];

impl<'a> Mutation<'a> {
    pub fn new(text: &str, other: &str, names: &'a Names, random: &'a mut Random) -> Self {
        Self { tokens: tokens(text), other: tokens(other), names, random }
    }

    pub fn text(&self) -> String {
        self.tokens.concat()
    }

    /// Changes one thing.
    pub fn apply(&mut self) {
        if self.tokens.is_empty() {
            self.tokens.push("SELECT 1".to_owned());
        }
        match self.random.below(30) {
            0 => self.swap(),
            1 => drop(self.tokens.remove(self.random.below(self.tokens.len()))),
            2 => self.duplicate(),
            3 => self.splice(),
            4 | 5 => self.take_from_the_other(),
            6 => self.quote_otherwise(),
            7..10 => self.put(COMMENTS, true),
            10 => self.put(MARKS, false),
            11 => self.put(ODD, false),
            12 => self.put_inside(ODD),
            13..16 => self.flip_case(),
            16 => self.nest(),
            17 => self.truncate(),
            18 => self.replace_a_number(),
            19 => self.end_with(SECOND),
            20 => self.put(WORDS, true),
            21..24 => self.rename(),
            24 => self.repeat(),
            25 => self.change_a_byte(),
            26..28 => self.space_otherwise(),
            28 => self.wrap(),
            _ => self.change_a_literal(),
        }
    }

    fn place(&mut self) -> usize {
        self.random.below(self.tokens.len())
    }

    /// A token that is one of a kind, if there is any.
    fn find(&mut self, kind: impl Fn(&str) -> bool) -> Option<usize> {
        let found: Vec<usize> = (0..self.tokens.len()).filter(|&at| kind(&self.tokens[at])).collect();
        (!found.is_empty()).then(|| found[self.random.below(found.len())])
    }

    fn swap(&mut self) {
        let (a, b) = (self.place(), self.place());
        self.tokens.swap(a, b);
    }

    fn duplicate(&mut self) {
        let (at, to) = (self.place(), self.place());
        let token = format!(" {} ", self.tokens[at]);
        self.tokens.insert(to, token);
    }

    /// The start of this statement and the end of the other one.
    fn splice(&mut self) {
        let at = self.place();
        let from = self.random.below(self.other.len());
        self.tokens.truncate(at);
        self.tokens.push(" ".to_owned());
        self.tokens.extend_from_slice(&self.other[from..]);
    }

    fn take_from_the_other(&mut self) {
        let from = self.random.below(self.other.len());
        let count = 1 + self.random.below(6);
        let to = (from + count).min(self.other.len());
        let at = self.place();
        let until = (at + self.random.below(3)).min(self.tokens.len());
        self.tokens.splice(at..until, self.other[from..to].iter().cloned());
    }

    fn quote_otherwise(&mut self) {
        let Some(at) = self.find(|token| is_word(token) || is_quoted(token)) else { return };
        let inner = self.tokens[at].trim_matches(['\'', '"', '`', '[', ']']).to_owned();
        let (open, close) =
            [("'", "'"), ("\"", "\""), ("`", "`"), ("[", "]"), ("", ""), ("\"", "")][self.random.below(6)];
        self.tokens[at] = format!("{open}{inner}{close}");
    }

    fn put(&mut self, what: &[&str], apart: bool) {
        let at = self.random.below(self.tokens.len() + 1);
        let what = self.random.pick(what);
        self.tokens.insert(at, if apart { format!(" {what} ") } else { what.to_owned() });
    }

    fn put_inside(&mut self, what: &[&str]) {
        let at = self.place();
        let what = self.random.pick(what);
        let inside = self.random.below(self.tokens[at].len() + 1);
        let token = &mut self.tokens[at];
        let inside = (0..=inside).rev().find(|&byte| token.is_char_boundary(byte)).unwrap_or(0);
        token.insert_str(inside, what);
    }

    fn flip_case(&mut self) {
        let chance = [10, 50, 100][self.random.below(3)];
        for at in 0..self.tokens.len() {
            if is_word(&self.tokens[at]) && self.random.percent(chance) {
                let upper = self.random.percent(50);
                let token = &self.tokens[at];
                self.tokens[at] = if upper { token.to_uppercase() } else { token.to_lowercase() };
            }
        }
    }

    fn nest(&mut self) {
        let times = [1, 2, 5, 30, 95, 101, 400][self.random.below(7)];
        let at = self.place();
        let (open, close) =
            [("(", ")"), ("abs(", ")"), ("NOT ", ""), ("- ", ""), ("(SELECT ", ")"), ("CASE WHEN 1 THEN ", " END")]
                [self.random.below(6)];
        self.tokens[at] = format!("{}{}{}", open.repeat(times), self.tokens[at], close.repeat(times));
    }

    fn wrap(&mut self) {
        let text = self.text();
        let text = text.trim_end().trim_end_matches(';');
        let n = self.random.below(1_000);
        let wrapped = match self.random.below(8) {
            0 => format!("SELECT * FROM ({text})"),
            1 => format!("SELECT count(*) AS n{n} FROM ({text}) AS s"),
            2 => format!("WITH w{n} AS ({text}) SELECT * FROM w{n}"),
            3 => format!("SELECT {n} WHERE EXISTS ({text})"),
            4 => format!("{text} UNION ALL {text}"),
            5 => format!("SELECT ({text}), {n}"),
            6 => format!("EXPLAIN {text}"),
            _ => format!("SELECT {n} FROM items WHERE sku IN ({text})"),
        };
        self.tokens = tokens(&wrapped);
    }

    /// Anywhere, be it within a character.
    fn truncate(&mut self) {
        let text = self.text();
        let bytes = text.as_bytes();
        let cut = self.random.below(bytes.len() + 1);
        let kept = if self.random.percent(70) { &bytes[..cut] } else { &bytes[cut..] };
        self.tokens = tokens(&String::from_utf8_lossy(kept));
    }

    fn change_a_byte(&mut self) {
        let mut bytes = self.text().into_bytes();
        let at = self.random.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = self.random.below(256) as u8;
        }
        self.tokens = tokens(&String::from_utf8_lossy(&bytes));
    }

    fn replace_a_number(&mut self) {
        let Some(at) = self.find(|token| token.starts_with(|c: char| c.is_ascii_digit())) else { return };
        self.tokens[at] = if self.random.percent(60) {
            (self.random.next() >> self.random.below(64)).to_string()
        } else {
            self.random.pick(BIG).to_owned()
        };
    }

    fn change_a_literal(&mut self) {
        let Some(at) = self.find(|token| token.starts_with('\'')) else { return };
        let n = self.random.below(100_000);
        self.tokens[at] = match self.random.below(6) {
            0 => "'".to_owned(),
            1 => format!("'{}'", "x".repeat(n / 20)),
            2 => format!("x'{n:06x}'"),
            3 => format!("'{n}''{n}'"),
            _ => format!("'{n}'"),
        };
    }

    fn end_with(&mut self, what: &[&str]) {
        let what = self.random.pick(what);
        self.tokens.push(what.to_owned());
    }

    /// Puts a name of the schema, or one that is not for reading, in a word's place.
    fn rename(&mut self) {
        let Some(at) = self.find(is_word) else { return };
        let (table, columns) = &self.names.tables[self.random.below(self.names.tables.len())];
        let name = match self.random.below(8) {
            0 => self.random.pick(HIDDEN).to_owned(),
            1 => self.names.functions[self.random.below(self.names.functions.len())].to_owned(),
            2 | 3 => table.clone(),
            _ => columns.get(self.random.below(columns.len())).unwrap_or(table).clone(),
        };
        self.tokens[at] = name;
    }

    fn repeat(&mut self) {
        let at = self.place();
        let times = [2, 10, 200, 2_000][self.random.below(4)];
        let token = format!("{} ", self.tokens[at]);
        if token.len() * times < 40_000 {
            self.tokens[at] = token.repeat(times);
        }
    }

    fn space_otherwise(&mut self) {
        let space = self.random.pick(&["\n", "\t", "  ", "\r\n", "\u{c}", "/**/", " -- \n", ""]);
        let chance = [5, 30, 100][self.random.below(3)];
        for at in 0..self.tokens.len() {
            if self.tokens[at] == " " && self.random.percent(chance) {
                space.clone_into(&mut self.tokens[at]);
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn is_quoted(token: &str) -> bool {
    token.len() > 1 && token.starts_with(['\'', '"', '`', '['])
}

/// Words, numbers, quoted things, comments, blanks and single marks; nothing is lost.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' | '`' => rest[1..].find(first).map_or(rest.len(), |at| at + 2),
            '[' => rest.find(']').map_or(rest.len(), |at| at + 1),
            '-' if rest.starts_with("--") => rest.find('\n').map_or(rest.len(), |at| at + 1),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        tokens.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    if tokens.is_empty() {
        tokens.push(String::new());
    }
    tokens
}
