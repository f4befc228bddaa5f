// Signatures: what is dangerous is left out, and the preview runs nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, section, shot, sound, visit } from "../support/browser.js";
import { api, startRunner } from "../support/runner.js";

const NASTY = '<p style="color:#8a0f5c">Met vriendelijke groet<br><b>De Winkel</b> <a href="https://winkel.example">winkel.example</a></p><img src="https://tracker.example/p.png" alt="logo" onerror="window.ran=1"><script>window.ran=1</script><a href="javascript:window.ran=1">klik</a>';

let runner;
let browser;
before(async () => {
  [runner, browser] = await Promise.all([startRunner(), launch()]);
});
after(async () => {
  await browser?.close();
  await runner?.stop();
});

test("a signature is written with a live preview, applies to its domain, and can be removed", async () => {
  const { page, leave } = await visit(browser, runner.console);
  await section(page, "signatures", "Signatures");
  await page.getByText("No signatures yet").waitFor();
  await page.getByRole("link", { name: "Add a signature" }).first().click();
  await page.getByLabel("Domain pattern").fill("*.nl");
  await page.getByLabel("Signature HTML").fill(NASTY);
  const preview = page.getByRole("group", { name: "Preview" });
  await preview.getByText("De Winkel").waitFor();
  await preview.getByText("Picture logo from tracker.example").waitFor();
  assert.equal(await preview.getByText("Met vriendelijke groet").evaluate((node) => getComputedStyle(node).color), "rgb(138, 15, 92)");
  assert.equal(await preview.locator('a[href^="javascript"]').count(), 0);
  await shot(page, "signature-editor");
  await sound(page, "the signature editor");
  await page.getByRole("button", { name: "Save signature" }).click();
  await page.locator("#toasts").getByText("Signature saved").waitFor();
  await page.getByText("Something was left out").waitFor();
  const { signatures: [saved] } = await api(runner, "GET", "/api/signatures");
  assert.equal(saved.pattern, "*.nl");
  assert.doesNotMatch(saved.html, /script|onerror|javascript:/);

  await section(page, "signatures", "Signatures");
  await page.getByLabel("Sender's address").fill("support@a.co.nl");
  await page.getByRole("button", { name: "Try" }).click();
  await page.getByText("Gets the signature of").waitFor();
  await shot(page, "signatures-list");
  await sound(page, "the signatures");
  await page.getByRole("button", { name: "Remove *.nl" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("No signatures yet").waitFor();
  assert.equal(await page.evaluate(() => window.ran), undefined);
  await leave();
});

test("a pattern that is no domain is told beside its field", async () => {
  const { page, leave } = await visit(browser, runner.console, { refusals: true });
  await section(page, "signatures/new", "New signature");
  await page.getByLabel("Domain pattern").fill("not a domain");
  await page.getByLabel("Signature HTML").fill("<p>x</p>");
  await page.getByRole("button", { name: "Save signature" }).click();
  await page.locator('[data-field="pattern"] .error').filter({ hasText: /\w/ }).waitFor();
  assert.equal(await page.getByLabel("Domain pattern").getAttribute("aria-invalid"), "true");
  await leave();
});
