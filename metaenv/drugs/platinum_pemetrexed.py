"""Carboplatin or cisplatin with pemetrexed, every 21 days: the chemotherapy of non-squamous lung cancer."""

from metaenv.drugs.drug import Drug

PLATINUM_PEMETREXED = Drug(
    name="platinum_pemetrexed",
    infusion=True,
    cycle=21.0,  # days, label
    half_life=3.5 / 24,  # 3.5 h, pemetrexed label; from memory
    tissue_half_life=2.5,  # days, retention as adducts and polyglutamates; guess
    clearance_spread=0.3,  # sd of ln; guess
    hill=1.5,  # cytotoxic drugs 1-2; guess
    ec50=1.5,  # of the average full-dose concentration, as of docetaxel: 0.31 of the peak in the tumour; guess
    most_cycles=4,  # infusions of platinum, label
    maintenance=0.5,  # of full dose; guess: pemetrexed alone
    kill=0.135,  # /day; fitted by hand to AURA3
    sensitivity_spread=0.3,  # sd of ln; guess (0.2-0.3)
    division_share=0.6,  # pemetrexed needs S phase, platinum less; guess
    dormant_kill=0.05,  # relative; guess (0.02-0.1)
    hypoxic_kill=0.5,  # relative; guess
    bulk_delivery=0.7,  # relative; guess (0.5-0.8 bulky)
    sanctuary={"brain": 0.05},  # of plasma; guess
    pump_fold=8.0,  # factor; guess
    fold={"bypass": 2.0},  # factor on EC50; guess
    persistence=0.003,  # /day; guess
    marrow_slope=0.05,  # per unit concentration; fitted to 15 % severe neutropenia (Scagliotti2008, from memory)
    marrow_spread=0.35,  # sd of ln; guess, as of docetaxel
    immune_shift=-0.3,  # per unit concentration, lymphopenia; guess
    toxicity={"renal": 0.0045, "neuropathy": 0.002},  # /day; guess: dose-limiting after about 12 cycles
    disutility=0.07,  # of full health; guess
)
