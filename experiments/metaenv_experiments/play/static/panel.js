// Doses and everything else that can be done at a visit; each with the key that does it.

import { $, fill, h, plain } from "./dom.js";

const button = (id, key, words, attributes = {}) =>
  h("button", { id, type: "button", "aria-keyshortcuts": key, ...attributes }, words, h("kbd", {}, key.toUpperCase()));

function entry(name, key, labels, level, allowed, blocked) {
  const group = `entry-${key}`;
  const radios = labels.map((label, k) => h("label", {},
    h("input", { type: "radio", name: group, id: `${group}-${k}`, value: k, checked: k === level, disabled: blocked && !allowed[k] }), plain(label)));
  const held = !blocked && allowed.some((may) => !may);
  return h("fieldset", { "data-entry": true }, h("legend", {}, h("kbd", {}, key.toUpperCase()), plain(name)),
    h("div", { class: "levels" }, radios),
    held ? h("p", { class: "held" }, "would be held now: toxicity, or all cycles given") : null);
}

/** What is chosen in the panel, a level for each entry. */
export const chosen = () =>
  [...document.querySelectorAll("#panel [data-entry]")].map((set) => Number(set.querySelector("input:checked").value));

/** The next level of an entry that may be chosen. */
export function cycle(number) {
  const radios = [...document.querySelectorAll("#panel [data-entry]")][number].querySelectorAll("input");
  const open = [...radios].filter((radio) => !radio.disabled);
  const next = open[(open.findIndex((radio) => radio.checked) + 1) % open.length];
  next.checked = true;
  return next.closest("fieldset").querySelector("legend").lastChild.textContent + " " + next.parentElement.textContent;
}

/** Draw the panel for a visit; the doses of the last visit stay chosen, a procedure does not. */
export function drawPanel(into, view, levels) {
  const { clinic, allowed, over, choices, visits } = view, drugs = clinic.drugs.length;
  const begun = choices.length > 0, doctor = into.querySelector("#doctor")?.value;
  const entries = clinic.drugs.map((drug, k) => entry(drug.name, String(k + 1), clinic.levels, levels[k], allowed[k], false));
  if (clinic.procedures.length) entries.push(entry("local therapy", "l", clinic.procedures, 0, allowed[drugs], true));
  const infused = clinic.drugs.filter((drug) => drug.most_cycles > 0)
    .map((drug) => `${plain(drug.name)} ${Math.round(visits.at(-1).cycles[clinic.drugs.indexOf(drug)] * drug.most_cycles)} of ${drug.most_cycles} cycles`);
  fill(into,
    h("h2", {}, over ? "The course has ended" : "Treat"),
    over ? null : entries, over || !infused.length ? "" : h("p", { class: "quiet" }, `Given so far: ${infused.join(", ")}.`),
    h("div", { class: "buttons" },
      button("treat", "v", "Until next visit", { class: "main", disabled: over }),
      button("scan", "s", "Until next scan", { disabled: over }),
      button("repeat", "r", "Repeat last", { disabled: over || !begun }),
      button("undo", "u", "Undo", { disabled: !begun })),
    h("h3", {}, "Others"),
    h("div", { class: "buttons" }, button("ask", "a", "What would each do now?", { disabled: over })),
    h("div", { id: "advice", "aria-live": "polite" }),
    h("div", { class: "buttons" },
      h("select", { id: "doctor", "aria-label": "who plays on", disabled: over }, clinic.doctors.map(({ name, kind }) =>
        h("option", { value: name, selected: doctor ? name === doctor : kind === "learner" }, name))),
      button("play-on", "p", "plays on to the end", { disabled: over })),
    h("h3", {}, "This game"),
    h("div", { class: "buttons" },
      button("reveal", "t", view.revealed ? "Truth again" : "Reveal the truth", { class: over ? "main" : null }),
      button("copy", "c", "Copy link"), button("export", "e", "Export CSV"), button("new", "n", "New game")),
    h("p", { class: "quiet" }, "The link brings this game back to the same bits: before a new game, or by metaenv play --link."),
  );
}

/** What everybody would give now. */
export function drawAdvice(advice, clinic) {
  const words = (choice) => choice.map((level, k) =>
    k < clinic.drugs.length ? `${plain(clinic.drugs[k].name)} ${clinic.levels[level]}` : clinic.procedures[level]).join(", ");
  fill($("advice"), h("dl", {}, advice.flatMap(({ name, choice }) =>
    [h("dt", {}, h("b", {}, name)), h("dd", {}, words(choice))])));
}
