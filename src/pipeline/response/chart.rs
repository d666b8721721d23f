//! Which chart the shape of a result asks for. Drawing is `crate::chart`'s.

/// Kinds of chart. `Bars` are horizontal, in result order, from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// One row of up to three numbers, written large.
    BigNumbers,
    Line,
    Bars,
    GroupedBars,
    /// One bar of parts that make a whole (drawn as a pie in pictures if asked).
    Proportion,
    Scatter,
    Histogram,
    Heatmap,
}

impl ChartKind {
    pub const ALL: [Self; 8] = [
        Self::BigNumbers,
        Self::Line,
        Self::Bars,
        Self::GroupedBars,
        Self::Proportion,
        Self::Scatter,
        Self::Histogram,
        Self::Heatmap,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::BigNumbers => "big_numbers",
            Self::Line => "line",
            Self::Bars => "bar",
            Self::GroupedBars => "grouped_bar",
            Self::Proportion => "pie",
            Self::Scatter => "scatter",
            Self::Histogram => "histogram",
            Self::Heatmap => "heatmap",
        }
    }
}

/// What to draw, by positions of the result's columns. Numbers stay in the result.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartSpec {
    pub kind: ChartKind,
    pub title: String,
    /// Dates, categories, or the first number of a scatter. `None` for big numbers and histograms.
    pub x: Option<usize>,
    /// Measures; one for most kinds, more for grouped bars, several lines and big numbers.
    pub y: Vec<usize>,
    /// The column that splits rows into series, or the second category of a heatmap.
    pub series: Option<usize>,
    /// Why this kind.
    pub reason: String,
}
