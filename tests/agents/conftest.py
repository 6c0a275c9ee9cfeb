"""A ward of toy patients: enough of an environment to test policies without simulating biology."""

from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from metaenv.clinic.observation_table import MEASURED
from metaenv_agents.policy import Clinic

SIZE = 22
HORIZON = 6  # visits
SCALES = {part.name: part.scale for part in MEASURED}


class ToyLayout(SimpleNamespace):
    """Slices of a toy's observation; its numbers are scaled as everywhere."""

    def read(self, name, observation):
        return SCALES[name].read(observation[..., getattr(self, name)])


def toy_layout():
    return ToyLayout(
        size=SIZE,
        marker_ratio=slice(0, 1),
        marker_measured=slice(1, 2),
        toxicity=slice(2, 4),
        dose_given=slice(4, 6),
        day=slice(6, 7),
        marker=slice(7, 8),
        scan_measured=slice(8, 9),
        diameters=slice(9, 11),
        visible=slice(11, 13),
        allele_fraction=slice(13, 14),
        allele_measured=slice(14, 15),
        response=slice(15, 19),
        local_therapy=slice(19, 22),
    )


def observe(
    ratios,
    *,
    measured=1.0,
    grade=0.0,
    scanned=0.0,
    diameters=0.0,
    lesions=0.0,
    allele=np.nan,
    response=2,
    procedure=0,
):
    """A row per patient.

    Marker ratio (the marker itself is 10 ng/mL at baseline) and whether it was measured, worst toxicity grade, whether
    a scan was done, its sum of diameters (mm), its lesions, the AR-V7 share of tumour DNA (NaN: no tumour DNA found),
    the response at the last scan (index of CR, PR, SD, PD), and the procedure done at the last visit.
    """
    rows = np.zeros((np.size(ratios), SIZE), dtype=np.float32)
    rows[:, 0], rows[:, 1], rows[:, 3] = ratios, measured, np.asarray(grade) / 4
    rows[:, 7] = np.log10(np.maximum(1e-4, 10.0 * np.asarray(ratios)))
    rows[:, 8], rows[:, 10], rows[:, 11] = scanned, np.asarray(diameters) / 100, np.asarray(lesions) / 10
    rows[:, 13], rows[:, 14] = np.nan_to_num(np.asarray(allele)), ~np.isnan(np.asarray(allele))
    rows[:, 15 + response] = 1.0
    rows[:, 19 + procedure] = 1.0
    return rows


class ToyVectorEnv(gym.vector.VectorEnv):
    """Patients whose tumour grows or shrinks with the dose; death above twice the baseline, the end after six visits.

    Who a patient is, is a hash of (seed, patient, episode); there is no generator.
    """

    def __init__(self, num_envs, action="levels", mode=AutoresetMode.SAME_STEP):
        self.num_envs = num_envs
        self.metadata = {"autoreset_mode": mode}
        self.single_observation_space = gym.spaces.Box(0.0, 10.0, (SIZE,), np.float32)
        nvec = [3, 3, 3]
        self.single_action_space = (
            gym.spaces.MultiDiscrete(nvec)
            if action == "levels"
            else gym.spaces.Box(np.zeros(3, np.float32), np.array([1, 1, 2], np.float32))
        )
        self.layout = toy_layout()
        self.scenario = SimpleNamespace(
            drugs=(SimpleNamespace(name="abiraterone"), SimpleNamespace(name="docetaxel")),
            first_line=(0,),
            traits=("AR-V7",),
            disease=SimpleNamespace(name="prostate", progression=SimpleNamespace(by="marker")),
            local_therapy=True,
            visit_interval=28.0,
        )
        self.full_dose = np.array([2.0, 2.0, 2.0]) if action == "levels" else np.array([1.0, 1.0, 2.0])
        self.note = "unset"

    def reset(self, *, seed=None, options=None):
        self.options = options
        self.seeds = np.arange(self.num_envs) + (0 if seed is None else seed)
        self.episode = np.zeros(self.num_envs, dtype=np.int64)
        self.visit = np.zeros(self.num_envs, dtype=np.int64)
        self.ratio = np.ones(self.num_envs)
        return self._observe(), self._infos()

    def step(self, actions):
        actions = np.asarray(actions, dtype=np.float64)
        assert actions.shape == (self.num_envs, 3)
        luck = np.sin(self.seeds * 12.9898 + self.episode * 78.233 + self.visit * 37.719) % 1.0
        dose = (actions / self.full_dose)[:, :2].sum(axis=1)
        self.ratio = np.clip(self.ratio * np.exp(0.5 * luck - 0.3 * dose), 0.0, 10.0)
        self.visit += 1
        rewards = 0.08 * (1 - 0.2 * dose)
        terminated, truncated = self.ratio > 2.0, self.visit >= HORIZON
        observations, infos = self._observe(), self._infos()
        done = terminated | truncated
        if done.any():
            infos["final_obs"], infos["_final_obs"] = self._objects(observations, done), done
            infos["final_info"], infos["_final_info"] = self._infos(), done
            self.visit[done], self.ratio[done] = 0, 1.0
            self.episode[done] += 1
            observations = self._observe()
            infos |= self._infos()
        return observations, rewards, terminated, truncated, infos

    @staticmethod
    def _objects(observations, done):
        final = np.full(len(observations), None, dtype=object)
        for index in np.flatnonzero(done):
            final[index] = observations[index].copy()
        return final

    def _observe(self):
        rows = observe(self.ratio)
        rows[:, 6] = self.visit / HORIZON
        return rows

    def _infos(self):
        everyone = np.ones(self.num_envs, dtype=bool)
        return {"burden": self.ratio * 1e9, "_burden": everyone, "visit": self.visit.copy(), "_visit": everyone}

    def action_masks(self):
        masks = np.ones((self.num_envs, 9), dtype=bool)
        masks[:, 7] = np.arange(self.num_envs) % 2 == 0  # resection for every second patient
        return masks

    def snapshot(self):
        return {name: getattr(self, name).copy() for name in ("seeds", "episode", "visit", "ratio")}

    def restore(self, snapshot):
        for name, value in snapshot.items():
            setattr(self, name, value.copy())


@pytest.fixture
def toy():
    return ToyVectorEnv


@pytest.fixture
def see():
    return observe


@pytest.fixture
def clinic():
    return Clinic.of(ToyVectorEnv(1))


@pytest.fixture
def course():
    """Treat one patient through a series of marker ratios; returns the levels given, (visit, entry)."""

    def run(rule, ratios, **seen):
        memory, given = None, []
        for visit, ratio in enumerate(ratios):
            now = {name: values[visit] for name, values in seen.items()}
            actions, memory = rule.predict(observe([ratio], **now), memory, np.array([visit == 0]))
            given.append(actions[0])
        return np.array(given)

    return run
