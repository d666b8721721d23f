//! Numbers as people write them: `1,200.5`, `1.200,50`, `14,50`, `5k`, `2 million`.

use super::words::{Word, WordKind};

/// Letters that stand right after a number and multiply it.
const SUFFIXES: [(&str, f64); 9] = [
    ("k", 1e3),
    ("thousand", 1e3),
    ("M", 1e6),
    ("mio", 1e6),
    ("mln", 1e6),
    ("mn", 1e6),
    ("million", 1e6),
    ("bn", 1e9),
    ("billion", 1e9),
];

/// Words that multiply the number before them.
const MULTIPLIERS: [(&str, f64); 13] = [
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("k", 1e3),
    ("grand", 1e3),
    ("million", 1e6),
    ("millions", 1e6),
    ("mio", 1e6),
    ("mln", 1e6),
    ("mill", 1e6),
    ("mn", 1e6),
    ("billion", 1e9),
    ("bn", 1e9),
    ("mrd", 1e9),
];

/// Bytes and value of the number that `rest` begins with; not `3rd`, `12oz` or `1.2.3`.
pub fn number_at(rest: &str) -> Option<(usize, f64)> {
    let length = figures(rest)?;
    let value = value(&rest[..length])?;
    let letters = rest[length..].find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len() - length);
    if letters == 0 {
        return Some((length, value));
    }
    let suffix = &rest[length..length + letters];
    let times = SUFFIXES.iter().find(|(known, _)| {
        // `m` is a metre or a minute too; only the capital is a million.
        if *known == "M" { suffix == "M" } else { suffix.eq_ignore_ascii_case(known) }
    })?;
    Some((length + letters, value * times.1))
}

/// Bytes of digits with signs between them.
fn figures(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    if !digit(0) {
        return None;
    }
    let mut length = 0;
    while digit(length) || (matches!(bytes.get(length), Some(b'.' | b',')) && digit(length + 1)) {
        // A comma before one or two last digits parts decimals, before three thousands; else it parts two numbers.
        if bytes[length] == b',' {
            let after = (length + 1..bytes.len()).take_while(|i| digit(*i)).count();
            let last = !matches!(bytes.get(length + 1 + after), Some(b',' | b'.')) || !digit(length + after + 2);
            if !(after == 3 || after <= 2 && last && !rest[..length].contains(',')) {
                break;
            }
        }
        length += 1;
    }
    Some(length)
}

/// The number that is written so; `None` if nobody writes numbers so.
fn value(text: &str) -> Option<f64> {
    let plain = match (text.rfind(','), text.rfind('.')) {
        // Whichever sign comes last parts the decimals.
        (Some(comma), Some(dot)) if comma > dot => text.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => text.replace(',', ""),
        (Some(comma), None) if text.len() - comma == 4 => text.replace(',', ""),
        (Some(_), None) => text.replace(',', "."),
        (None, Some(dot)) if is_grouped(text, dot) => text.replace('.', ""),
        (None, _) => text.to_owned(),
    };
    plain.parse().ok()
}

/// `1.250.000` and `15.000` have points between thousands: a decimal would not end in a nought.
fn is_grouped(text: &str, last: usize) -> bool {
    let groups: Vec<&str> = text.split('.').collect();
    let thousands = groups[1..].iter().all(|g| g.len() == 3) && (1..=3).contains(&groups[0].len());
    thousands && !groups[0].starts_with('0') && (groups.len() > 2 || text[last..].ends_with('0'))
}

/// "2 million" becomes one number.
pub fn multiply(words: &mut Vec<Word>, text: &str) {
    let mut i = 0;
    while i + 1 < words.len() {
        let times = MULTIPLIERS.iter().find(|(word, _)| words[i + 1].is(word));
        if let (Some(number), Some((_, times))) = (words[i].number(), times) {
            let multiplier = words.remove(i + 1);
            let word = &mut words[i];
            word.span.end = multiplier.span.end;
            text[word.span.clone()].clone_into(&mut word.text);
            word.folded = word.text.to_lowercase();
            word.lemma.clone_from(&word.folded);
            word.kind = WordKind::Number(number * times);
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written_here_and_elsewhere() {
        for (text, length, expected) in [
            ("1,200.5 x", 7, 1200.5),
            ("1.200,50", 8, 1200.5),
            ("14,50?", 5, 14.5),
            ("20,5 miles", 4, 20.5),
            ("15.000 people", 6, 15_000.0),
            ("1.250.000", 9, 1_250_000.0),
            ("1,250,000", 9, 1_250_000.0),
            ("5.25", 4, 5.25),
            ("1.125", 5, 1.125),
            ("0.500", 5, 0.5),
            ("2019, 2020", 4, 2019.0),
            ("5k", 2, 5000.0),
            ("1.2k,", 4, 1200.0),
            ("2M ", 2, 2e6),
            ("3mio", 4, 3e6),
            ("100,", 3, 100.0),
        ] {
            let (found, value) = number_at(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found, length, "{text}");
            assert!((value - expected).abs() < 1e-9, "{text}: {value}");
        }
        for text in ["3rd", "12oz", "x1", "2m", "1.2.3"] {
            assert_eq!(number_at(text), None, "{text}");
        }
    }
}
