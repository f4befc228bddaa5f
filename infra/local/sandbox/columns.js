// The three screens.
import { fill, glyph, h, s } from "/dom.js";
import { when } from "/format.js";
import { badge, busy, button, empty, field, select, toast } from "/ui.js";
import { kind, reason, STATES } from "/words.js";
import { CLOSED, REPS } from "./world.js";

const SUGGESTIONS = ["Where is my order?", "Do you have it in blue? (slow)", "I want to talk to a human", "Thanks, that is all"];

function pane(title, text, ...children) {
  const mark = h("div", {});
  const name = title.toLowerCase().replaceAll(/\W+/g, "-");
  const node = h("section", { class: "pane", id: name, "aria-label": title }, h("header", {}, h("h2", {}, title), mark, h("p", {}, text)), children);
  return { node, mark };
}

/** A conversation that follows its end, unless somebody has scrolled up. */
function talk(label) {
  const node = h("div", { class: "talk", tabindex: "0", role: "log", "aria-label": label });
  let shown = "";
  return {
    node,
    draw(lines, nothing) {
      const now = JSON.stringify(lines);
      if (now === shown) return;
      shown = now;
      const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 60;
      fill(node, lines.length ? lines.map(line) : nothing);
      if (atEnd) node.scrollTop = node.scrollHeight;
    },
  };
}

const line = ({ name, words, tone }) => h("div", { class: `says ${tone}`.trim() }, h("span", { class: "name" }, name), h("div", { class: "words" }, words));

function composer(label, send, extra) {
  const input = h("input", { type: "text", "aria-label": label, placeholder: label, autocomplete: "off" });
  const go = h("button", { type: "submit", class: "primary" }, "Send");
  const form = h("form", { class: "composer" }, extra, h("div", { class: "line" }, input, go));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    busy(go, () => send(text)).then(() => input.focus());
  });
  return form;
}

/** What people said. HubSpot keeps assignments and the like in the same list. */
const spoken = (world) => (world.thread?.messages ?? []).filter((message) => ["MESSAGE", "COMMENT", "WELCOME_MESSAGE"].includes(message.type));

function author(message, world) {
  if (message.from === world.aiUser) return "AI Assistant";
  return REPS[message.from] ?? (message.type === "COMMENT" ? "OpenCX" : "HubSpot");
}

export function customer(world, refresh) {
  const said = talk("The customer's chat");
  const { node, mark } = pane("The customer", "A chat on your web page.");
  const name = h("input", { type: "text", value: "Ada Example", required: true, autocomplete: "off" });
  const email = h("input", { type: "email", value: "ada@example.com", autocomplete: "off" });
  const channel = select([["web", "Web chat"], ["email", "E-mail (the AI waits 5 seconds)"], ["whatsapp", "WhatsApp"]], "web");
  const go = h("button", { type: "submit", class: "primary" }, "Start a conversation");
  const begin = h("form", { class: "begin" }, field({ label: "Name", control: name }), field({ label: "E-mail", control: email }), field({ label: "Channel", control: channel }), h("div", {}, go));
  begin.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(go, async () => {
      await world.begin({ name: name.value.trim() || "Ada Example", email: email.value.trim() || null, channel: channel.value });
      refresh();
    });
  });
  const say = (text) => world.customerSays(text).then(refresh);
  const chips = h("div", { class: "chips", role: "group", "aria-label": "Suggestions" }, SUGGESTIONS.map((text) => button(text, () => say(text))));
  const write = composer("Write as the customer", say, chips);
  const body = h("div", {});
  node.append(body);
  return {
    node,
    draw() {
      if (!world.thread) return fill(body, begin);
      if (!said.node.isConnected) fill(body, said.node, write);
      fill(mark, button("New", async () => {
        world.thread = null;
        refresh();
      }, { kind: "quiet" }));
      // The customer sees what is public.
      const lines = spoken(world).filter((message) => message.type !== "COMMENT").map((message) => ({
        name: message.from === "visitor" ? "You" : author(message, world),
        words: message.text,
        tone: message.from === "visitor" ? "mine" : message.from === world.aiUser ? "ai" : "",
      }));
      said.draw(lines, empty("person", "Say hello", "Write something, or choose a suggestion."));
    },
  };
}

export function inbox(world, refresh) {
  const said = talk("The conversation in HubSpot");
  const { node, mark } = pane("HubSpot", "What Rita, a rep, sees in her inbox.");
  const comment = h("input", { type: "checkbox" });
  const owner = h("div", { class: "row" });
  const write = composer("Write as Rita", (text) => world.repSays(text, comment.checked).then(refresh), h("div", { class: "row between" }, h("label", { class: "check" }, comment, "Internal comment"), owner));
  const ticket = h("div", { class: "part ticket" });
  node.append(said.node, write, ticket);
  let shown = "";
  return {
    node,
    draw() {
      write.hidden = !world.thread;
      const assigned = world.thread?.assigned_to ?? null;
      fill(mark, world.thread && badge(["", assigned === world.aiUser ? "Assigned to the AI" : assigned ? `Assigned to ${REPS[assigned] ?? assigned}` : "Unassigned"], "plain"));
      const back = assigned && assigned !== world.aiUser;
      fill(owner, world.thread && button(back ? "Give back to the AI" : "Take over", () => world.assign(back ? world.aiUser : "A-100").then(refresh), { kind: "quiet" }));
      const lines = spoken(world).map((message) => ({
        name: message.from === "visitor" ? "Customer" : `${message.type === "COMMENT" ? "Internal comment · " : ""}${author(message, world)}`,
        words: message.text,
        tone: message.type === "COMMENT" ? "private" : message.from === "visitor" ? "" : message.from === world.aiUser ? "ai" : "mine",
      }));
      said.draw(lines, empty("inbox", "Nothing here yet", "The customer's conversation appears here."));
      const now = JSON.stringify(world.ticket);
      if (now === shown) return;
      shown = now;
      fill(ticket, drawTicket(world, refresh));
    },
  };
}

function drawTicket(world, refresh) {
  if (!world.ticket) return [h("h3", {}, "Ticket"), h("p", { class: "muted" }, "None. One opens when the AI hands off.")];
  const { ticket_id: id, properties, notes } = world.ticket;
  const closed = properties.hs_pipeline_stage === CLOSED;
  return [
    h("div", { class: "row between" }, h("h3", {}, properties.subject || `Ticket ${id}`), badge(closed ? ["ok", "Closed"] : ["warn", "Open"])),
    h("dl", {}, h("dt", {}, "Ticket"), h("dd", { class: "mono" }, id), h("dt", {}, "opencx_handedoff"), h("dd", {}, properties.opencx_handedoff ?? "–"), h("dt", {}, "Why"), h("dd", {}, properties.opencx_handoff_reason ?? "–")),
    properties.content && h("pre", { tabindex: "0", "aria-label": "The ticket's content" }, properties.content),
    notes.map((note) => h("pre", { tabindex: "0", "aria-label": "A note" }, note.body)),
    !closed && h("div", {}, button("Close the ticket in HubSpot", () => world.closeTicket().then(refresh))),
  ];
}

export function opencx(world, refresh) {
  const said = talk("The session in OpenCX");
  const { node, mark } = pane("OpenCX", "The AI's side: its session, and what the bridge did.");
  const act = h("div", { class: "part" });
  const log = h("ul", { class: "log", tabindex: "0", "aria-label": "Deliveries" });
  node.append(said.node, act, h("div", { class: "part" }, h("div", { class: "row between" }, h("h3", {}, "Deliveries"), h("a", { class: "small", href: `/#token=${world.token}`, target: "_blank", rel: "noopener" }, "Open in the console")), log));
  let shown = "";
  return {
    node,
    draw() {
      const session = world.session;
      const state = !session ? ["", "No session"] : session.status !== "open" ? ["ok", "Resolved"] : session.handed_off ? ["warn", "With people"] : ["ok", "AI answers"];
      fill(mark, badge(state));
      const who = { contact: "Customer", ai: "AI", agent: "Agent" };
      const name = (message) => (message.name && message.sender !== "ai" ? `${who[message.sender]} · ${message.name}` : who[message.sender]);
      const words = (session?.messages ?? []).map((message) => ({ at: message.at, name: name(message), words: message.text, tone: message.sender === "ai" ? "ai" : message.sender === "agent" ? "mine" : "" }));
      const notes = (session?.notes ?? []).map((note) => ({ at: note.at, name: "Internal note", words: note.text, tone: "private" }));
      said.draw([...words, ...notes].sort((a, b) => a.at.localeCompare(b.at)), empty("overview", "No session yet", "The customer's first message opens one."));
      fill(act, session ? actions(world, refresh) : h("p", { class: "muted small" }, "Resolve the session here once it exists."));
      const now = JSON.stringify(world.deliveries);
      if (now !== shown) fill(log, world.deliveries.length ? world.deliveries.map(delivery) : h("li", { class: "muted" }, "None yet."));
      shown = now;
    },
  };
}

function actions(world, refresh) {
  if (world.session.status === "open") {
    return h("div", { class: "row" }, button("Resolve the session", () => world.resolve().then((answer) => {
      if (answer?.skipped) toast(`Resolved; no ticket to close (${answer.skipped})`);
      refresh();
    })));
  }
  const again = button("Reopen", () => world.reopen().then(refresh), { kind: "quiet" });
  const closed = world.ticket?.properties?.hs_pipeline_stage === CLOSED;
  if (closed) return h("div", { class: "row between" }, h("span", { class: "row" }, glyph("check"), "The ticket is closed."), again);
  if (!world.ticket || !world.closesAt) return h("div", { class: "row between" }, "Resolved.", again);
  return h("div", { class: "row between" }, countdown(world.closesAt), again);
}

function countdown(at) {
  const left = Math.max(0, (at - Date.now()) / 1000);
  const round = 2 * Math.PI * 24;
  const ring = s("svg", { viewBox: "0 0 56 56", "aria-hidden": "true" },
    s("circle", { class: "rail", cx: 28, cy: 28, r: 24 }),
    s("circle", { class: "left", cx: 28, cy: 28, r: 24, transform: "rotate(-90 28 28)", "stroke-dasharray": `${(round * Math.min(left, 15)) / 15} ${round}` }),
    s("text", { x: 28, y: 33, "text-anchor": "middle" }, String(Math.ceil(left))));
  return h("div", { class: "count", role: "timer" }, ring, h("span", {}, left > 0 ? `The ticket closes in ${Math.ceil(left)} s` : "The ticket is being closed"));
}

const delivery = (one) => h("li", {}, h("span", {}, kind(one.kind ?? one.type)), badge(STATES[one.state] ?? ["", one.state]),
  h("span", { class: "sub" }, one.reason && `${one.why || reason(one.reason)} · `, one.attempts > 1 && `attempt ${one.attempts} · `, when(one.received_at ?? one.created_at)));
