//! Colours that people with any colour vision tell apart (Okabe and Ito, 2008), and the marks that go with them.

/// One series colour in the depths that terminals have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    pub rgb: (u8, u8, u8),
    /// Nearest of the 256 colours.
    pub ansi256: u8,
    /// Foreground code of the 16 colours.
    pub ansi16: u8,
}

const fn colour(rgb: (u8, u8, u8), ansi256: u8, ansi16: u8) -> Colour {
    Colour { rgb, ansi256, ansi16 }
}

/// Blue, vermillion, bluish green, orange, sky blue, reddish purple, yellow: neighbours differ in lightness.
const SERIES: [Colour; 7] = [
    colour((0, 114, 178), 25, 34),
    colour((213, 94, 0), 166, 31),
    colour((0, 158, 115), 36, 32),
    colour((230, 159, 0), 178, 33),
    colour((86, 180, 233), 74, 36),
    colour((204, 121, 167), 175, 35),
    colour((240, 228, 66), 227, 93),
];

/// The colour of a series; after the last it starts again.
pub fn series(index: usize) -> Colour {
    SERIES[index % SERIES.len()]
}

/// Marks that tell series apart without colour.
pub fn marker(index: usize, ascii: bool) -> char {
    let markers = if ascii { ['*', 'o', '+', 'x', '#', '@'] } else { ['●', '▲', '■', '◆', '×', '+'] };
    markers[index % markers.len()]
}

/// Fills that tell bars apart without colour.
pub fn fill(index: usize, ascii: bool) -> char {
    let fills = if ascii { ['#', '=', ':', '.'] } else { ['█', '▓', '▒', '░'] };
    fills[index % fills.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_series_differ_and_the_eighth_starts_again() {
        for a in 0..7 {
            for b in 0..a {
                assert_ne!(series(a), series(b));
                assert_ne!(series(a).ansi16, series(b).ansi16);
            }
        }
        assert_eq!(series(7), series(0));
    }
}
