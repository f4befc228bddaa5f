// What holds on every page of the console: it can be read, used by keyboard, on a phone and in the dark, and loads nothing from elsewhere.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DARK, launch, PHONE, section, shot, sound, visit } from "../support/browser.js";
import { api, eventually, sim, startRunner } from "../support/runner.js";

const SECTIONS = [
  ["", "Overview", "overview"],
  ["connection", "Connection", "connection"],
  ["settings", "AI & settings", "settings"],
  ["routing", "Routing", "routing"],
  ["signatures", "Signatures", "signatures"],
  ["signatures/new", "New signature", "signature"],
  ["deliveries", "Deliveries", "deliveries"],
  ["diagnostics", "Diagnostics", "diagnostics"],
  ["insights", "Insights", "insights"],
  ["audit", "Audit", "audit"],
];

let runner;
let browser;
before(async () => {
  [runner, browser] = await Promise.all([startRunner(), launch()]);
  await aConversation();
});
after(async () => {
  await browser?.close();
  await runner?.stop();
});

/** So that the pages have something to show. */
async function aConversation() {
  const { thread_id: thread } = await sim(runner.hubspot, "POST", "threads", { channel: "web", contact: { name: "Ada Example", email: "ada@example.com" } });
  await sim(runner.hubspot, "POST", `threads/${thread}/messages`, { from: "visitor", text: "Where is my order?" });
  await eventually(async () => {
    const { deliveries } = await api(runner, "GET", `/api/deliveries?thread=${thread}`);
    return deliveries.some(({ state }) => state === "done") && deliveries.every(({ state }) => ["done", "skipped"].includes(state));
  }, "the conversation was not processed");
  await api(runner, "PUT", "/api/signatures/*.nl", { html: "<p>Met vriendelijke groet<br><b>De Winkel</b></p>" });
  await api(runner, "PUT", "/api/signatures/open.cx", { html: "<p>Kind regards<br>The support team</p>" });
  const routing = [{ when: { channel: "email", language: "de" }, assign: "A-100" }, { when: { sentiment: "angry", custom_data: { plan: "pro" } }, assign: "A-101" }];
  await api(runner, "PATCH", "/api/settings", { routing, property_map: { plan: "customer_plan" }, quiet_seconds: { whatsapp: 20 } });
}

for (const [look, options] of [["light", {}], ["dark", DARK], ["phone", PHONE]]) {
  test(`every section is sound: ${look}`, async () => {
    const { page, leave } = await visit(browser, runner.console, options);
    for (const [path, heading, name] of SECTIONS) {
      await section(page, path, heading);
      await shot(page, `console-${name}-${look}`);
      await sound(page, `${name} (${look})`);
    }
    await leave();
  });
}

/** A day as a busy organization has it, which no test can wait for. */
function aBusyDay() {
  const hour = (n) => new Date(Date.UTC(2026, 10, 20, n)).toISOString();
  const spread = (p50, p95, max, samples) => ({ p50, p95, max, samples });
  const buckets = Array.from({ length: 24 }, (_, n) => {
    const busy = Math.max(0, Math.round(120 * Math.sin(((n - 6) / 16) * Math.PI)));
    const slow = n === 14 ? 140 : 0;
    return { at: hour(n), done: busy, skipped: Math.round(busy * 1.3), failed: n === 14 ? 9 : 0, waiting: n === 23 ? 4 : 0, lateness_p95: busy ? 1 + busy / 60 + slow : null, answer_p95: busy ? 4 + busy / 20 + slow : null };
  });
  return { from: hour(0), to: hour(23), buckets, reasons: { own_message: 1210, not_ai_owner: 260, "missing_scope:files": 6, opencx_unavailable: 9 }, kinds: { "conversation.newMessage": 2100, "ticket.propertyChange": 310, "handoff.timeout": 4 }, lateness_seconds: spread(0.8, 3.1, 142, 2414), answer_seconds: spread(3.9, 11.2, 148, 1180), truncated: true };
}

for (const [look, options] of [["light", {}], ["dark", DARK], ["phone", PHONE]]) {
  test(`a busy day can be read off the charts: ${look}`, async () => {
    const { page, leave } = await visit(browser, runner.console, options);
    await page.route("**/api/stats?*", (route) => route.fulfill({ json: aBusyDay() }));
    await section(page, "insights", "Insights");
    for (const name of ["Answer time, 95 % within over time", "Lateness, 95 % within over time"]) await page.getByRole("img", { name }).waitFor();
    await page.getByText("the figures are of the most recent ones").waitFor();
    await shot(page, `insights-busy-${look}`);
    await sound(page, `charts of a busy day (${look})`);
    await page.getByRole("link", { name: "Missing scope files" }).click();
    await page.getByRole("heading", { level: 1, name: "Deliveries" }).waitFor();
    await page.getByText("Nothing fits").waitFor();
    await leave();
  });
}

test("the token leaves the address, and a reload forgets it", async () => {
  const { page, leave } = await visit(browser, runner.console);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  assert.equal(new URL(page.url()).hash, "#/");
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [0, 0, ""]);
  await page.reload();
  await page.getByText("This page needs an admin token").waitFor();
  await shot(page, "console-gate-light");
  await sound(page, "the page without a token");
  await page.getByRole("textbox", { name: "Admin token" }).fill(new URL(runner.console).hash.slice("#token=".length));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await leave();
});

test("a token that is not valid is told as such", async () => {
  const { page, leave } = await visit(browser, `${runner.url}/#token=not.a.token`, { refusals: true });
  await page.getByText("Your session has ended, or the token is not valid.").waitFor();
  await leave();
});

test("somebody who is neither owner nor admin is told so", async () => {
  const { page, leave } = await visit(browser, `${runner.url}/#token=${await runner.token("agent")}`, { refusals: true });
  await page.getByText("Only owners and admins of the organization may open this page.").waitFor();
  await leave();
});

test("the keyboard alone gets from the first link to a delivery", async () => {
  const { page, leave } = await visit(browser, runner.console);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  for (let step = 0; step < 12 && (await page.evaluate(() => document.activeElement.textContent)) !== "Deliveries"; step += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Deliveries" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Deliveries");
  const first = page.getByRole("link", { name: "New message" }).first();
  await first.waitFor();
  await first.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Delivery", exact: true }).waitFor();
  await leave();
});

test("the page's policy lets no script in that is not a file of ours", async () => {
  const answer = await fetch(runner.url);
  const policy = answer.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /style-src 'self'(;|$)/);
  assert.match(policy, /frame-ancestors 'none'/);
});
