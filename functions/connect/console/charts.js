// Charts, drawn as SVG from the statistics. Each has its numbers as a table for those who do not see it.
import { h, s } from "./dom.js";
import { number, seconds } from "./format.js";
import { reason } from "./words.js";

const PARTS = [["done", "Done"], ["skipped", "Skipped"], ["waiting", "Waiting"], ["failed", "Failed"]];
const WIDE = { W: 720, H: 220 };
const NARROW = { W: 340, H: 160 };
const [LEFT, BOTTOM, TOP] = [46, 24, 10];

/** A round number at or above `value`, so that the axis has marks one can read. */
function ceiling(value) {
  const size = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 3, 5, 10].map((step) => step * size).find((top) => top >= value);
}

function clock(at, from, to) {
  const days = (new Date(to) - new Date(from)) / 86_400_000;
  const form = days > 2 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(undefined, form).format(new Date(at));
}

function axes({ W, H }, top, buckets, stats, text) {
  const y = (value) => TOP + (1 - value / top) * (H - TOP - BOTTOM);
  const lines = [0, 0.5, 1].map((part) => [s("line", { class: "grid", x1: LEFT, x2: W, y1: y(top * part), y2: y(top * part) }), s("text", { x: LEFT - 6, y: y(top * part) + 4, "text-anchor": "end" }, text(top * part))]);
  const width = (W - LEFT) / Math.max(buckets.length, 1);
  const every = Math.max(1, Math.ceil(buckets.length / Math.floor(W / 85)));
  const marks = buckets.map((bucket, at) => at % every === 0 && at * width < W - LEFT - 30 && s("text", { x: LEFT + at * width, y: H - 6 }, clock(bucket.at, stats.from, stats.to)));
  return { y, width, nodes: [lines, marks] };
}

/** Events by outcome over time, stacked. */
export function outcomes(stats) {
  const buckets = stats.buckets ?? [];
  const sum = (bucket) => PARTS.reduce((total, [name]) => total + (bucket[name] ?? 0), 0);
  const top = ceiling(Math.max(...buckets.map(sum), 2));
  const size = window.innerWidth < 700 ? NARROW : WIDE;
  // There is no half an event.
  const { y, width, nodes } = axes(size, top, buckets, stats, (value) => (Number.isInteger(value) ? number(value) : ""));
  const bars = buckets.map((bucket, at) => {
    let base = 0;
    const inside = PARTS.map(([name]) => {
      const count = bucket[name] ?? 0;
      if (!count) return null;
      const bar = s("rect", { class: name, x: LEFT + at * width + width * 0.12, width: Math.max(width * 0.76, 1), y: y(base + count), height: Math.max(y(base) - y(base + count) - 0.5, 0.5), rx: Math.min(2, width / 4) });
      base += count;
      return bar;
    });
    if (!base) return null;
    const words = PARTS.filter(([name]) => bucket[name]).map(([name, text]) => `${text} ${number(bucket[name])}`);
    return s("g", { class: "bar" }, s("title", {}, `${new Date(bucket.at).toLocaleString()}: ${words.join(", ")}`), inside);
  });
  const total = (name) => buckets.reduce((all, bucket) => all + (bucket[name] ?? 0), 0);
  return h("figure", { class: "stack tight" },
    h("ul", { class: "legend" }, PARTS.map(([name, text]) => h("li", {}, h("i", { class: name }), text, " ", h("b", { class: "num" }, number(total(name)))))),
    s("svg", { class: "chart", viewBox: `0 0 ${size.W} ${size.H}`, role: "img", "aria-label": `Events by outcome: ${PARTS.map(([name, text]) => `${number(total(name))} ${text.toLowerCase()}`).join(", ")}` }, nodes, bars),
    numbers(["Time", ...PARTS.map(([, text]) => text)], buckets.filter((bucket) => sum(bucket)).map((bucket) => [new Date(bucket.at).toLocaleString(), ...PARTS.map(([name]) => number(bucket[name]))])));
}

/** Seconds, minutes or hours: in which of them an axis up to `value` is marked. */
const UNITS = [[3_600, "h"], [60, "min"], [1, "s"]];
const unit = (value) => UNITS.find(([size]) => value > size * 1.5) ?? UNITS.at(-1);

/** One measure over time, where the buckets carry it. */
export function curve(stats, name, label) {
  const buckets = stats.buckets ?? [];
  const known = buckets.map((bucket, at) => [at, bucket[name]]).filter(([, value]) => typeof value === "number");
  if (known.length < 2) return null;
  const most = Math.max(...known.map(([, value]) => value), 1);
  const [size, short] = unit(most);
  const top = ceiling(most / size) * size;
  const { y, width, nodes } = axes(NARROW, top, buckets, stats, (value) => `${value / size} ${short}`);
  const points = known.map(([at, value]) => [LEFT + (at + 0.5) * width, y(value), value, buckets[at].at]);
  return h("figure", {},
    s("svg", { class: "chart", viewBox: `0 0 ${NARROW.W} ${NARROW.H}`, role: "img", "aria-label": `${label} over time` }, nodes,
      s("polyline", { class: "curve", points: points.map(([x, v]) => `${x},${v}`).join(" ") }),
      points.map(([x, v, value, at]) => s("circle", { class: "point", cx: x, cy: v, r: 3 }, s("title", {}, `${new Date(at).toLocaleString()}: ${seconds(value)}`)))),
    numbers(["Time", label], points.map(([, , value, at]) => [new Date(at).toLocaleString(), seconds(value)])));
}

function numbers(heads, rows) {
  return h("details", { class: "fold small" }, h("summary", {}, "As a table"), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Numbers" }, h("table", { class: "num" },
    h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map((text) => h("td", {}, text))))))));
}

/** Counts by name, most frequent first. */
export function bars(counts, { tone = () => "", link, words = reason } = {}) {
  const rows = Object.entries(counts ?? {}).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const most = Math.max(...rows.map(([, count]) => count), 1);
  return h("div", { class: "bars" }, rows.map(([name, count]) => {
    const filled = h("span");
    filled.style.width = `${(count / most) * 100}%`;
    return [link ? h("a", { href: link(name) }, words(name)) : h("span", {}, words(name)), h("div", { class: `track ${tone(name)}`.trim(), "aria-hidden": "true" }, filled), h("span", { class: "num" }, number(count))];
  }));
}

/** How a measure is spread: up to the half, up to 95 of 100, up to the slowest. The scale is logarithmic, as waiting feels. */
export function spread(measure) {
  const width = 400;
  const place = (value) => (Math.log1p(value * 10) / Math.log1p(Math.max(measure.max, 0.1) * 10)) * width;
  const ends = [["half", measure.p50], ["most", measure.p95], ["all", measure.max]];
  const parts = ends.map(([name, value], at) => {
    const from = at ? place(ends[at - 1][1]) : 0;
    return s("rect", { class: name, x: from, y: 0, width: Math.max(place(value) - from, 1), height: 14 }, s("title", {}, seconds(value)));
  });
  const words = `Half within ${seconds(measure.p50)}, 95 % within ${seconds(measure.p95)}, the slowest ${seconds(measure.max)}`;
  return s("svg", { class: "spread", viewBox: `0 0 ${width} 14`, preserveAspectRatio: "none", role: "img", "aria-label": words }, parts);
}

/** Half of them, nearly all of them, the worst. */
export function figures(measure) {
  const cell = (value, text) => h("div", {}, h("b", { class: "num" }, seconds(value)), h("span", {}, text));
  return h("div", { class: "figures" }, cell(measure.p50, "half within"), cell(measure.p95, "95 % within"), cell(measure.max, "slowest"));
}
