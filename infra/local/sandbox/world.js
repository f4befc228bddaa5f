// What the three screens show, read once a second, and what can be done on them.
import { get, patch, post, put, signIn } from "/api.js";

const hubspot = (path) => `/sandbox/api/hubspot/${path}`;
const opencx = (path) => `/sandbox/api/opencx/${path}`;

/** What the AI does on certain words. Everything else it repeats. */
const RULES = [
  ...["human", "Human", "person", "agent"].map((contains) => ({ contains, reply: "Of course. I am getting a colleague for you, one moment please.", handoff: "user_requested_human_assistance" })),
  { contains: "slow", reply: "That took me a while to find out. Yes, we have it in blue.", delay_ms: 6_000 },
  { contains: "order", reply: "Your order left our warehouse this morning and arrives tomorrow." },
  { contains: "refund", reply: "You can return it within 30 days; the refund takes three days." },
];

/** The closed stage of the simulated pipeline. */
export const CLOSED = "4";
export const REPS = { "A-100": "Rita Rep", "A-101": "Rob Rep" };

export class World {
  thread = null;
  ticket = null;
  session = null;
  deliveries = [];
  /** When the ticket will be closed; known once the session was resolved. */
  closesAt = null;
  aiUser = null;
  token = null;
  /** What has happened since the chat began, for the story. */
  seen = new Set();

  /** Fails where no simulators run. */
  async enter() {
    this.token = (await get("/sandbox/api/token")).token;
    signIn(this.token);
    this.aiUser = (await get(hubspot("portal"))).ai_user;
  }

  async begin({ name, email, channel }) {
    await post(opencx("script"), { rules: RULES });
    const { thread_id: id } = await post(hubspot("threads"), { channel, contact: { name, email } });
    Object.assign(this, { thread: { thread_id: id, messages: [], channel }, ticket: null, session: null, deliveries: [], closesAt: null, seen: new Set() });
    await this.look();
  }

  async look() {
    if (!this.thread) return;
    const id = this.thread.thread_id;
    const [thread, sessions, log] = await Promise.all([get(hubspot(`threads/${id}`)), get(opencx("sessions")), get(`/api/deliveries?thread=${id}`)]);
    // Another chat may have begun meanwhile.
    if (this.thread.thread_id !== id) return;
    this.thread = thread;
    this.session = sessions.findLast((session) => String(session.custom_data?.hubspot_thread_id) === id) ?? null;
    this.deliveries = log.deliveries;
    const ticket = thread.ticket_id ?? this.session?.hubspot?.hubspot_ticket_id ?? null;
    this.ticket = ticket ? await get(hubspot(`tickets/${ticket}`)) : null;
    this.remember();
  }

  remember() {
    const messages = this.thread.messages;
    const wrote = (test) => messages.some((message) => message.type === "MESSAGE" && test(message));
    const happened = {
      wrote: wrote((message) => message.from === "visitor"),
      answered: wrote((message) => message.from === this.aiUser),
      asked: Boolean(this.session?.handed_off) || Boolean(this.ticket),
      ticket: Boolean(this.ticket),
      replied: wrote((message) => message.from in REPS),
      resolved: Boolean(this.session) && this.session.status !== "open",
      closed: this.ticket?.properties?.hs_pipeline_stage === CLOSED,
    };
    for (const [what, is] of Object.entries(happened)) if (is) this.seen.add(what);
  }

  customerSays(text) {
    return post(hubspot(`threads/${this.thread.thread_id}/messages`), { from: "visitor", text });
  }

  repSays(text, comment) {
    return post(hubspot(`threads/${this.thread.thread_id}/messages`), { from: "A-100", text, type: comment ? "COMMENT" : "MESSAGE" });
  }

  assign(actor) {
    return put(hubspot(`threads/${this.thread.thread_id}/assignee`), { actor_id: actor });
  }

  closeTicket() {
    return patch(hubspot(`tickets/${this.ticket.ticket_id}`), { properties: { hs_pipeline_stage: CLOSED } });
  }

  /** As OpenCX does it: its own state first, then it invokes the bridge. */
  async resolve() {
    await this.#status("closed_resolved");
    const answer = await this.#invokeResolve({ status: "closed_resolved", summary: this.#summary(), sentiment: "happy" });
    this.closesAt = answer?.closes_at ? new Date(answer.closes_at).getTime() : null;
    return answer;
  }

  async reopen() {
    await this.#status("open");
    this.closesAt = null;
    return this.#invokeResolve({ status: "open" });
  }

  #status(status) {
    return patch(opencx(`sessions/${this.session.session_id}`), { status });
  }

  #invokeResolve(payload) {
    return post(opencx("invoke"), { function: "resolve", payload: { org_id: "demo", session_id: this.session.session_id, ...payload } });
  }

  #summary() {
    const first = this.session.messages.find((message) => message.sender === "contact");
    return first ? `Asked: ${first.text}` : "Resolved in the sandbox";
  }

  /** Something goes wrong with the next calls. */
  breakNext(what) {
    if (what === "answer") return post(opencx("faults"), { method: "POST", path: "/chat/sessions", lose_answer: true });
    if (what === "posting") return post(hubspot("faults"), { method: "POST", path: "/conversations", lose_answer: true });
    return post(hubspot("faults"), { status: 503, times: 12 });
  }
}
