"""Policies that treat the patients of `metaenv`: rules, searches and learned ones.

Everything answers to one protocol, `metaenv_agents.policy.Policy`. Only `metaenv_agents.rl` imports torch and
Stable-Baselines3.
`metaenv_agents.load("prostate/ppo")` returns a pretrained policy that needs neither.
"""

from metaenv_agents.sharing import load, pretrained

__all__ = ["load", "pretrained"]
