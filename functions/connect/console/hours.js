// Office hours: a time zone and, for each day, from when to when.
import { h } from "./dom.js";
import { toggle } from "./ui.js";

const DAYS = [["mon", "Monday"], ["tue", "Tuesday"], ["wed", "Wednesday"], ["thu", "Thursday"], ["fri", "Friday"], ["sat", "Saturday"], ["sun", "Sunday"]];

export function officeHours(value) {
  const known = value ?? {};
  const zones = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const list = h("datalist", { id: "time-zones" }, zones.map((zone) => h("option", { value: zone })));
  const zone = h("input", { type: "text", list: "time-zones", value: known.time_zone ?? own, "aria-label": "Time zone" });
  const days = DAYS.map(([key, name]) => {
    const [from, to] = known.days?.[key]?.[0] ?? (value || ["sat", "sun"].includes(key) ? ["", ""] : ["09:00", "17:00"]);
    const times = [from, to].map((time, at) => h("input", { type: "time", value: time, "aria-label": `${name} ${at ? "until" : "from"}` }));
    return { key, times, node: h("div", { class: "day" }, h("span", {}, name), times[0], h("span", { class: "muted" }, "to"), times[1]) };
  });
  const detail = h("div", { class: "stack tight", hidden: !value }, h("div", { class: "day" }, h("span", {}, "Time zone"), zone), list, days.map(({ node }) => node));
  const on = toggle({ label: "People are there at certain hours only", hint: "A day without times is a day off. Off: always.", checked: Boolean(value), onchange: () => (detail.hidden = !on.querySelector("input").checked) });
  const read = () => {
    if (!on.querySelector("input").checked) return null;
    const open = days.filter(({ times }) => times[0].value && times[1].value);
    return { time_zone: zone.value.trim(), days: Object.fromEntries(open.map(({ key, times }) => [key, [[times[0].value, times[1].value]]])) };
  };
  return { node: h("div", { class: "stack" }, on, detail), read };
}
