"""Policies that treat the patients of `metaenv`: rules, searches and learned ones.

Everything answers to one protocol, `agents.policy.Policy`. Only `agents.rl` imports torch and Stable-Baselines3.
"""
