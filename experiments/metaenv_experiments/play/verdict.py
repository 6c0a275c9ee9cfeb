"""One sentence on what made the difference between a person's course and the best of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import metaenv
from metaenv.clinic.codes import DAYS_PER_YEAR
from metaenv_experiments.evaluation.rollout import TOXIC
from metaenv_experiments.play.course import TrueLesion, Truth, Visit
from metaenv_experiments.play.dominance import first_to_dominate
from metaenv_experiments.play.game import Game

ALIKE = 0.05  # years of quality-adjusted life, or share of the days, below which two courses are called alike
NOTHING = 0.01  # years of quality-adjusted life that are not spoken of
APART = 60.0  # days by which one majority must be later than another to be called so
OTHER_CAUSES = metaenv.CAUSES.index("other_causes")
LOSSES = ("symptoms", "the drugs' burden", "toxicity", "procedures")  # of metaenv.COMPONENTS but the first


class Course(NamedTuple):
    """How the patient fared under somebody."""

    by: str  # "you", or a name
    game: Game

    @property
    def last(self) -> Visit:
        """The last visit."""
        return self.game.moments[-1].visit

    @property
    def end(self) -> str:
        """How it ended, and when."""
        cause = self.last.cause
        how = f"died of {metaenv.CAUSES[cause].replace('_', ' ')}" if cause else "was alive"
        return f"{how} on day {self.last.day:.0f}"


def verdict(mine: Course, others: Sequence[Course]) -> str:
    """What made the difference to the best of the others; of a game that is not over, how things stand."""
    if not mine.game.over:
        return f"So far {mine.game.worth:.2f} quality-adjusted years: {_standing(mine)}."
    best = max(others, key=lambda other: other.game.worth)
    gap = mine.game.worth - best.game.worth
    behind, ahead = (mine, best) if gap < 0.0 else (best, mine)
    amount = f"{abs(gap):.2f} {'fewer' if gap < 0.0 else 'more'} than" if abs(gap) >= ALIKE else "as good as"
    return f"{mine.game.worth:.2f} quality-adjusted years under you, {amount} under {best.by}: {_why(behind, ahead)}."


def _why(behind: Course, ahead: Course) -> str:
    """What the longer or better life of the two has before the other."""
    lived = ahead.last.day - behind.last.day
    lost = [there - here for there, here in zip(_losses(behind), _losses(ahead), strict=True)]
    if max(lost) * DAYS_PER_YEAR >= lived:
        return _quality(behind, ahead, lost)
    if behind.last.cause in TOXIC:
        return f"under {behind.by} the treatment itself killed, the patient {behind.end}"
    if behind.last.cause == OTHER_CAUSES:
        return f"under {behind.by} the patient {behind.end}, not of the tumour"
    if max(_intensities(behind.game)) == 0.0:
        return f"under {behind.by} no drug was given, and the patient {behind.end}"
    return _resistance(behind, ahead) or _hidden_lesion(behind) or _doses(behind, ahead)


def _quality(behind: Course, ahead: Course, lost: Sequence[float]) -> str:
    """More of it was lost; `lost` is by how many years, for each component."""
    largest = max(range(len(lost)), key=lambda k: lost[k])
    if lost[largest] < NOTHING:
        return "both courses were of one length and of one quality"
    alike = abs(behind.last.day - ahead.last.day) <= ALIKE * ahead.last.day
    took = f"under {behind.by} {LOSSES[largest]} took {lost[largest]:.2f} more quality-adjusted years"
    return f"both lived about as long, but {took}" if alike else f"{took} than under {ahead.by}"


def _losses(course: Course) -> list[float]:
    """Years lost to each component."""
    return [sum(lost) for lost in zip(*(each.truth.lost for each in course.game.moments), strict=True)]


def _resistance(behind: Course, ahead: Course) -> str:
    """Cells that escape what was given outnumbered all others, and when; empty if they never did."""
    here, there = first_to_dominate(behind.game), first_to_dominate(ahead.game)
    if here is None:
        return ""
    since = "from the start" if here.day == 0.0 else f"from day {here.day:.0f} on"
    said = f"cells with {here.name}, which escape {here.drug}, outnumbered all others {since}"
    if there is None:
        return f"{said} under {behind.by}, and never under {ahead.by}"
    if there.day > here.day + APART:
        return f"{said} under {behind.by}, and from day {there.day:.0f} on under {ahead.by}"
    return f"{said}, under {ahead.by} hardly later, but {_given(behind, ahead)}"


def _hidden_lesion(course: Course) -> str:
    """A lesion that no scan showed at the start has become the largest; empty if not so."""
    truth = course.game.moments[-1].truth
    largest = _largest(course.game, truth)
    if largest is None or _was_seen(course.game, largest):
        return ""
    share = largest.cells / sum(truth.clones)
    organ = course.game.scenario.organs[largest.organ]
    return (
        f"under {course.by} a lesion in the {organ} that no scan had shown at the start held "
        f"{100 * share:.0f} % of the cells in the end"
    )


def _largest(game: Game, truth: Truth) -> TrueLesion | None:
    """The lesion that weighs most."""
    weights = [organ.weight for organ in game.scenario.disease.organs]
    return max(truth.lesions, key=lambda lesion: weights[lesion.organ] * lesion.cells, default=None)


def _was_seen(game: Game, lesion: TrueLesion) -> bool:
    return any(
        (each.slot, each.lineage) == (lesion.slot, lesion.lineage) and each.seen
        for each in game.moments[0].truth.lesions
    )


def _doses(behind: Course, ahead: Course) -> str:
    """Neither resistance nor a hidden lesion."""
    return f"most cells could still be reached, and {_given(behind, ahead)}"


def _given(behind: Course, ahead: Course) -> str:
    """The drug that the two gave most differently, and how much of it."""
    pairs = list(zip(_intensities(behind.game), _intensities(ahead.game), strict=True))
    drug = max(range(len(pairs)), key=lambda k: abs(pairs[k][0] - pairs[k][1]))
    name, (here, there) = behind.game.scenario.drugs[drug].name.replace("_", " "), pairs[drug]
    return f"{behind.by} gave {100.0 * here:.0f} % of full {name} where {ahead.by} gave {100.0 * there:.0f} %"


def _intensities(game: Game) -> list[float]:
    """Mean fraction of full dose over the visits, for each drug."""
    given = [visit.given for visit in game.visits[1:]]
    return (
        [sum(doses) / len(given) for doses in zip(*given, strict=True)] if given else [0.0] * len(game.visits[0].given)
    )


def _standing(course: Course) -> str:
    """How things stand in a game that is not over."""
    found = first_to_dominate(course.game)
    truth = course.game.moments[-1].truth
    total, years = sum(truth.clones), course.last.day / DAYS_PER_YEAR
    if total <= 0.0:
        return f"after {years:.1f} years no tumour cell is left, which no clinic can know"
    if found is not None:
        return f"cells with {found.name}, which escape {found.drug}, outnumber all others since day {found.day:.0f}"
    unseen = sum(not lesion.seen for lesion in truth.lesions)
    hidden = f"{unseen} of {len(truth.lesions)} lesions are hidden from the last scan"
    return f"most cells can still be reached by what is given, and {hidden}"
