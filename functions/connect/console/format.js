// Times and numbers as people read them.
import { h } from "./dom.js";

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const NUMBER = new Intl.NumberFormat();
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

export const number = (value) => NUMBER.format(value ?? 0);

export function absolute(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : ABSOLUTE.format(date);
}

export function relative(at) {
  const seconds = (new Date(at).getTime() - Date.now()) / 1000;
  if (Number.isNaN(seconds)) return String(at);
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? "just now" : RELATIVE.format(Math.trunc(seconds), "second");
}

/** "3 minutes ago", with the exact moment on hover; or the dash. */
export function when(at, exact = false) {
  if (!at) return h("span", { class: "muted" }, "–");
  return h("time", { datetime: at, title: exact ? relative(at) : absolute(at), class: "num" }, exact ? absolute(at) : relative(at));
}

/** 0.42 s, 3.1 s, 2 min 5 s, 3 h 10 min. */
export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 10) return `${Number(value.toFixed(value < 1 ? 2 : 1))} s`;
  if (value < 100) return `${Math.round(value)} s`;
  const whole = Math.round(value);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** What was written to stand in the middle of a sentence, standing alone. */
export const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?)]$/.test(text) ? "" : "."}`;

/** For `<input type="datetime-local">`, and back. */
export function localInput(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export const fromLocalInput = (text) => (text ? new Date(text).toISOString() : "");
