// What is wrong, what it means, what to click; for the organization, or for one session, conversation or ticket.
import { get, withQuery } from "./api.js";
import { h } from "./dom.js";
import { plural } from "./format.js";
import { button, card, clearErrors, field, loaded, notice, select } from "./ui.js";
import { checks } from "./checks.js";

const SUBJECTS = [["", "The whole integration"], ["session", "One OpenCX session"], ["thread", "One HubSpot conversation"], ["ticket", "One HubSpot ticket"]];

export function render({ main, heading, query, signal, again }) {
  heading("Diagnostics", "Why was there no reply, no ticket, no delivery? Each check says what it found, what it means and what to click.", button("Run again", again));
  const [subject] = SUBJECTS.find(([name]) => name && query.get(name)) ?? [""];
  const id = subject ? query.get(subject) : "";
  main.append(chooser(subject, id));
  const place = h("div");
  main.append(place);
  loaded(place, () => get(withQuery("/api/diagnostics", { [subject || "_"]: id }), signal), draw);
}

function chooser(subject, id) {
  const value = h("input", { type: "text", value: id, autocomplete: "off", spellcheck: "false", placeholder: "from the address bar of OpenCX or HubSpot" });
  const part = field({ label: "Id", name: "id", control: value });
  const beside = h("div", { class: "grow", hidden: !subject }, part);
  const what = select(SUBJECTS, subject, { onchange: () => (beside.hidden = !what.value) });
  const form = h("form", { class: "row", novalidate: true }, h("div", { class: "grow" }, field({ label: "Look into", control: what })), beside, h("button", { class: "primary", type: "submit" }, "Diagnose"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const query = what.value && value.value.trim() ? `?${new URLSearchParams({ [what.value]: value.value.trim() })}` : "";
    const next = `#/diagnostics${query}`;
    if (location.hash === next) window.dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = next;
  });
  return card({ heading: "What is it about?" }, form);
}

function draw({ ok, checks: list }) {
  const bad = list.filter((check) => check.state === "failed").length;
  const odd = list.filter((check) => check.state === "warning").length;
  const text = [bad && plural(bad, "problem"), odd && plural(odd, "warning")].filter(Boolean).join(" and ");
  return h("div", { class: "stack" },
    bad + odd ? notice(bad ? "bad" : "warn", text) : notice(ok ? "ok" : "", ok ? "Everything is in order" : "Nothing wrong was found"),
    card({ heading: "Checks" }, checks(list, { opened: true })));
}
