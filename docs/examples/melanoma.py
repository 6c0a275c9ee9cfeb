"""BRAF-mutant melanoma: a disease and a drug of one's own under an id of one's own; see docs/own_disease.md.

What is not said here is as in lung cancer. Nothing is fitted: the guesses give a median of 10 months until progression
under vemurafenib and of 6 under pembrolizumab (trials: 5 to 8, from memory), and of 21 under both.
"""

from dataclasses import replace

import metaenv
from metaenv.diseases import Organ, Trait
from metaenv.distribution import LogNormal, Normal

LUNG = metaenv.DISEASES["lung"]

VEMURAFENIB = metaenv.Drug(
    name="vemurafenib",
    infusion=False,
    half_life=57 / 24,  # 57 h, label; from memory
    hill=2.0,  # guess
    ec50=0.3,  # of the average full-dose concentration; guess
    kill=0.05,  # /day; guess: lesions that grew by 0.01 /day shrink by 0.03 /day (median of 68, Source: Bozic2013)
    sanctuary={"brain": 0.1},  # of plasma; guess
    fold={"NRAS": 50.0, "bypass": 20.0},  # factor on EC50; guess
    toxicity={"arthralgia": 0.008, "skin": 0.033},  # /day; guess: 0.7 of what is dose-limiting, at steady state
    disutility=0.04,  # of full health; guess
)

MELANOMA = replace(
    LUNG,
    name="melanoma",
    title="BRAF-mutant melanoma",
    organs=(
        Organ(name="node", tropism=0.35, operable=True),  # share of lesions; guess
        Organ(name="lung", tropism=0.35, operable=True),  # share of lesions; guess
        Organ(name="liver", tropism=0.15, weight=2.0),  # share of lesions, factor; guess
        Organ(name="brain", tropism=0.15, weight=5.0, operable=True),  # share of lesions, factor; guess
    ),
    traits=(
        # /division, log10 of the share of cells; guess
        Trait(name="NRAS", mechanism="target_mutation", mutation_rate=1e-8, log_fraction=Normal(-2.5, 1.0)),
        Trait(name="bypass", mechanism="bypass", mutation_rate=1e-8, log_fraction=Normal(-2.0, 1.0)),  # guess
    ),
    drugs=(VEMURAFENIB, metaenv.DRUGS["pembrolizumab"]),
    first_line=("vemurafenib",),
    # /day, of Gompertz; /day; cells; guess: at 3e9 cells a lesion grows by 0.01 /day (Source: Bozic2013)
    rates=replace(LUNG.rates, birth=LogNormal(0.0018, 0.3), immune_kill=LogNormal(0.006, 1.0), immune_size=1e10),
)

metaenv.register("mine/Melanoma-v0", disease="melanoma:MELANOMA")
