// A list of checks: what was found, what it means, what to click.
import { post } from "./api.js";
import { h } from "./dom.js";
import { plural } from "./format.js";
import { badge, button, toast } from "./ui.js";
import { CHECK_STATES } from "./words.js";

const ORDER = ["failed", "warning", "unknown", "ok"];

export function checks(list, { opened = false } = {}) {
  const sorted = [...(list ?? [])].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return h("div", { class: "checks" }, sorted.map((check) => one(check, opened)));
}

function one(check, opened) {
  const more = h("div", { class: "more" },
    check.means && h("p", {}, check.means),
    check.fix?.length > 0 && h("div", {}, h("h3", {}, "What to do"), h("ol", {}, check.fix.map((text) => h("li", {}, text)))),
    check.replay?.count > 0 && h("div", {}, button(`Replay ${plural(check.replay.count, "delivery", "deliveries")}`, () => replay(check.replay), { kind: "primary" })));
  const head = [badge(CHECK_STATES[check.state] ?? ["", check.state]), h("strong", {}, check.title), h("span", { class: "found" }, check.found)];
  if (!more.hasChildNodes()) return h("div", { class: "line", "data-check": check.id }, head);
  return h("details", { open: opened && check.state === "failed", "data-check": check.id }, h("summary", {}, head), more);
}

/** Has all that failed processed again, of one reason, one state or one time where `what` says so. */
export async function replay({ reason, state, from, to }) {
  const narrowed = Object.fromEntries(Object.entries({ reason, state, from, to }).filter(([, value]) => value));
  const { replayed } = await post("/api/deliveries/replay", narrowed);
  toast(`${plural(replayed, "delivery is", "deliveries are")} being processed again`);
  return replayed;
}
