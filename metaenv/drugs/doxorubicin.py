"""Doxorubicin with cyclophosphamide, every 21 days: anthracycline and classic P-gp substrate."""

from metaenv.drugs.drug import Drug

DOXORUBICIN = Drug(
    name="doxorubicin",
    infusion=True,
    cycle=21.0,  # days, label
    half_life=30 / 24,  # 30 h, terminal 20-48 h, label; from memory
    tissue_half_life=2.5,  # days, retention in the tumour; guess
    clearance_spread=0.3,  # sd of ln; guess
    hill=1.5,  # cytotoxic drugs 1-2; guess
    ec50=1.5,  # of the average full-dose concentration, as of docetaxel; guess
    most_cycles=8,  # infusions; below the heart's limit of 550 mg/m2 (Swain2003)
    kill=0.102,  # /day; fitted to a response in half of patients, a guess
    sensitivity_spread=0.3,  # sd of ln; guess (0.2-0.3)
    division_share=0.5,  # guess
    dormant_kill=0.02,  # relative; guess (0.02-0.1)
    hypoxic_kill=0.5,  # relative; guess
    bulk_delivery=0.6,  # relative; limited penetration, Source: Tunggal1999; guess (0.5-0.8 bulky)
    sanctuary={"brain": 0.05},  # P-gp at the blood-brain barrier; guess
    pump_fold=9.0,  # factor; Source: Shen2008
    fold={"bypass": 2.0},  # factor on EC50; guess
    persistence=0.003,  # /day; guess
    induction=0.002,  # /day at full effect; guess
    marrow_slope=0.10,  # per unit concentration; guess, severe neutropenia in about half
    marrow_spread=0.35,  # sd of ln; guess, as of docetaxel
    immune_shift=-0.3,  # per unit concentration, lymphopenia; guess
    toxicity={"cardiac": 0.0043},  # /day, 60 mg/m2 each 21 d; fitted to 26 % in failure at 550 mg/m2 (Swain2003)
    disutility=0.07,  # of full health; guess
)
