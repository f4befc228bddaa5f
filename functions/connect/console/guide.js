// The setup checklist, and what an admin has to do in HubSpot where the connection is a private app.
import { glyph, h } from "./dom.js";
import { when } from "./format.js";
import { copyButton, copyRow, notice } from "./ui.js";
import { SCOPES } from "./words.js";

export function checklist(steps) {
  return h("ul", { class: "todo" }, steps.map((step) => h("li", { class: step.done ? "done" : "" },
    h("span", { class: "tick" }, step.done && glyph("check")),
    h("div", {}, h("div", { class: "name" }, h("span", { class: "sr" }, step.done ? "Done: " : "To do: "), step.title), !step.done && step.hint && h("div", { class: "hint" }, step.hint)),
    step.done && step.at ? h("span", { class: "small muted" }, when(step.at)) : h("span"))));
}

/** A list to copy whole: one line each. */
export function copyList(lines, label) {
  return h("div", { class: "copyrow" }, h("pre", { class: "copied", tabindex: "0", "aria-label": label }, lines.join("\n")), copyButton(() => lines.join("\n"), `Copy ${label}`));
}

export function scopesTable(scopes) {
  const row = (needed) => (scope) => h("tr", {}, h("td", {}, h("code", {}, scope.scope ?? scope)), h("td", {}, SCOPES[scope.scope ?? scope] ?? scope.feature ?? ""), h("td", {}, needed ? "Required" : "Optional"));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Scopes" }, h("table", {},
    h("caption", { class: "sr" }, "Scopes and what each is for"),
    h("thead", {}, h("tr", {}, ["Scope", "Purpose", "Needed"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, scopes.required.map(row(true)), scopes.optional.map(row(false)))));
}

/** OAuth alone has the scope `oauth`; a private app has no such box to tick. */
const ticked = (scopes) => [...scopes.required, ...scopes.optional.map((scope) => scope.scope)].filter((scope) => scope !== "oauth");

export function subscriptionLines(subscriptions) {
  return subscriptions.map(({ type, property, object }) => (property || object ? `${type}: ${property || object}` : type));
}

const step = (title, ...children) => h("li", {}, h("h3", {}, title), h("div", {}, children));

/** The steps in HubSpot, around `form`, which takes the token. */
export function legacyGuide(connection, form) {
  const scopes = { ...connection.scopes, required: connection.scopes.required.filter((scope) => scope !== "oauth") };
  return h("ol", { class: "steps" },
    step("Open your private app in HubSpot",
      h("p", {}, "Settings → Integrations → Private Apps → Legacy Apps. You need to be a super admin. HubSpot closed the creation of new private apps in October 2026; existing ones go on working.")),
    step("Enable these scopes",
      h("p", { class: "muted" }, "On the app's Scopes tab. Save them there; the token stays the same."),
      scopesTable(scopes), copyList(ticked(connection.scopes), "all scopes")),
    step("Paste the access token here", form),
    step("Register the webhook",
      h("p", {}, "In the app, open Webhooks and set this target URL. It is signed and belongs to your organization alone: treat it like a password."),
      connection.webhook_url ? copyRow(connection.webhook_url, "Copy webhook URL") : h("p", { class: "muted" }, "The URL appears here in a moment.")),
    step("Subscribe to these events",
      copyList(subscriptionLines(connection.subscriptions), "subscriptions")),
    step("Set event throttling to 100",
      h("p", {}, "HubSpot's default of 10 per second drops events without a word when many customers write at once.")),
    step("Press Commit changes",
      notice("warn", null, h("p", {}, "Subscriptions that are not committed do not fire. This is the most frequent cause of “nothing happens”."))),
    step("Verify",
      h("p", {}, "Start a conversation by web chat or e-mail and ask for a person. The ticket, the summary and the rep's reply turn the checklist on the overview green.")));
}
