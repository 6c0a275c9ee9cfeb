"""The clinic, compiled: what is measured, concluded, given and reported at a visit. `visit` reads from top to bottom.

    codes          what its whole numbers stand for: dose levels, procedures, responses, components of the reward
    chart, settings   what it has measured and decided so far; the calendar, instruments and limits that it works with
    imaging, laboratory, response        scans, blood, RECIST and progression
    dosing, local_therapy                what is given, held, resected, irradiated
    reward, observation, report          what a visit returns

It knows the dynamics and nothing else of the package.
"""
