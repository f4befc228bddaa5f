// A newcomer plays the whole story in the sandbox.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DARK, launch, PHONE, shot, sound, visit } from "../support/browser.js";
import { startRunner } from "../support/runner.js";

let runner;
let browser;
before(async () => {
  [runner, browser] = await Promise.all([startRunner(), launch()]);
});
after(async () => {
  await browser?.close();
  await runner?.stop();
});

test("a newcomer writes, asks for a human, replies as rep, resolves and sees the ticket close", async () => {
  const { page, leave } = await visit(browser, `${runner.url}/sandbox`);
  const [customer, hubspot, opencx] = ["The customer", "HubSpot", "OpenCX"].map((name) => page.getByRole("region", { name, exact: true }));
  await sound(page, "sandbox at the beginning");
  await shot(page, "sandbox-begin");
  await customer.getByRole("button", { name: "Start a conversation" }).click();
  await customer.getByRole("button", { name: "Where is my order?" }).click();
  await customer.getByText("Your order left our warehouse").waitFor();
  await opencx.getByText("AI answers").waitFor();

  await customer.getByLabel("Write as the customer").fill("I want to talk to a human");
  await customer.getByRole("button", { name: "Send" }).click();
  await customer.getByText("I am getting a colleague for you").waitFor();
  await hubspot.getByText("opencx_handedoff").waitFor();
  await hubspot.getByText("AI decided to handoff").waitFor();
  await opencx.getByText("With people").waitFor();
  assert.match(await hubspot.getByLabel("The ticket's content").innerText(), /Where is my order\?/);
  await shot(page, "sandbox-ticket");
  await sound(page, "sandbox with a ticket");

  await hubspot.getByLabel("Write as Rita").fill("Hello Ada, it is Rita. I am looking into it.");
  await hubspot.getByRole("button", { name: "Send" }).click();
  await customer.getByText("it is Rita").waitFor();
  await opencx.getByRole("log").getByText("it is Rita").waitFor();

  await opencx.getByRole("button", { name: "Resolve the session" }).click();
  await opencx.getByText(/The ticket closes in \d+ s/).waitFor();
  await shot(page, "sandbox-countdown");
  await opencx.getByText("The ticket is closed.").waitFor({ timeout: 25_000 });
  assert.equal(await page.getByLabel("The story").locator("li.done").count(), 7);
  await opencx.getByText("New message").first().waitFor();
  await shot(page, "sandbox-closed");
  await leave();
});

test("an answer that OpenCX gives and the line loses reaches the customer once", async () => {
  const { page, leave } = await visit(browser, `${runner.url}/sandbox`, DARK);
  const customer = page.getByRole("region", { name: "The customer" });
  await customer.getByRole("button", { name: "Start a conversation" }).click();
  await page.getByText("Break something").click();
  await page.getByRole("button", { name: "Lose OpenCX's next answer" }).click();
  await customer.getByRole("button", { name: "Where is my order?" }).click();
  const answers = customer.getByText("Your order left our warehouse");
  await answers.first().waitFor({ timeout: 30_000 });
  assert.equal(await answers.count(), 1);
  await shot(page, "sandbox-dark");
  await sound(page, "sandbox in the dark");
  await leave();
});

test("it fits a phone", async () => {
  const { page, leave } = await visit(browser, `${runner.url}/sandbox`, PHONE);
  await page.getByRole("button", { name: "Start a conversation" }).click();
  await page.getByRole("button", { name: "Where is my order?" }).click();
  await page.getByRole("region", { name: "The customer" }).getByText("Your order left our warehouse").waitFor();
  await sound(page, "sandbox on a phone");
  await shot(page, "sandbox-phone");
  await leave();
});

test("where no simulators run, the page says so", async () => {
  const alone = await startRunner("--hubspot-url", runner.hubspot, "--opencx-url", runner.opencx);
  try {
    const { page, leave } = await visit(browser, `${alone.url}/sandbox`, { refusals: true });
    await page.getByText("There is nothing to play with here").waitFor();
    await sound(page, "sandbox without simulators");
    await leave();
  } finally {
    await alone.stop();
  }
});
