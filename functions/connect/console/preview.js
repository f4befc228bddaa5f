// Shows a signature's HTML without letting it act. It is read into a document that runs nothing, and only known elements,
// attributes and styles are built anew; styles go through the style object, so that the page's policy needs no exception.
// Pictures are named, not loaded: looking at a preview must not tell anybody that somebody looked.
import { h } from "./dom.js";

const TAGS = new Set(["a", "b", "blockquote", "br", "code", "div", "em", "font", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"]);
const DROPPED = new Set(["script", "style", "template", "iframe", "object", "embed", "svg", "math", "noscript", "head", "title", "textarea", "select"]);
const STYLES = /^(color|background-color|font(-.+)?|text-(align|decoration(-.+)?|transform|indent)|line-height|letter-spacing|(margin|padding|border)(-.+)?|width|max-width|height|vertical-align|border-collapse|border-spacing|white-space|display)$/;
const NUMBERS = ["width", "height", "cellpadding", "cellspacing", "border", "colspan", "rowspan"];

export function rendered(html) {
  // The page's policy reports styles and handlers even in a document that is never shown and runs nothing, so they go by another name.
  const text = (html ?? "").replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[^>]*>/g, (tag) => tag.replace(/([\s/"'])(style|on[a-z]+)(\s*=)/gi, "$1 data-$2$3"));
  const inert = new DOMParser().parseFromString(text, "text/html");
  const out = document.createDocumentFragment();
  copy(inert.body, out);
  return out;
}

function copy(from, into) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) into.append(document.createTextNode(node.data));
    if (node.nodeType !== Node.ELEMENT_NODE) continue;
    const tag = node.localName;
    if (DROPPED.has(tag)) continue;
    if (tag === "img") into.append(picture(node));
    else if (TAGS.has(tag)) copy(node, into.appendChild(element(node, tag)));
    else copy(node, into);
  }
}

function element(node, tag) {
  const made = document.createElement(tag);
  for (const declaration of (node.getAttribute("data-style") ?? "").split(";")) {
    const [name, ...rest] = declaration.split(":").map((part) => part.trim());
    const value = rest.join(":").replace(/\s*!important$/i, "");
    if (STYLES.test(name.toLowerCase()) && value && !/url\(|expression/i.test(value)) made.style.setProperty(name.toLowerCase(), value);
  }
  for (const name of NUMBERS) {
    if (/^\d{1,4}%?$/.test(node.getAttribute(name) ?? "")) made.setAttribute(name, node.getAttribute(name));
  }
  if (tag === "a") {
    const href = node.getAttribute("href") ?? "";
    if (/^(https?:|mailto:|tel:)/i.test(href)) {
      made.setAttribute("href", href);
      made.setAttribute("target", "_blank");
      made.setAttribute("rel", "noopener noreferrer");
    }
  }
  return made;
}

function picture(node) {
  const source = node.getAttribute("src") ?? "";
  let host = "";
  try {
    host = new URL(source).host;
  } catch {
    // A picture without an address of its own: its text says what it is.
  }
  return h("span", { class: "picture" }, ["Picture", node.getAttribute("alt"), host && `from ${host}`].filter(Boolean).join(" "));
}

/** An e-mail with the signature under it. */
export function mail(html, from) {
  return h("div", { class: "mail", role: "group", "aria-label": "Preview" }, h("header", {}, from),
    h("div", { class: "body", tabindex: "0" }, h("p", { class: "words" }, "Hello, your order left our warehouse this morning."), h("br"), rendered(html)));
}
