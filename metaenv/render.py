"""How a visit can be rendered, and the clinic note: a visit in words, measurements first, the truth last if at all."""

from __future__ import annotations

from metaenv.chart import RESPONSES
from metaenv.cohort import Cohort
from metaenv.dynamics.state import CAUSES

RENDER_MODES = ("ansi", "human", "rgb_array")
_PROCEDURES = ("none", "resection", "radiotherapy")


class UnknownRenderModeError(ValueError, TypeError):
    """A render mode that is not offered; also a TypeError, upon which Stable-Baselines3 asks again without one."""


def check_render_mode(mode: str | None) -> None:
    """Raise unless a render mode is offered, or None."""
    if mode is not None and mode not in RENDER_MODES:
        raise UnknownRenderModeError(f"render_mode must be one of {list(RENDER_MODES)} or None, got {mode!r}")


def note(cohort: Cohort, i: int, truth_shown: bool) -> str:
    """The clinic note of one patient's last visit, a few lines of plain text."""
    chart, state, scenario = cohort.chart, cohort.state, cohort.scenario
    sensors = scenario.disease.sensors
    file, host, truth = chart.note[i], state.host[i], cohort.report.truth[i]
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
        f"  given     {', '.join(doses)}; local therapy {_PROCEDURES[int(file.procedure)]}",
        f"  blood     {sensors.marker} {file.marker:.3g} {sensors.marker_unit} ({ratio:.2f} of baseline), "
        f"neutrophils {state.neutrophils[i, -1]:.1f}e9/L; in ctDNA {', '.join(alleles)}",
        f"  scan      day {file.scan_day:.0f}: {', '.join(seen) or 'nothing seen'}; {RESPONSES[int(file.response)]}",
        f"  toxicity  {', '.join(toxic) or 'none'}",
        f"  reward    {cohort.report.reward[i]:.4f}",
    ]
    if truth_shown:
        lines.append(
            f"  (truth)   {truth.burden:.3g} cells in {truth.lesions} lesions, {truth.visible_lesions} visible; "
            f"{truth.dormant:.3g} dormant"
        )
    if file.progressed:
        lines.append(f"  progression on day {file.progression_day:.0f}")
    if host.cause:
        lines.append(f"  died of {CAUSES[int(host.cause)].replace('_', ' ')}")
    return "\n".join(lines)
