// A time axis, an axis of values, and what is drawn between them.

import { brief, h, key, picture, s } from "./dom.js";

const LEFT = 46, RIGHT = 10, TOP = 6, FOOT = 18; // pixels

/** Even steps of 1, 2 or 5 from 0, at most `most`. */
function steps(top, most) {
  const raw = top / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= raw * 0.999);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, k) => k * step);
}

function decades(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high)), stride = Math.ceil((last - first) / 4);
  return Array.from({ length: last - first + 1 }, (_, k) => first + k).filter((k) => (k - first) % stride === 0)
    .map((k) => 10 ** k);
}

/** Scales of a chart: day and value to pixels. */
export function scales({ width, height, until, low = 0, high, log = false, left = LEFT }) {
  const bottom = height - FOOT, inside = width - left - RIGHT;
  const map = log ? (v) => Math.log10(Math.max(v, low)) : (v) => v;
  const from = map(low), to = Math.max(map(high), from + 1e-9);
  return {
    width, height, until, left, bottom, top: TOP, log, low, high,
    x: (day) => left + (inside * day) / until,
    y: (value) => bottom - ((bottom - TOP) * (map(value) - from)) / (to - from),
  };
}

/** Frame, ticks and numbers; in years where there are many. */
export function frame(scale, numbers = true) {
  const { x, y, left, bottom, top, until, width } = scale, parts = [];
  const unit = until > 730 ? 365.25 : 1;
  for (const tick of steps(until / unit, width < 420 ? 5 : 8)) {
    const px = x(tick * unit);
    parts.push(s("line", { class: "grid", x1: px, x2: px, y1: top, y2: bottom }));
    parts.push(s("text", { x: px, y: bottom + 13, "text-anchor": "middle" },
      tick === 0 ? (unit === 1 ? "day 0" : "year 0") : brief(tick)));
  }
  if (numbers)
    for (const tick of scale.log ? decades(scale.low, scale.high) : steps(scale.high, 3)) {
      const py = y(tick);
      if (py < top - 1 || py > bottom + 1) continue;
      parts.push(s("line", { class: "grid", x1: left, x2: width - RIGHT, y1: py, y2: py }));
      parts.push(s("text", { x: left - 5, y: py + 4, "text-anchor": "end" }, brief(tick)));
    }
  parts.push(s("path", { class: "axis", d: `M${left} ${top}V${bottom}H${width - RIGHT}` }));
  return parts;
}

export const path = (places) => places.map(([px, py], k) => `${k ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");

/**
 * A chart of lines over days.
 * Each series has `name`, `kind` (its class), `days`, `values` (null = not measured) and perhaps `dots`.
 */
export function lineChart({ title, unit, series, until, width, height = 110, log = false, low, high, levels = [], moments = [] }) {
  const all = series.flatMap((each) => each.values.filter((value) => value !== null));
  const positive = all.filter((value) => value > 0);
  const least = low ?? (log ? 10 ** Math.floor(Math.log10(Math.min(...positive, 1e9))) : 0);
  const most = high ?? (log ? Math.max(...all, least * 10) * 1.2 : Math.max(...all, ...levels.map(([v]) => v), positive.length ? 0 : 1) * 1.1);
  const scale = scales({ width, height, until, low: least, high: most, log });
  const parts = frame(scale);
  for (const [value, name] of levels) {
    const y = scale.y(value);
    parts.push(s("line", { class: "dotted", x1: scale.left, x2: width - RIGHT, y1: y, y2: y }));
    parts.push(s("text", { x: width - RIGHT, y: y - 4, "text-anchor": "end" }, name));
  }
  for (const [day, name] of moments) {
    const x = scale.x(day);
    parts.push(s("line", { class: "dotted", x1: x, x2: x, y1: TOP, y2: scale.bottom }, s("title", {}, name)));
  }
  for (const { kind, days, values, dots, wide } of series) {
    const places = values.map((value, k) => (value === null ? null : [scale.x(days[k]), scale.y(value)])).filter(Boolean);
    parts.push(s("path", { class: `line ${kind}${wide ? " wide" : ""}`, d: path(places) }));
    if (dots || places.length === 1)
      places.forEach(([cx, cy]) => parts.push(s("circle", { class: kind.replace("l", "p"), cx, cy, r: 2.5 })));
  }
  const now = series.map(({ name, values }) => {
    const last = values.filter((value) => value !== null).at(-1);
    return `${name} ${last === undefined ? "not measured" : brief(last)}`;
  });
  return h("div", {}, h("h3", {}, unit ? `${title}, ${unit}` : title),
    series.length > 1 ? key(series.map(({ kind, name }) => [kind, name])) : null,
    picture(width, height, `${title}${unit ? `, ${unit}` : ""}. Last: ${now.join("; ")}.`, parts));
}
