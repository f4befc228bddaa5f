// Who the AI speaks as, where it answers, and what happens to tickets. Only what was changed is sent.
import { get, patch } from "./api.js";
import { h } from "./dom.js";
import { busy, card, clearErrors, field, fieldGroup, loaded, notice, select, showProblem, toast, toggle } from "./ui.js";
import { CHANNELS } from "./words.js";
import { pairs } from "./pairs.js";
import { person } from "./people.js";
import { takeoverCard } from "./takeover.js";
import { offerAfterSettings } from "./mended.js";

export function render({ main, heading, signal, again }) {
  heading("AI & settings", "Changes are in force within a minute, for every conversation.");
  const place = h("div");
  main.append(place);
  loaded(place, async () => {
    // The portal's lists are a convenience: where HubSpot cannot be asked, ids are typed.
    const list = (path) => get(path, signal).catch((error) => {
      if (error.name === "AbortError") throw error;
      return { trouble: error.message };
    });
    const [settings, team, inboxes, pipelines, connection] = await Promise.all([get("/api/settings", signal), ...["teammates", "inboxes", "pipelines", "connection"].map((name) => list(`/api/${name}`))]);
    return { settings, team, inboxes, pipelines, connection };
  }, (found) => form(found, again));
}

function form({ settings, team, inboxes, pipelines, connection }, again) {
  const readers = new Map();
  // `read` gives the field's value; only a value that differs from the one at the beginning is sent.
  const bind = (name, read) => readers.set(name, { read, before: begun(read) });
  const node = h("form", { class: "stack", novalidate: true },
    senderCard(settings, team, bind), whereCard(settings, inboxes, bind), assistCard(settings, bind),
    takeoverCard(settings, team, bind), ticketCard(settings, pipelines, bind), mapCard(settings, bind), channelCard(settings, connection, inboxes, bind), restCard(settings, bind));
  const save = h("button", { class: "primary", type: "submit" }, "Save changes");
  node.append(h("div", { class: "savebar" }, save, h("span", { class: "muted small" }, "Only what you changed is saved.")));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(node);
    const changed = {};
    try {
      for (const [name, { read, before }] of readers) {
        const value = read();
        if (JSON.stringify(value) !== before) changed[name] = value;
      }
    } catch (error) {
      if (!showProblem(node, error)) throw error;
      return;
    }
    if (Object.keys(changed).length === 0) return toast("Nothing was changed");
    busy(save, async () => {
      await patch("/api/settings", { ...changed, version: settings.version });
      toast("Saved");
      await again();
      offerAfterSettings(Object.keys(changed));
    }, (problem) => {
      if (problem.status !== 409) return showProblem(node, problem);
      toast("Somebody else has changed the settings meanwhile. The page shows theirs now.", "bad");
      again();
      return true;
    });
  });
  return node;
}

/** A value that was saved by other means and reads as wrong here counts as changed. */
function begun(read) {
  try {
    return JSON.stringify(read());
  } catch {
    return null;
  }
}

const orNull = (control) => () => control.value.trim() || null;
const number = (control) => () => (control.value.trim() === "" ? null : Number(control.value));

function senderCard(settings, team, bind) {
  const sender = person(team, settings.ai_user);
  const fallback = person(team, settings.default_user);
  bind("ai_user", orNull(sender));
  bind("default_user", orNull(fallback));
  return card({ heading: "AI sender", hint: "The AI answers as this HubSpot user, and answers only conversations this user (or nobody) owns.", id: "sender" },
    team.missing_scope && notice("warn", null, h("p", {}, "Teammates cannot be listed without the scope ", h("code", {}, team.missing_scope), ". You can type the id instead: HubSpot shows it under Settings → Users & Teams.")),
    team.trouble && notice("", null, h("p", {}, "Teammates could not be listed: ", team.trouble)),
    h("div", { class: "split" },
      field({ label: "The AI speaks as", name: "ai_user", control: sender, hint: "A seat of its own, named so that customers know whom they talk to." }),
      field({ label: "Default user for handoffs", name: "default_user", control: fallback, hint: "Gets the ticket where no routing rule names somebody." })));
}

function boxes(known, chosen) {
  return known.map(([value, text]) => {
    const input = h("input", { type: "checkbox", value, checked: chosen === null || chosen.includes(value) });
    return { input, node: h("label", { class: "check" }, input, text) };
  });
}

/** All boxes ticked means "all", also those that come later. */
function ticked(list, chosen) {
  const values = list.filter(({ input }) => input.checked).map(({ input }) => input.value);
  return values.length === list.length && chosen === null ? null : values;
}

function whereCard(settings, inboxes, bind) {
  const known = (inboxes.inboxes ?? []).map((inbox) => [inbox.id, inbox.type === "HELP_DESK" ? `${inbox.name} (help desk)` : inbox.name]);
  const some = settings.inboxes ?? null;
  const inbox = boxes(known, some);
  const channels = settings.channels ?? null;
  const channel = boxes(Object.entries(CHANNELS), channels);
  const unassigned = toggle({ label: "Answer conversations that nobody owns", name: "answer_unassigned", checked: settings.answer_unassigned });
  bind("answer_unassigned", () => unassigned.querySelector("input").checked);
  bind("channels", () => ticked(channel, channels));
  let inboxField;
  if (known.length) {
    bind("inboxes", () => ticked(inbox, some));
    inboxField = fieldGroup({ label: "Inboxes", name: "inboxes", hint: some === null ? "All of them, also those you add later. Untick one to choose." : "Only these." }, h("div", { class: "choices" }, inbox.map(({ node }) => node)));
  } else {
    const ids = h("input", { type: "text", value: (some ?? []).join(", "), placeholder: "all" });
    bind("inboxes", () => (ids.value.trim() ? ids.value.split(",").map((id) => id.trim()).filter(Boolean) : null));
    inboxField = field({ label: "Inboxes", name: "inboxes", control: ids, hint: "Ids, with commas between them; empty for all." });
  }
  return card({ heading: "Where the AI answers" }, inboxField,
    fieldGroup({ label: "Channels", name: "channels", hint: channels === null ? "All of them. Untick one to choose." : "Only these." }, h("div", { class: "choices" }, channel.map(({ node }) => node))),
    unassigned);
}

function assistCard(settings, bind) {
  const mode = settings.assist_mode;
  const per = typeof mode === "object" && mode !== null;
  const channels = boxes(Object.entries(CHANNELS), per ? Object.keys(mode).filter((name) => mode[name]) : []);
  const where = h("div", { class: "choices" }, channels.map(({ node }) => node));
  const part = fieldGroup({ label: "Only on these channels", name: "assist_channels" }, where);
  const choice = select([["off", "Off: the AI answers customers"], ["on", "On everywhere: the AI drafts for your reps"], ["some", "On for some channels"]], per ? "some" : mode ? "on" : "off", { onchange: () => (part.hidden = choice.value !== "some") });
  part.hidden = choice.value !== "some";
  bind("assist_mode", () => {
    if (choice.value !== "some") return choice.value === "on";
    return Object.fromEntries(channels.filter(({ input }) => input.checked || (per && input.value in mode)).map(({ input }) => [input.value, input.checked]));
  });
  return card({ heading: "Assist mode", hint: "The AI posts drafts as internal comments, leaves conversations unassigned, and tickets open for the rep to resolve." }, field({ label: "Assist mode", name: "assist_mode", control: choice }), part);
}

function ticketCard(settings, pipelines, bind) {
  const switchFor = (name, label, hint) => {
    const node = toggle({ label, hint, name, checked: settings[name] });
    bind(name, () => node.querySelector("input").checked);
    return node;
  };
  const list = pipelines.pipelines ?? [];
  const stages = (id, closed) => (list.find((pipeline) => pipeline.id === id) ?? list[0])?.stages.filter((stage) => stage.closed === closed) ?? [];
  const options = (rows) => [["", "Detected automatically"], ...rows.map((row) => [row.id, row.label])];
  const control = (value, rows) => (list.length ? select(options(rows), value) : h("input", { type: "text", value: value ?? "", placeholder: "detected" }));
  const pipeline = control(settings.pipeline_id, list);
  const open = control(settings.open_stage_id, stages(settings.pipeline_id, false));
  const closed = control(settings.closed_stage_id, stages(settings.pipeline_id, true));
  if (list.length) {
    pipeline.addEventListener("change", () => {
      for (const [node, kind] of [[open, false], [closed, true]]) node.replaceChildren(...select(options(stages(pipeline.value, kind)), "").children);
    });
  }
  for (const [name, node] of [["pipeline_id", pipeline], ["open_stage_id", open], ["closed_stage_id", closed]]) bind(name, orNull(node));
  const reopen = h("input", { type: "number", min: "0", max: "365", value: settings.reopen_within_days ?? "" });
  bind("reopen_within_days", number(reopen));
  return card({ heading: "Tickets" },
    switchFor("ticketing_enabled", "Open a ticket when the AI hands off", "Off: conversations still hand off, without a HubSpot ticket."),
    h("div", { class: "grid3" },
      field({ label: "Pipeline", name: "pipeline_id", control: pipeline }),
      field({ label: "Stage of new tickets", name: "open_stage_id", control: open }),
      field({ label: "Stage of closed tickets", name: "closed_stage_id", control: closed }),
      field({ label: "Reopen within days", name: "reopen_within_days", control: reopen, hint: "A further handoff reopens the ticket that was closed this recently." })),
    switchFor("resolve_session_on_ticket_close", "A ticket closed in HubSpot resolves the session"),
    switchFor("close_thread_on_resolve", "Close the conversation with its ticket"));
}

function mapCard(settings, bind) {
  const map = pairs(settings.property_map ?? {}, ["Custom data in OpenCX", "Ticket property in HubSpot"], "Add a property");
  bind("property_map", map.read);
  const create = toggle({ label: "Create ticket properties that do not exist yet", name: "create_properties", checked: settings.create_properties });
  bind("create_properties", () => create.querySelector("input").checked);
  return card({ heading: "Properties", hint: "Custom data and ticket properties follow each other. Name only those whose names differ." }, fieldGroup({ label: "Names that differ", name: "property_map" }, map.node), create);
}

/** A private app cannot publish a channel; what is on can always be switched off. */
function channelCard(settings, connection, inboxes, bind) {
  const able = connection.auth === "oauth";
  const node = toggle({ label: "OpenCX's own channels as HubSpot threads", name: "custom_channels", checked: settings.custom_channels,
    hint: `Conversations of the OpenCX widget, WhatsApp and SMS become two-way HubSpot conversations. Needs the OAuth app, and Sales or Service Hub Professional or above.${able ? "" : " This organization is not connected by OAuth."}` });
  const input = node.querySelector("input");
  input.disabled = !able && !settings.custom_channels;
  bind("custom_channels", () => input.checked);
  let inbox = null;
  if ("custom_channels_inbox" in settings) {
    const control = select([["", "The first one"], ...(inboxes.inboxes ?? []).map(({ id, name }) => [id, name])], settings.custom_channels_inbox, { disabled: input.disabled });
    bind("custom_channels_inbox", orNull(control));
    inbox = h("div", { class: "narrow" }, field({ label: "Into the inbox", name: "custom_channels_inbox", control }));
  }
  return card({ heading: "Channels of OpenCX" }, node, inbox);
}

function restCard(settings, bind) {
  const quiet = pairs(settings.quiet_seconds ?? {}, ["Channel", "Seconds"], "Add a channel", { keys: Object.entries(CHANNELS), numeric: true });
  bind("quiet_seconds", quiet.read);
  const retention = h("input", { type: "number", min: "1", max: "365", value: settings.retention_days ?? "" });
  const rate = h("input", { type: "number", min: "1", value: settings.opencx_requests_per_minute ?? "" });
  const key = h("input", { type: "password", autocomplete: "off", placeholder: settings.opencx_api_key_set ? "is set" : "not set" });
  bind("retention_days", number(retention));
  bind("opencx_requests_per_minute", number(rate));
  bind("opencx_api_key", () => key.value.trim() || undefined);
  return card({ heading: "Timing and limits" },
    fieldGroup({ label: "Quiet time", name: "quiet_seconds", hint: "Several short messages are answered together after so many seconds of silence." }, quiet.node),
    h("div", { class: "grid3" },
      field({ label: "Keep the log for days", name: "retention_days", control: retention }),
      field({ label: "Requests per minute", name: "opencx_requests_per_minute", control: rate, hint: "To OpenCX. What is over the limit waits; it does not fail." }),
      field({ label: "OpenCX API key", name: "opencx_api_key", control: key, hint: settings.opencx_api_key_set ? "Type a new one to replace it. It is never shown." : "It is never shown again." })));
}
