"""Bevacizumab, 15 mg/kg every 21 days: binds VEGF. Vessels are put in order first and pruned later, and grow less."""

from metaenv.drugs.drug import Drug

BEVACIZUMAB = Drug(
    name="bevacizumab",
    infusion=True,
    cycle=21.0,  # days, label
    half_life=20.0,  # days, label; from memory
    tissue_half_life=28.0,  # days until pruning catches up; guess, windows last days to weeks (Batchelor2007)
    clearance_spread=0.25,  # sd of ln; label, range up to 44 %
    hill=1.0,  # guess
    ec50=0.1,  # of the average full-dose concentration; guess
    kill=1e-12,  # /day; guess: none on cancer cells
    normalisation=0.4,  # of delivery; guess, about 1.3 times at first
    pruning=0.55,  # of delivery; guess, about 0.7 times in the end
    antiangiogenic=0.6,  # of vessel growth; guess
    # /day, 0.78 at steady state; fitted to 10 % of grade 3 in half a year (of any grade 45 %, Saito2019)
    toxicity={"hypertension": 0.018},
    disutility=0.02,  # of full health; guess
)
