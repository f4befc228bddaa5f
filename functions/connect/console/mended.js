// Once a cause is mended, what failed for it is offered for a replay, right where it was mended.
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { plural } from "./format.js";
import { button, notice } from "./ui.js";
import { reason } from "./words.js";
import { replay } from "./checks.js";

const REFUSED = ["hubspot_rejected"];
/** Which failures a changed setting may have been the cause of. */
const BY_SETTING = {
  ai_user: REFUSED, default_user: REFUSED, fallback_assignee: REFUSED, routing: REFUSED,
  pipeline_id: REFUSED, open_stage_id: REFUSED, closed_stage_id: REFUSED, property_map: REFUSED, create_properties: REFUSED,
  opencx_api_key: ["opencx_unavailable"],
};
const BY_CONNECTING = ["reconnect_required", "not_connected", ...REFUSED];
const SCOPE = "missing_scope:";

/** After settings were saved: `names` are those that changed. */
export const offerAfterSettings = (names) => offer(top(), (code) => names.some((name) => BY_SETTING[name]?.includes(code)));

/** After HubSpot was connected, or found to work again. `more` names settings that came with it. */
export async function offerAfterConnecting({ place = top(), more = [] } = {}) {
  const { granted_scopes: granted = [] } = await get("/api/connection").catch(() => ({}));
  const mended = [...BY_CONNECTING, ...more.flatMap((name) => BY_SETTING[name] ?? [])];
  return offer(place, (code) => mended.includes(code) || (code.startsWith(SCOPE) && granted.includes(code.slice(SCOPE.length))));
}

/** A place under the page's heading. It goes with the page, so an offer never shows on another one. */
function top() {
  const place = h("div", { class: "stack offer", role: "status" });
  document.getElementById("main")?.firstElementChild?.after(place);
  return place;
}

async function offer(place, mends) {
  // Nobody asked for this list: where it cannot be had, the deliveries page still has everything.
  const found = await get("/api/deliveries/failures").catch(() => ({ failures: [] }));
  const mine = found.failures.filter((failure) => mends(failure.reason));
  if (mine.length === 0) return place.remove();
  fill(place, mine.map((failure) => one(failure, found.truncated)));
}

function one(failure, truncated) {
  const line = h("div", { "data-reason": failure.reason });
  const count = `${plural(failure.count, "delivery", "deliveries")}${truncated ? " or more" : ""}`;
  const again = async () => {
    const replayed = await replay(failure);
    const look = h("a", { class: "button", href: "#/deliveries" }, replayed === 1 ? "See what becomes of it" : "See what becomes of them");
    fill(line, notice("ok", `${plural(replayed, "delivery is", "deliveries are")} being processed again`, h("div", {}, look)));
    look.focus();
  };
  const those = `#/deliveries?${new URLSearchParams({ reason: failure.reason })}`;
  return fill(line, notice("", `${count} failed for this reason: ${reason(failure.reason)}`,
    h("p", {}, failure.why, " If that is mended now, replay: what was done stays done, nobody gets the same message twice, and conversations that people took over stay with them."),
    h("div", { class: "row" }, button(failure.count === 1 ? "Replay it" : "Replay them", again, { kind: "primary" }), h("a", { href: those }, "Look at them first"))));
}
