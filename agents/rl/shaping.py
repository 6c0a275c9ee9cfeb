"""A hint to a learner: resistant cells are what shortens the time to come.

A change of dose today may pay in a year, far beyond what can be told from luck or from the errors of a critic. So the
change of a potential is added to every reward while a policy learns, and to nothing by which it is judged. Whatever
the potential is, the policy that is best with it is the one that is best without (Ng1999), so a bad hint costs time
and no more. The potential is read from the true state: the policy itself is never shown it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.policy import BoolArray, FloatArray

TOP = 10.0  # log10 of resistant cells at which the potential is 0: about 10 cm3 of tumour; guess


@dataclass(frozen=True, kw_only=True)
class Shaping:
    """Adds `discount` x potential after a visit - potential before it, where the potential of who has died is 0.

    Attributes:
        weight: potential per tenfold fewer resistant cells, in units of the return (years), >= 0.
        discount: of the learner, per visit; with another one the best policy would not stay the best.
    """

    weight: float
    discount: float

    def potential(self, truth: Mapping[str, Any]) -> FloatArray:
        """Potential of every patient, (patient,).

        Args:
            truth: `burden` (patient,) in cells and `resistant_fraction` (patient, trait), as in `info`.
        """
        resistant = truth["burden"] * truth["resistant_fraction"].max(axis=1, initial=0.0)  # of the commonest trait
        potential: FloatArray = self.weight * (TOP - np.log10(np.maximum(resistant, 1.0)))
        return potential

    def added(self, before: FloatArray, infos: Mapping[str, Any], terminated: BoolArray, done: BoolArray) -> FloatArray:
        """What is added to the rewards of a visit, (patient,).

        Args:
            before: potential before the visit.
            infos: of the visit, in `AutoresetMode.SAME_STEP`, where `final_info` holds what was last true.
            terminated: who has died, or whose episode ended otherwise for good.
            done: terminated, or at the end of the follow-up.
        """
        after = self.potential(infos)
        if done.any():
            after = np.where(done, self.potential(infos["final_info"]), after)
        return self.discount * np.where(terminated, 0.0, after) - before
