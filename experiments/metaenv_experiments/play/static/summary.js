// Who the patient is, and how it stands, in words.

import { $, brief, fill, h, plain, years } from "./dom.js";

const RESPONSES = { CR: "complete response", PR: "partial response", SD: "stable disease", PD: "progressive disease" };

function outcome(view) {
  const last = view.visits.at(-1), cause = view.clinic.causes[last.cause];
  if (last.cause) return `The patient has died of ${plain(cause)}.`;
  return view.over ? "The patient is alive at the end of follow-up." : "";
}

export function drawSummary(view) {
  const { setup, clinic, visits, worth } = view, last = visits.at(-1);
  const off = setup.without.length ? `, without ${setup.without.map(plain).join(", ")}` : "";
  const fact = (name, value) => h("span", {}, `${name} `, h("b", {}, value));
  const response = last.scan_day ? RESPONSES[clinic.responses[last.response]] : "baseline";
  fill($("summary"),
    h("h2", {}, clinic.title), fact("patient", `${setup.patient}${off}`), fact("day", `${last.day.toFixed(0)} (${years(last.day)} years)`),
    fact("last scan", response), fact(clinic.marker, `${brief(last.marker)} ${clinic.marker_unit}`),
    fact("progression", last.progression_day >= 0 ? `day ${last.progression_day.toFixed(0)}` : "none"),
    fact("quality-adjusted years so far", worth.toFixed(2)),
    view.over ? h("p", { class: "outcome", id: "outcome" }, outcome(view)) : "");
}

/** The last visit in one line, for who listens. */
export function inWords(view) {
  const last = view.visits.at(-1);
  return `Day ${last.day.toFixed(0)}. ${view.clinic.marker} ${brief(last.marker)}. ${last.lesions.length} lesions seen. ` +
    `${view.worth.toFixed(2)} quality-adjusted years. ${outcome(view)}`;
}
