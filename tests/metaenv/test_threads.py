"""Threads that share patients: forks, threads of the user, and the bits that do not depend on them."""

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numba
import numpy as np
import pytest

import metaenv
from metaenv import threads

ROOT = Path(__file__).resolve().parents[2]
TWO = pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")


def treated(patients, visits=2):
    """What so many patients show after some visits under full doses."""
    env = metaenv.MetastasisVectorEnv(patients, disease="strobl2021")
    env.reset(seed=3)
    for _ in range(visits):
        observation, *_ = env.step(np.full(env.action_space.shape, 2))
    return observation, env.cohort.state.proliferating.copy()


def bits(arrays):
    return [array.tobytes() for array in arrays]


def _child(patients):
    return bits(treated(patients)), threads.threads_for(patients)


@TWO
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_of_a_parent_with_threads_treats_the_same_patients_one_after_another():
    here, patients = bits(treated(256)), 256
    assert threads.threads_for(patients) >= 2
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for there, count in pool.map_async(_child, [patients] * 2).get(timeout=120):
            assert there == here and count == 1


TWO_THREADS = """
import threading
import numpy as np
import metaenv

def course(out, k):
    env = metaenv.MetastasisVectorEnv(256, disease="strobl2021")
    env.reset(seed=3)
    for _ in range(3):
        observation, *_ = env.step(np.full(env.action_space.shape, 2))
    out[k] = observation.tobytes()

out = {}
course(out, "alone")
threads = [threading.Thread(target=course, args=(out, k)) for k in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert out[0] == out[1] == out["alone"]
print("same")
"""


@pytest.mark.parametrize("layer", ["workqueue", "default"])
def test_two_threads_of_the_user_may_treat_patients_at_the_same_time_whatever_numbas_threading_layer(layer):
    environment = os.environ | {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"}
    run = subprocess.run(
        [sys.executable, "-c", TWO_THREADS], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.stdout == "same\n", run.stderr


@pytest.mark.parametrize("size", [1, 31, 128, 129, 1000])
def test_every_row_is_treated_once(size, monkeypatch):
    monkeypatch.setattr(threads, "_allowed", lambda: 3)
    rows, lock = np.zeros(size, dtype=int), threading.Lock()

    def treat(first, last):
        with lock:
            rows[first:last] += 1

    threads.share(treat, size)
    assert (rows == 1).all()


def test_an_error_of_any_thread_is_raised_after_all_have_ended(monkeypatch):
    monkeypatch.setattr(threads, "_allowed", lambda: 3)

    def treat(first, last):
        if first == 96:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        threads.share(treat, 256)


def test_as_many_threads_work_as_numba_is_told():
    kept = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        assert threads.threads_for(10_000) == 1
    finally:
        numba.set_num_threads(kept)
    assert threads.threads_for(127) == 1
