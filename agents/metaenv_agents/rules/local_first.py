"""Treat what is seen, lesion after lesion; then the drugs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from metaenv.clinic.codes import RADIOTHERAPY, RESECTION
from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drugs

TREATED, WANTED, TOOL, REFUSED, ON_DRUGS = range(5)  # columns of the memory


@dataclass(frozen=True, kw_only=True)
class LocalFirst(Rule):
    """One visible lesion per visit is resected, or irradiated where resection is refused; then full doses of `drugs`.

    The drugs begin at the first visit at which no lesion is in view (or none can be treated) and go on to the end, as
    does local therapy of what comes into view later. `drugs=()` watches instead. No published rule: oligometastatic
    disease is treated so up to three or five lesions (Ost2018, Palma2019).
    """

    drugs: DrugChoice = "first_line"
    days: float = math.inf  # length of the drug treatment, rounded up to whole visits; the standard goes on to the end

    name = "local_first"
    memory_size = (
        5  # lesions treated since the last scan; wanted at the last visit; tool in use; refusals; visits on drugs
    )

    def __post_init__(self) -> None:
        """Check that there is local therapy, and the drugs."""
        if not self.clinic.local_therapy:
            raise ValueError(f"rule '{self.name}' needs local therapy, which is not offered here")
        if not self.days > 0:
            raise ValueError(f"days must be > 0, got {self.days}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Which drugs, and for how long."""
        return {"drugs": suggest_drugs(trial, clinic), "days": suggest_days(trial, "days", 84.0, 7300.0)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Count what is still in view, treat the largest of it, then give the drugs."""
        seen, scanned = self.clinic.lesions_seen(observation), self.clinic.scanned(observation)
        done = observation[:, self.clinic.layout.local_therapy][:, 1:].max(axis=1) > 0.5
        treated = np.where(scanned, 0.0, memory[:, TREATED] + done)
        refused = (memory[:, WANTED] > 0) & ~done
        tool = np.where(memory[:, TOOL] == 0, RESECTION, memory[:, TOOL])
        tool = np.where(refused, RESECTION + RADIOTHERAPY - tool, tool)
        refusals = np.where(scanned | done, 0, memory[:, REFUSED] + refused)
        wanted = np.where((seen > treated) & (refusals < 2), tool, 0).astype(np.int64)  # both refused: wait for a scan
        visits = memory[:, ON_DRUGS]
        begun = (visits > 0) | (wanted == 0)
        doses = self.give(begun & (visits * self.clinic.visit_interval < self.days), self.clinic.select(self.drugs))
        memory = np.column_stack([treated, wanted, tool, refusals, visits + begun]).astype(np.float64)
        return self.clinic.encode(doses, wanted), memory
