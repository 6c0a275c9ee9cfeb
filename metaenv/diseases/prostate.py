"""Metastatic castration-resistant prostate cancer (mCRPC) under abiraterone and docetaxel.

Marks: `Source: key` was read or is an exact consequence of what was read; `guess` has no direct source; `fitted to`
says what a number was adjusted to reproduce. Keys are those of references.bib.
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
from metaenv.drugs.abiraterone import ABIRATERONE
from metaenv.drugs.docetaxel import DOCETAXEL
from metaenv.drugs.toxicity import kinds

PROSTATE = Disease(
    name="prostate",
    title="metastatic castration-resistant prostate cancer",
    organs=(
        # tropism: share of lesions; of the eight seen at the start one lies in a node in 44 % of men, in the lung in
        # 18 % and in the liver in 9 %; of some 25 at death one in the lung in 47 % and in the liver in 26 %, as at
        # autopsy (Bubendorf2000); node and brain: guess. Bone lesions are blastic, so not measurable (Eisenhauer2009).
        # soil, delivery, weight and dormant_share: guess
        Organ(name="bone", tropism=0.892, delivery=0.9, dormant_share=0.4, measurable=False),
        Organ(name="node", tropism=0.07, soil=0.95, weight=0.7, dormant_share=0.2, operable=True),  # guess
        Organ(name="lung", tropism=0.025, soil=0.95, dormant_share=0.3, operable=True),  # Bubendorf2000; guess
        # Bubendorf2000; guess
        Organ(name="liver", tropism=0.012, soil=1.05, delivery=0.95, weight=2.0, dormant_share=0.2, operable=True),
        Organ(name="brain", tropism=0.001, soil=0.9, weight=5.0, dormant_share=0.3, operable=True),  # guess
    ),
    traits=(
        Trait(
            name="efflux",
            mechanism="efflux",
            mutation_rate=1e-6,  # /division; calibrated in a trial run, includes epigenetic change
            cost=Fixed(0.10),  # share of births; guess
            log_fraction=Normal(-3.3, 0.4),  # log10; guess
            lesion_spread=0.4,  # sd of log10; guess
            reversion=0.005,  # /day; guess, the phenotype fades without the drug
        ),
        Trait(
            name="AR-V7",
            mechanism="target_mutation",
            mutation_rate=1e-6,  # /division; calibrated in a trial run
            cost=Uniform(0.1123, 0.3123),  # share of births; fitted to Zhang2022 TTP, OS (IQR 0.33-0.76, Strobl2021)
            log_fraction=Normal(-1.988, 0.55),  # log10; fitted to Zhang2022 TTP, OS, dose (0.35-3.6 %, Strobl2021)
            lesion_spread=0.45,  # sd of log10; guess
        ),
        Trait(
            name="bypass",
            mechanism="bypass",
            mutation_rate=1e-7,  # /division; guess
            cost=Uniform(0.20, 0.40),  # share of births; guess
            # glucocorticoid receptor or AR-independent growth
            log_fraction=Normal(-2.181, 0.55),  # log10; fitted to Zhang2022 TTP, OS, dose (guess -4 to -2)
            lesion_spread=0.5,  # sd of log10; guess
        ),
    ),
    drugs=(ABIRATERONE, DOCETAXEL),
    first_line=("abiraterone",),
    toxicities=kinds("mineralocorticoid", "fluid_retention", "neuropathy"),
    presentation=Presentation(
        visible_lesions=UniformInteger(4, 12),  # guess (1-30 in Bozic2013)
        visible_log_cells=Normal(9.4, 0.45),  # log10 cells; guess, from a trial run
        burden_spread=0.4,  # sd of log10; guess, 0.7 of the whole burden of 22 patients in Bozic2013
        burden_ceiling=0.5,  # share of the lethal burden; guess: trials admit nobody who is about to die
        visible_fill=Uniform(0.5768, 0.8768),  # cells / capacity; fitted to Zhang2022 TTP, OS (0.17-0.74, Strobl2021)
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
        birth=LogNormal(0.0393, 0.3831),  # /day; fitted to Zhang2022 TTP, OS, dose, and PSA slopes off the drug
        death=LogNormal(0.005008, 0.15),  # /day; fitted to Zhang2022 TTP, OS, dose; d/b 0.15-0.40 in Strobl2021
        # sensitive on abiraterone-resistant cells; 6 in the fits of Zhang2022
        competition=Fixed(3.166),  # factor; fitted to Zhang2022 TTP, OS, dose
        angiogenesis=LogNormal(0.013, 0.2),  # /day; fitted to Zhang2022 TTP, OS, dose (guess 0.005-0.02)
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
        waking=LogNormal(0.02181, 0.3),  # /day; fitted to Zhang2022 TTP, OS, dose (guess 0.005-0.03)
        dormant_death=5e-4,  # /day; guess
        seed_waking=LogNormal(1e-4, 0.5),  # /day; guess
        seed_death=1e-4,  # /day; guess (1e-5 to 1e-4)
        hypoxic_share=0.4,  # guess
        hypoxic_size=3e9,  # cells; guess
        bulk_size=1e8,  # cells; guess, lesions that scans show get nearly the bulky delivery of the drug
        immune_kill=LogNormal(0.02, 0.4),  # /day; guess, more than doubles the chance that a single founder dies out
        immune_size=1e5,  # cells; guess
        immune_half_life=30.0,  # days; guess
    ),
    host=Host(
        baseline_neutrophils=LogNormal(5.22, 0.253),  # 1e9/L, variance 0.064; Source: Netterberg2017
        transit_time=LogNormal(84.2 / 24, 0.138),  # 84.2 h, variance 0.019; Source: Netterberg2017
        feedback=Fixed(0.145),  # Source: Netterberg2017
        lethal_burden=2.68e11,  # weighted cells; fitted to Zhang2022 TTP, OS, dose (guess 1e11 to 3e11)
        lethal_hazard=0.004,  # /day; guess
        # with 1.5, too many die while the disease is controlled
        lethal_exponent=3.0,  # exponent; fitted to Zhang2022 TTP, OS, dose
        sepsis_level=0.5,  # 1e9/L; Source: CTCAE2017 (grade 4)
        sepsis_hazard=1.5e-4,  # /day; guess, septic death 0.3 % per course of treatment (Tannock2004)
        toxic_hazard=2e-3,  # /day per unit above 1; guess
    ),
    local_therapy=LocalTherapy(
        radiation_alpha=0.15,  # /Gy; Source: Wang2003
        radiation_beta=0.15 / 3.1,  # /Gy^2, alpha/beta 3.1 Gy; Source: Wang2003
        oxygen_enhancement=1.5,  # effective, with reoxygenation between fractions; guess (OER 2-3, Coleman1988)
        fraction_dose=10.0,  # Gy, stereotactic 30 Gy in 3; Source: Ost2018
        fractions=3,  # Source: Ost2018
        courses=1,  # per lesion; guess
        patient_courses=3,  # per patient; trials treated up to 3 lesions, Source: Ost2018
        operations=1,  # per patient; guess, surgery of metastases is an exception in this disease
        course_mortality=0.015,  # 4.5 % for up to 3-5 lesions, Source: Palma2019; per course a guess
        operation_mortality=0.02,  # guess
        margin_risk=0.3,  # guess
        margin_share=1e-4,  # guess
    ),
    sensors=Sensors(
        scan_interval=84.0,  # days; guess, trials scan every 8-12 weeks
        diameter_noise=0.07,  # coefficient of variation; guess (5-10 %)
        marker="PSA",
        marker_per_cell=1e-9,  # ng/mL per cell: 30 ng/mL at 3e10 cells (Zhang2022 entry PSA 29.7-36.5)
        marker_noise=0.08,  # coefficient of variation; guess
        marker_limit=0.1,  # ng/mL; guess
        allele_depth=2000.0,  # genome equivalents; guess
    ),
    progression=Progression(
        by="marker",
        factor=1.2,  # of the baseline marker, factor; guess, see docs/model.md
        confirmation=56.0,  # days; guess, see docs/model.md
        new_unmeasurable=2,  # number of new lesions of bone; Morris2015
    ),
    substep=7.0,  # days; fitted to halving it moving cohort means by less than 2 % (tests/metaenv/test_substep.py)
    lesions=32,
    visit_interval=28.0,  # days; Zhang2022 monitored every 4-6 weeks
    horizon=3640.0,  # days; guess, 10 years in visits of 28 d
    symptom_disutility=0.5,  # of full health; guess
    symptom_burden=1.34e11,  # weighted cells; guess, half of the lethal burden
    procedure_disutility=(0.07 * 60 / 365.25, 0.02 * 28 / 365.25),  # years: 0.07 for 60 d, 0.02 for 28 d; Matza2014
    sepsis_disutility=0.15,  # share of health, febrile neutropenia; Source: NICECG131
)
