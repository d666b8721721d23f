//! Questions asked in this session, walked with ↑ and ↓. The draft being written comes back at the end of the walk.

/// Questions, oldest first, and where the walk stands.
#[derive(Clone, Debug, Default)]
pub struct History {
    entries: Vec<String>,
    /// Position in `entries`, with the draft that was left for it.
    walk: Option<(usize, String)>,
}

impl History {
    /// Adds a question unless it repeats the last or starts with a blank, and ends the walk.
    pub fn push(&mut self, text: &str) {
        self.walk = None;
        if !text.starts_with(' ') && self.entries.last().is_none_or(|last| last != text) {
            self.entries.push(text.to_owned());
        }
    }

    /// The question before the one shown; `draft` is what the box holds now.
    pub fn older(&mut self, draft: &str) -> Option<String> {
        let (at, draft) = match &self.walk {
            Some((at, kept)) => (at.checked_sub(1)?, kept.clone()),
            None => (self.entries.len().checked_sub(1)?, draft.to_owned()),
        };
        self.walk = Some((at, draft));
        self.entries.get(at).cloned()
    }

    /// The question after the one shown, or at the end the draft.
    pub fn newer(&mut self) -> Option<String> {
        let (at, draft) = self.walk.take()?;
        match self.entries.get(at + 1) {
            Some(entry) => {
                self.walk = Some((at + 1, draft));
                Some(entry.clone())
            }
            None => Some(draft),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_back_and_returns_to_the_draft() {
        let mut history = History::default();
        for question in ["one", "two", "two", " secret"] {
            history.push(question);
        }
        assert_eq!(history.older("draft").as_deref(), Some("two"));
        assert_eq!(history.older("two").as_deref(), Some("one"));
        assert_eq!(history.older("one"), None);
        assert_eq!(history.newer().as_deref(), Some("two"));
        assert_eq!(history.newer().as_deref(), Some("draft"));
        assert_eq!(history.newer(), None);
    }
}
