"""Tables: compiled functions read the arrays that Python sees, by one address."""

import copy
import pickle
from typing import NamedTuple

import numpy as np
import pytest

import metaenv
from metaenv.dynamics.compile import compiled
from metaenv.dynamics.state import records
from metaenv.dynamics.table import Table, near


class Pair(NamedTuple):
    numbers: np.ndarray
    notes: np.ndarray


@compiled
def raise_and_sum(table):
    table = near(table)
    total = 0.0
    for i in range(table.pair.numbers.shape[0]):
        for k in range(table.pair.numbers.shape[1]):
            table.pair.numbers[i, k] += 1.0
            total += table.pair.numbers[i, k]
        table.pair.notes[i].day = total
    return total + table.flags[-1]


def test_compiled_code_reads_and_writes_the_arrays_of_a_table():
    notes = records(2, np.dtype([("key", "i8"), ("day", "f8")]))
    table = Table(pair=Pair(np.arange(6.0).reshape(2, 3), notes), flags=np.array([7, 8]))
    assert raise_and_sum(table) == 21.0 + 8.0
    assert table.pair.numbers.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert notes["day"].tolist() == [6.0, 21.0]


def test_a_table_refuses_arrays_whose_rows_are_apart():
    with pytest.raises(ValueError, match="C-contiguous"):
        Table(numbers=np.zeros((4, 4))[:, :2])


def test_a_copied_cohort_treats_its_own_patients():
    env = metaenv.MetastasisVectorEnv(2, disease="strobl2021")
    env.reset(seed=1)
    before = env.cohort.state.proliferating.copy()
    twin = copy.deepcopy(env)
    twin.step(np.full(env.action_space.shape, 2))
    assert np.array_equal(env.cohort.state.proliferating, before)
    assert not np.array_equal(twin.cohort.state.proliferating, before)


@pytest.mark.skipif(not hasattr(raise_and_sum, "typeof_pyval"), reason="nothing is compiled")
def test_a_table_is_asked_for_its_type_and_numba_for_that_of_anything_else(monkeypatch):
    from numba.core import dispatcher, types

    table = Table(flags=np.array([7, 8]))
    assert raise_and_sum.typeof_pyval(3) == types.int64
    monkeypatch.setattr(dispatcher, "typeof", None)  # numba's registry, which takes longer than the call
    assert raise_and_sum.typeof_pyval(table) is table.kind


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])
def test_a_copied_table_describes_its_own_arrays(copied):
    table = Table(pair=Pair(np.arange(6.0).reshape(2, 3), records(2, np.dtype([("day", "f8")]))), flags=np.array([8]))
    twin = copied(table)
    assert raise_and_sum(twin) == 21.0 + 8.0
    assert twin.pair.numbers.sum() == 21.0 and table.pair.numbers.sum() == 15.0
