"""Hydroxychloroquine, 600 mg twice daily: blocks autophagy, on which sleeping cells of lesions live (CLEVER)."""

from metaenv.drugs.drug import Drug

HYDROXYCHLOROQUINE = Drug(
    name="hydroxychloroquine",
    infusion=False,
    half_life=40.0,  # days; Source: Tett1988
    clearance_spread=0.3,  # sd of ln; guess
    hill=1.5,  # guess
    ec50=0.3,  # of the average full-dose concentration; guess (0.25-0.4)
    kill=0.001,  # /day; guess, hardly any on dividing cells
    dormant_kill=12.0,  # relative: 0.012 /day of dormant cells; guess, half of CLEVER's fall (DeMichele2025)
    hypoxic_kill=1.0,  # relative; guess
    bulk_delivery=0.8,  # relative; guess
    sanctuary={"brain": 0.5},  # of plasma; guess
    waking_shift=-0.2,  # share of all waking; guess
    toxicity={"retinal": 0.001},  # /day: 1 after 2.7 years at this dose; guess between Leung2015 and Melles2023
    disutility=0.02,  # of full health; guess
)
