// An admin migrates, rolls back, disconnects, and connects again both ways.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, section, settled, shot, sound, visit } from "../support/browser.js";
import { api, sim, startRunner } from "../support/runner.js";

let runner;
let browser;
before(async () => {
  [runner, browser] = await Promise.all([startRunner(), launch()]);
});
after(async () => {
  await browser?.close();
  await runner?.stop();
});

const open = async (options = {}) => {
  const visited = await visit(browser, runner.console, { allowed: [runner.hubspot], ...options });
  await section(visited.page, "connection", "Connection");
  return visited;
};

const toast = (page, text) => page.locator("#toasts").getByText(text).first().waitFor();
const confirmed = (page, name) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();

async function disconnect(page) {
  await page.getByRole("button", { name: "Disconnect", exact: true }).last().click();
  await confirmed(page, "Disconnect");
  await page.getByText("What is left to do in HubSpot").waitFor();
}

test("the private app is migrated in one click, keeps working, and can be rolled back", async () => {
  const { page, leave } = await open();
  await page.getByText("Action recommended").first().waitFor();
  await page.getByText("What changes").click();
  await shot(page, "connection-action-recommended");
  await sound(page, "the migration");
  const before = await api(runner, "GET", "/api/settings");
  const popup = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Connect with HubSpot" }).first().click();
  await popup;
  await toast(page, "HubSpot connected");
  await settled(page);
  await page.locator("#status").getByText("Connected", { exact: true }).waitFor();
  await page.locator("#status").getByText("OAuth", { exact: true }).waitFor();
  await shot(page, "connection-oauth");
  const after = await api(runner, "GET", "/api/settings");
  assert.deepEqual([after.ai_user, after.enabled, after.routing], [before.ai_user, before.enabled, before.routing]);

  await page.getByRole("button", { name: "Roll back to Private App (legacy)" }).click();
  await confirmed(page, "Roll back");
  await toast(page, "Back on the private app");
  await page.locator("#status").getByText("Private App (legacy)").first().waitFor();
  await leave();
});

test("the connection is tested from its card", async () => {
  const { page, leave } = await open();
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("The connection works").waitFor();
  await sound(page, "a tested connection");
  await leave();
});

test("the webhook URL is copied, and a rotation makes another one", async () => {
  const { page, leave } = await open();
  await page.getByRole("button", { name: "Copy webhook URL" }).last().click();
  await toast(page, "Copied");
  const first = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(first, /\/webhooks\/hubspot\/demo\//);
  await page.locator("#webhook").getByRole("button", { name: "Rotate" }).click();
  await confirmed(page, "Rotate");
  await toast(page, "The webhook URL has changed");
  await page.locator("#webhook").getByText(/^Rotated/).waitFor();
  assert.notEqual((await api(runner, "GET", "/api/connection")).webhook_url, first);
  await leave();
});

test("after disconnecting, a wrong token tells what is missing and the right one connects", async () => {
  const { page, leave } = await open({ refusals: true });
  const { access_token: token, ai_user: user } = await sim(runner.hubspot, "GET", "portal");
  await disconnect(page);
  await page.getByText(/webhook subscription/i).first().waitFor();
  await page.getByText("Not connected").first().waitFor();
  await shot(page, "connection-disconnected");

  const legacy = page.locator("#legacy");
  if (!(await legacy.getByLabel("Access token").isVisible())) await legacy.locator("summary").first().click();
  const fill = async (value) => {
    await legacy.getByLabel("Access token").fill(value);
    await legacy.getByLabel("Default user ID").fill(user);
    await legacy.getByRole("button", { name: /^Check and/ }).click();
  };
  await fill("nothing-like-it");
  await legacy.getByText(/starts with pat-/).waitFor();
  const all = ["oauth", "conversations.read", "conversations.write", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.owners.read"];
  await sim(runner.hubspot, "PUT", "scopes", all);
  await fill(token);
  await legacy.locator(".error").getByText(/tickets/).waitFor();
  await shot(page, "connection-legacy-guide");
  await sound(page, "the legacy guide");
  await sim(runner.hubspot, "PUT", "scopes", [...all, "tickets"]);
  await fill(token);
  await toast(page, "HubSpot connected");
  await page.getByText("Some features are off").waitFor();
  assert.equal((await api(runner, "GET", "/api/connection")).auth, "private_app");
  await leave();
});

test("a new customer connects by OAuth and goes live in less than a minute", async () => {
  const began = Date.now();
  const { page, leave } = await open();
  await disconnect(page);
  const popup = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Connect with HubSpot" }).click();
  await popup;
  await toast(page, "HubSpot connected");
  await section(page, "settings", "AI & settings");
  await page.getByLabel("The AI speaks as").selectOption({ label: "AI Assistant" });
  await page.getByRole("button", { name: "Save changes" }).click();
  await toast(page, /Saved|Nothing was changed/);
  await section(page, "", "Overview");
  const live = page.locator("#live");
  if (await live.getByRole("button", { name: "Go live" }).isVisible()) {
    await live.getByRole("button", { name: "Go live" }).click();
    await toast(page, "You are live");
  }
  await live.getByRole("button", { name: "Pause" }).waitFor();
  assert.ok(Date.now() - began < 60_000);
  await leave();
});

test("the CRM panel is connected by a token of its own, tested, disconnected, and shares the connection", async () => {
  const { page, leave } = await open({ refusals: true });
  const { access_token: token } = await sim(runner.hubspot, "GET", "portal");
  const panel = page.locator("#crm");
  await panel.getByText("Use a token of its own").click();
  const fill = async (value) => {
    await panel.getByLabel("Access token for the CRM").fill(value);
    await panel.getByRole("button", { name: "Check and save" }).click();
  };
  await fill("pat-na1-of-nobody");
  await panel.locator(".error").getByText("HubSpot does not accept the token.").waitFor();
  await shot(page, "crm-refused");
  await sound(page, "a refused CRM token");
  await fill(token);
  await toast(page, "CRM panel connected");
  await panel.getByText("by a token of its own").waitFor();
  await panel.getByRole("button", { name: "Test" }).click();
  await panel.getByText("The CRM connection works").waitFor();
  await shot(page, "crm-connected");
  await sound(page, "a connected CRM panel");
  await panel.getByRole("button", { name: "Disconnect" }).click();
  await confirmed(page, "Disconnect");
  await toast(page, "CRM panel disconnected");
  assert.equal((await api(runner, "GET", "/api/crm")).connected, false);
  await panel.getByRole("button", { name: "Use the connection above" }).click();
  await panel.getByText("uses the connection above").waitFor();
  assert.equal((await api(runner, "GET", "/api/crm")).auth, "shared");
  await leave();
});

test("OpenCX's own channels need their scopes, and then an inbox", async () => {
  const { page, leave } = await open({ refusals: true });
  await section(page, "settings", "AI & settings");
  const save = () => page.getByRole("button", { name: "Save changes" }).click();
  await page.getByLabel("OpenCX's own channels as HubSpot threads").check();
  await save();
  await page.locator('[data-field="custom_channels"] .error').getByText(/custom_channels/).waitFor();
  await shot(page, "settings-channels-refused");
  await sound(page, "refused channels");

  const { granted_scopes: some } = await api(runner, "GET", "/api/connection");
  const channels = ["conversations.custom_channels.read", "conversations.custom_channels.write"];
  await sim(runner.hubspot, "PUT", "scopes", [...some, ...channels]);
  await section(page, "connection", "Connection");
  const popup = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Connect again" }).click();
  await popup;
  await toast(page, "HubSpot connected");
  await section(page, "settings", "AI & settings");
  await page.getByLabel("OpenCX's own channels as HubSpot threads").check();
  await page.getByLabel("Into the inbox").selectOption({ label: "Main inbox" });
  await save();
  await toast(page, "Saved");
  const saved = await api(runner, "GET", "/api/settings");
  assert.equal(saved.custom_channels, true);
  assert.ok(saved.custom_channels_inbox);
  await leave();
});

test("another portal is connected only after both were named, and begins not live", async () => {
  const { page, leave } = await open();
  const { portal_id: before } = await api(runner, "GET", "/api/connection");
  await sim(runner.hubspot, "PUT", "oauth", { portal: 999 });
  const consent = async () => {
    const popup = page.waitForEvent("popup");
    await page.getByRole("button", { name: /^Connect (again|with HubSpot)$/ }).first().click();
    await popup;
  };
  await consent();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`was connected to portal ${before}. You approved portal 999.`).waitFor();
  await shot(page, "connection-another-portal");
  await sound(page, "the question about another portal");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Another portal was approved").waitFor();
  await settled(page);
  await shot(page, "connection-another-portal-pending");
  assert.equal((await api(runner, "GET", "/api/connection")).portal_id, before);
  await consent();
  await confirmed(page, "Connect portal 999");
  await toast(page, "HubSpot connected");
  await page.locator("#status").getByText(/\b999\b/).waitFor();
  const { portal_id: now, live } = await api(runner, "GET", "/api/connection");
  assert.deepEqual([now, live], ["999", false]);
  await leave();
});
