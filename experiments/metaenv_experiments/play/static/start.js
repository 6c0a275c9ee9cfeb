// The form before a game.

import { $, h, plain } from "./dom.js";

/** Fill the form; `begin` gets what was chosen. */
export function prepare(offered, begin) {
  const names = offered.diseases.map(({ name, title }) => h("option", { value: name }, `${plain(name)}: ${title}`));
  $("disease").replaceChildren(...names);
  $("disease").value = offered.diseases.some(({ name }) => name === "prostate") ? "prostate" : offered.diseases[0].name;
  $("barriers").append(...offered.barriers.map(({ name, does }) =>
    h("label", {}, h("input", { type: "checkbox", value: name }), plain(name), h("small", {}, does))));
  $("patient").placeholder = `by chance, of the test cohort ${offered.cohorts.test.join(" … ")}`;
  $("disease").addEventListener("change", () => describe(offered));
  $("start").addEventListener("submit", (event) => {
    event.preventDefault();
    begin(asked());
  });
  describe(offered);
}

function describe(offered) {
  const disease = offered.diseases.find(({ name }) => name === $("disease").value);
  $("about").textContent = `Drugs: ${disease.drugs.map(plain).join(", ")}.`;
  $("local").disabled = !disease.local_therapy;
  if (!disease.local_therapy) $("local").checked = false;
}

function asked() {
  if ($("link").value.trim()) return { link: $("link").value.trim() };
  const patient = $("patient").value.trim();
  return {
    disease: $("disease").value,
    patient: patient ? Number(patient) : null,
    without: [...document.querySelectorAll("#barriers input:checked")].map(({ value }) => value),
    local_therapy: $("local").checked,
  };
}
