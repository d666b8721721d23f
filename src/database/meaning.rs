//! What a column means, going by its name, its type and its figures.

use crate::language::identifier_words;
use crate::schema::{Column, ColumnProfile, SemanticType, Table, Value};

/// What a column means, by its name first, then its declared type, then its data.
pub(super) fn semantic_type(
    table: &Table,
    column: &Column,
    profile: &ColumnProfile,
    is_key: bool,
    is_reference: bool,
) -> SemanticType {
    use SemanticType as S;
    let words = identifier_words(&column.name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let last = words.last().map_or("", String::as_str);
    let declared = column.declared_type.to_ascii_uppercase();
    let numeric = profile.numeric || (profile.rows == profile.nulls && is_number_type(&declared));
    if declared.contains("BLOB") && !numeric && profile.distinct == 0 {
        return S::Blob;
    }
    if is_reference
        || (is_key && !has(&["name", "title", "year", "date"]))
        || matches!(last, "id" | "key" | "guid" | "uuid")
    {
        return S::Id;
    }
    if !numeric && (profile.iso_dates || declared.contains("DATE") || declared.contains("TIMESTAMP")) {
        let timed =
            declared.contains("TIME") || profile.max.as_ref().and_then(Value::as_text).is_some_and(|t| t.len() > 10);
        return if timed && !midnight_only(profile) { S::DateTime } else { S::Date };
    }
    if has(&["year"]) && plausible_year(profile)
        || (numeric
            && profile.distinct > 1
            && has(&["opened", "founded", "built", "season"])
            && plausible_year(profile))
    {
        return S::Year;
    }
    if last == "month" {
        return S::Month;
    }
    if has(&[
        "upc", "ean", "gtin", "sku", "barcode", "zip", "postal", "postcode", "isbn", "ssn", "iban", "phone", "fax",
    ]) || (last == "code" && profile.distinct * 2 > profile.rows)
    {
        return S::Code;
    }
    if has(&["url", "website", "link", "homepage"]) {
        return S::Url;
    }
    if profile.distinct == 2 && is_flag(profile, &words) {
        return S::Flag;
    }
    if numeric {
        return numeric_type(&words, profile);
    }
    if has(&["city", "country", "state", "province", "region", "county", "continent"]) {
        return S::Geo;
    }
    if matches!(last, "name" | "title") || words == identifier_words(&table.name) {
        return S::Name;
    }
    if profile.mean_length > 60.0 {
        return S::FreeText;
    }
    if profile.distinct > 0 && (profile.distinct <= 30 || profile.distinct * 5 <= profile.rows) {
        return S::Category;
    }
    if profile.unique && profile.mean_length <= 40.0 { S::Name } else { S::Unknown }
}

fn numeric_type(words: &[String], profile: &ColumnProfile) -> SemanticType {
    use SemanticType as S;
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    if has(&["percent", "percentage", "pct"]) {
        return S::Percent;
    }
    if has(&[
        "ratio",
        "index",
        "cpi",
        "idx",
        "share",
        "elasticity",
        "sensitivity",
        "probability",
        "confidence",
        "correlation",
        "coefficient",
        "certainty",
        "factor",
        "rate",
    ]) && !has(&["count", "number", "amount"])
    {
        return S::Ratio;
    }
    let unit_price =
        has(&["price", "cost", "fee", "rate", "msrp", "gap"]) && !has(&["total", "amount", "line", "revenue", "goods"]);
    if unit_price {
        return S::UnitPrice;
    }
    if has(&[
        "revenue", "sale", "turnover", "amount", "total", "margin", "profit", "budget", "balance", "payment", "income",
        "money", "value", "billion", "million", "spend", "dollar", "euro", "freight", "discount",
    ]) && !has(&["elasticity"])
    {
        return S::Money;
    }
    if has(&[
        "salary",
        "wage",
        "age",
        "height",
        "weight",
        "length",
        "width",
        "rating",
        "score",
        "rank",
        "ranking",
        "grade",
        "gpa",
        "latitude",
        "longitude",
        "temperature",
        "level",
        "speed",
        "duration",
        "size",
        "point",
        "distance",
        "humidity",
        "pressure",
        "elevation",
    ]) {
        return S::Score;
    }
    if has(&["number"]) && profile.unique {
        return S::Code;
    }
    S::Quantity
}

fn is_number_type(declared: &str) -> bool {
    ["INT", "REAL", "NUM", "DEC", "FLOA", "DOUB"].iter().any(|t| declared.contains(t))
}

fn plausible_year(profile: &ColumnProfile) -> bool {
    let year = |v: &Option<Value>| match v {
        Some(Value::Text(t)) => t.len() == 4 && t.parse::<u32>().is_ok_and(|y| (1000..=2200).contains(&y)),
        Some(v) => v.as_f64().is_some_and(|y| (1000.0..=2200.0).contains(&y)),
        None => false,
    };
    year(&profile.min) && year(&profile.max)
}

fn is_flag(profile: &ColumnProfile, words: &[String]) -> bool {
    let ends = [&profile.min, &profile.max].map(|v| match v {
        Some(Value::Text(t)) => t.to_ascii_lowercase(),
        Some(Value::Integer(n)) => n.to_string(),
        Some(Value::Real(x)) => x.to_string(),
        _ => String::new(),
    });
    let pair = (ends[0].as_str(), ends[1].as_str());
    matches!(pair, ("0", "1") | ("n", "y") | ("no", "yes") | ("f", "t") | ("false", "true"))
        && !words.iter().any(|w| w == "number")
}

/// Dates stored with an empty time are dates.
fn midnight_only(profile: &ColumnProfile) -> bool {
    [&profile.min, &profile.max].iter().all(|v| {
        v.as_ref()
            .and_then(Value::as_text)
            .is_some_and(|t| t.len() == 10 || t.ends_with("00:00:00") || t.ends_with("00:00"))
    })
}
