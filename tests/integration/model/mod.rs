//! Questions with a model at hand: through the library, and where it is about what a person or script sees, through
//! the real program. The model is a scripted endpoint; everything else is real.

pub mod endpoint;

use std::fs;
use std::path::Path;
use std::time::Duration;

use endpoint::{Endpoint, Reply};
use serde_json::{Value, json};
use t2s::config::{Config, ModelConfig, Privacy, Secret};
use t2s::pipeline::Pipeline;
use t2s::pipeline::analysis::{Question, Turn};
use t2s::pipeline::execution::Limits;
use t2s::pipeline::generation::Engine;
use t2s::pipeline::progress::silent;
use t2s::pipeline::response::{Answer, Outcome, Usage};
use t2s::schema::Value as Cell;

use crate::harness::{Ran, World};

const KEY: &str = "sk-canary-KEY-0042";
const REVENUE: &str = "total revenue by store";
/// Other rows than the offline rules would give, so that it shows whose they are.
const DRAFT: &str = "SELECT store_name AS shop, SUM(revenue) AS taken FROM sales JOIN stores USING (store_id) \
                     GROUP BY store_name ORDER BY taken DESC";
/// Everything that the client and the crates under it have to say.
const LOUD: &str = "trace,async_openai=trace,hyper=trace,hyper_util=trace,reqwest=trace,rustls=trace";
const UNANSWERABLE: &str = "what is the weather on the moon";

/// A shop whose settings name the endpoint, with a key.
fn world(base_url: &str) -> World {
    World::with_shop()
        .variable("T2S_MODEL_BASE_URL", base_url)
        .variable("T2S_MODEL_NAME", "any-model")
        .variable("OPENAI_API_KEY", KEY)
}

fn ask(world: &World, question: &str, more: &[&str]) -> Ran {
    world.run(&[&["--db", "shop.db", "ask", question, "--format", "json"], more].concat())
}

/// Asks through the library. `change` sets what differs from the defaults.
async fn answer(question: Question, endpoint: &Endpoint, change: impl FnOnce(&World, &mut Config)) -> Answer {
    let world = World::with_shop();
    let mut config = Config::with_folders(&world.path("own"));
    config.database = Some(world.path("shop.db"));
    config.model = Some(ModelConfig {
        base_url: endpoint.base_url.clone(),
        api_key: Some(Secret::new(KEY)),
        name: "any-model".to_owned(),
        timeout: Duration::from_mins(1),
        attempts: 3,
        privacy: Privacy::Schema,
    });
    change(&world, &mut config);
    let limits = Limits { rows: None, time: Duration::from_mins(1), bytes: None };
    Pipeline::open(config).await.expect("opens").ask(&question, limits, true, &silent).await
}

fn as_is(_: &World, _: &mut Config) {}

fn question(text: &str) -> Question {
    Question { text: text.to_owned(), ..Question::default() }
}

#[track_caller]
fn rows(answer: &Answer) -> &[Vec<Cell>] {
    &answer.result.as_ref().unwrap_or_else(|| panic!("no rows: {answer:?}")).rows
}

#[track_caller]
fn warns(answer: &Answer, part: &str) {
    assert!(answer.warnings.iter().any(|w| w.contains(part)), "{part:?} is not in {:?}", answer.warnings);
}

/// Neither on the streams nor in any file that was left behind.
#[track_caller]
fn tells_no_key(world: &World, ran: &Ran) {
    fn files(folder: &Path, found: &mut Vec<u8>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { files(&path, found) } else { found.extend(fs::read(&path).expect("a file")) }
        }
    }
    let mut written = Vec::new();
    files(&world.path("."), &mut written);
    let written = String::from_utf8_lossy(&written);
    for text in [&ran.stdout, &ran.stderr, &*written] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_good_draft_is_run_and_its_cost_is_told() {
    let endpoint = Endpoint::start(vec![Reply::draft(DRAFT)]);
    let world = world(&endpoint.base_url).variable("ENABLE_DEBUG", "1");
    let ran = ask(&world, REVENUE, &[]).code(0).says("model, confidence");
    let object = ran.json();
    assert_eq!(object["engine"], "model");
    assert_eq!(object["rows"], json!([["South", 26.0], ["West", 15.0], ["North", 12.5]]));
    assert_eq!(object["sql"], DRAFT);
    assert_eq!(object["interpretation"], "as the model reads it");
    assert_eq!(object["usage"], json!({ "prompt_tokens": 21, "completion_tokens": 7 }));
    assert_eq!(object["warnings"], json!([]));
    let request = endpoint.request(0);
    assert_eq!((endpoint.count(), &request["model"]), (1, &json!("any-model")));
    assert!(endpoint.read(0).contains("CREATE TABLE stores") && endpoint.read(0).contains(REVENUE));
    tells_no_key(&world, &ran);
}

#[tokio::test]
async fn a_draft_with_a_name_that_does_not_exist_is_mended() {
    let endpoint = Endpoint::start(vec![Reply::draft("SELECT SUM(revenu) FROM sales"), Reply::draft(DRAFT)]);
    let answer = answer(question(REVENUE), &endpoint, as_is).await;
    assert_eq!((answer.outcome, answer.engine), (Outcome::Answer, Some(Engine::Model)));
    assert_eq!(rows(&answer)[0][0], Cell::Text("South".to_owned()));
    assert_eq!(answer.usage, Some(Usage { prompt_tokens: 42, completion_tokens: 14 }));
    assert_eq!(endpoint.count(), 2);
    assert!(!endpoint.read(0).contains("not accepted"));
    let second = endpoint.read(1);
    assert!(second.contains("SUM(revenu)") && second.contains("It was not accepted: "), "{second}");
    let told = second.split("not accepted: ").nth(1).expect("a reason");
    assert!(told.contains("revenu"), "{told}");
}

#[test]
fn drafts_that_would_change_the_data_are_refused_and_the_offline_rules_answer() {
    let drafts = ["DROP TABLE sales", "SELECT 1; DELETE FROM sales", "UPDATE sales SET revenue = 0"];
    let endpoint = Endpoint::start(drafts.map(Reply::draft).to_vec());
    let world = world(&endpoint.base_url);
    let before = fs::read(world.path("shop.db")).expect("the database");
    let object = ask(&world, REVENUE, &[]).code(0).says("used the offline rules").json();
    assert_eq!((&object["engine"], &object["row_count"]), (&json!("offline"), &json!(3)));
    let warning = object["warnings"][0].as_str().expect("a warning");
    for part in ["model_bad_answer", "no draft of 3 passes the gate", "UPDATE"] {
        assert!(warning.contains(part), "{warning}");
    }
    assert_eq!(endpoint.count(), 3);
    assert!(endpoint.read(1).contains("DROP TABLE sales"));
    assert_eq!(fs::read(world.path("shop.db")).expect("the database"), before);
}

#[test]
fn a_model_in_trouble_is_told_with_its_reason_and_never_with_the_key() {
    let said = |code: &str| json!({ "error": { "message": format!("no luck with {KEY}"), "code": code } }).to_string();
    let cases = [
        (Reply::status(401, &said("invalid_api_key")), "model_unauthorized"),
        (Reply::status(429, &said("insufficient_quota")), "model_rate_limited"),
        (Reply::status(429, &said("rate_limit_exceeded")), "model_rate_limited"),
        (Reply::status(500, &said("server_error")), "model_unreachable"),
        (Reply::status(404, &said("model_not_found")), "model_not_found"),
        (Reply::status(200, "<html>busy</html>"), "model_bad_answer"),
        (Reply::says(&format!("Gladly! {KEY} is a key, not SQL.")), "model_bad_answer"),
        (Reply::never(), "model_timeout"),
    ];
    for (reply, code) in cases {
        let endpoint = Endpoint::start(vec![reply]);
        let timeout = if code == "model_timeout" { "300ms" } else { "60s" };
        let world = world(&endpoint.base_url).variable("T2S_MODEL_TIMEOUT", timeout).variable("T2S_LOG_LEVEL", LOUD);
        let ran = ask(&world, REVENUE, &[]).code(0).says(code).says("TRACE");
        falls_back(&ran.json(), code);
        assert!(endpoint.count() > 0, "{code}");
        tells_no_key(&world, &ran);
    }
    let world = world(&Endpoint::nobody());
    let ran = ask(&world, REVENUE, &[]).code(0).says("127.0.0.1");
    falls_back(&ran.json(), "model_unreachable");
    tells_no_key(&world, &ran);
}

#[track_caller]
fn falls_back(object: &Value, code: &str) {
    assert_eq!((&object["outcome"], &object["engine"]), (&json!("answer"), &json!("offline")), "{code}");
    assert_eq!(object["rows"][0], json!(["South", 26.0]), "{code}");
    let warnings = object["warnings"].as_array().expect("warnings");
    let [warning] = warnings.as_slice() else { panic!("{code}: {warnings:?}") };
    assert!(warning.as_str().is_some_and(|w| w.contains(code) && w.ends_with("used the offline rules instead")));
}

#[tokio::test]
async fn a_model_that_says_it_cannot_is_believed() {
    let endpoint = Endpoint::start(vec![Reply::says(r#"{"cannot": "no table holds margins"}"#)]);
    let answer = answer(question(REVENUE), &endpoint, as_is).await;
    assert_eq!((answer.outcome, answer.engine), (Outcome::Abstain, None));
    assert!(answer.text.contains("no table holds margins"), "{}", answer.text);
    assert!(answer.result.is_none() && answer.warnings.is_empty());
    assert!(answer.usage.is_some());
}

#[tokio::test]
async fn a_request_to_change_the_data_is_refused_whether_the_model_declines_or_fails() {
    let delete = "DELETE FROM sales WHERE store_id = 1";
    for reply in [Reply::says(r#"{"cannot": "I only read"}"#), Reply::draft(delete), Reply::status(401, "{}")] {
        let endpoint = Endpoint::start(vec![reply]);
        let answer = answer(question("delete all sales of the north store"), &endpoint, as_is).await;
        assert_eq!(answer.outcome, Outcome::Refused, "{answer:?}");
        assert_eq!(answer.error.map(|e| e.code), Some("write_request"));
    }
}

#[test]
fn offline_nothing_is_sent() {
    let endpoint = Endpoint::start(vec![Reply::draft(DRAFT)]);
    let world = world(&endpoint.base_url);
    let object = ask(&world, REVENUE, &["--offline"]).code(0).json();
    assert_eq!((&object["engine"], &object["warnings"]), (&json!("offline"), &json!([])));
    assert!(object["usage"].is_null());
    world.run(&["--db", "shop.db", "sql", "SELECT 1"]).code(0);
    world.run(&["--db", "shop.db", "context", REVENUE]).code(0);
    assert_eq!(endpoint.count(), 0);
}

#[tokio::test]
async fn under_privacy_schema_values_stay_here_and_come_back_in_the_sql() {
    let sql = "SELECT SUM(revenue) AS taken FROM sales JOIN stores USING (store_id) JOIN products USING (product_id) \
               WHERE product_name = 'value_1' AND city = 'value_2'";
    let about = |text: &str| Question {
        turns: vec![
            Turn { question: "and of peas in Leeds?".to_owned(), sql: None },
            Turn { question: "and of Rye bread?".to_owned(), sql: Some("SELECT 'Rye bread'".to_owned()) },
        ],
        ..question(text)
    };
    let asked = about("total revenue of ice cream in Bath for 'Acme Ltd'");
    let endpoint = Endpoint::start(vec![Reply::draft("SELECT 'value_2', revenu FROM sales"), Reply::draft(sql)]);
    let answered = answer(asked.clone(), &endpoint, as_is).await;
    assert_eq!(rows(&answered), [[Cell::Real(25.0)]]);
    assert!(answered.sql.is_some_and(|sql| sql.contains("'Ice cream'") && sql.contains("'Bath'")));
    assert_eq!(endpoint.count(), 2);
    for request in [endpoint.request(0).to_string(), endpoint.request(1).to_string()] {
        let request = request.to_lowercase();
        for value in ["bath", "ice cream", "leeds", "peas", "rye", "acme", "half, price", "frozen"] {
            assert!(!request.contains(value), "{value} was sent: {request}");
        }
        assert!(request.contains("value_2 is a value of stores.city"), "{request}");
        assert!(request.contains("asked before: and of value_"), "{request}");
    }
    let open = Endpoint::start(vec![Reply::draft(DRAFT)]);
    answer(asked, &open, |_, config| config.model.as_mut().expect("a model").privacy = Privacy::Values).await;
    assert!(open.read(0).contains("Bath") && !open.read(0).contains("such as"));
}

#[tokio::test]
async fn a_verified_example_is_answered_without_the_model() {
    let endpoint = Endpoint::start(vec![Reply::draft(DRAFT)]);
    let teach = |world: &World, config: &mut Config| {
        let example =
            "[[examples]]\nquestion = \"What did we take?\"\nsql = \"SELECT SUM(revenue) AS taken FROM sales\"\n";
        world.write("knowledge/examples.toml", example);
        config.knowledge = Some(world.path("knowledge"));
    };
    let answered = answer(question("what did we take"), &endpoint, teach).await;
    assert_eq!(answered.engine, Some(Engine::Verified));
    assert_eq!((rows(&answered), endpoint.count()), ([[Cell::Real(53.5)]].map(|r| r.to_vec()).as_slice(), 0));
    // Its SQL does not know the condition.
    let filters = vec![("category".to_owned(), "Bakery".to_owned())];
    let answered = answer(Question { filters, ..question("what did we take") }, &endpoint, teach).await;
    assert_ne!(answered.engine, Some(Engine::Verified));
    assert!(endpoint.count() > 0);
}

#[tokio::test]
async fn conditions_beside_the_question_reach_the_model_and_must_be_in_its_sql() {
    let kept = "SELECT store_name, SUM(revenue) AS taken FROM sales JOIN stores USING (store_id) \
                WHERE city IN ('value_1', 'value_2') GROUP BY store_name ORDER BY store_name";
    let endpoint = Endpoint::start(vec![Reply::draft(DRAFT), Reply::draft(kept)]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let filters = vec![pair("city", "bath"), pair("city", "it's ' a secret"), pair("colour", "red")];
    let answered = answer(Question { filters, ..question(REVENUE) }, &endpoint, as_is).await;
    assert_eq!(answered.engine, Some(Engine::Model));
    let sold = |name: &str, taken| vec![Cell::Text(name.to_owned()), Cell::Real(taken)];
    assert_eq!(rows(&answered), [sold("South", 26.0), sold("West", 15.0)]);
    warns(&answered, "colour = red was not applied");
    let first = endpoint.read(0);
    let told = format!("{REVENUE} (only where stores.city is \"value_1\" or \"value_2\")");
    assert!(first.contains(&told), "{first}");
    assert!(!first.to_lowercase().contains("bath") && !first.contains("secret"), "{first}");
    assert!(endpoint.read(1).contains("the condition on stores.city is missing"));
}

#[test]
fn a_model_in_trouble_without_an_offline_answer_is_an_error_with_code_3() {
    let endpoint = Endpoint::start(vec![Reply::status(401, r#"{"error":{"message":"who are you"}}"#)]);
    let ran = ask(&world(&endpoint.base_url), UNANSWERABLE, &[]).code(3).says("[model_unauthorized]").says("key");
    let object = ran.json();
    assert_eq!((&object["outcome"], &object["error"]["code"]), (&json!("error"), &json!("model_unauthorized")));
    assert!(object["error"]["why"].as_str().is_some_and(|why| why.contains("offline rules cannot answer")));
    assert!(object["rows"].is_null() && !object["choices"].as_array().expect("choices").is_empty());
    // A question back can be acted on.
    let object = ask(&world(&endpoint.base_url), "top store", &[]).code(6).says("model_unauthorized").json();
    assert_eq!(object["outcome"], "clarify");
    // Without a model there is nothing in trouble.
    World::with_shop().run(&["--db", "shop.db", "ask", UNANSWERABLE]).code(6);
}

#[test]
fn an_address_that_would_leak_the_key_is_not_asked_and_said_only_where_a_model_would_be() {
    let world = world("http://models.invalid/v1");
    let object = ask(&world, REVENUE, &[]).code(0).says("unencrypted").json();
    falls_back(&object, "model_misconfigured");
    ask(&world, UNANSWERABLE, &[]).code(3).says("[model_misconfigured]");
    let sql = world.run(&["--db", "shop.db", "sql", "SELECT 1"]).code(0);
    assert!(!sql.stderr.contains("unencrypted"), "{}", sql.stderr);
}

#[tokio::test]
async fn a_context_that_is_too_long_is_halved() {
    let too_long = || Reply::status(400, r#"{"error":{"message":"long","code":"context_length_exceeded"}}"#);
    let endpoint = Endpoint::start(vec![too_long(), Reply::draft("SELECT SUM(revenue) AS taken FROM sales")]);
    let answered = answer(question("total revenue"), &endpoint, as_is).await;
    assert_eq!(answered.engine, Some(Engine::Model));
    warns(&answered, "it read 2 of 3 tables");
    let tables = |number| endpoint.read(number).matches("CREATE TABLE").count();
    assert_eq!((endpoint.count(), tables(0), tables(1)), (2, 3, 2));
    assert!(endpoint.read(1).contains("CREATE TABLE sales") && endpoint.read(1).contains("more tables"));
    let endpoint = Endpoint::start(vec![too_long()]);
    let answered = answer(question(REVENUE), &endpoint, as_is).await;
    assert_eq!((answered.engine, endpoint.count()), (Some(Engine::Offline), 3));
    warns(&answered, "model_input_too_long");
}
