//! The functions a statement may call: those that compute and read, and touch nothing else.
//!
//! An allow-list, kept here because the gate and the connection both hold to it.

use super::Dialect;

use std::collections::HashSet;
use std::sync::LazyLock;

impl Dialect {
    /// True if the function only computes. Case-insensitive.
    pub fn allows_function(self, name: &str) -> bool {
        static ALLOWED: LazyLock<[HashSet<&'static str>; 2]> =
            LazyLock::new(|| [Dialect::Sqlite, Dialect::BigQuery].map(|dialect| dialect.functions().collect()));
        let [sqlite, bigquery] = &*ALLOWED;
        let allowed = if self == Self::Sqlite { sqlite } else { bigquery };
        allowed.contains(name.to_ascii_lowercase().as_str())
    }

    /// Every function that may be called, in lower case.
    pub fn functions(self) -> impl Iterator<Item = &'static str> {
        let lists: &[&str] = match self {
            Self::Sqlite => &[SQLITE, SQLITE_JSON, MATH],
            Self::BigQuery => &[BIGQUERY, MATH],
        };
        lists.iter().flat_map(|list| list.split_ascii_whitespace())
    }

    /// True if a function gives another value each time or each day, whatever it is given. Lower case.
    pub fn is_volatile_function(self, name: &str) -> bool {
        VOLATILE.split_ascii_whitespace().any(|known| known == name)
    }

    /// True for SQLite's functions that read a time, and the clock if they are given none or `now`. Lower case.
    pub fn is_time_function(self, name: &str) -> bool {
        self == Self::Sqlite && is_time_function(name)
    }

    /// True if what the text selects may change though no table does. It only looks at words, so it errs on that side:
    /// for the texts of views, whose parts nobody else reads.
    pub fn is_volatile_text(self, sql: &str) -> bool {
        let words = words(sql);
        let said = |list: &str| words.iter().any(|(word, _)| list.split_ascii_whitespace().any(|known| known == word));
        let timely = words.iter().any(|(word, rest)| is_time_function(word) && reads_the_clock(word, rest));
        let built = words.iter().any(|(word, _)| is_time_function(word)) && (said(BUILDING) || sql.contains("||"));
        said(VOLATILE) || said("now") || timely || built
    }
}

/// Functions of chance, clock or session, in both dialects.
const VOLATILE: &str = "
    random randomblob changes total_changes last_insert_rowid sqlite_offset
    current_date current_time current_timestamp current_datetime rand generate_uuid session_user";

/// Functions that can put a word together that the text does not hold, such as the `now` of SQLite's clock.
const BUILDING: &str = "char unhex printf format concat concat_ws replace unistr group_concat string_agg x";

fn is_time_function(name: &str) -> bool {
    matches!(name, "date" | "time" | "datetime" | "julianday" | "unixepoch" | "strftime" | "timediff")
}

/// True if the call whose text after the name is given has no time to read.
fn reads_the_clock(name: &str, rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '`' | ']'));
    let Some(inner) = rest.strip_prefix('(') else { return false };
    let (mut depth, mut commas, mut quote, mut empty) = (0_i32, 0, None, true);
    for c in inner.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => (quote, empty) = (Some(c), false),
            (None, ')') if depth == 0 => break,
            (None, ')') => depth -= 1,
            (None, '(') => (depth, empty) = (depth + 1, false),
            (None, ',') if depth == 0 => commas += 1,
            (None, c) => empty &= c.is_whitespace(),
        }
    }
    let uncertain = inner.trim_start().starts_with("/*") || inner.trim_start().starts_with("--");
    uncertain || empty || (name == "strftime" && commas == 0)
}

/// Every word in lower case, wherever it stands, with the text after it.
fn words(sql: &str) -> Vec<(String, &str)> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(start) = rest.find(inside) {
        let from = &rest[start..];
        let end = from.find(|c| !inside(c)).unwrap_or(from.len());
        rest = &from[end..];
        words.push((from[..end].to_lowercase(), rest));
    }
    words
}

/// Core, text, date, aggregate, window, full-text reading, and the two that this program adds.
const SQLITE: &str = "
    abs coalesce concat concat_ws format glob hex ifnull iif if instr length like likelihood likely lower ltrim max min
    nullif octet_length printf quote random randomblob replace round rtrim sign soundex substr substring trim typeof
    unhex unicode unistr unistr_quote unlikely upper zeroblob char match regexp
    date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp
    avg count group_concat string_agg sum total median percentile percentile_cont percentile_disc stddev
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
    bm25 highlight snippet offsets matchinfo";

/// Reading and building JSON.
const SQLITE_JSON: &str = "
    json jsonb json_array jsonb_array json_array_length json_array_insert jsonb_array_insert json_error_position
    json_extract jsonb_extract
    json_insert jsonb_insert json_object jsonb_object json_patch jsonb_patch json_pretty json_remove jsonb_remove
    json_replace jsonb_replace json_set jsonb_set json_type json_valid json_quote
    json_group_array jsonb_group_array json_group_object jsonb_group_object -> ->>";

const MATH: &str = "
    acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
    radians sin sinh sqrt tan tanh trunc";

const BIGQUERY: &str = "
    abs any_value approx_count_distinct approx_quantiles approx_top_count array array_agg array_concat
    array_concat_agg array_first array_last array_length array_reverse array_slice array_to_string ascii avg bit_count bit_and bit_or bit_xor byte_length cast ceil ceiling char_length character_length chr coalesce
    code_points_to_string concat contains_substr corr count count_if countif covar_pop covar_samp cume_dist
    current_date current_datetime current_time current_timestamp date date_add date_diff date_from_unix_date date_sub
    date_trunc datetime datetime_add datetime_diff datetime_sub datetime_trunc dense_rank div ends_with
    extract farm_fingerprint first_value format format_date format_datetime format_time format_timestamp from_base64
    from_hex generate_array generate_date_array generate_timestamp_array greatest grouping ieee_divide if ifnull
    initcap instr is_inf is_nan json_extract json_extract_array json_extract_scalar json_query json_query_array
    json_value json_value_array lag last_day last_value lax_bool lax_float64 lax_int64 lax_string lead least left
    length logical_and logical_or lower lpad ltrim make_interval max max_by md5 min min_by normalize nth_value ntile
    nullif octet_length offset ordinal parse_date parse_datetime parse_json parse_numeric parse_time parse_timestamp
    percent_rank percentile_cont percentile_disc rand range_bucket rank regexp_contains regexp_extract
    regexp_extract_all regexp_instr regexp_replace repeat replace reverse right round row_number rpad rtrim
    safe_add safe_cast safe_divide safe_multiply safe_negate safe_offset safe_ordinal safe_subtract sha1 sha256 sha512
    sign soundex split starts_with stddev stddev_pop stddev_samp string string_agg strpos struct substr substring sum
    time time_add time_diff time_sub time_trunc timestamp timestamp_add timestamp_diff timestamp_micros
    timestamp_bucket date_bucket datetime_bucket edit_distance generate_uuid int64 float64 bool
    json_array json_object json_remove json_set json_strip_nulls json_type nullifzero zeroifnull regexp_substr
    safe_convert_bytes_to_string timestamp_millis timestamp_seconds timestamp_sub timestamp_trunc to_base64 to_hex to_json_string translate trim
    unicode unix_date unix_micros unix_millis unix_seconds unnest upper var_pop var_samp variance";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_reach_outside_are_absent() {
        for name in ["load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "sqlite_log", "eval"] {
            assert!(!Dialect::Sqlite.allows_function(name), "{name}");
        }
        assert!(Dialect::Sqlite.allows_function("StrFTime"));
        assert!(!Dialect::BigQuery.allows_function("external_query"));
    }

    #[test]
    fn a_text_that_may_read_the_clock_or_chance_is_volatile() {
        for sql in [
            "SELECT random() FROM t",
            "SELECT d FROM t WHERE d > date('NOW', '-1 month')",
            "SELECT d FROM t WHERE d > CURRENT_DATE",
            "SELECT date() FROM t",
            "SELECT \"date\" ( \n ) FROM t",
            "SELECT date(/* here */) FROM t",
            "SELECT strftime('%Y, %m') FROM t",
            "SELECT strftime(concat('%', 'Y')) FROM t",
            "SELECT date('no' || 'w') FROM t",
            "SELECT date(char(110, 111, 119)) FROM t",
            "SELECT hex(randomblob(4))",
            "SELECT last_insert_rowid()",
        ] {
            assert!(Dialect::Sqlite.is_volatile_text(sql), "{sql}");
        }
        for sql in [
            "SELECT date(d, '-1 day'), strftime('%Y', d), known, snow FROM t WHERE d > '2025-01-01'",
            "SELECT first || ' ' || last AS name FROM t",
            "SELECT date, time FROM t WHERE length(date) > 3",
            "SELECT strftime('%Y', coalesce(a, b)) FROM t",
        ] {
            assert!(!Dialect::Sqlite.is_volatile_text(sql), "{sql}");
        }
    }
}
