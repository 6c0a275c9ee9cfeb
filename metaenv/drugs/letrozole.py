"""Letrozole, 2.5 mg daily: an aromatase inhibitor, the endocrine therapy of ER+ breast cancer after menopause."""

from metaenv.drugs.drug import Drug

LETROZOLE = Drug(
    name="letrozole",
    infusion=False,
    half_life=2.0,  # days, label; from memory
    clearance_spread=0.3,  # sd of ln; guess
    hill=2.0,  # guess, targeted drugs about 2
    ec50=0.3,  # of the average full-dose concentration; guess (0.25-0.4)
    kill=0.0104,  # /day; fitted by hand to PALOMA-2
    sensitivity_spread=0.343,  # sd of ln; fitted to PALOMA-2
    division_share=0.0,  # guess
    cytostatic_share=0.0985,  # share of births; fitted to PALOMA-2
    dormant_kill=0.35,  # relative; fitted to the carry-over in EBCTCG2011
    hypoxic_kill=0.7,  # relative; guess
    bulk_delivery=0.9,  # relative; guess
    sanctuary={"brain": 1.0},  # of plasma; guess, small and lipophilic
    fold={"ESR1": 30.0, "bypass": 34.9},  # factor on EC50; bypass fitted to PALOMA-2 PFS, ESR1 a guess
    # recurrence on tamoxifen is 0.53 of none's (EBCTCG2011), less on inhibitors (EBCTCG2015)
    waking_shift=-0.3893,  # share of all waking; fitted to recurrence in Pan2017
    toxicity={"arthralgia": 0.0067},  # /day, 0.58 at steady state; fitted to 3-4 % of grade 3 (from memory)
    disutility=0.02,  # of full health; guess
)
