// What no clinic knows, and the same patient under everybody else.

import { frame, lineChart, path, scales } from "./axes.js";
import { fill, h, key, picture, plain, s, years } from "./dom.js";

const COLOURS = 8; // of clones; the others are drawn as the rest
const ROW = 7; // pixels, of a lesion

const total = (clones) => clones.reduce((sum, cells) => sum + cells, 0);
const colour = (rank) => (rank < COLOURS ? `f${rank}` : "frest");

/** Clones by how large a share they ever had, in any course; the sensitive one first, so that colours never change. */
function ranked(found) {
  const largest = found.clones.map((_, k) =>
    Math.max(...found.courses.flatMap((course) => course.clones.map((clones) => clones[k] / (total(clones) || 1)))));
  const others = found.clones.map((_, k) => k).slice(1).filter((k) => largest[k] > 0.01).sort((a, b) => largest[b] - largest[a]);
  return [0, ...others];
}

/** Shares of clones over time, one upon the other. */
function muller(course, names, order, width, until) {
  const height = 170, scale = scales({ width, height, until, high: 1 }), bands = [];
  let below = course.day.map(() => 0);
  order.forEach((clone, rank) => {
    const above = course.clones.map((clones, k) => below[k] + (total(clones) ? clones[clone] / total(clones) : 0));
    const edge = (values) => values.map((value, k) => [scale.x(course.day[k]), scale.y(value)]);
    bands.push(s("path", { class: `band ${colour(rank)}`, d: `${path([...edge(above), ...edge(below).reverse()])}Z` },
      s("title", {}, names[clone])));
    below = above;
  });
  const last = course.clones.at(-1);
  const words = order.map((clone) => `${names[clone]} ${Math.round((100 * last[clone]) / (total(last) || 1))} %`);
  return h("div", {}, h("h3", {}, "Clones, share of all cells"),
    key(order.map((clone, rank) => [colour(rank), names[clone]])),
    picture(width, height, `Clones, shares at the end: ${words.join("; ")}.`, frame(scale), bands));
}

function cells(course, width, until) {
  const line = (name, kind, values) => ({ name, kind, days: course.day, values: values.map((v) => Math.max(v, 1)) });
  return lineChart({ title: "Cells", unit: "all, hidden from scans, sleeping, single", width, until, height: 170, log: true, low: 1,
    series: [line("all", "l0", course.clones.map(total)), line("hidden from scans", "l1", course.hidden),
      line("sleeping", "l3", course.sleeping), line("single", "l2", course.single)] });
}

/** Every lesion as a row: the stronger its colour the more cells, blue while sensitive cells lead, vermillion where resistant ones do. */
function lesions(course, organs, width, until) {
  const tops = [];
  course.lesions.forEach(({ organ }, row) => // names of organs need room
    tops.push(row ? tops[row - 1] + (course.lesions[row - 1].organ === organ ? ROW : Math.max(ROW, 13)) : 6));
  const height = (tops.at(-1) ?? 0) + ROW + 20, scale = scales({ width, height, until, high: 1, left: 60 });
  const parts = frame(scale, false);
  course.lesions.forEach((lesion, row) => {
    const top = tops[row], before = course.lesions[row - 1];
    if (!before || before.organ !== lesion.organ)
      parts.push(s("text", { class: "strong", x: 0, y: top + 8 }, organs[lesion.organ]));
    for (const { first, last, look } of stretches(lesion)) {
      if (!look) continue;
      const x = scale.x(course.day[first]), end = scale.x(course.day[Math.min(last + 1, course.day.length - 1)]);
      const [kind, decade, seen] = look.split(" ");
      const box = { x, y: top, width: Math.max(1.5, end - x), height: ROW - 2 };
      parts.push(kind === "asleep" ? s("rect", { ...box, class: "asleep" })
        : s("rect", { ...box, class: kind === "resistant" ? "f1" : "f5", "fill-opacity": (0.12 + 0.08 * decade).toFixed(2) }));
      if (seen === "1") parts.push(s("line", { class: "seen", x1: box.x, x2: box.x + box.width, y1: top + ROW - 1.5, y2: top + ROW - 1.5 }));
    }
  });
  const never = course.lesions.filter(({ seen }) => !seen.includes(1)).length;
  return h("div", {}, h("h3", {}, "Every lesion"),
    h("p", { class: "quiet" }, "The stronger the colour, the more cells; blue: mostly sensitive, vermillion: mostly resistant; dashed: all asleep; underlined: on the last scan."),
    picture(width, height, `${course.lesions.length} lesions in all, ${never} never seen on a scan.`, parts));
}

/** Runs of visits at which a lesion looked the same. */
function stretches(lesion) {
  const looks = lesion.cells.map((count, k) => {
    if (count <= 0) return "";
    const kind = lesion.sleeping[k] >= count ? "asleep" : lesion.resistant[k] > 0.5 ? "resistant" : "sensitive";
    return `${kind} ${Math.min(11, Math.floor(Math.log10(count)))} ${lesion.seen[k]}`;
  });
  const runs = [];
  looks.forEach((look, k) => (k && runs.at(-1).look === look ? (runs.at(-1).last = k) : runs.push({ first: k, last: k, look })));
  return runs;
}

function courses(found, chosen, choose, causes) {
  const row = (course, k) => h("tr", {},
    h("td", {}, h("label", {}, h("input", { type: "radio", name: "course", value: k, checked: k === chosen, onchange: () => choose(k) }),
      " ", h("b", {}, course.by), course.note ? h("small", {}, ` ${course.note}`) : null)),
    h("td", { class: "number" }, course.worth.toFixed(2)), h("td", { class: "number" }, years(course.days)),
    h("td", {}, course.cause ? `died of ${plain(causes[course.cause])}` : course.over ? "alive at the end" : "not over"));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "the same patient under everybody" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "The same patient, the same luck"),
      h("th", { scope: "col", class: "number" }, "quality-adjusted years"), h("th", { scope: "col", class: "number" }, "years"),
      h("th", { scope: "col" }, "end"))),
    h("tbody", {}, found.courses.map(row))));
}

function everybody(found, chosen, width, until) {
  return lineChart({ title: "All cells, under everybody", width, until, height: 170, log: true,
    series: found.courses.map((course, k) => ({ name: course.by, kind: `l${Math.min(k, 5)}`, days: course.day, wide: k === chosen,
      values: course.clones.map((clones) => Math.max(1, total(clones))) })) });
}

function given(course, drugs, width, until) {
  const later = course.given.slice(1), days = later.flatMap((_, v) => [course.day[v], course.day[v + 1]]);
  return lineChart({ title: "Doses given", unit: "share of full dose", width, until, height: 170, high: 1.05,
    series: drugs.map(({ name }, k) => ({ name: plain(name), kind: `l${Math.min(k, 5)}`, days,
      values: later.flatMap((doses) => Array(2).fill(Math.min(1, doses[k]))) })) });
}

/** Draw the truth of one of the courses beside all of them. */
export function drawTruth(into, view, found, chosen = 0, focus = false) {
  const course = found.courses[chosen], order = ranked(found), inner = Math.max(260, into.clientWidth - 30);
  const width = inner > 900 ? (inner - 24) / 2 : inner;
  const longest = Math.max(365, ...found.courses.map(({ days }) => days)), until = Math.max(365, course.days);
  fill(into,
    h("h2", {}, "The truth"), h("p", { class: "sentence", id: "sentence" }, found.sentence),
    courses(found, chosen, (k) => drawTruth(into, view, found, k, true), view.clinic.causes),
    h("h2", {}, `Under ${course.by}`),
    h("div", { class: "pair" }, muller(course, found.clones, order, width, until), cells(course, width, until),
      given(course, view.clinic.drugs, width, until), everybody(found, chosen, width, longest)),
    lesions(course, view.clinic.organs, inner, until),
  );
  if (focus) into.querySelector(`input[value="${chosen}"]`).focus();
}
