// E-mail signatures by the sender's domain.
import { get, post, put, remove } from "./api.js";
import { fill, h } from "./dom.js";
import { when } from "./format.js";
import { busy, button, card, clearErrors, confirm, empty, field, loaded, notice, showProblem, toast } from "./ui.js";
import { mail } from "./preview.js";

const path = (pattern) => `/api/signatures/${encodeURIComponent(pattern)}`;

export function render({ main, heading, rest, signal, again }) {
  if (rest[0]) return edit(main, heading, rest[0] === "new" ? null : rest[0], signal);
  heading("Signatures", "Appended once to e-mails sent through HubSpot, by the domain they are sent from. Never to drafts or chats.",
    h("a", { class: "button primary", href: "#/signatures/new" }, "Add a signature"));
  const list = h("div");
  main.append(list, tryCard(), matchingCard());
  loaded(list, () => get("/api/signatures", signal), ({ signatures }) => signatures.length
    ? h("div", { class: "split" }, signatures.map((signature) => shown(signature, again)))
    : card({ heading: "Your signatures" }, empty("pen", "No signatures yet", "E-mails go out without one.", h("a", { class: "button", href: "#/signatures/new" }, "Add a signature"))));
}

function shown(signature, again) {
  const drop = async () => {
    if (!(await confirm({ title: `Remove the signature of ${signature.pattern}?`, text: "E-mails from there use the next pattern that matches, or none.", action: "Remove", danger: true }))) return;
    await remove(path(signature.pattern));
    toast("Signature removed");
    again();
  };
  return card({ heading: signature.pattern, hint: ["Saved ", when(signature.updated_at)] },
    mail(signature.html, example(signature.pattern)),
    h("div", { class: "row" }, h("a", { class: "button", href: `#/signatures/${encodeURIComponent(signature.pattern)}`, "aria-label": `Edit ${signature.pattern}` }, "Edit"), button("Remove", drop, { kind: "danger", label: `Remove ${signature.pattern}` })));
}

const example = (pattern) => `support@${pattern.replace(/^\*\./, pattern.split(".").length > 2 ? "mail." : "example.") || "example.com"}`;

function edit(main, heading, pattern, signal) {
  heading(pattern ? `Signature of ${pattern}` : "New signature", null, h("a", { class: "button", href: "#/signatures" }, "All signatures"));
  const place = h("div");
  main.append(place);
  const load = () => (pattern ? get(path(pattern), signal) : Promise.resolve({ pattern: "", html: "" }));
  loaded(place, load, (signature) => editor(signature, Boolean(pattern)));
}

function editor(signature, exists) {
  const pattern = h("input", { type: "text", value: signature.pattern, placeholder: "open.cx or *.nl", autocomplete: "off", spellcheck: "false", autocapitalize: "none", readonly: exists });
  const html = h("textarea", { rows: "12", class: "mono", spellcheck: "false" });
  html.value = signature.html;
  const look = h("div");
  const draw = () => fill(look, mail(html.value, example(pattern.value.trim())));
  const taken = h("div");
  html.addEventListener("input", draw);
  pattern.addEventListener("input", draw);
  draw();
  const save = h("button", { class: "primary", type: "submit" }, "Save signature");
  const form = h("form", { class: "stack", novalidate: true },
    field({ label: "Domain pattern", name: "pattern", control: pattern, hint: "open.cx matches exactly that domain, *.nl every address that ends in .nl." }),
    field({ label: "Signature HTML", name: "html", control: html }), taken, h("div", {}, save));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    fill(taken);
    if (!pattern.value.trim()) return showProblem(form, { field: "pattern", message: "Say for which domain: open.cx, or *.nl for all that end in .nl." });
    busy(save, async () => {
      const saved = await put(path(pattern.value.trim()), { html: html.value });
      html.value = saved.html;
      draw();
      toast("Signature saved");
      if (saved.removed?.length) fill(taken, notice("warn", "Something was left out", h("p", {}, `Not allowed in an e-mail signature: ${saved.removed.join(", ")}.`)));
      else location.hash = "#/signatures";
    }, (problem) => showProblem(form, problem));
  });
  return h("div", { class: "split" }, card({ heading: "Signature" }, form), card({ heading: "Preview", hint: "As it is typed. Pictures are named here, not loaded." }, look));
}

function tryCard() {
  const address = h("input", { type: "email", placeholder: "support@shop.nl", autocomplete: "off" });
  const answer = h("div", { role: "status" });
  const go = h("button", { type: "submit" }, "Try");
  const form = h("form", { class: "stack", novalidate: true }, h("div", { class: "row" }, h("div", { class: "grow" }, field({ label: "Sender's address", name: "address", control: address })), h("div", { class: "end" }, go)), answer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    busy(go, async () => {
      const found = await post("/api/signatures/preview", { address: address.value.trim() });
      fill(answer, found.pattern
        ? [h("p", {}, "Gets the signature of ", h("strong", {}, found.pattern), "."), mail(found.html, address.value.trim()), found.text && h("details", { class: "fold" }, h("summary", {}, "As plain text"), h("pre", { class: "copied", tabindex: "0" }, found.text))]
        : h("p", { class: "muted" }, "No signature matches this address."));
    }, (problem) => showProblem(form, problem));
  });
  return card({ heading: "Which one applies?", hint: "The domain of the channel account's address decides, or of the AI user where it has none." }, form);
}

function matchingCard() {
  const rows = [["open.cx", "Addresses at open.cx only"], ["*.nl", "All addresses that end in .nl, a.co.nl too"], ["*.co.uk", "All addresses that end in .co.uk"], ["*.open.cx", "mail.open.cx, but not open.cx itself"]];
  return card({ heading: "How domains match", hint: "An exact domain comes before a wildcard, and the longest wildcard first." },
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Pattern"), h("th", { scope: "col" }, "Matches"))), h("tbody", {}, rows.map(([name, text]) => h("tr", {}, h("td", {}, h("code", { class: "nowrap" }, name)), h("td", {}, text))))));
}
