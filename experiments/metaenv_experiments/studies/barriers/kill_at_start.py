"""A treatment that no clinic has: a stated share of all tumour cells dies at once, whatever they are and wherever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.cohort import Cohort
from metaenv_agents.policy import Array, Policy


@dataclass(frozen=True, kw_only=True)
class KillAtStart:
    """Kill before the first visit's treatment, then do as the policy says.

    Every cell survives with the same chance, resistant or sensitive, awake or asleep, in a lesion or single. The chance
    is addressed by seed and patient, so a patient's survivors do not depend on the company.
    """

    policy: Policy
    cohort: Cohort
    survival: float  # probability that a cell survives
    seed: int

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = False,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`."""
        if state is None:
            kill(self.cohort, self.survival, self.seed)
        return self.policy.predict(observation, state, episode_start, deterministic)


def kill(cohort: Cohort, survival: float, seed: int) -> None:
    """Leave each tumour cell of every patient with the probability `survival`; a lesion without cells is gone."""
    state = cohort.state
    for row, patient in enumerate(cohort.patients.person["identity"]):
        generator = np.random.default_rng([seed, int(patient)])
        for cells in (state.proliferating, state.dormant, state.disseminated_cells):
            cells[row] = generator.binomial(cells[row].astype(np.int64), survival)
    empty = (state.proliferating + state.dormant).sum(axis=2) <= 0.0
    lesions: NDArray[np.int64] = state.organ
    lesions[empty] = -1


def killing_first(make: Callable[[Any], Policy], *, log10: float, seed: int) -> Callable[[Any], Policy]:
    """Build the same policy after a kill of so many log10."""

    def make_policy(env: Any) -> Policy:
        return KillAtStart(policy=make(env), cohort=env.unwrapped.cohort, survival=10.0**-log10, seed=seed)

    return make_policy
