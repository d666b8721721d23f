//! What is said around a question and asks for nothing: "quick one:", "can you tell me", "I need it for the board".

use super::super::tokens::TokenKind;
use super::Analytic;
use super::phrases::Phrases;

/// How a sentence begins that only says why, or what the speaker thinks.
const ASIDES: [&str; 24] = [
    "i think",
    "i guess",
    "i believe",
    "i need",
    "i want it",
    "i m",
    "i am",
    "i have to",
    "i ll",
    "i just need",
    "we need it",
    "we need this",
    "need it",
    "need this",
    "just the",
    "no need",
    "thanks",
    "thank you",
    "thx",
    "cheers",
    "please",
    "asking for",
    "it s for",
    "this is for",
];
const COURTESIES: [&str; 17] = [
    "could you please tell me",
    "can you please tell me",
    "could you tell me",
    "can you tell me",
    "do you know",
    "i would like to know",
    "i d like to know",
    "i want to know",
    "i d like to see",
    "i would like to see",
    "i was wondering",
    "i wonder",
    "could you show me",
    "can you show me",
    "let me know",
    "remind me",
    "any idea",
];

impl Phrases<'_> {
    pub fn take_asides(&mut self) {
        self.take_lead_in();
        self.take_courtesy();
        self.take_ever();
        for i in 1..self.tokens.len() {
            let each = ["a unit", "per unit", "a piece", "per piece", "apiece"].iter().find_map(|p| self.phrase(i, p));
            if let Some(end) = each.filter(|_| self.tokens[i - 1].number().is_some()) {
                self.take(i..end);
            }
        }
        for phrase in ["no . of", "no. of", "no of", "nr . of", "nr of", "nbr of", "# of", "num of"] {
            if let Some(range) = self.find([phrase]) {
                self.replace(range.start..range.end - 1, "number");
            }
        }
        for phrase in ["number one", "number 1", "no. 1", "no 1", "# 1"] {
            if let Some(range) = self.find([phrase]).filter(|range| self.is_name(range.end) || self.is_value(range.end))
            {
                self.replace(range, "top");
                self.push(Analytic::Rows(1));
            }
        }
        self.take_last_sentences();
    }

    /// "Quick one: how many ...": words before a colon that name nothing.
    fn take_lead_in(&mut self) {
        let Some(colon) = (0..self.tokens.len().min(6)).find(|i| self.word(*i, &[":"])) else { return };
        let asks = (0..colon).any(|i| self.word(i, &["by", "per", "for", "in", "each", "top", "total", "average"]));
        let plain = (0..colon).all(|i| matches!(self.tokens[i].kind, TokenKind::Word | TokenKind::Number(_)));
        if plain && !asks && colon + 1 < self.tokens.len() {
            self.take(0..colon + 1);
        }
    }

    /// "the best margin ever reached": that it happened at some time says nothing.
    fn take_ever(&mut self) {
        const EVER: [&str; 10] = [
            "ever reached",
            "ever seen",
            "ever recorded",
            "ever achieved",
            "ever observed",
            "ever measured",
            "we ever had",
            "we have ever had",
            "of all time",
            "on record",
        ];
        self.take_first(EVER);
    }

    /// "could you tell me how much ...", if a question of its own follows.
    fn take_courtesy(&mut self) {
        let start = (0..self.tokens.len()).find(|i| !self.is_taken(*i)).unwrap_or(0);
        let Some(end) = COURTESIES.iter().find_map(|p| self.phrase(start, p)) else { return };
        if end < self.tokens.len() {
            self.take(start..end);
        }
    }

    /// "... ? I think there are two of them": sentences after the first that begin as asides do.
    fn take_last_sentences(&mut self) {
        let ends = |i: &usize| self.word(*i, &["?", ".", "!", ";", "-"]);
        let stops: Vec<usize> = (1..self.tokens.len()).filter(ends).collect();
        for (n, stop) in stops.iter().enumerate() {
            let from = stop + 1;
            let to = stops.get(n + 1).copied().unwrap_or(self.tokens.len());
            let asks = (from..to).any(|i| {
                self.word(i, &["only", "by", "per", "each", "sorted", "top", "split", "not", "without", "except"])
                    || matches!(self.tokens[i].kind, TokenKind::Value(_) | TokenKind::Time(_))
            });
            let aside = ASIDES.iter().any(|p| self.phrase(from, p).is_some());
            if from < to && aside && !asks {
                self.take(from..to);
            }
        }
    }
}
