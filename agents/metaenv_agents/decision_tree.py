"""A decision tree that imitates a policy: few questions about what the clinic has measured, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from metaenv_agents.policy import Array, BoolArray, Clinic, FloatArray
from metaenv_agents.rules.rule import Rule

RISE = 1.0  # log10: larger changes of the marker from visit to visit count as a change by this much


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What a tree may ask about: (patient, question), from an observation and the marker remembered from before."""

    clinic: Clinic

    marker_ratio: ClassVar[int] = 0  # number of the question

    @property
    def traits(self) -> list[int]:
        """Numbers of the questions for resistance traits."""
        return [self.names.index(_in_blood(trait)) for trait in self.clinic.traits]

    @property
    def names(self) -> tuple[str, ...]:
        """The questions in words, in order."""
        clinic = self.clinic
        return (
            "marker / baseline",
            "marker / marker at the last visit",
            "lesions seen",
            "sum of diameters, mm",
            "progressive disease at the last scan",
            "worst toxicity, grade",
            *(_in_blood(trait) for trait in clinic.traits),
            *(f"{drug} since the last visit, fraction of full dose" for drug in clinic.drugs),
            "share of the follow-up gone",
        )

    def ask(self, observation: Array, before: FloatArray) -> FloatArray:
        """Answers of a batch.

        Args:
            observation: (patient, measurement).
            before: (patient,) log10 of the marker at the last visit, NaN at the first.
        """
        clinic, layout = self.clinic, self.clinic.layout
        now = observation[:, layout.marker][:, 0].astype(np.float64)
        change = np.clip(np.where(np.isnan(before), 0.0, now - before), -RISE, RISE)
        columns = [
            observation[:, layout.marker_ratio][:, 0],
            10.0**change,
            clinic.lesions_seen(observation),
            clinic.sum_of_diameters(observation),
            clinic.progressive(observation),
            clinic.worst_toxicity(observation),
            *(clinic.allele_fraction(observation, trait) for trait in clinic.traits),
            *observation[:, layout.dose_given].T,
            observation[:, layout.day][:, 0],
        ]
        return np.column_stack(columns).astype(np.float64)

    def remember(self, observation: Array) -> FloatArray:
        """What is `before` at the next visit."""
        marker: FloatArray = observation[:, self.clinic.layout.marker][:, 0].astype(np.float64)
        return marker


def _in_blood(trait: str) -> str:
    return f"{trait} in blood, share of tumour DNA"


@dataclass(frozen=True, kw_only=True)
class TreePolicy(Rule):
    """The tree as a policy; the memory is the marker at the last visit.

    Node k asks whether answer `question[k]` is at most `threshold[k]`: if so on to `below[k]`, else to `above[k]`. A
    leaf has `question[k]` = -1 and gives `actions[k]`.
    """

    question: NDArray[np.int64]  # (node,)
    threshold: FloatArray  # (node,)
    below: NDArray[np.int64]  # (node,)
    above: NDArray[np.int64]  # (node,)
    actions: Array  # (node, entry)

    name = "tree"
    memory_size = 1

    @property
    def questions(self) -> Questions:
        """What it may ask."""
        return Questions(clinic=self.clinic)

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """See `metaenv_agents.rules.rule.Rule.decide`."""
        before = np.where(fresh, np.nan, memory[:, 0])
        actions = self.actions[self.leaf(self.questions.ask(observation, before))]
        return actions, self.questions.remember(observation)[:, None]

    def leaf(self, answers: FloatArray) -> NDArray[np.int64]:
        """The leaf that each row of answers comes to, (patient,)."""
        node = np.zeros(len(answers), dtype=np.int64)
        asking: BoolArray = self.question[node] >= 0
        rows = np.arange(len(answers))
        while asking.any():
            low = answers[rows, self.question[node]] <= self.threshold[node]
            node = np.where(asking, np.where(low, self.below[node], self.above[node]), node)
            asking = self.question[node] >= 0
        return node
