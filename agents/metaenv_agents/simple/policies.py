"""Many simple policies at once: each patient is treated by one of them, and a batch tries a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import NO_PROCEDURE, RADIOTHERAPY, RESECTION
from metaenv_agents.measurements import MEASUREMENTS, VISITS, measured
from metaenv_agents.policy import Array, Clinic, FloatArray
from metaenv_agents.simple.grammar import MOST_CONDITIONS, PROCEDURE_PLANS, Condition, Simple

EVERY_VISIT = np.array([[NO_PROCEDURE] * 2, [RADIOTHERAPY] * 2, [RESECTION] * 2, [RADIOTHERAPY, RESECTION]])


class SimplePolicies:
    """A policy in the sense of `metaenv_agents.policy.Policy`, of one simple policy for each patient, or one for all.

    Args:
        clinic: where they treat.
        policies: the simple policies.
        chosen: (patient,) which of them treats a patient; None: the only one treats all.

    Raises:
        ValueError: a policy has not a dose for each drug, or does procedures where there are none, or there are several
            and none is chosen.
    """

    def __init__(self, clinic: Clinic, policies: Sequence[Simple], chosen: NDArray[np.int64] | None = None) -> None:
        if chosen is None and len(policies) != 1:
            raise ValueError(f"chosen must say who treats whom among {len(policies)} policies, got None")
        for policy in policies:
            if len(policy.doses) != len(clinic.drugs):
                raise ValueError(f"doses must be one for each of {clinic.drugs}, got {len(policy.doses)}")
            if policy.procedures != PROCEDURE_PLANS[0] and not clinic.local_therapy:
                raise ValueError(
                    f"procedures must be {PROCEDURE_PLANS[0]!r} without local therapy, got {policy.procedures!r}"
                )
        self.clinic, self._chosen = clinic, chosen
        self._level = np.array([[dose.level for dose in each.doses] for each in policies])  # (policy, drug)
        self._any = np.array([[dose.any_of_them for dose in each.doses] for each in policies])
        conditions = [[_padded(dose.conditions) for dose in each.doses] for each in policies]
        names = list(MEASUREMENTS)
        # (policy, drug, condition)
        self._which = np.array([[[names.index(c.measurement) for c in cs] for cs in each] for each in conditions])
        self._above = np.array([[[c.above for c in cs] for cs in each] for each in conditions])
        self._threshold = np.array([[[c.threshold for c in cs] for cs in each] for each in conditions])
        self._idle = np.array(
            [[[k >= len(dose.conditions) for k in range(MOST_CONDITIONS)] for dose in each.doses] for each in policies]
        )
        self._procedures = np.array([PROCEDURE_PLANS.index(each.procedures) for each in policies])

    def predict(
        self, observation: Array, state: Any = None, episode_start: Array | None = None, deterministic: bool = False
    ) -> tuple[Array, Array]:
        """See `metaenv_agents.policy.Policy.predict`; the memory is (patient, 3) also for one patient."""
        batch = np.atleast_2d(observation)
        fresh = np.ones(len(batch), dtype=np.bool_)
        if state is not None:
            start = False if episode_start is None else np.reshape(episode_start, -1)
            fresh = np.broadcast_to(np.asarray(start, dtype=np.bool_), len(batch))
        memory = np.zeros((len(batch), 3)) if state is None else np.array(state, dtype=np.float64)
        memory[fresh] = 0.0
        values = np.column_stack([measured(name, self.clinic, batch, memory, fresh) for name in MEASUREMENTS])
        chosen = np.zeros(len(batch), dtype=np.int64) if self._chosen is None else self._chosen
        doses = self._doses(values, chosen)
        turn = memory[:, VISITS].astype(np.int64) % 2
        local = EVERY_VISIT[self._procedures[chosen], turn] if self.clinic.local_therapy else None
        memory[:, VISITS] += 1
        actions = self.clinic.encode(doses, local)
        return (actions[0] if observation.ndim == 1 else actions), memory

    def _doses(self, values: FloatArray, chosen: NDArray[np.int64]) -> FloatArray:
        """Fractions of full dose, (patient, drug)."""
        rows = np.arange(len(values))[:, None, None]
        seen = values[rows, self._which[chosen]]  # (patient, drug, condition)
        holds = np.where(self._above[chosen], seen >= self._threshold[chosen], seen < self._threshold[chosen])
        idle = self._idle[chosen]
        given = np.where(self._any[chosen], (holds & ~idle).any(axis=2), (holds | idle).all(axis=2))
        return np.where(given, self._level[chosen], 0.0)


def _padded(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """So many conditions, the last of which have no meaning."""
    nothing = Condition(measurement=next(iter(MEASUREMENTS)), above=True, threshold=0.0)
    return (*conditions, *[nothing] * (MOST_CONDITIONS - len(conditions)))
