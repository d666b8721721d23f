//! Changes a plan as the edits say; refuses what would not be what was asked for.

use super::super::analytic::{self, Analytic, Days};
use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, Sort};
use super::super::reading::{Ground, display_columns, with_keys};
use super::conditions::{compared, figure_bounded, replaces, values};
use super::edits::{Before, Edit, Measured, Other, Shift, column_of};
use super::period::{self, Span};
use crate::knowledge::Knowledge;
use crate::schema::{ColumnId, Schema, TableId, Value};

/// A changed plan, with what was taken for granted.
pub struct Applied {
    pub query: Query,
    pub notes: Vec<String>,
}

/// Applies edits one after another, or says why one cannot be.
pub fn apply(
    edits: &[Edit],
    before: &Before<'_>,
    ground: Ground<'_>,
    knowledge: &Knowledge,
) -> Result<Applied, String> {
    let select = before.select.clone();
    let mut editor = Editor { schema: ground.schema, ground, knowledge, before, select, notes: Vec::new() };
    // What is split further is known once the conditions are.
    let splits = |edit: &&Edit| matches!(edit, Edit::AddKeys(_));
    for edit in edits.iter().filter(|e| !splits(e)).chain(edits.iter().filter(splits)) {
        editor.edit(edit)?;
    }
    Ok(Applied { query: Query::Select(Box::new(editor.select)), notes: editor.notes })
}

struct Editor<'a> {
    schema: &'a Schema,
    ground: Ground<'a>,
    knowledge: &'a Knowledge,
    before: &'a Before<'a>,
    select: Select,
    notes: Vec<String>,
}

impl Editor<'_> {
    fn edit(&mut self, edit: &Edit) -> Result<(), String> {
        match edit {
            Edit::Narrow(predicates) => {
                for predicate in predicates {
                    self.narrow(predicate);
                }
                Ok(())
            }
            Edit::Extend(predicates) => {
                for predicate in predicates {
                    self.extend(predicate);
                }
                Ok(())
            }
            Edit::Having(predicates) => self.having(predicates),
            Edit::Bound(operator, number) => self.bound(*operator, *number),
            Edit::Free { columns, said } => self.free(columns, said),
            Edit::FreeAll => self.free_all(),
            Edit::AnyTime => self.any_time(),
            Edit::Period { date, span } => self.period(*date, *span),
            Edit::Earlier(shift) => self.earlier(*shift),
            Edit::Beside(other) => self.beside(*other),
            Edit::BothBefore { percent } => self.both_before(*percent),
            Edit::Share => self.share(),
            Edit::BesideValue(predicates) => self.beside_value(predicates),
            Edit::Regroup { keys, of, every } => self.regroup(keys, of, *every),
            Edit::AddKeys(keys) => self.add_keys(keys),
            Edit::Measures { items, of, instead } => self.measures(items, of, *instead),
            Edit::Outputs(columns) => self.outputs(columns),
            Edit::Sort { by, descending } => self.sort(by.as_ref(), *descending),
            Edit::Top { column, descending, relative, rows } => self.top(*column, *descending, *relative, *rows),
            Edit::AllRows => self.all_rows(),
            Edit::Count => self.count(),
            Edit::List => self.list(),
            Edit::Present => {
                self.notes.push("the same rows; how they are drawn is chosen where they are shown".to_owned());
                Ok(())
            }
            Edit::Undo => Ok(()),
        }
    }

    // Conditions

    fn narrow(&mut self, predicate: &Predicate) {
        if period::is_period(predicate, self.schema) && !matches!(predicate, Predicate::Any(_)) {
            if let Some(column) = period::column(predicate) {
                self.select.filter.retain(|p| period::column(p) != Some(column) || !period::is_period(p, self.schema));
            }
            self.select.filter.push(predicate.clone());
            return;
        }
        let predicate = self.over_many(predicate.clone());
        if let Some(left) = figure_bounded(&predicate) {
            self.select.having.retain(|p| compared(p) != Some(&left));
            self.select.having.push(predicate);
            return;
        }
        let replaced = self.select.filter.iter().position(|p| replaces(self.schema, p, &predicate));
        match replaced {
            Some(at) => {
                self.select.filter[at] = predicate.clone();
                let mut seen = 0;
                let schema = self.schema;
                // What else was said of the column is replaced with it.
                self.select.filter.retain(|p| {
                    let same = *p == predicate;
                    seen += usize::from(same);
                    !(same && seen > 1) && (same || !replaces(schema, p, &predicate))
                });
            }
            None => self.select.filter.push(predicate),
        }
    }

    /// Leaving out what a thing has many of leaves out the things that have it.
    fn over_many(&self, predicate: Predicate) -> Predicate {
        let Predicate::Compare { left: Expr::Column(id), operator: Operator::NotEqual, right } = &predicate else {
            return predicate;
        };
        if self.before.tables.contains(&id.table) {
            return predicate;
        }
        let needed: Vec<TableId> = self.before.tables.iter().copied().chain([id.table]).collect();
        let many = |tables: &[TableId]| {
            self.ground
                .graph
                .join(tables, &self.before.tables)
                .map_or(0, |tree| tree.edges.iter().filter(|e| e.fans_out).count())
        };
        if many(&needed) <= many(&self.before.tables) {
            return predicate;
        }
        let equal = Predicate::Compare { left: Expr::Column(*id), operator: Operator::Equal, right: right.clone() };
        Predicate::Exists { table: id.table, filter: vec![equal], negated: true }
    }

    fn extend(&mut self, predicate: &Predicate) {
        let (Some(what), added) = (compared(predicate).cloned(), values(predicate)) else {
            return self.narrow(predicate);
        };
        // What was left out comes back.
        let mut readmitted = false;
        self.select.filter.retain_mut(|p| match p {
            Predicate::Compare { left, operator: Operator::NotEqual, right: Operand::Value(value) }
                if *left == what && added.contains(value) =>
            {
                readmitted = true;
                false
            }
            Predicate::In { what: left, values, negated: true } if *left == what => {
                let before = values.len();
                values.retain(|v| !added.contains(v));
                readmitted |= values.len() < before;
                !values.is_empty()
            }
            _ => true,
        });
        if readmitted {
            return;
        }
        let Some(at) = self.select.filter.iter().position(|p| compared(p) == Some(&what) && !values(p).is_empty())
        else {
            return self.narrow(predicate);
        };
        let mut all = values(&self.select.filter[at]);
        all.extend(added.into_iter().filter(|v| !values(&self.select.filter[at]).contains(v)).collect::<Vec<_>>());
        self.select.filter[at] = Predicate::In { what, values: all, negated: false };
    }

    fn having(&mut self, predicates: &[Predicate]) -> Result<(), String> {
        if self.select.group.is_empty() {
            let Some(entity) = self.entity() else { return Err("there is nothing to count in".to_owned()) };
            if self.select.is_aggregated() {
                return Err("a single number has no groups to choose from".to_owned());
            }
            let keys: Vec<Expr> = display_columns(self.schema, entity).into_iter().map(Expr::Column).collect();
            self.select.group = with_keys(self.schema, &keys);
            for item in &self.select.items {
                if !self.select.group.contains(item) {
                    self.select.group.push(item.clone());
                }
            }
        }
        for predicate in predicates {
            self.select.having.retain(|p| compared(p) != compared(predicate));
            self.select.having.push(predicate.clone());
        }
        Ok(())
    }

    fn bound(&mut self, operator: Operator, number: f64) -> Result<(), String> {
        let value =
            |number: f64| if number.fract() == 0.0 { Value::Integer(number as i64) } else { Value::Real(number) };
        let numbers = |p: &Predicate| {
            matches!(p, Predicate::Compare { right: Operand::Value(Value::Integer(_) | Value::Real(_)), .. })
        };
        let new = |left: Expr| Predicate::Compare { left, operator, right: Operand::Value(value(number)) };
        for list in [&mut self.select.having, &mut self.select.filter] {
            if let Some(old) = list.iter_mut().find(|p| numbers(p))
                && let Some(left) = compared(old).cloned()
            {
                *old = new(left);
                return Ok(());
            }
        }
        let figures: Vec<&Expr> = self.select.items.iter().filter(|i| i.is_aggregate()).collect();
        match figures.as_slice() {
            [only] if !self.select.group.is_empty() => {
                let left = (*only).clone();
                self.select.having.push(new(left));
                Ok(())
            }
            _ => Err("it is not said what the number bounds".to_owned()),
        }
    }

    fn free(&mut self, columns: &[ColumnId], said: &str) -> Result<(), String> {
        let before = self.select.filter.len();
        self.select
            .filter
            .retain(|p| compared(p).and_then(column_of).or(period::column(p)).is_none_or(|c| !columns.contains(&c)));
        if self.select.filter.len() == before { Err(format!("there is no condition on \"{said}\"")) } else { Ok(()) }
    }

    fn free_all(&mut self) -> Result<(), String> {
        if self.select.filter.is_empty() && self.select.having.is_empty() {
            return Err("there is no condition to remove".to_owned());
        }
        self.select.filter.clear();
        self.select.having.clear();
        Ok(())
    }

    // Periods

    fn any_time(&mut self) -> Result<(), String> {
        let before = self.select.filter.len();
        self.select.filter.retain(|p| !period::is_period(p, self.schema));
        if self.select.filter.len() == before { Err("there is no period to leave out".to_owned()) } else { Ok(()) }
    }

    fn period(&mut self, date: Option<ColumnId>, span: Span) -> Result<(), String> {
        self.refuse_beside()?;
        let column = date.or(self.before.date).ok_or("nothing that the answer speaks of has a date")?;
        self.select.filter.retain(|p| !period::is_period(p, self.schema));
        self.select.filter.push(span.predicate(column, self.schema));
        Ok(())
    }

    fn refuse_beside(&self) -> Result<(), String> {
        let beside = self.select.items.iter().any(
            |i| matches!(i, Expr::Filtered { filter, .. } if filter.iter().all(|p| period::is_period(p, self.schema))),
        );
        if beside { Err("two periods are set beside each other; ask with both of them".to_owned()) } else { Ok(()) }
    }

    fn at_hand(&self) -> Result<Days, String> {
        let span = period::of(&self.select, self.schema).ok_or("the answer before is not of a period")?;
        span.days().ok_or_else(|| "the period before has an open end".to_owned())
    }

    fn shifted(&self, shift: Shift) -> Result<Days, String> {
        let days = self.at_hand()?;
        let moved = match shift {
            Shift::Before => days.before(),
            Shift::YearBefore => days.earlier(super::super::plan::Grain::Year, 1),
        };
        moved.ok_or_else(|| "there is no such period".to_owned())
    }

    fn earlier(&mut self, shift: Shift) -> Result<(), String> {
        let days = self.shifted(shift)?;
        self.period(None, Span::of_days(days))
    }

    fn beside(&mut self, other: Other) -> Result<(), String> {
        self.refuse_beside()?;
        let at_hand = self.at_hand()?;
        let other = match other {
            Other::Span(span) => span.days().ok_or("a period with an open end cannot be set beside another")?,
            Other::Shift(shift) => self.shifted(shift)?,
        };
        if !at_hand.apart(other) {
            return Err(format!("{} and {} overlap", at_hand.told(), other.told()));
        }
        self.side_by_side(at_hand, other, false)
    }

    fn side_by_side(&mut self, at_hand: Days, other: Days, percent: bool) -> Result<(), String> {
        let (earlier, later) = if other.first < at_hand.first { (other, at_hand) } else { (at_hand, other) };
        self.analytic(&Analytic::Periods { earlier, later, percent, alone: false })
    }

    fn analytic(&mut self, analytic: &Analytic) -> Result<(), String> {
        let query = Query::Select(Box::new(self.select.clone()));
        let applied = analytic::apply(std::slice::from_ref(analytic), query, self.ground, self.knowledge)?;
        self.notes.extend(applied.assumptions);
        if let Query::Select(select) = applied.query {
            self.select = *select;
        }
        Ok(())
    }

    /// The last two answers, if they differ in nothing but their periods.
    fn both_before(&mut self, percent: bool) -> Result<(), String> {
        let earlier = self.before.earlier.ok_or("there are no two answers to compare")?;
        self.refuse_beside()?;
        let timeless = |select: &Select| {
            let filter = select.filter.iter().filter(|p| !period::is_period(p, self.schema)).cloned().collect();
            Select { filter, ..select.clone() }
        };
        if timeless(earlier) != timeless(&self.select) {
            return Err("the two answers before differ in more than their periods".to_owned());
        }
        let days = period::of(earlier, self.schema).and_then(Span::days);
        let other = days.ok_or("the answer before the last is not of a period")?;
        let at_hand = self.at_hand()?;
        if !at_hand.apart(other) {
            return Err(format!("{} and {} overlap", at_hand.told(), other.told()));
        }
        self.side_by_side(at_hand, other, percent)
    }

    fn share(&mut self) -> Result<(), String> {
        if self.select.group.is_empty() {
            return Err("a single number has no parts".to_owned());
        }
        self.analytic(&Analytic::Share(Vec::new()))
    }

    fn beside_value(&mut self, predicates: &[Predicate]) -> Result<(), String> {
        let Some(what) = predicates.first().and_then(compared).cloned() else {
            return Err("it is not clear what is to be compared".to_owned());
        };
        if !self.select.filter.iter().any(|p| compared(p) == Some(&what) && !values(p).is_empty()) {
            return Err("the answer before is not of one value that another could be set beside".to_owned());
        }
        for predicate in predicates {
            self.extend(predicate);
        }
        if self.select.is_aggregated() && !self.select.group.contains(&what) {
            self.add_keys(std::slice::from_ref(&what))?;
        }
        Ok(())
    }

    // What is shown, by what

    fn regroup(&mut self, keys: &[Expr], of: &[ColumnId], every: bool) -> Result<(), String> {
        if !self.select.is_aggregated() {
            self.count()?;
        }
        let named = |key: &Expr| of.is_empty() || column_of(key).is_some_and(|c| of.contains(&c));
        let old: Vec<Expr> = self.select.items.iter().filter(|i| !i.is_aggregate()).cloned().collect();
        if !of.is_empty() && !old.iter().any(named) {
            return Err("the answer before is not split by that".to_owned());
        }
        let kept: Vec<Expr> = old.iter().filter(|k| !named(k)).cloned().collect();
        self.set_keys([kept.as_slice(), keys].concat());
        self.free_keys(keys, every);
        Ok(())
    }

    fn add_keys(&mut self, keys: &[Expr]) -> Result<(), String> {
        if !self.select.is_aggregated() {
            let columns: Vec<ColumnId> = keys.iter().filter_map(column_of).collect();
            return self.outputs(&columns);
        }
        let old: Vec<Expr> = self.select.items.iter().filter(|i| !i.is_aggregate()).cloned().collect();
        if keys.iter().all(|k| old.contains(k)) {
            return Err("the answer before is split by that already".to_owned());
        }
        let new: Vec<Expr> = keys.iter().filter(|k| !old.contains(k)).cloned().collect();
        // What all rows have in common tells none of them apart.
        let is_fixed = |key: &Expr| {
            self.select.filter.iter().any(|p| {
                matches!(p, Predicate::Compare { left, operator: Operator::Equal, right: Operand::Value(_) } if left == key)
            })
        };
        let old: Vec<Expr> = old.into_iter().filter(|key| !is_fixed(key)).collect();
        self.set_keys([old, new].concat());
        self.free_keys(keys, false);
        Ok(())
    }

    fn set_keys(&mut self, keys: Vec<Expr>) {
        let figures: Vec<Expr> = self.select.items.iter().filter(|i| i.is_aggregate()).cloned().collect();
        self.select.group = with_keys(self.schema, &keys);
        self.select.order.retain(|sort| sort.by.is_aggregate() || keys.contains(&sort.by));
        let time = keys.iter().find(|k| matches!(k, Expr::Time { .. }));
        // Periods run forward, unless only the first of an order are wanted.
        if self.select.order.is_empty() || time.is_some() && self.select.limit.is_none() {
            self.select.order = time.map(|by| Sort { by: by.clone(), descending: false }).into_iter().collect();
            (self.select.limit, self.select.offset) = (None, 0);
        }
        if self.select.per.as_ref().is_some_and(|per| per.keys.iter().any(|k| !keys.contains(k))) {
            self.select.per = None;
        }
        self.select.distinct = false;
        self.select.items = [keys, figures].concat();
    }

    /// A split by what is fixed to one value would show one row.
    fn free_keys(&mut self, keys: &[Expr], every: bool) {
        let fixed = |p: &Predicate| {
            compared(p).is_some_and(|left| keys.contains(left))
                && (matches!(p, Predicate::Compare { operator: Operator::Equal, right: Operand::Value(_), .. })
                    || every && !values(p).is_empty())
        };
        if self.select.filter.iter().any(fixed) {
            self.select.filter.retain(|p| !fixed(p));
            self.notes.push("what it is split by is no condition any more".to_owned());
        }
    }

    fn measures(&mut self, items: &[Measured], of: &[ColumnId], instead: bool) -> Result<(), String> {
        if !self.select.is_aggregated() {
            return self.plain_measures(items, instead);
        }
        // What is shown keeps its sign.
        let signed = |expr: Expr| if let Expr::Magnitude(of) = expr { *of } else { expr };
        let items: Vec<Expr> = items.iter().map(|m| signed(self.as_before(m))).collect();
        let named = |e: &Expr| {
            of.is_empty()
                || column_of(e).is_some_and(|c| of.contains(&c))
                || matches!(e, Expr::CountRows(t) if of.iter().any(|c| c.table == *t))
        };
        if !instead {
            let new: Vec<Expr> = items.into_iter().filter(|i| !self.select.items.contains(i)).collect();
            if new.is_empty() {
                return Err("the answer before shows that already".to_owned());
            }
            self.select.items.extend(new);
            return Ok(());
        }
        if let [new] = items.as_slice()
            && self.substituted(&named, new)
        {
            return Ok(());
        }
        let replaced: Vec<Expr> = self.select.items.iter().filter(|i| i.is_aggregate() && named(i)).cloned().collect();
        let ordered = self.select.order.iter().any(|s| s.by.is_aggregate());
        if replaced.is_empty() && !ordered {
            return Err("the answer before does not show what is to be replaced".to_owned());
        }
        if !self.select.having.is_empty() {
            return Err("a bound is set on what is to be replaced; ask the whole question".to_owned());
        }
        let at = self.select.items.iter().position(|i| replaced.contains(i));
        self.select.items.retain(|i| !replaced.contains(i));
        let first = items[0].clone();
        if let Some(at) = at {
            let at = at.min(self.select.items.len());
            let new: Vec<Expr> = items.into_iter().filter(|i| !self.select.items.contains(i)).collect();
            self.select.items.splice(at..at, new);
        }
        for sort in &mut self.select.order {
            if sort.by.is_aggregate() && (replaced.is_empty() || replaced.contains(&sort.by)) {
                sort.by = first.clone();
            }
        }
        Ok(())
    }

    /// What is computed from one measure alone (periods beside each other, their change) is computed from another one.
    fn substituted(&mut self, named: &impl Fn(&Expr) -> bool, new: &Expr) -> bool {
        let mut bases: Vec<Expr> = Vec::new();
        for item in self.select.items.iter().filter(|i| i.is_aggregate()) {
            bases_of(item, &mut bases);
        }
        let plain = self.select.items.iter().all(|i| !i.is_aggregate() || bases.contains(i));
        let [old] = bases.as_slice() else { return false };
        if plain || !named(old) || old == new {
            return false;
        }
        let exprs = self.select.items.iter_mut().chain(self.select.order.iter_mut().map(|s| &mut s.by));
        exprs.for_each(|expr| put_for(expr, old, new));
        true
    }

    /// Rows that are ranked or listed show the column itself.
    fn plain_measures(&mut self, items: &[Measured], instead: bool) -> Result<(), String> {
        let columns: Vec<ColumnId> = items.iter().filter_map(|m| column_of(&m.expr)).collect();
        let (Some(first), true) = (columns.first(), columns.len() == items.len()) else {
            return Err("that is a number of many rows, and the answer before is a list of single ones".to_owned());
        };
        if !instead {
            return self.outputs(&columns);
        }
        let ranked = self.select.order.first().map(|s| s.by.clone());
        let Some(by) = ranked else {
            return Err("the answer before shows no number that it could stand for".to_owned());
        };
        for item in &mut self.select.items {
            if *item == by {
                *item = Expr::Column(*first);
            }
        }
        for sort in &mut self.select.order {
            if sort.by == by {
                sort.by = Expr::Column(*first);
            }
        }
        Ok(())
    }

    /// What does not add up of itself is aggregated as what was shown before, unless it is said how.
    fn as_before(&self, measured: &Measured) -> Expr {
        let Expr::Aggregate { function: Function::Average, distinct: false, of } = &measured.expr else {
            return measured.expr.clone();
        };
        let shown = self.select.items.iter().find_map(|i| match i {
            Expr::Aggregate { function, distinct: false, .. } => Some(*function),
            _ => None,
        });
        let fits = |function: &Function| matches!(function, Function::Minimum | Function::Maximum);
        match shown.filter(fits).filter(|_| !measured.said) {
            Some(function) => Expr::Aggregate { function, distinct: false, of: of.clone() },
            None => measured.expr.clone(),
        }
    }

    fn outputs(&mut self, columns: &[ColumnId]) -> Result<(), String> {
        let new: Vec<Expr> =
            columns.iter().map(|c| Expr::Column(*c)).filter(|c| !self.select.items.contains(c)).collect();
        if new.is_empty() {
            return Err("the answer before shows that already".to_owned());
        }
        if !self.select.is_aggregated() {
            self.select.items.extend(new);
            return Ok(());
        }
        if self.select.group.is_empty() {
            return Err("a single number has no rows that it could be shown for".to_owned());
        }
        // What belongs to the key goes with it.
        let at = self.select.items.iter().position(Expr::is_aggregate).unwrap_or(self.select.items.len());
        self.select.items.splice(at..at, new.clone());
        self.select.group.extend(new);
        Ok(())
    }

    // Order and number of rows

    fn sort(&mut self, by: Option<&Measured>, descending: Option<bool>) -> Result<(), String> {
        let Some(by) = by else {
            if let Some(first) = self.select.order.first_mut() {
                first.descending = descending.unwrap_or(!first.descending);
                return Ok(());
            }
            let by = self.sortable().ok_or("it is not said what to sort by")?;
            self.select.order = vec![Sort { by, descending: descending.unwrap_or(true) }];
            return Ok(());
        };
        let by = self.sort_key(by)?;
        self.select.order = vec![Sort { by, descending: descending.unwrap_or(true) }];
        Ok(())
    }

    fn sort_key(&self, by: &Measured) -> Result<Expr, String> {
        if !self.select.is_aggregated() {
            return column_of(&by.expr)
                .map(Expr::Column)
                .ok_or_else(|| "single rows cannot be sorted by that".to_owned());
        }
        let column = column_of(&by.expr);
        let shown = self.select.items.iter().find(|i| **i == by.expr || column.is_some() && column_of(i) == column);
        let key = shown.cloned().unwrap_or_else(|| by.expr.clone());
        if key.is_aggregate() || self.select.group.contains(&key) {
            return Ok(key);
        }
        Err("the answer before does not show what to sort by".to_owned())
    }

    /// What a list is looked at by if nothing is said: its only number, else the last one.
    fn sortable(&self) -> Option<Expr> {
        let figure = |i: &&Expr| match i {
            Expr::Column(id) => self.schema.profile(*id).semantic.is_measure(),
            other => other.is_aggregate(),
        };
        self.select.items.iter().rev().find(figure).cloned()
    }

    fn top(
        &mut self,
        column: Option<ColumnId>,
        descending: Option<bool>,
        relative: bool,
        rows: Option<u64>,
    ) -> Result<(), String> {
        let at_hand = self.select.order.first().cloned();
        let by = match (column, &at_hand) {
            (Some(column), Some(sort)) if column_of(&sort.by) == Some(column) => sort.by.clone(),
            (Some(column), _) => self.ranked_by(column),
            // "which of those days was best": by the figure, not by the day.
            (None, Some(sort)) if descending.is_some() && matches!(sort.by, Expr::Time { .. }) => {
                self.sortable().ok_or("it is not said by what the best are chosen")?
            }
            (None, Some(sort)) => sort.by.clone(),
            (None, None) if descending.is_none() => {
                self.select.limit = rows;
                return Ok(());
            }
            (None, None) => self.sortable().ok_or("it is not said by what the best are chosen")?,
        };
        let descending = match (descending, &at_hand) {
            (None, Some(sort)) => sort.descending,
            // "top 5" of the cheapest are the five cheapest.
            (Some(top), Some(sort)) if relative && !sort.by.is_aggregate() && sort.by == by => sort.descending == top,
            (Some(descending), _) => descending,
            (None, None) => true,
        };
        self.select.order = vec![Sort { by, descending }];
        self.select.offset = 0;
        if rows.is_some() {
            self.select.limit = rows;
        }
        if let Some(per) = self.select.per.as_mut().filter(|_| self.select.limit.is_none() || rows.is_some()) {
            per.rows = rows.unwrap_or(per.rows);
            self.select.limit = None;
        }
        Ok(())
    }

    fn ranked_by(&self, column: ColumnId) -> Expr {
        if !self.select.is_aggregated() {
            return Expr::Column(column);
        }
        let shown = self.select.items.iter().find(|i| i.is_aggregate() && column_of(i) == Some(column));
        let function =
            if self.schema.profile(column).semantic.is_additive() { Function::Sum } else { Function::Average };
        shown.cloned().unwrap_or_else(|| Expr::aggregate(function, column))
    }

    fn all_rows(&mut self) -> Result<(), String> {
        if self.select.limit.is_none() && self.select.per.is_none() {
            return Err("all rows are shown already".to_owned());
        }
        (self.select.limit, self.select.offset, self.select.per) = (None, 0, None);
        Ok(())
    }

    // Things and their number

    /// The table whose rows are the things that the answer speaks of.
    fn entity(&self) -> Option<TableId> {
        entity(&self.select)
    }

    fn count(&mut self) -> Result<(), String> {
        let table = self.entity().ok_or("it is not clear what is to be counted")?;
        if self.select.limit.is_some() || !self.select.having.is_empty() {
            return Err("only some of the rows are shown; ask the whole question to count them".to_owned());
        }
        self.select.items = vec![match self.listed_kind() {
            Some(id) => Expr::Aggregate { function: Function::Count, distinct: true, of: Box::new(Expr::Column(id)) },
            None => Expr::CountRows(table),
        }];
        self.select.group.clear();
        self.select.order.clear();
        self.select.distinct = false;
        Ok(())
    }

    /// A list of different values is counted by value.
    fn listed_kind(&self) -> Option<ColumnId> {
        match self.select.items.as_slice() {
            [Expr::Column(id)] if self.select.distinct && !display_columns(self.schema, id.table).contains(id) => {
                Some(*id)
            }
            [Expr::Column(id), ..]
                if !self.select.group.is_empty() && !display_columns(self.schema, id.table).contains(id) =>
            {
                Some(*id)
            }
            _ => None,
        }
    }

    fn list(&mut self) -> Result<(), String> {
        let figures: Vec<&Expr> = self.select.items.iter().filter(|i| i.is_aggregate()).collect();
        let table = match figures.as_slice() {
            [Expr::CountRows(table), ..] => *table,
            [first, ..] => column_of(first).map(|c| c.table).ok_or("there are no rows behind it")?,
            [] => return Err("the answer before shows the rows themselves".to_owned()),
        };
        let counted = matches!(figures[0], Expr::CountRows(_));
        self.select.items = if counted {
            display_columns(self.schema, table).into_iter().map(Expr::Column).collect()
        } else {
            vec![Expr::AllColumns(table)]
        };
        if !self.select.having.is_empty() || self.select.limit.is_some() {
            return Err("only some groups are shown; ask the whole question for their rows".to_owned());
        }
        self.select.group.clear();
        self.select.order.clear();
        Ok(())
    }
}

/// The aggregates that a figure is computed from.
fn bases_of(expr: &Expr, into: &mut Vec<Expr>) {
    match expr {
        Expr::Aggregate { .. } | Expr::CountRows(_) | Expr::Metric(_) if !into.contains(expr) => {
            into.push(expr.clone());
        }
        Expr::Arithmetic { left, right, .. } => {
            bases_of(left, into);
            bases_of(right, into);
        }
        Expr::Filtered { of, .. } | Expr::Magnitude(of) | Expr::Share(of) | Expr::Over { of, .. } => bases_of(of, into),
        _ => {}
    }
}

/// Puts one expression in the place of another wherever it occurs.
fn put_for(expr: &mut Expr, old: &Expr, new: &Expr) {
    if expr == old {
        *expr = new.clone();
        return;
    }
    match expr {
        Expr::Arithmetic { left, right, .. } => {
            put_for(left, old, new);
            put_for(right, old, new);
        }
        Expr::Filtered { of, .. } | Expr::Magnitude(of) | Expr::Share(of) | Expr::Over { of, .. } => {
            put_for(of, old, new);
        }
        _ => {}
    }
}

/// The table whose rows are the things that a plan shows.
pub fn entity(select: &Select) -> Option<TableId> {
    let shown = select.items.iter().find_map(|item| match item {
        Expr::Column(id) => Some(id.table),
        Expr::AllColumns(table) => Some(*table),
        _ => None,
    });
    shown.or_else(|| {
        select.items.iter().find_map(|item| match item {
            Expr::CountRows(table) => Some(*table),
            other => column_of(other).map(|c| c.table),
        })
    })
}
