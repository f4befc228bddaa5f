// Connecting, migrating, testing, disconnecting.
import { get, post, put, remove } from "./api.js";
import { fill, h } from "./dom.js";
import { sentence, when } from "./format.js";
import { badge, busy, button, card, clearErrors, confirm, copyRow, field, loaded, notice, showProblem, toast } from "./ui.js";
import { CONNECTION } from "./words.js";
import { connectWithHubSpot } from "./consent.js";
import { checks } from "./checks.js";
import { legacyGuide, subscriptionLines, copyList, scopesTable } from "./guide.js";
import { crmCard } from "./crm.js";
import { offerAfterConnecting } from "./mended.js";

export function render({ main, heading, signal, again }) {
  heading("Connection", "How OpenCX gets into your HubSpot portal, and HubSpot's events to OpenCX.");
  const place = h("div", { class: "stack" });
  main.append(place);
  loaded(place, () => get("/api/connection", signal), (connection) => draw(connection, again));
}

function draw(connection, again) {
  const fresh = ["not_connected", "disconnected"].includes(connection.state);
  const legacy = connection.auth === "private_app";
  return [
    banner(connection, again),
    fresh ? connectCard(connection) : statusCard(connection, again),
    (fresh || legacy) && !connection.oauth_only && legacyCard(connection, again),
    !fresh && webhookCard(connection, legacy, again),
    crmCard(!fresh),
    !fresh && disconnectCard(connection, again),
  ];
}

const oauthButton = (text, kind = "primary") => button(text, connectWithHubSpot, { kind, icon: "out" });

function banner(connection, again) {
  const pending = connection.pending_portal;
  if (pending) {
    const accept = async () => {
      await post("/api/connection/confirm-portal", { confirm: pending.confirm });
      toast("HubSpot connected");
      await again();
      offerAfterConnecting();
    };
    return notice("warn", "Another portal was approved", h("p", {}, `This organization is connected to portal ${connection.portal_id}. You approved portal ${pending.portal_id}. Links to the old portal stay, but are inactive; its users, inboxes and pipelines have to be chosen anew, and nobody is answered until you go live again.`), h("div", {}, button(`Connect portal ${pending.portal_id}`, accept, { kind: "primary" })));
  }
  if (connection.state === "reconnect_required") {
    return notice("bad", "Reconnect required",
      h("p", {}, connection.reconnect_reason || "HubSpot no longer accepts the credentials. The app may have been uninstalled, or its token revoked."),
      h("p", {}, "Events that arrive meanwhile are kept and are processed as soon as you reconnect."),
      h("div", { class: "row" }, connection.oauth_available && oauthButton("Reconnect with HubSpot"), connection.auth === "private_app" && h("span", {}, "Or paste a new token below.")));
  }
  if (connection.state === "action_recommended") return migration();
  return null;
}

const CHANGES = [
  ["Setup", "Create app, paste token, configure webhooks", "Approve OpenCX on HubSpot's consent screen"],
  ["Access token", "Paste and store", "Issued and refreshed automatically"],
  ["Webhook URL", "Copied into HubSpot by hand", "Subscribed automatically on install"],
  ["Workflow actions", "Not available", "Pause, Resume, Send to OpenCX AI, Request OpenCX handoff"],
  ["Agent takes over", "Noticed a little later", "Noticed at once"],
];

function migration() {
  return notice("warn", "Action recommended",
    h("p", {}, "Private Apps are the legacy path. Connect with the OAuth app: one click, short-lived tokens, and the workflow actions in HubSpot. Your tickets, conversations, sessions, settings and signatures stay as they are."),
    h("details", { class: "fold" }, h("summary", {}, "What changes"),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What changes" }, h("table", {},
        h("thead", {}, h("tr", {}, ["", "Private App (legacy)", "OAuth app"].map((name) => h("th", { scope: "col" }, name || h("span", { class: "sr" }, "What"))))),
        h("tbody", {}, CHANGES.map(([what, before, after]) => h("tr", {}, h("th", { scope: "row" }, what), h("td", {}, before), h("td", {}, after))))))),
    h("div", {}, oauthButton("Connect with HubSpot")));
}

function connectCard(connection) {
  if (!connection.oauth_available) {
    return card({ heading: "Connect HubSpot", actions: badge(CONNECTION[connection.state]) },
      notice("", "This deployment has no OAuth app", h("p", {}, connection.oauth_only ? "Ask its operator to configure one." : "Connect with a private app's token below.")));
  }
  return card({ heading: "Connect HubSpot", hint: "You need to be a super admin in HubSpot. It takes less than a minute.", actions: badge(CONNECTION[connection.state]) },
    h("ol", { class: "steps" },
      h("li", {}, h("h3", {}, "Connect"), h("div", {}, h("p", { class: "muted" }, "HubSpot opens its consent screen in a new window."), h("div", {}, oauthButton("Connect with HubSpot")))),
      h("li", {}, h("h3", {}, "Approve the permissions"), h("p", { class: "muted" }, "Webhooks are subscribed for you.")),
      h("li", {}, h("h3", {}, "Choose who the AI speaks as, and go live"), h("p", { class: "muted" }, "Until then nobody is answered."))),
    connection.portal_id && h("p", { class: "muted" }, `Before, portal ${connection.portal_id} was connected. Connecting it again goes on where it ended.`),
    h("details", { class: "fold" }, h("summary", {}, "Permissions that are asked for"), scopesTable(connection.scopes)));
}

function statusCard(connection, again) {
  const result = h("div", { class: "stack" });
  const test = async () => {
    fill(result);
    const answer = await post("/api/connection/test");
    const offer = h("div", { class: "stack", role: "status" });
    fill(result, notice(answer.ok ? "ok" : "bad", answer.ok ? "The connection works" : "Something is wrong", checks(answer.checks)), offer);
    if (answer.ok) await offerAfterConnecting({ place: offer });
  };
  const back = async () => {
    if (!(await confirm({ title: "Go back to the private app?", text: "The credential that was used before is still kept. Settings, links and signatures stay. Make sure that the private app's webhook subscriptions are still active in HubSpot.", action: "Roll back" }))) return;
    await post("/api/connection/rollback");
    toast("Back on the private app");
    await again();
    offerAfterConnecting();
  };
  const missing = connection.missing_optional ?? [];
  return card({ heading: "HubSpot", actions: badge(CONNECTION[connection.state] ?? ["", connection.state]), id: "status" },
    h("dl", { class: "facts" },
      h("div", {}, h("dt", {}, "Portal"), h("dd", {}, connection.portal_name ? `${connection.portal_name} (${connection.portal_id})` : connection.portal_id)),
      h("div", {}, h("dt", {}, "Connected by"), h("dd", {}, connection.auth_label)),
      h("div", {}, h("dt", {}, connection.apps?.length > 1 ? "Apps" : "App"), h("dd", {}, (connection.apps ?? []).join(", ") || "–")),
      h("div", {}, h("dt", {}, "Since"), h("dd", {}, when(connection.connected_at)))),
    missing.length > 0 && notice("warn", "Some features are off", h("ul", {}, missing.map(({ scope, feature }) => h("li", {}, sentence(feature), " Missing scope: ", h("code", {}, scope))))),
    (connection.granted_scopes ?? []).length > 0 && h("details", { class: "fold" }, h("summary", {}, `Granted scopes (${connection.granted_scopes.length})`), copyList(connection.granted_scopes, "granted scopes")),
    h("div", { class: "row" },
      button("Test connection", test),
      connection.auth === "oauth" && oauthButton("Connect again", ""),
      connection.rollback_available && button("Roll back to Private App (legacy)", back)),
    result);
}

function legacyCard(connection, again) {
  const guide = legacyGuide(connection, tokenForm(connection, again));
  const first = !connection.oauth_available && connection.auth !== "private_app";
  return h("section", { class: "card", id: "legacy", "aria-label": "Private App (legacy)" },
    h("details", { class: "fold", open: first || connection.state === "reconnect_required" }, h("summary", {}, h("h2", { class: "inline" }, "Private App (legacy)")),
      h("div", { class: "stack" }, h("p", { class: "muted" }, "For portals that already have a private app. It takes about 15 minutes."), guide)));
}

function tokenForm(connection, again) {
  const token = h("input", { type: "password", autocomplete: "off", spellcheck: "false", placeholder: "pat-na1-…", required: true });
  const user = h("input", { type: "text", autocomplete: "off", placeholder: "A-12345", required: true });
  const key = h("input", { type: "password", autocomplete: "off", spellcheck: "false" });
  const form = h("form", { class: "stack", novalidate: true },
    field({ label: "Access token", name: "access_token", hint: "It begins with pat-. It is checked before it is saved, and never shown again.", control: token }),
    field({ label: "Default user ID", name: "default_user_id", hint: "Conversations are assigned to this HubSpot user when no rule applies: A-12345 or 12345. You find it under Settings → Users & Teams.", control: user }),
    field({ label: "OpenCX API key (optional)", name: "opencx_api_key", hint: "Only where OpenCX has not set it for you.", control: key }));
  const save = h("button", { class: "primary", type: "submit" }, connection.auth === "private_app" ? "Check and replace" : "Check and save");
  form.append(h("div", {}, save));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = { access_token: token.value.trim(), default_user_id: user.value.trim() };
    if (key.value.trim()) body.opencx_api_key = key.value.trim();
    busy(save, async () => {
      await put("/api/connection/private-app", body);
      token.value = "";
      toast("HubSpot connected");
      await again();
      offerAfterConnecting({ more: body.opencx_api_key ? ["opencx_api_key"] : [] });
    }, (problem) => showProblem(form, problem));
  });
  return form;
}

function webhookCard(connection, legacy, again) {
  const rotate = async () => {
    if (!(await confirm({ title: "Rotate the webhook URL?", text: legacy ? "Events to the old URL are no longer processed: put the new one into your private app at once, and press Commit changes." : "Your connection does not use this URL. Where an old private app still sends to it, its events are no longer processed.", action: "Rotate", danger: true }))) return;
    await post("/api/webhook-url/rotate");
    toast("The webhook URL has changed");
    again();
  };
  if (!legacy) {
    return card({ heading: "Webhooks", hint: "The app's subscriptions came with the installation. There is nothing to do.", id: "webhook" },
      h("details", { class: "fold" }, h("summary", {}, "Details"), h("div", { class: "stack" },
        h("p", { class: "muted" }, "HubSpot sends the app's events to"), copyRow(connection.app_webhook_url, "Copy the app's webhook URL"),
        h("p", { class: "muted" }, "Subscribed events"), copyList(subscriptionLines(connection.subscriptions), "subscriptions"),
        connection.webhook_url && [h("p", { class: "muted" }, "The URL of a private app, which still works while you migrate"), copyRow(connection.webhook_url, "Copy webhook URL"), h("div", {}, button("Rotate", rotate))])));
  }
  return card({ heading: "Webhook URL", hint: "The target of your private app's webhooks. It is signed: treat it like a password.", id: "webhook" },
    copyRow(connection.webhook_url, "Copy webhook URL"),
    h("div", { class: "row between" }, h("span", { class: "muted small" }, connection.webhook_url_rotated_at ? ["Rotated ", when(connection.webhook_url_rotated_at)] : "Never rotated"), button("Rotate", rotate)));
}

function disconnectCard(connection, again) {
  const todo = h("div");
  const disconnect = async () => {
    if (!(await confirm({ title: "Disconnect HubSpot?", text: "Processing stops and the tokens are removed. Links between conversations, tickets and sessions stay: connecting the same portal goes on where it ended.", action: "Disconnect", danger: true }))) return;
    const answer = await remove("/api/connection");
    await again();
    const main = document.getElementById("main");
    main.firstElementChild.after(notice("warn", "Disconnected. What is left to do in HubSpot", h("ol", {}, (answer?.todo ?? []).map((text) => h("li", {}, text))), answer?.revoked && h("p", {}, "The token was revoked.")));
  };
  return card({ heading: "Disconnect", hint: "Stops processing and removes the tokens. Signatures, settings and links stay." }, h("div", {}, button("Disconnect", disconnect, { kind: "danger" })), todo);
}
