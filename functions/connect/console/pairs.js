// A small table of key and value that grows and shrinks.
import { fill, h } from "./dom.js";
import { button, select } from "./ui.js";

/** `keys`: the keys there are to choose from; `numeric`: values are whole numbers. */
export function pairs(map, [keyName, valueName], add, { keys, numeric = false } = {}) {
  const rows = h("div", { class: "stack tight" });
  const row = (key, value) => {
    const left = keys ? select(keys, key, { "aria-label": keyName }) : h("input", { type: "text", value: key, "aria-label": keyName, placeholder: keyName });
    const right = h("input", { type: numeric ? "number" : "text", min: numeric ? "0" : null, value, "aria-label": valueName, placeholder: valueName });
    const node = h("div", { class: "pair" }, left, h("span", { class: "muted", "aria-hidden": "true" }, "→"), right, button("", () => node.remove(), { icon: "bin", kind: "icon", label: "Remove" }));
    rows.append(node);
    return node;
  };
  fill(rows);
  for (const [key, value] of Object.entries(map)) row(key, value);
  const more = button(add, async () => {
    const first = keys?.find(([key]) => ![...rows.children].some((node) => node.firstElementChild.value === key))?.[0] ?? "";
    row(first, "").firstElementChild.focus();
  }, { kind: "quiet" });
  const read = () => {
    const entries = [...rows.children].map((node) => [node.children[0].value.trim(), node.children[2].value.trim()]).filter(([key, value]) => key && value);
    return Object.fromEntries(entries.map(([key, value]) => [key, numeric ? Number(value) : value]));
  };
  return { node: h("div", { class: "stack tight" }, rows, h("div", {}, more)), read };
}
