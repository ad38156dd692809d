# SPDX-License-Identifier: MIT
"""The page of bench/report in a headless Chromium: right figures, no errors, no network, phone, dark, keyboard.

usage: report.py BENCH_FOLDER [RESULTS.json]     (made-up results if none are given)
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse

import browser
import fixture

SEED = int(os.environ.get("QUIRE_SEED", "1"))
METRICS = ("mean", "geomean", "p50", "p90", "p99")

# The least contrast of any text with what is behind it, and where; texts of plots stand on the page itself.
CONTRAST = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (c) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = c;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = (c) => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  let worst = [99, ""];
  const seen = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, owner = node.parentElement;
    if (!node.data.trim() || !owner.checkVisibility() || owner.closest("script,style,title,.skip")) continue;
    const style = getComputedStyle(owner), ink = owner instanceof SVGElement ? style.fill : style.color;
    let behind = owner instanceof SVGElement ? owner.closest("svg").parentElement : owner;
    while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const paper = behind ? getComputedStyle(behind).backgroundColor : "white";
    const key = ink + paper;
    if (!seen.has(key)) {
      const [a, b] = [light(rgb(ink)), light(rgb(paper))].sort((x, y) => y - x);
      seen.set(key, (a + 0.05) / (b + 0.05));
      if (seen.get(key) < worst[0]) worst = [seen.get(key), `${ink} on ${paper}: ${node.data.trim().slice(0, 40)}`];
    }
  }
  return worst;
})()"""


class Suite:
    def __init__(self, page):
        self.page, self.checked, self.faults = page, 0, 0

    def check(self, holds, what, seen=""):
        self.checked += 1
        if not holds:
            self.faults += 1
            print(f"FAILED: {what} {str(seen)[:1500]}")


def same(text, value, least=0.0005):
    """Whether what the page says is the value, to the three digits that it gives at least (or to `least`)."""
    try:
        shown = float(re.sub(r"\s", "", text))
    except ValueError:
        return False
    return abs(shown - value) <= max(abs(value) * 0.0051, least)


def verdict(ratio):
    return "met" if ratio <= 0.5 else "near" if ratio <= 1 else "lost"


def sets(results):
    found = {}
    for row in results["query"]:
        cells = found.setdefault((row["corpus"], row["variant"], row["list"]), {})
        cells.setdefault((row["class"], row["mode"]), {})[row["engine"]] = row
    return found


def ratio(rows, metric):
    """Quire to the fastest engine that answered as many queries."""
    if "quire" not in rows:
        return None
    peers = [row[metric] for engine, row in rows.items()
             if not engine.startswith("quire") and row["queries"] >= rows["quire"]["queries"]]
    return rows["quire"][metric] / min(peers) if peers else None


def quiet(suite, tab, when):
    """No error, and nothing asked of any network."""
    errors = [e for e in tab.events if e["method"] == "Runtime.exceptionThrown" or e["method"] == "Log.entryAdded"
              or (e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] in ("error", "warning"))]
    suite.check(not errors, f"no error of a script {when}", errors)
    asked = [e["params"]["request"]["url"] for e in tab.events if e["method"] == "Network.requestWillBeSent"]
    strange = [u for u in asked if u.split("#")[0] not in (suite.page, "data:,")]
    suite.check(asked and not strange, f"nothing but the page itself is loaded {when}", strange)
    suite.check("://" not in suite.text, "the page names no address outside it")


def choose(tab, **address):
    """Goes to what an address asks for."""
    tab.run(f"location.hash = {json.dumps(urllib.parse.urlencode(address))};"
            "new Promise((done) => setTimeout(done, 50))")


def figures(suite, tab, results):
    """Every cell of every set is in the tables of the page, with the figure of the results."""
    total = 0
    for (corpus, variant, listed), cells in sets(results).items():
        where = f"{corpus} {variant} {listed}"
        address = {"corpus": corpus, "variant": variant, "list": listed, "metric": "p99"}
        choose(tab, **address)
        state = json.loads(tab.run("document.documentElement.dataset.shown"))
        suite.check((state["corpus"], state["variant"], state["list"]) == (corpus, variant, listed),
                    f"the address chooses {where}", state)
        shown = tab.run("""[...document.querySelectorAll('#every td[data-metric]')].map((c) =>
            [c.dataset.class, c.dataset.mode, c.dataset.engine, c.dataset.metric, c.textContent])""")
        texts = {tuple(cell[:4]): cell[4] for cell in shown}
        suite.check(len(texts) == len(shown), f"no cell of {where} is there twice")
        wanted = {(*cell, engine, metric): row[metric] for cell, rows in cells.items() for engine, row in rows.items()
                  for metric in METRICS}
        suite.check(texts.keys() == wanted.keys(), f"each class, mode and engine of {where} is in the page",
                    texts.keys() ^ wanted.keys())
        wrong = [(key, texts[key], value) for key, value in wanted.items() if not same(texts.get(key, ""), value)]
        suite.check(not wrong, f"the figures of {where} are right", wrong[:5])
        exact = {(c, m, e): text for c, m, e, text in tab.run(
            """[...document.querySelectorAll('#exact td[data-engine]')].map((c) =>
            [c.dataset.class, c.dataset.mode, c.dataset.engine, c.textContent])""")}
        wrong = [(key, text) for key, text in exact.items() if key[2] in cells[key[:2]]
                 and not same(text.replace("†", ""), cells[key[:2]][key[2]]["p99"])]
        marked = sum("†" in text for text in exact.values())
        suite.check(marked == sum(row["queries"] < rows["quire"]["queries"] for rows in cells.values()
                                  for row in rows.values() if "quire" in rows), "who was asked less is marked", marked)
        suite.check(exact and not wrong, f"so are those of the chosen metric of {where}", wrong[:5])
        heat = tab.run("""[...document.querySelectorAll('#heat td')].flatMap((c) => [...c.children].map((s) =>
            [c.dataset.class, c.dataset.mode, s.dataset.metric, s.textContent, s.className]))""")
        suite.check(len(heat) == 2 * len(cells), f"mean and p99 of each cell of {where} are on the map", len(heat))
        for name, mode, metric, text, kind in heat:
            value = ratio(cells[name, mode], metric)
            if value is None:
                suite.check("–" in text, f"no ratio without a peer: {where} {name} {mode}", text)
                continue
            number = re.search(r"\d+\.\d+", text.replace("p99", ""))
            suite.check(number and same(number.group(), value, 0.00501) and kind == verdict(value),
                        f"the ratio of {where} {name} {mode} {metric} is {value:.3f}", (text, kind))
        total += len(wanted)
    suite.check(total == sum(len(METRICS) for _ in results["query"]), "all rows of the results were looked for", total)
    print(f"{total} figures of {len(sets(results))} sets compared")


def plots(suite, tab, results):
    """The plots have a mark for each engine in each row, and the verdicts are those of the ratios."""
    for (corpus, variant, listed), cells in list(sets(results).items())[:1]:
        choose(tab, corpus=corpus, variant=variant, list=listed, metric="mean")
        marks = tab.run("document.querySelectorAll('#latency svg[role=img] [data-engine]').length")
        suite.check(marks == sum(len(rows) for rows in cells.values()), "each engine of each cell has its mark", marks)
        kinds = tab.run("""[...document.querySelectorAll('#latency circle')].map((c) => c.getAttribute('class'))
            .filter((name) => ['met', 'near', 'lost'].includes(name))""")
        wanted = sorted(verdict(r) for r in (ratio(rows, "mean") for rows in cells.values()) if r is not None)
        suite.check(sorted(kinds) == wanted, "each cell has the verdict of its ratio", kinds)
    unnamed = tab.run("document.querySelectorAll('svg:not([aria-hidden], [aria-label])').length")
    suite.check(unnamed == 0, "each plot says in words what it shows", unnamed)
    bad = tab.run("""[...document.querySelectorAll('svg *')].filter((e) =>
        [...e.attributes].some((a) => /NaN|Infinity|undefined/.test(a.value))).length""")
    suite.check(bad == 0, "no plot has a number that is none", bad)
    text = tab.run("document.body.innerText")
    suite.check(not re.search(r"NaN|undefined|Infinity|\[object", text), "nor has the text")


def trend(suite, tab, history):
    """Each result is in the trend, with its figures."""
    shown = json.loads(tab.run("document.documentElement.dataset.shown"))
    rows = tab.run("""[...document.querySelectorAll('#trend-exact tbody tr')].map((r) =>
        [...r.children].map((c) => c.textContent))""")
    heads = tab.run("[...document.querySelectorAll('#trend-exact thead th')].map((c) => c.textContent)")
    suite.check([row[0] for row in rows] == [r["commit"][:12] for r in history], "the trend goes by date", rows)
    for result, row in zip(history, rows):
        cells = sets(result)[shown["corpus"], shown["variant"], shown["list"]]
        for name, text in list(zip(heads, row))[2:]:
            value, share = re.findall(r"[\d.\u202f]+", text)
            cell, metric = cells[name, shown["mode"]], shown["metric"]
            suite.check(same(value, cell["quire"][metric]) and same(share, ratio(cell, metric), 0.00501),
                        f"the trend of {name} at {row[0]} is right", text)


BUILT = {"throughput": lambda row: (row["cpu_seconds"], row["wall_seconds"], row["text_bytes"] / 1e6 / row["cpu_seconds"]),
         "memory": lambda row: (row["allowed_kb"] / 1024, row["peak_kb"] / 1024, row["merge_peak_kb"] / 1024),
         "size": lambda row: (row["bytes"] / 1e6, *(row[key] for key in ("ratio",) if key in row)),
         "order": lambda row: (row["cpu_seconds"], row["text_bytes"] / 1e6 / row["cpu_seconds"], row["bytes_written"] / 1e6),
         "scale": lambda row: (row["documents"], row["text_bytes"] / 1e6, row["bytes"] / 1e6)}


def built(suite, tab, results):
    """Each row of building is a line of its table, with its figures."""
    rows = results.get("building", [])
    for name, figures_of in BUILT.items():
        mine = [row for row in rows if row["table"] == name]
        lines = tab.run(f"""[...document.querySelectorAll('#built-{name} tbody tr:not(.group)')].map((r) =>
            [...r.children].map((c) => c.textContent))""")
        suite.check(len(lines) == len(mine), f"each row of {name} has its line", len(lines))
        wrong = [(line, value) for line, row in zip(lines, mine) for value in figures_of(row)
                 if not any(same(text, value) for text in line)]
        suite.check(not wrong, f"the figures of {name} are right", wrong[:5])
    over = tab.run("document.querySelectorAll('#built-memory td.lost').length")
    suite.check(over == sum((row["peak_kb"] > row["allowed_kb"]) + (row["merge_peak_kb"] > row["allowed_kb"])
                            for row in rows if row["table"] == "memory"), "what is beyond its memory is marked", over)
    means = [row["mean"] for row in rows if row["table"] == "queries"]
    texts = tab.run("[...document.querySelectorAll('#built-queries td')].map((c) => c.textContent)")
    suite.check(all(any(same(text, mean) for text in texts) for mean in means), "each order's means are told", texts[:20])


def summary(suite, tab, results):
    """What is lost, skipped and unchecked stands on top."""
    head = tab.run("document.querySelector('header').innerText")
    pairs = [(ratio(rows, "mean"), ratio(rows, "p99")) for cells in sets(results).values() for rows in cells.values()]
    pairs = [p for p in pairs if p[0] is not None]
    for count in (sum(p[0] <= 0.5 for p in pairs), sum(p[1] <= 0.5 for p in pairs), sum(max(p) > 1 for p in pairs)):
        suite.check(f"{count} of {len(pairs)}" in re.sub(r"\u202f", "", head), f"the head says {count} of {len(pairs)}",
                    head)
    for what, why in results["skipped"].items():
        suite.check(what in head and str(why) in head, f"the head says that {what} was skipped", head)
    unexplained = sum(c["differences"] != 0 for c in results["checks"] if not c.get("explained"))
    suite.check(("Results differ" in head) == (unexplained > 0 and bool(results["checks"])),
                "the head tells the checks", head)
    losing = tab.run("document.querySelectorAll('#losing tbody tr').length")
    suite.check(losing == sum(max(p) > 1 for p in pairs), "each losing cell is listed", losing)


def structure(suite, tab):
    levels = tab.run("""[...document.querySelectorAll('h1,h2,h3,h4')].filter((x) => x.checkVisibility())
        .map((x) => +x.tagName[1])""")
    suite.check(levels.count(1) == 1 and levels[0] == 1, "one heading of the first level", levels)
    suite.check(all(b <= a + 1 for a, b in zip(levels, levels[1:])), "no level of headings is left out", levels)
    suite.check(tab.run("document.querySelectorAll('table:not(:has(caption))').length") == 0, "each table has a caption")
    suite.check(tab.run("document.querySelectorAll('b[onclick], img, iframe').length") == 0, "texts of results stay texts")


def keyboard(suite, tab):
    before = json.loads(tab.run("document.documentElement.dataset.shown"))["metric"]
    tab.run("document.querySelector('select[name=metric]').focus()")
    tab.key("ArrowUp", 38)
    tab.run("new Promise((done) => setTimeout(done, 100))")
    after = json.loads(tab.run("document.documentElement.dataset.shown"))["metric"]
    suite.check(after != before, "a key changes what is shown", (before, after))
    suite.check(tab.run("document.activeElement.name") == "metric", "and the focus stays")
    suite.check(after in tab.run("location.hash"), "and the address says so")
    reached = []
    for _ in range(12):
        tab.key("Tab", 9)
        reached.append(tab.run("document.activeElement.tagName + (document.activeElement.name || '')"))
    suite.check("SELECTmode" in reached and "SUMMARY" in reached, "the tabulator reaches choices and tables", reached)


def looks(suite, tab):
    """Phone and desk, light and dark: nothing overflows, every text can be read."""
    for width in (375, 320, 800, 1280):
        for dark in (False, True):
            tab.open(suite.page, width, 800, dark)
            tab.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            wide = tab.run("document.documentElement.scrollWidth")
            culprits = tab.run(f"""[...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll,svg,.skip') &&
                e.getBoundingClientRect().right > {width} + 0.5).map((e) => e.tagName + '#' + e.id + '.' + e.className)
                .slice(0, 5)""")
            suite.check(wide <= width and not culprits, f"no scrolling sideways at {width} px", (wide, culprits))
            paper = tab.run("getComputedStyle(document.body).backgroundColor")
            light = sum(int(n) for n in re.findall(r"\d+", paper)[:3]) / 3
            suite.check(light < 40 if dark else light > 235, f"the page is {'dark' if dark else 'light'}", paper)
            worst, where = tab.run(CONTRAST)
            suite.check(worst >= 4.5, f"contrast at {width} px, {'dark' if dark else 'light'}", (worst, where))
            quiet(suite, tab, f"at {width} px")
    tab.open(suite.page, 1000, 800, True, media="print")
    suite.check(tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", "print is on white")
    worst, where = tab.run(CONTRAST)
    suite.check(worst >= 4.5, "contrast of at least 4.5 in print", (worst, where))
    suite.check(len(tab.call("Page.printToPDF")["data"]) > 20000, "it prints")


def make(bench, work, results, *older):
    paths = []
    for i, result in enumerate((results, *older)):
        paths.append(os.path.join(work, f"r{i}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump(result, file)
    page = os.path.join(work, "page.html")
    subprocess.run([sys.executable, os.path.join(bench, "report"), *paths, "-o", page], check=True)
    with open(page, encoding="utf-8") as file:
        text = file.read()
    suite = Suite("file://" + page)
    text = re.sub(r"(?s)<script type=.application/json.*?</script>", "", text)
    suite.text = text.replace("http://www.w3.org/2000/svg", "")
    return suite


def whole(bench, work, tab, results, older):
    suite = make(bench, work, results, *older)
    tab.open(suite.page)
    quiet(suite, tab, "at first")
    summary(suite, tab, results)
    structure(suite, tab)
    plots(suite, tab, results)
    figures(suite, tab, results)
    built(suite, tab, results)
    trend(suite, tab, [*sorted(older, key=lambda r: r["date"]), results] if older else [])
    keyboard(suite, tab)
    quiet(suite, tab, "after all that")
    looks(suite, tab)
    return suite


def poor(bench, work, tab, results):
    """What a run may lack is told, and breaks nothing."""
    alone = make(bench, work, {**results, "query": [row for row in results["query"] if row["engine"] == "quire"],
                               "slope": [], "cold": [], "kernels": [], "index": [], "checks": [],
                               "building": [row for row in results.get("building", []) if row["table"] == "scale"]})
    tab.open(alone.page)
    head = tab.run("document.querySelector('header').innerText")
    alone.check("No cell has both" in head and "not checked" in head, "a run without peers and checks says so", head)
    quiet(alone, tab, "without peers")
    empty = make(bench, work, {"format": 1, "commit": None, "date": None})
    tab.open(empty.page)
    quiet(empty, tab, "of an empty run")
    differing = {"corpus": "x", "variant": "one", "list": "game", "queries": 9, "against": "y", "what": "counts"}
    wrong = make(bench, work, {**results, "complete": False, "checks": [
        {**differing, "differences": 7, "explained": ""}, {**differing, "differences": "no answer", "explained": ""},
        {**differing, "differences": 5, "explained": "because"}]})
    tab.open(wrong.page)
    head = tab.run("document.querySelector('header').innerText")
    wrong.check("8 differences not explained" in head and "5 differences explained" in head and "Incomplete" in head,
                "differences without an explanation, and an end before time, are told on top", head)
    rows = tab.run("document.querySelectorAll('#differing tbody tr').length")
    wrong.check(rows == 3, "each check that found differences is listed", rows)
    return alone, empty, wrong


def refused(bench):
    """What is no result is refused by name, and a folder of history is read."""
    faults = 0
    with tempfile.TemporaryDirectory() as work:
        path = [os.path.join(work, name) for name in ("a.json", "b.json", "c.json", "page.html")]
        for file, content in zip(path, ('{"format": 1, "date": "2"}', '{"format": 1, "date": "1"}', "[]")):
            with open(file, "w", encoding="utf-8") as out:
                out.write(content)
        for given, code, said in (((path[0], path[1]), 0, "2 results"), ((path[0], path[2]), 1, path[2]),
                                  ((path[2],), 1, path[2]), ((path[0], work), 1, path[2])):
            done = subprocess.run([sys.executable, os.path.join(bench, "report"), *given, "-o", path[3]],
                                  capture_output=True, text=True, check=False)
            if done.returncode != code or said not in done.stdout + done.stderr:
                faults += 1
                print("FAILED:", given, done)
    return faults


def main():
    print(f"seed {SEED}")
    bench = sys.argv[1]
    if refused(bench):
        return 1
    path = browser.find()
    if not path:
        print("skipped: no chromium here")
        return 77
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            results, older = json.load(file), []
    else:
        results = fixture.results(SEED)
        older = [fixture.results(SEED + i, commit=f"{i}bcdef01", date=f"2025-12-0{i}T00:00:00Z") for i in (1, 2)]
    with tempfile.TemporaryDirectory() as work, browser.Browser(path, 800) as tab:
        suites = [whole(bench, work, tab, results, older), *poor(bench, work, tab, results)]
    faults = sum(suite.faults for suite in suites)
    print(f"{sum(suite.checked for suite in suites)} checks, {faults} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
