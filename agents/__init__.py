"""Policies that treat the patients of `metaenv`: rules, searches and learned ones.

Everything answers to one protocol, `agents.policy.Policy`. Only `agents.rl` imports torch and Stable-Baselines3.
`agents.load("prostate/ppo")` returns a pretrained policy that needs neither.
"""

from agents.sharing import load, pretrained

__all__ = ["load", "pretrained"]
