"""Oestrogen-receptor-positive breast cancer after surgery: nothing to be seen, and perhaps nothing there.

A patient has a few dangerous micrometastases, Poisson by stage, each held asleep in a closed niche, and single
disseminated cells, most of them in the marrow. A niche opens after decades on average, so half of what comes back comes
back late: with nothing else, the share with recurrence by t is 1 - exp(-mean (1 - exp(-opening t))), delayed by the
growth to a size that is found. Marks as in prostate.py.
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
from metaenv.distribution import Fixed, LogNormal, Normal, Poisson, Uniform
from metaenv.drugs.doxorubicin import DOXORUBICIN
from metaenv.drugs.letrozole import LETROZOLE
from metaenv.drugs.palbociclib import PALBOCICLIB
from metaenv.drugs.toxicity import kinds

# mean number of dangerous micrometastases by stage; fitted to distant recurrence in years 5-20, Pan2017
STAGES = {"T1N0": 0.3079, "T2N0": 0.5359, "T1N1-3": 0.5796, "T2N1-3": 0.7664}

BREAST = Disease(
    name="breast",
    title="ER+ breast cancer after surgery (T2N1-3), nothing visible",
    organs=(
        # tropism: share of lesions; with five of them 29 % of patients have one in the lung, 33 % in the liver and 8 %
        # in the brain (Kennecke2010: 24 / 29 / 8 %, from memory); soil, delivery, weight, dormant_share: guess
        Organ(name="bone", tropism=0.84, delivery=0.9, dormant_share=0.9),  # guess
        Organ(name="lung", tropism=0.067, dormant_share=0.9, operable=True),  # guess
        # guess
        Organ(name="liver", tropism=0.077, soil=1.05, delivery=0.95, weight=2.0, dormant_share=0.9, operable=True),
        Organ(name="brain", tropism=0.016, soil=0.9, weight=5.0, dormant_share=0.9, operable=True),  # guess
    ),
    traits=(
        Trait(
            name="efflux",
            mechanism="efflux",
            mutation_rate=1e-7,  # /division; guess, includes epigenetic change
            cost=Fixed(0.10),  # share of births; guess
            log_fraction=Normal(-4.0, 0.5),  # log10; guess
            lesion_spread=0.4,  # sd of log10; guess
            reversion=0.005,  # /day; guess
        ),
        Trait(
            name="ESR1",
            mechanism="target_mutation",
            mutation_rate=1e-8,  # /division; guess
            cost=Uniform(0.05, 0.15),  # share of births; guess, mean 0.1
            log_fraction=Normal(-5.737, 1.0),  # log10; fitted to PALOMA-2 PFS, and ESR1 at progression (Fribbens2018)
            lesion_spread=0.4,  # sd of log10; guess
        ),
        Trait(
            name="bypass",
            mechanism="bypass",
            mutation_rate=1e-8,  # /division; guess, loss of RB1, PIK3CA, FGFR
            cost=Uniform(0.10, 0.20),  # share of births; fitted to PALOMA-2 PFS
            log_fraction=Normal(-2.548, 1.0),  # log10; fitted to PALOMA-2 PFS: more epigenetic than genetic
            lesion_spread=0.4,  # sd of log10; guess
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
        micro_log_cells=Uniform(5.5, 6.5),  # log10 cells, 0.8 to 1.8 mm; guess, Willis2010 (> 0.4 mm)
        avascular_log_capacity=Normal(6.8, 0.2),  # log10 cells; guess
        open_niche_share=0.0,  # guess: what is open has shown itself by the time of surgery
        dormant_fraction=0.05,  # of cells; guess
        closed_dormant_fraction=1.0,  # of cells; guess, a closed niche holds everything asleep
        disseminated_cells=100.0,  # cells per patient; guess
        instability=LogNormal(1.0, 0.5),  # factor; guess
    ),
    rates=Rates(
        birth=LogNormal(0.03021, 0.25),  # /day; fitted to PALOMA-2 PFS
        death=LogNormal(0.009857, 0.15),  # /day; fitted to PALOMA-2 PFS
        competition=Fixed(1.672),  # sensitive on resistant; fitted to PALOMA-2 PFS
        angiogenesis=LogNormal(0.02833, 0.2),  # /day; fitted to PALOMA-2 PFS (guess 0.005-0.03)
        angiogenic_switch=LogNormal(0.02, 0.3),  # /day; guess: the niche, not the vessels, holds these lesions back
        # /day, half-life 22 years; fitted to recurrence in Pan2017 (12-69 years in Willis2010)
        niche_opening=Fixed(8.512e-05),
        wound_waking=2.0,  # factor; guess
        wound_days=42.0,  # days; guess
        seeding=LogNormal(1e-12, 0.5),  # founders /cell/day; guess (1e-13 to 1e-11)
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
        lethal_burden=1.436e11,  # weighted cells; fitted to PALOMA-2 PFS (guess 1e11 to 3e11)
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
    symptom_burden=7.18e10,  # weighted cells; guess, half of the lethal burden
    sepsis_disutility=0.15,  # share of health, febrile neutropenia; Source: NICECG131
)
