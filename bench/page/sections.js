// SPDX-License-Identifier: MIT
// The sections of the page, from top to bottom; each function fills one.
const put = (id, ...content) =>
  document.getElementById(id).replaceChildren(...content.flat(3).filter((part) => part));
const columns = (names, left = []) => names.map((name, i) => ({ name, left: left.includes(i) }));
const figure = (caption, ...content) => h("figure", {}, h("figcaption", {}, caption), ...content);
const title = (name) => h("h3", {}, name);
const graded = (value, content = ratioText(value)) => ({ text: content, class: verdict(value) || null });
const withSign = (value) => `${ratioText(value)} ${SIGNS[verdict(value)]}`;
const twoLines = (name, below) => h("span", {}, name, h("br"), h("span", { class: "soft below" }, below));
const note = (kind, strong, ...content) => h("li", { class: kind }, h("b", {}, strong), ...content);

/* ---- The answer first. */

function summary() {
  const sum = tally(SETS), settings = NOW.settings || {}, cells = sum.list.length;
  const date = String(NOW.date || "").replace("T", " ").replace(/(:\d\d)(\.\d+)?(Z|[+-]00:00)$/, "$1 UTC");
  put("when", `Commit ${commitName(NOW, 12)}, ${date}${settings.form ? `, ${settings.form} form` : ""}. `,
    `${count(SETS.length, "set of queries", "sets of queries")}, `,
    `${count(uniq(NOW.query.map((row) => row.engine)).length, "engine")}. ${machineLine()}`);
  const of = (n) => `${whole(n)} of ${whole(cells)}`;
  const grade = (met) => met === cells ? "met" : met * 2 >= cells ? "near" : "lost";
  const tile = (kind, value, label) => h("div", { class: "tile " + kind }, h("b", {}, value), h("span", {}, label));
  put("verdict", cells ? h("div", { class: "tiles" },
    tile(grade(sum.mean), of(sum.mean), "cells with a mean of at most half the best peer's"),
    tile(grade(sum.p99), of(sum.p99), "cells with a p99 of at most half the best peer's"),
    tile(sum.lost.length ? "lost" : "met", of(sum.lost.length), "cells slower than the best peer, by mean or p99"),
    tile("", ratioText(Math.exp(total(sum.list, (one) => Math.log(one.mean)) / cells)),
      "geometric mean of all ratios of means")) : h("p", { class: "alert" }, "No cell has both Quire and a peer."));
  put("state", h("ul", { class: "notes" }, runNotes(), checkNote(), skipNotes()));
}

function machineLine() {
  const m = NOW.machine || {};
  if (!m.processor) return "";
  return [m.processor, m.cores && count(m.cores, "core"), m.memory_mb && `${number(m.memory_mb / 1024)} GB`,
    m.load !== undefined && `load ${plain(m.load)}`].filter(Boolean).join(", ") + ".";
}

/** What makes all figures less certain than they should be. */
function runNotes() {
  const m = NOW.machine || {}, cores = m.cores || 1, load = [].concat(m.load)[0], notes = [];
  if (NOW.complete === false) notes.push(note("lost", "Incomplete. ", "The run was interrupted, or a check of it failed."));
  if (known(load) && load > cores / 2) {
    notes.push(note("near", "Busy machine. ", `Load ${number(load)} on ${count(cores, "core")} when the run began: `,
      "the engines took turns, but their times are less certain."));
  }
  return notes;
}

function checkNote() {
  const checks = NOW.checks || [];
  if (!checks.length) {
    return note("lost", "Results were not checked. ", "No figure below is proven to belong to a right answer.");
  }
  const bad = checks.filter(unexplained), told = checks.filter((c) => differing(c) > 0 && c.explained);
  const compared = count(total(checks, (c) => c.queries || 0), "comparison");
  return note(bad.length ? "lost" : "met",
    bad.length ? `Results differ: ${count(total(bad, differing), "difference")} not explained. ` : "Results checked. ",
    `${compared} in ${count(checks.length, "check")}${bad.length ? "." : ", no difference unexplained."} `,
    told.length ? `${count(total(told, differing), "difference")} explained. ` : null,
    h("a", { href: "#checks" }, "All checks"));
}

function skipNotes() {
  const skipped = Object.entries(NOW.skipped || {}), line = ([what, why]) => [h("b", {}, `${what}: `), plain(why)];
  if (!skipped.length) return null;
  if (skipped.length === 1) return note("near", "Skipped. ", line(skipped[0]));
  return note("near", `Skipped: ${skipped.length}. `, h("ul", {}, skipped.map((one) => h("li", {}, line(one)))));
}

/* ---- Every corpus. */

/** A square for each cell: the modes of each class beside one another, p99 below the mean. */
function strip(set) {
  const size = 9, step = 11, gap = 5, squares = [];
  let x = 0;
  for (const name of set.classes) {
    for (const mode of set.modes) {
      const cell = set.find(name, mode);
      ["mean", "p99"].forEach((metric, i) => {
        const value = cell ? ratio(cell, metric) : null;
        squares.push(s("rect", { x, y: i * step, width: size, height: size, rx: 1.5, class: verdict(value) || "bar" },
          s("title", {}, `${name} ${mode} ${metric}: ${ratioText(value)}`)));
      });
      x += step;
    }
    x += gap;
  }
  return s("svg", { class: "strip", width: x, height: 2 * step, "aria-hidden": "true" }, squares);
}

function gradeKey() {
  const words = {
    met: "0.5 or less: goal met", near: "up to 1: ahead, goal missed", lost: "above 1: slower than the best peer",
  };
  return h("ul", { class: "key" }, Object.entries(words).map(([kind, word]) =>
    h("li", {}, h("i", { style: `background:var(--${kind}-mark)` }), `${SIGNS[kind]} ${word}`)));
}

function overview() {
  const heads = columns(["corpus", "mean met", "p99 met", "slower", "ratio", "worst cell", "cells by class"], [5, 6]);
  put("overview", gradeKey(), table("Cells that meet the goal, for each corpus, variant and list of queries", heads,
    SETS.map((set) => {
      const sum = tally([set]), worst = sum.list[0], cells = sum.list.length;
      return [twoLines(h("a", { href: address(set) }, set.corpus), conditions(set)), `${sum.mean} / ${cells}`,
        `${sum.p99} / ${cells}`, { text: sum.lost.length, class: sum.lost.length ? "lost" : null },
        graded(worst && worst.worst), worst ? twoLines(worst.cell.class, worst.cell.mode) : null, strip(set)];
    }), { id: "overview-table" }));
}

function losing() {
  const { lost } = tally(SETS);
  const best = (cell, metric) => {
    const peer = bestPeer(cell, metric);
    return peer ? `${number(peer.value)} ${peer.engine}` : null;
  };
  const row = ({ set, cell, mean, p99 }) => [
    twoLines(h("a", { href: address(set) }, `${cell.class} ${cell.mode}`), named(set)), graded(mean), graded(p99),
    ...["mean", "p99"].flatMap((metric) => [number(cell.rows.quire[metric]), best(cell, metric)])];
  const heads = columns(["cell", "mean, ratio", "p99, ratio", "mean, µs", "best peer", "p99, µs", "best peer"]);
  const some = (part, caption) => table(caption, heads, part.map(row));
  if (!lost.length) return put("losing", title("No cell is slower than the best peer"));
  put("losing", title(`Slower than the best peer: ${count(lost.length, "cell")}`),
    some(lost.slice(0, 10), lost.length > 10 ? "The ten worst" : "All of them, worst first"),
    lost.length > 10 ? folded(`The other ${lost.length - 10}`, some(lost.slice(10), "The others")) : null);
}

/* ---- The chosen corpus, variant and list, against the best peer. */

function heatMap(set) {
  const part = (cell, metric, before, strong) => {
    const value = cell ? ratio(cell, metric) : null, kind = verdict(value);
    return h("span", { class: kind, "data-metric": metric, title: kind ? `${metric}: ${WORDS[kind]}` : null },
      h("span", { class: "wide" }, before), h(strong ? "b" : "span", {}, ratioText(value)),
      h("span", { class: "wide" }, ` ${SIGNS[kind]}`));
  };
  const cellOf = (name, mode) => {
    const cell = set.find(name, mode);
    return h("td", { "data-class": name, "data-mode": mode }, part(cell, "mean", "", true), part(cell, "p99", "p99 ", false));
  };
  put("ratios", gradeKey(), h("table", { class: "heat", id: "heat" },
    h("caption", {}, "Ratio to the best peer: mean, and p99 below it"),
    h("thead", {}, h("tr", {}, h("th", { class: "name text", scope: "col" }, "class"),
      set.modes.map((mode) => h("th", { scope: "col" }, broken(mode))))),
    h("tbody", {}, set.classes.map((name) => h("tr", {}, h("th", { scope: "row" }, broken(name)),
      set.modes.map((mode) => cellOf(name, mode)))))));
}

/** A bar from 1 to the ratio, in front of the goal. */
function ratioPanel(set, metric) {
  const bounds = logBounds(set.cells.map((cell) => ratio(cell, metric)), [0.25, 1.4]);
  const line = (panel, at, name, height) =>
    s("line", { class: name, x1: panel.x(at), x2: panel.x(at), y1: TOP - 4, y2: height });
  return {
    share: 1, right: 46, scale: (from, to) => logScale(...bounds, from, to), tick: short,
    ticks: logTicks(...bounds, 6).filter((tick) => Math.abs(Math.log(tick / 0.5)) > 0.05),
    under: (panel, height) => [
      s("rect", { class: "tint", x: panel.from - 8, y: TOP - 4, width: panel.x(0.5) - panel.from + 8,
        height: height - TOP + 4 }),
      text(panel.x(0.5), TOP - 9, "0.5", { "text-anchor": "middle", class: "strong" })],
    over: (panel, height) => [line(panel, 0.5, "goal", height), line(panel, 1, "even", height)],
    draw: (panel, row, y) => {
      const value = ratio(row.cell, metric), kind = verdict(value), end = { "text-anchor": "end" };
      if (!known(value)) return text(panel.to + 42, y + 3.5, "–", end);
      const x = panel.x(value), one = panel.x(1);
      return [s("rect", { class: kind, x: Math.min(x, one), width: Math.abs(one - x), y: y - 1.25, height: 2.5 }),
        s("circle", { class: kind, cx: x, cy: y, r: 4.5 },
          s("title", {}, `${row.cell.class} ${row.name}: ${ratioText(value)}`)),
        text(panel.to + 42, y + 3.5, withSign(value), { ...end, class: kind === "lost" ? "strong" : "value" })];
    },
  };
}

/** A mark for each engine. */
function timePanel(set, metric) {
  const bounds = logBounds(set.cells.flatMap((cell) => Object.values(cell.rows).map((row) => row[metric])));
  return {
    share: 1, right: 12, scale: (from, to) => logScale(...bounds, from, to), ticks: logTicks(...bounds, 6), tick: short,
    draw: (panel, row, y) => {
      const times = set.engines.map((engine) => [engine, (row.cell.rows[engine] || {})[metric]]).filter(([, v]) => known(v));
      const xs = times.map(([, value]) => panel.x(value));
      const dots = times.map(([engine, value]) => {
        const dot = mark(engine, panel.x(value), y, 3.6);
        dot.append(s("title", {}, `${row.cell.class} ${row.name}, ${engine}: ${number(value)} µs`));
        return dot;
      });
      return times.length ? [s("line", { class: "span", x1: Math.min(...xs), x2: Math.max(...xs), y1: y, y2: y }),
        dots.reverse()] : null;
    },
  };
}

function latency(set, width) {
  const metric = state.metric, ratios = ratioPanel(set, metric), times = timePanel(set, metric);
  const groups = set.classes.map((name) => {
    const cells = set.cells.filter((cell) => cell.class === name);
    const queries = Math.max(...cells.flatMap((cell) => Object.values(cell.rows).map((row) => row.queries || 0)));
    return { name: `${name} (${count(queries, "query", "queries")})`, rows: cells.map((cell) => ({ name: cell.mode, cell })) };
  });
  const words = [`Ratio of ${metric}, Quire to the best peer, by class and mode`,
    `${metric} in µs of each engine, by class and mode, logarithmic`];
  const how = "eft of the dashed line the goal is met; right of the solid one the best peer is faster.";
  if (width >= 860) {
    put("latency", title(`Ratio and time, ${metric}`), figure(
      `On the left the ratio to the best peer: l${how} On the right the time of each engine in µs. Both are logarithmic.`,
      engineKey(set.engines), rowPlot(width, 116, groups,
        [{ ...ratios, share: 0.46, right: 66 }, { ...times, share: 0.54 }], words.join("; "))));
  } else {
    put("latency", title(`Ratio to the best peer, ${metric}`),
      figure("L" + how, rowPlot(width, 104, groups, [ratios], words[0])), title(`Time in µs, ${metric}`),
      figure("Each engine, on a logarithmic axis.", engineKey(set.engines), rowPlot(width, 104, groups, [times], words[1])));
  }
}

/** The chosen metric of every engine. */
function latencyTable(set) {
  const metric = state.metric, fewer = set.cells.some((cell) => Object.keys(cell.rows).some((e) => partial(cell, e)));
  const heads = columns(["class", "mode", "ratio", ...set.engines, "best peer", "won by Quire"], [3 + set.engines.length - 1]);
  const rows = set.cells.map((cell) => {
    const best = bestPeer(cell, metric), own = cell.rows.quire, value = ratio(cell, metric);
    const least = Math.min(...[best && best.value, own && own[metric]].filter(known));
    const time = (engine) => {
      const row = cell.rows[engine], other = row && partial(cell, engine);
      return { text: h("span", {}, number(row && row[metric]), other ?
        h("span", { class: "soft", title: `of ${whole(row.queries)} queries` }, " †") : null),
        class: row && !other && row[metric] === least ? "best" : null,
        "data-class": cell.class, "data-mode": cell.mode, "data-engine": engine };
    };
    return [cell.class, cell.mode, graded(value, withSign(value)), ...set.engines.map(time), best && best.engine,
      own && known(own.won) ? `${whole(own.won)} / ${whole(own.queries)}` : null];
  });
  const caption = `${metric}, µs; in bold the fastest${fewer ? "; † answered fewer queries, so not compared" : ""}`;
  put("latency-table", unfolded(`${metric} as a table`, table(caption, heads, rows, { id: "exact", grouped: true })));
}

/** Every metric of every engine. */
function everyFigure(set) {
  const heads = columns(["class and mode", "engine", "queries", ...METRICS, "fastest on"]);
  const rows = set.cells.flatMap((cell) => set.engines.filter((engine) => cell.rows[engine]).map((engine) => {
    const row = cell.rows[engine], keys = { "data-class": cell.class, "data-mode": cell.mode, "data-engine": engine };
    return [`${cell.class} ${cell.mode}`, engine, whole(row.queries),
      ...METRICS.map((metric) => ({ text: number(row[metric]), ...keys, "data-metric": metric })), whole(row.won)];
  }));
  put("latency-all", folded("All figures of all engines",
    table("µs; on how many queries the engine is the fastest of all", heads, rows, { id: "every", grouped: true })));
}

/* ---- Curves. */

/** The width of one of several figures side by side. */
function panelWidth(width) {
  const beside = Math.max(1, Math.floor((width + 20) / 280));
  return Math.floor((width - 20 * (beside - 1)) / beside);
}
const boundsOf = (series) => logBounds(series.flatMap((one) => one.points.map(([, y]) => y)));

function distribution(set, width) {
  const curve = (row) => row && (row.quantiles || []).length > 1 ? row.quantiles : null;
  const cells = set.cells.filter((c) => c.mode === state.mode && Object.values(c.rows).some(curve));
  if (!cells.length) return put("quantiles", h("p", {}, "These results have no quantiles.")), put("quantiles-table");
  const series = (cell) => set.engines.filter((engine) => curve(cell.rows[engine])).map((engine) => {
    const values = curve(cell.rows[engine]), share = 100 / (values.length - 1);
    return { engine, values, points: values.map((value, i) => [i * share, value]), marks: [Math.floor(values.length / 2)] };
  });
  const y = { bounds: boundsOf(cells.flatMap(series)) }, one = panelWidth(width);
  const x = { bounds: [0, 100], ticks: [0, 25, 50, 75, 100], tick: (share) => `${share}%` };
  put("quantiles", figure(`${state.mode}: the share of queries that take at most so many µs. `
    + "Logarithmic, one scale for all classes.", engineKey(set.engines)),
  h("div", { class: "many" }, cells.map((cell) => figure(cell.class, linePlot(one, 190, series(cell), x, y,
    `Quantiles of the time of ${cell.class} ${state.mode} queries for each engine`)))));
  const heads = columns(["class", "engine", ...Array.from({ length: 21 }, (_, i) => `${i * 5}%`)]);
  put("quantiles-table", folded("Quantiles as a table", table(`${state.mode}: µs at each 5 %`, heads,
    cells.flatMap((cell) => series(cell).filter((one) => one.values.length === 21).map((one) =>
      [cell.class, one.engine, ...one.values.map(number)])), { grouped: true, id: "quantiles-exact" })));
}

/** The figures of corpora of several sizes: those of the chosen one, or of the first. */
function slopeRows() {
  const rows = (NOW.slope || []).map((row) => ({ ...row, corpus: String(row.corpus).replace(/[:-]\d+[km]?$/i, "") }));
  const corpora = uniq(rows.map((row) => row.corpus));
  const corpus = corpora.includes(state.corpus) ? state.corpus : corpora[0];
  return rows.filter((row) => row.corpus === corpus).sort((a, b) => a.documents - b.documents);
}

function slope(width) {
  const rows = slopeRows();
  if (!rows.length) return put("slope", h("p", {}, "This result has no corpora of several sizes."));
  const metric = ["mean", "p50", "p99"].includes(state.metric) ? state.metric : "mean";
  const queries = rows.filter((row) => row.class), modes = uniq(queries.map((row) => row.mode)).sort(inOrder(MODES));
  const mode = modes.includes(state.mode) ? state.mode : modes[0];
  const engines = uniq(rows.map((row) => row.engine)).sort(byRank), sizes = uniq(rows.map((row) => row.documents));
  const panel = (name, from, key) => ({ name, series: engines.map((engine) => ({ engine, marks: "all",
    points: from.filter((row) => row.engine === engine && known(row[key])).map((row) => [row.documents, row[key]]) })) });
  const classes = uniq(queries.map((row) => row.class)).sort(inOrder(CLASSES));
  const panels = classes.map((name) => panel(name, queries.filter((row) => row.class === name && row.mode === mode), metric));
  const y = { bounds: boundsOf(panels.flatMap((one) => one.series)) };
  const builds = rows.filter((row) => !row.class && known(row.cpu_seconds));
  if (builds.length) {
    for (const [key, name] of [["cpu_seconds", "indexing, CPU seconds"], ["bytes", "size of the index, bytes"]]) {
      const one = panel(name, builds, key);
      panels.push({ ...one, y: { bounds: boundsOf(one.series) } });
    }
  }
  const x = { log: true, bounds: logBounds(sizes), ticks: sizes, tick: short };
  put("slope", figure(`${rows[0].corpus}, ${mode}, ${metric} in µs over the number of documents. Both axes are logarithmic: `
    + "twice as steep is a cost that grows with twice the exponent.", engineKey(engines)),
  h("div", { class: "many" }, panels.map((one) => figure(one.name, linePlot(panelWidth(width), 190, one.series, x, one.y || y,
    `${one.name}: growth with the number of documents for each engine`)))));
  const lines = panels.flatMap((one) => one.series.filter((line) => line.points.length).map((line) => {
    const at = (size) => number((line.points.find(([documents]) => documents === size) || [])[1]);
    return [one.name, line.engine, ...sizes.map(at), line.points.length > 1 ? exponent(line.points).toFixed(2) : null];
  }));
  put("slope-table", folded("Growth as a table", table(
    "At each number of documents; the exponent is that of the line through the logarithms",
    columns(["class", "engine", ...sizes.map(whole), "exponent"]), lines, { grouped: true, id: "growth-exact" })));
}

/* ---- Building and opening. */

function indexing(width) {
  const every = (NOW.index || []).filter((row) => known(row.bytes)), here = every.filter((row) => row.corpus === state.corpus);
  const variants = uniq(here.map((row) => row.variant));
  const variant = [state.variant, "one", variants[0]].find((name) => variants.includes(name));
  const rows = here.filter((row) => row.variant === variant).sort((a, b) => byRank(a.engine, b.engine));
  const one = panelWidth(width), size = (row) => 100 * row.bytes / row.text_bytes, peak = (row) => row.peak_kb / 1024;
  const bars = (name, value) => figure(name, barPlot(one, rows.map((row) =>
    ({ name: row.engine, value: value(row), text: number(value(row)), fill: colour(row.engine) })), name));
  put("build", !rows.length ? h("p", {}, `This result has no indexing of ${state.corpus}.`) : [
    figure(`${state.corpus}, ${variantName(variant)}: from text on disk to a durable index, one thread. `
      + "The longer the better in the first figure, the shorter in the others."),
    h("div", { class: "many" }, bars("MB of text per CPU second", indexSpeed), bars("Peak memory, MiB", peak),
      bars("Size of the index, % of the text", size))]);
  const heads = columns(["corpus and variant", "engine", "documents", "text, MB", "CPU s", "wall s", "MB / CPU s", "peak MiB",
    "index, MB", "% of text", "written, MB"]);
  const mega = (bytes) => known(bytes) ? number(bytes / 1e6) : null;
  put("build-table", every.length ? folded("Every index as a table", table(
    "Building, for each corpus, variant and engine", heads,
    every.map((row) => [`${row.corpus}, ${variantName(row.variant)}`, row.engine, whole(row.documents), mega(row.text_bytes),
      number(row.cpu_seconds), number(row.wall_seconds), number(indexSpeed(row)), number(peak(row)), mega(row.bytes),
      number(size(row)), mega(row.bytes_written)]), { id: "built", grouped: true })) : null);
  indexParts(rows, one);
}

function indexParts(rows, width) {
  const told = rows.filter((row) => row.parts && Object.keys(row.parts).length);
  put("parts", told.length ? title("Where the bytes are") : null, h("div", { class: "many" }, told.map((row) => {
    const parts = Object.entries(row.parts).filter(([, bytes]) => known(bytes) && bytes > 0).sort((a, b) => b[1] - a[1]);
    const sum = total(parts, ([, bytes]) => bytes), share = (bytes) => `${(100 * bytes / sum).toFixed(1)} %`;
    const bars = parts.map(([name, bytes]) => ({ name, value: bytes, fill: colour(row.engine), text: share(bytes) }));
    return figure(row.engine, barPlot(width, bars, `Size of the parts of the index of ${row.engine}`),
      folded("As a table", table(`Bytes of each part, ${row.engine}`, columns(["part", "bytes", "KB per MB of text", "share"]),
        parts.map(([name, bytes]) => [name, whole(bytes), number(1000 * bytes / row.text_bytes), share(bytes)]))));
  })));
}

function coldStart() {
  const rows = NOW.cold || [], said = (key) => uniq(rows.map((row) => row[key]).filter(Boolean)).join("; ");
  if (!rows.length) return put("cold", h("p", {}, "This result has no cold starts."));
  const heads = columns(["corpus", "engine", "open, µs", "first query, µs", "both, ms", "process, ms",
    "beyond one that does nothing, ms"]);
  put("cold", h("p", {}, "A new process opens the index and answers one query",
    said("query") ? [" (", h("code", {}, said("query")), ")"] : null, said("pages") ? `; pages ${said("pages")}` : null,
    ". Goal: opening and answer together at most 1 ms."),
  table("Medians of several starts", heads, rows.map((row) => {
    const both = known(row.open_us) && known(row.first_query_us) ? (row.open_us + row.first_query_us) / 1000 : null;
    return [row.corpus, row.engine, number(row.open_us), number(row.first_query_us),
      { text: number(both), class: isQuire(row.engine) && known(both) ? (both <= 1 ? "met" : "lost") : null },
      number(row.process_ms), known(row.nothing_ms) ? number(row.process_ms - row.nothing_ms) : null];
  }), { id: "cold-table", grouped: true }));
}

/* ---- Over commits. */

function trend(width) {
  const dates = HISTORY.map((result) => ({ ...result, set: combine(result.query).find((set) => fits(set, KEYS)) }))
    .filter((result) => result.set);
  if (dates.length < 2) {
    put("trend-table");
    return put("trend", h("p", {}, "One result only for this choice. Give bench/report older results, or a folder of them, ",
      "to see the trend."));
  }
  const metric = state.metric, cellOf = (result, name) => result.set.find(name, state.mode);
  const own = (result, name) => ((cellOf(result, name) || { rows: {} }).rows.quire || {})[metric];
  const best = (result, name) => ((cellOf(result, name) && bestPeer(cellOf(result, name), metric)) || {}).value;
  const classes = chosen().classes.filter((name) => dates.some((result) => known(own(result, name))));
  const line = (value, more) => ({ ...more, points: dates.map((result, i) => [i, value(result)]) });
  const panels = classes.map((name) => ({ name, series: [
    line((result) => own(result, name), { engine: "quire", marks: "all" }),
    line((result) => best(result, name), { engine: "xapian", name: "best peer", dash: "1.5 3" }),
    line((result) => best(result, name) / 2, { engine: "lucene", name: "goal", dash: "5 3" })] }));
  const y = { bounds: boundsOf(panels.flatMap((panel) => panel.series)) }, last = dates.length - 1;
  const speed = (engine) => line((result) => indexSpeed(result.index.find((row) =>
    row.engine === engine && row.corpus === state.corpus && row.variant === "one") || {}), { engine, marks: "all" });
  const builders = uniq(dates.flatMap((result) => result.index.map((row) => row.engine))).sort(byRank);
  const built = builders.map(speed).filter((one) => one.points.some(([, value]) => known(value)));
  if (built.length) {
    panels.push({ name: "indexing, MB per CPU s", series: built, y: { bounds: boundsOf(built) } });
  }
  const x = { bounds: [0, last], ticks: [0, last], tick: (i) => commitName(dates[i], 9) };
  put("trend", figure(`${named(chosen())}, ${state.mode}, ${metric} in µs: Quire, the best peer measured beside it (dotted), `
    + "and half of that, the goal (dashed). Runs are of different days: look at the distance, not the height.",
  built.length ? [h("span", { class: "soft below" }, "Indexing: "), engineKey(built.map((one) => one.engine))] : null),
  h("div", { class: "many" }, panels.map((panel) => figure(panel.name, linePlot(panelWidth(width), 180, panel.series, x,
    panel.y || y, `${panel.name} over commits`)))));
  const text = (result, name) => {
    const value = own(result, name), share = value / best(result, name);
    return graded(share, `${number(value)} (${ratioText(share)})`);
  };
  put("trend-table", folded("Trend as a table", table(
    `${state.mode}, ${metric}: µs of Quire, and the ratio to the best peer of the same run`,
    columns(["commit", "date", ...classes], [1]), dates.map((result) => [commitName(result, 12),
      String(result.date || "").slice(0, 16).replace("T", " "), ...classes.map((name) => text(result, name))]),
    { id: "trend-exact" })));
}

/* ---- How it was measured. */

function kernels() {
  const rows = NOW.kernels || [], gain = (k) => `${(k.scalar_ns / k.vector_ns).toFixed(2)}×`;
  document.getElementById("inner").hidden = !rows.length;
  put("kernels", rows.length ? table("Each kernel beside its scalar twin, ns",
    columns(["kernel", "compiler", "width", "scalar", "vector", "gain", "unit"], [1, 6]),
    rows.map((k) => [k.kernel, k.compiler, k.width, number(k.scalar_ns), number(k.vector_ns),
      known(k.scalar_ns) && k.vector_ns > 0 ? gain(k) : null, k.unit])) : null);
}

function setup() {
  const pairs = (entries) => h("dl", {}, entries.flatMap(([name, value]) =>
    [h("dt", {}, name.replace(/_/g, " ")), h("dd", {}, plain(value))]));
  const about = ({ version, ...rest }) =>
    [version, ...Object.entries(rest).map(([name, value]) => `${name}: ${plain(value)}`)].filter(Boolean).join("; ");
  const engines = Object.entries(NOW.engines || {}).sort((a, b) => byRank(a[0], b[0]));
  const corpora = Object.entries(NOW.corpora || {});
  put("machine", title("Machine and settings"),
    pairs([...Object.entries(NOW.machine || {}), ...Object.entries(NOW.settings || {})]),
    engines.length ? [title("Engines"), pairs(engines.map(([name, engine]) => [name, about(engine || {})]))] : null);
  put("corpora", corpora.length ? [title("Corpora"), table("Texts",
    columns(["corpus", "documents", "MB of text", "tokens", "what"], [4]),
    corpora.map(([name, corpus]) => [name, whole(corpus.documents), number(corpus.text_bytes / 1e6), whole(corpus.tokens),
      plain(corpus.what)]), { class: "wrap" })] : null);
}

/** The checks that found differences one by one; all of them summed up by set and engine. */
function checks() {
  const all = NOW.checks || [], sums = new Map();
  if (!all.length) return put("checks", title("Checks"), h("p", {}, "None."));
  for (const check of all) {
    const key = JSON.stringify([named(check), check.against, check.what]);
    sums.set(key, [...sums.get(key) || [], check]);
  }
  const differ = all.filter((check) => differing(check) > 0).sort((a, b) => unexplained(b) - unexplained(a));
  const found = (check) => known(check.differences) ? whole(check.differences) : plain(check.differences);
  const each = differ.map((check) => [check.against, named(check), check.class,
    { text: found(check), class: unexplained(check) ? "lost" : null }, whole(check.queries),
    check.explained ? plain(check.explained) : "no", check.example ? plain(check.example) : ""]);
  const summed = [...sums.values()].map((group) => {
    const ranked = group.filter((check) => known(check.top_10_in_common));
    const queries = (check) => check.queries || 0, of = total(ranked, queries);
    const common = total(ranked, (check) => check.top_10_in_common * queries(check)) / of;
    return [named(group[0]), group[0].against, whole(total(group, queries)), whole(total(group, differing)),
      whole(total(group, (check) => check.unsupported || 0)), of ? `${(100 * common).toFixed(1)} %` : null, group[0].what];
  }).sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
  put("checks", title("Checks"),
    differ.length ? table("Where results differ",
      columns(["against", "set", "class", "differences", "of", "explained", "example"], [1, 2, 5, 6]), each,
      { class: "wrap", id: "differing" }) : null,
    table("All results that were compared",
      columns(["set", "against", "queries", "differences", "cannot answer", "best ten in common", "what"], [5]), summed,
      { id: "checked", grouped: true }));
}
