"""Simple policies: a level for each drug, given while one or two measurements stand above or below a threshold.

grammar    what such a policy is, in numbers and in words; drawing one by chance, and one like another
policies   many of them at once, a policy for each patient

Nobody would call them learned. A learner that is not above the best of them has found nothing.
"""

from metaenv_agents.simple.grammar import Condition, Dose, Simple
from metaenv_agents.simple.policies import SimplePolicies

__all__ = ["Condition", "Dose", "Simple", "SimplePolicies"]
