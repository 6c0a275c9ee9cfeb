"""Hashes of who the patients are and of what happens to them, and those frozen in `fingerprints.json`.

Numbers are rounded before they are hashed, so that the last bits of another machine's mathematics do not matter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.cohort import Cohort
from metaenv.dynamics.state import FloatArray, IntArray
from metaenv.population.cohorts import COHORTS, chance_keys
from metaenv.population.patients import draw_patients
from metaenv.registration import VERSION
from metaenv.scenario.make import make_scenario
from metaenv.scenario.scenario import Scenario

FROZEN = Path(__file__).parent / "fingerprints.json"
DRAWN_PATIENTS, FOLLOWED_PATIENTS = 512, 32  # of the test cohort, the first
FOLLOWED_DAYS = 365.0
DRAWN_DIGITS, FOLLOWED_DIGITS = 10, 6  # significant; rounding errors add up in the course


def fingerprint(scenario: Scenario, ids: IntArray) -> str:
    """Hash of what is drawn for some patients: every array of `Patients` and of the starting `State`.

    Args:
        scenario: what is simulated.
        ids: (patient,) ids, >= 0. What chance does to them is that of seed 0.
    """
    patients, state = draw_patients(scenario, ids, _keys(ids))
    return _hash({**patients._asdict(), **state._asdict()}, DRAWN_DIGITS)


def course_fingerprint(scenario: Scenario, ids: IntArray, days: float = FOLLOWED_DAYS) -> str:
    """Hash of what happens to some patients under a fixed plan: their state, last marker and reward at the end.

    The plan gives each drug in turn at full dose for one visit and then none for one; no local therapy.

    Args:
        scenario: what is simulated.
        ids: (patient,) ids, >= 0. What chance does to them is that of seed 0.
        days: length of the course; whole visits that lie within it, at least one.
    """
    cohort = Cohort(scenario, ids.size)
    cohort.admit(np.arange(ids.size), ids, _keys(ids))
    reward = np.zeros(ids.size)
    for visit in range(max(1, int(days / scenario.visit_interval))):
        active = ~(cohort.report.terminated | cohort.report.truncated)
        cohort.treat(_plan(scenario, visit, ids.size), active)
        reward += np.where(active, cohort.report.reward, 0.0)
    end = {**cohort.state._asdict(), "marker": cohort.chart.note["marker"], "reward": reward}
    return _hash(end, FOLLOWED_DIGITS)


def take(disease: str) -> dict[str, str]:
    """Both fingerprints of a disease's test cohort: {"drawn": ..., "course": ...}."""
    scenario, first = make_scenario(disease), COHORTS["test"].start
    return {
        "drawn": fingerprint(scenario, np.arange(first, first + DRAWN_PATIENTS)),
        "course": course_fingerprint(scenario, np.arange(first, first + FOLLOWED_PATIENTS)),
    }


def take_all(diseases: tuple[str, ...]) -> dict[str, Any]:
    """What `fingerprints.json` holds: the environments' version and both fingerprints of every disease."""
    return {"version": VERSION, "diseases": {disease: take(disease) for disease in diseases}}


def frozen() -> dict[str, Any]:
    """The content of `fingerprints.json`; without that file, no disease is frozen."""
    if not FROZEN.is_file():
        return {"version": VERSION, "diseases": {}}
    content: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))
    return content


def _keys(ids: IntArray) -> IntArray:
    nought = np.zeros(ids.size, dtype=np.int64)
    return chance_keys(nought, nought, ids)


def _plan(scenario: Scenario, visit: int, patients: int) -> FloatArray:
    """Doses of a visit, (patient, choice)."""
    doses = np.zeros((patients, len(scenario.drugs) + scenario.local_therapy))
    turn = visit % (len(scenario.drugs) + 1)
    if turn < len(scenario.drugs):
        doses[:, turn] = 1.0
    return doses


def _hash(arrays: dict[str, NDArray[Any]], digits: int) -> str:
    digest = hashlib.sha256()
    for name, array in _plain(arrays):
        digest.update(f"{name} {array.shape} {array.dtype.str}\n".encode())
        digest.update(_text(array, digits).encode())
    return digest.hexdigest()


def _plain(arrays: dict[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Arrays by name in their own order, records field by field."""
    for name, array in arrays.items():
        plain = array.view(np.ndarray)
        if plain.dtype.names is None:
            yield name, plain
        else:
            yield from ((f"{name}.{field}", plain[field]) for field in plain.dtype.names)


def _text(array: NDArray[Any], digits: int) -> str:
    """Numbers as text, floats with so many significant digits; decimal rounding is exact on every machine."""
    form = f"{{:.{digits - 1}e}}" if array.dtype.kind == "f" else "{:d}"
    values, where = np.unique(array, return_inverse=True)
    words = np.array([form.format(value) for value in values.tolist()], dtype=object)
    return ",".join(words[where.ravel()])
