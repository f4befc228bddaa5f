// Choosing a teammate.
import { h } from "./dom.js";
import { select } from "./ui.js";

/** A list of people where HubSpot names them, else a field for the id. A saved owner id or address stays as it is. */
export function person(team, value, attributes = {}, none = "Nobody chosen") {
  if (!team.teammates?.length) return h("input", { type: "text", placeholder: "A-12345", value: value ?? "", ...attributes });
  const name = (mate) => `${mate.name || mate.email || mate.actor_id}${mate.active ? "" : " (deactivated)"}`;
  const id = (mate) => (is(mate, value) ? value : mate.actor_id);
  return select([["", none], ...team.teammates.map((mate) => [id(mate), name(mate)])], value, attributes);
}

/** Whether `value` (`A-12345`, an owner id or an address) names this teammate. */
export const is = (mate, value) => Boolean(value) && [mate.actor_id, mate.owner_id, mate.email].includes(value);
