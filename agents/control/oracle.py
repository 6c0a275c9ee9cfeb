"""The ceiling: planning with the true state. PRIVILEGED - no clinic could do it; regret is measured from it."""

from __future__ import annotations

import numpy as np

from agents.control.planning import Copies, RulePlanner
from agents.policy import Array


class Oracle(RulePlanner):
    """Plans on copies of the true patients: their cells, parameters and toxicity, but not their luck.

    Privileged: it reads what no clinic can know from the environment that it treats.
    """

    privileged = True

    def copies(self, observation: Array, visit: int) -> Copies:
        """Every patient as it is, each copy with luck of its own; the same luck for all rules."""
        rows = np.repeat(np.arange(self.patients), self.budget.copies)
        luck = (self.seed + 1) * 1_000_003 + visit * 1_009 + np.tile(np.arange(self.budget.copies), self.patients)
        weight = np.full((self.patients, self.budget.copies), 1.0 / self.budget.copies)
        return Copies(
            self.env.snapshot().copies(rows, luck), np.repeat(observation, self.budget.copies, axis=0), weight
        )
