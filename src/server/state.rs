//! What all requests share.

use std::sync::Arc;

use jiff::Timestamp;

use super::guard::Reach;
use super::observe::Ids;
use super::rate::RateLimit;
use super::stats::Stats;
use crate::pipeline::{Live, Pipeline};

/// A live pipeline with the counts and limits of one server. It keeps no conversation.
pub struct ServerState {
    live: Live,
    pub(super) reach: Reach,
    pub(super) stats: Stats,
    pub(super) rate: RateLimit,
    pub(super) ids: Ids,
}

impl ServerState {
    /// Takes limits and reach from the pipeline's configuration.
    pub fn new(pipeline: Arc<Pipeline>) -> Arc<Self> {
        let config = &pipeline.config().server;
        let reach = if config.allow_remote { Reach::Remote } else { Reach::Loopback };
        let rate = RateLimit::per_minute(config.rate_limit_per_minute);
        let start = Timestamp::now();
        Arc::new(Self { reach, rate, stats: Stats::new(start), ids: Ids::since(start), live: Live::new(pipeline) })
    }

    /// The pipeline over the tables as they are now; one request uses one.
    pub async fn fresh(&self) -> Arc<Pipeline> {
        self.live.fresh().await
    }

    /// Settings; the same for as long as the server runs.
    pub fn pipeline(&self) -> Arc<Pipeline> {
        self.live.current()
    }
}
