// Draws the sandbox and keeps it up to date.
import { fill, glyph, h } from "/dom.js";
import { button, notice, toast } from "/ui.js";
import { customer, inbox, opencx } from "./columns.js";
import { World } from "./world.js";

const STORY = [
  ["wrote", "Write as the customer"],
  ["answered", "The AI answers"],
  ["asked", "Ask for a human"],
  ["ticket", "A ticket opens"],
  ["replied", "Reply as Rita"],
  ["resolved", "Resolve in OpenCX"],
  ["closed", "15 s later the ticket closes"],
];

const shell = document.getElementById("shell");
const world = new World();

function story() {
  const next = STORY.find(([name]) => !world.seen.has(name))?.[0];
  return STORY.map(([name, text], at) => {
    const done = world.seen.has(name);
    return h("li", { class: done ? "done" : name === next ? "next" : "", "aria-current": name === next ? "step" : null },
      h("i", { "aria-hidden": "true" }, done ? glyph("check") : String(at + 1)), h("span", {}, text, done && h("span", { class: "sr" }, " (done)")));
  });
}

function trouble() {
  const act = (what, text) => button(text, async () => {
    await world.breakNext(what);
    toast("Now write something, and see that it goes through once all the same");
  });
  return h("details", { class: "fold" }, h("summary", {}, "Break something"),
    h("p", { class: "muted small" }, "The next calls fail in a nasty way. Nothing is lost, and nobody is answered twice."),
    h("div", { class: "row" }, act("answer", "Lose OpenCX's next answer"), act("posting", "Lose HubSpot's next answer to a post"), act("outage", "HubSpot is down for 12 calls")));
}

function closed(reason) {
  fill(shell, h("main", { class: "gate", id: "main", tabindex: "-1" }, h("h1", {}, "Sandbox"), notice("", "There is nothing to play with here", h("p", {}, reason), h("p", {}, "Start the runner without ", h("code", {}, "--hubspot-url"), " and ", h("code", {}, "--opencx-url"), ": it brings simulators of both."))));
}

async function start() {
  try {
    await world.enter();
  } catch (error) {
    return closed(error.message);
  }
  const steps = h("ol", { class: "story", "aria-label": "The story" });
  const drawn = [];
  const refresh = async () => {
    await world.look();
    draw();
  };
  const draw = () => {
    fill(steps, story());
    for (const column of drawn) column.draw();
  };
  drawn.push(customer(world, refresh), inbox(world, refresh), opencx(world, refresh));
  const brand = h("div", { class: "brand" }, h("img", { src: "/icon.svg", alt: "" }), h("h1", {}, "Sandbox"));
  fill(shell, h("header", { class: "top" }, brand, h("a", { class: "button", href: `/#token=${world.token}`, target: "_blank", rel: "noopener" }, "Open the console")),
    h("main", { id: "main", tabindex: "-1" }, steps, h("div", { class: "columns" }, drawn.map((column) => column.node)), trouble()));
  draw();
  let failing = false;
  // One look after the other, so that a slow one does not pile up others.
  const watch = async () => {
    try {
      if (!document.hidden) await refresh();
      failing = false;
    } catch (error) {
      if (!failing) toast(error.message, "bad");
      failing = true;
    }
    setTimeout(watch, world.closesAt ? 500 : 1_000);
  };
  watch();
}

start();
