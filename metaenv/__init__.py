"""metaenv: metastatic cancer under treatment as Gymnasium environments. Importing it registers them.

    import gymnasium, metaenv
    env = gymnasium.make("metaenv/Prostate-v1")
    envs = gymnasium.make_vec("metaenv/Prostate-v1", num_envs=1024)

    REGISTERED           ids of the environments; their page: help(metaenv.MetastasisEnv)
    MetastasisEnv        one patient; MetastasisVectorEnv: many, treated together
    make_scenario        a `Scenario` by name: disease, calendar, drugs, mechanisms, `Reward`
    Layout               names, slices, bounds and units of an observation
    register             an environment with a `Disease` and a `Drug` of your own (docs/own_disease.md)
    DISEASES, DRUGS, MECHANISMS, COHORTS   what may be named
    CAUSES, COMPONENTS, PROCEDURES, RESPONSES   what numbers and keys of `info` stand for

These names load on first use, so that the import stays light.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from metaenv.registration import REGISTERED as REGISTERED  # light, so at hand at once
from metaenv.registration import register as register
from metaenv.registration import register_all

__version__ = "0.1.0"


def _exports() -> dict[str, Any]:
    """The public names and what they stand for."""
    loaded = vars(import_module("metaenv.exports"))
    return {name: value for name, value in loaded.items() if not name.startswith("_")}


if TYPE_CHECKING:  # a type checker would take every misspelt name for one of Any, if it saw what follows
    from metaenv.exports import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        if name.startswith("__") and name != "__all__":  # Python asks for what no module need have
            raise AttributeError(f"module 'metaenv' has no attribute {name!r}")
        exports = _exports()
        if name == "__all__":
            return sorted(exports)
        if name not in exports:
            raise AttributeError(f"module 'metaenv' has no attribute {name!r}; it exports {sorted(exports)}")
        return exports[name]


def __dir__() -> list[str]:
    rooms = [name for name, value in globals().items() if isinstance(value, ModuleType)]
    return sorted([*_exports(), *rooms, *(name for name in globals() if name.startswith("__"))])


register_all()
