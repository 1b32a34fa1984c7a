//! HTTP: whether the server lives, whether it answers, and its metrics. Nothing here names a caller or tells of data,
//! so nothing here asks who you are.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use super::engine::Engine;

/// The pages.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(engine)
}

async fn ready(State(engine): State<Arc<Engine>>) -> impl IntoResponse {
    if engine.is_ready() { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "stopping\n") }
}

async fn metrics(State(engine): State<Arc<Engine>>) -> impl IntoResponse {
    let text = engine.metrics.text(engine.now());
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}
