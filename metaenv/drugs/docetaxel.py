"""Docetaxel, 75 mg/m2 every 21 days: a taxane and a substrate of P-glycoprotein."""

from metaenv.drugs.drug import Drug

# umol/L at full dose: 135 mg / 807.9 g/mol / (21 L/h/m2 * 1.8 m2) per 21 d (Source: Bruno1996), halved because
# castrated men clear docetaxel twice as fast (Source: Franke2010)
_AVERAGE = 4.42 / 504.0 / 2.0

DOCETAXEL = Drug(
    name="docetaxel",
    infusion=True,
    cycle=21.0,  # days; Source: Tannock2004
    half_life=11.1 / 24,  # 11.1 h, terminal; Source: Bruno1996 (from memory)
    tissue_half_life=2.5,  # days, retention in the tumour; guess
    clearance_spread=0.3,  # sd of ln; guess
    hill=1.5,  # cytotoxic drugs 1-2; guess
    # The 0.25-0.4 of the literature refer to a steady level; taken of the average of a pulsed drug, they gave 0.75
    # log10 per cycle and let half doses do nearly as much as full ones.
    ec50=1.5,  # of the average full-dose concentration; guess, 0.38 of the peak in the tumour (3.97)
    most_cycles=10,  # infusions; Tannock2004
    kill=0.15,  # /day; fitted by hand to TAX327
    sensitivity_spread=0.3,  # sd of ln; guess (0.2-0.3)
    division_share=0.6,  # mitotic poison; guess
    cytostatic_share=0.0,  # guess
    dormant_kill=0.02,  # relative; guess (0.02-0.1)
    hypoxic_kill=0.5,  # relative; guess
    bulk_delivery=0.7,  # relative; guess (0.5-0.8 bulky), slow penetration of taxanes (Tunggal1999)
    sanctuary={"brain": 0.05},  # P-gp at the blood-brain barrier; guess
    pump_fold=10.0,  # factor; guess (in vitro 10-100, Zhu2015)
    fold={"bypass": 2.0},  # factor on EC50; guess
    persistence=0.003,  # /day; guess
    induction=0.002,  # /day at full effect; guess
    marrow_slope=15.57 * _AVERAGE,  # 15.57 L/umol; Source: Netterberg2017
    marrow_spread=0.358,  # sd of ln, variance 0.128; Source: Netterberg2017
    immune_shift=-0.3,  # per unit concentration, lymphopenia; guess
    toxicity={"fluid_retention": 0.0060, "neuropathy": 0.0050},  # /day; guess: dose-limiting after about 10 cycles
    disutility=0.07,  # of full health; Source: Hall2019 (0.71 without, 0.64 on docetaxel)
)
