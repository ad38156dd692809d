// SPDX-License-Identifier: MIT
// Elements, numbers and the three kinds of plots: rows of marks, lines, bars. Text enters the page as text only.
"use strict";

function element(make, name, attributes, children) {
  const node = make(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}
const h = (name, attributes, ...children) =>
  element((n) => document.createElement(n), name, attributes, children);
const s = (name, attributes, ...children) =>
  element((n) => document.createElementNS("http://www.w3.org/2000/svg", n), name, attributes, children);

const THIN = "\u202f";
const group = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
const known = (value) => typeof value === "number" && isFinite(value);

/** Three digits or more: 0.123, 1.23, 12.3, 123, 1 234. */
function number(value) {
  if (!known(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.01) return value.toPrecision(2);
  return size >= 100 ? group(value.toFixed(0)) : value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}
const whole = (value) => known(value) ? group(Math.round(value).toString()) : "–";

/** Two digits after the point, more where those would put it on the wrong side of a bound. */
function ratioText(value) {
  if (!known(value)) return "–";
  if (value >= 10) return value.toFixed(1);
  const right = [2, 3, 4].find((digits) => verdict(Number(value.toFixed(digits))) === verdict(value));
  return value.toFixed(right ?? 5);
}

/** The short form for axes: 10, 1k, 2.5M. */
function short(value) {
  for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (value >= unit) return Number((value / unit).toPrecision(3)) + name;
  }
  return String(Number(value.toPrecision(3)));
}

const verdict = (ratio) => !known(ratio) ? "" : ratio <= 0.5 ? "met" : ratio <= 1 ? "near" : "lost";
const SIGNS = { met: "✓", near: "○", lost: "✗", "": "" };
const WORDS = { met: "goal met", near: "ahead, goal missed", lost: "slower than the best peer" };

const ORDER = ["quire", "tantivy", "lucene", "fts5", "xapian"];
const isQuire = (engine) => engine.startsWith("quire");
const others = [];
function rank(engine) {
  const at = ORDER.findIndex((name) => engine === name || engine.replace("sqlite-", "") === name);
  if (at >= 0) return at;
  if (!others.includes(engine)) others.push(engine);
  return isQuire(engine) ? 0.5 + others.indexOf(engine) / 100 : ORDER.length + others.indexOf(engine);
}
const byRank = (a, b) => rank(a) - rank(b);
function colour(engine) {
  if (isQuire(engine)) return "var(--quire)";
  return `var(--e${Math.min(5, Math.max(1, Math.floor(rank(engine))))})`;
}
const dashes = (engine) => isQuire(engine) ? (engine === "quire" ? null : "5 3") : null;

/** A mark of its own shape for each engine, so that colour is not needed. */
function mark(engine, x, y, size = 4.2) {
  const fill = { fill: colour(engine), stroke: "var(--page)", "stroke-width": 1, "data-engine": engine };
  const kind = isQuire(engine) ? 0 : Math.floor(rank(engine));
  const path = (d) => s("path", { ...fill, d });
  if (kind === 0) {
    const hollow = engine === "quire" ? {} : { fill: "var(--page)", stroke: "var(--quire)", "stroke-width": 2 };
    return s("circle", { ...fill, ...hollow, cx: x, cy: y, r: size + 0.8 });
  }
  if (kind === 1) return s("rect", { ...fill, x: x - size, y: y - size, width: 2 * size, height: 2 * size });
  if (kind === 2) return path(`M${x} ${y - size - 1}L${x + size + 1} ${y + size}H${x - size - 1}Z`);
  const half = size + 1.5;
  if (kind === 3) return path(`M${x} ${y - half}L${x + half} ${y}L${x} ${y + half}L${x - half} ${y}Z`);
  const arm = size - 0.6;
  return s("path", { d: `M${x - arm} ${y - arm}L${x + arm} ${y + arm}M${x - arm} ${y + arm}L${x + arm} ${y - arm}`,
    stroke: colour(engine), "stroke-width": 2.4, fill: "none", "data-engine": engine });
}

function engineKey(engines) {
  return h("ul", { class: "key" }, engines.map((engine) => h("li", {},
    s("svg", { width: 16, height: 14, "aria-hidden": "true" }, mark(engine, 8, 7)), engine)));
}

function logScale(low, high, from, to) {
  const a = Math.log(low), b = Math.log(high);
  return (value) => from + (Math.log(Math.max(value, 1e-12)) - a) / (b - a || 1) * (to - from);
}
function linearScale(low, high, from, to) {
  return (value) => from + (value - low) / (high - low || 1) * (to - from);
}

/** Bounds of a logarithmic axis that leave a little room around the values. */
function logBounds(values, always = []) {
  const all = values.filter((v) => known(v) && v > 0).concat(always);
  if (!all.length) return [0.1, 1];
  const low = Math.min(...all), high = Math.max(...all);
  const room = Math.max(1.08, Math.pow(high / low, 0.04));
  return [low / room, high * room];
}

/** Round values between the bounds, at most `most` of them. */
function logTicks(low, high, most) {
  for (const steps of [[1, 1.5, 2, 3, 4, 5, 7], [1, 2, 5], [1, 3], [1]]) {
    if (steps.length > 3 && high / low > 6) continue;
    const ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
      for (const m of steps) {
        const value = Number((m * Math.pow(10, e)).toPrecision(2));
        if (value >= low && value <= high) ticks.push(value);
      }
    }
    if (ticks.length <= most || steps.length === 1) {
      const skip = Math.ceil(ticks.length / most);
      return ticks.filter((_, i) => i % skip === 0);
    }
  }
  return [];
}

const text = (x, y, content, attributes = {}) => s("text", { x, y, ...attributes }, content);

/** The frame of a plot: an image to those who cannot see it, with what it shows in words. */
function plot(width, height, label, ...children) {
  return s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...children);
}

const ROW = 17, HEAD = 24, TOP = 22;

/**
 * Rows in groups, each with panels side by side that share the labels.
 * groups: [{name, rows: [{name, ...}]}]; panels: [{share, right, title, scale(from, to), ticks, tick, under, draw}]
 */
function rowPlot(width, labels, groups, panels, label) {
  const height = TOP + groups.reduce((sum, g) => sum + HEAD + ROW * g.rows.length, 0) + 6;
  const parts = [];
  let left = labels;
  for (const panel of panels) {
    const room = (width - labels) * panel.share;
    panel.from = left + 8;
    panel.to = left + room - (panel.right || 10);
    panel.x = panel.scale(panel.from, panel.to);
    left += room;
    if (panel.under) parts.push(panel.under(panel, height));
    for (const tick of panel.ticks) {
      const x = panel.x(tick);
      parts.push(s("line", { class: "grid", x1: x, x2: x, y1: TOP - 4, y2: height }));
      parts.push(text(x, TOP - 9, panel.tick(tick), { "text-anchor": "middle" }));
    }
    if (panel.over) parts.push(panel.over(panel, height));
  }
  let y = TOP;
  for (const g of groups) {
    parts.push(text(0, y + HEAD - 8, g.name, { class: "strong" }));
    y += HEAD;
    for (const row of g.rows) {
      parts.push(text(0, y + ROW / 2 + 3.5, row.name));
      for (const panel of panels) parts.push(panel.draw(panel, row, y + ROW / 2));
      y += ROW;
    }
  }
  return plot(width, height, label, parts);
}

/**
 * Lines over a logarithmic y. series: [{engine, points: [[x, y]], marks}]; x: {scale: log|linear, bounds, ticks, tick}
 */
function linePlot(width, height, series, x, y, label) {
  const left = 42, right = 10, bottom = 20, top = 8;
  const xs = (x.log ? logScale : linearScale)(...x.bounds, left, width - right);
  const ys = logScale(...y.bounds, height - bottom, top);
  const parts = [];
  for (const tick of logTicks(...y.bounds, 6)) {
    parts.push(s("line", { class: "grid", x1: left, x2: width - right, y1: ys(tick), y2: ys(tick) }));
    parts.push(text(left - 5, ys(tick) + 3.5, short(tick), { "text-anchor": "end" }));
  }
  x.ticks.forEach((tick) => {
    const at = xs(tick), first = at < left + 8 && x.ticks.length > 1;
    const edge = at > width - right - 12 ? "end" : first ? "start" : "middle";
    parts.push(s("line", { class: "axis", x1: at, x2: at, y1: height - bottom, y2: height - bottom + 4 }));
    parts.push(text(edge === "end" ? at + right - 1 : edge === "start" ? at - 4 : at, height - bottom + 15, x.tick(tick),
      { "text-anchor": edge }));
  });
  parts.push(s("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
  for (const one of [...series].reverse()) {
    const points = one.points.filter(([a, b]) => known(a) && known(b) && b > 0);
    if (!points.length) continue;
    const d = points.map(([a, b], i) => `${i ? "L" : "M"}${xs(a).toFixed(1)} ${ys(b).toFixed(1)}`).join("");
    parts.push(s("path", { class: "line", d, stroke: colour(one.engine), "stroke-dasharray": one.dash || dashes(one.engine),
      style: isQuire(one.engine) ? "stroke-width:2.5" : null }, s("title", {}, one.name || one.engine)));
    const shown = one.marks === "all" ? points : points.filter((_, i) => one.marks && one.marks.includes(i));
    for (const [a, b] of shown) {
      const dot = mark(one.engine, xs(a), ys(b), 3.2);
      dot.append(s("title", {}, `${one.name || one.engine}: ${x.tick(a)}, ${number(b)}`));
      parts.push(dot);
    }
  }
  return plot(width, height, label, parts);
}

/** Bars from zero. rows: [{name, value, text, fill, parts: [[value, opacity, title]]}] */
function barPlot(width, rows, label) {
  const row = 22, names = Math.min(96, width * 0.3), right = 70;
  const most = Math.max(...rows.map((r) => r.value || 0), 1e-9);
  const x = linearScale(0, most, names, width - right);
  const parts = [];
  rows.forEach((r, i) => {
    const y = i * row;
    parts.push(text(names - 8, y + 15, r.name, { "text-anchor": "end", class: isQuire(r.name) ? "strong" : null }));
    const end = x(r.value || 0);
    parts.push(s("rect", { x: names, y: y + 4, width: Math.max(1, end - names), height: row - 8, rx: 2, fill: r.fill }));
    parts.push(text(end + 6, y + 15, r.text, { class: isQuire(r.name) ? "strong" : "value" }));
  });
  return plot(width, rows.length * row + 2, label, parts);
}

/**
 * columns: [{name, left}]; rows: arrays of cells, a cell being text, a node, or {text, class, data..}. The first cell is the
 * heading of its row; with `grouped`, of all the rows that begin with it, and the second is the row's.
 */
function table(caption, columns, rows, attributes = {}) {
  const { grouped, ...more } = attributes;
  const shown = grouped ? columns.slice(1) : columns;
  const cell = (value, i) => {
    const given = value !== null && typeof value === "object" && !(value instanceof Node) ? value : { text: value };
    const { text: content, class: name, ...rest } = given;
    const kind = [name, shown[i].left ? "text" : ""].filter(Boolean).join(" ") || null;
    const there = content === null || content === undefined ? "–" : content;
    const inside = i === 0 && !(there instanceof Node) ? broken(there) : there;
    return h(i === 0 ? "th" : "td", { class: kind, scope: i === 0 ? "row" : null, ...rest }, inside);
  };
  const bodies = [];
  let body = null;
  rows.forEach((r, i) => {
    if (!body || (grouped && rows[i - 1][0] !== r[0])) {
      body = h("tbody", {});
      if (grouped) {
        body.append(h("tr", { class: "group" },
          h("th", { scope: "rowgroup", class: "text", colspan: shown.length }, h("span", {}, r[0]))));
      }
      bodies.push(body);
    }
    body.append(h("tr", {}, (grouped ? r.slice(1) : r).map(cell)));
  });
  return h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption },
    h("table", more, h("caption", {}, h("span", {}, caption)),
      h("thead", {}, h("tr", {}, shown.map((c, i) =>
        h("th", { scope: "col", class: c.left || i === 0 ? "text" : null }, broken(c.name))))), bodies));
}

/** A name that may wrap after its underscores. */
const broken = (name) => String(name).split("_").flatMap((part, i) => i ? ["_", h("wbr"), part] : [part]);
const folded = (summary, ...content) => h("details", {}, h("summary", {}, summary), ...content);
const unfolded = (summary, ...content) =>
  h("details", { open: innerWidth > 600 ? "" : null }, h("summary", {}, summary), ...content);
