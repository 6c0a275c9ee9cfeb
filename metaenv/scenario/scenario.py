"""A scenario: a disease with its drugs, calendar, reward and the mechanisms that are switched on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

from metaenv.diseases import MECHANISMS, Disease
from metaenv.drugs import DRUGS, Drug, kinds
from metaenv.field_checks import as_float
from metaenv.reward_settings import Reward
from metaenv.scenario.compatibility import check_compatible

OF_THE_DISEASE = ("drugs", "visit_interval", "horizon", "substep", "stochastic")  # what it says unless a scenario does


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A disease with drugs, calendar, mechanisms and reward: what one environment simulates.

    Build one with `metaenv.make_scenario(name)` and change it with `dataclasses.replace`. A disease has its own drugs,
    calendar, sub-step and objective: `Scenario.of` takes them, and what a scenario says instead overrides them.

    Attributes:
        disease: biology, patients and clinic.
        drugs: drugs on offer, in the order of the action vector.
        visit_interval: days between visits, > 0.
        horizon: days of follow-up, at least one visit.
        substep: days, longest sub-step of the tumour, > 0. Halving it must not change results.
        host_step: days, longest sub-step of the neutrophils, > 0.
        stochastic: whole cells and chance, else means and no rare events.
        mechanisms: names of the mechanisms that are on, of `metaenv.MECHANISMS`.
        local_therapy: whether lesions can be resected and irradiated, the last entry of the action; the disease must
            have numbers for it.
        reward: what counts, and how much.

    Raises:
        ValueError: a number or a name is not allowed; the message says what, got and allowed.
    """

    disease: Disease
    drugs: tuple[Drug, ...]
    visit_interval: float  # days
    horizon: float  # days
    substep: float  # days
    host_step: float = 0.5  # days
    stochastic: bool = True
    mechanisms: frozenset[str] = frozenset(MECHANISMS)
    local_therapy: bool = False
    reward: Reward = field(default_factory=Reward)

    def __post_init__(self) -> None:
        """Check numbers and names."""
        for name, kind in (("disease", Disease), ("reward", Reward), ("stochastic", bool), ("local_therapy", bool)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"{name} must be a {kind.__name__}, got {getattr(self, name)!r}")
        given: Any = self.drugs
        if not isinstance(given, tuple) or any(not isinstance(drug, Drug) for drug in given):
            raise ValueError(f"drugs must be a tuple of Drug, got {self.drugs!r}")
        for name in ("visit_interval", "horizon", "substep", "host_step"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 < as_float(value) < math.inf:
                raise ValueError(f"{name} must be a number > 0 and finite, got {value!r}")
        if self.horizon < self.visit_interval:
            raise ValueError(f"horizon must be at least one visit of {self.visit_interval} days, got {self.horizon}")
        if not self.drugs:
            raise ValueError("drugs must name at least one drug, got none")
        names = [drug.name for drug in self.drugs]
        if len(set(names)) != len(names):
            raise ValueError(f"drugs must differ, got {names}")
        if not isinstance(self.mechanisms, frozenset):
            raise ValueError(f"mechanisms must be a frozenset of names, got {self.mechanisms!r}")
        check_mechanisms(self.mechanisms)
        if self.local_therapy and self.disease.local_therapy is None:
            raise ValueError(
                f"local_therapy must be False for disease {self.disease.name!r}, which has no numbers for it"
            )
        for drug in self.drugs:
            check_compatible(drug, self.disease)

    @classmethod
    def of(cls, disease: Disease) -> Scenario:
        """The default scenario of a disease: everything as the disease has it, and drugs alone."""
        values = {name: getattr(disease, name) for name in OF_THE_DISEASE}
        return cls(disease=disease, reward=Reward(objective=disease.reward), **values)

    def without(self, mechanisms: Iterable[str]) -> Scenario:
        """An ablation: this scenario with some mechanisms switched off. An unknown name raises."""
        if not isinstance(mechanisms, Iterable):
            raise ValueError(f"without must be names of mechanisms, got {mechanisms!r}")
        off = (mechanisms,) if isinstance(mechanisms, str) else tuple(mechanisms)
        check_mechanisms(off)
        return replace(self, mechanisms=self.mechanisms - frozenset(off))

    def with_drugs(self, drugs: Iterable[str | Drug]) -> Scenario:
        """The same scenario with other drugs on offer, in this order: names of `metaenv.drugs.DRUGS` or drugs.

        The first line stays what it was where its drugs are still offered, else it is the first of the new ones.
        """
        if isinstance(drugs, (Set, Mapping)):  # an action would mean another drug in every process
            raise ValueError(f"drugs must be in the order of the action, got a {type(drugs).__name__}")
        given: Any = drugs
        wanted = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
        known = DRUGS | {drug.name: drug for drug in self.drugs}
        unknown = [
            one for one in wanted if not isinstance(one, Drug) and (not isinstance(one, str) or one not in known)
        ]
        if unknown:
            raise ValueError(f"unknown drug {unknown}; known: {sorted(known)}")
        if not wanted:
            raise ValueError("drugs must name at least one drug, got none")
        offered = tuple(one if isinstance(one, Drug) else known[one] for one in wanted)
        names = tuple(drug.name for drug in offered)
        caused = {kind for drug in offered for kind in drug.toxicity} - set(self.toxicities)
        first = tuple(name for name in self.disease.first_line if name in names) or names[:1]
        toxicities = self.disease.toxicities + kinds(*sorted(caused))
        disease = replace(self.disease, drugs=offered, first_line=first, toxicities=toxicities)
        return replace(self, disease=disease, drugs=offered)

    def on(self, mechanism: str) -> bool:
        """Whether a mechanism is switched on."""
        return mechanism in self.mechanisms

    @property
    def first_line(self) -> tuple[int, ...]:
        """Indices of the drugs that the standard of care gives first."""
        return tuple(k for k, drug in enumerate(self.drugs) if drug.name in self.disease.first_line)

    @property
    def traits(self) -> tuple[str, ...]:
        """Names of the resistance traits."""
        return tuple(trait.name for trait in self.disease.traits)

    @property
    def organs(self) -> tuple[str, ...]:
        """Names of the organs."""
        return tuple(organ.name for organ in self.disease.organs)

    @property
    def toxicities(self) -> tuple[str, ...]:
        """Names of the cumulative toxicities."""
        return tuple(toxicity.name for toxicity in self.disease.toxicities)

    @property
    def visits(self) -> int:
        """Visits until the end of follow-up."""
        return math.ceil(self.horizon / self.visit_interval - 1e-6)


def check_mechanisms(names: Iterable[str]) -> None:
    """Raise where a name is not that of a mechanism."""
    unknown = [name for name in names if name not in MECHANISMS]
    if unknown:
        raise ValueError(f"unknown mechanism {sorted(map(str, unknown))}; known: {list(MECHANISMS)}")
