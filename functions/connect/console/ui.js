// The parts pages are made of.
import { fill, glyph, h, uid } from "./dom.js";

export function badge([tone, text], extra = "") {
  return h("span", { class: `badge ${tone} ${extra}`.trim() }, text);
}

/** A titled part of a page. `heading` is its `h2`'s text; `actions` stand on the right. */
export function card({ heading, hint, actions, id }, ...children) {
  const name = uid("card");
  const title = h("div", {}, h("h2", { id: name }, heading), hint && h("p", {}, hint));
  const head = h("div", { class: "card-head" }, title, actions && h("div", { class: "row" }, actions));
  return h("section", { class: "card", "aria-labelledby": name, id }, head, children);
}

/** A button whose `act` may take a while: it is busy meanwhile, and what goes wrong is told. */
export function button(text, act, { kind = "", icon, label, type = "button", disabled } = {}) {
  const node = h("button", { type, class: kind, "aria-label": label, title: label, disabled }, icon && glyph(icon), text);
  if (act) node.addEventListener("click", () => busy(node, act));
  return node;
}

/** Runs `act` with `node` disabled. A refusal becomes a toast unless `refused` takes it. */
export async function busy(node, act, refused) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  node.disabled = true;
  try {
    await act();
  } catch (error) {
    if (error.name !== "AbortError" && !refused?.(error)) toast(error.message, "bad");
  } finally {
    node.removeAttribute("aria-busy");
    node.disabled = false;
  }
}

export function toast(text, tone = "") {
  const node = h("div", { class: `toast ${tone}`.trim() }, glyph(tone === "bad" ? "alert" : "check"), h("span", {}, text));
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), tone === "bad" ? 9_000 : 5_000);
}

/** A label, its control, a hint and room for what is wrong. `name` is the field of the request. */
export function field({ label, hint, name, control }) {
  const id = control.id || uid("field");
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  control.id = id;
  control.setAttribute("aria-describedby", [hint && hintId, errorId].filter(Boolean).join(" "));
  const error = h("div", { class: "error", id: errorId, role: "alert" });
  return h("div", { class: "field", "data-field": name }, h("label", { for: id }, label), control, hint && h("div", { class: "hint", id: hintId }, hint), error);
}

/** The same around several controls. */
export function fieldGroup({ label, hint, name }, ...controls) {
  const error = h("div", { class: "error", role: "alert" });
  return h("fieldset", { class: "field", "data-field": name }, h("legend", { class: "label" }, label), hint && h("div", { class: "hint" }, hint), controls, error);
}

/** An on/off switch with its explanation. */
export function toggle({ label, hint, name, checked, onchange }) {
  const input = h("input", { type: "checkbox", role: "switch", checked: Boolean(checked), name, onchange });
  const id = (input.id = uid("switch"));
  const text = h("span", {}, h("label", { for: id }, label), hint && h("span", { class: "hint", id: `${id}-hint` }, hint));
  if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
  const error = h("div", { class: "error", role: "alert" });
  return h("div", { class: "field", "data-field": name }, h("div", { class: "switch" }, input, text), error);
}

/** What the page itself finds wrong with a field; as if the server had refused it. */
export class Wrong extends Error {
  constructor(name, message, control) {
    super(message);
    this.field = name;
    this.control = control;
  }
}

export function clearErrors(form) {
  for (const node of form.querySelectorAll(".error")) fill(node);
  for (const node of form.querySelectorAll("[aria-invalid]")) node.removeAttribute("aria-invalid");
}

/** Shows a refusal beside the field it names. `false` where the form has no such field. */
export function showProblem(form, problem) {
  const name = String(problem.field ?? "").split(/[.[]/)[0];
  const place = name && [...form.querySelectorAll("[data-field]")].find((node) => node.dataset.field === name);
  if (!place) return false;
  // Its own is the last one: a group's controls may have errors of their own.
  fill([...place.querySelectorAll(".error")].at(-1), problem.message);
  const control = problem.control ?? place.querySelector("input, select, textarea");
  control?.setAttribute("aria-invalid", "true");
  control?.focus();
  return true;
}

export function select(options, value, attributes = {}) {
  const known = options.some(([key]) => key === (value ?? ""));
  const all = known ? options : [...options, [value, String(value)]];
  return h("select", attributes, all.map(([key, text]) => h("option", { value: key, selected: key === (value ?? "") }, text)));
}

export function notice(tone, title, ...children) {
  const sign = tone === "ok" ? "check" : tone ? "alert" : "info";
  return h("div", { class: `notice ${tone}`.trim(), role: tone === "bad" ? "alert" : null }, glyph(sign), h("div", {}, title && h("p", { class: "title" }, title), children));
}

export function empty(icon, title, text, ...actions) {
  return h("div", { class: "empty" }, glyph(icon), h("h3", {}, title), text && h("p", {}, text), actions);
}

export function skeleton(lines = 4) {
  return h("div", { class: "skeleton", role: "status", "aria-label": "Loading" }, Array.from({ length: lines }, () => h("span")));
}

/** Copies `text`, and says so. */
export function copyButton(text, label) {
  return button("Copy", async () => {
    try {
      await navigator.clipboard.writeText(text());
      toast("Copied");
    } catch {
      toast("The browser does not allow copying here: select the text and copy it.", "bad");
    }
  }, { icon: "copy", label });
}

export function copyRow(value, label) {
  return h("div", { class: "copyrow" }, h("code", { tabindex: "0" }, value), copyButton(() => value, label));
}

/** Resolves to true once the person has confirmed. */
export function confirm({ title, text, action, danger = false }) {
  return new Promise((resolve) => {
    const id = uid("dialog");
    const close = (value) => () => {
      dialog.close();
      resolve(value);
    };
    const yes = h("button", { type: "button", class: danger ? "danger" : "primary", onclick: close(true) }, action);
    const no = h("button", { type: "button", onclick: close(false) }, "Cancel");
    const body = h("form", { method: "dialog" }, h("h2", { id }, title), [text].flat().map((part) => (part instanceof Node ? part : h("p", {}, part))), h("div", { class: "row" }, no, yes));
    const dialog = h("dialog", { "aria-labelledby": id, onclose: () => dialog.remove(), oncancel: () => resolve(false) }, body);
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}

/** Draws what `load` brings into `place`: bones first, the reason and a way to try again where it fails. */
export async function loaded(place, load, draw) {
  fill(place, skeleton());
  try {
    fill(place, draw(await load()));
  } catch (error) {
    if (error.name === "AbortError") return;
    fill(place, notice("bad", "This could not be loaded", h("p", {}, error.message), h("div", {}, button("Try again", () => loaded(place, load, draw)))));
  }
}
