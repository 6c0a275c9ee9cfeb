"""Policies that treat the patients of `metaenv`: rules, searches and learned ones.

    import gymnasium, metaenv, metaenv_agents
    env = gymnasium.make("metaenv/Prostate-v1")
    rule = metaenv_agents.make_rule("at50", env, stop=0.4)  # sorted(metaenv_agents.RULES) lists them
    policy = metaenv_agents.load("prostate/ppo")  # metaenv_agents.pretrained() lists them; plain NumPy

Everything answers to one protocol, `metaenv_agents.Policy`. Only modules of `metaenv_agents.rl` import torch and
Stable-Baselines3. Names below load on first use, so that the import stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metaenv_agents import control, rl, rules
    from metaenv_agents.policy import Clinic, Policy
    from metaenv_agents.rl.policy import TrainedPolicy
    from metaenv_agents.rules import RULES, make_rule, parameters_of
    from metaenv_agents.saved_policies import about, load, pretrained

_ROOMS = ("control", "rl", "rules")
_HOME = {
    "Clinic": "metaenv_agents.policy",
    "Policy": "metaenv_agents.policy",
    "RULES": "metaenv_agents.rules",
    "TrainedPolicy": "metaenv_agents.rl.policy",
    "about": "metaenv_agents.saved_policies",
    "load": "metaenv_agents.saved_policies",
    "make_rule": "metaenv_agents.rules",
    "parameters_of": "metaenv_agents.rules",
    "pretrained": "metaenv_agents.saved_policies",
}
__all__ = [
    "RULES",
    "Clinic",
    "Policy",
    "TrainedPolicy",
    "about",
    "control",
    "load",
    "make_rule",
    "parameters_of",
    "pretrained",
    "rl",
    "rules",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"metaenv_agents.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'metaenv_agents' has no attribute {name!r}; it exports {__all__}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
