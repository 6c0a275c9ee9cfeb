"""EGFR-mutant non-small-cell lung cancer under erlotinib, osimertinib and platinum-pemetrexed.

Marks as in prostate.py. The brain is a sanctuary from erlotinib and chemotherapy and, less so, from osimertinib;
resistance shows in circulating DNA.
"""

from metaenv.diseases.disease import (
    Disease,
    Host,
    LocalTherapy,
    Organ,
    Presentation,
    Progression,
    Rates,
    Sensors,
    Trait,
)
from metaenv.distribution import Fixed, LogNormal, Normal, Poisson, Uniform, UniformInteger
from metaenv.drugs.erlotinib import ERLOTINIB
from metaenv.drugs.osimertinib import OSIMERTINIB
from metaenv.drugs.platinum_pemetrexed import PLATINUM_PEMETREXED
from metaenv.drugs.toxicity import kinds

LUNG = Disease(
    name="lung",
    title="EGFR-mutant non-small-cell lung cancer",
    organs=(
        # tropism: share of lesions; with 6.5 of them 45 % of patients have one in bone, 31 % in the brain, 17 % in the
        # liver and 13 % in an adrenal (literature 45 / 25-40 / 15 / 12 %, from memory); soil, delivery, weight: guess
        Organ(name="lung", tropism=0.807, dormant_share=0.3, operable=True),  # guess
        Organ(name="bone", tropism=0.088, soil=0.95, delivery=0.9, dormant_share=0.4),  # guess
        Organ(name="brain", tropism=0.056, soil=0.95, weight=5.0, dormant_share=0.3, operable=True),  # guess
        # guess
        Organ(name="liver", tropism=0.028, soil=1.05, delivery=0.95, weight=2.0, dormant_share=0.2, operable=True),
        Organ(name="adrenal", tropism=0.021, weight=0.7, dormant_share=0.2, operable=True),  # guess
    ),
    traits=(
        Trait(
            name="efflux",
            mechanism="efflux",
            mutation_rate=1e-7,  # /division; guess, includes epigenetic change
            cost=Fixed(0.10),  # share of births; guess
            log_fraction=Normal(-4.0, 0.4),  # log10; guess
            lesion_spread=0.4,  # sd of log10; guess
            reversion=0.005,  # /day; guess
        ),
        Trait(
            name="T790M",
            mechanism="target_mutation",
            mutation_rate=1e-8,  # /division; guess, between a point mutation (1e-9, Bozic2013) and 1e-6
            cost=Uniform(0.15, 0.25),  # share of births; guess, sign from Chmielecki2011
            # log10; fitted to FLAURA and FLAURA2 PFS, OS, and T790M in 63 % at progression (Yu2013)
            log_fraction=Normal(-3.037, 1.598),
            lesion_spread=0.4,  # sd of log10; guess
        ),
        Trait(
            name="C797S",
            mechanism="target_mutation",
            mutation_rate=1e-9,  # /division; Source: Bozic2013 (point mutation)
            cost=Uniform(0.17, 0.27),  # share of births; guess
            log_fraction=Normal(-8.356, 0.8),  # log10; fitted to FLAURA and FLAURA2 PFS, OS
            lesion_spread=0.4,  # sd of log10; guess
        ),
        Trait(
            name="bypass",
            mechanism="bypass",
            mutation_rate=1e-8,  # /division; guess, MET or HER2 amplification
            cost=Uniform(0.21, 0.31),  # share of births; guess
            log_fraction=Normal(-5.259, 1.502),  # log10; fitted to FLAURA and FLAURA2 PFS, OS
            lesion_spread=0.4,  # sd of log10; guess
        ),
    ),
    drugs=(ERLOTINIB, OSIMERTINIB, PLATINUM_PEMETREXED),
    first_line=("osimertinib",),
    toxicities=kinds("skin", "renal", "neuropathy"),
    presentation=Presentation(
        visible_lesions=UniformInteger(3, 10),  # guess, from a trial run
        visible_log_cells=Normal(9.502, 0.45),  # log10 cells; fitted to FLAURA and FLAURA2 PFS, OS
        burden_spread=0.5,  # sd of log10; guess, 0.7 of the whole burden of 22 patients in Bozic2013
        # share of the lethal burden; guess: trials admit nobody with less than 12 weeks to live. Of all patients with
        # lung cancer a third is in a poor state (Lilenbaum2008), for whatever reason
        burden_ceiling=0.8,
        visible_fill=Uniform(0.1738, 0.4738),  # cells / capacity; fitted to FLAURA and FLAURA2 PFS, OS
        micrometastases=Poisson(10.0),  # guess
        micro_log_cells=Uniform(2.0, 7.5),  # log10 cells; guess, from a trial run
        avascular_log_capacity=Normal(6.0, 0.4),  # log10 cells; Willis2010 (size >= 0.4 mm), guess
        open_niche_share=0.6,  # guess
        dormant_fraction=0.05,  # of cells; guess, from a trial run
        closed_dormant_fraction=1.0,  # of cells; guess, a closed niche holds everything asleep
        disseminated_cells=60.0,  # cells per patient; guess
        instability=LogNormal(1.0, 0.5),  # factor; guess
    ),
    rates=Rates(
        birth=LogNormal(0.04221, 0.3897),  # /day; fitted to FLAURA and FLAURA2 PFS, OS
        death=LogNormal(0.01157, 0.15),  # /day; fitted to FLAURA and FLAURA2 PFS, OS
        competition=Fixed(2.764),  # sensitive on resistant; fitted to FLAURA and FLAURA2 PFS, OS
        angiogenesis=LogNormal(0.01047, 0.2),  # /day; fitted to FLAURA and FLAURA2 PFS, OS (0.0035-0.014, Spratt1996)
        angiogenic_switch=LogNormal(1e-3, 0.3),  # /day; guess
        niche_opening=LogNormal(6.3e-4, 0.3),  # /day, half-life 3 years; guess
        wound_waking=10.0,  # factor; guess
        wound_days=42.0,  # days; guess
        seeding=LogNormal(1e-12, 0.5),  # founders /cell/day; guess (1e-13 to 1e-11)
        filter_strength=1.0,  # guess
        dormancy_entry=LogNormal(0.002, 0.3),  # /day; guess (0.001-0.002)
        stress_entry=0.001,  # /day; guess
        hypoxic_entry=0.002,  # /day; guess
        immune_entry=0.1,  # per immune kill rate; guess
        waking=LogNormal(0.008, 0.3),  # /day; guess (0.005-0.01 under inhibitors)
        dormant_death=5e-4,  # /day; guess
        seed_waking=LogNormal(1e-4, 0.5),  # /day; guess
        seed_death=1e-4,  # /day; guess (1e-5 to 1e-4)
        hypoxic_share=0.4,  # guess
        hypoxic_size=3e9,  # cells; guess
        bulk_size=1e8,  # cells; guess
        immune_kill=LogNormal(0.012, 0.4),  # /day; guess
        immune_size=1e5,  # cells; guess
        immune_half_life=30.0,  # days; guess
    ),
    host=Host(
        baseline_neutrophils=LogNormal(5.22, 0.253),  # 1e9/L, variance 0.064; Source: Netterberg2017
        transit_time=LogNormal(84.2 / 24, 0.138),  # 84.2 h, variance 0.019; Source: Netterberg2017
        feedback=Fixed(0.145),  # Source: Netterberg2017
        lethal_burden=1.041e11,  # weighted cells; fitted to FLAURA and FLAURA2 PFS, OS (guess 1e11 to 3e11)
        lethal_hazard=0.012,  # /day; guess, 12 weeks to live on average at the lethal burden
        lethal_exponent=3.0,  # as in prostate cancer; fitted to Zhang2022 there
        sepsis_level=0.5,  # 1e9/L; Source: CTCAE2017 (grade 4)
        sepsis_hazard=1.5e-4,  # /day; guess, as in prostate cancer
        toxic_hazard=2e-3,  # /day per unit above 1; guess
    ),
    local_therapy=LocalTherapy(
        radiation_alpha=0.3,  # /Gy; textbook
        radiation_beta=0.03,  # /Gy^2, alpha/beta 10 Gy; textbook
        oxygen_enhancement=1.5,  # effective, with reoxygenation between fractions; guess (OER 2-3, Coleman1988)
        fraction_dose=10.0,  # Gy, stereotactic 50 Gy in 5; guess
        fractions=5,  # guess
        courses=1,  # per lesion; guess
        patient_courses=3,  # per patient; guess, trials treated up to 5 lesions (Palma2019)
        operations=1,  # per patient; guess
        course_mortality=0.015,  # 4.5 % for up to 3-5 lesions, Source: Palma2019; per course a guess
        operation_mortality=0.02,  # guess
        margin_risk=0.3,  # guess
        margin_share=1e-4,  # guess
    ),
    sensors=Sensors(
        scan_interval=42.0,  # days; FLAURA scanned every 6 weeks, later 12; guess for the whole course
        diameter_noise=0.07,  # coefficient of variation; guess (5-10 %)
        marker="ctDNA",
        marker_limit=0.05,  # genome equivalents/mL; guess
        allele_depth=2000.0,  # genome equivalents; guess
    ),
    progression=Progression(by="recist", reference="nadir"),  # RECIST 1.1, Source: Eisenhauer2009
    substep=5.25,  # days, a quarter of a visit; fitted to the 2 % of tests/metaenv/test_substep.py
    lesions=32,
    visit_interval=21.0,  # days; a cycle of chemotherapy, label
    horizon=2520.0,  # days; guess, 7 years in visits of 21 d
    symptom_disutility=0.5,  # of full health; guess
    symptom_burden=5.205e10,  # weighted cells; guess, half of the lethal burden
    procedure_disutility=(0.07 * 60 / 365.25, 0.02 * 28 / 365.25),  # years: 0.07 for 60 d, 0.02 for 28 d; Matza2014
    sepsis_disutility=0.15,  # share of health, febrile neutropenia; Source: NICECG131
)
