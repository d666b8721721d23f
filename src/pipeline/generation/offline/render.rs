//! A plan as SQL. The only place that composes SQL text; joins are derived here.

use std::fmt::Write;

use super::graph::{Edge, Graph, JoinTree};
use super::plan::{Expr, Function, Grain, Operand, Operator, Predicate, Query, Select, Sort};
use crate::knowledge::Knowledge;
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType, TableId, Value};

/// SQL with what was found out on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    pub sql: String,
    /// Keys that were used, for explanations and confidence.
    pub edges: Vec<Edge>,
    /// A measure is added up over a join that repeats its rows.
    pub fans_out: bool,
}

/// Why a plan has no SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unrenderable {
    /// No key connects the two tables.
    Unconnected(TableId, TableId),
    Empty,
}

pub struct Renderer<'a> {
    pub schema: &'a Schema,
    pub knowledge: &'a Knowledge,
    pub graph: &'a Graph,
    pub mentioned: &'a [TableId],
}

/// Names of the tables of one SELECT.
#[derive(Clone, Debug, Default)]
struct Scope {
    aliases: Vec<(TableId, String)>,
    /// Rows of these tables are repeated by the joins.
    repeated: Vec<TableId>,
}

impl Scope {
    fn alias(&self, table: TableId) -> &str {
        self.aliases.iter().rev().find(|(t, _)| *t == table).map_or("", |(_, a)| a)
    }
}

impl Renderer<'_> {
    pub fn query(&self, query: &Query) -> Result<Rendered, Unrenderable> {
        match query {
            Query::Select(select) => {
                let mut edges = Vec::new();
                let (sql, fans_out) = self.select(select, 0, &mut edges)?;
                Ok(Rendered { sql, edges, fans_out })
            }
            Query::Intersect(left, right) => {
                let mut edges = Vec::new();
                let (left, _) = self.select(left, 0, &mut edges)?;
                let (right, _) = self.select(right, 0, &mut edges)?;
                Ok(Rendered { sql: format!("{left}\nINTERSECT\n{right}"), edges, fans_out: false })
            }
        }
    }

    fn select(&self, select: &Select, depth: usize, edges: &mut Vec<Edge>) -> Result<(String, bool), Unrenderable> {
        let (tree, exists) = self.joins(select)?;
        let scope = self.scope(&tree, depth);
        edges.extend(&tree.edges);
        let aggregated = select.is_aggregated();
        let repeats = tree.edges.iter().any(|e| e.fans_out);
        // A plain list over a join that repeats rows would show a thing several times.
        let distinct =
            select.distinct || (repeats && !aggregated && exists.is_empty() && self.shows_the_one_side(select, &tree));
        let items: Vec<String> = select
            .items
            .iter()
            .map(|item| self.item(item, &scope, select.items.len() > 1 || item.is_aggregate()))
            .collect();
        if items.is_empty() {
            return Err(Unrenderable::Empty);
        }
        let mut sql = format!("SELECT {}{}", if distinct { "DISTINCT " } else { "" }, items.join(", "));
        sql.push_str(&self.from(&tree, &scope));
        let mut conditions: Vec<String> = Vec::new();
        for (i, predicate) in select.filter.iter().enumerate() {
            conditions.push(if exists.contains(&i) {
                self.filter_exists(predicate, &tree, &scope, depth)?
            } else {
                self.predicate(predicate, &tree, &scope, depth)?
            });
        }
        if !conditions.is_empty() {
            sql.push_str("\nWHERE ");
            sql.push_str(&conditions.join(" AND "));
        }
        if !select.group.is_empty() {
            let keys: Vec<String> = select.group.iter().map(|key| self.expr(key, &scope)).collect();
            sql.push_str("\nGROUP BY ");
            sql.push_str(&keys.join(", "));
        }
        let having: Result<Vec<String>, _> =
            select.having.iter().map(|p| self.predicate(p, &tree, &scope, depth)).collect();
        let having = having?;
        if !having.is_empty() {
            sql.push_str("\nHAVING ");
            sql.push_str(&having.join(" AND "));
        }
        if !select.order.is_empty() {
            let keys: Vec<String> = select.order.iter().map(|sort| self.sort(sort, &scope)).collect();
            sql.push_str("\nORDER BY ");
            sql.push_str(&keys.join(", "));
        }
        if let Some(limit) = select.limit {
            let _ = write!(sql, "\nLIMIT {limit}");
            if select.offset > 0 {
                let _ = write!(sql, " OFFSET {}", select.offset);
            }
        }
        let adds_up = repeats && self.adds_up_repeated(select, &tree);
        Ok((sql, adds_up))
    }

    /// The joins of a SELECT, and the positions of filters that must be EXISTS because joining them would repeat rows
    /// that are added up.
    fn joins(&self, select: &Select) -> Result<(JoinTree, Vec<usize>), Unrenderable> {
        let mut needed: Vec<TableId> = Vec::new();
        // Measures come first: from a fact every key leads to one row.
        for expr in select.items.iter().chain(select.order.iter().map(|s| &s.by)).filter(|e| e.is_aggregate()) {
            self.expr_tables(expr, &mut needed);
        }
        for predicate in &select.having {
            self.predicate_tables(predicate, &mut needed);
        }
        let measured = needed.len();
        for expr in select.items.iter().chain(&select.group).chain(select.order.iter().map(|s| &s.by)) {
            self.expr_tables(expr, &mut needed);
        }
        for table in &select.tables {
            if !needed.contains(table) {
                needed.push(*table);
            }
        }
        let mut exists = Vec::new();
        for (i, predicate) in select.filter.iter().enumerate() {
            let mut tables = Vec::new();
            self.predicate_tables(predicate, &mut tables);
            tables.retain(|t| !needed.contains(t));
            if tables.is_empty() {
                continue;
            }
            let with: Vec<TableId> = needed.iter().chain(&tables).copied().collect();
            let joined = self.tree(&with)?;
            let before = self.tree(&needed)?;
            let repeats =
                joined.edges.iter().filter(|e| e.fans_out).count() > before.edges.iter().filter(|e| e.fans_out).count();
            if repeats && measured > 0 && !needed.is_empty() {
                exists.push(i);
            } else {
                needed = with;
            }
        }
        if needed.is_empty() {
            return Err(Unrenderable::Empty);
        }
        Ok((self.tree(&needed)?, exists))
    }

    fn tree(&self, needed: &[TableId]) -> Result<JoinTree, Unrenderable> {
        self.graph.join(needed, self.mentioned).ok_or_else(|| {
            let first = needed[0];
            let lost = needed.iter().copied().find(|t| self.graph.join(&[first, *t], self.mentioned).is_none());
            Unrenderable::Unconnected(first, lost.unwrap_or(first))
        })
    }

    fn scope(&self, tree: &JoinTree, depth: usize) -> Scope {
        let mut scope = Scope::default();
        let tables = tree.tables();
        for table in &tables {
            let alias = self.alias(*table, &scope, tables.len() > 1 || depth > 0);
            scope.aliases.push((*table, alias));
        }
        scope.repeated = Self::repeated(tree);
        scope
    }

    /// Initials of the table's words, numbered if taken; nothing where one table stands alone.
    fn alias(&self, table: TableId, scope: &Scope, needed: bool) -> String {
        if !needed {
            return String::new();
        }
        let words = identifier_words(&self.schema.table(table).name);
        let initials: String =
            words.iter().filter_map(|w| w.chars().next().filter(char::is_ascii_alphabetic)).collect();
        let base = if initials.is_empty() || is_keyword(&initials) { "t".to_owned() } else { initials };
        let taken = |name: &str| scope.aliases.iter().any(|(_, a)| a == name) || self.schema.find_table(name).is_some();
        if !taken(&base) {
            return base;
        }
        // One number more than there are tables is always free.
        let numbers = 2..=self.schema.tables.len() + scope.aliases.len() + 2;
        numbers.map(|n| format!("{base}{n}")).find(|name| !taken(name)).unwrap_or(base)
    }

    /// Tables whose rows come several times.
    fn repeated(tree: &JoinTree) -> Vec<TableId> {
        let mut repeated: Vec<TableId> = Vec::new();
        let tables = tree.tables();
        for (i, edge) in tree.edges.iter().enumerate() {
            // The one side of a key meets many rows of the table that refers to it; what hangs on a repeated row is
            // repeated with it.
            let comes_again = !edge.fans_out || repeated.contains(&edge.from.table);
            // Everything joined so far is repeated by the rows that come in.
            let met_again = if edge.fans_out { &tables[..=i] } else { &[] };
            for table in met_again.iter().chain(comes_again.then_some(&edge.to.table)) {
                if !repeated.contains(table) {
                    repeated.push(*table);
                }
            }
        }
        repeated
    }

    fn shows_the_one_side(&self, select: &Select, tree: &JoinTree) -> bool {
        let mut shown = Vec::new();
        for item in &select.items {
            self.expr_tables(item, &mut shown);
        }
        let many: Vec<TableId> = tree.edges.iter().filter(|e| e.fans_out).map(|e| e.to.table).collect();
        !shown.iter().any(|t| many.contains(t)) && select.order.is_empty()
    }

    fn adds_up_repeated(&self, select: &Select, tree: &JoinTree) -> bool {
        let many: Vec<TableId> = tree.edges.iter().filter(|e| e.fans_out).map(|e| e.to.table).collect();
        select.items.iter().any(|item| match item {
            Expr::Aggregate { function: Function::Sum | Function::Average, .. } => {
                let mut tables = Vec::new();
                self.expr_tables(item, &mut tables);
                !tables.iter().any(|t| many.contains(t))
            }
            _ => false,
        })
    }

    fn from(&self, tree: &JoinTree, scope: &Scope) -> String {
        let Some(root) = tree.root else { return String::new() };
        let mut sql = format!("\nFROM {}", self.table(root, scope));
        for edge in &tree.edges {
            let _ = write!(
                sql,
                "\nJOIN {} ON {} = {}",
                self.table(edge.to.table, scope),
                self.column(edge.to, scope),
                self.column(edge.from, scope)
            );
        }
        sql
    }

    fn table(&self, table: TableId, scope: &Scope) -> String {
        let name = quote(&self.schema.table(table).name);
        match scope.alias(table) {
            "" => name,
            alias => format!("{name} AS {alias}"),
        }
    }

    fn column(&self, id: ColumnId, scope: &Scope) -> String {
        let name = quote(&self.schema.column(id).name);
        match scope.alias(id.table) {
            "" => name,
            alias => format!("{alias}.{name}"),
        }
    }

    fn item(&self, item: &Expr, scope: &Scope, label: bool) -> String {
        let sql = self.expr(item, scope);
        match (label, item) {
            (_, Expr::Column(_) | Expr::AllColumns(_)) | (false, _) => sql,
            _ => format!("{sql} AS {}", quote(&self.label(item))),
        }
    }

    /// A column heading in words joined by underscores.
    fn label(&self, item: &Expr) -> String {
        match item {
            Expr::Column(id) => self.schema.column(*id).name.clone(),
            Expr::AllColumns(_) => "*".to_owned(),
            Expr::CountRows(table) => {
                format!("number_of_{}", self.schema.table(*table).name.replace(' ', "_").to_lowercase())
            }
            Expr::Aggregate { function, of, .. } => {
                let of = match &**of {
                    // Words run together are hard to read in a heading: `UnitPrice` becomes `unit_price`.
                    Expr::Column(id) => identifier_words(&self.schema.column(*id).name).join("_"),
                    other => self.label(other),
                };
                match function {
                    Function::Sum if of.starts_with("total") => of,
                    Function::Count => format!("number_of_{of}"),
                    Function::Sum => format!("total_{of}"),
                    Function::Average => format!("average_{of}"),
                    Function::Minimum => format!("lowest_{of}"),
                    Function::Maximum => format!("highest_{of}"),
                }
            }
            Expr::Metric(i) => self.knowledge.metrics[*i].name.replace(' ', "_"),
            Expr::Time { grain, .. } => super::reading::grain_name(*grain).to_owned(),
            Expr::Magnitude(of) => self.label(of),
            Expr::Share(of) => format!("share_of_{}", self.label(of)),
        }
    }

    fn expr(&self, expr: &Expr, scope: &Scope) -> String {
        match expr {
            Expr::Column(id) => self.column(*id, scope),
            Expr::AllColumns(table) => match scope.alias(*table) {
                "" => "*".to_owned(),
                alias => format!("{alias}.*"),
            },
            Expr::CountRows(table) => self.count_rows(*table, scope),
            Expr::Aggregate { function, distinct, of } => {
                let function = match function {
                    Function::Count => "COUNT",
                    Function::Sum => "SUM",
                    Function::Average => "AVG",
                    Function::Minimum => "MIN",
                    Function::Maximum => "MAX",
                };
                format!("{function}({}{})", if *distinct { "DISTINCT " } else { "" }, self.expr(of, scope))
            }
            Expr::Metric(i) => self.metric(*i, scope),
            Expr::Time { column, grain } => time_key(&self.column(*column, scope), *grain),
            Expr::Magnitude(of) => format!("ABS({})", self.expr(of, scope)),
            Expr::Share(of) => {
                let of = self.expr(of, scope);
                format!("100.0 * {of} / SUM({of}) OVER ()")
            }
        }
    }

    /// Rows are counted by their key where joins repeat them.
    fn count_rows(&self, table: TableId, scope: &Scope) -> String {
        if !scope.repeated.contains(&table) {
            return "COUNT(*)".to_owned();
        }
        match self.schema.table(table).primary_key.as_slice() {
            [key] => format!("COUNT(DISTINCT {})", self.column(ColumnId { table, column: *key }, scope)),
            _ => "COUNT(*)".to_owned(),
        }
    }

    /// A metric's formula with its `table.column` names written for this statement.
    fn metric(&self, metric: usize, scope: &Scope) -> String {
        let expression = &self.knowledge.metrics[metric].expression;
        let mut sql = String::new();
        let mut rest = expression.as_str();
        while let Some((start, end, id)) = next_qualified(self.schema, rest) {
            sql.push_str(&rest[..start]);
            sql.push_str(&self.column(id, scope));
            rest = &rest[end..];
        }
        sql.push_str(rest);
        sql
    }

    fn expr_tables(&self, expr: &Expr, into: &mut Vec<TableId>) {
        expr.tables(into);
        for metric in metrics_of(expr) {
            let mut rest = self.knowledge.metrics[metric].expression.as_str();
            while let Some((_, end, id)) = next_qualified(self.schema, rest) {
                if !into.contains(&id.table) {
                    into.push(id.table);
                }
                rest = &rest[end..];
            }
        }
    }

    fn predicate_tables(&self, predicate: &Predicate, into: &mut Vec<TableId>) {
        predicate.tables(into);
        if let Predicate::Compare { left, .. } = predicate {
            self.expr_tables(left, into);
        }
    }

    fn sort(&self, sort: &Sort, scope: &Scope) -> String {
        let nullable = matches!(&sort.by, Expr::Column(id) if self.schema.profile(*id).nulls > 0);
        let direction = match (sort.descending, nullable) {
            (true, _) => " DESC",
            (false, true) => " ASC NULLS LAST",
            (false, false) => " ASC",
        };
        format!("{}{direction}", self.expr(&sort.by, scope))
    }

    fn predicate(
        &self,
        predicate: &Predicate,
        tree: &JoinTree,
        scope: &Scope,
        depth: usize,
    ) -> Result<String, Unrenderable> {
        Ok(match predicate {
            Predicate::Compare { left, operator, right } => {
                let left = self.expr(left, scope);
                let right = match right {
                    Operand::Value(value) => literal(value),
                    Operand::Expr(expr) => self.expr(expr, scope),
                    Operand::Scalar(select) => {
                        format!("({})", self.select(select, depth + 1, &mut Vec::new())?.0.replace('\n', " "))
                    }
                };
                format!("{left} {} {right}", operator_sql(*operator))
            }
            Predicate::Between { what, low, high } => {
                format!("{} BETWEEN {} AND {}", self.expr(what, scope), literal(low), literal(high))
            }
            Predicate::In { what, values, negated } => {
                let values: Vec<String> = values.iter().map(literal).collect();
                format!("{} {}IN ({})", self.expr(what, scope), if *negated { "NOT " } else { "" }, values.join(", "))
            }
            Predicate::Like { what, pattern, negated } => {
                let escape = if pattern.contains("\\%") { " ESCAPE '\\'" } else { "" };
                format!(
                    "{} {}LIKE {}{escape}",
                    self.expr(what, scope),
                    if *negated { "NOT " } else { "" },
                    text_literal(pattern)
                )
            }
            Predicate::IsNull { what, negated } => {
                format!("{} IS {}NULL", self.expr(what, scope), if *negated { "NOT " } else { "" })
            }
            Predicate::Period { column, first, last } => self.period(*column, first.as_deref(), last.as_deref(), scope),
            Predicate::Exists { table, filter, negated } => {
                self.exists(*table, filter, *negated, tree, scope, depth)?
            }
        })
    }

    /// Half open, so that times on the last day are in.
    fn period(&self, column: ColumnId, first: Option<&str>, last: Option<&str>, scope: &Scope) -> String {
        let name = self.column(column, scope);
        let month_only = self.schema.profile(column).semantic == SemanticType::Month;
        let mut parts = Vec::new();
        if let Some(first) = first {
            parts.push(format!("{name} >= '{}'", if month_only { &first[..7] } else { first }));
        }
        if let Some(last) = last {
            let next = last.parse::<jiff::civil::Date>().ok().and_then(|d| d.tomorrow().ok());
            parts.push(match next {
                Some(next) if !month_only => format!("{name} < '{next}'"),
                _ => format!("{name} <= '{}'", if month_only { &last[..7] } else { last }),
            });
        }
        parts.join(" AND ")
    }

    /// A filter over joined tables as EXISTS.
    fn filter_exists(
        &self,
        predicate: &Predicate,
        tree: &JoinTree,
        scope: &Scope,
        depth: usize,
    ) -> Result<String, Unrenderable> {
        let mut tables = Vec::new();
        self.predicate_tables(predicate, &mut tables);
        tables.retain(|t| !tree.tables().contains(t));
        let target = *tables.first().ok_or(Unrenderable::Empty)?;
        self.exists(target, std::slice::from_ref(predicate), false, tree, scope, depth)
    }

    /// Rows of `target` that belong to the row at hand, over the shortest way.
    fn exists(
        &self,
        target: TableId,
        filter: &[Predicate],
        negated: bool,
        tree: &JoinTree,
        scope: &Scope,
        depth: usize,
    ) -> Result<String, Unrenderable> {
        let near = tree.tables();
        let path = near
            .iter()
            .filter(|t| **t != target || near.len() == 1)
            .filter_map(|from| self.graph.join(&[*from, target], self.mentioned))
            .filter(|t| !t.edges.is_empty())
            .min_by_key(|t| t.edges.len())
            .ok_or_else(|| Unrenderable::Unconnected(near[0], target))?;
        let mut inner = Scope::default();
        for edge in &path.edges {
            let mut all = scope.clone();
            all.aliases.extend(inner.aliases.iter().cloned());
            let alias = self.alias(edge.to.table, &all, true);
            inner.aliases.push((edge.to.table, alias));
        }
        let mut outer = scope.clone();
        // The outer table must be named where a column of the inner one bears the same name.
        for (table, alias) in &mut outer.aliases {
            if alias.is_empty() {
                *alias = quote(&self.schema.table(*table).name);
            }
        }
        let first = &path.edges[0];
        let mut sql = format!("SELECT 1 FROM {}", self.table(first.to.table, &inner));
        for edge in &path.edges[1..] {
            let _ = write!(
                sql,
                " JOIN {} ON {} = {}",
                self.table(edge.to.table, &inner),
                self.column(edge.to, &inner),
                self.column(edge.from, &inner)
            );
        }
        let _ = write!(sql, " WHERE {} = {}", self.column(first.to, &inner), self.column(first.from, &outer));
        let inner_tree = JoinTree { root: Some(first.to.table), edges: path.edges[1..].to_vec() };
        for predicate in filter {
            sql.push_str(" AND ");
            sql.push_str(&self.predicate(predicate, &inner_tree, &inner, depth + 1)?);
        }
        Ok(format!("{}EXISTS ({sql})", if negated { "NOT " } else { "" }))
    }
}

fn metrics_of(expr: &Expr) -> Vec<usize> {
    match expr {
        Expr::Metric(i) => vec![*i],
        Expr::Magnitude(of) | Expr::Share(of) | Expr::Aggregate { of, .. } => metrics_of(of),
        Expr::Column(_) | Expr::AllColumns(_) | Expr::CountRows(_) | Expr::Time { .. } => Vec::new(),
    }
}

/// The next `table.column` of the schema in a text: where it begins and ends, and what it is.
fn next_qualified(schema: &Schema, text: &str) -> Option<(usize, usize, ColumnId)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut from = 0;
    while let Some(dot) = text[from..].find('.').map(|i| i + from) {
        let start = text[..dot].rfind(|c: char| !is_word(c)).map_or(0, |i| i + 1);
        let end = text[dot + 1..].find(|c: char| !is_word(c)).map_or(text.len(), |i| i + dot + 1);
        let found = schema.find_table(&text[start..dot]).and_then(|t| schema.find_column(t, &text[dot + 1..end]));
        if let Some(id) = found {
            return Some((start, end, id));
        }
        from = dot + 1;
    }
    None
}

fn operator_sql(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "<>",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    }
}

fn time_key(column: &str, grain: Grain) -> String {
    match grain {
        Grain::Day => format!("date({column})"),
        Grain::Week => format!("date({column}, '-6 days', 'weekday 1')"),
        Grain::Month => format!("strftime('%Y-%m', {column})"),
        Grain::Quarter => format!("printf('%s-Q%d', strftime('%Y', {column}), (strftime('%m', {column}) + 2) / 3)"),
        Grain::Year => format!("strftime('%Y', {column})"),
        Grain::Weekday => format!("strftime('%w', {column})"),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null | Value::Blob(_) => "NULL".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => format!("{x:?}"),
        Value::Text(text) => text_literal(text),
    }
}

fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Names are quoted only where they must be, so that the SQL reads well.
fn quote(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !is_keyword(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Words that SQLite or the gate's parser read as grammar.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = " abort action add after all alter always analyze and as asc attach autoincrement before begin between by \
        cascade case cast check collate column commit conflict constraint create cross current current_date current_time \
        current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape except \
        exclude exclusive exists explain fail fetch filter first following for foreign from full generated glob group groups \
        having if ignore immediate in index indexed initially inner insert instead intersect interval into is isnull join key last left \
        like limit match materialized natural no not nothing notnull null nulls of offset on or order others outer over \
        partition plan pragma preceding primary query raise range recursive references regexp reindex release rename \
        replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to \
        transaction trigger unbounded union unique update using vacuum values view virtual when where window with without \
        user position rank date time timestamp year month day end start char character ";
    KEYWORDS.contains(&format!(" {} ", name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{id, profile, schema, table_id};
    use super::*;
    use crate::knowledge::Metric;

    fn school() -> Schema {
        schema(
            &[
                ("pupils", &["pupil_id*", "name", "born", "class_id"]),
                ("classes", &["class_id*", "room"]),
                ("marks", &["mark_id*", "pupil_id", "points", "given_on"]),
                ("absences", &["absence_id*", "pupil_id", "hours"]),
                ("club list", &["pupil_id*", "club_id*", "select"]),
                ("clubs", &["club_id*", "6th \"form\""]),
                ("weather", &["day*"]),
            ],
            &[
                ("pupils.class_id", "classes.class_id", true),
                ("marks.pupil_id", "pupils.pupil_id", true),
                ("absences.pupil_id", "pupils.pupil_id", true),
                ("club list.pupil_id", "pupils.pupil_id", true),
                ("club list.club_id", "clubs.club_id", true),
            ],
        )
    }

    fn render(schema: &Schema, select: Select) -> Result<Rendered, Unrenderable> {
        render_with(schema, &Knowledge::default(), &Query::Select(Box::new(select)))
    }

    fn render_with(schema: &Schema, knowledge: &Knowledge, query: &Query) -> Result<Rendered, Unrenderable> {
        let graph = Graph::new(schema);
        Renderer { schema, knowledge, graph: &graph, mentioned: &[] }.query(query)
    }

    fn sql(schema: &Schema, select: Select) -> String {
        render(schema, select).unwrap().sql
    }

    /// What stands after WHERE when `filter` holds for marks.
    fn condition(schema: &Schema, filter: Predicate) -> String {
        let items = vec![Expr::Column(id(schema, "marks.mark_id"))];
        let sql = sql(schema, Select { items, filter: vec![filter], ..Select::default() });
        sql.split_once("WHERE ").unwrap().1.to_owned()
    }

    fn column(schema: &Schema, name: &str) -> Expr {
        Expr::Column(id(schema, name))
    }

    fn equals(schema: &Schema, name: &str, value: Value) -> Predicate {
        Predicate::Compare { left: column(schema, name), operator: Operator::Equal, right: Operand::Value(value) }
    }

    #[test]
    fn odd_names_are_quoted_and_plain_ones_are_not() {
        let school = school();
        let one = |item| sql(&school, Select { items: vec![item], ..Select::default() });
        assert_eq!(one(column(&school, "pupils.name")), "SELECT name\nFROM pupils");
        assert_eq!(one(column(&school, "club list.select")), "SELECT \"select\"\nFROM \"club list\"");
        assert_eq!(one(column(&school, "clubs.6th \"form\"")), "SELECT \"6th \"\"form\"\"\"\nFROM clubs");
        assert_eq!(one(Expr::AllColumns(table_id(&school, "marks"))), "SELECT *\nFROM marks");
    }

    #[test]
    fn literals_cannot_end_before_their_end() {
        let school = school();
        let literal = |value| condition(&school, equals(&school, "marks.points", value));
        assert_eq!(literal(Value::Text("O'Hara' OR 1".into())), "points = 'O''Hara'' OR 1'");
        assert_eq!(literal(Value::Real(2.0)), "points = 2.0");
        assert_eq!(literal(Value::Integer(-3)), "points = -3");
        let like = |pattern: &str| {
            let what = column(&school, "marks.points");
            condition(&school, Predicate::Like { what, pattern: pattern.into(), negated: true })
        };
        assert_eq!(like("%d'or%"), "points NOT LIKE '%d''or%'");
        assert_eq!(like("%50\\%%"), "points NOT LIKE '%50\\%%' ESCAPE '\\'");
    }

    #[test]
    fn conditions_are_written_as_sql_has_them() {
        let school = school();
        let what = || column(&school, "marks.points");
        let values = vec![Value::Integer(1), Value::Text("b".into())];
        assert_eq!(condition(&school, Predicate::In { what: what(), values, negated: true }), "points NOT IN (1, 'b')");
        let (low, high) = (Value::Integer(2), Value::Integer(5));
        assert_eq!(condition(&school, Predicate::Between { what: what(), low, high }), "points BETWEEN 2 AND 5");
        assert_eq!(condition(&school, Predicate::IsNull { what: what(), negated: false }), "points IS NULL");
        assert_eq!(condition(&school, Predicate::IsNull { what: what(), negated: true }), "points IS NOT NULL");
    }

    #[test]
    fn a_period_takes_in_all_of_its_last_day() {
        let mut school = school();
        let period = |school: &Schema, first: Option<&str>, last: Option<&str>| {
            let (first, last) = (first.map(str::to_owned), last.map(str::to_owned));
            condition(school, Predicate::Period { column: id(school, "marks.given_on"), first, last })
        };
        assert_eq!(
            period(&school, Some("2024-02-01"), Some("2024-02-29")),
            "given_on >= '2024-02-01' AND given_on < '2024-03-01'"
        );
        assert_eq!(period(&school, Some("2024-02-01"), None), "given_on >= '2024-02-01'");
        assert_eq!(period(&school, None, Some("2024-12-31")), "given_on < '2025-01-01'");
        profile(&mut school, "marks.given_on").semantic = SemanticType::Month;
        assert_eq!(
            period(&school, Some("2024-02-01"), Some("2024-03-31")),
            "given_on >= '2024-02' AND given_on <= '2024-03'"
        );
    }

    #[test]
    fn what_is_over_two_keys_away_exists_or_not_over_both() {
        let school = school();
        let exists = Predicate::Exists {
            table: table_id(&school, "clubs"),
            filter: vec![equals(&school, "clubs.club_id", Value::Integer(7))],
            negated: true,
        };
        let items = vec![column(&school, "pupils.name")];
        assert_eq!(
            sql(&school, Select { items, filter: vec![exists], ..Select::default() }),
            "SELECT name\nFROM pupils\nWHERE NOT EXISTS (SELECT 1 FROM \"club list\" AS cl \
             JOIN clubs AS c ON c.club_id = cl.club_id WHERE cl.pupil_id = pupils.pupil_id AND c.club_id = 7)"
        );
    }

    #[test]
    fn an_alias_is_no_name_of_a_table_and_no_other_alias() {
        let tables: [(&str, &[&str]); 4] =
            [("b", &["id*"]), ("boats", &["id*", "bay_id"]), ("bays", &["id*", "coast_id"]), ("order_no", &["id*"])];
        let mut harbour = schema(&tables, &[("boats.bay_id", "bays.id", true)]);
        let both = |harbour: &Schema| {
            let key = |table| Expr::Column(ColumnId { table: TableId(table), column: 0 });
            let items = vec![key(1), key(2)];
            sql(harbour, Select { items, ..Select::default() })
        };
        assert_eq!(both(&harbour), "SELECT b2.id, b3.id\nFROM boats AS b2\nJOIN bays AS b3 ON b3.id = b2.bay_id");
        harbour.tables[0].name = "B3".into();
        assert!(both(&harbour).contains("FROM boats AS b\nJOIN bays AS b2 "), "{}", both(&harbour));
        // "on" would be read as grammar.
        harbour.tables[2].name = "ocean_nooks".into();
        assert!(both(&harbour).contains("JOIN ocean_nooks AS t ON t.id"), "{}", both(&harbour));
    }

    #[test]
    fn a_sum_is_not_multiplied_by_a_filter_over_many_rows() {
        let school = school();
        let filter = vec![equals(&school, "absences.hours", Value::Integer(4))];
        let items = vec![Expr::aggregate(Function::Sum, id(&school, "marks.points"))];
        let rendered = render(&school, Select { items, filter, ..Select::default() }).unwrap();
        assert!(!rendered.fans_out);
        assert_eq!(
            rendered.sql,
            "SELECT SUM(points) AS total_point\nFROM marks\nWHERE EXISTS (SELECT 1 FROM pupils AS p \
             JOIN absences AS a ON a.pupil_id = p.pupil_id WHERE p.pupil_id = marks.pupil_id AND a.hours = 4)"
        );
    }

    #[test]
    fn a_sum_that_is_multiplied_is_told() {
        let school = school();
        let items =
            vec![column(&school, "absences.hours"), Expr::aggregate(Function::Sum, id(&school, "marks.points"))];
        let group = vec![column(&school, "absences.hours")];
        assert!(render(&school, Select { items, group, ..Select::default() }).unwrap().fans_out);
        let items = vec![column(&school, "classes.room"), Expr::aggregate(Function::Sum, id(&school, "marks.points"))];
        let group = vec![column(&school, "classes.room")];
        assert!(!render(&school, Select { items, group, ..Select::default() }).unwrap().fans_out);
    }

    #[test]
    fn rows_that_a_join_repeats_are_counted_by_their_key() {
        let school = school();
        let count = |name: &str| Expr::CountRows(table_id(&school, name));
        let by = |key: &str, counts: Vec<Expr>| {
            let items = [vec![column(&school, key)], counts].concat();
            let sql = sql(&school, Select { items, group: vec![column(&school, key)], ..Select::default() });
            sql.lines().next().unwrap().to_owned()
        };
        assert_eq!(by("pupils.name", vec![count("marks")]), "SELECT p.name, COUNT(*) AS number_of_marks");
        assert_eq!(
            by("marks.points", vec![count("pupils")]),
            "SELECT m.points, COUNT(DISTINCT p.pupil_id) AS number_of_pupils"
        );
        // Each mark meets every absence of its pupil, and each absence every mark.
        assert_eq!(
            by("pupils.name", vec![count("marks"), count("absences")]),
            "SELECT p.name, COUNT(DISTINCT m.mark_id) AS number_of_marks, \
             COUNT(DISTINCT a.absence_id) AS number_of_absences"
        );
    }

    #[test]
    fn a_list_does_not_show_a_thing_as_often_as_a_filter_fits_it() {
        let school = school();
        let filter = vec![equals(&school, "marks.points", Value::Integer(1))];
        let one = sql(&school, Select { items: vec![column(&school, "pupils.name")], filter, ..Select::default() });
        assert!(one.starts_with("SELECT DISTINCT p.name\n"), "{one}");
        let filter = vec![equals(&school, "classes.room", Value::Integer(1))];
        let one = sql(&school, Select { items: vec![column(&school, "pupils.name")], filter, ..Select::default() });
        assert!(one.starts_with("SELECT p.name\n"), "{one}");
    }

    #[test]
    fn order_puts_nothing_last_and_a_limit_can_start_later() {
        let mut school = school();
        let ordered = |school: &Schema, descending| {
            let order = vec![Sort { by: column(school, "pupils.born"), descending }];
            let items = vec![column(school, "pupils.name")];
            sql(school, Select { items, order, limit: Some(1), offset: 2, ..Select::default() })
        };
        assert!(ordered(&school, false).ends_with("ORDER BY born ASC\nLIMIT 1 OFFSET 2"));
        profile(&mut school, "pupils.born").nulls = 3;
        assert!(ordered(&school, false).ends_with("ORDER BY born ASC NULLS LAST\nLIMIT 1 OFFSET 2"));
        assert!(ordered(&school, true).ends_with("ORDER BY born DESC\nLIMIT 1 OFFSET 2"));
    }

    #[test]
    fn dates_are_cut_to_calendar_units() {
        let cut = |grain| time_key("d", grain);
        assert_eq!(cut(Grain::Day), "date(d)");
        assert_eq!(cut(Grain::Week), "date(d, '-6 days', 'weekday 1')");
        assert_eq!(cut(Grain::Month), "strftime('%Y-%m', d)");
        assert_eq!(cut(Grain::Quarter), "printf('%s-Q%d', strftime('%Y', d), (strftime('%m', d) + 2) / 3)");
        assert_eq!(cut(Grain::Year), "strftime('%Y', d)");
    }

    #[test]
    fn a_metric_is_its_formula_with_the_names_of_the_statement() {
        let school = school();
        let expression = "1.0 * SUM(marks.points) / COUNT(DISTINCT pupils.pupil_id)".to_owned();
        let metric = Metric { name: "points per head".into(), expression, ..Metric::default() };
        let knowledge = Knowledge { metrics: vec![metric], ..Knowledge::default() };
        let select = Select { items: vec![Expr::Metric(0)], ..Select::default() };
        let rendered = render_with(&school, &knowledge, &Query::Select(Box::new(select))).unwrap();
        assert_eq!(
            rendered.sql,
            "SELECT 1.0 * SUM(m.points) / COUNT(DISTINCT p.pupil_id) AS points_per_head\n\
             FROM marks AS m\nJOIN pupils AS p ON p.pupil_id = m.pupil_id"
        );
    }

    #[test]
    fn a_comparison_with_an_average_is_a_statement_of_its_own() {
        let school = school();
        let average = Select {
            items: vec![Expr::aggregate(Function::Average, id(&school, "marks.points"))],
            ..Select::default()
        };
        let filter = Predicate::Compare {
            left: column(&school, "marks.points"),
            operator: Operator::Greater,
            right: Operand::Scalar(Box::new(average)),
        };
        assert_eq!(condition(&school, filter), "points > (SELECT AVG(m.points) AS average_point FROM marks AS m)");
    }

    #[test]
    fn both_are_two_statements_and_their_common_rows() {
        let school = school();
        let half = |room| {
            let filter = vec![equals(&school, "pupils.class_id", Value::Integer(room))];
            Box::new(Select { items: vec![column(&school, "pupils.name")], filter, ..Select::default() })
        };
        let rendered = render_with(&school, &Knowledge::default(), &Query::Intersect(half(1), half(2))).unwrap();
        assert_eq!(
            rendered.sql,
            "SELECT name\nFROM pupils\nWHERE class_id = 1\nINTERSECT\nSELECT name\nFROM pupils\nWHERE class_id = 2"
        );
    }

    #[test]
    fn what_cannot_be_joined_or_is_nothing_has_no_sql() {
        let school = school();
        let items = vec![column(&school, "pupils.name"), column(&school, "weather.day")];
        let unconnected = Unrenderable::Unconnected(table_id(&school, "pupils"), table_id(&school, "weather"));
        assert_eq!(render(&school, Select { items, ..Select::default() }), Err(unconnected));
        assert_eq!(render(&school, Select::default()), Err(Unrenderable::Empty));
    }
}
