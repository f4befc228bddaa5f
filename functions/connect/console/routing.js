// Who gets which handoff: rules from top to bottom, the first that fits wins.
import { get, patch } from "./api.js";
import { fill, h } from "./dom.js";
import { busy, button, card, empty, fieldGroup, loaded, select, showProblem, toast, field } from "./ui.js";
import { CHANNELS, HANDOFF_REASONS, SENTIMENTS } from "./words.js";
import { pairs } from "./pairs.js";
import { is, person } from "./people.js";
import { offerAfterSettings } from "./mended.js";

export function render({ main, heading, signal, again }) {
  heading("Routing", "Who gets a handed-off conversation and its ticket. The first rule that fits wins; without one, the default user gets it.");
  const place = h("div");
  main.append(place);
  loaded(place, async () => {
    const [settings, team] = await Promise.all([get("/api/settings", signal), get("/api/teammates", signal).catch((error) => {
      if (error.name === "AbortError") throw error;
      return {};
    })]);
    return { settings, team };
  }, (found) => editor(found, again));
}

function editor({ settings, team }, again) {
  const rules = [];
  const list = h("div", { class: "stack" });
  const none = empty("route", "No rules", "Every handoff goes to the default user.");
  const draw = () => fill(list, rules.length ? rules.map((rule, at) => framed(rule, at)) : none);
  const move = (at, by) => {
    const [rule] = rules.splice(at, 1);
    rules.splice(at + by, 0, rule);
    draw();
  };
  const framed = (rule, at) => h("div", { class: "rule", role: "group", "aria-label": `Rule ${at + 1}` },
    h("div", { class: "row between" }, h("h3", {}, `Rule ${at + 1}`), h("div", { class: "row" },
      button("", () => move(at, -1), { icon: "up", kind: "icon", label: `Move rule ${at + 1} up`, disabled: at === 0 }),
      button("", () => move(at, 1), { icon: "down", kind: "icon", label: `Move rule ${at + 1} down`, disabled: at === rules.length - 1 }),
      button("", () => {
        rules.splice(at, 1);
        draw();
      }, { icon: "bin", kind: "icon", label: `Remove rule ${at + 1}` }))),
    rule.node);
  for (const rule of settings.routing ?? []) rules.push(one(rule, team));
  draw();
  const add = button("Add a rule", async () => {
    rules.push(one({ when: {}, assign: "" }, team));
    draw();
    list.lastElementChild.querySelector("select, input").focus();
  });
  const save = h("button", { class: "primary", type: "submit" }, "Save rules");
  const form = h("form", { class: "stack", novalidate: true }, card({ heading: "Rules", actions: add }, fieldGroup({ label: h("span", { class: "sr" }, "Rules"), name: "routing" }, list), h("div", {}, save)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const routing = rules.map((rule) => rule.read());
    const missing = routing.findIndex((rule) => !rule.assign);
    if (missing >= 0) return showProblem(form, { field: "routing", message: `Rule ${missing + 1} says nobody: choose who gets the conversation, or remove the rule.` });
    busy(save, async () => {
      await patch("/api/settings", { routing, version: settings.version });
      toast("Saved");
      await again();
      offerAfterSettings(["routing"]);
    }, (problem) => {
      if (problem.status !== 409) return showProblem(form, problem);
      toast("Somebody else has changed the settings meanwhile. The page shows theirs now.", "bad");
      again();
      return true;
    });
  });
  return form;
}

function one({ when = {}, assign = "" }, team) {
  const any = (rows, value) => select([["", "Any"], ...Object.entries(rows)], value);
  const channel = any(CHANNELS, when.channel);
  const sentiment = any(SENTIMENTS, when.sentiment);
  const reason = any(HANDOFF_REASONS, when.reason);
  const language = h("input", { type: "text", value: when.language ?? "", placeholder: "any, or en, de …" });
  const data = pairs(texts(when.custom_data), ["Custom data", "Is"], "And where custom data is …");
  const known = !assign || team.teammates?.some((mate) => is(mate, assign));
  const who = known ? person(team, assign, {}, "Choose a teammate") : h("input", { type: "text", value: assign });
  const node = h("div", { class: "stack" },
    h("div", { class: "grid4" }, field({ label: "Channel", control: channel }), field({ label: "Language", control: language }), field({ label: "Mood", control: sentiment }), field({ label: "Why the AI handed off", control: reason })),
    data.node,
    field({ label: "Goes to", control: who, hint: known ? null : "A-12345, an owner id or an e-mail address." }));
  const read = () => {
    const found = { channel: channel.value, language: language.value.trim(), sentiment: sentiment.value, reason: reason.value };
    const rule = Object.fromEntries(Object.entries(found).filter(([, value]) => value));
    const custom = data.read();
    if (Object.keys(custom).length) rule.custom_data = custom;
    return { when: rule, assign: who.value.trim() };
  };
  return { node, read };
}

const texts = (data) => Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]));
