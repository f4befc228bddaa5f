// One delivery: what became of it, why, and each step on the way.
import { get, post } from "./api.js";
import { h } from "./dom.js";
import { when } from "./format.js";
import { badge, button, card, loaded, notice, toast } from "./ui.js";
import { kind, reason, STATES } from "./words.js";

const STEPS = {
  told: "Give the words to OpenCX",
  answer: "The AI's answer",
  reply: "The words to post",
  post: "Post into the HubSpot conversation",
  comment: "Write an internal comment",
  contact: "Find or create the contact",
  plan: "Choose between a new ticket and the one before",
  ticket: "Open the ticket",
  note: "Write a note on the ticket",
  reopen: "Reopen what was closed",
  gave_up: "Give up and hand off to people",
  notice: "Tell people that it failed",
};

export function one({ main, heading, signal, again }, id) {
  heading("Delivery", null, h("a", { class: "button", href: "#/deliveries" }, "All deliveries"));
  const place = h("div", { class: "stack" });
  main.append(place);
  loaded(place, () => get(`/api/deliveries/${encodeURIComponent(id)}`, signal), (delivery) => draw(delivery, again));
}

function draw(delivery, again) {
  const again_ = async () => {
    await post(`/api/deliveries/${encodeURIComponent(delivery.id)}/replay`);
    toast("It is being processed again");
    again();
  };
  const [tone] = STATES[delivery.state] ?? [""];
  const subject = delivery.session_id ? ["session", delivery.session_id] : delivery.thread_id ? ["thread", delivery.thread_id] : delivery.ticket_id ? ["ticket", delivery.ticket_id] : null;
  return [
    card({ heading: kind(delivery.kind), actions: badge(STATES[delivery.state] ?? ["", delivery.state]) },
      (delivery.why || delivery.reason) && notice(tone === "ok" ? "" : tone, delivery.reason ? reason(delivery.reason) : null, delivery.why && h("p", {}, delivery.why), delivery.detail && h("p", { class: "small" }, delivery.detail)),
      facts(delivery),
      h("div", { class: "row" }, delivery.replayable && button("Replay", again_, { kind: delivery.state === "failed" ? "primary" : "" }), subject && h("a", { class: "button", href: `#/diagnostics?${new URLSearchParams([subject])}` }, "Diagnose"))),
    card({ heading: "Steps", hint: "What cannot be undone stands between “about to” and “done”, so that a repetition looks before it acts." },
      delivery.steps?.length ? h("ol", { class: "timeline" }, [...delivery.steps].sort(byTime).map(step)) : h("p", { class: "muted" }, "Nothing was done for it.")),
  ];
}

function facts(delivery) {
  const link = (id, url) => (url && /^https?:\/\//.test(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, id) : id);
  const rows = [
    ["Received", when(delivery.received_at, true)],
    ["Last change", when(delivery.updated_at, true)],
    delivery.due && ["Next look", when(delivery.due, true)],
    ["Attempts", String(delivery.attempts ?? 0)],
    delivery.thread_id && ["Conversation", link(delivery.thread_id, delivery.links?.thread)],
    delivery.ticket_id && ["Ticket", link(delivery.ticket_id, delivery.links?.ticket)],
    delivery.session_id && ["Session", delivery.session_id],
    delivery.message_id && ["Message", delivery.message_id],
    ["Key", h("code", {}, delivery.key)],
  ].filter(Boolean);
  return h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** What was only kept has no time, and comes first. */
const byTime = (a, b) => (a.about_to ?? "").localeCompare(b.about_to ?? "");

function step({ name, about_to: began, done, detail }) {
  const state = done ? "done" : began ? "open" : "";
  return h("li", { class: state }, h("strong", {}, STEPS[name] ?? name), h("div", { class: "small muted" },
    done ? ["Done", done !== true && done !== "" && [": ", h("code", {}, String(done))]] : began ? "Begun; the outcome is not known" : "Kept, so that it is not asked for again",
    began && [" · ", when(began, true)]), detail && detail !== "kept" && h("div", { class: "small" }, reason(detail)));
}
