"""Abiraterone acetate, 1 000 mg daily with prednisone: blocks androgen synthesis."""

from metaenv.drugs.drug import Drug

ABIRATERONE = Drug(
    name="abiraterone",
    infusion=False,
    half_life=24 / 24,  # 24 h; Source: ODonnell2004 (typical 13-29 h)
    clearance_spread=0.3,  # sd of ln; guess
    hill=2.0,  # guess, targeted drugs about 2
    ec50=0.35,  # of the average full-dose concentration; guess (0.25-0.4)
    kill=0.06,  # /day; fitted by hand to Zhang2022
    sensitivity_spread=0.25,  # sd of ln; guess (0.2-0.3)
    division_share=0.0,  # apoptosis by androgen deprivation does not need division; guess
    cytostatic_share=0.2,  # share of births; fitted by hand to Zhang2022
    dormant_kill=0.1,  # relative; guess (0.02-0.1)
    hypoxic_kill=0.5,  # relative; guess
    bulk_delivery=0.8,  # relative; guess (0.5-0.8 bulky)
    sanctuary={"brain": 1.0},  # small and lipophilic; guess
    fold={"AR-V7": 50.0, "bypass": 20.0},  # factor on EC50; guess: the trait removes most of the effect
    persistence=0.003,  # /day; guess (0.003-0.004 persisters)
    toxicity={"mineralocorticoid": 0.0116},  # /day, 0.5 at steady state with the recovery of the kind; guess
    disutility=0.02,  # of full health; guess (0 to 0.01 in appraisals; prednisone and monthly checks added)
)
