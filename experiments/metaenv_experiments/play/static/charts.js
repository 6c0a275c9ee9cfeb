// What the clinic has measured and given so far.

import { lineChart, frame, scales } from "./axes.js";
import { brief, fill, h, picture, plain, s, years } from "./dom.js";

const BAND = 24; // pixels, of a drug

/** How long an axis is: a year at least, and a little more than has been. */
export const span = (days) => Math.max(365, days * 1.03);

/** Doses of every drug, visit by visit: an outline is what was prescribed, the filling what was given. */
export function doseChart({ drugs, visits, until, width, procedures }) {
  const height = BAND * (drugs.length + (procedures.length ? 1 : 0)) + 26;
  const scale = scales({ width, height, until, high: 1, left: 126 }), parts = frame(scale, false);
  drugs.forEach((drug, k) => {
    const foot = 6 + BAND * (k + 1) - 3, tall = BAND - 7;
    parts.push(s("text", { class: "strong", x: 0, y: foot - 4 }, drug.length > 20 ? `${drug.slice(0, 19)}…` : drug));
    visits.slice(1).forEach((visit, v) => {
      const left = scale.x(visits[v].day), wide = Math.max(1, scale.x(visit.day) - left - 0.7);
      const given = Math.min(1, visit.given[k]);
      if (given > 0)
        parts.push(s("rect", { class: "given", x: left, width: wide, y: foot - tall * given, height: tall * given }));
      if (visit.prescribed[k] > given)
        parts.push(s("rect", { class: "asked", x: left, width: wide, y: foot - tall * visit.prescribed[k], height: tall * visit.prescribed[k] }));
      if (visit.held[k])
        parts.push(s("path", { class: "heldmark", d: `M${left} ${foot}l${wide} ${-tall}` }));
    });
  });
  if (procedures.length) {
    const middle = 6 + BAND * drugs.length + BAND / 2;
    parts.push(s("text", { class: "strong", x: 0, y: middle + 4 }, "local therapy"));
    visits.slice(1).forEach((visit, v) => {
      if (!visit.procedure) return;
      const x = scale.x(visits[v].day);
      parts.push(s("path", { class: "p1", d: `M${x} ${middle - 7}l6 13h-12z` }, s("title", {}, procedures[visit.procedure])));
      parts.push(s("text", { x: x + 8, y: middle + 4 }, procedures[visit.procedure]));
    });
  }
  const means = drugs.map((drug, k) =>
    `${drug} ${visits.length > 1 ? brief((100 * visits.slice(1).reduce((sum, v) => sum + v.given[k], 0)) / (visits.length - 1)) : 0} %`);
  return h("div", {}, h("h3", {}, "Doses: filled as given, outlined as prescribed, struck through where held"),
    picture(width, height, `Doses. Mean share of full dose so far: ${means.join("; ")}.`, parts));
}

/** All charts of the clinic. */
export function drawCharts(into, view) {
  const { clinic, visits } = view, width = Math.max(260, into.clientWidth - 30);
  const days = visits.map((visit) => visit.day), until = span(days.at(-1));
  const scans = visits.filter((visit) => visit.scanned);
  const last = visits.at(-1), common = { until, width };
  const moments = last.progression_day >= 0 ? [[last.progression_day, `progression on day ${last.progression_day.toFixed(0)}`]] : [];
  const line = (k) => `l${Math.min(k, 5)}`;
  fill(into,
    h("h2", {}, "Course"),
    doseChart({ ...common, drugs: clinic.drugs.map((drug) => plain(drug.name)), visits, procedures: clinic.procedures }),
    lineChart({ ...common, title: clinic.marker, unit: clinic.marker_unit, log: true, moments,
      series: [{ name: clinic.marker, kind: "l0", days, values: visits.map((visit) => visit.marker) }] }),
    lineChart({ ...common, title: "Sum of diameters", unit: "mm", moments, series: [{ name: "sum", kind: "l1", dots: true,
      days: scans.map((visit) => visit.day), values: scans.map((visit) => visit.sum_of_diameters) }] }),
    lineChart({ ...common, title: "Tumour DNA in blood with a resistance trait", unit: "share", high: 1, height: 95,
      series: clinic.traits.map((name, k) => ({ name, kind: line(k), days, dots: true,
        values: visits.map((visit) => (visit.sequenced ? visit.alleles[k] : null)) })) }),
    lineChart({ ...common, title: "Neutrophils", unit: "1e9/L", height: 95,
      levels: [[clinic.dosing_neutrophils, `no infusion below ${clinic.dosing_neutrophils}`]],
      series: [{ name: "neutrophils", kind: "l3", days, values: visits.map((visit) => visit.neutrophils) }] }),
    lineChart({ ...common, title: "Toxicity", unit: "grade", high: 4, height: 95,
      series: clinic.toxicities.map((name, k) => ({ name: plain(name), kind: line(k), days,
        values: visits.map((visit) => visit.grades[k]) })) }),
    courseTable(view),
  );
}

function courseTable({ clinic, visits }) {
  const heads = ["day", clinic.marker, "sum, mm", "response", "neutrophils", ...clinic.drugs.map(({ name }) => plain(name))];
  const row = (visit) => [visit.day.toFixed(0), brief(visit.marker), visit.sum_of_diameters.toFixed(0),
    clinic.responses[visit.response], visit.neutrophils.toFixed(1), ...visit.given.map((dose) => dose.toFixed(2))];
  return h("details", {}, h("summary", {}, `The ${visits.length} visits as a table, ${years(visits.at(-1).day)} years`),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "visits" }, h("table", {},
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, visits.map((visit) => h("tr", {}, row(visit).map((cell) => h("td", {}, cell))))))));
}
