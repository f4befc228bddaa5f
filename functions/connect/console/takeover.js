// When people take over: when they are there, and what happens when nobody is.
import { h } from "./dom.js";
import { card, field } from "./ui.js";
import { officeHours } from "./hours.js";
import { person } from "./people.js";

export function takeoverCard(settings, team, bind) {
  const hours = officeHours(settings.office_hours);
  const message = h("textarea", { rows: "3", placeholder: "We are back on Monday at 9. Your request is with us." });
  message.value = settings.fallback_message ?? "";
  const minutes = h("input", { type: "number", min: "1", max: "10080", value: settings.handoff_timeout_minutes ?? "", placeholder: "never" });
  const rep = person(team, settings.fallback_assignee);
  bind("office_hours", hours.read);
  bind("fallback_message", () => message.value.trim() || null);
  bind("handoff_timeout_minutes", () => (minutes.value.trim() === "" ? null : Number(minutes.value)));
  bind("fallback_assignee", () => rep.value.trim() || null);
  return card({ heading: "When people take over", hint: "What happens when the AI hands off and nobody is there.", id: "takeover" },
    hours.node,
    field({ label: "Fallback message", name: "fallback_message", control: message, hint: "What the customer reads when a handoff comes outside office hours, or goes to a rep who has left HubSpot. Empty: nothing is sent." }),
    h("div", { class: "split" },
      field({ label: "If nobody takes it within minutes", name: "handoff_timeout_minutes", control: minutes, hint: "60 is an hour, 1440 a day, 10080 a week; counted while people are there. Empty: it waits for whoever looks." }),
      field({ label: "Then it goes to", name: "fallback_assignee", control: rep, hint: "Gets the conversation and its ticket." })));
}
