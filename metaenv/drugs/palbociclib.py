"""Palbociclib, 125 mg, 3 weeks of 4: inhibits CDK4/6 and holds ER+ cells in G1."""

from metaenv.drugs.drug import Drug

PALBOCICLIB = Drug(
    name="palbociclib",
    infusion=False,
    half_life=29 / 24,  # 29 h, label; from memory
    clearance_spread=0.3,  # sd of ln; guess
    hill=2.0,  # guess, targeted drugs about 2
    ec50=0.3,  # of the average full-dose concentration; guess (0.25-0.4)
    kill=0.003,  # /day; fitted by hand to PALOMA-2 and to it alone in Malorni2018
    sensitivity_spread=0.396,  # sd of ln; fitted to PALOMA-2
    division_share=0.0,  # guess
    cytostatic_share=0.08,  # share of births; fitted by hand to PALOMA-2 and Malorni2018
    dormant_kill=0.0,  # relative; guess
    hypoxic_kill=0.7,  # relative; guess
    bulk_delivery=0.9,  # relative; guess
    sanctuary={"brain": 0.1},  # of plasma; guess, 0.3 in mice and 18 times more without P-gp (deGooijer2015)
    pump_fold=3.0,  # factor; guess
    fold={"bypass": 4.2},  # factor on EC50; fitted by hand to PALOMA-2: what escapes letrozole hardly escapes this
    marrow_slope=0.20,  # per unit concentration; fitted to 66 % neutropenia of grade 3-4 (Finn2016): about 55 %
    marrow_spread=0.10,  # sd of ln; guess: neutrophils fall alike in all, grade 4 stays rare
    disutility=0.02,  # of full health; guess
)
