"""Everolimus, 10 mg daily: blocks mTOR, slows dividing cells and keeps sleeping ones asleep (the "sleep" of CLEVER)."""

from metaenv.drugs.drug import Drug

EVEROLIMUS = Drug(
    name="everolimus",
    infusion=False,
    half_life=30 / 24,  # 30 h, label; from memory
    clearance_spread=0.3,  # sd of ln; guess
    hill=1.5,  # guess
    ec50=0.3,  # of the average full-dose concentration; guess (0.25-0.4)
    kill=0.002,  # /day; guess, mostly cytostatic
    cytostatic_share=0.4,  # guess
    dormant_kill=8.3,  # relative: 0.010 /day of dormant cells; guess, half of CLEVER's fall (DeMichele2025)
    hypoxic_kill=1.0,  # relative; guess
    bulk_delivery=0.8,  # relative; guess
    sanctuary={"brain": 0.2},  # of plasma; guess
    pump_fold=3.0,  # factor; guess, a substrate of P-gp
    waking_shift=-0.7,  # share of all waking; guess
    toxicity={"stomatitis": 0.0325},  # /day, 0.65 at steady state; fitted to 8 % of grade 3 (BOLERO-2, from memory)
    disutility=0.06,  # of full health; guess
)
