"""The one copy of the dynamics: compiled functions of numbers, without Python objects.

A function reads its arguments and writes only the state it is given. Every environment, published model, planner and
test runs these same functions.
"""
