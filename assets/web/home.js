// Keeps status and metrics of the overview fresh. Only this server is asked.
"use strict";

const REFRESH_MS = 15_000;
const REASONS = {
  healthy: "every part works",
  degraded: "answers come from rules alone: no language model is set up",
  unhealthy: "the database cannot be read",
};

async function read(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  return response.json();
}

function ms(value) {
  if (value === null) return "–";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

async function refresh() {
  const overall = document.getElementById("overall");
  const why = document.getElementById("overall-why");
  try {
    const [health, stats] = await Promise.all([read("/api/health"), read("/api/stats")]);
    overall.textContent = health.overall_status;
    overall.className = `state ${health.overall_status}`;
    why.textContent = REASONS[health.overall_status] ?? "";
    const rate = stats.success_rate;
    const shown = {
      questions: stats.questions.toLocaleString("en"),
      success_rate: rate === null ? "–" : `${Math.round(rate * 100)}%`,
      p50: ms(stats.latency_ms.p50),
      p95: ms(stats.latency_ms.p95),
      cache_hits: stats.cache_hits.toLocaleString("en"),
      tokens: stats.tokens.total.toLocaleString("en"),
    };
    for (const cell of document.querySelectorAll("[data-metric]")) cell.textContent = shown[cell.dataset.metric];
  } catch {
    overall.textContent = "not reachable";
    overall.className = "state unhealthy";
    why.textContent = "the server does not answer; is it still running?";
  }
}

refresh();
setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
