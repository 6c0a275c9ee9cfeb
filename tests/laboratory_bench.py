"""A laboratory bench: the smallest patients that show one law at a time, on the environments' own kernel.

Tests get it as the fixture `bench`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from metaenv.cohort import Cohort
from metaenv.diseases.disease import Disease, Organ, Presentation, Progression, Rates, Sensors, Trait
from metaenv.distribution import Fixed
from metaenv.drugs.drug import Drug
from metaenv.dynamics.state import CAUSES
from metaenv.population.cohorts import chance_keys
from metaenv.scenario import Scenario

UNLIMITED = 1e-20  # cells / capacity: crowding is then below rounding


class Experiment:
    """A cohort of identical patients, each with its own luck.

    Attributes:
        cohort: the patients, admitted.
    """

    def __init__(self, scenario: Scenario, size: int, seed: int) -> None:
        self.cohort = Cohort(scenario, size)
        rows = np.arange(size, dtype=np.int64)
        keys = chance_keys(np.full(size, seed, dtype=np.int64), np.zeros(size, dtype=np.int64), rows)
        self.cohort.admit(rows, rows, keys)

    def spend(self, days: float, *action: Any) -> None:
        """Treat everybody for some days, whom nothing may kill; actions as of `treat`."""
        self.treat(days, *action)
        assert (self.cohort.state.host["cause"] == CAUSES.index("alive")).all()

    def treat(self, days: float, *action: Any) -> None:
        """Treat the living for some days; an entry of the action is a number or one per patient, none = nothing."""
        size, choices = self.cohort.size, len(self.cohort.scenario.drugs) + self.cohort.scenario.local_therapy
        entries = action or (0.0,) * choices
        actions = np.column_stack([np.broadcast_to(np.asarray(entry, dtype=np.float64), (size,)) for entry in entries])
        assert actions.shape == (size, choices)
        self.cohort.clinic.rules["interval"] = days
        self.cohort.treat(actions, self.cohort.state.host["cause"] == CAUSES.index("alive"))

    @property
    def proliferating(self) -> Any:
        """Dividing cells of the first lesion, (patient, clone); writable."""
        return self.cohort.state.proliferating[:, 0]

    @property
    def burden(self) -> Any:
        """All cells, (patient,)."""
        state = self.cohort.state
        return (state.proliferating + state.dormant).sum(axis=(1, 2)) + state.disseminated_cells.sum(axis=(1, 2))


class Bench:
    """Builds experiments. Everything that is not asked for is off: spread, sleep, immunity, toxicity, death."""

    UNLIMITED = UNLIMITED
    Experiment = Experiment

    @staticmethod
    def drug(**changes: Any) -> Drug:
        """A drug without kinetics, at half effect at full dose (EC50 1, Hill 1)."""
        values: dict[str, Any] = {
            "name": "drug",
            "infusion": False,
            "half_life": 0.0,
            "hill": 1.0,
            "ec50": 1.0,
            "kill": 0.1,
        }
        return Drug(**(values | changes))

    @staticmethod
    def organ(**changes: Any) -> Organ:
        """An organ that is as good as any."""
        return Organ(**({"name": "tumour", "tropism": 1.0} | changes))

    @staticmethod
    def trait(**changes: Any) -> Trait:
        """A resistance trait that costs nothing and does not arise by itself."""
        values: dict[str, Any] = {"name": "resistance", "mechanism": "target_mutation", "mutation_rate": 0.0}
        return Trait(**(values | changes))

    @classmethod
    def scenario(
        cls,
        *,
        birth: float = 0.0,
        death: float = 0.0,
        cells: float = 1e9,
        fill: float = UNLIMITED,
        traits: tuple[Trait, ...] | None = None,
        drugs: tuple[Drug, ...] | None = None,
        mechanisms: tuple[str, ...] = (),
        substep: float = 1.0,
        host_step: float = 0.5,
        stochastic: bool = True,
        rates: dict[str, Any] | None = None,
        presentation: dict[str, Any] | None = None,
        sensors: dict[str, Any] | None = None,
        **disease: Any,
    ) -> Scenario:
        """A scenario of one lesion in one organ.

        Args:
            birth: /day.
            death: /day.
            cells: at the start.
            fill: cells / capacity at the start.
            traits: resistance traits; one that never arises where None.
            drugs: on offer; one where None.
            mechanisms: those that are on.
            substep: days.
            host_step: days.
            stochastic: whole cells and chance.
            rates: further fields of `Rates`.
            presentation: further fields of `Presentation`.
            sensors: further fields of `Sensors`.
            disease: further fields of `Disease`.
        """
        offered = drugs or (cls.drug(),)
        seen: dict[str, Any] = {
            "visible_lesions": Fixed(1.0),
            "visible_log_cells": Fixed(np.log10(cells)),
            "visible_fill": Fixed(fill),
        }
        values: dict[str, Any] = {
            "name": "bench",
            "title": "laboratory bench",
            "organs": (cls.organ(),),
            "traits": (cls.trait(),) if traits is None else traits,
            "drugs": offered,
            "first_line": (offered[0].name,),
            "presentation": Presentation(**(seen | (presentation or {}))),
            "rates": Rates(**({"birth": Fixed(birth), "death": Fixed(death)} | (rates or {}))),
            "sensors": Sensors(**({"scan_interval": 1e-6, "detection_cells": 0.0} | (sensors or {}))),
            "progression": Progression(by="marker"),
            "lesions": 1,
            "visit_interval": 1.0,
            "horizon": 1e6,
        }
        return Scenario(
            disease=Disease(**(values | disease)),
            drugs=offered,
            visit_interval=1.0,
            horizon=1e6,
            substep=substep,
            host_step=host_step,
            stochastic=stochastic,
            mechanisms=frozenset(mechanisms),
        )

    @classmethod
    def experiment(cls, *, size: int = 1, seed: int = 0, **settings: Any) -> Experiment:
        """An experiment on `size` patients of a scenario; see `scenario` for the settings."""
        return Experiment(cls.scenario(**settings), size, seed)

    @staticmethod
    def varied(scenario: Scenario, **changes: Any) -> Scenario:
        """The scenario with other fields of its disease."""
        return dataclasses.replace(scenario, disease=dataclasses.replace(scenario.disease, **changes))
