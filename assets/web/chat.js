// The conversation: asks this server, shows the stages as they pass, then rows, SQL, chart and finding.
// Text of answers and cells is only ever put in as text, never as markup.
"use strict";

const STAGES = [
  ["understand", "analysis"],
  ["context", "retrieval"],
  ["write SQL", "generation"],
  ["check", "validation"],
  ["run", "execution"],
  ["explain", "response"],
];
const MARKS = { waiting: "·", now: "●", done: "✓", skipped: "–" };
const STORE = "t2s.turns";
const KEPT = 50;
const SENT = 10;
const LONG_WAIT_MS = 3_000;

const page = Object.fromEntries(
  ["form", "question", "send", "stop", "new", "turns", "welcome", "examples", "announce", "count"].map((id) => [
    id,
    document.getElementById(id),
  ]),
);
let turns = [];
let running = null;

// ---- small pieces of the page

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function button(label, onclick, kind = "quiet small") {
  return make("button", { type: "button", class: `button ${kind}`, onclick }, label);
}

function seconds(ms) {
  if (ms < 1) return "<1 ms";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

async function copy(text, from) {
  const label = from.textContent;
  try {
    await navigator.clipboard.writeText(text);
    from.textContent = "Copied";
  } catch {
    const area = make("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    from.textContent = document.execCommand("copy") ? "Copied" : "Could not copy";
    area.remove();
    from.focus();
  }
  page.announce.textContent = from.textContent;
  setTimeout(() => { from.textContent = label; }, 1_500);
}

// ---- stages

function stageList() {
  const list = make("ol", { class: "stages", "aria-label": "Stages" });
  const items = new Map();
  for (const [name] of STAGES) {
    const mark = make("span", { class: "mark", "aria-hidden": "true" }, MARKS.waiting);
    const time = make("time");
    const said = make("span", { class: "said" });
    const item = make("li", {}, mark, make("span", {}, name), said, time);
    list.append(item);
    items.set(name, { item, mark, time, said });
  }
  const set = (name, state, said = "", ms = null) => {
    const entry = items.get(name);
    if (!entry) return;
    entry.item.className = state;
    entry.mark.textContent = MARKS[state];
    entry.said.textContent = said;
    entry.time.textContent = ms === null ? "" : seconds(ms);
  };
  return { list, set };
}

function fold(stages, reply) {
  const passed = reply.timings_ms ?? {};
  for (const [name, key] of STAGES) {
    const ms = passed[key] ?? 0;
    stages.set(name, ms > 0 ? "done" : "skipped", "", ms > 0 ? ms : null);
  }
  stages.list.classList.remove("open");
}

// ---- the SQL

const SQL_WORDS = new Set(
  ("all and as asc between by case cast cross desc distinct else end except exists filter first following from full " +
    "group having if in inner intersect interval is join last left like limit natural not null nulls offset on or " +
    "order outer over partition preceding range recursive right row rows select then unbounded union using values " +
    "when where window with").split(" "),
);
const SQL_TOKEN = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`)|(\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)|([\s\S])/g;

function highlighted(sql) {
  const code = make("code");
  let plain = "";
  const flush = () => { code.append(plain); plain = ""; };
  for (const [text, comment, string, number, word] of sql.matchAll(SQL_TOKEN)) {
    const kind = comment ? "c" : string?.startsWith("'") ? "s" : number ? "n" : word && SQL_WORDS.has(word.toLowerCase()) ? "k" : null;
    if (!kind) { plain += text; continue; }
    flush();
    code.append(make("span", { class: kind }, text));
  }
  flush();
  return make("pre", { tabindex: "0", "aria-label": "SQL" }, code);
}

function sqlPanel(sql) {
  const tool = button("Copy", (event) => { event.preventDefault(); copy(sql, tool); });
  return make(
    "details",
    { class: "panel", open: true },
    make("summary", {}, make("h3", {}, "SQL"), make("span", {}, "read-only"), make("span", { class: "tools" }, tool)),
    highlighted(sql),
  );
}

// ---- the table

// Display texts come from the server's table, raw values for sorting and copying from `rows`.
function tablePanel(reply) {
  const parsed = new DOMParser().parseFromString(reply.data_table ?? "", "text/html");
  const shown = [...parsed.querySelectorAll("tbody tr")].map((row) => [...row.cells]);
  const heads = [...parsed.querySelectorAll("thead th")];
  if (heads.length === 0) return null;
  const order = reply.rows.map((_, at) => at);
  const body = make("tbody");
  const fill = (positions) =>
    body.replaceChildren(...positions.map((at) => make("tr", {}, ...shown[at].map((cell, column) =>
      make("td", { class: `${heads[column].className} ${cell.className}`, title: cell.textContent.length > 40 ? cell.textContent : null }, cell.textContent)))));
  const sortBy = (column, head) => {
    const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
    for (const other of headRow.cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", next);
    const sign = next === "descending" ? -1 : 1;
    const sorted = next === "none" ? order : [...order].sort((a, b) => compare(reply.rows[a][column], reply.rows[b][column], sign));
    fill(sorted);
    page.announce.textContent = next === "none" ? "original order" : `sorted by ${head.textContent}, ${next}`;
  };
  const headRow = make("tr");
  heads.forEach((cell, column) => {
    const head = make("th", { scope: "col", "aria-sort": "none", class: cell.className || null });
    head.append(make("button", { type: "button", onclick: () => sortBy(column, head) }, cell.textContent));
    headRow.append(head);
  });
  fill(order);
  const more = reply.truncated ? `first ${count(reply.row_count, "row")}, more exist` : count(reply.row_count, "row");
  const names = reply.columns.map((column) => column.name);
  const copyTool = button("Copy", () => copy(lines([names, ...reply.rows], "\t", tsvCell), copyTool));
  const save = button("CSV", () => download(reply.question, lines([names, ...reply.rows], ",", csvCell)));
  save.setAttribute("aria-label", "Download as CSV");
  return make(
    "section",
    { class: "panel", "aria-label": "Table" },
    make("header", {}, make("h3", {}, "Table"), make("span", {}, more), make("span", { class: "tools" }, copyTool, save)),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows" }, make("table", {}, make("thead", {}, headRow), body)),
  );
}

// NULL last either way; numbers before text.
function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}

function raw(cell) {
  if (cell === null) return "";
  return typeof cell === "object" ? `${cell.bytes} bytes` : String(cell);
}
function csvCell(cell) {
  const text = raw(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
function tsvCell(cell) {
  return raw(cell).replace(/[\t\r\n]+/g, " ");
}
function lines(rows, between, write) {
  return rows.map((row) => row.map(write).join(between)).join("\n") + "\n";
}
function download(question, text) {
  const name = question.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "answer";
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  make("a", { href: address, download: `${name}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

// ---- the answer

function chartPanel(reply) {
  if (!reply.visualization?.startsWith("data:image/png;base64,")) return null;
  const spec = reply.chart ?? {};
  const alt = reply.metadata?.chart_in_words ?? `chart of ${reply.question}; the table below has the figures`;
  const image = make("img", { src: reply.visualization, alt });
  return make(
    "figure",
    { class: "panel chart" },
    make("header", {}, make("h3", {}, "Chart"), make("span", {}, (spec.kind ?? "").replaceAll("_", " "))),
    image,
    spec.reason ? make("figcaption", {}, spec.reason) : null,
  );
}

function confidence(reply) {
  if (reply.confidence_score === null || reply.confidence_score === undefined) return null;
  const word = reply.confidence?.word ?? "";
  const why = (reply.confidence?.parts ?? []).map((part) => `${part.name} ${part.score.toFixed(2)}: ${part.why}`).join("\n");
  return make("span", { title: why || null }, "confidence ", make("b", {}, `${word} ${reply.confidence_score.toFixed(2)}`));
}

const ENGINES = { model: "language model", offline: "offline rules", verified: "verified example", person: "your SQL" };

function meta(reply) {
  const facts = [
    confidence(reply),
    reply.row_count === null || reply.row_count === undefined ? null
      : make("span", {}, make("b", {}, reply.truncated ? `first ${count(reply.row_count, "row")}` : count(reply.row_count, "row"))),
    reply.timings_ms ? make("span", {}, "in ", make("b", {}, seconds(reply.timings_ms.total))) : null,
    reply.engine ? make("span", {}, "by ", ENGINES[reply.engine] ?? reply.engine) : null,
    reply.cached_at ? make("span", {}, `from the cache of ${reply.cached_at}`) : null,
  ].filter(Boolean);
  return facts.length ? make("div", { class: "meta" }, ...facts) : null;
}

function trouble(reply) {
  const error = reply.error;
  if (!error) return null;
  const title = reply.outcome === "refused" ? "Refused" : "No answer";
  return make(
    "div",
    { class: "trouble" },
    make("h3", {}, `${title}: ${error.message}`),
    error.why ? make("p", {}, error.why) : null,
    error.hint ? make("p", {}, `What to do: ${error.hint}`) : null,
    make("code", {}, [error.code, reply.request_id].filter(Boolean).join(" · ")),
  );
}

function choices(reply) {
  if (!reply.choices?.length) return null;
  const labels = { clarify: "Which one do you mean?", answer: "It could also mean" };
  const label = labels[reply.outcome] ?? "These can be answered";
  const buttons = reply.choices.map((choice) => button(choice.label, () => ask(choice.question)));
  return make("div", { class: "choices", role: "group", "aria-label": label }, ...buttons);
}

function list(kind, texts) {
  return texts?.length ? make("ul", { class: kind }, ...texts.map((text) => make("li", {}, text))) : null;
}

function replyOf(reply) {
  const failed = trouble(reply);
  // The box of a failure says all that the sentence would.
  const said = failed ? null : reply.response;
  const readAs = [reply.interpretation ? `Read as: ${reply.interpretation}` : null, ...(reply.assumptions ?? [])].filter(Boolean);
  return make(
    "div",
    { class: "reply" },
    failed,
    said ? make("p", { class: "text" }, said) : null,
    readAs.length ? make("p", { class: "read-as" }, readAs.join(" · ")) : null,
    choices(reply),
    meta(reply),
    list("insights", reply.key_insights),
    list("notes", reply.warnings),
    chartPanel(reply),
    reply.data_table && reply.rows ? tablePanel(reply) : null,
    reply.sql_query ? sqlPanel(reply.sql_query) : null,
  );
}

// ---- a turn

function addTurn(question) {
  page.welcome.hidden = true;
  page.new.hidden = false;
  const stages = stageList();
  const again = button("Ask again", () => ask(question), "quiet small again");
  const node = make("article", { class: "turn" }, make("div", { class: "asked" }, make("h2", {}, question), again), stages.list);
  again.hidden = true;
  page.turns.append(node);
  return { node, stages, again };
}

function show({ node, stages, again }, reply) {
  again.hidden = false;
  fold(stages, reply);
  if (!reply.timings_ms) stages.list.remove();
  node.append(replyOf(reply));
}

function announce(reply) {
  const rows = reply.row_count === null || reply.row_count === undefined ? "" : ` ${count(reply.row_count, "row")}.`;
  page.announce.textContent = `${reply.error?.message ?? reply.response ?? ""}${rows}`;
}

// ---- asking

async function ask(text) {
  const question = text.trim();
  if (!question || running) return;
  const abort = new AbortController();
  const turn = addTurn(question);
  running = { abort, question };
  busy(true);
  turn.node.scrollIntoView({ block: "start" });
  const begun = performance.now();
  const clock = make("div", { class: "meta" });
  turn.stages.list.classList.add("open");
  turn.node.append(clock);
  const tick = () => {
    const took = performance.now() - begun;
    clock.textContent = took < LONG_WAIT_MS ? seconds(took) : `${seconds(took)} · Esc stops`;
  };
  const timer = setInterval(tick, 200);
  page.announce.textContent = "working";
  let reply;
  try {
    reply = await request(question, abort.signal, turn.stages);
  } catch (error) {
    reply = abort.signal.aborted ? stopped(question) : unreachable(error);
  } finally {
    clearInterval(timer);
    clock.remove();
    running = null;
    busy(false);
  }
  show(turn, reply);
  announce(reply);
  if (!reply.stopped && !reply.unreachable) keep({ question, reply });
  page.question.focus({ preventScroll: true });
}

function stopped(question) {
  const isFree = !page.question.value;
  if (isFree) { page.question.value = question; sized(); }
  return { stopped: true, outcome: "error", response: isFree ? "Stopped. The question is back in the box." : "Stopped." };
}

function unreachable(error) {
  console.error(error);
  const why = "the server did not answer; it may have been stopped";
  const hint = "start it again with t2s serve, then ask again";
  return { unreachable: true, outcome: "error", error: { code: "unreachable", message: "no connection to the server", why, hint } };
}

async function request(question, signal, stages) {
  const sent = turns.filter((turn) => turn.reply.success).slice(-SENT)
    .map((turn) => ({ question: turn.question, sql: turn.reply.sql_query }));
  const response = await fetch("/api/query", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream, application/json" },
    body: JSON.stringify({ question, turns: sent }),
    signal,
  });
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return follow(response, stages);
  return response.json();
}

// Reads server-sent events until the one that carries the outcome.
async function follow(response, stages) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the answer broke off");
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const reply = heard(block, stages);
      if (reply) return reply;
    }
  }
}

function heard(block, stages) {
  let event = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5).trimStart();
  }
  if (!data) return null;
  const told = JSON.parse(data);
  if (event === "stage") {
    stages.set(told.stage, { begun: "now", done: "done", skipped: "skipped" }[told.state], told.evidence ?? told.why ?? "", told.ms ?? null);
    return null;
  }
  if (event === "rows") { stages.set("run", "now", `${count(told.rows, "row")} so far`); return null; }
  return ["answer", "clarify", "abstain", "refused", "error"].includes(event) ? told : null;
}

// ---- what this tab remembers

function keep(turn) {
  turns.push(turn);
  turns = turns.slice(-KEPT);
  // The store of a tab holds about five megabytes: pictures go first, then the oldest turns.
  for (const stored of [turns, turns.map(withoutPicture), ...turns.map((_, at) => turns.slice(at + 1).map(withoutPicture))]) {
    try {
      sessionStorage.setItem(STORE, JSON.stringify(stored));
      return;
    } catch { /* try a smaller one */ }
  }
}

function withoutPicture({ question, reply }) {
  return { question, reply: { ...reply, visualization: null } };
}

function remembered() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}

// ---- the box

function busy(is) {
  page.send.hidden = is;
  page.stop.hidden = !is;
}

function sized() {
  const box = page.question;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  const most = box.maxLength;
  page.count.textContent = box.value.length >= most * 0.8 ? `${box.value.length} of ${most}` : "";
}

function send() {
  if (running || !page.question.value.trim()) return;
  const text = page.question.value;
  page.question.value = "";
  sized();
  ask(text);
}

page.form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
page.question.addEventListener("input", sized);
page.question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  else if (event.key === "ArrowUp" && !page.question.value && turns.length) {
    event.preventDefault();
    page.question.value = turns[turns.length - 1].question;
    sized();
  }
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") running?.abort.abort(); });
page.stop.addEventListener("click", () => running?.abort.abort());
page.new.addEventListener("click", () => {
  running?.abort.abort();
  turns = [];
  sessionStorage.removeItem(STORE);
  page.turns.replaceChildren();
  page.welcome.hidden = false;
  page.new.hidden = true;
  page.question.focus();
});
page.examples.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  ask(new URL(link.href).searchParams.get("q") ?? "");
});

// ---- begin

turns = remembered();
for (const { question, reply } of turns) show(addTurn(question), reply);
page.turns.lastElementChild?.scrollIntoView({ block: "start" });
// A link may fill the box; only a person sends it.
const wanted = new URLSearchParams(location.search).get("q");
if (wanted) { page.question.value = wanted.slice(0, page.question.maxLength); history.replaceState(null, "", "/chat"); }
sized();
page.question.focus({ preventScroll: true });
