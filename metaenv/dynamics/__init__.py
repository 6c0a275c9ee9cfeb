"""The one copy of the dynamics: compiled functions of numbers, without Python objects.

A function writes to the arrays that its docstring names behind "Writes:" and to nothing else. Every environment,
published model, planner and test runs these same functions.
"""
