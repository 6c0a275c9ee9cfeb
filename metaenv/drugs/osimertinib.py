"""Osimertinib, 80 mg daily: a third-generation inhibitor of mutant EGFR that also binds T790M and enters the brain."""

from metaenv.drugs.drug import Drug

OSIMERTINIB = Drug(
    name="osimertinib",
    infusion=False,
    half_life=48 / 24,  # 48 h, label
    clearance_spread=0.35,  # sd of ln; guess
    hill=2.0,  # guess, targeted drugs about 2
    ec50=0.2,  # of the average full-dose concentration; guess (0.25-0.4 of others)
    target="EGFR",
    kill=0.04,  # /day; fitted by hand to FLAURA PFS
    sensitivity_spread=0.3,  # sd of ln; guess (0.2-0.3)
    division_share=0.0,  # apoptosis by loss of the signal; guess
    cytostatic_share=0.1,  # share of births; guess, as a slowed turnover kills as well
    dormant_kill=0.05,  # relative; guess (0.02-0.1)
    hypoxic_kill=0.5,  # relative; guess
    bulk_delivery=0.8,  # relative; guess (0.5-0.8 bulky)
    sanctuary={"brain": 0.2},  # of plasma; fitted to FLAURA and FLAURA2 PFS, OS (guess 0.2-0.5)
    pump_fold=2.0,  # factor; guess
    fold={"T790M": 1.0, "C797S": 60.0, "bypass": 40.0},  # factor on EC50; T790M Source: Cross2014; others guess
    persistence=0.003,  # /day; guess, drug-tolerant persisters
    toxicity={"skin": 0.013},  # /day, a quarter at steady state; guess
    disutility=0.02,  # of full health; guess
)
