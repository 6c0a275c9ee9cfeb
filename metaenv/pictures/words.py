"""What the chart says in words."""

from __future__ import annotations

from metaenv.dynamics.state import CAUSES
from metaenv.pictures.axes import YEAR
from metaenv.pictures.course import Course
from metaenv.pictures.lesions import Truth
from metaenv.scenario.scenario import Scenario

_RESPONSES = ("complete response", "partial response", "stable disease", "progressive disease")
_WORTH = {"quality": "quality-adjusted", "survival": "lived", "control": "under control"}


def when(course: Course) -> str:
    """The day, in days and years."""
    day = float(course.day[-1])
    return f"day {day:.0f} ({day / YEAR:.1f} years)"


def outcome(course: Course, scenario: Scenario) -> str:
    """Alive, the cause of death, or why the episode has ended."""
    if course.cause:
        return f"died of {CAUSES[course.cause].replace('_', ' ')}"
    if not course.over:
        return "alive"
    return "alive at the end of follow-up" if _complete(course, scenario) else "episode ends with progression"


def response(course: Course) -> str:
    """RECIST response and the scan it was read from."""
    note = course.note[-1]
    if not note["scan_day"]:
        return "scan of day 0: the baseline"
    return f"scan of day {note['scan_day']:.0f}: {_RESPONSES[int(note['response'])]}"


def progression(course: Course) -> str:
    """Whether and when progression was recorded."""
    note = course.note[-1]
    if not note["progressed"]:
        return "no progression recorded"
    return f"progression on day {note['progression_day']:.0f} (dotted line)"


def worst_toxicity(course: Course, scenario: Scenario) -> str:
    """Name and grade of the worst toxicity."""
    grades = course.grade[-1]
    if not grades.size or grades.max() <= 0.0:
        return "toxicity: none"
    worst = int(grades.argmax())
    return f"toxicity: {scenario.toxicities[worst].replace('_', ' ')}, grade {grades[worst]:.0f}"


def worth(course: Course, scenario: Scenario) -> str:
    """What has been gained so far, in the scenario's own currency."""
    name = _WORTH[scenario.reward.objective]
    gained = "not known" if course.worth != course.worth else f"{course.worth:.2f} years"
    return f"{name}: {gained}"


def seen_in(course: Course, organ: int, count: int) -> tuple[str, str]:
    """What the last scan saw in an organ: how many lesions, and the sum of their diameters."""
    return (f"{count} seen", f"{course.seen[-1, organ]:.0f} mm") if count else ("none", "")


def truths(facts: Truth, scenario: Scenario) -> tuple[str, str, str]:
    """The truth in three sentences."""
    resistant = ", ".join(
        f"{trait} {_percent(share)}" for trait, share in zip(scenario.traits, facts.resistant, strict=True)
    )
    return (
        f"truth: {_cells(facts.cells)} cells, {facts.lesions} lesions",
        f"asleep: {_cells(facts.asleep)} cells",
        f"cells with {resistant}" if resistant else "",
    )


def _cells(number: float) -> str:
    if number < 1e5:
        return f"{number:.0f}"
    digits, power = f"{number:.1e}".split("e")
    return f"{digits}e{int(power)}"


def _percent(share: float) -> str:
    return "0%" if share <= 0.0 else "<0.1%" if share < 0.001 else f"{100 * share:.2g}%" if share < 0.995 else "100%"


def _complete(course: Course, scenario: Scenario) -> bool:
    return float(course.day[-1]) >= scenario.horizon - 1e-6
