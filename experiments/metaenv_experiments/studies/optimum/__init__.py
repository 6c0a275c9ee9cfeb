"""Policies against the exact optimum of the two-population model, and a network taught by it."""
