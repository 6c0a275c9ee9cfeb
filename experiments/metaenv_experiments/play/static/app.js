// The page: asks the server, draws what it answers, listens to keys.

import * as api from "./api.js";
import { drawBody } from "./body.js";
import { drawCharts } from "./charts.js";
import { $, h } from "./dom.js";
import { chosen, cycle, drawAdvice, drawPanel } from "./panel.js";
import { prepare } from "./start.js";
import { drawSummary, inWords } from "./summary.js";
import { drawTruth } from "./truth.js";

let view = null, found = null, queue = Promise.resolve();

function say(words) {
  $("said").textContent = words;
}

function problem(words) {
  $("problem").textContent = words;
  $("problem").hidden = !words;
}

/** One thing after the other; what goes wrong is said. */
function doing(work) {
  queue = queue.then(() => attempt(work));
}

async function attempt(work) {
  document.body.setAttribute("aria-busy", "true");
  problem("");
  try {
    await work();
  } catch (error) {
    if (!(error instanceof api.Problem)) console.error(error);
    problem(error.message);
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

function draw() {
  const focused = document.activeElement?.id, levels = view.choices.at(-1) ?? view.clinic.drugs.map(() => 0);
  $("start").hidden = true;
  $("game").hidden = false;
  drawSummary(view);
  drawPanel($("panel"), view, levels);
  drawBody($("body"), view);
  drawCharts($("charts"), view);
  if (focused && $(focused)) ($(focused).disabled ? $("reveal") : $(focused)).focus({ preventScroll: true });
}

/** Show the game as it now is. */
function show(next) {
  view = next;
  found = null;
  $("truth").hidden = true;
  history.replaceState(null, "", `#${view.link}`);
  document.title = `${view.setup.disease} ${view.setup.patient}, metaenv play`;
  const first = $("game").hidden;
  draw();
  if (first) $("summary").focus({ preventScroll: true });
  say(inWords(view));
}

function newGame() {
  view = found = null;
  $("game").hidden = true;
  $("start").hidden = false;
  history.replaceState(null, "", "#");
  document.title = "metaenv play";
  $("link").value = "";
  $("begin").focus({ preventScroll: true });
}

async function truth() {
  found = await api.reveal();
  view.revealed = true;
  drawPanel($("panel"), view, view.over ? last() : chosen());
  $("truth").hidden = false;
  drawTruth($("truth"), view, found);
  $("truth").focus({ preventScroll: true });
  $("truth").scrollIntoView({ block: "start" });
  say(found.sentence);
}

async function save() {
  const address = URL.createObjectURL(await api.table());
  h("a", { href: address, download: `${view.setup.disease}-${view.setup.patient}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  say("the course was saved");
}

async function copy() {
  try {
    await navigator.clipboard.writeText(view.link);
    say("the link was copied");
    $("copy").firstChild.textContent = "Copied";
  } catch {
    problem(`the browser allows no copy; this is the link: ${view.link}`);
  }
}

const last = () => view.choices.at(-1);
const ACTIONS = {
  treat: async () => show(await api.treat(chosen(), "visit")),
  scan: async () => show(await api.treat(chosen(), "scan")),
  repeat: async () => show(await api.treat(view.clinic.procedures.length ? [...last().slice(0, -1), 0] : last(), "visit")),
  undo: async () => show(await api.undo()),
  ask: async () => drawAdvice(await api.advice(), view.clinic),
  "play-on": async () => show(await api.playOn($("doctor").value, "end")),
  reveal: truth,
  copy,
  export: save,
  new: async () => newGame(),
};

$("panel").addEventListener("click", (event) => {
  const id = event.target.closest("button")?.id;
  if (id in ACTIONS) doing(ACTIONS[id]);
});

/** What a key does, in its turn; whether it does anything. */
function press(key) {
  const entries = view.clinic.drugs.map((_, k) => String(k + 1)).concat(view.clinic.procedures.length ? ["l"] : []);
  const button = document.querySelector(`#panel button[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (entries.includes(key)) doing(async () => view.over || say(cycle(entries.indexOf(key))));
  else if (button) doing(async () => $(button.id)?.disabled || ACTIONS[button.id]());
  return entries.includes(key) || button !== null;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input:not([type=radio]):not([type=checkbox]), select");
  if (!view || typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (press(event.key.toLowerCase())) event.preventDefault();
});

let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (!view) return;
    drawCharts($("charts"), view);
    if (found) drawTruth($("truth"), view, found);
  }, 150);
});

/** What the address asks for: a game, a disease, or nothing. */
async function follow() {
  const fragment = location.hash.slice(1), asked = new URLSearchParams(fragment);
  if (asked.has("patient")) return show(await api.begin({ link: fragment }));
  newGame();
  if (asked.has("disease")) {
    $("disease").value = asked.get("disease");
    $("disease").dispatchEvent(new Event("change"));
  }
}

addEventListener("hashchange", () => doing(follow));
doing(async () => {
  prepare(await api.choices(), (asked) => doing(async () => show(await api.begin(asked))));
  try {
    await follow();
  } catch (error) {
    newGame();
    throw error;
  }
});
