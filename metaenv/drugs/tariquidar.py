"""Tariquidar: blocks P-glycoprotein and does nothing else. Never licensed; here to ask what it would be worth."""

from metaenv.drugs.drug import Drug

TARIQUIDAR = Drug(
    name="tariquidar",
    infusion=False,
    half_life=1.0,  # days; guess
    clearance_spread=0.3,  # sd of ln; guess
    hill=1.0,  # guess
    ec50=0.1,  # of the average full-dose concentration; guess
    kill=1e-12,  # /day; guess: none by itself
    pump_inhibition=0.85,  # share of efflux; guess, restores most of the accumulation (79 % of it, Shen2008)
    disutility=0.01,  # of full health; guess
)
