"""Receding-horizon control that knows no more than the clinic: planning on simulated patients like the one in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gymnasium.vector import VectorEnv

from metaenv.scenario import Scenario
from metaenv_agents.control.belief import Belief
from metaenv_agents.control.planning import Budget, Copies, Entry, RulePlanner
from metaenv_agents.policy import Array, Policy


class ModelPredictive(RulePlanner):
    """Plans on the likeliest particles of a belief; reads nothing of its environment but what it is shown.

    Args:
        env: the vector environment that is treated, in `AutoresetMode.DISABLED`.
        candidates: the rules to choose from.
        budget: how much is simulated; `copies` particles of each patient are planned on.
        particles: of each patient's belief.
        seed: of the particles' luck, >= 0.
        scenario: the population that the clinic takes its patients to be from. None: that of `env`.
        policies: candidates beside the rules, each with a row of memory per patient.
    """

    privileged = False

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        candidates: Sequence[Entry],
        *,
        budget: Budget,
        particles: int = 128,
        seed: int = 0,
        scenario: Scenario | None = None,
        policies: Sequence[Policy] = (),
    ) -> None:
        super().__init__(env, candidates, budget=budget, seed=seed, scenario=scenario, policies=policies)
        if particles < budget.copies:
            raise ValueError(f"particles must be at least the {budget.copies} copies planned on, got {particles}")
        self.belief = Belief(self.env, self.patients, particles=particles, seed=seed + 1, scenario=scenario)

    def follow(self, observation: Array, given: Array | None) -> None:
        """Update the belief by what is seen."""
        if given is None:
            self.belief.begin(observation)
        else:
            self.belief.follow(given, observation)

    def copies(self, observation: Array, visit: int, look: int) -> Copies:
        """The likeliest particles of every patient, each with luck of its own from here on."""
        rows, weight = self.belief.likeliest(self.budget.copies)
        flat = rows.ravel()
        return Copies(
            self.belief.snapshot().copies(flat, self.luck(visit, look)), self.belief.observation[flat], weight
        )
