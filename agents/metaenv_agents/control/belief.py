"""What a clinic may believe of a patient: simulated patients, the likelier the more alike they are in what is measured.

A particle filter over whole patients. Particles are drawn from the cohort that rules are tuned on, given what the
patient was given, and weighed by the marker and the sum of diameters that the patient showed at each visit.
"""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode

from metaenv.dynamics.state import IntArray
from metaenv.scenario import Scenario
from metaenv_agents.policy import Array, Clinic, FloatArray

MARKER_SPREAD = 0.15  # sd of log10 of the marker that still counts as like; guess, wider than the noise of assays
SIZE_SPREAD = 0.1  # sd of log10 of the sum of diameters that still counts as like; guess
SIZE_FLOOR = 10.0  # mm added to sums of diameters, so that small lesions count little; guess
MEMORY = 0.9  # of a visit's evidence left after the next; guess, no particle is the patient for long
UNLIKELY = -20.0  # log-likelihood of a particle that has died while the patient lives; guess


class Belief:
    """Particles of every patient of an environment: the first train patients, the same people for all.

    Args:
        inside: the environment whose patients are believed about; only its scenario and action encoding are used.
        patients: their number.
        particles: per patient.
        seed: of the particles' luck, >= 0.
        scenario: the population that particles are drawn from. None: that of `inside`.
    """

    def __init__(
        self, inside: Any, patients: int, *, particles: int, seed: int = 0, scenario: Scenario | None = None
    ) -> None:
        if particles < 1:
            raise ValueError(f"particles must be >= 1, got {particles}")
        self.patients, self.particles = patients, particles
        self.clinic = Clinic.of(inside)
        self._identities = np.tile(np.arange(particles), patients)
        self._seeds = [seed] * (patients * particles)
        self._env: Any = gym.make_vec(
            inside.spec.id,
            num_envs=patients * particles,
            vectorization_mode="vector_entry_point",
            autoreset_mode=AutoresetMode.DISABLED,
            scenario=inside.scenario if scenario is None else scenario,
            action=self.clinic.action,
        )
        self.observation: Array = np.empty(0)  # (patient x particle, measurement)
        self.log_weight: FloatArray = np.zeros((patients, particles))
        self._alive = np.ones(patients * particles, dtype=np.bool_)

    def begin(self, observation: Array) -> None:
        """Meet the patients: (patient, measurement)."""
        self.observation, _ = self._env.reset(seed=self._seeds, options={"patient": self._identities})
        self.log_weight = np.zeros((self.patients, self.particles))
        self._alive[:] = True
        self._weigh(observation)

    def follow(self, actions: Array, observation: Array) -> None:
        """Give every particle what its patient was given, and compare what both show now."""
        given = np.repeat(actions, self.particles, axis=0)
        self.observation, _, terminated, truncated, _ = self._env.step(given)
        self._alive &= ~(terminated | truncated)
        self._weigh(observation)

    def _weigh(self, observation: Array) -> None:
        seen = np.repeat(observation, self.particles, axis=0)
        marker = self.clinic.log_marker(seen) - self.clinic.log_marker(self.observation)
        score = np.where(np.isnan(marker), 0.0, -0.5 * (marker / MARKER_SPREAD) ** 2)  # not measured: no evidence
        scanned = self.clinic.scanned(seen)
        one, other = (np.log10(SIZE_FLOOR + self.clinic.sum_of_diameters(each)) for each in (seen, self.observation))
        score += np.where(scanned, -0.5 * ((one - other) / SIZE_SPREAD) ** 2, 0.0)
        score = np.where(self._alive, np.maximum(score, UNLIKELY), UNLIKELY)
        self.log_weight = MEMORY * self.log_weight + score.reshape(self.patients, self.particles)

    @property
    def weight(self) -> FloatArray:
        """How likely each particle is, (patient, particle), summing to 1 over the particles."""
        relative = np.exp(self.log_weight - self.log_weight.max(axis=1, keepdims=True))
        normal: FloatArray = relative / relative.sum(axis=1, keepdims=True)
        return normal

    def likeliest(self, count: int) -> tuple[IntArray, FloatArray]:
        """Rows of each patient's `count` likeliest particles, (patient, count), and their weights among themselves."""
        order = np.argsort(-self.log_weight, axis=1, kind="stable")[:, :count]
        weight = np.take_along_axis(self.weight, order, axis=1)
        rows = order + self.particles * np.arange(self.patients)[:, None]
        return rows, weight / weight.sum(axis=1, keepdims=True)

    def snapshot(self) -> Any:
        """The particles, as `metaenv` writes them down."""
        return self._env.unwrapped.snapshot()
