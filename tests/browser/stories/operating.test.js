// Something fails: the log says why, diagnostics names the cause, and a replay mends it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, section, settled, shot, sound, visit } from "../support/browser.js";
import { api, eventually, sim, startRunner } from "../support/runner.js";

let runner;
let browser;
before(async () => {
  [runner, browser] = await Promise.all([startRunner(), launch()]);
});
after(async () => {
  await browser?.close();
  await runner?.stop();
});

async function writes(text) {
  const { thread_id: thread } = await sim(runner.hubspot, "POST", "threads", { channel: "web", contact: { name: "Ada Example", email: "ada@example.com" } });
  await sim(runner.hubspot, "POST", `threads/${thread}/messages`, { from: "visitor", text });
  return thread;
}

const inState = (thread, state) => eventually(async () => {
  const { deliveries } = await api(runner, "GET", `/api/deliveries?thread=${thread}`);
  return deliveries.find((delivery) => delivery.kind === "conversation.newMessage" && delivery.state === state);
}, `no delivery of ${thread} became ${state}`);

test("what failed is found, explained and replayed", async () => {
  await sim(runner.hubspot, "POST", "faults", { method: "POST", path: "/conversations", status: 400 });
  const thread = await writes("Where is my order?");
  const failed = await inState(thread, "failed");

  const { page, leave } = await visit(browser, runner.console);
  await section(page, "deliveries", "Deliveries");
  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await page.getByRole("link", { name: "New message" }).first().waitFor();
  await shot(page, "deliveries-failed");
  await sound(page, "failed deliveries");
  await page.getByRole("link", { name: "New message" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Delivery", exact: true }).waitFor();
  await page.getByText(failed.why).first().waitFor();
  await page.locator(".timeline li").first().waitFor();
  await shot(page, "delivery-failed");
  await sound(page, "a failed delivery");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.locator("#toasts").getByText("It is being processed again").waitFor();
  const after = await eventually(async () => {
    const now = await api(runner, "GET", `/api/deliveries/${encodeURIComponent(failed.id)}`);
    return ["done", "skipped"].includes(now.state) && now;
  }, "the replay did not end");
  assert.ok(after.updated_at > failed.updated_at);
  await section(page, "audit", "Audit");
  await page.getByText("Replayed deliveries").waitFor();
  await leave();
});

test("a mended cause offers what failed for it, where it was mended", async () => {
  const { api_key: key } = await sim(runner.opencx, "GET", "portal");
  const { page, leave } = await visit(browser, runner.console);
  await section(page, "settings", "AI & settings");
  const saveKey = async (value) => {
    await page.getByLabel("OpenCX API key").fill(value);
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.locator("#toasts").getByText("Saved").last().waitFor();
    await settled(page);
  };
  await saveKey("a-key-that-was-revoked");
  const threads = [await writes("Is anybody there?"), await writes("Hello?")];
  for (const thread of threads) await inState(thread, "failed");
  assert.equal(await page.locator(".offer").count(), 0);
  await saveKey(key);
  const offer = page.getByRole("status").filter({ hasText: "2 deliveries failed for this reason: OpenCX unreachable" });
  await offer.waitFor();
  await shot(page, "settings-offer");
  await sound(page, "the offer of a replay");
  await offer.getByRole("button", { name: "Replay them" }).click();
  await page.locator("#toasts").getByText("2 deliveries are being processed again").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "See what becomes of them");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Deliveries" }).waitFor();
  for (const thread of threads) await inState(thread, "done");
  await leave();
});

test("a scope that is granted at last offers what failed without it, when the connection is tested", async () => {
  const { granted_scopes: all } = await api(runner, "GET", "/api/connection");
  await sim(runner.hubspot, "PUT", "scopes", all.filter((scope) => scope !== "conversations.write"));
  const thread = await writes("May I come in?");
  await inState(thread, "failed");
  const { page, leave } = await visit(browser, runner.console);
  await section(page, "connection", "Connection");
  await sim(runner.hubspot, "PUT", "scopes", all);
  await page.getByRole("button", { name: "Test connection" }).click();
  const offer = page.locator('#status [data-reason="missing_scope:conversations.write"]');
  await offer.getByText("1 delivery failed for this reason: Missing scope conversations.write").waitFor();
  await offer.getByRole("button", { name: "Replay it" }).click();
  await offer.getByText("1 delivery is being processed again").waitFor();
  await shot(page, "connection-offer");
  await eventually(async () => (await api(runner, "GET", "/api/deliveries/failures")).failures.every(({ reason }) => !reason.startsWith("missing_scope")), "what was replayed failed again");
  await leave();
});

test("what failed is found by its reason alone, and all of it replayed", async () => {
  await sim(runner.hubspot, "POST", "faults", { method: "POST", path: "/conversations", status: 400, times: 2 });
  const thread = await writes("Where is my parcel?");
  await inState(thread, "failed");
  const { page, leave } = await visit(browser, runner.console);
  await section(page, "deliveries", "Deliveries");
  await page.getByText("More filters").click();
  await page.getByLabel("Reason").selectOption("hubspot_rejected");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("link", { name: "New message" }).first().waitFor();
  assert.match(page.url(), /reason=hubspot_rejected/);
  await page.getByRole("button", { name: /^Replay all with/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay", exact: true }).click();
  await page.locator("#toasts").getByText("1 delivery is being processed again").waitFor();
  await leave();
});

test("diagnostics names a missing scope, and is content once it is back", async () => {
  const all = ["oauth", "conversations.read", "conversations.write", "tickets", "crm.objects.contacts.read", "crm.objects.contacts.write"];
  await sim(runner.hubspot, "PUT", "scopes", all);
  const { page, leave } = await visit(browser, runner.console);
  await section(page, "diagnostics", "Diagnostics");
  const scopes = page.locator('[data-check="scopes"]');
  await scopes.getByText(/crm\.objects\.owners\.read/).first().waitFor();
  if (!(await scopes.evaluate((node) => node.open))) await scopes.locator("summary").click();
  await scopes.getByText("What to do").waitFor();
  await shot(page, "diagnostics-scope");
  await sound(page, "diagnostics");

  const optional = ["crm.objects.owners.read", "crm.objects.companies.read", "crm.objects.deals.read", "crm.schemas.contacts.read", "automation", "files"];
  await sim(runner.hubspot, "PUT", "scopes", [...all, ...optional]);
  await page.getByRole("button", { name: "Run again" }).click();
  await scopes.getByText("OK", { exact: true }).waitFor();
  await leave();
});

test("one conversation is looked into", async () => {
  const thread = await writes("Hello");
  await inState(thread, "done");
  const { page, leave } = await visit(browser, runner.console);
  await section(page, "diagnostics", "Diagnostics");
  await page.getByLabel("Look into").selectOption("thread");
  await page.getByLabel("Id").fill(thread);
  await page.getByRole("button", { name: "Diagnose" }).click();
  await page.locator("[data-check]").first().waitFor();
  assert.match(page.url(), new RegExp(`thread=${thread}`));
  await shot(page, "diagnostics-thread");
  await sound(page, "diagnostics of a conversation");
  await leave();
});

test("settings are saved field by field, and a wrong one is told beside its field", async () => {
  const { page, leave } = await visit(browser, runner.console, { refusals: true });
  await section(page, "settings", "AI & settings");
  const days = page.getByLabel("Reopen within days");
  await days.fill("-3");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.locator('[data-field="reopen_within_days"] .error').filter({ hasText: /\w/ }).waitFor();
  await days.fill("14");
  await page.getByRole("combobox", { name: "Assist mode" }).selectOption("some");
  await page.getByRole("group", { name: "Only on these channels" }).getByLabel("E-mail").check();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.locator("#toasts").getByText("Saved").waitFor();
  const saved = await api(runner, "GET", "/api/settings");
  assert.equal(saved.reopen_within_days, 14);
  assert.equal(saved.assist_mode.email, true);
  assert.equal("opencx_api_key" in saved, false);

  await section(page, "routing", "Routing");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Channel").selectOption("email");
  await page.getByRole("button", { name: "Save rules" }).click();
  await page.getByText("Rule 1 says nobody").waitFor();
  await page.getByLabel("Goes to").selectOption({ label: "Rita Rep" });
  await page.getByRole("button", { name: "Save rules" }).click();
  const [rule] = await eventually(async () => {
    const { routing } = await api(runner, "GET", "/api/settings");
    return routing.length > 0 && routing;
  }, "the rule was not saved");
  assert.deepEqual([rule.when.channel, rule.assign], ["email", "A-100"]);
  await section(page, "audit", "Audit");
  await page.getByText("Changed settings").first().waitFor();
  await leave();
});

test("office hours, the fallback and its timeout are set, and what is wrong is told beside it", async () => {
  const { page, leave } = await visit(browser, runner.console, { refusals: true });
  await section(page, "settings", "AI & settings");
  const save = () => page.getByRole("button", { name: "Save changes" }).click();
  const error = (field, text) => page.locator(`[data-field="${field}"] > .error`).getByText(text).waitFor();
  await page.getByLabel("People are there at certain hours only").check();
  await page.getByLabel("Time zone").fill("Europe/Atlantis");
  await save();
  await error("office_hours", /Europe\/Atlantis/);
  await page.getByLabel("Time zone").fill("Europe/Amsterdam");
  await page.getByRole("button", { name: "Add hours on Monday" }).click();
  await page.getByLabel("Monday from").last().fill("19:00");
  await page.getByLabel("Monday until").last().fill("18:00");
  await save();
  await error("office_hours", /Monday: the end is not after the beginning/);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Monday until");
  await sound(page, "office hours with an error");
  await page.getByLabel("Monday until").last().fill("00:00");
  await page.getByRole("button", { name: "Remove these hours on Friday" }).click();
  await page.getByRole("button", { name: "Add a date" }).click();
  await page.getByLabel("Closed on").last().fill("2026-12-25");
  await page.getByLabel("Fallback message").fill("We are back on Monday at 9.");
  await page.getByLabel("Then it goes to").selectOption({ label: "Rita Rep" });
  await page.getByLabel("If nobody takes it within minutes").fill("0");
  await save();
  await error("handoff_timeout_minutes", /1 to 10/);
  await page.getByLabel("If nobody takes it within minutes").fill("45");
  await shot(page, "settings-office-hours");
  await save();
  await page.locator("#toasts").getByText("Saved").waitFor();
  await settled(page);
  const saved = await api(runner, "GET", "/api/settings");
  const day = [["09:00", "17:00"]];
  const weekly = { mon: [...day, ["19:00", "24:00"]], tue: day, wed: day, thu: day };
  assert.deepEqual(saved.office_hours, { timezone: "Europe/Amsterdam", weekly, closed_on: ["2026-12-25"] });
  assert.deepEqual([saved.fallback_message, saved.fallback_assignee, saved.handoff_timeout_minutes], ["We are back on Monday at 9.", "A-100", 45]);

  await save();
  await page.locator("#toasts").getByText("Nothing was changed").waitFor();
  assert.equal(await page.getByLabel("Monday until").last().inputValue(), "00:00");
  await page.getByRole("group", { name: "Friday" }).getByText("Closed").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await shot(page, "settings-office-hours-phone");
  await sound(page, "office hours on a phone");
  await page.getByLabel("People are there at certain hours only").uncheck();
  await page.getByLabel("If nobody takes it within minutes").fill("");
  await save();
  await eventually(async () => {
    const off = await api(runner, "GET", "/api/settings");
    return off.office_hours === null && off.handoff_timeout_minutes === null;
  }, "office hours were not switched off");
  await leave();
});
