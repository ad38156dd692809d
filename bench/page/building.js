// SPDX-License-Identifier: MIT
// Building the index point by point: what the program `quire` took, with everything on by default, and the peers beside it.
const BUILT = NOW.building || [];
const builtRows = (name) => BUILT.filter((row) => row.table === name);
const mebi = (kilobytes) => known(kilobytes) ? number(kilobytes / 1024) : null;
const megabytes = (bytes) => known(bytes) ? number(bytes / 1e6) : null;

/** The peers that indexed a corpus: with their English analysers where they did, else its tokens; none of Quire's. */
function peerIndex(corpus, engine, variants = ["english", "one"]) {
  const rows = (NOW.index || []).filter((row) => row.corpus === corpus && row.engine === engine);
  return variants.map((name) => rows.find((row) => row.variant === name)).find(Boolean) || {};
}
const builtPeers = (rows) => uniq((NOW.index || []).filter((row) => !isQuire(row.engine)
  && rows.some((one) => one.corpus === row.corpus)).map((row) => row.engine)).sort(byRank);

/** Seconds of the same work by one thread over those by more. */
function speedUp(rows, row, seconds) {
  const alone = rows.find((one) => one.corpus === row.corpus && one.stored === row.stored && one.threads === 1);
  return alone && row.threads > 1 ? `${(seconds(alone) / seconds(row)).toFixed(2)}×` : null;
}

function throughputTable() {
  const rows = builtRows("throughput"), peers = builtPeers(rows);
  const wall = (row) => row.wall_seconds, mergedWall = (row) => row.wall_seconds + row.one_segment.wall_seconds;
  const merged = (row) => indexSpeed({ ...row, cpu_seconds: row.cpu_seconds + row.one_segment.cpu_seconds });
  const heads = columns(["corpus", "stored, threads", "CPU s", "wall s", "speed-up", "MB / CPU s", "segments",
    "MB / CPU s to one segment", "speed-up to one segment", ...peers]);
  return table("Throughput: from JSON lines on disk to a durable index, and merged to one segment. Peers: one thread, one "
    + "segment, ids only, MB / CPU s", heads, rows.map((row) => [row.corpus, `${row.stored}, ${row.threads}`,
    number(row.cpu_seconds), number(row.wall_seconds), speedUp(rows, row, wall), number(indexSpeed(row)),
    whole(row.segments), number(merged(row)), speedUp(rows, row, mergedWall), ...peers.map((name) => number(indexSpeed(peerIndex(row.corpus, name))))]),
  { grouped: true, id: "built-throughput" });
}

function memoryTable() {
  const judged = (peak, allowed) => ({ text: mebi(peak), class: peak > allowed ? "lost" : "met" });
  const heads = columns(["corpus", "limit, MB", "allowed, MiB", "indexing, MiB", "merging, MiB", "CPU s", "segments"]);
  return table("Memory: the most that was resident; allowed are 15 % and 20 MB more than --max-memory", heads,
    builtRows("memory").map((row) => [row.corpus, whole(row.limit_mb), mebi(row.allowed_kb), judged(row.peak_kb, row.allowed_kb),
      judged(row.merge_peak_kb, row.allowed_kb), number(row.cpu_seconds), whole(row.segments)]),
    { grouped: true, id: "built-memory" });
}

function sizeTable() {
  const rows = builtRows("size"), parts = uniq(rows.flatMap((row) => Object.keys(row.parts || {})));
  const peers = uniq(rows.flatMap((row) => Object.keys(row.peers || {})));
  const each = (row, bytes) => known(bytes) ? number(1000 * bytes / row.text_bytes) : null;
  const goal = (row) => row.order === "added" ? 1 : 0.92;
  const share = (row, peer) => {
    const value = row.ids_bytes / row.peers[peer], least = Math.min(...Object.values(row.peers));
    return { text: value.toFixed(3), class: row.peers[peer] > least ? null : value <= goal(row) ? "met" : "lost" };
  };
  const plainly = (row) => peerIndex(row.corpus, "quire", ["english"]).bytes;
  const heads = columns(["corpus", "order", "index, MB", "with ids only, MB", "KB per MB of text", "one plain field, MB",
    ...peers.map((peer) => `${peer}, MB`), ...peers.map((peer) => `ratio to ${peer}`)]);
  return [table("Size: no text of bodies stored, one segment; with ids only: without the titles that are stored, as the ratios "
    + "have it. One plain field: Quire as the peers are, without exact forms. Lucene leaves out 33 stop words. Goal: at most 1 to "
    + "the smaller as added, 0.92 reordered", heads, rows.map((row) => [row.corpus, row.order, megabytes(row.bytes),
    megabytes(row.ids_bytes), each(row, row.ids_bytes), row.order === "added" ? megabytes(plainly(row)) : null,
    ...peers.map((peer) => megabytes((row.peers || {})[peer])),
    ...peers.map((peer) => (row.peers || {})[peer] ? share(row, peer) : null)]), { grouped: true, id: "built-size" }),
  folded("Sizes by part", table("KB per MB of text, titles stored", columns(["corpus", "order", ...parts]), rows.map((row) =>
    [row.corpus, row.order, ...parts.map((name) => each(row, row.parts[name]))]), { grouped: true }))];
}

function orderTable() {
  const heads = columns(["corpus", "order", "CPU s", "wall s", "MB / CPU s", "peak, MiB", "written, MB"]);
  return table("Reordering: quire merge --optimize (topics), and with --thorough (bisection), all of it", heads,
    builtRows("order").map((row) => [row.corpus, row.order, number(row.cpu_seconds), number(row.wall_seconds),
      number(indexSpeed(row)), mebi(row.peak_kb), megabytes(row.bytes_written)]), { grouped: true, id: "built-order" });
}

function orderQueries() {
  const rows = builtRows("queries"), orders = uniq(rows.map((row) => row.order));
  const cells = uniq(rows.map((row) => JSON.stringify([row.corpus, row.class, row.mode])));
  const lines = cells.map((key) => {
    const mine = orders.map((order) => rows.find((row) => row.order === order
      && JSON.stringify([row.corpus, row.class, row.mode]) === key) || {});
    const [corpus, name, mode] = JSON.parse(key);
    return [corpus, `${name} ${mode}`, ...mine.map((row) => number(row.mean)),
      ...mine.slice(1).map((row) => known(row.mean) ? (row.mean / mine[0].mean).toFixed(2) : null)];
  });
  return rows.length ? folded("Queries on each order", table("Means in µs, sampled queries, and ratios to the order as added",
    columns(["corpus", "class and mode", ...orders, ...orders.slice(1).map((order) => `${order}, ratio`)]), lines,
    { grouped: true, id: "built-queries" })) : null;
}

function scaleTable() {
  const rows = builtRows("scale"), peers = builtPeers(rows);
  const heads = columns(["corpus", "documents", "text, MB", "CPU s", "wall s", "MB / CPU s", "peak, MiB", "index, MB",
    "written, MB", "written / index", ...peers.map((name) => `${name}, CPU s`), ...peers.map((name) => `${name}, MB`)]);
  return table("Scale: ids but no text stored, two threads. Peers: tokens without an analyser, one thread, one segment", heads,
    rows.map((row) => [row.corpus, whole(row.documents), megabytes(row.text_bytes), number(row.cpu_seconds),
      number(row.wall_seconds), number(indexSpeed(row)), mebi(row.peak_kb), megabytes(row.bytes), megabytes(row.bytes_written),
      (row.bytes_written / row.bytes).toFixed(2),
      ...peers.map((name) => number(peerIndex(row.corpus, name, ["one"]).cpu_seconds)),
      ...peers.map((name) => megabytes(peerIndex(row.corpus, name, ["one"]).bytes))]), { id: "built-scale" });
}

function building() {
  document.getElementById("points").hidden = !BUILT.length;
  const any = (name, made) => builtRows(name).length ? made() : null;
  put("points-tables", h("p", {}, "The program ", h("code", {}, "quire"), " with everything on by default, a process for each "
    + "figure. MB of text are those of the bodies; seconds have the start of the program and the disk in them."),
  any("throughput", throughputTable), any("memory", memoryTable), any("size", sizeTable), any("order", orderTable),
  orderQueries(), any("scale", scaleTable));
}
