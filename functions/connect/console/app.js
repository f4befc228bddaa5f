// The frame: who may look, which page is shown, and what HubSpot's consent screen brought back.
import { claims, get, post, signIn, signOut } from "./api.js";
import { fill, glyph, h } from "./dom.js";
import { OAUTH_ERRORS } from "./words.js";
import { card, confirm, field, notice, toast } from "./ui.js";
import { cameBack, heard } from "./consent.js";
import { offerAfterConnecting } from "./mended.js";
import * as overview from "./overview.js";
import * as connection from "./connection.js";
import * as settings from "./settings.js";
import * as routing from "./routing.js";
import * as signatures from "./signatures.js";
import * as deliveries from "./deliveries.js";
import * as diagnostics from "./diagnostics.js";
import * as insights from "./insights.js";
import * as audit from "./audit.js";

const NAV = [
  ["", [["", "Overview", "overview", overview]]],
  ["Set up", [
    ["connection", "Connection", "plug", connection],
    ["settings", "AI & settings", "sliders", settings],
    ["routing", "Routing", "route", routing],
    ["signatures", "Signatures", "pen", signatures],
  ]],
  ["Operate", [
    ["deliveries", "Deliveries", "list", deliveries],
    ["diagnostics", "Diagnostics", "pulse", diagnostics],
    ["insights", "Insights", "chart", insights],
    ["audit", "Audit", "clock", audit],
  ]],
];
const PAGES = new Map(NAV.flatMap(([, pages]) => pages).map(([path, title, , module]) => [path, { title, module }]));

const shell = document.getElementById("shell");
let leaving = new AbortController();

/** Where the address points: `#/deliveries/ID?state=failed`. */
function place() {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name = "", ...rest] = path.split("/").map((part) => safely(part));
  return { name, rest, query: new URLSearchParams(query) };
}

function safely(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function brand() {
  return h("div", { class: "brand" }, h("img", { src: "/icon.svg", alt: "" }), h("span", {}, "HubSpot bridge", h("small", {}, "for OpenCX")));
}

function frame() {
  const who = claims();
  const link = ([path, title, icon]) => h("li", {}, h("a", { href: `#/${path}`, "data-path": path }, glyph(icon), title));
  const groups = NAV.map(([name, pages]) => h("div", {}, name && h("h2", {}, name), h("ul", {}, pages.map(link))));
  const side = h("header", { class: "side" });
  const menu = h("button", { class: "menu", type: "button", "aria-expanded": "false", "aria-controls": "nav" }, glyph("menu"), "Menu");
  menu.addEventListener("click", () => menu.setAttribute("aria-expanded", String(side.classList.toggle("open"))));
  const about = who && h("div", { class: "who" }, h("div", {}, "Organization ", h("strong", {}, who.org)), h("div", {}, `Signed in as ${who.role}`));
  fill(side, brand(), menu, h("nav", { id: "nav", "aria-label": "Main" }, groups), about);
  fill(shell, h("div", { class: "frame" }, side, h("main", { id: "main", class: "page", tabindex: "-1" })));
}

async function show() {
  const { name, rest, query } = place();
  const page = PAGES.get(name) ?? PAGES.get("");
  leaving.abort();
  leaving = new AbortController();
  const main = document.getElementById("main");
  if (!main) return;
  document.title = `${page.title} · HubSpot bridge`;
  document.querySelector(".side").classList.remove("open");
  document.querySelector(".menu").setAttribute("aria-expanded", "false");
  for (const link of document.querySelectorAll(".side nav a")) {
    if (link.dataset.path === (PAGES.has(name) ? name : "")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  fill(main);
  const heading = (title, text, ...actions) => {
    const head = h("div", { class: "page-head" }, h("div", {}, h("h1", { tabindex: "-1" }, title), text && h("p", {}, text)), actions.length > 0 && h("div", { class: "row" }, actions));
    main.append(head);
    if (shown) head.querySelector("h1").focus({ preventScroll: true });
    window.scrollTo(0, 0);
    shown = true;
  };
  page.module.render({ main, heading, rest, query, signal: leaving.signal, again: show });
}
let shown = false;

/** Without a token: how to get one. */
function gate(reason) {
  leaving.abort();
  document.title = "Sign in · HubSpot bridge";
  const input = h("input", { type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const form = h("form", { class: "stack" }, field({ label: "Admin token", hint: "Kept in this page's memory only; it is gone when you close or reload the page.", control: input }), h("div", {}, h("button", { class: "primary", type: "submit" }, "Open the console")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter(input.value.trim());
  });
  fill(shell, h("main", { class: "gate", id: "main", tabindex: "-1" }, brand(),
    reason && notice("warn", reason),
    card({ heading: "This page needs an admin token", hint: "Open it from OpenCX: Settings → Integrations → HubSpot. The link there brings a token that is good for an hour." },
      h("p", {}, "On your own machine, the command line prints such a link:"),
      h("pre", { class: "copied", tabindex: "0" }, "opencx-hubspot token --org demo --role admin"),
      form)));
}

function enter(token) {
  signIn(token);
  frame();
  show();
}

document.addEventListener("signed-out", () => {
  signOut();
  gate("Your session has ended, or the token is not valid. Open the console again.");
});
window.addEventListener("hashchange", () => {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (fragment.has("token")) start();
  else if (document.querySelector(".frame")) show();
});

heard(async (news) => {
  if (!document.querySelector(".frame")) return;
  if (news.result === "connected") {
    await connected();
  } else if (news.error) {
    toast(news.detail || OAUTH_ERRORS[news.error] || `HubSpot was not connected: ${news.error}`, "bad");
  } else if (news.confirm) {
    const agreed = await confirm({
      title: "Connect another HubSpot portal?",
      text: [`This organization was connected to portal ${news.from}. You approved portal ${news.to}.`, "Conversations and tickets of the old portal stay linked, but nothing happens in them any more until it is connected again.", "Its users, inboxes and pipelines mean nothing in the new portal: choose them anew, then go live."],
      action: `Connect portal ${news.to}`,
    });
    // The connection page still asks.
    if (!agreed) return show();
    try {
      await post("/api/connection/confirm-portal", { confirm: news.confirm });
      await connected();
    } catch (error) {
      toast(error.message, "bad");
    }
  }
});

async function connected() {
  toast("HubSpot connected");
  await show();
  offerAfterConnecting();
}

function start() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  if (!token) return gate();
  // The address bar, the history and what a person copies from them must not hold the token.
  history.replaceState(null, "", `${location.pathname}#/`);
  enter(token);
  // A wrong or old token is told at once, whatever page comes first.
  get("/api/connection").catch((error) => {
    if (error.status === 403) {
      signOut();
      gate("Only owners and admins of the organization may open this page. Your token has another role.");
    }
  });
}

if (!cameBack()) start();
