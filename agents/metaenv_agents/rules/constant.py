"""The same at every visit: a level for each drug, and procedures whenever they are allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from metaenv.clinic.codes import DOSE_LEVELS, NO_PROCEDURE, RADIOTHERAPY, RESECTION
from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial

PROCEDURES = {  # plan -> procedures asked for, by turns
    "none": (NO_PROCEDURE, NO_PROCEDURE),
    "irradiate": (RADIOTHERAPY, RADIOTHERAPY),
    "resect": (RESECTION, RESECTION),
    "both": (RADIOTHERAPY, RESECTION),
}


@dataclass(frozen=True, kw_only=True)
class Constant(Rule):
    """A fraction of the full dose of each drug at every visit, whatever is seen.

    Of single drugs in full this is `maximum_tolerated_dose`, of one fraction for all `metronomic`; here each drug has
    its own, and local therapy is asked for at every visit, which the clinic grants where it is allowed. No published
    rule: what is not above the best of these has used nothing that it saw.
    """

    doses: tuple[float, ...] | None = None  # fraction of the full dose of each drug in action order; None: half of all
    procedures: Literal["none", "irradiate", "resect", "both"] = "none"

    name = "constant"
    memory_size = 1  # visits so far

    def __post_init__(self) -> None:
        """Check that each drug has a dose, and that the procedures are offered."""
        if len(self.given_doses) != len(self.clinic.drugs):
            raise ValueError(f"doses must be one for each of {self.clinic.drugs}, got {self.doses}")
        for dose in self.given_doses:
            if not 0 <= dose <= 1:
                raise ValueError(f"doses must be in [0, 1] of the full dose, got {self.doses}")
            self.clinic.check_dose(dose)
        if self.procedures not in PROCEDURES:
            raise ValueError(f"procedures must be one of {list(PROCEDURES)}, got {self.procedures!r}")
        if self.procedures != "none" and not self.clinic.local_therapy:
            raise ValueError(f"procedures must be 'none' where there is no local therapy, got {self.procedures!r}")

    @property
    def given_doses(self) -> tuple[float, ...]:
        """The dose of each drug."""
        return (0.5,) * len(self.clinic.drugs) if self.doses is None else self.doses  # guess, the lower of two levels

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """A level for each drug and, where they are offered, procedures."""
        levels = {drug: trial.suggest_categorical(f"dose of {drug}", list(DOSE_LEVELS)) for drug in clinic.drugs}
        plan = trial.suggest_categorical("procedures", list(PROCEDURES)) if clinic.local_therapy else "none"
        return {"doses": tuple(levels.values()), "procedures": plan}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Give the same again."""
        doses = np.tile(np.array(self.given_doses, dtype=np.float64), (len(observation), 1))
        local = np.array(PROCEDURES[self.procedures], dtype=np.int64)[memory[:, 0].astype(np.int64) % 2]
        return self.clinic.encode(doses, local), memory + 1
