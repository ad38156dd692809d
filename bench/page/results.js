// SPDX-License-Identifier: MIT
// What the results say: cells by corpus, variant and list, the best peer of each, ratios, checks; and what is chosen.
const { now: NOW, history: HISTORY } = JSON.parse(document.getElementById("data").textContent);
const CLASSES = ["term", "intersection", "union", "phrase", "intersection_union", "negated", "two-phase-critic"];
const MODES = ["COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT"];
const METRICS = ["mean", "geomean", "p50", "p90", "p99"];
const VARIANTS = {
  one: "one segment", ten: "ten segments", deleted: "5 % deleted", "k0.9": "k1 0.9, b 0.4", english: "English analysers",
};
const LISTS = { game: "benchmark game", sampled: "sampled" };

const uniq = (values) => [...new Set(values)];
const inOrder = (order) => (a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99);
const total = (rows, value) => rows.reduce((sum, row) => sum + value(row), 0);
const count = (n, one, many) => `${whole(n)} ${n === 1 ? one : many || one + "s"}`;
const variantName = (variant) => VARIANTS[variant] || variant;
const listName = (list) => LISTS[list] || list;
const conditions = (set) => [variantName(set.variant), listName(set.list)].join(", ");
const named = (set) => [set.corpus, variantName(set.variant), listName(set.list)].join(" · ");

/** Any value of a result as a line of text. */
function plain(value) {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(plain).join(" ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, part]) => `${name} ${plain(part)}`).join(", ");
}

/** A commit by its first letters, with + where the sources were changed. */
function commitName(result, length) {
  const [, hash, changed] = String(result.commit || "unknown").match(/^(.*?)(\+.*)?$/);
  return hash.slice(0, length) + (changed ? "+" : "");
}

/** The sets of a results file: one for each corpus, variant and list, with its cells: class, mode, rows by engine. */
function combine(rows) {
  const sets = new Map();
  for (const row of rows) {
    const key = JSON.stringify([row.corpus, row.variant, row.list]);
    if (!sets.has(key)) sets.set(key, { corpus: row.corpus, variant: row.variant, list: row.list, byName: new Map() });
    const cells = sets.get(key).byName, name = JSON.stringify([row.class, row.mode]);
    if (!cells.has(name)) cells.set(name, { class: row.class, mode: row.mode, rows: {} });
    cells.get(name).rows[row.engine] = row;
  }
  for (const set of sets.values()) {
    const byPlace = (a, b) => inOrder(CLASSES)(a.class, b.class) || inOrder(MODES)(a.mode, b.mode);
    set.cells = [...set.byName.values()].sort(byPlace);
    set.classes = uniq(set.cells.map((cell) => cell.class));
    set.modes = uniq(set.cells.map((cell) => cell.mode)).sort(inOrder(MODES));
    set.engines = uniq(set.cells.flatMap((cell) => Object.keys(cell.rows))).sort(byRank);
    set.find = (name, mode) => set.byName.get(JSON.stringify([name, mode]));
  }
  return [...sets.values()];
}

/** Whether an engine was asked fewer queries than Quire, or could answer fewer: its figures are of other work. */
const partial = (cell, engine) => cell.rows.quire && cell.rows[engine].queries < cell.rows.quire.queries;

/** The fastest engine that is not Quire and answered the same queries. */
function bestPeer(cell, metric) {
  const peers = Object.keys(cell.rows).filter((engine) =>
    !isQuire(engine) && !partial(cell, engine) && known(cell.rows[engine][metric]));
  if (!peers.length) return null;
  const engine = peers.reduce((a, b) => cell.rows[b][metric] < cell.rows[a][metric] ? b : a);
  return { engine, value: cell.rows[engine][metric] };
}

function ratio(cell, metric) {
  const best = bestPeer(cell, metric), own = cell.rows.quire;
  return best && own && known(own[metric]) && best.value > 0 ? own[metric] / best.value : null;
}

/** How many cells of the sets meet the goal, and the ratios of each. */
function tally(sets) {
  const sum = { mean: 0, p99: 0, list: [] };
  for (const set of sets) {
    for (const cell of set.cells) {
      const mean = ratio(cell, "mean"), p99 = ratio(cell, "p99");
      if (!known(mean)) continue;
      sum.mean += mean <= 0.5;
      sum.p99 += known(p99) && p99 <= 0.5;
      sum.list.push({ set, cell, mean, p99, worst: Math.max(mean, p99 ?? 0) });
    }
  }
  sum.list.sort((a, b) => b.worst - a.worst);
  sum.lost = sum.list.filter((one) => one.worst > 1);
  return sum;
}

/** A check that came to no number of differences has failed as a whole. */
const differing = (check) => known(check.differences) ? check.differences : 1;
const unexplained = (check) => differing(check) > 0 && !check.explained;

/** The exponent of growth: y grows as x to the power of the slope of the line through the logarithms. */
function exponent(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mx = total(logs, (p) => p[0]) / logs.length, my = total(logs, (p) => p[1]) / logs.length;
  const square = total(logs, (p) => (p[0] - mx) ** 2);
  return square > 0 ? total(logs, (p) => (p[0] - mx) * (p[1] - my)) / square : null;
}

/** MB of text for each second of the processor. */
const indexSpeed = (row) => known(row.text_bytes) && row.cpu_seconds > 0 ? row.text_bytes / 1e6 / row.cpu_seconds : null;

const SETS = combine(NOW.query);
const KEYS = ["corpus", "variant", "list"];
const state = { corpus: null, variant: null, list: null, metric: "mean", mode: "TOP_10" };
const fits = (set, keys) => keys.every((key) => set[key] === state[key]);
const chosen = () => SETS.find((set) => fits(set, KEYS));
const address = (set) => "#" + new URLSearchParams({ corpus: set.corpus, variant: set.variant, list: set.list });

/** What can be chosen of a key, given what is chosen of those before it. */
function options(key) {
  if (key === "metric") return METRICS;
  if (key === "mode") return chosen() ? chosen().modes : MODES;
  return uniq(SETS.filter((set) => fits(set, KEYS.slice(0, KEYS.indexOf(key)))).map((set) => set[key]));
}

/** Takes over what the address asks for, as far as there are results for it. */
function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const key of Object.keys(state)) {
    const there = options(key), wish = asked.get(key) ?? state[key];
    state[key] = there.includes(wish) ? wish : there.includes(state[key]) ? state[key] : there[0];
  }
}
