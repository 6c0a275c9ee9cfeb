"""metaenv: metastatic cancer under treatment as Gymnasium environments. Importing it registers them.

    import gymnasium, metaenv
    env = gymnasium.make("metaenv/Prostate-v0")
    envs = gymnasium.make_vec("metaenv/Prostate-v0", num_envs=1024)

    REGISTERED           ids of the environments; their page: help(metaenv.MetastasisEnv)
    MetastasisEnv        one patient; MetastasisVectorEnv: many, treated together
    make_scenario        a `Scenario` by name: disease, calendar, drugs, mechanisms, `Reward`
    Layout               names, slices, bounds and units of an observation
    register             an environment with a `Disease` and a `Drug` of your own (docs/own_disease.md)
    DISEASES, DRUGS, MECHANISMS, COHORTS, CAUSES, RESPONSES   what names and numbers stand for

These names load on first use, so that the import stays light.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from metaenv.registration import REGISTERED, register, register_all

if TYPE_CHECKING:
    from metaenv.clinic.codes import RESPONSES
    from metaenv.diseases import DISEASES, MECHANISMS, Disease
    from metaenv.drugs import DRUGS, Drug
    from metaenv.dynamics.state import CAUSES
    from metaenv.env import MetastasisEnv
    from metaenv.observation import Layout
    from metaenv.population.cohorts import COHORTS
    from metaenv.reward import Reward
    from metaenv.scenario.make import make_scenario
    from metaenv.scenario.scenario import Scenario
    from metaenv.vector import MetastasisVectorEnv

__version__ = "0.1.0"

_HOME = {
    "CAUSES": "metaenv.dynamics.state",
    "COHORTS": "metaenv.population.cohorts",
    "DISEASES": "metaenv.diseases",
    "DRUGS": "metaenv.drugs",
    "Disease": "metaenv.diseases",
    "Drug": "metaenv.drugs",
    "Layout": "metaenv.observation",
    "MECHANISMS": "metaenv.diseases",
    "MetastasisEnv": "metaenv.env",
    "MetastasisVectorEnv": "metaenv.vector",
    "RESPONSES": "metaenv.clinic.codes",
    "Reward": "metaenv.reward",
    "Scenario": "metaenv.scenario",
    "make_scenario": "metaenv.scenario.make",
}
__all__ = [
    "CAUSES",
    "COHORTS",
    "DISEASES",
    "DRUGS",
    "MECHANISMS",
    "REGISTERED",
    "RESPONSES",
    "Disease",
    "Drug",
    "Layout",
    "MetastasisEnv",
    "MetastasisVectorEnv",
    "Reward",
    "Scenario",
    "make_scenario",
    "register",
]


if not TYPE_CHECKING:  # else a type checker would take every misspelt name for one of Any

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module 'metaenv' has no attribute {name!r}; it exports {__all__}")
        return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    rooms = [name for name, value in globals().items() if isinstance(value, ModuleType)]
    return sorted([*__all__, *rooms, *(name for name in globals() if name.startswith("__"))])


register_all()
