//! Durations as people write them: `2s`, `500ms`, `1m 30s`; a plain number is seconds.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serializer, de};

/// Reads a duration. The error says how one is written.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let signed = match text.parse::<f64>() {
        Ok(seconds) => SignedDuration::try_from_secs_f64(seconds).ok(),
        Err(_) => text.parse::<SignedDuration>().ok(),
    };
    signed
        .and_then(|d| Duration::try_from(d).ok())
        .filter(|d| !d.is_zero())
        .ok_or_else(|| format!("{text:?} is no duration; write it like 500ms, 2s or 1m"))
}

/// The shortest of these forms that loses nothing.
fn write(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        m if m % 60_000 == 0 => format!("{}m", m / 60_000),
        m if m % 1_000 == 0 => format!("{}s", m / 1_000),
        m => format!("{m}ms"),
    }
}

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&write(*duration))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse_duration(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units_and_plain_seconds() {
        let cases = [("500ms", 500), ("2s", 2_000), ("1m", 60_000), ("1m 30s", 90_000), ("5", 5_000), ("0.25", 250)];
        for (text, millis) in cases {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_positive_duration() {
        for text in ["", "0", "0s", "-1s", "soon", "nan", "1e300"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn writes_the_form_it_reads() {
        for millis in [1, 1_500, 2_000, 60_000, 90_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(&write(duration)), Ok(duration));
        }
    }
}
