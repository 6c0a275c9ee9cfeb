"""metaenv: metastatic cancer under treatment as Gymnasium environments. Importing it registers them.

    import gymnasium, metaenv
    env = gymnasium.make("metaenv/Prostate-v0")

Names below load on first use, so that the import stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from metaenv.registration import REGISTERED, register, register_all

if TYPE_CHECKING:
    from metaenv.chart import RESPONSES
    from metaenv.diseases import DISEASES, MECHANISMS, Disease
    from metaenv.drugs import DRUGS, Drug
    from metaenv.dynamics.state import CAUSES
    from metaenv.env import MetastasisEnv, MetastasisVectorEnv
    from metaenv.observation import Layout
    from metaenv.patients import COHORTS
    from metaenv.reward import Reward
    from metaenv.scenario import Scenario, make_scenario

__version__ = "0.1.0"

_HOME = {
    "CAUSES": "metaenv.dynamics.state",
    "COHORTS": "metaenv.patients",
    "DISEASES": "metaenv.diseases",
    "DRUGS": "metaenv.drugs",
    "Disease": "metaenv.diseases",
    "Drug": "metaenv.drugs",
    "Layout": "metaenv.observation",
    "MECHANISMS": "metaenv.diseases",
    "MetastasisEnv": "metaenv.env",
    "MetastasisVectorEnv": "metaenv.env",
    "RESPONSES": "metaenv.chart",
    "Reward": "metaenv.reward",
    "Scenario": "metaenv.scenario",
    "make_scenario": "metaenv.scenario",
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


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'metaenv' has no attribute {name!r}; it exports {__all__}")
    return getattr(import_module(_HOME[name]), name)


register_all()
