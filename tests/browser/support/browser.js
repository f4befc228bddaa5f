// Debian's Chromium, and what must hold on every page: no error in its console, no request to anybody else, no credential in an answer, nothing serious for axe.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { planted } from "./runner.js";

const AXE = createRequire(import.meta.url)("axe-core").source;
const SHOTS = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../../target/screenshots/", import.meta.url));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const DESKTOP = { viewport: { width: 1280, height: 860 }, colorScheme: "light" };
export const DARK = { viewport: { width: 1280, height: 860 }, colorScheme: "dark" };
export const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true, hasTouch: true };

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * A page of its own, watched. `allowed` are further origins it may go to; `refusals` says whether answers of 400 and
 * above are expected (the browser writes each of them to the console).
 */
export async function visit(browser, url, { allowed = [], refusals = false, ...options } = {}) {
  const context = await browser.newContext({ locale: "en-GB", permissions: ["clipboard-read", "clipboard-write"], ...DESKTOP, ...options });
  const troubles = [];
  const origins = [new URL(url).origin, ...allowed.map((one) => new URL(one).origin)];
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!["data:", "about:", "blob:"].includes(protocol) && !origins.includes(origin)) troubles.push(`request to ${request.url()}`);
  });
  context.on("console", (message) => {
    const refused = refusals && message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !refused) troubles.push(`console ${message.type()}: ${message.text()}`);
  });
  const reading = [];
  const read = async (response) => {
    const text = await response.text().catch(() => "");
    for (const credential of planted) if (text.includes(credential)) troubles.push(`a credential in the answer to ${response.url()}`);
  };
  context.on("response", (response) => {
    // The sandbox plays the customer's and the rep's part in the simulators, whose controls tell everything.
    const { origin, pathname } = new URL(response.url());
    if (origin === origins[0] && !pathname.startsWith("/sandbox/api/")) reading.push(read(response));
  });
  context.on("weberror", (error) => troubles.push(`error: ${error.error().message}`));
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  return {
    page,
    context,
    /** Closes the page and fails where something went wrong on it. */
    leave: async () => {
      await Promise.all(reading);
      await context.close();
      assert.deepEqual(troubles, []);
    },
  };
}

export async function shot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  const window = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  // What sticks to the window's edge would lie in the middle of a picture of the whole page.
  if (height > window.height) await page.setViewportSize({ width: window.width, height });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  await page.setViewportSize(window);
}

/** Serious and critical findings of axe fail; so does a page that is wider than its window. */
export async function sound(page, name) {
  const violations = await page.evaluate(`${AXE}; axe.run({ resultTypes: ["violations"] }).then((run) => run.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((node) => node.target.join(" ")) })))`);
  assert.deepEqual(violations.filter(({ impact }) => ["serious", "critical"].includes(impact)), [], `axe on ${name}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wider, 0, `${name} is ${wider} px wider than its window`);
}

/** Shows a section of the console, once its data are there. */
export async function section(page, path, heading) {
  await page.evaluate((hash) => { location.hash = hash; }, `#/${path}`);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  await settled(page);
}

export async function settled(page) {
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
}
