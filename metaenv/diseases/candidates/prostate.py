"""Castration-resistant prostate cancer as its next version is to be: what differs from the registered disease.

As in lung.py beside it: Gompertz' law with a turnover, one law of sizes, patients who are resistant from the start, an
end of docetaxel, other causes of death. Lesions are near their capacity, so sensitive cells hold resistant ones down,
more in some patients than in others. Marks as in ../prostate.py.
"""

from dataclasses import replace

from metaenv.diseases.prostate import PROSTATE as REGISTERED
from metaenv.distribution import Fixed, LogNormal, Mixture, Normal, Uniform
from metaenv.drugs.abiraterone import ABIRATERONE
from metaenv.drugs.docetaxel import DOCETAXEL

_EFFLUX, _ARV7, _BYPASS = REGISTERED.traits
_LETHAL = 3e11  # weighted cells; fitted by hand to untreated survival and that of Zhang2022

PROSTATE = replace(
    REGISTERED,
    title="metastatic castration-resistant prostate cancer, next version",
    organs=tuple(replace(organ, capacity=6e10) for organ in REGISTERED.organs),  # cells; fitted by hand to Zhang2022
    traits=(
        replace(
            _EFFLUX,
            mutation_rate=1e-7,  # /division; guess
            # log10; a third resistant to docetaxel from the start; guess
            log_fraction=Mixture(0.3, Normal(-0.5, 0.3), Normal(-3.3, 0.6)),
            reversion=0.0,  # /day; guess, heritable
        ),
        replace(
            _ARV7,
            mutation_rate=1e-9,  # /division; guess
            cost=Fixed(0.2),  # share of growth; guess
            # log10; 18 % resistant from the start, as many as carry AR-V7 then; guess, fitted by hand to Zhang2022 TTP
            log_fraction=Mixture(0.18, Normal(-0.5, 0.4), Normal(-4.0, 1.2)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
        replace(
            _BYPASS,  # and changes of lineage, which docetaxel hardly overcomes either
            mutation_rate=1e-10,  # /division; guess
            cost=Fixed(0.25),  # share of growth; guess
            # log10; guess, fitted by hand to Zhang2022 TTP
            log_fraction=Mixture(0.18, Normal(-0.4, 0.3), Normal(-5.5, 1.2)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
    ),
    drugs=(
        replace(ABIRATERONE, kill=0.06, cytostatic_share=0.2),  # /day, share; fitted by hand to Zhang2022
        replace(
            DOCETAXEL,
            kill=0.15,  # /day; fitted by hand to TAX327
            fold={"bypass": 2.0},  # factor on EC50; guess
            most_cycles=10,  # infusions; Tannock2004
        ),
    ),
    presentation=replace(
        REGISTERED.presentation,
        burden_spread=0.0,  # sd of log10; the law of sizes spreads burdens
        visible_fill=None,
        colony_exponent=Uniform(0.05, 0.25),  # guess, as in lung cancer
        smallest_colony=3e6,  # cells; guess
        largest_colony=3e10,  # cells; guess
    ),
    rates=replace(
        REGISTERED.rates,
        gompertz=True,
        birth=LogNormal(0.004, 0.35),  # /day, of Gompertz; fitted by hand to Zhang2022
        death=LogNormal(0.03, 0.15),  # /day, of the turnover; guess
        vigour_spread=0.25,  # sd of ln; guess
        competition=LogNormal(10.0, 0.6),  # factor; fitted by hand to Zhang2022 (6 in its fits)
        angiogenesis=Fixed(0.01),  # /day, of the capacity's logarithm; guess
        seeding=LogNormal(1e-13, 0.4),  # founders /cell/day; guess (1e-13 to 1e-11), so that the slots hold them
    ),
    host=replace(
        REGISTERED.host,
        age=Normal(70.0, 8.0),  # years; median 70 in COU-AA-302, Ryan2013 (from memory)
        other_hazard=0.013 / 365.25,  # /day at 60 years, men; guess, 1.3 % a year in life tables of the United States
        ageing=0.09,  # /year; textbook
        lethal_burden=_LETHAL,
    ),
    lesions=48,
    symptom_burden=_LETHAL / 2.0,  # weighted cells; guess, half of the lethal burden
)
