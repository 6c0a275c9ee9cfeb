"""Oestrogen-receptor-positive breast cancer after surgery: nothing to be seen, and perhaps nothing there.

A patient has a few dangerous micrometastases, Poisson by stage, and single disseminated cells, most of them in the
marrow. Half of the micrometastases grow already, in an open niche, and come back in the first years; the others are
held asleep in a closed one, which opens after years to decades: with nothing else, the share of those that are back by
t is 1 - exp(-mean (1 - exp(-opening t))), delayed by the growth to a size that is found. Who is resistant to endocrine
therapy from the start recurs on it. As in lung.py: Gompertz' law with a turnover, an end of chemotherapy, other causes
of death. Marks as in prostate.py.
"""

from metaenv.diseases.disease import (
    Disease,
    Host,
    Organ,
    Presentation,
    Progression,
    Rates,
    Sensors,
    Trait,
)
from metaenv.distribution import Fixed, LogNormal, Mixture, Normal, Poisson, Uniform
from metaenv.drugs.doxorubicin import DOXORUBICIN
from metaenv.drugs.letrozole import LETROZOLE
from metaenv.drugs.palbociclib import PALBOCICLIB
from metaenv.drugs.toxicity import kinds

# mean number of dangerous micrometastases by stage; fitted to distant recurrence in years 5-20, Pan2017
STAGES = {"T1N0": 0.382, "T2N0": 0.664, "T1N1-3": 0.718, "T2N1-3": 0.95}

_CAPACITY = 5e11  # cells; guess, 3e12 in Norton1988
_LETHAL = 1.06e11  # weighted cells; fitted to untreated survival and PALOMA-2 OS

BREAST = Disease(
    name="breast",
    title="ER+ breast cancer after surgery (T2N1-3), nothing visible",
    organs=(
        # tropism: share of lesions; with five of them 29 % of patients have one in the lung, 33 % in the liver and 8 %
        # in the brain (Kennecke2010: 24 / 29 / 8 %, from memory); soil, delivery, weight, dormant_share: guess
        Organ(name="bone", tropism=0.84, delivery=0.9, capacity=_CAPACITY, dormant_share=0.9),  # guess
        Organ(name="lung", tropism=0.067, capacity=_CAPACITY, dormant_share=0.9, operable=True),  # guess
        Organ(
            name="liver",
            tropism=0.077,  # guess
            soil=1.05,  # guess
            delivery=0.95,  # guess
            weight=2.0,  # guess
            capacity=_CAPACITY,
            dormant_share=0.9,  # guess
            operable=True,
        ),
        Organ(
            name="brain",
            tropism=0.016,  # guess
            soil=0.9,  # guess
            weight=5.0,  # guess
            capacity=_CAPACITY,
            dormant_share=0.9,  # guess
            operable=True,
            urgent=True,
        ),
    ),
    traits=(
        Trait(
            name="efflux",
            mechanism="efflux",
            mutation_rate=1e-8,  # /division; guess, includes epigenetic change
            cost=Fixed(0.05),  # share of growth; guess
            log_fraction=Mixture(0.3, Normal(-0.5, 0.3), Normal(-3.3, 0.6)),  # log10; guess, as in prostate cancer
            lesion_spread=0.4,  # sd of log10; guess
            reversion=0.0,  # /day; guess, heritable
        ),
        Trait(
            name="ESR1",
            mechanism="target_mutation",
            mutation_rate=1e-10,  # /division; guess
            cost=Fixed(0.1),  # share of growth; guess
            log_fraction=Normal(-5.69, 1.5),  # log10; fitted to PALOMA-2; found in 3 % before, Bidard2022
            lesion_spread=0.8,  # sd of log10; guess
        ),
        Trait(
            name="bypass",
            mechanism="bypass",
            mutation_rate=1e-10,  # /division; guess, loss of RB1, PIK3CA, FGFR
            cost=Fixed(0.15),  # share of growth; guess
            # log10; so many have a large resistant share from the start; fitted to PALOMA-2 and EBCTCG2011
            log_fraction=Mixture(0.37, Normal(-0.2, 0.4), Normal(-6.93, 1.89)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
    ),
    drugs=(LETROZOLE, PALBOCICLIB, DOXORUBICIN),
    first_line=("letrozole",),
    toxicities=kinds("arthralgia", "cardiac"),
    presentation=Presentation(
        visible_lesions=Fixed(0.0),  # after surgery nothing is seen
        visible_log_cells=Fixed(9.0),  # log10 cells; guess, unused
        visible_fill=Uniform(0.25, 0.55),  # cells / capacity; guess, unused
        micrometastases=Poisson(STAGES["T2N1-3"]),  # at most 6 on average, Source: Willis2010
        micro_log_cells=Uniform(3.27, 6.5),  # log10 cells, 0.3 to 1.8 mm; fitted to EBCTCG2011, guess
        avascular_log_capacity=Normal(6.8, 0.2),  # log10 cells; guess
        open_niche_share=0.42,  # share of micrometastases; fitted to recurrence in years 0-4, EBCTCG2011
        dormant_fraction=0.05,  # of cells; guess
        closed_dormant_fraction=1.0,  # of cells; guess, a closed niche holds everything asleep
        disseminated_cells=100.0,  # cells per patient; guess
        instability=LogNormal(1.0, 0.5),  # factor; guess
    ),
    rates=Rates(
        gompertz=True,
        birth=LogNormal(0.0014, 0.35),  # /day, of Gompertz; fitted to untreated survival
        death=LogNormal(0.104, 0.15),  # /day, of the turnover; fitted to PALOMA-2
        vigour_spread=0.25,  # sd of ln; guess
        competition=LogNormal(1.5, 0.3),  # factor, sensitive on resistant; guess
        angiogenesis=Fixed(0.01),  # /day, of the capacity's logarithm; guess
        angiogenic_switch=LogNormal(0.02, 0.3),  # /day; guess: the niche, not the vessels, holds these lesions back
        niche_opening=Fixed(0.0001),  # /day, half-life 19 years; fitted by hand to Pan2017 (12-69 in Willis2010)
        wound_waking=2.0,  # factor; guess
        wound_days=42.0,  # days; guess
        seeding=LogNormal(1e-13, 0.4),  # founders /cell/day; guess (1e-13 to 1e-11), so that the slots hold them
        filter_strength=1.0,  # guess
        dormancy_entry=LogNormal(0.001, 0.3),  # /day; guess (0.001-0.002)
        stress_entry=0.001,  # /day; guess
        hypoxic_entry=0.002,  # /day; guess
        immune_entry=0.1,  # per immune kill rate; guess
        waking=LogNormal(0.02, 0.3),  # /day; guess
        dormant_death=1e-6,  # /day; guess: a micrometastasis outlives the follow-up
        seed_waking=LogNormal(1e-7, 0.5),  # /day; guess, adds about 0.06 founders in 15 years
        seed_death=5e-5,  # /day; guess (1e-5 to 1e-4)
        hypoxic_share=0.4,  # guess
        hypoxic_size=3e9,  # cells; guess
        bulk_size=1e8,  # cells; guess
        immune_kill=LogNormal(0.005, 0.4),  # /day; guess
        immune_size=1e5,  # cells; guess
        immune_half_life=30.0,  # days; guess
    ),
    host=Host(
        baseline_neutrophils=LogNormal(5.22, 0.253),  # 1e9/L, variance 0.064; Source: Netterberg2017
        transit_time=LogNormal(84.2 / 24, 0.138),  # 84.2 h, variance 0.019; Source: Netterberg2017
        feedback=Fixed(0.145),  # Source: Netterberg2017
        age=Normal(60.0, 10.0),  # years; guess, median 62 in PALOMA-2 (from memory)
        other_hazard=0.008 / 365.25,  # /day at 60 years, women; guess, 0.8 % a year in life tables of the United States
        ageing=0.09,  # /year; textbook
        lethal_burden=_LETHAL,
        lethal_hazard=0.004,  # /day; guess
        lethal_exponent=3.0,  # as in prostate cancer; fitted to Zhang2022 there
        sepsis_level=0.5,  # 1e9/L; Source: CTCAE2017 (grade 4)
        sepsis_hazard=1.5e-4,  # /day; guess, as in prostate cancer
        toxic_hazard=2e-3,  # /day per unit above 1; guess
    ),
    sensors=Sensors(
        scan_interval=168.0,  # days; guess, twice a year
        detection_cells=5.2e8,  # cells, 10 mm at 1e9 cells/cm3; guess: nobody looks closer without symptoms
        diameter_noise=0.07,  # coefficient of variation; guess (5-10 %)
        marker="ctDNA",
        marker_limit=0.05,  # genome equivalents/mL; guess
        allele_depth=2000.0,  # genome equivalents; guess
    ),
    progression=Progression(by="recist", reference="nadir"),  # the first lesion is the recurrence; Eisenhauer2009
    substep=14.0,  # days; fitted to halving it moving cohort means by less than 2 % (tests/metaenv/test_substep.py)
    lesions=24,
    visit_interval=28.0,  # days; a cycle of palbociclib, label
    horizon=7308.0,  # days; 20 years in visits of 28 d, Pan2017
    symptom_disutility=0.5,  # of full health; guess
    symptom_burden=_LETHAL / 2.0,  # weighted cells; guess, half of the lethal burden
    sepsis_disutility=0.15,  # share of health, febrile neutropenia; Source: NICECG131
)
