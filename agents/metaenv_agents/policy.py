"""What a policy is, and what it may know about the clinic it works in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import FULL_DOSE, PROGRESSIVE

if TYPE_CHECKING:
    from metaenv import Layout

FloatArray = NDArray[np.floating[Any]]
BoolArray = NDArray[np.bool_]
Array = NDArray[Any]
DrugChoice = Literal["first_line", "all"] | tuple[int | str, ...]

HALF_DOSES_PER_FULL_DOSE = FULL_DOSE  # the action levels are 0, half, full


class Policy(Protocol):
    """Stable-Baselines3's `predict`, batched: whoever has it can be trained, evaluated and compared."""

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = False,
    ) -> tuple[Array, Any]:
        """Choose what to give at this visit.

        Args:
            observation: (patient, measurement), or (measurement,) for one patient.
            state: the policy's memory as it returned it at the last visit, None at the first. Opaque to the caller.
            episode_start: (patient,) bool, True where a new patient sits down: that memory is forgotten.
            deterministic: the most probable action instead of a drawn one, where the policy draws.

        Returns:
            Actions (patient, entry), or (entry,) for one patient, in the environment's own encoding; and the memory.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """What every policy may know beforehand: the form's layout, the drugs on the shelf and the calendar."""

    disease: str  # name
    layout: Layout
    drugs: tuple[str, ...]  # names, in action order
    first_line: tuple[int, ...]  # indices of the drugs that the standard of care gives
    traits: tuple[str, ...]  # resistance traits that circulating DNA is searched for
    progression: Literal["marker", "recist"]  # by which the clinic records progression
    action: Literal["levels", "continuous"]
    local_therapy: bool  # the last action entry is a local therapy
    visit_interval: float  # days

    @classmethod
    def of(cls, env: gym.Env[Any, Any] | gym.vector.VectorEnv[Any, Any, Any]) -> Clinic:
        """Read the clinic off an environment, single or vector."""
        inside: Any = env.unwrapped
        scenario = inside.scenario
        space = getattr(inside, "single_action_space", None) or inside.action_space
        return cls(
            disease=scenario.disease.name,
            layout=inside.layout,
            drugs=tuple(drug.name for drug in scenario.drugs),
            first_line=tuple(scenario.first_line),
            traits=tuple(scenario.traits),
            progression=scenario.disease.progression.by,
            action="levels" if isinstance(space, gym.spaces.MultiDiscrete) else "continuous",
            local_therapy=bool(scenario.local_therapy),
            visit_interval=float(scenario.visit_interval),
        )

    @property
    def standard_lines(self) -> tuple[tuple[str, ...], ...]:
        """The first line of the disease, then each other drug alone, in action order."""
        others = tuple((drug,) for k, drug in enumerate(self.drugs) if k not in self.first_line)
        return (tuple(self.drugs[k] for k in self.first_line), *others)

    def check_lines(self, given: tuple[tuple[str, ...], ...], *, least: int, who: str) -> None:
        """Raise ValueError unless there are so many lines or more, each of a drug or more that is on the shelf."""
        if len(given) < least or not all(given):
            raise ValueError(f"rule '{who}' needs {least} or more lines with a drug each, got {given}")
        for line in given:
            self.select(line)

    def select(self, choice: DrugChoice) -> BoolArray:
        """Mark the chosen drugs: a mask (drug,).

        Args:
            choice: "first_line", "all", or a tuple of indices or names.
        """
        if choice == "all":
            return np.ones(len(self.drugs), dtype=np.bool_)
        mask = np.zeros(len(self.drugs), dtype=np.bool_)
        mask[[self._index(drug) for drug in (self.first_line if choice == "first_line" else choice)]] = True
        return mask

    def _index(self, drug: int | str) -> int:
        if isinstance(drug, str) and drug in self.drugs:
            return self.drugs.index(drug)
        if isinstance(drug, int | np.integer) and 0 <= drug < len(self.drugs):
            return int(drug)
        raise ValueError(f"drug must be one of {self.drugs} or an index below {len(self.drugs)}, got {drug!r}")

    def marker_ratio(self, observation: Array) -> FloatArray:
        """Return marker / marker at baseline, (patient,); NaN where the marker was not measured at this visit."""
        return np.where(self._flag("marker_measured", observation), self._number("marker_ratio", observation), np.nan)

    def log_marker(self, observation: Array) -> FloatArray:
        """Return log10 of the marker, (patient,); NaN where it was not measured at this visit."""
        marker = observation[:, self.layout.marker][:, 0].astype(np.float64)
        return np.where(self._flag("marker_measured", observation), marker, np.nan)

    def sum_of_diameters(self, observation: Array) -> FloatArray:
        """Return the sum of diameters over all organs at the last scan, (patient,) mm."""
        total: FloatArray = self.layout.read("diameters", observation).sum(axis=1)
        return total

    def lesions_seen(self, observation: Array) -> FloatArray:
        """Return how many lesions the last scan showed, (patient,)."""
        seen: FloatArray = np.rint(self.layout.read("visible", observation).sum(axis=1))
        return seen

    def progressive(self, observation: Array) -> BoolArray:
        """Return whose last scan was reported as progressive disease since treatment began, (patient,)."""
        worse: BoolArray = self.layout.read("response", observation)[:, PROGRESSIVE] > 0.5
        return worse

    def scanned(self, observation: Array) -> BoolArray:
        """Return who was scanned at this visit, (patient,)."""
        return self._flag("scan_measured", observation)

    def allele_fraction(self, observation: Array, trait: str) -> FloatArray:
        """Return the trait's share of circulating tumour DNA, (patient,); 0 where no tumour DNA was found.

        Raises:
            ValueError: the disease has no such trait.
        """
        if trait not in self.traits:
            raise ValueError(f"trait must be one of {self.traits}, got {trait!r}")
        share = self.layout.read("allele_fraction", observation)[:, self.traits.index(trait)]
        return np.where(self._flag("allele_measured", observation), share, 0.0)

    def worst_toxicity(self, observation: Array) -> FloatArray:
        """Return the worst toxicity, (patient,) CTCAE grade 0-4."""
        worst: FloatArray = self.layout.read("toxicity", observation).max(axis=1, initial=0.0)
        return worst

    def neutrophils(self, observation: Array) -> FloatArray:
        """Return the neutrophils in blood, (patient,) 1e9/L."""
        return self._number("neutrophils", observation)

    def _number(self, part: str, observation: Array) -> FloatArray:
        """A part of a single number, (patient,) in its unit."""
        return self.layout.read(part, observation)[:, 0]

    def _flag(self, part: str, observation: Array) -> BoolArray:
        """A part that is 0 or 1, (patient,)."""
        return self._number(part, observation) > 0.5

    def check_dose(self, dose: float) -> None:
        """Raise ValueError unless a multiple of this fraction of the full dose can be given here."""
        if self.action == "levels" and dose * HALF_DOSES_PER_FULL_DOSE != round(dose * HALF_DOSES_PER_FULL_DOSE):
            raise ValueError(f"with action='levels' doses are multiples of 0.5 of the full dose, got {dose}")

    def encode(self, doses: FloatArray, local_therapy: NDArray[np.int64] | None = None) -> Array:
        """Write doses as the environment's actions.

        Args:
            doses: (patient, drug) fraction of full dose; multiples of one half where the actions are levels.
            local_therapy: (patient,) index in `metaenv.PROCEDURES`; none at all if not given.

        Returns:
            (patient, entry) int64 for levels, float32 for continuous actions.
        """
        if self.action == "continuous":
            return self._with_local_therapy(doses.astype(np.float32), local_therapy)
        levels = doses * HALF_DOSES_PER_FULL_DOSE
        if np.any(levels != np.rint(levels)):
            raise ValueError(f"with action='levels' a dose must be 0, 0.5 or 1 of full dose, got {np.unique(doses)}")
        return self._with_local_therapy(levels.astype(np.int64), local_therapy)

    def _with_local_therapy(self, entries: Array, local_therapy: NDArray[np.int64] | None) -> Array:
        if not self.local_therapy:
            return entries
        last = np.zeros(len(entries), dtype=np.int64) if local_therapy is None else local_therapy
        return np.column_stack([entries, last.astype(entries.dtype)])
