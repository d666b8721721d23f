//! The mix: queries and commands from the grammar, and the cases of `tests/cases/sql` and both of these, mutated.

use t2s::schema::Schema;

use super::commands::Commands;
use super::mutation::{Mutation, cases};
use super::queries::{Names, Queries};
use super::random::Random;

/// An endless series of statements over one schema.
pub struct Statements {
    seed: u64,
    names: Names,
    accepted: Vec<String>,
    refused: Vec<String>,
    bombs: Vec<String>,
}

impl Statements {
    pub fn new(seed: u64, schema: &Schema) -> Self {
        let [accepted, refused, bombs] = [
            include_str!("../cases/sql/accepted.jsonl"),
            include_str!("../cases/sql/refused.jsonl"),
            include_str!("../cases/sql/bombs.jsonl"),
        ]
        .map(cases);
        Self { seed, names: Names::of(schema), accepted, refused, bombs }
    }

    /// The statement with this number.
    pub fn at(&self, ordinal: u64) -> String {
        let mut random = Random::new(self.seed, ordinal);
        let random = &mut random;
        match random.below(1_000) {
            0..300 => self.query(random),
            300..460 => self.command(random),
            460..660 => self.mutated(random, Self::query),
            660..720 => self.mutated(random, Self::command),
            720..890 => self.mutated(random, |from, random| one_of(&from.accepted, random)),
            890..997 => self.mutated(random, |from, random| one_of(&from.refused, random)),
            // Most of these run until they are stopped, so few will do.
            _ => self.mutated(random, |from, random| one_of(&from.bombs, random)),
        }
    }

    fn query(&self, random: &mut Random) -> String {
        Queries::new(&self.names, random).statement()
    }

    fn command(&self, random: &mut Random) -> String {
        Commands::new(&self.names, random).statement()
    }

    fn mutated(&self, random: &mut Random, of: impl Fn(&Self, &mut Random) -> String) -> String {
        let first = of(self, random);
        let other = match random.below(4) {
            0 => self.query(random),
            1 => self.command(random),
            2 => one_of(&self.accepted, random),
            _ => one_of(&self.refused, random),
        };
        let mut mutation = Mutation::new(&first, &other, &self.names, random);
        mutation.apply();
        while mutation.random.percent(35) || mutation.text() == first {
            mutation.apply();
        }
        mutation.text()
    }
}

fn one_of(texts: &[String], random: &mut Random) -> String {
    texts[random.below(texts.len())].clone()
}
