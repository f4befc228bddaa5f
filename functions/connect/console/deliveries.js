// The log of HubSpot's events: what became of each, and why.
import { get, withQuery } from "./api.js";
import { fill, h } from "./dom.js";
import { fromLocalInput, localInput, plural, when } from "./format.js";
import { badge, button, card, confirm, empty, field, loaded, select } from "./ui.js";
import { kind, reason, REASON_CODES, STATES } from "./words.js";
import { replay } from "./checks.js";
import { one } from "./delivery.js";

const FILTERS = ["state", "reason", "thread", "ticket", "session", "message", "from", "to"];
/** What a replay of many can be narrowed by is reason, state and time; these stand for a few rows, replayed one by one. */
const ONE_THING = ["thread", "ticket", "session", "message"];
const STUCK = ["failed", "parked"];
const QUICK = [["", "All"], ["failed", "Failed"], ["skipped", "Skipped"], ["parked", "Waiting for reconnect"], ["done", "Done"]];

export function render(page) {
  if (page.rest[0]) return one(page, page.rest[0]);
  const { main, heading, query, signal, again } = page;
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
  heading("Deliveries", "Every event HubSpot sent, what became of it and why.", button("Refresh", again));
  const place = h("div", { class: "stack" });
  main.append(filters(wanted), place);
  loaded(place, () => read(wanted, null, signal), (first) => list(first, wanted, signal, again));
}

/** In a long log a page may be empty although older ones are not: a few are read on until something fits. */
async function read(wanted, cursor, signal) {
  let page = { deliveries: [], cursor };
  for (let reads = 0; reads < 10 && (reads === 0 || (page.cursor && page.deliveries.length === 0)); reads += 1) {
    page = await get(withQuery("/api/deliveries", { ...wanted, cursor: page.cursor }), signal);
  }
  return page;
}

function go(wanted) {
  location.hash = withQuery("#/deliveries", wanted);
}

function filters(wanted) {
  const input = (name, placeholder) => h("input", { type: "text", value: wanted[name], placeholder, autocomplete: "off", spellcheck: "false" });
  const controls = {
    reason: select([["", "Any"], ...REASON_CODES.map((code) => [code, reason(code)])], wanted.reason),
    thread: input("thread"), ticket: input("ticket"), session: input("session"), message: input("message"),
    from: h("input", { type: "datetime-local", value: localInput(wanted.from) }),
    to: h("input", { type: "datetime-local", value: localInput(wanted.to) }),
  };
  const label = { reason: "Reason", thread: "Conversation", ticket: "Ticket", session: "Session", message: "Message", from: "From", to: "Until" };
  const form = h("form", { class: "filters" }, Object.entries(controls).map(([name, control]) => field({ label: label[name], control })),
    h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, "Filter"), h("a", { href: "#/deliveries" }, "Clear")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value.trim()]));
    go({ ...wanted, ...values, from: fromLocalInput(values.from), to: fromLocalInput(values.to) });
  });
  const narrowed = FILTERS.some((name) => name !== "state" && wanted[name]);
  return h("div", { class: "stack" },
    h("div", { class: "tabs", role: "group", "aria-label": "State" }, QUICK.map(([state, text]) => h("button", { type: "button", "aria-pressed": String(wanted.state === state), onclick: () => go({ ...wanted, state }) }, text))),
    h("details", { class: "fold", open: narrowed }, h("summary", {}, "More filters"), form));
}

function list(first, wanted, signal, again) {
  const body = h("tbody");
  const more = h("div", { class: "row" });
  const add = (page) => {
    body.append(...page.deliveries.map(row));
    const text = page.deliveries.length ? "Show more" : "Nothing so far: look further back";
    fill(more, page.cursor && button(text, async () => add(await read(wanted, page.cursor, signal))));
  };
  add(first);
  if (!body.children.length && !first.cursor) {
    const narrowed = FILTERS.some((name) => wanted[name]);
    return card({ heading: "Deliveries" }, narrowed
      ? empty("list", "Nothing fits", "Nothing in the log fits these filters.", h("a", { class: "button", href: "#/deliveries" }, "Show all"))
      : empty("inbox", "No events yet", "Once HubSpot sends its first event, it shows here within seconds."));
  }
  return card({ heading: "Deliveries", actions: bulk(first, wanted, again) },
    h("table", { class: "rows" }, h("caption", { class: "sr" }, "Deliveries, newest first"),
      h("thead", {}, h("tr", {}, ["Event", "What became of it", "About", "When"].map((name) => h("th", { scope: "col" }, name)))), body), more);
}

/** Once the cause is mended, all that failed for it can go again. */
function bulk(first, wanted, again) {
  const among = STUCK.includes(wanted.state) || (!wanted.state && wanted.reason);
  if (!among || ONE_THING.some((name) => wanted[name]) || !first.deliveries.some(({ state }) => STUCK.includes(state))) return null;
  const name = wanted.reason ? `all with “${reason(wanted.reason)}”` : "all of these";
  return button(`Replay ${name}`, async () => {
    if (!(await confirm({ title: `Replay ${name}?`, text: "What was done stays done; only what is missing is tried again. Nobody gets the same message twice, and conversations that people took over stay with them.", action: "Replay" }))) return;
    await replay(wanted);
    again();
  });
}

function row(delivery) {
  const about = [["thread_id", "Conversation"], ["ticket_id", "Ticket"], ["session_id", "Session"]].filter(([name]) => delivery[name]);
  return h("tr", {},
    h("td", {}, h("a", { class: "main", href: `#/deliveries/${encodeURIComponent(delivery.id)}` }, kind(delivery.kind)), delivery.attempts > 1 && h("span", { class: "sub" }, plural(delivery.attempts, "attempt"))),
    h("td", {}, badge(STATES[delivery.state] ?? ["", delivery.state]), delivery.reason && h("span", { class: "sub" }, delivery.why || reason(delivery.reason))),
    h("td", {}, about.slice(0, 2).map(([name, text]) => h("span", { class: "sub" }, text, " ", h("span", { class: "mono" }, delivery[name])))),
    h("td", { class: "nowrap" }, when(delivery.received_at)));
}
