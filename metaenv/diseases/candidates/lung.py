"""EGFR-mutant lung cancer as its next version is to be: what differs from the registered disease.

Lesions grow by Gompertz' law beside a turnover, differ in vigour and in resistance, and follow one law of sizes,
visible or not; some patients are resistant from the start, chemotherapy can be resisted and has an end, drugs of one
target share it, and patients die of other causes too. `metaenv study targets` says what of this holds. Marks as in
prostate.py.
"""

from dataclasses import replace

from metaenv.diseases.lung import LUNG as REGISTERED
from metaenv.distribution import Fixed, LogNormal, Mixture, Normal, Uniform
from metaenv.drugs.erlotinib import ERLOTINIB
from metaenv.drugs.osimertinib import OSIMERTINIB
from metaenv.drugs.platinum_pemetrexed import PLATINUM_PEMETREXED

_EFFLUX, _T790M, _C797S, _BYPASS = REGISTERED.traits
_LETHAL = 1.7e11  # weighted cells; fitted by hand to untreated survival and FLAURA OS

LUNG = replace(
    REGISTERED,
    title="EGFR-mutant non-small-cell lung cancer, next version",
    organs=tuple(replace(organ, capacity=5e11) for organ in REGISTERED.organs),  # cells; guess, 3e12 in Norton1988
    traits=(
        replace(
            _EFFLUX,  # of chemotherapy too
            mutation_rate=1e-8,  # /division; guess, a tenth of the registered: there are ten times as many divisions
            cost=Fixed(0.05),  # share of growth; guess
            # log10; a third resistant to chemotherapy from the start; fitted by hand to the response in AURA3
            log_fraction=Mixture(0.35, Normal(-0.4, 0.3), Normal(-3.0, 0.7)),
            reversion=0.0,  # /day; guess, heritable
        ),
        replace(
            _T790M,
            mutation_rate=1e-9,  # /division; Source: Bozic2013 (point mutation)
            cost=Fixed(0.15),  # share of growth; guess
            log_fraction=Normal(-5.5, 2.0),  # log10; fitted by hand to FLAURA PFS on erlotinib
            lesion_spread=0.8,  # sd of log10; guess
        ),
        replace(
            _C797S,
            mutation_rate=1e-10,  # /division; guess, as there are ten times as many divisions
            cost=Fixed(0.2),  # share of growth; guess
            log_fraction=Normal(-10.5, 0.8),  # log10; guess
            lesion_spread=0.8,  # sd of log10; guess
        ),
        replace(
            _BYPASS,  # and changes of lineage, which chemotherapy hardly overcomes either
            mutation_rate=1e-11,  # /division; guess, else nobody stays free of it for years
            cost=Fixed(0.2),  # share of growth; guess
            # log10; one in seven resistant from the start; fitted by hand to FLAURA PFS on osimertinib
            log_fraction=Mixture(0.15, Normal(-1.0, 0.4), Normal(-9.0, 3.0)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
    ),
    drugs=(
        # kill in /day and cytostatic share: guess, as a slowed turnover kills as well
        replace(ERLOTINIB, kill=0.04, cytostatic_share=0.1, target="EGFR"),  # fitted by hand to FLAURA PFS
        replace(OSIMERTINIB, kill=0.04, cytostatic_share=0.1, target="EGFR"),  # fitted by hand to FLAURA PFS
        replace(
            PLATINUM_PEMETREXED,
            kill=0.12,  # /day; fitted by hand to AURA3
            pump_fold=8.0,  # factor; guess
            fold={"bypass": 2.0},  # factor on EC50; guess
            most_cycles=4,  # infusions of platinum, label
            maintenance=0.5,  # of full dose; guess: pemetrexed alone
        ),
    ),
    presentation=replace(
        REGISTERED.presentation,
        burden_spread=0.0,  # sd of log10; the law of sizes spreads burdens
        visible_fill=None,
        colony_exponent=Uniform(0.05, 0.25),  # fitted by hand to new lesions at progression; 0.66 in Iwata2000
        smallest_colony=3e6,  # cells; guess
        largest_colony=3e10,  # cells; guess, 4 cm
    ),
    rates=replace(
        REGISTERED.rates,
        gompertz=True,
        birth=LogNormal(0.0022, 0.35),  # /day, of Gompertz; doubling in 60 days at 1e9.5 cells, fitted by hand
        death=LogNormal(0.1, 0.15),  # /day, of the turnover; 0.136 in Avanzini2020
        vigour_spread=0.25,  # sd of ln; guess
        competition=LogNormal(1.5, 0.3),  # factor; guess
        angiogenesis=Fixed(0.01),  # /day, of the capacity's logarithm; guess
    ),
    host=replace(
        REGISTERED.host,
        age=Normal(63.0, 9.0),  # years; median 64 in FLAURA, Soria2018 (from memory)
        other_hazard=0.011 / 365.25,  # /day at 60 years; guess, 1.1 % a year in life tables of the United States
        ageing=0.085,  # /year, doubling in 8 years; textbook
        lethal_burden=_LETHAL,
    ),
    lesions=40,
    symptom_burden=_LETHAL / 2.0,  # weighted cells; guess, half of the lethal burden
)
