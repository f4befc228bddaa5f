// Calls to /api. The token is in this module's memory and nowhere else: no storage, no cookie, no address.
import { sentence } from "./format.js";

let token = null;

/** An answer that is a refusal: `detail` says why, `field` which part of the form is wrong. */
export class Problem extends Error {
  constructor(status, body) {
    super(sentence(body?.detail || body?.title || fallback(status)));
    this.status = status;
    this.field = body?.field ?? null;
    this.body = body ?? {};
  }
}

function fallback(status) {
  if (status === 0) return "The server cannot be reached. Check your connection and try again.";
  if (status === 401) return "Your session has ended. Open the console again from OpenCX.";
  if (status === 403) return "Only owners and admins of the organization may do this.";
  if (status === 404) return "There is no such thing here (any more).";
  return `The server answered ${status}. Try again in a moment.`;
}

/** Keeps a token for the calls of this page. */
export function signIn(value) {
  token = value;
}

export function signOut() {
  token = null;
}

/** What the token says about itself. For display only: the server checks it, this page does not. */
export function claims() {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { org, role, exp } = JSON.parse(atob(part));
    return { org: String(org ?? ""), role: String(role ?? ""), expires: Number(exp) * 1000 || null };
  } catch {
    return null;
  }
}

async function send(method, path, body, signal) {
  const headers = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, null);
  }
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    if (response.ok) throw new Problem(response.status, { detail: "The server's answer cannot be read." });
  }
  if (!response.ok) {
    if (response.status === 401) document.dispatchEvent(new CustomEvent("signed-out"));
    throw new Problem(response.status, value);
  }
  return value;
}

export const get = (path, signal) => send("GET", path, undefined, signal);
export const post = (path, body = {}) => send("POST", path, body);
export const put = (path, body) => send("PUT", path, body);
export const patch = (path, body) => send("PATCH", path, body);
export const remove = (path) => send("DELETE", path);

/** `path` with those of `values` that are not empty. */
export function withQuery(path, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
