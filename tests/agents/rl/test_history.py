import numpy as np
import pytest

from metaenv_agents.rl.history import History


def test_push_appends_and_forgets_the_oldest():
    history = History(visits=3, width=1)
    seen = history.empty(2)
    for visit in (1, 2, 3, 4):
        seen = history.push(seen, np.array([[visit], [visit]]), np.array([False, visit == 3]))
    assert seen.tolist() == [[2, 3, 4], [0, 3, 4]]


def test_push_of_one_visit_is_a_copy():
    observation = np.ones((2, 3), dtype=np.float32)
    seen = History(visits=1, width=3).push(observation, observation, np.ones(2, dtype=bool))
    assert np.array_equal(seen, observation)
    assert not np.shares_memory(seen, observation)


def test_no_visit_is_refused():
    with pytest.raises(ValueError, match="got 0 of 3"):
        History(visits=0, width=3)
