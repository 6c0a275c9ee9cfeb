"""The truth of a game, and the same patient with the same luck under everybody else."""

from __future__ import annotations

from typing import Any

from metaenv_experiments.play.dominance import clone_name
from metaenv_experiments.play.game import Game
from metaenv_experiments.play.policies import doctors
from metaenv_experiments.play.verdict import Course, verdict

Slot = tuple[int, int]  # slot and lineage


def reveal(game: Game) -> dict[str, Any]:
    """Show everything; the game remembers that it was shown."""
    mine = Course("you", game)
    others = [(each, Course(each.name, each.treat())) for each in doctors(game.setup)]
    game.revealed = True
    return {
        "sentence": verdict(mine, [course for _, course in others]),
        "clones": [clone_name(game.scenario, clone) for clone in range(1 << len(game.scenario.traits))],
        "courses": [
            _course(mine, "person", ""),
            *(_course(course, each.policy.kind, each.policy.note) for each, course in others),
        ],
    }


def _course(course: Course, kind: str, note: str) -> dict[str, Any]:
    moments = course.game.moments
    return {
        "by": course.by,
        "kind": kind,
        "note": note,
        "worth": course.game.worth,
        "days": course.last.day,
        "cause": course.last.cause,
        "over": course.game.over,
        "day": [each.visit.day for each in moments],
        "marker": [each.visit.marker for each in moments],
        "given": [each.visit.given for each in moments],
        "clones": [each.truth.clones for each in moments],
        "sleeping": [each.truth.sleeping for each in moments],
        "single": [each.truth.single for each in moments],
        "hidden": [each.truth.hidden for each in moments],
        "lesions": _lesions(course.game),
    }


def _lesions(game: Game) -> list[dict[str, Any]]:
    """Every lesion there ever was, organ by organ, with one number per visit; 0 cells where it is not there."""
    visits, found = len(game.moments), dict[Slot, dict[str, Any]]()
    for at, each in enumerate(game.moments):
        for lesion in each.truth.lesions:
            blank = {
                "organ": lesion.organ,
                **{name: [0] * visits for name in ("cells", "sleeping", "resistant", "seen")},
            }
            row = found.setdefault((lesion.slot, lesion.lineage), blank)
            row["cells"][at], row["sleeping"][at] = lesion.cells, lesion.sleeping
            row["resistant"][at], row["seen"][at] = lesion.resistant, int(lesion.seen)
    return sorted(found.values(), key=lambda row: (row["organ"], -max(row["cells"])))
