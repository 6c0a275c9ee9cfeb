"""The stored record of a fit: where it began, what it found, and each target before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from metaenv_experiments.reporting.tables import Table, words
from metaenv_experiments.running.options import UsageError, file_of
from metaenv_experiments.running.stored_records import Record, RecordError
from metaenv_experiments.studies.trial_arms.free_parameters import Free


class Loss(NamedTuple):
    """Of the fitting patients."""

    start: float
    best: float


class Misfit(NamedTuple):
    """Of the arms that were not held back, without the pull to the middle of the ranges."""

    fitted: float  # on the fitting patients
    others: float  # on validation patients


@dataclass(frozen=True, kw_only=True)
class FittedTarget:
    """A published number, and what was simulated."""

    arm: str
    quantity: str
    held_back: bool
    published: float
    low: float
    high: float
    source: str
    start: float
    fitted: float
    others: float  # on as many validation patients with another seed
    residual: float  # of theirs, ±1 is the band's end


@dataclass(frozen=True, kw_only=True)
class FittedLook:
    """A target beyond arms, and what was found."""

    name: str
    low: float
    high: float
    source: str
    start: float
    fitted: float
    others: float  # on as many validation patients with another seed


@dataclass(frozen=True, kw_only=True)
class Fit(Record):
    """What `tune disease` found."""

    file: ClassVar[str] = "fit.json"

    disease: str
    patients: int  # train patients whom every arm treated in each evaluation
    seed: int
    evaluations: int
    start: dict[str, float]  # by parameter
    best: dict[str, float]
    loss: Loss
    misfit: Misfit
    history: tuple[tuple[int, float], ...]  # evaluations so far, lowest loss of the generation
    targets: tuple[FittedTarget, ...]
    looks: tuple[FittedLook, ...]  # empty where arms alone were fitted

    def target_table(self) -> Table:
        """Every target before and after."""
        rows = [
            (
                f"{each.arm}{', held back' if each.held_back else ''}\n{words(each.quantity)}",
                f"{each.published:.3g}\n{each.low:.3g}–{each.high:.3g}",
                *(f"{number:.3g}" for number in (each.start, each.fitted, each.others)),
                f"{each.residual:+.2f}" + (" outside" if abs(each.residual) > 1.0 else ""),
            )
            for each in self.targets
        ]
        return Table(
            title=f"{self.disease}: {self.evaluations} parameter sets on {self.patients} train patients, "
            f"loss {self.loss.start:.1f} → {self.loss.best:.1f}",
            header=("arm and quantity", "published", "at the start", "fitted", "others", "residual"),
            rows=rows,
            caption="others: as many validation patients with another seed; residual: of theirs, ±1 is the band's end",
        )

    def look_table(self) -> Table:
        """Every target beyond arms before and after."""
        rows = [
            (
                each.name,
                f"{each.low:.3g}–{each.high:.3g}",
                *(f"{number:.3g}" for number in (each.start, each.fitted, each.others)),
                "" if each.low <= each.others <= each.high else "outside",
            )
            for each in self.looks
        ]
        return Table("beyond arms", ("target", "band", "at the start", "fitted", "others", ""), rows)

    def parameter_table(self, free: Sequence[Free]) -> Table:
        """Every parameter before and after, and where in its range it came to lie."""
        rows = [
            (
                each.name,
                f"{each.low:.3g}–{each.high:.3g}",
                f"{self.start[each.name]:.4g}",
                f"{self.best[each.name]:.4g}",
                f"{each.position(self.best[each.name]):.2f}",
            )
            for each in free
        ]
        return Table("free parameters", ("path", "range", "start", "fitted", "position in the range"), rows)


def start_in(path: Path, free: Sequence[Free]) -> list[float]:
    """The values that a former search started from.

    Raises:
        UsageError: it is no fit of these parameters.
    """
    try:
        start = Fit.read_from(file_of("start", path)).start
        return [start[each.name] for each in free]
    except (RecordError, KeyError) as error:
        raise UsageError(f"--start must be the JSON of a fit of the same parameters, got {path}: {error!r}") from error
