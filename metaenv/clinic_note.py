"""The clinic note, a visit as text: measurements first, the truth only on request; and names of the render modes."""

from __future__ import annotations

from metaenv.clinic.codes import PROCEDURES, RESPONSES
from metaenv.cohort import Cohort
from metaenv.dynamics.state import CAUSES, CIRCULATING

RENDER_MODES = ("ansi", "human", "rgb_array")


def note(cohort: Cohort, i: int, truth: bool) -> str:
    """The clinic note of one patient's last visit, a few lines of plain text; with the truth where it may be seen."""
    chart, state, scenario = cohort.chart, cohort.state, cohort.scenario
    sensors = scenario.disease.sensors
    file, host, hidden = chart.note[i], state.host[i], cohort.report.truth[i]
    ratio = file.marker / file.baseline_marker if file.baseline_marker > 0.0 else 1.0
    seen = [
        f"{organ} {int(chart.seen[i, k])} (sum {chart.diameters[i, k]:.0f} mm)"
        for k, organ in enumerate(scenario.organs)
        if chart.seen[i, k] > 0
    ]
    doses = [
        f"{drug.name} {chart.dose_given[i, k]:.2f} of full dose" + (" (held)" if chart.held[i, k] else "")
        for k, drug in enumerate(scenario.drugs)
    ]
    toxic = [f"{kind} {state.toxicity[i, k]:.2f}" for k, kind in enumerate(scenario.toxicities)]
    alleles = [f"{trait} {chart.alleles[i, k]:.1%}" for k, trait in enumerate(scenario.traits)]
    lines = [
        f"day {host.day:.0f}, patient {cohort.patients.person['identity'][i]}: {scenario.disease.title}",
        f"  given     {', '.join(doses)}; local therapy {PROCEDURES[int(file.procedure)]}",
        f"  blood     {sensors.marker} {file.marker:.3g} {sensors.marker_unit} ({ratio:.2f} of baseline), "
        f"neutrophils {state.neutrophils[i, CIRCULATING]:.1f}e9/L; in ctDNA {', '.join(alleles)}",
        f"  scan      day {file.scan_day:.0f}: {', '.join(seen) or 'nothing seen'}; {RESPONSES[int(file.response)]}",
        f"  toxicity  {', '.join(toxic) or 'none'}",
        f"  reward    {cohort.report.reward[i]:.4f}",
    ]
    if truth:
        lines.append(
            f"  (truth)   {hidden.burden:.3g} cells in {hidden.lesions} lesions, {hidden.visible_lesions} visible; "
            f"{hidden.dormant:.3g} dormant"
        )
    if file.progressed:
        lines.append(f"  progression on day {file.progression_day:.0f}")
    if host.cause:
        lines.append(f"  died of {CAUSES[int(host.cause)].replace('_', ' ')}")
    return "\n".join(lines)
