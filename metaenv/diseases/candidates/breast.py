"""ER+ breast cancer as its next version is to be, after surgery and come back: what differs from the registered ones.

As in lung.py beside it. After surgery some micrometastases grow already, in an open niche, and come back in the first
years; the others sleep in a closed one for decades. Who is resistant to endocrine therapy from the start recurs on it.
What is fitted was found by a search of all of it at once, which no command repeats yet. Marks as in ../prostate.py.
"""

from dataclasses import replace

from metaenv.diseases.breast import BREAST as REGISTERED
from metaenv.diseases.breast_recurrent import BREAST_RECURRENT as RECURRENT
from metaenv.distribution import Fixed, LogNormal, Mixture, Normal, Poisson, Uniform
from metaenv.drugs.doxorubicin import DOXORUBICIN
from metaenv.drugs.letrozole import LETROZOLE
from metaenv.drugs.palbociclib import PALBOCICLIB

_EFFLUX, _ESR1, _BYPASS = REGISTERED.traits
_LETHAL = 1.76e11  # weighted cells; fitted to untreated survival and PALOMA-2 OS

BREAST = replace(
    REGISTERED,
    title="ER+ breast cancer after surgery (T2N1-3), nothing visible, next version",
    organs=tuple(replace(organ, capacity=5e11) for organ in REGISTERED.organs),  # cells; guess, 3e12 in Norton1988
    traits=(
        replace(
            _EFFLUX,
            mutation_rate=1e-8,  # /division; guess
            cost=Fixed(0.05),  # share of growth; guess
            log_fraction=Mixture(0.3, Normal(-0.5, 0.3), Normal(-3.3, 0.6)),  # log10; guess, as in prostate cancer
            reversion=0.0,  # /day; guess, heritable
        ),
        replace(
            _ESR1,
            mutation_rate=1e-10,  # /division; guess
            cost=Fixed(0.1),  # share of growth; guess
            log_fraction=Normal(-5.4, 1.5),  # log10; fitted to PALOMA-2; found in 3 % before, Bidard2022
            lesion_spread=0.8,  # sd of log10; guess
        ),
        replace(
            _BYPASS,
            mutation_rate=1e-10,  # /division; guess
            cost=Fixed(0.15),  # share of growth; guess
            # log10; 44 % with a large resistant share from the start; fitted to PALOMA-2 and EBCTCG2011
            log_fraction=Mixture(0.44, Normal(-0.27, 0.4), Normal(-7.0, 1.4)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
    ),
    drugs=(
        replace(
            LETROZOLE,
            kill=0.0094,  # /day; fitted to PALOMA-2
            cytostatic_share=0.07,  # share of births; fitted to PALOMA-2
            dormant_kill=0.43,  # relative; fitted to the carry-over in EBCTCG2011
            fold={**LETROZOLE.fold, "bypass": 25.0},  # factor on EC50; fitted to PALOMA-2
        ),
        replace(
            PALBOCICLIB,
            kill=0.015,  # /day; fitted to PALOMA-2
            cytostatic_share=0.05,  # share of births; fitted to PALOMA-2
            fold={"bypass": 5.8},  # factor on EC50; fitted to PALOMA-2
        ),
        replace(
            DOXORUBICIN,
            kill=0.127,  # /day; fitted to a response in half of patients, a guess
            fold={"bypass": 2.0},  # factor on EC50; guess
            most_cycles=8,  # infusions; below the heart's limit of 550 mg/m2 (Swain2003)
        ),
    ),
    presentation=replace(
        REGISTERED.presentation,
        micrometastases=Poisson(0.78),  # number per patient; fitted by hand to recurrence in Pan2017, T2N1-3
        micro_log_cells=Uniform(4.2, 6.5),  # log10 cells; fitted to EBCTCG2011
        open_niche_share=0.5,  # share of micrometastases; fitted to recurrence in years 0-4, EBCTCG2011
    ),
    rates=replace(
        REGISTERED.rates,
        gompertz=True,
        birth=LogNormal(0.0012, 0.35),  # /day, of Gompertz; fitted to untreated survival
        death=LogNormal(0.12, 0.15),  # /day, of the turnover; fitted to PALOMA-2
        vigour_spread=0.25,  # sd of ln; guess
        competition=LogNormal(1.5, 0.3),  # factor; guess
        angiogenesis=Fixed(0.01),  # /day, of the capacity's logarithm; guess
        niche_opening=Fixed(2e-4),  # /day, half-life 9.5 years; fitted to recurrence in Pan2017
        seeding=LogNormal(1e-13, 0.4),  # founders /cell/day; guess (1e-13 to 1e-11), so that the slots hold them
    ),
    host=replace(
        REGISTERED.host,
        age=Normal(60.0, 10.0),  # years; guess, median 62 in PALOMA-2 (from memory)
        other_hazard=0.008 / 365.25,  # /day at 60 years, women; guess, 0.8 % a year in life tables of the United States
        ageing=0.09,  # /year; textbook
        lethal_burden=_LETHAL,
    ),
    symptom_burden=_LETHAL / 2.0,  # weighted cells; guess, half of the lethal burden
)

BREAST_RECURRENT = replace(
    BREAST,
    name="breast_recurrent",
    title="recurrent ER+ breast cancer, next version",
    presentation=replace(
        RECURRENT.presentation,
        burden_spread=0.0,  # sd of log10; the law of sizes spreads burdens
        visible_fill=None,
        colony_exponent=Uniform(0.05, 0.21),  # alpha; fitted to new lesions at progression
        smallest_colony=3e6,  # cells; guess
        largest_colony=3e10,  # cells; guess
    ),
    sensors=RECURRENT.sensors,
    substep=RECURRENT.substep,
    lesions=40,
    horizon=RECURRENT.horizon,
)
