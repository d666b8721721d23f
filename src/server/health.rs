//! `GET /api/health`: the state of every part, without asking a model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::state::ServerState;
use crate::config::Config;

/// A database that takes longer to say `1` is not well.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn health(State(server): State<Arc<ServerState>>) -> Response {
    let pipeline = server.pipeline();
    let begun = Instant::now();
    let is_reached = pipeline.reaches_database(PATIENCE).await;
    let latency = begun.elapsed();
    let database = if is_reached { "healthy" } else { "unhealthy" };
    let (model, model_name) = model(pipeline.config());
    let overall = overall(database, model);
    let knowledge = pipeline.knowledge();
    let mut components = serde_json::Map::new();
    components.insert(
        pipeline.schema().dialect.name().into(),
        json!({
            "status": database,
            "available_tables": pipeline.schema().tables.len(),
            "latency_ms": (latency.as_secs_f64() * 10_000.0).round() / 10.0,
        }),
    );
    components.insert("openai".into(), json!({ "status": model, "model": model_name }));
    components.insert(
        "vector_store".into(),
        json!({
            "status": "healthy",
            "collections": {
                "schemas": pipeline.schema().tables.len(),
                "examples": knowledge.examples.len(),
                "rules": knowledge.rules.len(),
            },
        }),
    );
    let body: Value =
        json!({ "overall_status": overall, "components": components, "timestamp": Timestamp::now().to_string() });
    let status = if overall == "unhealthy" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(body)).into_response()
}

/// The word for the model, and its name if one is set up. Nothing is asked of it: that might cost.
pub fn model(config: &Config) -> (&'static str, Option<&str>) {
    match &config.model {
        None => ("not_configured", None),
        Some(model) if config.offline => ("offline", Some(&model.name)),
        Some(model) => ("configured", Some(&model.name)),
    }
}

fn overall(database: &str, model: &str) -> &'static str {
    match (database, model) {
        ("healthy", "configured") => "healthy",
        ("healthy", _) => "degraded",
        _ => "unhealthy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_model_degrades_and_a_missing_database_is_worse() {
        assert_eq!(overall("healthy", "configured"), "healthy");
        assert_eq!(overall("healthy", "not_configured"), "degraded");
        assert_eq!(overall("healthy", "offline"), "degraded");
        assert_eq!(overall("unhealthy", "configured"), "unhealthy");
    }
}
