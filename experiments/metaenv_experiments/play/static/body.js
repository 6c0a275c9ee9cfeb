// The body and the lesions of the last scan.

import { fill, h, picture, plain, s } from "./dom.js";

const TALL = 330, WIDE = 270, TOP = 8; // pixels
const PER_MM = 0.0019, SMALLEST = 0.0065; // heights of the figure: lesions are drawn larger than the body

const at = ([x, y]) => [WIDE / 2 + x * TALL, TOP + y * TALL];
const points = (shape) => shape.map((point) => at(point).map((v) => v.toFixed(1)).join(",")).join(" ");
const mirrored = (shape) => shape.map(([x, y]) => [-x, y]);

function figure(body) {
  const parts = [];
  const [x, y, wide, high] = body.head;
  for (const side of [(shape) => shape, mirrored]) {
    const arm = side(body.arm.map(([a, b]) => [a, b]));
    parts.push(s("polygon", { class: "skin", points: points([...side(body.trunk), [0, 1], [0, 0.15]]) }));
    parts.push(s("polyline", { class: "limb", points: points(arm), "stroke-width": 0.058 * TALL }));
  }
  const [hx, hy] = at([x, y]);
  parts.push(s("ellipse", { class: "skin", cx: hx, cy: hy, rx: wide * TALL, ry: high * TALL }));
  for (const side of [(shape) => shape, mirrored])
    body.bones.forEach((bone, k) =>
      parts.push(s("polyline", { class: "bone", points: points(side(bone)), "stroke-width": [5, 8, 3][k] })));
  if (body.spine)
    parts.push(s("polyline", { class: "bone", points: points(body.spine.map((v) => [0, v])), "stroke-width": 7,
      "stroke-dasharray": "8 10" }));
  body.shapes.forEach((shape) => parts.push(s("polygon", { class: "organ", points: points(shape) })));
  if (body.brain) {
    const [bx, by] = at(body.brain);
    parts.push(s("ellipse", { class: "organ", cx: bx, cy: by, rx: body.brain[2] * TALL, ry: body.brain[3] * TALL }));
  }
  return parts;
}

function label(organ, found) {
  const [, y] = at([0, organ.label]), x = organ.left ? 2 : WIDE - 2;
  const [px, py] = at(organ.point);
  const anchor = organ.left ? "start" : "end", reach = organ.name.length * 6.2 * (organ.left ? 1 : -1);
  return [
    s("line", { class: "pointer", x1: x + reach, y1: y - 4, x2: px, y2: py }),
    s("text", { class: "strong", x, y, "text-anchor": anchor }, organ.name),
    s("text", { x, y: y + 13, "text-anchor": anchor }, found.count ? `${found.count}, ${found.sum.toFixed(0)} mm` : "none"),
  ];
}

/** Draw the last scan. */
export function drawBody(into, view) {
  const visit = view.visits.at(-1), organs = view.clinic.organs;
  const found = organs.map((name, k) => {
    const here = visit.lesions.filter((lesion) => lesion.organ === k);
    return { name, count: here.length, sum: here.reduce((sum, lesion) => sum + lesion.diameter, 0) };
  });
  const discs = [...visit.lesions].sort((a, b) => b.diameter - a.diameter).map((lesion) => {
    const [cx, cy] = at(lesion.place);
    const r = Math.max(SMALLEST, 0.5 * PER_MM * lesion.diameter) * TALL;
    return s("circle", { class: "lesion", cx, cy, r },
      s("title", {}, `${plain(organs[lesion.organ])}, ${lesion.diameter.toFixed(0)} mm`));
  });
  const words = found.map(({ name, count, sum }) => `${name}: ${count ? `${count}, sum ${sum.toFixed(0)} mm` : "none"}`);
  fill(into,
    h("h2", {}, `Scan of day ${visit.scan_day.toFixed(0)}`),
    h("p", { class: "quiet" }, visit.lesions.length
      ? `${visit.lesions.length} seen, sum of diameters ${visit.sum_of_diameters.toFixed(0)} mm` : "nothing seen"),
    picture(WIDE, TALL + TOP, `Lesions of the last scan. ${words.join("; ")}.`,
      figure(view.clinic.body), view.clinic.body.organs.map((organ, k) => label(organ, found[k])), discs),
    h("details", {}, h("summary", {}, "Lesions as a list"),
      h("ul", {}, [...visit.lesions].sort((a, b) => b.diameter - a.diameter)
        .map((lesion) => h("li", {}, `${organs[lesion.organ]}, ${lesion.diameter.toFixed(1)} mm`)))),
  );
}
