"""How simulated arms compare with what was published: tables, verdicts, records and the page."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import metaenv
from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.rollout import Rollout
from metaenv_experiments.reporting.tables import Table, words
from metaenv_experiments.running.files import write_atomically, write_text
from metaenv_experiments.running.options import PACKAGE
from metaenv_experiments.studies.trial_arms.calibration import residual
from metaenv_experiments.studies.trial_arms.fit import Fit
from metaenv_experiments.studies.trial_arms.page import page
from metaenv_experiments.studies.trial_arms.published import Arm, Target
from metaenv_experiments.studies.trial_arms.simulated import TIMES, curve

FITTED = PACKAGE / "fitted_diseases"  # what `tune disease --record` wrote
MONTHS = "_median_months"


class SimulatedArm(NamedTuple):
    """An arm, its patients, and the quantities that were found."""

    arm: Arm
    rollout: Rollout
    found: Mapping[str, float]

    def value(self, target: Target) -> float:
        """What was found of a target."""
        return self.found.get(target.quantity, float("nan"))

    def off(self, target: Target) -> float:
        """How far it is from the published number, in units of its band: within ±1 is accepted."""
        return residual(target, self.value(target))

    def interval(self, target: Target) -> str:
        """The 95 % interval of a median time; nothing for other quantities."""
        kind = target.quantity.removesuffix(MONTHS)
        if kind not in TIMES:
            return ""
        estimate = survival_statistics.median(curve(self.rollout.episodes, kind))
        return f"{estimate.low / DAYS_PER_MONTH:.3g}–{estimate.high / DAYS_PER_MONTH:.3g}"

    def verdict(self, target: Target) -> str:
        """Accepted or not, and by how much it differs from the published value."""
        simulated = self.value(target)
        difference = "not reached" if simulated != simulated else f"{100 * (simulated / target.value - 1):+.0f} %"
        return f"{'accepted' if abs(self.off(target)) <= 1.0 else 'OUTSIDE'}\n{difference}"

    def record(self) -> dict[str, Any]:
        """What is stored: everything that was found, and each target's residual."""
        targets = [
            {**target.__dict__, "simulated": self.value(target), "residual": self.off(target)}
            for target in self.arm.targets
        ]
        return {"held_back": self.arm.held_back, "outcomes": dict(self.found), "targets": targets}

    def rows(self) -> list[tuple[Target, str, str]]:
        """Each target with the simulated number and the verdict, for the page."""
        return [(target, self._written(target), self._judged(target)) for target in self.arm.targets]

    def _written(self, target: Target) -> str:
        interval = self.interval(target)
        return f"{self.value(target):.3g}" + (f" ({interval})" if interval else "")

    def _judged(self, target: Target) -> str:
        return "accepted" if abs(self.off(target)) <= 1.0 else "**outside**"


def comparison_table(arms: Sequence[SimulatedArm], *, title: str) -> Table:
    """Published beside simulated."""
    rows = [
        (
            f"{each.arm.name}{', held back' if each.arm.held_back else ''}\n{words(target.quantity)}",
            f"{target.value:.3g}\n{target.low:.3g}–{target.high:.3g}",
            f"{each.value(target):.3g}\n{each.interval(target)}",
            each.verdict(target),
        )
        for each in arms
        for target in each.arm.targets
    ]
    return Table(
        title=title,
        header=("arm and quantity", "published\nband", "simulated\ninterval", "verdict"),
        rows=rows,
        caption="medians with 95 % interval; accepted: within the band",
    )


def recorded_fit(disease: str) -> Fit | None:
    """What `tune disease` recorded of a disease, where it did."""
    path = FITTED / f"{disease}.json"
    return Fit.read_from(path) if path.is_file() else None


def publish(
    disease: str,
    arms: Sequence[SimulatedArm],
    pictures: Mapping[str, Path],
    about: Mapping[str, str],
    *,
    run: Path,
    docs: Path | None,
) -> None:
    """Write the page into the run folder and, with its pictures, to where it is wanted.

    Args:
        disease: by name.
        arms: all of them.
        pictures: by caption; an arm's is its name.
        about: command, patients and cohort.
        run: the run folder.
        docs: folder that gets page and pictures too.
    """
    name = f"arms-{disease}"
    title, rows = metaenv.DISEASES[disease].title, {each.arm.name: each.rows() for each in arms}
    for folder, inside in ((run, "pictures"), (docs, f"pictures/{name}")):
        if folder is None:
            continue
        paths = {caption: f"{inside}/{path.name}" for caption, path in pictures.items()}
        write_text(
            folder / f"{name}.md",
            page(title, [each.arm for each in arms], rows, paths, dict(about), recorded_fit(disease)),
        )
        if folder is docs:
            for path in pictures.values():
                write_atomically(folder / inside / path.name, partial(shutil.copyfile, path))
