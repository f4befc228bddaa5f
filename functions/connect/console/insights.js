// What became of the events, how late they were, how long answers took.
import { get, withQuery } from "./api.js";
import { h } from "./dom.js";
import { plural } from "./format.js";
import { card, empty, loaded, notice } from "./ui.js";
import { kind, reason } from "./words.js";
import { bars, curve, figures, outcomes, spread } from "./charts.js";

const HOUR = 3_600_000;
const RANGES = [["1h", "Last hour", HOUR], ["24h", "24 hours", 24 * HOUR], ["7d", "7 days", 7 * 24 * HOUR], ["30d", "30 days", 30 * 24 * HOUR]];
const FAILURES = /^(hubspot_|opencx_|poison|reconnect_required|missing_scope)/;

export function render({ main, heading, query, signal }) {
  heading("Insights", "What became of HubSpot's events.");
  const chosen = RANGES.find(([key]) => key === query.get("range")) ?? RANGES[1];
  main.append(h("div", { class: "tabs", role: "group", "aria-label": "Time range" }, RANGES.map(([key, text]) => h("button", { type: "button", "aria-pressed": String(key === chosen[0]), onclick: () => (location.hash = `#/insights?range=${key}`) }, text))));
  const place = h("div", { class: "stack" });
  main.append(place);
  const [to, from] = [new Date(), new Date(Date.now() - chosen[2])];
  loaded(place, () => get(withQuery("/api/stats", { from: from.toISOString(), to: to.toISOString() }), signal), draw);
}

function draw(stats) {
  const any = (stats.buckets ?? []).some((bucket) => bucket.done || bucket.skipped || bucket.failed || bucket.waiting);
  if (!any) return card({ heading: "Events by outcome" }, empty("chart", "Nothing in this time", "Choose a longer range, or have HubSpot send an event."));
  const link = (code) => `#/deliveries?reason=${encodeURIComponent(code)}`;
  return [
    stats.truncated && notice("", null, h("p", {}, "There were more events than can be counted here; the figures are of the most recent ones.")),
    card({ heading: "Events by outcome" }, outcomes(stats)),
    h("div", { class: "split" },
      measure("Answer times", "From the customer's message to the AI's answer in HubSpot.", stats.answer_seconds, curve(stats, "answer_p95", "Answer time, 95 % within")),
      measure("Lateness", "From what happened in HubSpot until its event was here.", stats.lateness_seconds, curve(stats, "lateness_p95", "Lateness, 95 % within"))),
    h("div", { class: "split" },
      card({ heading: "Reasons", hint: "Why events were skipped or failed." }, Object.keys(stats.reasons ?? {}).length ? bars(stats.reasons, { link, words: reason, tone: (code) => (FAILURES.test(code) ? "failed" : "") }) : h("p", { class: "muted" }, "Nothing was skipped, and nothing failed.")),
      card({ heading: "Kinds of events" }, bars(stats.kinds, { words: kind }))),
  ];
}

function measure(heading, hint, value, line) {
  if (!value?.samples) return card({ heading, hint }, h("p", { class: "muted" }, "Nothing to measure in this time."));
  return card({ heading, hint }, figures(value), spread(value), line, h("p", { class: "muted small" }, `From ${plural(value.samples, "event")}.`));
}
