// SPDX-License-Identifier: MIT
// What the page shows, from the results in it. The choice of corpus, variant, list, metric and mode is in the address.
const { now: NOW, history: HISTORY } = JSON.parse(document.getElementById("data").textContent);
const CLASSES = ["term", "intersection", "union", "phrase", "intersection_union", "negated", "two-phase-critic"];
const MODES = ["COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT"];
const METRICS = ["mean", "geomean", "p50", "p90", "p99"];
const VARIANTS = { one: "one segment", ten: "ten segments", deleted: "5 % deleted", "k0.9": "k1 0.9, b 0.4", english: "English analysers" };
const LISTS = { game: "benchmark game", sampled: "sampled" };
const $ = (id) => document.getElementById(id);
const put = (id, ...content) => $(id).replaceChildren(...content.flat(3).filter((c) => c));
const uniq = (values) => [...new Set(values)];
const inOrder = (order) => (a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99);
const label = (result, i, length = 9) => {
  const [, hash, dirty] = String(result.commit || `#${i + 1}`).match(/^(.*?)(\+.*)?$/);
  return hash.slice(0, length) + (dirty ? "+" : "");
};
const count = (n, one, many) => `${whole(n)} ${n === 1 ? one : many || one + "s"}`;

/** The cells of a results file by corpus, variant, list; in each: class, mode, the rows by engine. */
function combine(rows) {
  const all = new Map();
  for (const row of rows) {
    const key = JSON.stringify([row.corpus, row.variant, row.list]);
    if (!all.has(key)) all.set(key, { corpus: row.corpus, variant: row.variant, list: row.list, cells: new Map() });
    const cells = all.get(key).cells, name = JSON.stringify([row.class, row.mode]);
    if (!cells.has(name)) cells.set(name, { class: row.class, mode: row.mode, rows: {} });
    cells.get(name).rows[row.engine] = row;
  }
  for (const one of all.values()) {
    one.cells = [...one.cells.values()].sort((a, b) => inOrder(CLASSES)(a.class, b.class) || inOrder(MODES)(a.mode, b.mode));
    one.classes = uniq(one.cells.map((c) => c.class));
    one.modes = uniq(one.cells.map((c) => c.mode)).sort(inOrder(MODES));
    one.engines = uniq(one.cells.flatMap((c) => Object.keys(c.rows))).sort(byRank);
    one.find = (name, mode) => one.cells.find((c) => c.class === name && c.mode === mode);
  }
  return [...all.values()];
}

/** Whether an engine was asked fewer queries than Quire, or could answer fewer: its figures are of other work. */
const partial = (cell, engine) => cell.rows.quire && cell.rows[engine].queries < cell.rows.quire.queries;

/** The fastest engine that is not Quire and answered the same queries. */
function bestPeer(cell, metric) {
  let best = null;
  for (const [engine, row] of Object.entries(cell.rows)) {
    if (!isQuire(engine) && !partial(cell, engine) && known(row[metric]) && (!best || row[metric] < best.value)) best = { engine, value: row[metric] };
  }
  return best;
}
function ratio(cell, metric) {
  const best = bestPeer(cell, metric), own = cell.rows.quire;
  return best && own && known(own[metric]) && best.value > 0 ? own[metric] / best.value : null;
}

const SETS = combine(NOW.query);
const state = { corpus: null, variant: null, list: null, metric: "mean", mode: "TOP_10" };
const chosen = () => SETS.find((c) => c.corpus === state.corpus && c.variant === state.variant && c.list === state.list);
const named = (set) => [set.corpus, VARIANTS[set.variant] || set.variant, LISTS[set.list] || set.list].join(" · ");
const link = (set) => "#" + new URLSearchParams({ corpus: set.corpus, variant: set.variant, list: set.list });

/** Takes over what the address asks for, as far as there are results for it. */
function readAddress() {
  const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  for (const key of ["corpus", "variant", "list"]) {
    const before = ["corpus", "variant", "list"].slice(0, ["corpus", "variant", "list"].indexOf(key));
    const there = uniq(SETS.filter((c) => before.every((b) => c[b] === state[b])).map((c) => c[key]));
    const wish = asked[key] ?? state[key];
    state[key] = there.includes(wish) ? wish : there[0];
  }
  if (METRICS.includes(asked.metric)) state.metric = asked.metric;
  const modes = chosen() ? chosen().modes : MODES;
  if (modes.includes(asked.mode)) state.mode = asked.mode;
  if (!modes.includes(state.mode)) state.mode = modes[0];
}

function choice() {
  const options = {
    corpus: uniq(SETS.map((c) => c.corpus)),
    variant: uniq(SETS.filter((c) => c.corpus === state.corpus).map((c) => c.variant)),
    list: uniq(SETS.filter((c) => c.corpus === state.corpus && c.variant === state.variant).map((c) => c.list)),
    metric: METRICS, mode: chosen() ? chosen().modes : MODES,
  };
  const titles = { corpus: "Corpus", variant: "Variant", list: "Queries", metric: "Metric", mode: "Mode (curves)" };
  const focus = document.activeElement && document.activeElement.name;
  put("choice", Object.entries(options).map(([key, values]) => h("label", {}, titles[key],
    h("select", { name: key }, values.map((v) => h("option", { value: v, selected: v === state[key] ? "" : null },
      (key === "variant" ? VARIANTS[v] : key === "list" ? LISTS[v] : null) || v))))));
  if (focus && $("choice").elements[focus]) $("choice").elements[focus].focus();
}

/* The answer, over everything measured. */
function tally(sets) {
  const sum = { cells: 0, mean: { met: 0, near: 0, lost: 0 }, p99: { met: 0, near: 0, lost: 0 }, list: [] };
  for (const set of sets) {
    for (const cell of set.cells) {
      const mean = ratio(cell, "mean"), p99 = ratio(cell, "p99");
      if (!known(mean)) continue;
      sum.cells++;
      sum.mean[verdict(mean)]++;
      if (known(p99)) sum.p99[verdict(p99)]++;
      sum.list.push({ set, cell, mean, p99, worst: Math.max(mean, p99 ?? 0) });
    }
  }
  return sum;
}

const goalKind = (met, cells) => met === cells ? "met" : met * 2 >= cells ? "near" : "lost";
function tile(kind, value, label) {
  return h("div", { class: "tile " + kind }, h("b", {}, value), h("span", {}, label));
}

function summary() {
  const sum = tally(SETS);
  const settings = NOW.settings || {};
  put("when", `Commit ${label(NOW, 0, 12)}, ${String(NOW.date || "").replace("T", " ").replace(/(:\d\d)(\.\d+)?(Z|[+-]00:00)$/, "$1 UTC")}`
    + `${settings.form ? `, ${settings.form} form` : ""}. ${count(SETS.length, "set of queries", "sets of queries")}, `
    + `${count(uniq(NOW.query.map((r) => r.engine)).length, "engine")}. ${machineLine()}`);
  const of = (n) => `${whole(n)} of ${whole(sum.cells)}`;
  const lost = sum.list.filter((c) => c.worst > 1).length;
  put("verdict", sum.cells ? h("div", { class: "tiles" },
    tile(goalKind(sum.mean.met, sum.cells), of(sum.mean.met), "cells with a mean of at most half the best peer's"),
    tile(goalKind(sum.p99.met, sum.cells), of(sum.p99.met), "cells with a p99 of at most half the best peer's"),
    tile(lost ? "lost" : "met", of(lost), "cells slower than the best peer, by mean or p99"),
    tile("", ratioText(Math.exp(sum.list.reduce((a, c) => a + Math.log(c.mean), 0) / sum.list.length)),
      "geometric mean of all ratios of means")) : h("p", { class: "alert" }, "No cell has both Quire and a peer."));
  put("state", h("ul", { class: "notes" }, runNotes(), checkNotes(), skipNotes()));
}

/** What makes the figures as a whole less than they should be. */
function runNotes() {
  const notes = [], m = NOW.machine || {}, load = [].concat(m.load)[0];
  if (NOW.complete === false) {
    notes.push(h("li", { class: "lost" }, h("b", {}, "Incomplete. "), "The run was interrupted, or a check of it failed."));
  }
  if (known(load) && load > (m.cores || 1) / 2) {
    notes.push(h("li", { class: "near" }, h("b", {}, "Busy machine. "), `Load ${number(load)} on ${count(m.cores || 1, "core")} when the run began: engines were measured in turn, but times are less certain.`));
  }
  return notes;
}

function skipNotes() {
  const skipped = Object.entries(NOW.skipped || {});
  const note = ([what, why]) => [h("b", {}, `${what}: `), plain(why)];
  if (!skipped.length) return [];
  if (skipped.length === 1) return [h("li", { class: "near" }, h("b", {}, "Skipped. "), note(skipped[0]))];
  return [h("li", { class: "near" }, h("b", {}, `Skipped: ${skipped.length}. `), h("ul", {}, skipped.map((s) => h("li", {}, note(s)))))];
}

function machineLine() {
  const m = NOW.machine || {};
  return [m.processor, m.cores && count(m.cores, "core"), m.memory_mb && `${number(m.memory_mb / 1024)} GB`,
    m.load !== undefined && `load ${plain(m.load)}`].filter(Boolean).join(", ") + (m.processor ? "." : "");
}
const plain = (value) => value === null || value === undefined ? "–" : Array.isArray(value) ? value.map(plain).join(" ")
  : typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k} ${plain(v)}`).join(", ") : String(value);

/** A check that came to no number of differences has failed as a whole. */
const differing = (check) => known(check.differences) ? check.differences : 1;
const unexplained = (check) => differing(check) > 0 && !check.explained;
const total = (checks, value) => checks.reduce((sum, check) => sum + value(check), 0);

function checkNotes() {
  const checks = NOW.checks || [];
  if (!checks.length) {
    return [h("li", { class: "lost" }, h("b", {}, "Results were not checked. "), "No figure below is proven to belong to a right answer.")];
  }
  const bad = checks.filter(unexplained), told = checks.filter((c) => differing(c) > 0 && c.explained);
  const compared = `${count(total(checks, (c) => c.queries || 0), "comparison")} in ${count(checks.length, "check")}`;
  const explained = told.length ? ` ${count(total(told, differing), "difference")} explained.` : "";
  return [h("li", { class: bad.length ? "lost" : "met" },
    h("b", {}, bad.length ? `Results differ: ${count(total(bad, differing), "difference")} not explained. ` : "Results checked. "),
    bad.length ? `${compared}.` : `${compared}, no difference unexplained.`, explained, " ", h("a", { href: "#checks" }, "All checks"))];
}

function strip(set) {
  const size = 9, step = 11, gap = 5, parts = [];
  let x = 0;
  for (const name of set.classes) {
    for (const mode of set.modes) {
      const cell = set.find(name, mode);
      ["mean", "p99"].forEach((metric, i) => {
        const value = cell ? ratio(cell, metric) : null;
        parts.push(s("rect", { x, y: i * step, width: size, height: size, rx: 1.5, class: verdict(value) || "bar" },
          s("title", {}, `${name} ${mode} ${metric}: ${ratioText(value)}`)));
      });
      x += step;
    }
    x += gap;
  }
  return s("svg", { class: "strip", width: x, height: 2 * step, "aria-hidden": "true" }, parts);
}

/** A name with what it belongs to in a second, softer line. */
const twoLines = (name, below) => h("span", {}, name, h("br"), h("span", { class: "soft below" }, below));
const conditions = (set) => [VARIANTS[set.variant] || set.variant, LISTS[set.list] || set.list].join(", ");

function overview() {
  const columns = ["corpus", "mean met", "p99 met", "slower", "ratio", "worst cell", "cells by class"].map((name, i) => ({ name, left: i === 0 || i > 4 }));
  const rows = SETS.map((set) => {
    const sum = tally([set]), worst = sum.list.reduce((a, c) => !a || c.worst > a.worst ? c : a, null);
    const lost = sum.list.filter((c) => c.worst > 1).length;
    return [twoLines(h("a", { href: link(set) }, set.corpus), conditions(set)),
      `${sum.mean.met} / ${sum.cells}`, `${sum.p99.met} / ${sum.cells}`, { text: lost, class: lost ? "lost" : null },
      { text: ratioText(worst && worst.worst), class: worst ? verdict(worst.worst) : null },
      worst ? twoLines(worst.cell.class, worst.cell.mode) : null, strip(set)];
  });
  put("overview", stateKey(), table("Cells that meet the goal, for each corpus, variant and list of queries", columns, rows, { id: "overview-table" }));
  const list = tally(SETS).list.filter((c) => c.worst > 1).sort((a, b) => b.worst - a.worst);
  const row = (c) => [twoLines(h("a", { href: link(c.set) }, `${c.cell.class} ${c.cell.mode}`), named(c.set)),
    ...["mean", "p99"].map((metric) => ({ text: ratioText(c[metric]), class: verdict(c[metric]) })),
    ...["mean", "p99"].flatMap((metric) => [number(c.cell.rows.quire[metric]), bestText(c.cell, metric)])];
  const heads = ["cell", "mean, ratio", "p99, ratio", "mean, µs", "best peer", "p99, µs", "best peer"].map((name, i) => ({ name, left: i === 0 }));
  const make = (part, caption) => table(caption, heads, part.map(row));
  put("losing", h("h3", {}, list.length ? `Slower than the best peer: ${count(list.length, "cell")}` : "No cell is slower than the best peer"),
    list.length ? make(list.slice(0, 10), list.length > 10 ? "The ten worst" : "All of them, worst first") : null,
    list.length > 10 ? folded(`The other ${list.length - 10}`, make(list.slice(10), "The others")) : null);
}
const bestText = (cell, metric) => {
  const best = bestPeer(cell, metric);
  return best ? `${number(best.value)} ${best.engine}` : null;
};
function stateKey() {
  return h("ul", { class: "key" }, ["met", "near", "lost"].map((kind) => h("li", {}, h("i", { class: kind, style: `background:var(--${kind}-mark)` }),
    `${SIGNS[kind]} ${{ met: "0.5 or less: goal met", near: "up to 1: ahead, goal missed", lost: "above 1: slower than the best peer" }[kind]}`)));
}

/* One corpus, variant and list. */
function ratios(set) {
  const part = (cell, metric, strong) => {
    const value = cell ? ratio(cell, metric) : null, kind = verdict(value);
    return h("span", { class: kind, "data-metric": metric, title: kind ? `${metric}: ${WORDS[kind]}` : null },
      h("span", { class: "wide" }, strong ? "" : "p99 "), strong ? h("b", {}, ratioText(value)) : ratioText(value), h("span", { class: "wide" }, ` ${SIGNS[kind]}`));
  };
  put("ratios", stateKey(), h("table", { class: "heat", id: "heat" },
    h("caption", {}, "Ratio to the best peer: mean, and p99 below it"),
    h("thead", {}, h("tr", {}, h("th", { class: "name text", scope: "col" }, "class"), set.modes.map((m) => h("th", { scope: "col" }, broken(m))))),
    h("tbody", {}, set.classes.map((name) => h("tr", {}, h("th", { scope: "row" }, broken(name)), set.modes.map((mode) => {
      const cell = set.find(name, mode);
      return h("td", { "data-class": name, "data-mode": mode }, part(cell, "mean", true), part(cell, "p99", false));
    }))))));
}

function latency(set, width) {
  const metric = state.metric;
  const groups = set.classes.map((name) => {
    const cells = set.cells.filter((c) => c.class === name), queries = Math.max(...cells.flatMap((c) => Object.values(c.rows).map((r) => r.queries || 0)));
    return { name: `${name} (${count(queries, "query", "queries")})`, rows: cells.map((cell) => ({ name: cell.mode, cell })) };
  });
  const all = set.cells.map((c) => ratio(c, metric));
  const bounds = logBounds(all, [0.25, 1.4]);
  const line = (panel, at, name, height) => s("line", { class: name, x1: panel.x(at), x2: panel.x(at), y1: TOP - 4, y2: height });
  const ratioPanel = {
    share: 1, right: 46, scale: (a, b) => logScale(...bounds, a, b),
    ticks: logTicks(...bounds, 6).filter((t) => Math.abs(Math.log(t / 0.5)) > 0.05), tick: short,
    under: (p, height) => [s("rect", { class: "tint", x: p.from - 8, y: TOP - 4, width: p.x(0.5) - p.from + 8, height: height - TOP + 4 }),
      text(p.x(0.5), TOP - 9, "0.5", { "text-anchor": "middle", class: "strong" })],
    over: (p, height) => [line(p, 0.5, "goal", height), line(p, 1, "even", height)],
    draw: (p, row, y) => {
      const value = ratio(row.cell, metric), kind = verdict(value);
      if (!known(value)) return text(p.to + 42, y + 3.5, "–", { "text-anchor": "end" });
      return [s("rect", { class: kind, x: Math.min(p.x(value), p.x(1)), width: Math.abs(p.x(1) - p.x(value)), y: y - 1.25, height: 2.5 }),
        s("circle", { class: kind, cx: p.x(value), cy: y, r: 4.5 }, s("title", {}, `${row.cell.class} ${row.name}: ${ratioText(value)}`)),
        text(p.to + 42, y + 3.5, `${ratioText(value)} ${SIGNS[kind]}`, { "text-anchor": "end", class: kind === "lost" ? "strong" : "value" })];
    },
  };
  const values = set.cells.flatMap((c) => Object.values(c.rows).map((r) => r[metric]));
  const range = logBounds(values);
  const timePanel = {
    share: 1, right: 12, scale: (a, b) => logScale(...range, a, b), ticks: logTicks(...range, 6), tick: short,
    draw: (p, row, y) => {
      const marks = set.engines.filter((e) => row.cell.rows[e] && known(row.cell.rows[e][metric])).map((e) => [e, row.cell.rows[e][metric]]);
      if (!marks.length) return null;
      const xs = marks.map(([, v]) => p.x(v));
      return [s("line", { class: "span", x1: Math.min(...xs), x2: Math.max(...xs), y1: y, y2: y }),
        [...marks].reverse().map(([e, v]) => {
          const dot = mark(e, p.x(v), y, 3.6);
          dot.append(s("title", {}, `${row.cell.class} ${row.name}, ${e}: ${number(v)} µs`));
          return dot;
        })];
    },
  };
  const words = [`Ratio of ${metric}, Quire to the best peer, by class and mode`, `${metric} in µs of each engine, by class and mode, logarithmic`];
  const figure = (caption, ...content) => h("figure", {}, h("figcaption", {}, caption), ...content);
  const first = `Left of the dashed line the goal is met; right of the solid one the best peer is faster.`;
  if (width >= 860) {
    put("latency", h("h3", {}, `Ratio and time, ${metric}`), figure(`On the left the ratio to the best peer: ${first.toLowerCase()} On the right the time of each engine in µs. Both axes are logarithmic.`,
      engineKey(set.engines), rowPlot(width, 116, groups, [{ ...ratioPanel, share: 0.46, right: 66 }, { ...timePanel, share: 0.54 }], words.join("; "))));
  } else {
    put("latency", h("h3", {}, `Ratio to the best peer, ${metric}`), figure(first, rowPlot(width, 104, groups, [ratioPanel], words[0])),
      h("h3", {}, `Time in µs, ${metric}`), figure("Each engine, on a logarithmic axis.", engineKey(set.engines), rowPlot(width, 104, groups, [timePanel], words[1])));
  }
  latencyTable(set);
}

function latencyTable(set) {
  const metric = state.metric, columns = [{ name: "class" }, { name: "mode" }, { name: "ratio" }, ...set.engines.map((name) => ({ name })),
    { name: "best peer", left: true }, { name: "won by Quire" }];
  put("latency-table", unfolded(`${metric} as a table`, table(`${metric}, µs; in bold the fastest${set.cells.some((c) => Object.keys(c.rows).some((e) => partial(c, e))) ? "; † asked fewer queries, so not compared" : ""}`, columns, set.cells.map((cell) => {
    const values = set.engines.map((e) => (cell.rows[e] || {})[metric]);
    const least = Math.min(...values.filter((v, i) => known(v) && !partial(cell, set.engines[i])));
    const note = (e) => cell.rows[e] && partial(cell, e) ? h("span", { class: "soft", title: `of ${whole(cell.rows[e].queries)} queries` }, " †") : null;
    const best = bestPeer(cell, metric), value = ratio(cell, metric);
    return [cell.class, cell.mode, { text: `${ratioText(value)} ${SIGNS[verdict(value)]}`, class: verdict(value), "data-ratio": metric }, ...values.map((v, i) => ({ text: h("span", {}, number(v), note(set.engines[i])), class: v === least && !note(set.engines[i]) ? "best" : null,
      "data-class": cell.class, "data-mode": cell.mode, "data-engine": set.engines[i] })), best && best.engine,
      cell.rows.quire && known(cell.rows.quire.won) ? `${whole(cell.rows.quire.won)} / ${whole(cell.rows.quire.queries)}` : null];
  }), { id: "exact", grouped: true })));
  const rows = set.cells.flatMap((cell) => set.engines.filter((e) => cell.rows[e]).map((engine) => ({ cell, engine, row: cell.rows[engine] })));
  const long = [{ name: "class and mode" }, { name: "engine" }, { name: "queries" }, ...METRICS.map((name) => ({ name })), { name: "fastest on" }];
  put("latency-all", folded("All figures of all engines", table("µs for each class, mode and engine; on how many queries it is the fastest of all", long, rows.map(({ cell, engine, row }) =>
    [`${cell.class} ${cell.mode}`, engine, whole(row.queries), ...METRICS.map((m) => ({ text: number(row[m]), "data-class": cell.class, "data-mode": cell.mode, "data-engine": engine, "data-metric": m })), whole(row.won)]),
  { id: "every", grouped: true })));
}

const panelWidth = (width) => {
  const columns = Math.max(1, Math.floor((width + 20) / 280));
  return Math.floor((width - 20 * (columns - 1)) / columns);
};

function distribution(set, width) {
  const with21 = set.cells.filter((c) => c.mode === state.mode && Object.values(c.rows).some((r) => (r.quantiles || []).length > 1));
  if (!with21.length) return put("quantiles", h("p", {}, "These results have no quantiles."));
  const values = with21.flatMap((c) => Object.values(c.rows).flatMap((r) => r.quantiles || []));
  const y = { bounds: logBounds(values) }, one = panelWidth(width);
  const x = { bounds: [0, 100], ticks: [0, 25, 50, 75, 100], tick: (v) => `${v}%` };
  const points = (row) => row.quantiles.map((v, i) => [i * 100 / (row.quantiles.length - 1), v]);
  put("quantiles", h("figure", {}, h("figcaption", {}, `${state.mode}: the share of queries that take at most so many µs. Logarithmic, one scale for all classes.`),
    engineKey(set.engines)), h("div", { class: "many" }, with21.map((cell) => h("figure", {}, h("figcaption", {}, cell.class),
    linePlot(one, 190, set.engines.filter((e) => cell.rows[e] && (cell.rows[e].quantiles || []).length > 1)
      .map((engine) => ({ engine, points: points(cell.rows[engine]), marks: [10] })), x, y,
    `Quantiles of the time of ${cell.class} ${state.mode} queries for each engine`)))));
  const heads = [{ name: "class" }, { name: "engine" }, ...Array.from({ length: 21 }, (_, i) => ({ name: `${i * 5}%` }))];
  const rows = with21.flatMap((cell) => set.engines.filter((e) => cell.rows[e] && (cell.rows[e].quantiles || []).length === 21).map((e) => [cell, e]));
  put("quantiles-table", folded("Quantiles as a table", table(`${state.mode}: µs at each 5 %`, heads,
    rows.map(([cell, e]) => [cell.class, e, ...cell.rows[e].quantiles.map(number)]), { grouped: true, id: "quantiles-exact" })));
}

/* Slopes: y grows as documents to the power of the slope of a line through the logarithms. */
function exponent(points) {
  const logs = points.map(([a, b]) => [Math.log(a), Math.log(b)]), n = logs.length;
  const mx = logs.reduce((t, p) => t + p[0], 0) / n, my = logs.reduce((t, p) => t + p[1], 0) / n;
  const sxx = logs.reduce((t, p) => t + (p[0] - mx) ** 2, 0);
  return sxx > 0 ? logs.reduce((t, p) => t + (p[0] - mx) * (p[1] - my), 0) / sxx : null;
}

function slope(width) {
  const rows = (NOW.slope || []).map((r) => ({ ...r, corpus: String(r.corpus).replace(/[:-]\d+[km]?$/i, "") }));
  if (!rows.length) return put("slope", h("p", {}, "This result has no corpora of several sizes."));
  const corpora = uniq(rows.map((r) => r.corpus)), metric = ["mean", "p50", "p99"].includes(state.metric) ? state.metric : "mean";
  const corpus = corpora.includes(state.corpus) ? state.corpus : corpora[0];
  const here = rows.filter((r) => r.corpus === corpus), engines = uniq(here.map((r) => r.engine)).sort(byRank);
  const queries = here.filter((r) => r.class), modes = uniq(queries.map((r) => r.mode)).sort(inOrder(MODES));
  const mode = modes.includes(state.mode) ? state.mode : modes[0];
  const sizes = uniq(here.map((r) => r.documents)).sort((a, b) => a - b);
  const panels = uniq(queries.filter((r) => r.mode === mode).map((r) => r.class)).sort(inOrder(CLASSES)).map((name) => ({
    name, unit: "µs", series: engines.map((engine) => ({ engine, points: queries.filter((r) => r.class === name && r.mode === mode && r.engine === engine)
      .map((r) => [r.documents, r[metric]]).sort((a, b) => a[0] - b[0]) })) }));
  const builds = here.filter((r) => !r.class);
  const build = [["cpu_seconds", "indexing, CPU seconds", "s"], ["bytes", "size of the index, bytes", "bytes"]].filter(([key]) => builds.some((r) => known(r[key]))).map(([key, name, unit]) => ({
    name, unit, own: true, series: engines.map((engine) => ({ engine, points: builds.filter((r) => r.engine === engine && known(r[key])).map((r) => [r.documents, r[key]]).sort((a, b) => a[0] - b[0]) })) }));
  const y = { bounds: logBounds(panels.flatMap((p) => p.series.flatMap((t) => t.points.map((q) => q[1])))) };
  const x = { log: true, bounds: logBounds(sizes), ticks: sizes, tick: short }, one = panelWidth(width);
  put("slope", h("figure", {}, h("figcaption", {}, `${corpus}, ${mode}, ${metric} in µs over the number of documents. Both axes are logarithmic: twice as steep is a cost that grows twice as fast.`), engineKey(engines)),
    h("div", { class: "many" }, [...panels, ...build].map((p) => h("figure", {}, h("figcaption", {}, p.name),
      linePlot(one, 190, p.series.map((t) => ({ ...t, marks: "all" })), x, p.own ? { bounds: logBounds(p.series.flatMap((t) => t.points.map((q) => q[1]))) } : y, `${p.name}: growth with the number of documents for each engine`)))));
  const heads = [{ name: "class" }, { name: "engine" }, ...sizes.map((n) => ({ name: whole(n) })), { name: "exponent" }];
  const lines = [...panels, ...build].flatMap((p) => p.series.filter((t) => t.points.length).map((t) => [p, t]));
  put("slope-table", folded("Growth as a table", table(`At each number of documents; the exponent is that of the line through the logarithms`, heads, lines.map(([p, t]) => [p.name, t.engine,
    ...sizes.map((n) => number((t.points.find((q) => q[0] === n) || [])[1])), t.points.length > 1 ? exponent(t.points).toFixed(2) : null]), { grouped: true, id: "growth-exact" })));
}

function indexing(width) {
  const all = (NOW.index || []).filter((r) => r.corpus === state.corpus && !r.unsupported);
  const variant = all.some((r) => r.variant === state.variant) ? state.variant : all.some((r) => r.variant === "one") ? "one" : (all[0] || {}).variant;
  const rows = all.filter((r) => r.variant === variant).sort((a, b) => byRank(a.engine, b.engine));
  if (!rows.length) {
    put("build", h("p", {}, `This result has no indexing of ${state.corpus}.`));
    return put("parts"), put("build-table");
  }
  const speed = (r) => known(r.text_bytes) && r.cpu_seconds > 0 ? r.text_bytes / 1e6 / r.cpu_seconds : null;
  const one = panelWidth(width);
  const bars = (title, value, show) => h("figure", {}, h("figcaption", {}, title), barPlot(one, rows.map((r) => ({ name: r.engine, value: value(r), text: show(value(r)), fill: colour(r.engine) })), title));
  put("build", h("figure", {}, h("figcaption", {}, `${state.corpus}, ${VARIANTS[variant] || variant}: from text on disk to a durable index, one thread. The longer the better in the first figure, the shorter in the others.`)), h("div", { class: "many" },
    bars("MB of text per CPU second", speed, number),
    bars("Peak memory, MiB", (r) => r.peak_kb / 1024, number),
    bars("Size of the index, % of the text", (r) => 100 * r.bytes / r.text_bytes, number)));
  const every = (NOW.index || []).filter((r) => !r.unsupported);
  const heads = ["corpus and variant", "engine", "documents", "text, MB", "CPU s", "wall s", "MB / CPU s", "peak MiB", "index, MB", "% of text", "written, MB"].map((name) => ({ name }));
  put("build-table", folded("Every index as a table", table("Building, for each corpus, variant and engine", heads, every.map((r) => [`${r.corpus}, ${VARIANTS[r.variant] || r.variant}`, r.engine, whole(r.documents), number(r.text_bytes / 1e6), number(r.cpu_seconds),
    number(r.wall_seconds), number(speed(r)), number(r.peak_kb / 1024), number(r.bytes / 1e6), number(100 * r.bytes / r.text_bytes), known(r.bytes_written) ? number(r.bytes_written / 1e6) : null]),
  { id: "built", grouped: true })));
  const own = rows.filter((r) => r.parts && Object.keys(r.parts).length);
  put("parts", own.length ? h("h3", {}, "Where the bytes are") : null, h("div", { class: "many" }, own.map((r) => {
    const list = Object.entries(r.parts).filter(([, v]) => known(v) && v > 0).sort((a, b) => b[1] - a[1]);
    const sum = list.reduce((t, [, v]) => t + v, 0), share = (v) => `${(100 * v / sum).toFixed(1)} %`;
    return h("figure", {}, h("figcaption", {}, r.engine),
      barPlot(one, list.map(([name, v]) => ({ name, value: v, fill: colour(r.engine), text: share(v) })), `Size of the parts of the index of ${r.engine}`),
      folded("As a table", table(`Bytes of each part, ${r.engine}`, ["part", "bytes", "KB per MB of text", "share"].map((name) => ({ name })),
        list.map(([name, v]) => [name, whole(v), number(1000 * v / r.text_bytes), share(v)]))));
  })));
}

function coldStart() {
  const rows = NOW.cold || [];
  if (!rows.length) return put("cold", h("p", {}, "This result has no cold starts."));
  const query = uniq(rows.map((r) => r.query).filter(Boolean)).join("; "), pages = uniq(rows.map((r) => r.pages).filter(Boolean)).join("; ");
  const heads = ["corpus", "engine", "open, µs", "first query, µs", "both, ms", "process, ms", "beyond one that does nothing, ms"].map((name) => ({ name }));
  put("cold", h("p", {}, "A new process opens the index and answers one query", query ? [" (", h("code", {}, query), ")"] : null, pages ? `; pages ${pages}` : null,
    ". Goal: opening and answer together at most 1 ms."),
  table("Medians of several starts", heads, rows.map((r) => {
    const both = known(r.open_us) && known(r.first_query_us) ? (r.open_us + r.first_query_us) / 1000 : null;
    return [r.corpus, r.engine, number(r.open_us), number(r.first_query_us), { text: number(both), class: isQuire(r.engine) && known(both) ? (both <= 1 ? "met" : "lost") : null },
      number(r.process_ms), known(r.nothing_ms) ? number(r.process_ms - r.nothing_ms) : null];
  }), { id: "cold-table", grouped: true }));
}

function trend(width) {
  const dates = HISTORY.map((r, i) => ({ ...r, set: combine(r.query).find((c) => c.corpus === state.corpus && c.variant === state.variant && c.list === state.list), label: label(r, i) })).filter((r) => r.set);
  if (dates.length < 2) return put("trend", h("p", {}, "One result only for this choice. Give bench/report older results, or a folder of them, to see the trend.")), put("trend-table");
  const set = chosen(), metric = state.metric;
  const value = (r, name) => { const c = r.set.find(name, state.mode); return c && c.rows.quire ? c.rows.quire[metric] : null; };
  const best = (r, name) => { const c = r.set.find(name, state.mode), b = c && bestPeer(c, metric); return b ? b.value : null; };
  const classes = set.classes.filter((name) => dates.some((r) => known(value(r, name))));
  const y = { bounds: logBounds(classes.flatMap((name) => dates.flatMap((r) => [value(r, name), best(r, name), best(r, name) / 2]))) };
  const last = dates.length - 1, x = { bounds: [0, last], ticks: uniq([0, last]), tick: (i) => dates[i].label };
  put("trend", h("figure", {}, h("figcaption", {}, `${named(set)}, ${state.mode}, ${metric} in µs: Quire, the best peer measured beside it (dotted), and half of that, the goal (dashed). Runs are of different days: look at the distance, not the height.`)),
    h("div", { class: "many" }, classes.map((name) => h("figure", {}, h("figcaption", {}, name), linePlot(panelWidth(width), 180, [
      { engine: "quire", points: dates.map((r, i) => [i, value(r, name)]), marks: "all" },
      { engine: "xapian", name: "best peer", dash: "1.5 3", points: dates.map((r, i) => [i, best(r, name)]) },
      { engine: "lucene", name: "goal", dash: "5 3", points: dates.map((r, i) => [i, best(r, name) / 2]) }], x, y, `${name}: ${metric} of Quire and of the best peer over commits`)))));
  const heads = [{ name: "commit" }, { name: "date", left: true }, ...classes.map((name) => ({ name }))];
  put("trend-table", folded("Trend as a table", table(`${state.mode}, ${metric}: µs of Quire, and the ratio to the best peer of the same run`, heads, dates.map((r) => [String(r.commit || "").slice(0, 12), String(r.date || "").slice(0, 16).replace("T", " "),
    ...classes.map((name) => { const q = value(r, name), b = best(r, name); return { text: `${number(q)}  (${ratioText(known(q) && b ? q / b : null)})`, class: known(q) && b ? verdict(q / b) : null }; })]), { id: "trend-exact" })));
}

function once() {
  const kernels = NOW.kernels || [];
  $("inner").hidden = !kernels.length;
  put("kernels", kernels.length ? table("Each kernel beside its scalar twin, ns", ["kernel", "compiler", "width", "scalar", "vector", "gain", "unit"].map((name, i) => ({ name, left: i < 2 || i === 6 })),
    kernels.map((k) => [k.kernel, k.compiler, k.width, number(k.scalar_ns), number(k.vector_ns), known(k.scalar_ns) && k.vector_ns > 0 ? `${(k.scalar_ns / k.vector_ns).toFixed(2)}×` : null, k.unit])) : null);
  const pairs = (entries) => h("dl", {}, entries.flatMap(([k, v]) => [h("dt", {}, k.replace(/_/g, " ")), h("dd", {}, plain(v))]));
  const engines = Object.entries(NOW.engines || {}).sort((a, b) => byRank(a[0], b[0]));
  put("machine", h("h3", {}, "Machine and settings"), pairs([...Object.entries(NOW.machine || {}), ...Object.entries(NOW.settings || {})]),
    engines.length ? [h("h3", {}, "Engines"), pairs(engines.map(([k, v]) => [k, v && typeof v === "object" ? [v.version, ...Object.entries(v).filter(([n]) => n !== "version").map(([n, x]) => `${n}: ${plain(x)}`)].filter(Boolean).join("; ") : v]))] : null);
  const corpora = Object.entries(NOW.corpora || {});
  put("corpora", corpora.length ? [h("h3", {}, "Corpora"), table("Texts", ["corpus", "documents", "MB of text", "tokens", "what"].map((name, i) => ({ name, left: i === 0 || i === 4 })),
    corpora.map(([k, c]) => [k, whole(c.documents), number(c.text_bytes / 1e6), whole(c.tokens), plain(c.what)]), { class: "wrap" })] : null);
  checksSection();
}

/** Those that differ one by one; the others summed up by corpus and engine. */
function checksSection() {
  const checks = NOW.checks || [], where = (c) => named(c), sum = new Map();
  if (!checks.length) return put("checks", h("h3", {}, "Checks"), h("p", {}, "None."));
  const bad = checks.filter((c) => differing(c) > 0).sort((a, b) => unexplained(b) - unexplained(a));
  for (const c of checks) {
    const key = JSON.stringify([where(c), c.against, c.what]);
    if (!sum.has(key)) sum.set(key, { where: where(c), against: c.against, what: c.what, queries: 0, differences: 0, unsupported: 0, common: 0, shared: 0 });
    const s = sum.get(key);
    s.queries += c.queries || 0;
    s.differences += differing(c);
    s.unsupported += c.unsupported || 0;
    if (known(c.top_10_in_common)) {
      s.common += c.top_10_in_common * (c.queries || 0);
      s.shared += c.queries || 0;
    }
  }
  const heads = ["set", "against", "what", "queries", "differences", "cannot answer", "best ten in common"].map((name, i) => ({ name, left: i === 2 }));
  const rows = [...sum.values()].sort((a, b) => a.where < b.where ? -1 : a.where > b.where ? 1 : 0);
  put("checks", h("h3", {}, "Checks"),
    bad.length ? table("Where results differ", ["against", "set", "class", "differences", "of", "explained", "example"].map((name, i) => ({ name, left: i < 3 || i > 4 })),
      bad.map((c) => [c.against, where(c), c.class, { text: known(c.differences) ? whole(c.differences) : plain(c.differences), class: unexplained(c) ? "lost" : null },
        whole(c.queries), c.explained ? plain(c.explained) : "no", c.example ? plain(c.example) : ""]), { class: "wrap", id: "differing" }) : null,
    table("All results that were compared", heads, rows.map((s) => [s.where, s.against, s.what, whole(s.queries), whole(s.differences), whole(s.unsupported),
      s.shared ? `${(100 * s.common / s.shared).toFixed(1)} %` : null]), { id: "checked", grouped: true }));
}

function render() {
  readAddress();
  choice();
  const set = chosen(), width = Math.floor(document.querySelector("main").getBoundingClientRect().width);
  for (const p of document.querySelectorAll(".shown")) p.textContent = set ? named(set) : "No queries were measured.";
  if (set) {
    ratios(set);
    latency(set, width);
    distribution(set, width);
    trend(width);
  }
  slope(width);
  indexing(width);
  document.documentElement.dataset.shown = JSON.stringify(state);
}

$("choice").addEventListener("change", (event) => {
  state[event.target.name] = event.target.value;
  history.replaceState(null, "", "#" + new URLSearchParams(state));
  render();
});
$("choice").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  if (!location.hash.includes("=")) return;
  render();
  $("against").scrollIntoView();
});
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.dataset.was = d.open ? "1" : ""; d.open = true; }));
addEventListener("afterprint", () => document.querySelectorAll("details").forEach((d) => { d.open = d.dataset.was === "1"; }));
let drawn = innerWidth;
addEventListener("resize", () => { if (innerWidth !== drawn) { drawn = innerWidth; render(); } });
summary();
overview();
coldStart();
once();
render();
