// Elements, and words for numbers.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined);

/** Put these into an element instead of what is there. */
export const fill = (element, ...children) => element.replaceChildren(...present(children));

export const $ = (id) => document.getElementById(id);
export const h = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
export const s = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

/** A drawing that is one image to a screen reader. */
export function picture(width, height, label, ...children) {
  return s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label }, ...children);
}

export const plain = (name) => name.replaceAll("_", " ");
export const years = (days) => (days / 365.25).toFixed(1);

/** A number as briefly as it can be said. */
export function brief(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-2) {
    const [digits, power] = value.toExponential(size >= 1e5 ? 1 : 0).split("e");
    return `${digits.replace(/\.0$/, "")}e${Number(power)}`;
  }
  return String(Number(value.toPrecision(size < 1 ? 2 : 3)));
}

/** Names behind the mark that stands for each of them in a drawing. */
export function key(entries) {
  const mark = (kind, name) =>
    kind.startsWith("f")
      ? s("svg", { width: 12, height: 12, "aria-hidden": true }, s("rect", { width: 12, height: 12, class: kind }))
      : s("svg", { width: 26, height: 12, "aria-hidden": true },
          s("path", { d: "M0 6H26", class: `line ${kind}` }));
  return h("ul", { class: "key" }, entries.map(([kind, name]) => h("li", {}, mark(kind, name), name)));
}
