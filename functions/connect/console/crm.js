// The separate, read-only connection of the CRM panel.
import { get, post, put, remove } from "./api.js";
import { fill, h } from "./dom.js";
import { badge, busy, button, card, clearErrors, confirm, field, loaded, notice, showProblem, toast } from "./ui.js";
import { checks } from "./checks.js";

/** `shareable`: whether there is a connection that the panel could use as well. */
export function crmCard(shareable) {
  const place = h("div", { class: "stack" });
  const reload = () => loaded(place, () => get("/api/crm"), (crm) => draw(crm, shareable, reload));
  reload();
  return card({ heading: "CRM panel", hint: "The customer's contact, company, deals and earlier tickets beside the conversation in OpenCX. Read only, and separate from the connection above.", id: "crm" }, place);
}

function draw(crm, shareable, reload) {
  return crm.connected ? connected(crm, reload) : form(shareable, reload);
}

function connected(crm, reload) {
  const result = h("div");
  const test = async () => {
    const answer = await post("/api/crm/test");
    fill(result, notice(answer.ok ? "ok" : "bad", answer.ok ? "The CRM connection works" : "Something is wrong", checks(answer.checks)));
  };
  const drop = async () => {
    if (!(await confirm({ title: "Disconnect the CRM panel?", text: "The panel in OpenCX stays empty until it is connected again.", action: "Disconnect", danger: true }))) return;
    await remove("/api/crm");
    toast("CRM panel disconnected");
    reload();
  };
  const missing = crm.missing_scopes ?? [];
  return [
    h("div", { class: "row" }, badge(["ok", "Connected"]), h("span", { class: "muted" }, crm.auth === "shared" ? "uses the connection above" : "by a token of its own", crm.portal_id && `, portal ${crm.portal_id}`)),
    missing.length > 0 && notice("warn", "Scopes are missing", h("p", {}, "Parts of the panel stay empty: ", missing.map((scope, index) => [index > 0 && ", ", h("code", {}, scope)]))),
    h("div", { class: "row" }, button("Test", test), button("Disconnect", drop, { kind: "danger" })),
    result,
  ];
}

function form(shareable, reload) {
  const token = h("input", { type: "password", autocomplete: "off", spellcheck: "false", placeholder: "pat-na1-…" });
  const save = h("button", { type: "submit" }, "Check and save");
  const own = h("form", { class: "stack", novalidate: true }, field({ label: "Access token for the CRM", name: "access_token", hint: "A private app's token with the three scopes crm.objects.companies.read, crm.objects.deals.read and crm.schemas.contacts.read, beside contacts and tickets.", control: token }), h("div", {}, save));
  own.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(own);
    busy(save, async () => {
      await put("/api/crm", { access_token: token.value.trim() });
      toast("CRM panel connected");
      reload();
    }, (problem) => showProblem(own, problem));
  });
  const share = async () => {
    await put("/api/crm", { use_integration: true });
    toast("CRM panel connected");
    reload();
  };
  return [h("div", {}, badge(["", "Not connected"])), shareable && h("div", {}, button("Use the connection above", share)), h("details", { class: "fold" }, h("summary", {}, "Use a token of its own"), own)];
}
