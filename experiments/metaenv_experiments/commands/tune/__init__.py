"""Searches for parameters: of rules, of a learner, of a disease."""
