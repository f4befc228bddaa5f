// Elements without markup: every text goes in as a text node, so nothing that a customer or HubSpot wrote can become code.

const SVG = "http://www.w3.org/2000/svg";

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An HTML element. `on…` attributes are listeners; `null`, `undefined` and `false` leave an attribute or a child out. */
export function h(tag, attributes, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** Puts `children` in the place of everything in `node`. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

let last = 0;
/** An id that no other element of this page has. */
export function uid(stem) {
  last += 1;
  return `${stem}-${last}`;
}

const GLYPHS = {
  overview: ["M3 3h6v8H3zM11 3h6v5h-6zM11 10h6v7h-6zM3 13h6v4H3z"],
  plug: ["M7 3v4M13 3v4M5 7h10v2.5a5 5 0 0 1-10 0zM10 14.5V18"],
  sliders: ["M3 6h8M15 6h2M3 14h2M9 14h8", "M13 4v4M7 12v4"],
  route: ["M4 4v5a3 3 0 0 0 3 3h9", "M13 9l3 3-3 3M4 12v4"],
  pen: ["M4 16l1-4 8-8 3 3-8 8zM11 6l3 3"],
  list: ["M7 5h10M7 10h10M7 15h10M3 5h.01M3 10h.01M3 15h.01"],
  pulse: ["M2 10h4l2-6 4 12 2-6h4"],
  chart: ["M3 17h14M5 14V9M10 14V4M15 14v-7"],
  clock: ["M10 5v5l3 2", "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z"],
  copy: ["M7 7h9v9H7zM4 13V4h9"],
  check: ["M4 10.5l4 4 8-9"],
  alert: ["M10 6.5v4.5M10 14h.01", "M10 2.5l8 14.5H2z"],
  info: ["M10 9v5M10 6h.01", "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z"],
  bin: ["M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6"],
  up: ["M10 16V4M5 9l5-5 5 5"],
  down: ["M10 4v12M5 11l5 5 5-5"],
  menu: ["M3 6h14M3 10h14M3 14h14"],
  person: ["M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z", "M3.5 17a6.5 6.5 0 0 1 13 0"],
  inbox: ["M3 11l2-7h10l2 7v5H3zM3 11h4l1 2h4l1-2h4"],
  out: ["M8 4H4v12h12v-4M11 3h6v6M17 3l-8 8"],
};

/** A small drawing that says nothing a text beside it does not. */
export function glyph(name) {
  const lines = (GLYPHS[name] ?? []).map((d) => s("path", { d }));
  return s("svg", { class: "glyph", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, lines);
}
