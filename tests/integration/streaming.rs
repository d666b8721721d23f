//! `t2s sql` into files and pipes: row by row, exact to the byte, and never half a file.

use std::fs;
use std::io::Read as _;

use crate::harness::World;

/// 200,000 rows of every kind of value, with what formats stumble over in some of them.
const MANY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) \
    SELECT i, i * 0.25 AS part, 'row ' || i AS name, \
    CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'a,\"b\"' WHEN 2 THEN char(10) || 'x' WHEN 3 THEN '' \
    WHEN 4 THEN x'00ff' WHEN 5 THEN 'tab' || char(9) ELSE ' _*|\\ ' END AS odd, \
    i + 9007199254740990 AS big FROM n";

const FORMATS: [&str; 4] = ["csv", "tsv", "jsonl", "markdown"];

/// Names in the folder of the world but for the database and the home.
fn left_behind(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.path(".")).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| !["home", "shop.db"].contains(&name.as_str())).collect()
}

fn expected_row(i: u64) -> String {
    let part = format!("{:?}", i as f64 * 0.25);
    let odd = ["", "\"a,\"\"b\"\"\"", "\"\nx\"", "\"\"", "00ff", "\"tab\t\"", "\" _*|\\ \""][(i % 7) as usize];
    format!("{i},{part},row {i},{odd},{}\n", i + 9_007_199_254_740_990)
}

#[test]
fn many_rows_are_exact_in_a_file_and_in_a_pipe() {
    let world = World::with_shop();
    let piped = world.run(&["--db", "shop.db", "sql", MANY]).code(0);
    let mut expected = String::from("i,part,name,odd,big\n");
    (1..=200_000).for_each(|i| expected.push_str(&expected_row(i)));
    assert!(piped.stdout == expected, "the rows differ");
    let filed = world.run(&["--db", "shop.db", "sql", MANY, "-o", "rows.csv"]).code(0).prints_nothing();
    assert!(world.read("rows.csv") == expected, "the rows differ");
    let filed = filed.says("done: 200,000 rows, ");
    assert!(filed.stderr.contains(" MB, "), "{}", filed.stderr);
    assert_eq!(left_behind(&world), ["rows.csv"]);
}

#[test]
fn streams_and_held_results_are_the_same_bytes() {
    let world = World::with_shop();
    let sql = MANY.replace("200000", "3000");
    // A chart needs all rows, so they are held.
    let line = serde_json::json!({"sql": sql}).to_string();
    let held = world.run_with(&["--db", "shop.db", "sql", "--batch", "-"], line.as_bytes()).code(0);
    let rows = held.json_lines()[0]["rows"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 3000);
    for format in FORMATS {
        let piped = world.run(&["--db", "shop.db", "sql", &sql, "--format", format]).code(0);
        let held = world.run(&["--db", "shop.db", "sql", &sql, "--format", format, "--chart", "scatter"]).code(0);
        assert!(piped.stdout == held.stdout, "{format} differs");
        let name = format!("rows.{format}");
        world.run(&["--db", "shop.db", "sql", &sql, "--format", format, "-o", &name]).code(0).prints_nothing();
        assert!(world.read(&name) == piped.stdout, "{format} differs in a file");
        if format == "jsonl" {
            for (object, row) in piped.json_lines().iter().zip(&rows) {
                let cells: Vec<_> = object.as_object().expect("an object").values().cloned().collect();
                assert_eq!(&serde_json::Value::from(cells), row);
            }
        }
    }
}

#[test]
fn no_rows_leave_the_first_line() {
    let world = World::with_shop();
    let sql = "SELECT store_id, city FROM stores WHERE 0";
    let run = |format| world.run(&["--db", "shop.db", "sql", sql, "--format", format]).code(0).stdout;
    assert_eq!(run("csv"), "store_id,city\n");
    assert_eq!(run("tsv"), "store_id\tcity\n");
    assert_eq!(run("jsonl"), "");
    assert_eq!(run("markdown"), "| store_id | city |\n| --- | --- |\n");
}

/// Gives three rows and then fails: the integer is too large for `abs`.
const BREAKS: &str = "SELECT abs(CASE WHEN sale_id < 4 THEN sale_id ELSE -9223372036854775807 - 1 END) AS n FROM sales";

#[test]
fn an_error_midway_leaves_no_file_and_tells_what_a_pipe_got() {
    let world = World::with_shop();
    world.run(&["--db", "shop.db", "sql", BREAKS, "-o", "rows.csv"]).code(1).says("error").prints_nothing();
    assert_eq!(left_behind(&world), Vec::<String>::new());
    // A small result is written as a whole or not at all.
    let small = world.run(&["--db", "shop.db", "sql", BREAKS]).code(1).prints_nothing();
    assert!(!small.stderr.contains("incomplete"), "{}", small.stderr);
    let fails = "abs(CASE i WHEN 200000 THEN -9223372036854775807 - 1 END)";
    let late = MANY.replace("SELECT i, i * 0.25", &format!("SELECT i, {fails}, i * 0.25"));
    let large = world.run(&["--db", "shop.db", "sql", &late, "--format", "jsonl"]).code(1);
    let rows = large.json_lines().len();
    assert!(rows > 100_000 && large.stdout.ends_with("}\n"), "{rows}");
    let told = large.stderr.lines().find(|line| line.starts_with("incomplete: ")).expect("is told");
    let digits: String = told.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits, rows.to_string(), "{told}");
}

#[test]
fn a_refused_statement_writes_nothing() {
    let world = World::with_shop();
    let refused =
        world.run(&["--db", "shop.db", "sql", "DELETE FROM sales", "-o", "rows.csv"]).code(5).prints_nothing();
    assert!(!refused.stderr.contains("incomplete"), "{}", refused.stderr);
    assert_eq!(left_behind(&world), Vec::<String>::new());
}

#[test]
fn limits_hold_for_streams() {
    let world = World::with_shop();
    let cut = world.run(&["--db", "shop.db", "sql", MANY, "--limit", "2"]).code(0).says("truncated");
    assert_eq!(cut.stdout, format!("i,part,name,odd,big\n{}{}", expected_row(1), expected_row(2)));
    let sized = ["--db", "shop.db", "sql", MANY, "--max-bytes", "100000", "-o", "rows.csv"];
    world.run(&sized).code(4).says("[size_limit]").says("--max-bytes");
    let timed = ["--db", "shop.db", "sql", &MANY.replace("200000", "-1"), "--timeout", "200ms", "-o", "rows.csv"];
    world.run(&timed).code(4).says("[time_limit]");
    assert_eq!(left_behind(&world), Vec::<String>::new());
}

#[test]
fn a_stream_may_be_larger_than_a_result_that_is_held() {
    let world = World::with_shop().variable("T2S_LIMITS_RESULT_BYTES", "100000");
    world.run(&["--db", "shop.db", "sql", MANY, "-o", "rows.csv"]).code(0).says("200,000 rows");
    world.run(&["--db", "shop.db", "sql", MANY, "-o", "rows.json"]).code(4).says("[size_limit]");
}

#[test]
fn a_file_is_written_over_only_by_force() {
    let world = World::with_shop();
    world.write("rows.tsv", "mine");
    let arguments = ["--db", "shop.db", "sql", "SELECT 1 AS n", "-o", "rows.tsv"];
    world.run(&arguments).code(2).says("[file_exists]").says("--force");
    assert_eq!(world.read("rows.tsv"), "mine");
    world.run(&[&arguments[..], &["--force"]].concat()).code(0);
    assert_eq!(world.read("rows.tsv"), "n\n1\n");
    let breaks = ["--db", "shop.db", "sql", BREAKS, "-o", "rows.tsv", "--force"];
    world.run(&breaks).code(1);
    assert_eq!(world.read("rows.tsv"), "n\n1\n");
    assert_eq!(left_behind(&world), ["rows.tsv"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_a_quiet_success() {
    let world = World::with_shop();
    let mut child = world.command(&["--db", "shop.db", "sql", MANY]).spawn().expect("starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut head = [0; 10];
    stdout.read_exact(&mut head).expect("reads");
    assert_eq!(&head, b"i,part,nam");
    drop(stdout);
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("reads");
    assert_eq!((child.wait().expect("ends").code(), said.as_str()), (Some(0), ""));
}

#[test]
fn formulas_are_told_of_or_guarded() {
    let world = World::with_shop();
    let sql = "SELECT '=1+1' AS x, '@a' AS y, -1 AS z";
    let warning = "2 text cells begin like formulas";
    let piped = world.run(&["--db", "shop.db", "sql", sql]).code(0).says(warning).says("--formula-safe");
    assert_eq!(piped.stdout, "x,y,z\n=1+1,@a,-1\n");
    world.run(&["--db", "shop.db", "sql", sql, "-o", "rows.tsv"]).code(0).says(warning);
    // Held in memory, for the chart.
    world.run(&["--db", "shop.db", "sql", sql, "--chart", "bar"]).code(0).says(warning);
    for flag in ["--formula-safe", "--spreadsheet-safe"] {
        let safe = world.run(&["--db", "shop.db", "sql", sql, flag]).code(0);
        assert_eq!(safe.stdout, "x,y,z\n'=1+1,'@a,-1\n");
        assert!(!safe.stderr.contains("formula"), "{}", safe.stderr);
    }
    let objects = world.run(&["--db", "shop.db", "sql", sql, "--format", "jsonl"]).code(0);
    assert!(!objects.stderr.contains("formula"), "{}", objects.stderr);
    world.run(&["--db", "shop.db", "sql", "SELECT note FROM sales"]).code(0).says("1 text cell begins like a formula");
}

#[test]
fn null_can_be_told_from_every_text() {
    let world = World::with_shop();
    let sql = "SELECT NULL AS a, '' AS b, 'NA' AS c";
    let run = |rest: &[&str]| world.run(&[&["--db", "shop.db", "sql", sql], rest].concat()).code(0).stdout;
    assert_eq!(run(&[]), "a,b,c\n,\"\",NA\n");
    assert_eq!(run(&["--null", "NA"]), "a,b,c\nNA,,\"NA\"\n");
    assert_eq!(run(&["--format", "tsv", "--null", "\\N"]), "a\tb\tc\n\\N\t\tNA\n");
    assert_eq!(run(&["--format", "jsonl"]), "{\"a\":null,\"b\":\"\",\"c\":\"NA\"}\n");
}

#[test]
fn an_error_shows_its_place_in_the_statement() {
    let world = World::with_shop();
    let sql = "SELECT store_id,\n\t'東京', sum(revenu) FROM sales GROUP BY 1";
    let ran = world.run(&["--db", "shop.db", "sql", sql]).code(1).prints_nothing();
    let at = ran.stderr.find("error[unknown_column]: ").expect("an error");
    let lines: Vec<&str> = ran.stderr[at..].lines().collect();
    assert!(lines[0].contains("\"revenu\"") && !lines[0].contains("line 2"), "{}", ran.stderr);
    assert_eq!(lines[1], "  |");
    assert_eq!(lines[2], "2 |     '東京', sum(revenu) FROM sales GROUP BY 1");
    assert_eq!(lines[3], "  |                 ^^^^^^");
    assert!(ran.stderr.contains("hint: did you mean \"revenue\"?"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[test]
fn the_place_is_cut_out_of_a_long_line_and_harmless() {
    let world = World::with_shop();
    let sql = format!("SELECT {} '\u{1b}[2J' || wrong, {} FROM sales", "sale_id, ".repeat(40), "1, ".repeat(40) + "1");
    let ran = world.run(&["--db", "shop.db", "sql", "--check", &sql]).code(1).says("error[unknown_column]: ");
    let line = ran.stderr.lines().find(|line| line.starts_with("1 | ")).expect("the line");
    assert!(line.chars().count() <= 100 && line.contains("'␛[2J' || wrong, "), "{line}");
    let marks = ran.stderr.lines().find(|line| line.ends_with('^')).expect("marks");
    let at = marks.chars().position(|c| c == '^').expect("a mark");
    assert_eq!(line.chars().skip(at).take(5).collect::<String>(), "wrong");
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[test]
fn check_tells_what_would_be_read() {
    let world = World::with_shop();
    let sql = "SELECT city, sum(revenue) AS r FROM sales JOIN stores USING (store_id) WHERE city = \"Bath\" GROUP BY 1";
    let ran = world.run(&["--db", "shop.db", "sql", "--check", sql]).code(0).prints_nothing();
    let ran = ran.says("ok: the statement may run").says("reads: stores: store_id, city");
    ran.says("reads: sales: store_id, revenue").says("warning: ");
    world
        .run(&["--db", "shop.db", "sql", "--check", "SELECT count(*) FROM sales"])
        .code(0)
        .says("reads: sales: no column");
    let object = world.run(&["--db", "shop.db", "sql", "--check", "--format", "json", sql]).code(0).json();
    assert_eq!((&object["outcome"], &object["rows"]), (&"answer".into(), &serde_json::Value::Null));
    world.run(&["--db", "shop.db", "sql", "--check", "PRAGMA user_version"]).code(5);
    world.run(&["--db", "shop.db", "sql", "--check", "SELECT nope FROM sales"]).code(1);
}

#[test]
fn explain_tells_the_plan_in_plain_words() {
    let world = World::with_shop();
    let sql = "SELECT city, sum(revenue) AS r FROM sales JOIN stores USING (store_id) GROUP BY city ORDER BY r DESC";
    let told = "plan: full scan of sales, about 6 rows\n\
                plan: search stores by its key (store_id), about 1 row each time\n\
                plan: sort into groups for GROUP BY\n\
                plan: sort for ORDER BY\n";
    let ran = world.run(&["--db", "shop.db", "sql", "--explain", sql]).code(0).says(told);
    assert_eq!(ran.stdout, "city,r\nBath,41.0\nLeeds,12.5\n");
    world
        .run(&["--db", "shop.db", "sql", "--explain", "--check", sql])
        .code(0)
        .prints_nothing()
        .says(told)
        .says("ok: ");
    let painted = world.run(&["--db", "shop.db", "--color", "always", "sql", "--explain", "--no-run", sql]).code(0);
    painted.says("\u{1b}[33mplan: full scan of sales, about 6 rows\u{1b}[0m");
    // The answer object is the contract's: the plan is told beside it.
    let object = world.run(&["--db", "shop.db", "sql", "--explain", "--format", "json", sql]).code(0).says(told).json();
    assert!(object.get("plan").is_none());
    let refused = world.run(&["--db", "shop.db", "sql", "--explain", "DELETE FROM sales"]).code(5).prints_nothing();
    assert!(!refused.stderr.contains("plan:"), "{}", refused.stderr);
}
