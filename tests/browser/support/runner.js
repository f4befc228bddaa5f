// One runner with both simulators, on ports that the system chooses, with a database in memory.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const binary = process.env.OPENCX_HUBSPOT ?? join(root, "target/debug/opencx-hubspot");

/** Credentials that no answer to a page and no log may hold. */
export const planted = new Set();

/** What `serve` prints first: a name and a URL on each line. */
const PRINTED = { url: /^opencx-hubspot +(http\S+)/m, console: /^console +(http\S+)/m, hubspot: /^HubSpot +(http\S+)/m, opencx: /^OpenCX +(http\S+)/m };

export async function startRunner(...extra) {
  const data = await mkdtemp(join(tmpdir(), "opencx-hubspot-"));
  const args = ["serve", "--port", "0", "--hubspot-port", "0", "--opencx-port", "0", "--memory", "--data-dir", data, "--log-level", "warn", ...extra];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [out, log] = ["", ""];
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (log += chunk));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const runner = { pid: child.pid, log: () => log };
  const deadline = Date.now() + 30_000;
  for (const [name, pattern] of Object.entries(PRINTED)) {
    // Without simulators there is no demo organization whose console could be opened.
    if (name === "console" && extra.length > 0) continue;
    runner[name] = await until(() => out.match(pattern)?.[1], () => child.exitCode === null && Date.now() < deadline, `the runner did not print ${name}:\n${out}\n${log}`);
  }
  const healthy = async () => (await fetch(`${runner.url}/health`).catch(() => null))?.ok;
  await until(healthy, () => child.exitCode === null && Date.now() < deadline, "the runner is not healthy");
  const { access_token: token, client_secret: secret } = await sim(runner.hubspot, "GET", "portal");
  const { api_key: key } = await sim(runner.opencx, "GET", "portal");
  for (const credential of [token, secret, key]) planted.add(credential);
  /** As an operator gets one on the command line. */
  runner.token = async (role) => (await promisify(execFile)(binary, ["token", "--org", "demo", "--role", role, "--data-dir", data])).stdout.trim();
  runner.stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(late);
    await rm(data, { recursive: true, force: true });
    for (const credential of planted) if (log.includes(credential)) throw new Error("the runner wrote a credential into its log");
  };
  return runner;
}

async function until(look, goOn, message) {
  for (;;) {
    const found = await look();
    if (found) return found;
    if (!goOn()) throw new Error(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A control of a simulator. */
export async function sim(base, method, path, body) {
  const response = await fetch(`${base}/_sim/${path}`, { method, headers: { "content-type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** The console's API, as its page calls it. */
export async function api(runner, method, path, body) {
  const token = new URL(runner.console).hash.slice("#token=".length);
  const response = await fetch(`${runner.url}${path}`, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Waits for `look` to find something, as a person would who looks again and again. */
export function eventually(look, message, within = 20_000) {
  const deadline = Date.now() + within;
  return until(look, () => Date.now() < deadline, message);
}
