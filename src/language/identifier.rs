//! The words inside an identifier: `UnitPrice`, `unit_price` and `unitprice` all say "unit price".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lemma::{fold, lemma};

/// Parts of names that are run together often enough to be worth cutting off (`storename`, `custid`).
const ENDINGS: &[&str] = &["name", "code", "date", "number", "type", "price", "count", "year", "status", "id", "no"];

/// Abbreviations of names, with the words they stand for.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("qty", "quantity"),
    ("amt", "amount"),
    ("desc", "description"),
    ("descr", "description"),
    ("num", "number"),
    ("no", "number"),
    ("nbr", "number"),
    ("nr", "number"),
    ("avg", "average"),
    ("pct", "percent"),
    ("perc", "percent"),
    ("percentage", "percent"),
    ("dept", "department"),
    ("depto", "department"),
    ("addr", "address"),
    ("dob", "date birth"),
    ("cust", "customer"),
    ("emp", "employee"),
    ("prod", "product"),
    ("prof", "professor"),
    ("stu", "student"),
    ("cat", "category"),
    ("tel", "phone"),
    ("telephone", "phone"),
    ("yr", "year"),
    ("mgr", "manager"),
    ("org", "organization"),
    ("acc", "account"),
    ("acct", "account"),
    ("fname", "first name"),
    ("lname", "last name"),
    ("firstname", "first name"),
    ("lastname", "last name"),
    ("forename", "first name"),
    ("surname", "last name"),
    ("pid", "id"),
    ("uom", "unit measure"),
    ("inv", "invoice"),
    ("txn", "transaction"),
    ("trx", "transaction"),
    ("curr", "current"),
    ("prev", "previous"),
    ("comp", "competitor"),
    ("promo", "promotion"),
    ("temp", "temperature"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("lat", "latitude"),
    ("lng", "longitude"),
    ("bldg", "building"),
    ("univ", "university"),
    ("fac", "faculty"),
    ("elast", "elasticity"),
    ("subdept", "subdepartment"),
    ("nm", "name"),
    ("dt", "date"),
    ("cty", "city"),
    ("cntry", "country"),
    ("ctry", "country"),
    ("sgmt", "segment"),
    ("rgn", "region"),
    ("prd", "product"),
    ("lst", "list"),
    ("prc", "price"),
    ("wt", "weight"),
    ("flg", "flag"),
    ("ord", "order"),
    ("hdr", "header"),
    ("shp", "ship"),
    ("sts", "status"),
    ("stat", "status"),
    ("cncl", "cancel"),
    ("rsn", "reason"),
    ("whs", "warehouse"),
    ("whse", "warehouse"),
    ("stk", "stock"),
    ("lim", "limit"),
    ("itm", "item"),
    ("mst", "master"),
    ("mstr", "master"),
    ("cst", "cost"),
    ("bal", "balance"),
    ("pmt", "payment"),
    ("pymt", "payment"),
    ("rcv", "received"),
    ("vnd", "vendor"),
    ("vndr", "vendor"),
    ("supp", "supplier"),
    ("splr", "supplier"),
    ("mfr", "manufacturer"),
    ("mfg", "manufacturer"),
    ("loc", "location"),
    ("usr", "user"),
    ("grp", "group"),
    ("lvl", "level"),
    ("ttl", "total"),
    ("tot", "total"),
    ("cnt", "count"),
    ("len", "length"),
    ("ht", "height"),
    ("sz", "size"),
    ("clr", "color"),
    ("typ", "type"),
    ("upd", "updated"),
    ("strt", "start"),
    ("trans", "transaction"),
    ("svc", "service"),
    ("prj", "project"),
    ("proj", "project"),
    ("sal", "salary"),
    ("mth", "month"),
    ("wk", "week"),
    ("qtr", "quarter"),
    ("clnt", "client"),
    ("mbr", "member"),
    ("appt", "appointment"),
    ("sls", "sale"),
    ("mrgn", "margin"),
    ("bud", "budget"),
    ("fcst", "forecast"),
    ("dlv", "delivery"),
    ("dlvry", "delivery"),
    ("invc", "invoice"),
    ("phn", "phone"),
    ("pstl", "postal"),
    ("ctg", "category"),
    ("catg", "category"),
    ("brnd", "brand"),
];

/// Abbreviations that are words or other abbreviations where they stand alone.
const PARTS: &[(&str, &str)] =
    &[("cd", "code"), ("ln", "line"), ("oh", "on hand"), ("cr", "credit"), ("rt", "rate"), ("dsc", "description")];

/// Lemmas of the words in an identifier, abbreviations written out.
pub fn identifier_words(name: &str) -> Vec<String> {
    words(name, lemma)
}

/// An identifier in words as somebody says them ("units sold"), abbreviations written out.
pub fn spoken_name(name: &str) -> String {
    words(name, str::to_owned).join(" ")
}

fn words(name: &str, form: fn(&str) -> String) -> Vec<String> {
    let mut words = Vec::new();
    // `LName` and `FName` are abbreviations only as a whole.
    if let Some(long) = written_out(&fold(name)) {
        return long.split(' ').map(str::to_owned).collect();
    }
    let parts = split(name);
    for part in &parts {
        match PARTS.iter().find(|(short, _)| parts.len() > 1 && short == part) {
            Some((_, long)) => words.extend(long.split(' ').map(str::to_owned)),
            None => expand(part, form, &mut words),
        }
    }
    words
}

fn written_out(word: &str) -> Option<&'static str> {
    static LONG: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| ABBREVIATIONS.iter().copied().collect());
    LONG.get(word).copied()
}

fn expand(part: &str, form: fn(&str) -> String, words: &mut Vec<String>) {
    if let Some(long) = written_out(part) {
        words.extend(long.split(' ').map(str::to_owned));
        return;
    }
    for ending in ENDINGS {
        // Three letters before the ending keep words such as "valid" or "piano" whole.
        let Some(front) = part.strip_suffix(ending) else { continue };
        let run_together = front.len() >= 3 && !(ending.len() == 2 && is_word_with_short_ending(part));
        if run_together && *ending != "type" || front.len() >= 4 && *ending == "type" {
            expand(front, form, words);
            expand(ending, form, words);
            return;
        }
    }
    words.push(form(part));
}

/// English words that only look as if `id` or `no` were an identifier's ending.
fn is_word_with_short_ending(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "paid", "valid", "invalid", "solid", "rapid", "liquid", "avoid", "hybrid", "grid", "fluid", "acid", "squid",
        "piano", "casino", "kimono", "volcano", "domino", "madrid", "prepaid", "unpaid", "repaid", "bid", "android",
    ];
    WORDS.contains(&word)
}

/// Cuts at underscores, blanks, other signs, changes of case, and between letters and digits.
fn split(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut current = String::new();
    let mut previous: Option<char> = None;
    let chars: Vec<char> = name.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            flush(&mut current, &mut parts);
            previous = None;
            continue;
        }
        if let Some(p) = previous {
            let next_is_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
            let hump = c.is_uppercase() && (p.is_lowercase() || (p.is_uppercase() && next_is_lower));
            let digit = c.is_ascii_digit() != p.is_ascii_digit();
            if hump || digit {
                flush(&mut current, &mut parts);
            }
        }
        current.push(c);
        previous = Some(c);
    }
    flush(&mut current, &mut parts);
    parts
}

fn flush(current: &mut String, parts: &mut Vec<String>) {
    if !current.is_empty() {
        parts.push(fold(current));
        current.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_fall_into_their_words() {
        for (name, expected) in [
            ("UnitPrice", "unit price"),
            ("unit_price", "unit price"),
            ("category_level_2", "category level 2"),
            ("StuID", "student id"),
            ("HTTPServer", "http server"),
            ("customername", "customer name"),
            ("LName", "last name"),
            ("Fname", "first name"),
            ("qty", "quantity"),
            ("Order Details", "order detail"),
            ("valid", "valid"),
            ("track2", "track 2"),
            ("ord_ln", "order line"),
            ("cust_nm", "customer name"),
            ("cd", "cd"),
        ] {
            assert_eq!(identifier_words(name).join(" "), expected, "{name}");
        }
    }
}
