//! The first rows of each group, ranks, percentiles, and values set against each other.

use super::super::plan::Expr;
use super::super::tokens::TokenKind;
use super::Analytic;
use super::phrases::Phrases;
use crate::language::lexicon;
use crate::schema::ColumnId;

/// A larger number right after a superlative is no number of rows.
const MOST_ROWS: u32 = 1000;

impl Phrases<'_> {
    pub fn take_groups(&mut self) {
        self.take_percentile();
        self.take_versus();
        self.find_figures();
        self.take_rows_wanted();
        self.take_beside();
        self.take_per_group();
        self.take_rank();
    }

    /// "median price", "90th percentile of cost", "p95 of duration".
    fn take_percentile(&mut self) {
        for i in 0..self.tokens.len() {
            if self.word(i, &["median"]) {
                let end = self.skip(i + 1, &["of", "the"]);
                self.take(i..end);
                return self.push(Analytic::Percentile(50));
            }
            let folded = &self.tokens[i].folded;
            let ordinal = folded.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u8>().ok();
            let short = folded.strip_prefix('p').and_then(|p| p.parse::<u8>().ok());
            let (percent, end) = match (ordinal, short) {
                (Some(n), _) if self.word(i + 1, &["percentile", "quantile"]) => (n, i + 2),
                (None, Some(n)) if !self.is_name(i) && !self.is_value(i) => (n, i + 1),
                _ => continue,
            };
            if (1..=99).contains(&percent) && !self.is_taken(i) {
                let end = self.skip(end, &["of", "the", "for"]);
                self.take(i..end);
                return self.push(Analytic::Percentile(percent));
            }
        }
    }

    /// "frozen vs dairy": values of one column are groups.
    fn take_versus(&mut self) {
        for i in 1..self.tokens.len() {
            if !(self.word(i, &["vs", "versus", "vs.", "against"])
                || self.phrase(i, "compared to").is_some()
                || self.phrase(i, "compared with").is_some())
            {
                continue;
            }
            let end = self.phrase(i, "compared to").or_else(|| self.phrase(i, "compared with")).unwrap_or(i + 1);
            self.read_as_values(i - 1, end);
            let column = self.common_column(i - 1, end);
            if let Some(column) = column {
                self.push_key(Expr::Column(column));
            } else if !(self.is_name(i - 1) && (end..(end + 3)).any(|j| self.is_name(j))) {
                continue;
            }
            // Both sides are asked for; "versus every rival" splits by them.
            let splits = self.word(end, &["each", "every"]);
            self.replace(i..end, if splits { "by" } else { "and" });
        }
        let cue = ["compare", "comparison of", "comparison between"];
        if self.found().iter().any(|a| matches!(a, Analytic::Keys(_))) {
            self.take_first(cue);
        } else if let Some(range) = self.find(["compare"])
            && let Some(and) = (range.end..self.tokens.len()).find(|j| self.word(*j, &["and", "with", "to"]))
            && let Some(column) = self.common_column(and - 1, and + 1)
        {
            self.take(range);
            self.push_key(Expr::Column(column));
            self.replace(and..and + 1, "and");
        }
    }

    /// "highly elastic vs elastic": beside a value, a word that is a value of the same column is that value.
    fn read_as_values(&mut self, a: usize, b: usize) {
        for (value, other) in [(a, b), (b, a)] {
            let Some(TokenKind::Value(known)) = self.tokens.get(value).map(|t| t.kind.clone()) else { continue };
            let Some(token) = self.tokens.get(other).filter(|t| matches!(t.kind, TokenKind::Name(_) | TokenKind::Word))
            else {
                continue;
            };
            let mentions = &self.ground.analysis.values;
            let shared =
                |at: usize| mentions[at].hits.iter().any(|h| mentions[known].hits.iter().any(|k| k.column == h.column));
            if let Some(at) = (0..mentions.len()).find(|at| mentions[*at].words == token.words && shared(*at)) {
                self.tokens[other].kind = TokenKind::Value(at);
            }
        }
    }

    fn push_key(&mut self, key: Expr) {
        if !self.found().contains(&Analytic::Keys(vec![key.clone()])) {
            self.push(Analytic::Keys(vec![key]));
        }
    }

    /// The column of which both tokens are values.
    fn common_column(&self, a: usize, b: usize) -> Option<ColumnId> {
        let hits = |i: usize| match self.tokens.get(i)?.kind {
            TokenKind::Value(value) if !self.is_taken(i) => Some(&self.ground.analysis.values[value].hits),
            _ => None,
        };
        let (left, right) = (hits(a)?, hits(b)?);
        left.iter().map(|h| h.column).find(|c| right.iter().any(|h| h.column == *c))
    }

    /// "top 3 products in each category", "best seller per store", "the cheapest room of every hotel".
    fn take_per_group(&mut self) {
        // "which brand led revenue": had the most of it.
        let leads = |i: &usize| self.word(*i, &["led", "leads", "topped"]) && self.finder.is_measure(i + 1);
        if let Some(led) = (0..self.tokens.len()).find(leads) {
            self.replace(led..led + 1, "most");
        }
        let Some(cue) = (0..self.tokens.len()).find(|i| self.is_ranking(*i)) else { return };
        for i in 0..self.tokens.len() {
            let phrase = [
                "for each",
                "in each",
                "of each",
                "within each",
                "at each",
                "from each",
                "for every",
                "in every",
                "of every",
                "within every",
                "by each",
                "per",
            ]
            .iter()
            .find_map(|p| self.phrase(i, p));
            let bare = self.word(i, &["each", "every"]).then_some(i + 1);
            let Some(mut at) = phrase.or(bare) else { continue };
            at = self.skip(at, &["the", "different", "single", "individual"]);
            // "which brand had the most revenue in each month"
            if let Some(grain) = self.grain(at).filter(|_| self.ranks_things(cue, at)) {
                self.take(i..at + 1);
                return self.push(Analytic::PerPeriod(grain));
            }
            // "each pet food product": the value before the name is a condition.
            let start = i;
            let value = (self.is_value(at) && self.is_name(at + 1)).then_some(at);
            let key = value.map_or(at, |v| v + 1);
            if self.is_value(at) && value.is_none() {
                if let Some(keys) = self.things_of(at) {
                    self.take(start..at);
                    self.push(Analytic::PerGroup(keys));
                    return;
                }
                continue;
            }
            if !self.finder.is_key(key) || self.is_taken(key) || !self.ranks_things(cue, key) {
                continue;
            }
            let keys = self.finder.key(key);
            if keys.is_empty() {
                continue;
            }
            self.take(start..at);
            self.take(key..key + 1);
            if self.word(key + 1, &[","]) {
                self.take(key + 1..key + 2);
            }
            self.push(Analytic::PerGroup(keys));
            return;
        }
    }

    /// "the cheapest three products": a number right after a superlative says how many are wanted.
    fn take_rows_wanted(&mut self) {
        for i in 0..self.tokens.len() {
            let most = lexicon().adjectives.iter().flat_map(|a| &a.most).find_map(|most| self.phrase(i, most));
            let Some(at) = most else { continue };
            let Some(rows) = self.count(at).filter(|n| *n > 1 && *n <= MOST_ROWS) else { continue };
            if self.is_name(at + 1) && !self.finder.is_measure(at + 1) || self.is_value(at + 1) {
                self.take(at..at + 1);
                self.push(Analytic::Rows(u64::from(rows)));
                return;
            }
        }
    }

    /// "units sold and average margin by brand": two figures, neither of which may be left out.
    fn find_figures(&mut self) {
        let figure = |i: usize| self.is_name(i) && self.finder.is_measure(i) && !self.finder.is_table(i);
        let two = (0..self.tokens.len()).any(|i| {
            let and = self.word(i + 1, &["and", "&", "plus"]);
            let next = self.skip(i + 2, &["the", "average", "avg", "mean", "total"]);
            and && figure(i) && figure(next) && self.finder.measured_column(i) != self.finder.measured_column(next)
        });
        let keyed = (0..self.tokens.len()).any(|i| self.word(i, &["by", "per", "each", "every", "for", "of"]));
        // "number of changes and the average change"
        let counted = (0..self.tokens.len()).any(|i| {
            // Of "no. of" the full stop was taken.
            let of = (i + 1..i + 3).find(|j| !self.is_taken(*j));
            let Some(of) = of.filter(|of| self.word(i, &["number", "count"]) && self.word(*of, &["of"])) else {
                return false;
            };
            let at = of + 1;
            let next = self.skip(at + 2, &["the", "average", "avg", "mean", "total"]);
            // The sign of "% change" was taken.
            let next = (next..next + 2).find(|j| !self.is_taken(*j)).unwrap_or(next);
            self.is_name(at) && self.word(at + 1, &["and", "&", "plus"]) && next > at + 2 && figure(next)
        });
        if (two || counted) && keyed {
            self.push(Analytic::Figures);
        }
    }

    /// "top 10 products by revenue with their margin": another figure beside the one that ranks.
    fn take_beside(&mut self) {
        const WITH: [&str; 7] = [
            "along with their",
            "together with their",
            "with their",
            "and their",
            "plus their",
            "including their",
            "with its",
        ];
        let Some(range) = self.find(WITH) else { return };
        let ranked = (0..range.start).any(|i| self.is_ranking(i));
        let at = self.skip(range.end, &["total", "average", "overall", "current"]);
        let last = at + 1 == self.tokens.len() || self.word(at + 1, &["?", ".", "and", ",", "in"]);
        if !ranked || !self.is_name(at) || !last || self.is_value(at) {
            return;
        }
        let Some((figure, end)) = self.finder.measure(range.end) else { return };
        self.take(range.start..end);
        self.push(Analytic::Also(figure));
    }

    /// A word that puts rows in order and keeps the first.
    fn is_ranking(&self, i: usize) -> bool {
        const WORDS: [&str; 24] = [
            "top", "bottom", "best", "worst", "highest", "lowest", "most", "least", "latest", "newest", "earliest",
            "oldest", "biggest", "largest", "smallest", "first", "last", "fewest", "longest", "shortest", "greatest",
            "youngest", "recent", "heaviest",
        ];
        // "..., highest margin first" puts all rows in order.
        let tail = (i + 1..i + 4).any(|j| self.word(j, &["first"]) && j + 1 >= self.tokens.len());
        !tail && self.word(i, &WORDS)
            || lexicon().adjectives.iter().flat_map(|a| &a.most).any(|most| self.phrase(i, most).is_some())
    }

    /// Something other than the key is ranked: things with a name, or rows of a table.
    fn ranks_things(&self, cue: usize, key: usize) -> bool {
        let seller = self.tokens[cue].folded.contains("sell")
            || (cue..cue + 3).any(|i| self.word(i, &["seller", "sellers", "selling"]));
        let thing = |i: usize| {
            i != key
                && self.is_name(i)
                && !self.finder.is_measure(i)
                && self.finder.is_key(i)
                && !(i > 0 && self.word(i - 1, &["by"]))
        };
        let row = |i: usize| i != key && self.is_name(i) && self.finder.is_table(i);
        seller || (0..self.tokens.len()).any(|i| thing(i) || row(i))
    }

    /// The things that a value is a kind of ("each soft drink"): the named rows of its table.
    fn things_of(&self, i: usize) -> Option<Vec<Expr>> {
        let TokenKind::Value(value) = self.tokens[i].kind else { return None };
        let column = self.ground.analysis.values[value].hits.first()?.column;
        let display = self.ground.names.display(column.table);
        (!display.contains(&column)).then(|| display.iter().copied().map(Expr::Column).collect())
    }

    /// "rank the stores by revenue", "ranking of clients by freight".
    fn take_rank(&mut self) {
        let Some(range) = self.find(["rank of", "ranking of", "rank", "ranking"]) else { return };
        let by = (range.end..self.tokens.len()).find(|i| self.word(*i, &["by", "on"]));
        let Some(by) = by.filter(|by| (by + 1..by + 4).any(|i| self.is_name(i) && self.finder.is_measure(i))) else {
            return;
        };
        let things = (range.end..by).find(|i| self.is_name(*i) && self.finder.is_key(*i));
        let Some(things) = things else { return };
        let keys = self.finder.key(things);
        self.take(range.start..things + 1);
        self.take(by..by + 1);
        self.push(Analytic::Keys(keys));
        self.push(Analytic::Rank);
    }
}
