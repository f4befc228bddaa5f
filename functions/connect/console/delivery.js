// One delivery: what became of it, why, and each step on the way.
import { get, post } from "./api.js";
import { h } from "./dom.js";
import { sentence, when } from "./format.js";
import { badge, button, card, loaded, notice, toast } from "./ui.js";
import { kind, reason, STATES } from "./words.js";

/** In the order in which they are taken; the log does not keep when a step was done. */
const STEPS = {
  looked: "Look whose it is",
  told: "Give the words to OpenCX",
  answer: "The AI's answer",
  together: "Answer it together with a later message",
  reply: "The words to post",
  contact: "Find or create the contact",
  plan: "Choose between a new ticket and the one before",
  ticket: "Open the ticket",
  comment: "Write an internal comment",
  note: "Write a note on the ticket",
  reopen: "Reopen what was closed",
  resolve: "Resolve the session in OpenCX",
  post: "Post into the HubSpot conversation",
  fallback: "Tell the customer that nobody is there",
  gave_up: "Give up and hand off to people",
  notice: "Tell people that it failed",
};
const ORDER = Object.keys(STEPS);
/** A decision that is kept, not an effect that could be half done. */
const DECISIONS = ["gave_up", "looked"];
/** What stands in the place of a note's id where HubSpot did not take it. */
const REFUSED = "refused";

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
      (delivery.why || delivery.reason) && notice(tone === "ok" ? "" : tone, delivery.reason ? reason(delivery.reason) : null, delivery.why && h("p", {}, delivery.why), delivery.detail && h("p", { class: "small" }, sentence(delivery.detail))),
      facts(delivery),
      h("div", { class: "row" }, delivery.replayable && button("Replay", again_, { kind: delivery.state === "failed" ? "primary" : "" }), subject && h("a", { class: "button", href: `#/diagnostics?${new URLSearchParams([subject])}` }, "Diagnose"))),
    card({ heading: "Steps", hint: "What was done for it. A replay leaves what is done, and looks in HubSpot and OpenCX before it repeats what was only begun." },
      delivery.steps?.length ? h("ol", { class: "timeline" }, [...delivery.steps].sort(byOrder).map((each) => step(each, delivery.state))) : h("p", { class: "muted" }, "Nothing was done for it.")),
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

const byOrder = (a, b) => place(a) - place(b);
const place = ({ name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

function step({ name, about_to: began, done, detail }, delivery) {
  const decided = DECISIONS.includes(name);
  const state = done === REFUSED ? "open" : done || (began && decided) ? "done" : began ? "open" : "";
  return h("li", { class: state }, h("strong", {}, STEPS[name] ?? name), h("div", { class: "small muted" }, outcome(decided, began, done, delivery),
    began && [" · ", when(began, true)]), detail && detail !== "kept" && h("div", { class: "small" }, reason(detail)));
}

function outcome(decided, began, done, delivery) {
  if (done === REFUSED) return "HubSpot refused it";
  if (done) return ["Done", done !== true && [": ", h("code", {}, String(done))]];
  if (!began) return "Kept, so that it is not asked for again";
  if (decided) return "Decided";
  return delivery === "failed" ? "Begun, and not done" : "Begun; whether it was done is not known yet";
}
