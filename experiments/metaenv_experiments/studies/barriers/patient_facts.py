"""What happened to each patient, read from whole courses: how deep the response went, how long the silence lasted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv.scenario.biology import build_biology
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task

HALF = 0.5  # of its effect on sensitive cells: below, a clone counts as resistant to the drug


def treat(task: Task, policy: NamedPolicy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Treat all patients of the task and watch every visit: one row per patient with the facts, and the courses."""
    rollout = play(task, policy.make, task.ids, watch=frozenset(task.ids.tolist()))
    found = facts(rollout.courses)
    return rollout.episodes.merge(found, on="patient", validate="one_to_one"), rollout.courses


def facts(courses: pd.DataFrame) -> pd.DataFrame:
    """One row per patient.

    Columns: start_burden and nadir_burden (cells), start_lesions, relapses (count) and silence_days, the longest time
    with neither visible lesion nor drug that a relapse ended (0 if none did).
    """
    given = doses(courses)
    burden, day = courses["burden"].to_numpy(), courses["day"].to_numpy(dtype=np.float64)
    visible = courses["visible_lesions"].to_numpy()
    rows = []
    for patient, span in _patients(courses):
        silences = relapses(day[span], visible[span], given[span])
        rows.append(
            {
                "patient": patient,
                "start_burden": burden[span][0],
                "nadir_burden": burden[span].min(),
                "start_lesions": courses["lesions"].to_numpy()[span][0],
                "relapses": len(silences),
                "silence_days": max(silences, default=0.0),
            }
        )
    return pd.DataFrame(rows)


def doses(courses: pd.DataFrame) -> NDArray[np.float64]:
    """Dose of all drugs together since the visit before, in full doses, one for each row."""
    columns = [name for name in courses if str(name).startswith("dose_")]
    return np.asarray(courses[columns].sum(axis=1), dtype=np.float64)


def relapses(day: NDArray[Any], visible: NDArray[Any], given: NDArray[Any]) -> list[float]:
    """Days of silence before each relapse of one patient.

    Args:
        day: (visit,) days.
        visible: (visit,) visible lesions.
        given: (visit,) dose of all drugs since the visit before.
    """
    quiet = np.concatenate([[False], (visible == 0) & (given == 0), [False]])
    starts, ends = (np.flatnonzero(np.diff(quiet.astype(np.int64)) == step) for step in (1, -1))
    return [
        float(day[end] - day[start])
        for start, end in zip(starts, ends, strict=True)
        if end < len(day) and visible[end] > 0
    ]


def resistance_at_progression(
    task: Task, episodes: pd.DataFrame, courses: pd.DataFrame, untreated: pd.DataFrame
) -> pd.DataFrame:
    """Share of cells with each trait at progression, and on the same day in the same patient untreated.

    Columns: patient, at_progression_<trait>, untreated_<trait> and on_drug, whether any drug was given between the
    last three visits; those who did not progress have no row. Who died earlier without treatment counts with the last
    visit.
    """
    days = dict(zip(episodes["patient"], episodes["progression_days"].where(episodes["progressed"]), strict=True))
    traits = task.scenario.traits
    found: dict[int, dict[str, Any]] = {int(p): {"patient": int(p)} for p, day in days.items() if np.isfinite(day)}
    for name, table in (("at_progression", courses), ("untreated", untreated)):
        day = table["day"].to_numpy()
        shares = table[[f"resistant_{trait}" for trait in traits]].to_numpy()
        given = doses(table)
        for patient, span in _patients(table):
            if patient in found:
                at = min(int(np.searchsorted(day[span], days[patient])), span.stop - span.start - 1)
                found[patient] |= {f"{name}_{trait}": shares[span][at, t] for t, trait in enumerate(traits)}
                if name == "at_progression":
                    found[patient]["on_drug"] = given[span][max(0, at - 2) : at + 1].sum() > 0
    columns = [f"{name}_{trait}" for name in ("at_progression", "untreated") for trait in traits]
    return pd.DataFrame(list(found.values()), columns=["patient", *columns, "on_drug"])


def resistant_clones(task: Task) -> NDArray[np.bool_]:
    """Which clones each drug cannot control, (drug, clone): its effect at the average concentration is below HALF."""
    biology = build_biology(task.scenario)
    resistant = np.zeros(biology.level.shape, dtype=np.bool_)
    for drug, levels in enumerate(biology.level):
        reached = 1.0 / biology.pumped[drug, levels]  # (C / pump)^hill at C = 1
        effect = reached / (reached + biology.potency[drug, levels])
        resistant[drug] = effect < HALF * effect[0]
    return resistant


def resisting_traits(task: Task) -> dict[str, tuple[str, ...]]:
    """The traits that make a cell resistant to each drug by themselves."""
    resistant, traits = resistant_clones(task), task.scenario.traits
    return {
        drug.name: tuple(trait for t, trait in enumerate(traits) if resistant[d, 1 << t])
        for d, drug in enumerate(task.scenario.drugs)
    }


def resistant_at_start(task: Task) -> pd.DataFrame:
    """Cells resistant to each drug (resistant_<drug>), and to all at once (resistant_all), before any treatment."""
    env = task.vector_env(task.patients)
    env.reset(seed=[task.seed] * task.patients, options={"patient": task.ids})
    state = env.unwrapped.cohort.state
    cells = (
        state.proliferating.sum(axis=1) + state.dormant.sum(axis=1) + state.disseminated_cells.sum(axis=1)
    )  # (patient, clone)
    resistant = resistant_clones(task)
    columns = {
        f"resistant_{drug.name}": cells[:, resistant[d]].sum(axis=1) for d, drug in enumerate(task.scenario.drugs)
    }
    lesions = (state.organ >= 0).sum(axis=1)
    everything = cells[:, resistant.all(axis=0)].sum(axis=1)
    env.close()
    return pd.DataFrame({"patient": task.ids, "lesions": lesions, **columns, "resistant_all": everything})


def _patients(courses: pd.DataFrame) -> Iterator[tuple[int, slice]]:
    """Each patient and the rows of its course, which lie together."""
    identities = courses["patient"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], identities[1:] != identities[:-1]]))
    for start, end in zip(starts, [*starts[1:], len(identities)], strict=True):
        yield int(identities[start]), slice(int(start), int(end))
