// SPDX-License-Identifier: MIT
// Fills the page, and what depends on the choice again whenever that changes; the choice is in the address.
const TITLES = { corpus: "Corpus", variant: "Variant", list: "Queries", metric: "Metric", mode: "Mode (curves)" };
const form = document.getElementById("choice");

function choice() {
  const focus = document.activeElement && document.activeElement.name;
  const words = { variant: variantName, list: listName };
  put("choice", Object.keys(state).map((key) => h("label", {}, TITLES[key],
    h("select", { name: key }, options(key).map((value) => h("option", { value, selected: value === state[key] ? "" : null },
      (words[key] || String)(value)))))));
  if (focus && form.elements[focus]) form.elements[focus].focus();
}

function render() {
  readAddress();
  choice();
  const set = chosen(), width = Math.floor(document.querySelector("main").getBoundingClientRect().width);
  for (const line of document.querySelectorAll(".shown")) line.textContent = set ? named(set) : "No queries were measured.";
  if (set) {
    heatMap(set);
    latency(set, width);
    latencyTable(set);
    everyFigure(set);
    distribution(set, width);
    trend(width);
  }
  slope(width);
  indexing(width);
  document.documentElement.dataset.shown = JSON.stringify(state);
}

form.addEventListener("change", (event) => {
  state[event.target.name] = event.target.value;
  window.history.replaceState(null, "", "#" + new URLSearchParams(state));
  render();
});
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  if (!location.hash.includes("=")) return;
  render();
  document.getElementById("against").scrollIntoView();
});

let drawn = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === drawn) return;
  drawn = innerWidth;
  render();
});

// On paper everything is unfolded.
const foldings = () => document.querySelectorAll("details");
addEventListener("beforeprint", () => foldings().forEach((fold) => {
  fold.dataset.open = fold.open ? "1" : "";
  fold.open = true;
}));
addEventListener("afterprint", () => foldings().forEach((fold) => { fold.open = fold.dataset.open === "1"; }));

summary();
overview();
losing();
coldStart();
kernels();
building();
setup();
checks();
render();
