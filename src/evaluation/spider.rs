//! What the open Spider scorer calls the same, for those who fit to it.

pub use super::matching::same_spider as same;
pub use super::statement::{has_top_level_order, without_distinct};
