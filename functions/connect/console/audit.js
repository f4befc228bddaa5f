// Who changed or replayed what, when.
import { get, withQuery } from "./api.js";
import { fill, h } from "./dom.js";
import { when } from "./format.js";
import { button, card, empty, loaded } from "./ui.js";
import { ACTORS, audit, settings } from "./words.js";

export function render({ main, heading, signal }) {
  heading("Audit", "Who changed or replayed what, and when.");
  const place = h("div");
  main.append(card({ heading: "Changes" }, place));
  loaded(place, () => get("/api/audit", signal), (page) => (page.entries.length ? list(page, signal) : empty("clock", "Nothing was changed yet")));
}

function which({ action, what }) {
  if (!what) return null;
  return action === "settings.changed" ? settings(what) : h("code", {}, what);
}

function list(first, signal) {
  const body = h("tbody");
  const more = h("div");
  const add = (page) => {
    body.append(...page.entries.map((entry) => h("tr", {}, h("td", { class: "nowrap" }, when(entry.at, true)), h("td", {}, ACTORS[entry.actor] ?? entry.actor), h("td", {}, audit(entry.action)), h("td", {}, which(entry)))));
    fill(more, page.cursor && button("Show more", async () => add(await get(withQuery("/api/audit", { cursor: page.cursor }), signal))));
  };
  add(first);
  return [h("table", { class: "rows" }, h("caption", { class: "sr" }, "Changes, newest first"), h("thead", {}, h("tr", {}, ["When", "Who", "What", "Which"].map((name) => h("th", { scope: "col" }, name)))), body), more];
}
