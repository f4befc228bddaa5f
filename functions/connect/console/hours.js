// Office hours: a time zone, the hours of each day of the week, and the days on which nobody is there.
import { fill, h, uid } from "./dom.js";
import { button, fieldGroup, toggle, Wrong } from "./ui.js";

const DAYS = [["mon", "Monday"], ["tue", "Tuesday"], ["wed", "Wednesday"], ["thu", "Thursday"], ["fri", "Friday"], ["sat", "Saturday"], ["sun", "Sunday"]];
const USUAL = { weekly: Object.fromEntries(DAYS.slice(0, 5).map(([day]) => [day, [["09:00", "17:00"]]])) };

/** A clock has no 24:00: where a time is an end, midnight is shown as 00:00 and meant as 24:00. */
const shown = (time) => (time === "24:00" ? "00:00" : time);
const meant = (time) => (time === "00:00" ? "24:00" : time);
const wrong = (message, control) => new Wrong("office_hours", message, control);

/** `read` gives the setting, or throws what is wrong with it. */
export function officeHours(value) {
  const known = value ?? USUAL;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const list = uid("zones");
  const zones = Intl.supportedValuesOf?.("timeZone") ?? [];
  const zone = h("input", { type: "text", list, value: known.timezone ?? own, id: uid("zone"), autocomplete: "off", spellcheck: "false" });
  const week = DAYS.map(([key, name]) => ({ key, ...day(name, known.weekly?.[key] ?? []) }));
  const away = closedDays(known.closed_on ?? []);
  const detail = h("div", { class: "stack", hidden: !value },
    h("div", { class: "field narrow" }, h("label", { for: zone.id }, "Time zone"), zone, h("datalist", { id: list }, zones.map((one) => h("option", { value: one })))),
    h("div", { class: "week" }, week.map(({ node }) => node), h("div", { class: "hint" }, "To be there until midnight, end at 00:00 (12:00 AM).")), away.node);
  const on = toggle({ label: "People are there at certain hours only", hint: "Off: handoffs count on people being there at any time.", checked: Boolean(value), onchange: (event) => (detail.hidden = !event.target.checked) });
  const read = () => {
    if (!on.querySelector("input").checked) return null;
    if (!zone.value.trim()) throw wrong("Say in which time zone these hours are.", zone);
    const weekly = Object.fromEntries(week.map(({ key, read: hours }) => [key, hours()]).filter(([, hours]) => hours.length));
    return { timezone: zone.value.trim(), weekly, closed_on: away.read() };
  };
  return { node: fieldGroup({ label: "Office hours", name: "office_hours" }, h("div", { class: "stack" }, on, detail)), read };
}

function day(name, hours) {
  const spans = h("div", { class: "spans" });
  const closed = h("span", { class: "muted" }, "Closed");
  const add = button("Add hours", async () => span("09:00", "17:00").querySelector("input").focus(), { kind: "quiet", label: `Add hours on ${name}` });
  const draw = () => (closed.hidden = spans.children.length > 0);
  const span = (from, to) => {
    const [start, end] = [[from, "from"], [shown(to), "until"]].map(([at, what]) => h("input", { type: "time", value: at, "aria-label": `${name} ${what}` }));
    const drop = button("", async () => {
      node.remove();
      draw();
      add.focus();
    }, { icon: "bin", kind: "icon", label: `Remove these hours on ${name}` });
    const node = h("div", { class: "span" }, start, h("span", { class: "muted" }, "to"), end, drop);
    spans.append(node);
    draw();
    return node;
  };
  for (const [from, to] of hours) span(from, to);
  draw();
  const read = () => [...spans.children].map((node) => {
    const [start, end] = node.querySelectorAll("input");
    if (!start.value || !end.value) throw wrong(`${name}: say from when until when, or remove the line.`, start.value ? end : start);
    if (meant(end.value) <= start.value) throw wrong(`${name}: the end is not after the beginning. For a night, end at 00:00 and begin the next day at 00:00.`, end);
    return [start.value, meant(end.value)];
  }).sort(([a], [b]) => a.localeCompare(b));
  return { node: h("div", { class: "day", role: "group", "aria-label": name }, h("span", { class: "label" }, name), h("div", { class: "hours" }, closed, spans), add), read };
}

function closedDays(dates) {
  const rows = h("div", { class: "row" });
  const row = (date) => {
    const input = h("input", { type: "date", value: date, "aria-label": "Closed on" });
    const node = h("div", { class: "span" }, input, button("", async () => node.remove(), { icon: "bin", kind: "icon", label: "Remove this date" }));
    rows.append(node);
    return input;
  };
  fill(rows);
  for (const date of dates) row(date);
  const read = () => [...new Set([...rows.querySelectorAll("input")].map((input) => input.value).filter(Boolean))].sort();
  const add = button("Add a date", async () => row("").focus(), { kind: "quiet" });
  return { node: fieldGroup({ label: "Closed on", hint: "Holidays and other days on which nobody is there." }, rows, h("div", {}, add)), read };
}
