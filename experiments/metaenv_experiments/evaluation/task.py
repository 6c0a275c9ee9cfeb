"""What policies are evaluated on: which disease and scenario, which patients, which seed of chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

import metaenv
from metaenv.scenario import Scenario
from metaenv.scenario.variation import vary
from metaenv_experiments.running.options import UsageError

RETURN_UNITS = {  # by the reward's objective
    "quality": "quality-adjusted years",
    "survival": "years lived",
    "control": "progression-free years",
}


def diseases() -> dict[str, str]:
    """Return every registered disease by the name used on the command line: `{"prostate": "metaenv/Prostate-v1"}`."""
    return {gym.spec(env_id).kwargs["disease"]: env_id for env_id in sorted(metaenv.REGISTERED)}


def environment_id(disease: str) -> str:
    """Return the registered id of a disease."""
    known = diseases()
    if disease not in known:
        raise UsageError(f"disease must be one of {', '.join(known)}, got {disease!r}")
    return known[disease]


@dataclass(frozen=True, kw_only=True)
class Task:
    """The same patients and the same luck for every policy that takes it on."""

    disease: str
    cohort: str
    patients: int  # count, consecutive ones of the cohort
    seed: int
    first: int = 0  # position in the cohort of the first of them
    without: tuple[str, ...] = ()  # mechanisms that are switched off
    drugs: tuple[str, ...] | None = None  # on offer; None: those of the disease
    local_therapy: bool | None = None  # whether it is offered beside drugs; None: drugs alone
    changes: tuple[tuple[str, Any], ...] = ()  # path and value, see `metaenv.scenario.variation`
    shift: str | None = None  # of the patients, see `metaenv.scenario.shift`
    action: Literal["levels", "continuous"] = "levels"  # how doses are written
    observation: Literal["clinic", "full"] = "clinic"  # what is seen; full shows the true state
    visit_interval: float | None = None  # days; None: that of the disease

    def __post_init__(self) -> None:
        """Check that there is such a scenario, and that the cohort is large enough."""
        environment_id(self.disease)
        try:
            _ = self.scenario  # kept
        except ValueError as error:
            raise UsageError(str(error)) from error
        if self.cohort not in metaenv.COHORTS:
            raise UsageError(f"cohort must be one of {', '.join(metaenv.COHORTS)}, got {self.cohort!r}")
        available = len(metaenv.COHORTS[self.cohort])
        if not 0 <= self.first < available:
            raise UsageError(f"first must be in 0 … {available - 1} for cohort {self.cohort!r}, got {self.first}")
        left = available - self.first
        if not 1 <= self.patients <= left:
            passed = f" from {self.first} on" if self.first else ""
            raise UsageError(f"patients must be in 1 … {left} for cohort {self.cohort!r}{passed}, got {self.patients}")

    @property
    def env_id(self) -> str:
        """The registered id."""
        return environment_id(self.disease)

    @property
    def ids(self) -> NDArray[np.int64]:
        """Patient ids, (patient,)."""
        first = metaenv.COHORTS[self.cohort].start + self.first
        return np.arange(first, first + self.patients, dtype=np.int64)

    @cached_property
    def scenario(self) -> Scenario:
        """What is simulated."""
        offered = metaenv.make_scenario(self.disease, drugs=self.drugs, visit_interval=self.visit_interval)
        changed = vary(offered, dict(self.changes))
        return metaenv.make_scenario(
            scenario=changed, local_therapy=self.local_therapy, without=self.without, shift=self.shift
        )

    @property
    def return_unit(self) -> str:
        """What the return is measured in."""
        return RETURN_UNITS[self.scenario.reward.objective]

    def vector_env(self, num_envs: int, autoreset: AutoresetMode = AutoresetMode.DISABLED) -> Any:
        """Make the native vector environment; without autoreset each patient is treated exactly once."""
        return gym.make_vec(
            self.env_id,
            num_envs=num_envs,
            vectorization_mode="vector_entry_point",
            autoreset_mode=autoreset,
            scenario=self.scenario,
            action=self.action,
            observation=self.observation,
        )
