"""Short scenarios, rooms to treat in, and comparison bit by bit."""

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv


def disease_of(identifier):
    return gym.spec(identifier).kwargs["disease"]


def make_brief(identifier, visits=8, lethal_hazard=None, lethal_burden=None, **changes):
    scenario = metaenv.make_scenario(disease_of(identifier))
    changes.setdefault("horizon", visits * changes.get("visit_interval", scenario.visit_interval))
    lethal = {"lethal_hazard": lethal_hazard, "lethal_burden": lethal_burden}
    lethal = {name: value for name, value in lethal.items() if value is not None}
    if lethal:
        lethal["lethal_exponent"] = 1.5  # so that not only the heaviest burdens kill
        changes["disease"] = replace(scenario.disease, host=replace(scenario.disease.host, **lethal))
    return replace(scenario, **changes)


def make_vector(identifier, num_envs, mode=AutoresetMode.DISABLED, **arguments):
    return gym.make_vec(
        identifier,
        num_envs=num_envs,
        vectorization_mode="vector_entry_point",
        autoreset_mode=mode,
        **arguments,
    )


def compare(one, other, where="result"):
    if isinstance(one, dict):
        assert one.keys() == other.keys(), f"{where}: {sorted(set(one) ^ set(other))}"
        for key in one:
            compare(one[key], other[key], f"{where}[{key!r}]")
    elif isinstance(one, (tuple, list)) or (isinstance(one, np.ndarray) and one.dtype == object):
        assert len(one) == len(other), where
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            compare(a, b, f"{where}[{k}]")
    else:
        a, b = np.asarray(one), np.asarray(other)
        assert a.dtype == b.dtype and a.shape == b.shape, f"{where}: {a.dtype}{a.shape} and {b.dtype}{b.shape}"
        assert a.tobytes() == b.tobytes(), f"{where}: {one} and {other}"


@pytest.fixture(scope="session")
def brief():
    """brief(id, visits, lethal_hazard, lethal_burden, **changes): a short follow-up, deadlier where asked."""
    return make_brief


@pytest.fixture(scope="session")
def vector():
    """vector(id, num_envs, mode, **arguments): the native vector environment, autoreset DISABLED unless asked."""
    return make_vector


@pytest.fixture(scope="session")
def same():
    """same(one, other): equal in keys, types, shapes and every bit."""
    return compare
