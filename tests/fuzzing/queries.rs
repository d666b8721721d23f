//! Queries by grammar: every clause of SQLite's SELECT, mostly over names that are in scope.

use t2s::schema::{Dialect, Schema};

use super::random::Random;

/// Tables with their columns, as a statement writes them, and the functions of the allow-list.
pub struct Names {
    pub tables: Vec<(String, Vec<String>)>,
    pub functions: Vec<&'static str>,
}

impl Names {
    pub fn of(schema: &Schema) -> Self {
        let columns = |table: &t2s::schema::Table| table.columns.iter().map(|column| quoted(&column.name)).collect();
        let tables = schema.tables.iter().map(|table| (quoted(&table.name), columns(table))).collect();
        Self { tables, functions: Dialect::Sqlite.functions().filter(|name| is_plain(name)).collect() }
    }
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !["select", "update", "insert", "values", "drop"].contains(&name)
}

fn quoted(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// What a FROM item offers.
#[derive(Clone)]
struct Source {
    alias: String,
    columns: Vec<String>,
}

/// Writes one query.
pub struct Queries<'a> {
    names: &'a Names,
    random: &'a mut Random,
    /// FROM items in scope, those of outer queries first.
    scope: Vec<Source>,
    /// Named queries in force, with their columns.
    named: Vec<(String, Vec<String>)>,
    aliases: usize,
    /// Parts that may still be written: the size of the whole is bounded by it.
    left: usize,
}

const TEXTS: &[&str] = &["Frozen", "Zone A", "2025-01-01", "O''Brien", "%a%", "", "a_b", "001", "[\"x\"]", "{\"a\":1}"];
const DATES: &[&str] = &["now", "2025-01-15", "start of month", "-1 day", "%Y-%m", "%W", "unixepoch", "weekday 0"];
const NUMBERS: &[&str] = &["0", "1", "2", "-1", "10", "0.5", "1e3", "100.0", "0x1F", "3.", "1_000", "9007199254740993"];
const TYPES: &[&str] = &["INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "DATE", "VARCHAR(20)"];
const COLLATIONS: &[&str] = &["NOCASE", "BINARY", "RTRIM"];
const BINARY: &[&str] = &["+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>", "->", "->>"];
const COMPARISONS: &[&str] = &["=", "==", "<", ">", "<=", ">=", "<>", "!=", "IS", "IS NOT", "LIKE", "GLOB", "NOT LIKE"];
const JOINS: &[&str] = &["JOIN", "LEFT JOIN", "INNER JOIN", "LEFT OUTER JOIN", "FULL JOIN", "RIGHT JOIN"];
const ONE: &[&str] = &["abs", "lower", "upper", "length", "trim", "typeof", "hex", "quote", "date", "sign", "unicode"];
const TWO: &[&str] =
    &["round", "ifnull", "nullif", "instr", "max", "min", "substr", "power", "mod", "glob", "json_extract"];
const AGGREGATES: &[&str] = &["sum", "avg", "min", "max", "count", "total", "group_concat", "median", "stddev"];
const RANKS: &[&str] = &["row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(3)"];
const BOUNDS: &[&str] = &["UNBOUNDED PRECEDING", "2 PRECEDING", "CURRENT ROW"];

impl<'a> Queries<'a> {
    pub fn new(names: &'a Names, random: &'a mut Random) -> Self {
        let left = 5 + random.below(60);
        Self { names, random, scope: Vec::new(), named: Vec::new(), aliases: 0, left }
    }

    /// A whole statement.
    pub fn statement(&mut self) -> String {
        let width = self.random.below(4) + 1;
        let mut text = self.query(width, 0);
        if self.random.percent(10) {
            text.push(';');
        }
        text
    }

    /// An expression over the columns of a table.
    pub fn over(&mut self, table: usize) -> String {
        let columns = self.names.tables[table].1.clone();
        self.scope.push(Source { alias: String::new(), columns });
        let text = self.expression(0);
        self.scope.pop();
        text
    }

    /// A query of so many columns, with everything around its body.
    pub fn query(&mut self, width: usize, depth: usize) -> String {
        let outer = self.named.len();
        let mut text = if depth < 3 && self.random.percent(18) { self.with(depth) } else { String::new() };
        let is_compound = self.random.percent(12);
        text.push_str(&self.select(width, depth));
        if is_compound {
            let by = self.random.pick(&["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]);
            let right = if self.random.percent(15) { self.values(width) } else { self.select(width, depth) };
            text = format!("{text} {by} {right}");
            if self.random.percent(30) {
                text.push_str(" ORDER BY 1");
            }
        }
        if self.random.percent(30) {
            text.push_str(&self.limit());
        }
        self.named.truncate(outer);
        text
    }

    fn limit(&mut self) -> String {
        let (n, m) = (self.random.below(20), self.random.below(5));
        match self.random.below(5) {
            0 => format!(" LIMIT {n} OFFSET {m}"),
            1 => format!(" LIMIT {m}, {n}"),
            2 => format!(" LIMIT {n} - {m}"),
            _ => format!(" LIMIT {n}"),
        }
    }

    fn with(&mut self, depth: usize) -> String {
        let mut parts = Vec::new();
        let is_recursive = self.random.percent(20);
        for _ in 0..=self.random.below(2) {
            let name = format!("q{}", self.alias());
            let width = 1 + self.random.below(2);
            let columns: Vec<String> = (0..width).map(|n| format!("c{n}")).collect();
            let kept = self.random.pick(&["", "", "", "MATERIALIZED ", "NOT MATERIALIZED "]);
            let body = if is_recursive && width == 1 {
                let (step, end) = (1 + self.random.below(3), self.random.below(40));
                let by = self.random.pick(&["UNION ALL", "UNION"]);
                format!("SELECT 1 {by} SELECT c0 + {step} FROM {name} WHERE c0 < {end}")
            } else {
                let outer = std::mem::take(&mut self.scope);
                let body = self.query(width, depth + 1);
                self.scope = outer;
                body
            };
            parts.push(format!("{name}({}) AS {kept}({body})", columns.join(", ")));
            self.named.push((name, columns));
        }
        format!("WITH {}{} ", if is_recursive { "RECURSIVE " } else { "" }, parts.join(", "))
    }

    fn values(&mut self, width: usize) -> String {
        let row = |own: &mut Self| {
            let cells: Vec<String> = (0..width).map(|_| own.literal()).collect();
            format!("({})", cells.join(", "))
        };
        let rows: Vec<String> = (0..=self.random.below(3)).map(|_| row(self)).collect();
        format!("VALUES {}", rows.join(", "))
    }

    fn select(&mut self, width: usize, depth: usize) -> String {
        if depth > 0 && self.random.percent(4) {
            return self.values(width);
        }
        let outer = self.scope.len();
        let from = if self.random.percent(95) { self.from(depth) } else { String::new() };
        let is_grouped = !from.is_empty() && self.random.percent(25);
        let windows = if !from.is_empty() && self.random.percent(6) {
            format!(" WINDOW w AS ({})", self.window())
        } else {
            String::new()
        };
        let mut outputs = Vec::new();
        for n in 0..width {
            outputs.push(self.output(n, depth, is_grouped, !windows.is_empty()));
        }
        let distinct = self.random.pick(&["", "", "", "", "", "DISTINCT ", "ALL "]);
        let mut text = format!("SELECT {distinct}{}{from}", outputs.join(", "));
        if !from.is_empty() && self.random.percent(50) {
            text = format!("{text} WHERE {}", self.condition(depth));
        }
        if is_grouped {
            let by = if self.random.percent(40) { "1".to_owned() } else { self.column() };
            // An aggregate as the first output cannot be grouped by its place; that is refused by SQLite alone.
            text = format!("{text} GROUP BY {by}");
            if self.random.percent(30) {
                text = format!(
                    "{text} HAVING {} {} {}",
                    self.aggregate(depth),
                    self.random.pick(COMPARISONS),
                    self.literal()
                );
            }
        }
        text.push_str(&windows);
        if depth == 0 && outer == 0 && self.random.percent(30) {
            text.push_str(&self.order(width));
        }
        self.scope.truncate(outer);
        text
    }

    fn order(&mut self, width: usize) -> String {
        let by = match self.random.below(3) {
            0 => (1 + self.random.below(width)).to_string(),
            1 => self.column(),
            _ => self.expression(3),
        };
        let way = self.random.pick(&["", " ASC", " DESC", " DESC NULLS LAST", " COLLATE NOCASE", " ASC NULLS FIRST"]);
        format!(" ORDER BY {by}{way}")
    }

    fn output(&mut self, n: usize, depth: usize, is_grouped: bool, has_window: bool) -> String {
        let expression = match self.random.below(10) {
            _ if is_grouped && n > 0 => self.aggregate(depth),
            0..4 => self.column(),
            4 if has_window => format!("{} OVER w", self.random.pick(RANKS)),
            4 if !self.scope.is_empty() => format!("{} OVER ({})", self.ranked(), self.window()),
            5 if depth == 0 && n == 0 && !self.scope.is_empty() && !is_grouped => return "*".to_owned(),
            _ => self.expression(depth),
        };
        match self.random.below(6) {
            0 => format!("{expression} AS x{n}"),
            1 => format!("{expression} \"x {n}\""),
            _ => expression,
        }
    }

    fn ranked(&mut self) -> String {
        match self.random.below(3) {
            0 => self.random.pick(RANKS).to_owned(),
            1 => format!("{}({}, 1)", self.random.pick(&["lag", "lead", "nth_value"]), self.column()),
            _ => format!("{}({})", self.random.pick(&["sum", "count", "first_value", "avg"]), self.column()),
        }
    }

    fn window(&mut self) -> String {
        let mut text = String::new();
        if self.random.percent(50) {
            text = format!("PARTITION BY {} ", self.column());
        }
        text = format!("{text}ORDER BY {}", self.column());
        if self.random.percent(30) {
            let kind = self.random.pick(&["ROWS", "GROUPS"]);
            let exclude = self.random.pick(&["", "", " EXCLUDE CURRENT ROW", " EXCLUDE TIES", " EXCLUDE NO OTHERS"]);
            text = format!("{text} {kind} BETWEEN {} AND CURRENT ROW{exclude}", self.random.pick(BOUNDS));
        }
        text
    }

    fn from(&mut self, depth: usize) -> String {
        let mut text = format!(" FROM {}", self.source(depth));
        let mut joined = 1;
        // Five tables of some rows each are the most that is read within the bounds of a trial.
        while joined < 4 && self.random.percent(28) {
            joined += 1;
            match self.random.below(8) {
                0 => text = format!("{text}, {}", self.source(depth)),
                1 => text = format!("{text} CROSS JOIN {}", self.source(depth)),
                2 => text = format!("{text} NATURAL JOIN {}", self.source(depth)),
                _ => {
                    let join = self.random.pick(JOINS);
                    let source = self.source(depth);
                    text = format!("{text} {join} {source} ON {} = {}", self.column(), self.column());
                }
            }
        }
        text
    }

    fn source(&mut self, depth: usize) -> String {
        let alias = format!("t{}", self.alias());
        let choice = self.random.below(20);
        if choice == 0 && depth < 3 && self.spend() {
            let outer = std::mem::take(&mut self.scope);
            let width = 1 + self.random.below(2);
            let (inner, columns) = match self.random.below(2) {
                0 => (self.query(width, depth + 1), Vec::new()),
                _ => (self.values(width), (1..=width).map(|n| format!("column{n}")).collect()),
            };
            self.scope = outer;
            self.scope.push(Source { alias: alias.clone(), columns });
            return format!("({inner}) AS {alias}");
        }
        if choice < 5 && !self.named.is_empty() {
            let (name, columns) = self.named[self.random.below(self.named.len())].clone();
            self.scope.push(Source { alias: alias.clone(), columns });
            return format!("{name} AS {alias}");
        }
        if choice == 5 {
            let columns = ["key", "value", "type"].map(str::to_owned).to_vec();
            self.scope.push(Source { alias: alias.clone(), columns });
            let of = self.random.pick(&["json_each('[1,2,3]')", "json_tree('{\"a\":[1,2]}')", "json_each('[]')"]);
            return format!("{of} AS {alias}");
        }
        let (table, columns) = self.names.tables[self.random.below(self.names.tables.len())].clone();
        let schema = self.random.pick(&["", "", "", "", "", "", "main."]);
        if self.random.percent(30) && !self.scope.iter().any(|source| source.alias == table) {
            self.scope.push(Source { alias: table.clone(), columns });
            return format!("{schema}{table}");
        }
        self.scope.push(Source { alias: alias.clone(), columns });
        format!("{schema}{table}{}{alias}", self.random.pick(&[" AS ", " "]))
    }

    fn alias(&mut self) -> usize {
        self.aliases += 1;
        self.aliases
    }

    /// A column in scope, now and then one that is not.
    fn column(&mut self) -> String {
        if self.random.percent(1) {
            return self
                .random
                .pick(&["nothing", "rowid", "oid", "\"Austin\"", "*", "main.items.sku", "new.id"])
                .to_owned();
        }
        let usable: Vec<&Source> = self.scope.iter().filter(|source| !source.columns.is_empty()).collect();
        if usable.is_empty() {
            return self.literal();
        }
        // Those of the innermost query come last, and are what is meant most often.
        let at = usable.len() - 1 - self.random.below(usable.len().min(3));
        let source = usable[at];
        let column = &source.columns[self.random.below(source.columns.len())];
        if source.alias.is_empty() { column.clone() } else { format!("{}.{column}", source.alias) }
    }

    pub fn literal(&mut self) -> String {
        match self.random.below(12) {
            0 => "NULL".to_owned(),
            1 => {
                self.random.pick(&["x'00ff'", "X'41'", "TRUE", "FALSE", "CURRENT_DATE", "current_timestamp"]).to_owned()
            }
            2 | 3 => self.random.pick(NUMBERS).to_owned(),
            4..8 => self.random.below(1_000).to_string(),
            8 => format!("'{}'", self.random.pick(DATES)),
            9 => format!("'text {}'", self.random.below(100_000)),
            _ => format!("'{}'", self.random.pick(TEXTS)),
        }
    }

    fn spend(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    pub fn condition(&mut self, depth: usize) -> String {
        if !self.spend() || depth > 5 {
            return format!("{} = {}", self.column(), self.literal());
        }
        let depth = depth + 1;
        match self.random.below(14) {
            0 => format!("{} AND {}", self.condition(depth), self.condition(depth)),
            1 => format!("({} OR {})", self.condition(depth), self.condition(depth)),
            2 => format!("NOT {}", self.condition(depth)),
            3 => format!("{} BETWEEN {} AND {}", self.column(), self.literal(), self.literal()),
            4 => format!(
                "{}{} IN ({}, {})",
                self.column(),
                self.random.pick(&["", " NOT"]),
                self.literal(),
                self.literal()
            ),
            5 if depth < 3 => format!("{} IN ({})", self.column(), self.query(1, depth)),
            6 if depth < 3 => format!("{}EXISTS ({})", self.random.pick(&["", "NOT "]), self.query(1, depth)),
            7 => format!(
                "{} {}",
                self.column(),
                self.random.pick(&["IS NULL", "ISNULL", "NOTNULL", "IS NOT NULL", "IS TRUE"])
            ),
            8 => format!("{} = \"some word\"", self.column()),
            9 => format!("{} LIKE {} ESCAPE '\\'", self.column(), self.literal()),
            10 => format!("{} IS NOT DISTINCT FROM {}", self.column(), self.literal()),
            11 => format!("({}, {}) = ({}, {})", self.column(), self.column(), self.literal(), self.literal()),
            _ => format!("{} {} {}", self.expression(depth), self.random.pick(COMPARISONS), self.expression(depth)),
        }
    }

    pub fn expression(&mut self, depth: usize) -> String {
        if !self.spend() || depth > 5 {
            return if self.random.percent(60) { self.column() } else { self.literal() };
        }
        let depth = depth + 1;
        match self.random.below(20) {
            0..5 => self.column(),
            5..7 => self.literal(),
            7 => format!("{} {} {}", self.expression(depth), self.random.pick(BINARY), self.expression(depth)),
            8 => format!("({})", self.expression(depth)),
            9 => format!("{}{}", self.random.pick(&["- ", "+", "~", "NOT "]), self.expression(depth)),
            10 => format!("{}({})", self.random.pick(ONE), self.expression(depth)),
            11 => format!("{}({}, {})", self.random.pick(TWO), self.expression(depth), self.expression(depth)),
            12 => self.any_function(depth),
            13 => format!("CAST({} AS {})", self.expression(depth), self.random.pick(TYPES)),
            14 => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.condition(depth),
                self.expression(depth),
                self.expression(depth)
            ),
            15 => format!("{} COLLATE {}", self.column(), self.random.pick(COLLATIONS)),
            16 if depth < 3 => format!("({})", self.query(1, depth)),
            17 => format!("strftime('{}', {})", self.random.pick(DATES), self.column()),
            18 => format!("coalesce({}, {})", self.expression(depth), self.literal()),
            _ => format!(
                "printf('%{}', {})",
                self.random.pick(&["d", "s", ".2f", "5s", ",d", "q"]),
                self.expression(depth)
            ),
        }
    }

    /// Any function of the allow-list with any number of arguments: SQLite refuses most of these itself.
    fn any_function(&mut self, depth: usize) -> String {
        let name = self.names.functions[self.random.below(self.names.functions.len())];
        let arguments: Vec<String> = (0..self.random.below(4)).map(|_| self.expression(depth)).collect();
        format!("{name}({})", arguments.join(", "))
    }

    fn aggregate(&mut self, depth: usize) -> String {
        let filter = if self.random.percent(12) {
            format!(" FILTER (WHERE {})", self.condition(depth + 2))
        } else {
            String::new()
        };
        match self.random.below(6) {
            0 => format!("count(*){filter}"),
            1 => format!("count(DISTINCT {})", self.column()),
            2 => format!("group_concat({}, '|' ORDER BY {})", self.column(), self.column()),
            _ => format!("{}({}){filter}", self.random.pick(AGGREGATES), self.column()),
        }
    }
}
