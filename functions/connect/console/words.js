// What the bridge's words mean to the person who reads them.

export const CONNECTION = {
  connected: ["ok", "Connected"],
  action_recommended: ["warn", "Action recommended"],
  reconnect_required: ["bad", "Reconnect required"],
  not_connected: ["", "Not connected"],
  disconnected: ["", "Not connected"],
};

export const STATES = {
  done: ["ok", "Done"],
  skipped: ["", "Skipped"],
  failed: ["bad", "Failed"],
  in_progress: ["warn", "In progress"],
  delayed: ["warn", "Delayed"],
  retrying: ["warn", "Retrying"],
  parked: ["warn", "Waiting for reconnect"],
};

export const CHECK_STATES = {
  ok: ["ok", "OK"],
  warning: ["warn", "Warning"],
  failed: ["bad", "Failed"],
  unknown: ["", "Not known"],
};

const KINDS = {
  "conversation.newMessage": "New message",
  "conversation.messageCreated": "New message",
  "conversation.creation": "Conversation began",
  "conversation.deletion": "Conversation deleted",
  "conversation.privacyDeletion": "Conversation deleted for privacy",
  "conversation.propertyChange": "Owner or status changed",
  "ticket.propertyChange": "Ticket changed",
  "ticket.deletion": "Ticket deleted",
  "ticket.merge": "Tickets merged",
  "contact.privacyDeletion": "Contact deleted for privacy",
  "object.creation": "Note written",
  handoff: "Handoff by OpenCX",
  "handoff.timeout": "Handoff nobody took in time",
  reply: "Reply by OpenCX",
  resolve: "Resolved by OpenCX",
  close: "Ticket close",
};
export const kind = (name) => KINDS[name] ?? name;

const REASONS = {
  duplicate: "Seen before",
  automated_sender: "Automated sender",
  auto_reply: "Automatic reply",
  answered_by_human: "A person answered first",
  not_delivered: "No way to the customer",
  wrong_portal: "Another HubSpot portal",
  not_enabled: "Not live",
  inbox_excluded: "Inbox or channel not chosen",
  bot_sender: "Written by a bot",
  own_message: "Our own message",
  comment: "Internal comment",
  welcome_message: "Welcome message",
  not_ai_owner: "Somebody else owns it",
  handed_off: "Handed off to people",
  paused: "AI paused",
  ticketing_disabled: "Ticketing is off",
  empty_property_value: "Empty value",
  echo: "Our own change came back",
  stale_change: "Older than what is known",
  unlinked_ticket: "Ticket of no session",
  unlinked_note: "Note on no ticket of ours",
  stale_url: "Old webhook URL",
  unknown_portal: "Unknown portal",
  not_connected: "Not connected",
  reconnect_required: "Reconnect required",
  hubspot_rejected: "HubSpot refused",
  hubspot_unavailable: "HubSpot unreachable",
  opencx_unavailable: "OpenCX unreachable",
  poison: "Fails every time",
};

export function reason(code) {
  if (!code) return "";
  if (code.startsWith("missing_scope:")) return `Missing scope ${code.slice("missing_scope:".length)}`;
  return REASONS[code] ?? code;
}

export const CHANNELS = {
  web: "Web chat", email: "E-mail", whatsapp: "WhatsApp", messenger: "Messenger", instagram: "Instagram",
  sms: "SMS", slack: "Slack", phone_voice: "Phone", web_voice: "Web call", api: "API and custom channels",
};
export const SENTIMENTS = { angry: "Angry", neutral: "Neutral", happy: "Happy" };
export const HANDOFF_REASONS = {
  user_requested_human_assistance: "Customer asked for a person",
  based_on_instructions: "Instructions say so",
  instructions_not_clear: "Instructions not clear",
  insufficient_knowledge: "Not enough knowledge",
  insufficient_tools: "Not able to do it",
  prohibited_topic: "Prohibited topic",
};

export const SCOPES = {
  oauth: "Identify the app and the portal",
  "conversations.read": "Read conversations and receive new messages",
  "conversations.write": "Answer, comment, assign and close conversations",
  tickets: "Create and manage tickets",
  "crm.objects.contacts.read": "Find the customer's contact",
  "crm.objects.contacts.write": "Create the contact of a new customer",
  "crm.objects.owners.read": "List teammates, assign tickets to reps",
  "crm.objects.companies.read": "Company in the CRM panel",
  "crm.objects.deals.read": "Deals in the CRM panel",
  "crm.schemas.contacts.read": "Contact schema for the CRM panel",
  automation: "Workflow actions that wait for the AI",
  files: "Attachments",
  "conversations.custom_channels.read": "Channels of OpenCX in HubSpot",
  "conversations.custom_channels.write": "Channels of OpenCX in HubSpot",
};

/** What deliveries can be looked for by. Every HubSpot app has the scope `oauth`. */
export const REASON_CODES = [...Object.keys(REASONS), ...Object.keys(SCOPES).filter((scope) => scope !== "oauth").map((scope) => `missing_scope:${scope}`)];

export const OAUTH_ERRORS = {
  cancelled: "The permissions were not approved, so nothing was connected.",
  not_admin: "HubSpot lets only super admins approve the app. Ask one to press Connect with HubSpot.",
  expired_state: "The approval took longer than 10 minutes, or the page was used twice. Start again.",
  wrong_browser: "The approval came back in another browser than it began in. Start again in one browser.",
  code_expired: "HubSpot's answer expired before it was used. Start again.",
  portal_taken: "This HubSpot portal is connected to another organization.",
  missing_scopes: "Some permissions that are needed were not granted.",
  hubspot_unavailable: "HubSpot did not answer. Try again in a few minutes.",
};

/** What the settings are called on their page. */
const SETTINGS = {
  enabled: "Live", ai_user: "AI sender", default_user: "Default user", inboxes: "Inboxes", channels: "Channels",
  answer_unassigned: "Conversations nobody owns", assist_mode: "Assist mode", ticketing_enabled: "Tickets", pipeline_id: "Pipeline",
  open_stage_id: "Stage of new tickets", closed_stage_id: "Stage of closed tickets", reopen_within_days: "Reopen within days",
  resolve_session_on_ticket_close: "Ticket closed resolves the session", close_thread_on_resolve: "Conversation closes with its ticket",
  property_map: "Properties", create_properties: "Create properties", routing: "Routing", quiet_seconds: "Quiet time",
  office_hours: "Office hours", fallback_message: "Fallback message", fallback_assignee: "Fallback rep", handoff_timeout_minutes: "Handoff timeout",
  custom_channels: "Channels of OpenCX", custom_channels_inbox: "Inbox of OpenCX's channels", retention_days: "Log retention",
  opencx_requests_per_minute: "Requests per minute", opencx_api_key: "OpenCX API key",
};
/** Which settings an entry of the audit names. */
export const settings = (what) => what.split(", ").map((name) => SETTINGS[name] ?? name).join(", ");

const AUDIT = {
  "settings.changed": "Changed settings",
  "connection.connected": "Connected HubSpot",
  "connection.disconnected": "Disconnected HubSpot",
  "connection.migrated": "Migrated to OAuth",
  "connection.rolled_back": "Rolled back to the private app",
  "webhook_url.rotated": "Rotated the webhook URL",
  "signature.saved": "Saved a signature",
  "signature.deleted": "Deleted a signature",
  "delivery.replayed": "Replayed deliveries",
  "crm.connected": "Connected the CRM panel",
  "crm.disconnected": "Disconnected the CRM panel",
};
export const audit = (action) => AUDIT[action] ?? action;
export const ACTORS = { admin: "Admin", owner: "Owner", cli: "Command line", system: "The bridge itself" };
