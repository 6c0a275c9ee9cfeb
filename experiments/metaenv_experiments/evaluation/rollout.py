"""Plays exactly one episode per patient and writes down how it went."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metaenv
from metaenv_agents.policy import Policy
from metaenv_experiments.evaluation.task import Task

ALIVE = metaenv.CAUSES.index("alive")
TOXIC = [metaenv.CAUSES.index(cause) for cause in ("neutropenic_sepsis", "cumulative_toxicity", "procedure")]
COURSE_SCALARS = (
    "day",  # since the start
    "burden",  # cells
    "visible_burden",  # cells
    "dormant",  # cells
    "lesions",
    "visible_lesions",
    "marker",  # in the unit of the disease's sensors, measured
    "neutrophils",  # 1e9/L, measured
    "progressed",
    "cause",
)

Infos = dict[str, Any]
BoolArray = NDArray[np.bool_]


class Rollout(NamedTuple):
    """What a policy's patients went through."""

    episodes: pd.DataFrame  # one row per patient
    courses: pd.DataFrame  # one row per watched patient and visit, the first being the baseline


def play(
    task: Task,
    make_policy: Callable[[Any], Policy],
    ids: NDArray[np.int64],
    *,
    watch: Collection[int] = (),
    on_visit: Callable[[int], None] = lambda visits: None,
) -> Rollout:
    """Treat the patients `ids` once each, all at once, with autoreset disabled.

    A patient's fate depends on (task.seed, patient id) alone, so any split of the ids gives the same rows.

    Args:
        task: the disease and the seed.
        make_policy: builds the policy for a vector environment.
        ids: (patient,) who is treated.
        watch: ids of the patients whose whole course is written down.
        on_visit: told the number of visits so far.
    """
    env = task.vector_env(len(ids))
    policy = make_policy(env)
    observation, infos = env.reset(seed=[task.seed] * len(ids), options={"patient": ids})
    ledger = Ledger(task.scenario, ids, watch)
    ledger.open(infos)
    waiting, state, starts = np.ones(len(ids), dtype=np.bool_), None, np.ones(len(ids), dtype=np.bool_)
    while waiting.any():
        actions, state = policy.predict(observation, state, starts, deterministic=True)
        observation, rewards, terminated, truncated, infos = env.step(actions)
        ledger.record(waiting, rewards, infos)
        waiting &= ~(terminated | truncated)
        starts[:] = False
        on_visit(ledger.visit)
    env.close()
    return ledger.close(infos)


def lived(task: Task, episodes: pd.DataFrame, visits: int) -> BoolArray:
    """Whether a patient was treated at each of so many visits of a rollout, (patient, visit); everybody was at one."""
    days = episodes["survival_days"].to_numpy()
    return np.asarray(np.arange(visits) < np.maximum(np.ceil(days / task.scenario.visit_interval), 1.0)[:, None])


class Ledger:
    """Adds up one episode per patient."""

    def __init__(self, scenario: Any, ids: NDArray[np.int64], watch: Collection[int]) -> None:
        self.scenario = scenario
        self.ids = ids
        self.visit = 0
        self._returns = np.zeros(len(ids))  # (patient,)
        self._visits = np.zeros(len(ids))  # (patient,) lived
        self._doses = np.zeros((len(ids), len(scenario.drugs)))  # (patient, drug) summed fractions of full dose
        self._watched = np.array([row for row, patient in enumerate(ids) if patient in watch], dtype=np.int64)
        self._course: list[dict[str, NDArray[Any]]] = []  # a row per watched patient for every visit

    def open(self, infos: Infos) -> None:
        """Write down the baseline."""
        self._follow(self._watched, np.zeros(len(self.ids)), infos)

    def record(self, waiting: BoolArray, rewards: NDArray[np.float64], infos: Infos) -> None:
        """Add one visit of those `waiting` for it, (patient,)."""
        self.visit += 1
        self._returns[waiting] += rewards[waiting]
        self._visits[waiting] += 1
        self._doses[waiting] += infos["dose_given"][waiting]
        self._follow(self._watched[waiting[self._watched]], rewards, infos)

    def close(self, infos: Infos) -> Rollout:
        """Return the rows; `infos` are those of the last visit, at which everybody has ended."""
        day, cause, progressed = infos["day"], infos["cause"], np.asarray(infos["progressed"], dtype=np.bool_)
        intensity = self._doses / self._visits[:, None]
        columns = {
            "patient": self.ids,
            "return": self._returns,
            "survival_days": np.array(day, dtype=np.float64),
            "died": cause != ALIVE,
            "cause": [metaenv.CAUSES[index] for index in cause],
            "progression_days": np.where(progressed, np.asarray(infos["progression_day"], dtype=np.float64), day),
            "progressed": progressed,
            "cured": np.asarray(infos["cured"], dtype=np.bool_),
            **{f"dose_intensity_{drug.name}": intensity[:, k] for k, drug in enumerate(self.scenario.drugs)},
            "toxic": np.isin(cause, TOXIC),
        }
        return Rollout(pd.DataFrame(columns), self._courses())

    def _courses(self) -> pd.DataFrame:
        """Put the watched patients' visits one patient after the other."""
        if not self._course:
            return pd.DataFrame()
        columns = {name: np.concatenate([visit[name] for visit in self._course]) for name in self._course[0]}
        return pd.DataFrame(columns).sort_values(["patient", "visit"], ignore_index=True)

    def _follow(self, rows: NDArray[np.int64], rewards: NDArray[np.float64], infos: Infos) -> None:
        if rows.size == 0:
            return
        scenario = self.scenario
        columns: dict[str, Any] = {"patient": self.ids[rows], "visit": np.full(rows.size, self.visit)}
        columns |= {name: np.array(infos[name])[rows] for name in COURSE_SCALARS}
        for name, key, parts in (
            ("resistant", "resistant_fraction", scenario.traits),
            ("dose", "dose_given", [drug.name for drug in scenario.drugs]),
            ("prescribed", "dose_prescribed", [drug.name for drug in scenario.drugs]),
            ("toxicity", "toxicity", scenario.toxicities),
        ):
            columns |= {
                f"{name}_{part}": np.array(infos[key], dtype=np.float64)[rows, k] for k, part in enumerate(parts)
            }
        columns["local_therapy"] = np.array(infos["procedure"])[rows]  # done, not only wanted
        columns["reward"] = rewards[rows]
        self._course.append(columns)
