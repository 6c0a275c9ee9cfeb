"""Planning with the true state. PRIVILEGED - no clinic could do it.

What it reaches shows how much is to be gained; it is no bound, as a policy that is none of its rules may do better.
"""

from __future__ import annotations

import numpy as np

from metaenv_agents.control.planning import Copies, RulePlanner
from metaenv_agents.policy import Array


class Oracle(RulePlanner):
    """Plans on copies of the true patients: their cells, parameters and toxicity, but not their luck.

    Privileged: it reads what no clinic can know from the environment that it treats.
    """

    privileged = True

    def follow(self, observation: Array, given: Array | None) -> None:
        """Nothing to take in: it looks behind what is seen."""

    def copies(self, observation: Array, visit: int, look: int) -> Copies:
        """Every patient as it is, each copy with luck of its own; the same luck for all rules."""
        rows = np.repeat(np.arange(self.patients), self.budget.copies)
        weight = np.full((self.patients, self.budget.copies), 1.0 / self.budget.copies)
        return Copies(
            self.env.snapshot().copies(rows, self.luck(visit, look)),
            np.repeat(observation, self.budget.copies, axis=0),
            weight,
        )
