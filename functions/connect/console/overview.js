// The first page: is it connected, is it live, what is left to do, what went wrong lately.
import { get, patch, withQuery } from "./api.js";
import { h } from "./dom.js";
import { when, number, plural } from "./format.js";
import { badge, button, card, confirm, empty, loaded, notice, toast } from "./ui.js";
import { CONNECTION } from "./words.js";
import { outcomes } from "./charts.js";
import { checklist } from "./guide.js";

const DAY = 86_400_000;

export function render({ main, heading, signal, again }) {
  heading("Overview", "Customers write in HubSpot, the AI of OpenCX answers, people take over.");
  const [state, today] = [h("div", { class: "stack" }), h("div", {})];
  main.append(state, today);
  loaded(state, () => get("/api/connection", signal), (connection) => drawState(connection, again));
  const range = { from: new Date(Date.now() - DAY).toISOString(), to: new Date().toISOString() };
  loaded(today, () => get(withQuery("/api/stats", range), signal), drawToday);
}

function drawState(connection, again) {
  const open = ["connected", "action_recommended"].includes(connection.state);
  const facts = h("dl", { class: "facts" },
    h("div", {}, h("dt", {}, "HubSpot"), h("dd", {}, badge(CONNECTION[connection.state] ?? ["", connection.state]))),
    h("div", {}, h("dt", {}, "Portal"), h("dd", {}, connection.portal_id ? connection.portal_name || connection.portal_id : "–")),
    h("div", {}, h("dt", {}, "Connected by"), h("dd", {}, connection.auth_label || "–")),
    h("div", {}, h("dt", {}, "Answers customers"), h("dd", {}, badge(connection.live ? ["ok", "Live"] : ["", "Not live"]))));
  return [
    connection.state === "reconnect_required" && notice("bad", "HubSpot no longer accepts the connection", h("p", {}, "New events are kept and are processed once you reconnect."), h("div", {}, h("a", { class: "button", href: "#/connection" }, "Reconnect HubSpot"))),
    connection.state === "action_recommended" && notice("warn", "Action recommended", h("p", {}, "This organization still uses a private app. Moving to the OAuth app takes one click and keeps everything."), h("div", {}, h("a", { class: "button", href: "#/connection" }, "See what changes"))),
    h("div", { class: "split" },
      card({ heading: "Connection", actions: h("a", { class: "button", href: "#/connection" }, open ? "Manage" : "Connect HubSpot") }, facts),
      liveCard(connection, open, again)),
    connection.checklist?.some((step) => !step.done) && card({ heading: "Set up", hint: "Each step turns green as it happens." }, checklist(connection.checklist)),
  ];
}

function liveCard(connection, open, again) {
  const text = connection.live
    ? "The AI answers customers in HubSpot. Pausing keeps every event, and answers nobody."
    : "Events are recorded, and nobody is answered. Choose the AI sender first, then go live.";
  const turn = async (enabled) => {
    if (!enabled && !(await confirm({ title: "Pause the AI everywhere?", text: "Customers get no answers from the AI until you go live again. Events are still recorded.", action: "Pause", danger: true }))) return;
    try {
      await patch("/api/settings", { enabled });
    } catch (error) {
      if (error.field === "ai_user" || error.field === "opencx_api_key") {
        toast(error.message, "bad");
        location.hash = "#/settings";
        return;
      }
      throw error;
    }
    toast(enabled ? "You are live" : "Paused");
    again();
  };
  const action = connection.live
    ? button("Pause", () => turn(false))
    : button("Go live", () => turn(true), { kind: "primary", disabled: !open });
  return card({ heading: connection.live ? "Live" : "Not live", hint: text, id: "live" }, h("div", { class: "row" }, action, h("a", { href: "#/settings" }, "AI sender and settings")));
}

function drawToday(stats) {
  const total = (name) => stats.buckets.reduce((sum, bucket) => sum + (bucket[name] ?? 0), 0);
  const failed = total("failed");
  const any = ["done", "skipped", "failed", "waiting"].some((name) => total(name) > 0);
  return card({ heading: "Last 24 hours", actions: h("a", { class: "button", href: "#/insights" }, "All figures") },
    failed > 0 && notice("bad", `${plural(failed, "delivery", "deliveries")} failed`, h("div", {}, h("a", { class: "button", href: "#/deliveries?state=failed" }, "See what failed"))),
    any ? outcomes(stats) : empty("inbox", "No events yet", "Once HubSpot sends its first event, it shows here within seconds."),
    any && stats.lateness_seconds?.samples > 0 && h("p", { class: "muted small" }, `${number(total("done"))} done, ${number(total("skipped"))} skipped. As of `, when(stats.to), "."));
}
