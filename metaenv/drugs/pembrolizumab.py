"""Pembrolizumab, 200 mg every 21 days: blocks PD-1 and lets immune surveillance work harder."""

from metaenv.drugs.drug import Drug

PEMBROLIZUMAB = Drug(
    name="pembrolizumab",
    infusion=True,
    cycle=21.0,  # days, label
    half_life=22.0,  # days, label; from memory
    clearance_spread=0.35,  # sd of ln; label, coefficient of variation 37-40 %
    hill=1.0,  # guess
    ec50=0.1,  # of the average full-dose concentration; guess
    kill=1e-12,  # /day; guess: none by itself
    immune_shift=1.5,  # of the immune set point per unit concentration; guess
    toxicity={"immune": 0.0078},  # /day, 0.68 at steady state; fitted to 10-17 % of grade 3-4 (Goldberg2020)
    disutility=0.02,  # of full health; guess
)
