"""Erlotinib, 150 mg daily: a first-generation inhibitor of mutant EGFR."""

from metaenv.drugs.drug import Drug

ERLOTINIB = Drug(
    name="erlotinib",
    infusion=False,
    half_life=36 / 24,  # 36 h, label; from memory
    clearance_spread=0.35,  # sd of ln; guess
    hill=2.0,  # guess, targeted drugs about 2
    ec50=0.22,  # of the average full-dose concentration; fitted by hand to FLAURA (guess 0.2-0.4)
    target="EGFR",
    kill=0.054,  # /day; fitted by hand to FLAURA PFS
    sensitivity_spread=0.3,  # sd of ln; guess (0.2-0.3)
    division_share=0.0,  # apoptosis by loss of the signal; guess
    cytostatic_share=0.1,  # share of births; guess, as a slowed turnover kills as well
    dormant_kill=0.03,  # relative; guess (0.02-0.1)
    hypoxic_kill=0.5,  # relative; guess
    bulk_delivery=0.8,  # relative; guess (0.5-0.8 bulky)
    # of plasma; fitted by hand to FLAURA OS, 0.03 in fluid (Togashi2012), 43 % respond (Reungwetwattana2018)
    sanctuary={"brain": 0.15},
    pump_fold=1.5,  # factor; guess, BCRP rather than P-gp keeps it out of cells (Elmeliegy2011)
    fold={"T790M": 400.0, "bypass": 40.0},  # factor on EC50; Source: Cross2014 (6-7, 3 102-6 073 nM); bypass guess
    persistence=0.004,  # /day; guess, drug-tolerant persisters
    toxicity={"skin": 0.033},  # /day, 0.67 at steady state; fitted to severe rash in 12-13 % (Rosell2012)
    disutility=0.03,  # of full health; guess, a little worse than osimertinib (Jiang2019)
)
