"""Metastatic castration-resistant prostate cancer (mCRPC) under abiraterone and docetaxel.

As in lung.py: Gompertz' law with a turnover, one law of sizes, patients who are resistant from the start, an end of
docetaxel, other causes of death. Lesions are near their capacity, so sensitive cells hold resistant ones down, more in
some patients than in others.

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
from metaenv.distribution import Fixed, LogNormal, Mixture, Normal, Poisson, Uniform, UniformInteger
from metaenv.drugs.abiraterone import ABIRATERONE
from metaenv.drugs.docetaxel import DOCETAXEL
from metaenv.drugs.toxicity import kinds

_CAPACITY = 6e10  # cells; fitted by hand to Zhang2022
_LETHAL = 3e11  # weighted cells; fitted by hand to untreated survival and that of Zhang2022

PROSTATE = Disease(
    name="prostate",
    title="metastatic castration-resistant prostate cancer",
    organs=(
        # tropism: share of lesions; of the eight seen at the start one lies in a node in 44 % of men, in the lung in
        # 18 % and in the liver in 9 %; of some 25 at death one in the lung in 47 % and in the liver in 26 %, as at
        # autopsy (Bubendorf2000); node and brain: guess. Bone lesions are blastic, so not measurable (Eisenhauer2009).
        # soil, delivery, weight and dormant_share: guess
        Organ(name="bone", tropism=0.892, delivery=0.9, capacity=_CAPACITY, dormant_share=0.4, measurable=False),
        Organ(
            name="node",
            tropism=0.07,  # guess
            soil=0.95,  # guess
            weight=0.7,  # guess
            capacity=_CAPACITY,
            dormant_share=0.2,  # guess
            operable=True,
        ),
        # Bubendorf2000; guess
        Organ(name="lung", tropism=0.025, soil=0.95, capacity=_CAPACITY, dormant_share=0.3, operable=True),
        Organ(
            name="liver",
            tropism=0.012,  # Bubendorf2000
            soil=1.05,  # guess
            delivery=0.95,  # guess
            weight=2.0,  # guess
            capacity=_CAPACITY,
            dormant_share=0.2,  # guess
            operable=True,
        ),
        Organ(
            name="brain",
            tropism=0.001,  # guess
            soil=0.9,  # guess
            weight=5.0,  # guess
            capacity=_CAPACITY,
            dormant_share=0.3,  # guess
            operable=True,
            urgent=True,
        ),
    ),
    traits=(
        Trait(
            name="efflux",
            mechanism="efflux",
            mutation_rate=1e-7,  # /division; guess, includes epigenetic change
            cost=Fixed(0.10),  # share of growth; guess
            # log10; a third resistant to docetaxel from the start; guess
            log_fraction=Mixture(0.3, Normal(-0.5, 0.3), Normal(-3.3, 0.6)),
            lesion_spread=0.4,  # sd of log10; guess
            reversion=0.0,  # /day; guess, heritable
        ),
        Trait(
            name="AR-V7",
            mechanism="target_mutation",
            mutation_rate=1e-9,  # /division; guess
            cost=Fixed(0.2),  # share of growth; guess
            # log10; 18 % resistant from the start, as many as carry AR-V7 then; guess, fitted by hand to Zhang2022 TTP
            log_fraction=Mixture(0.18, Normal(-0.5, 0.4), Normal(-4.0, 1.2)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
        Trait(
            name="bypass",  # glucocorticoid receptor, and changes of lineage, which docetaxel hardly overcomes either
            mechanism="bypass",
            mutation_rate=1e-10,  # /division; guess
            cost=Fixed(0.25),  # share of growth; guess
            # log10; guess, fitted by hand to Zhang2022 TTP
            log_fraction=Mixture(0.18, Normal(-0.4, 0.3), Normal(-5.5, 1.2)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
    ),
    drugs=(ABIRATERONE, DOCETAXEL),
    first_line=("abiraterone",),
    toxicities=kinds("mineralocorticoid", "fluid_retention", "neuropathy"),
    presentation=Presentation(
        visible_lesions=UniformInteger(4, 12),  # guess (1-30 in Bozic2013)
        visible_log_cells=Normal(9.4, 0.45),  # log10 cells; guess, from a trial run
        burden_spread=0.0,  # sd of log10; the law of sizes spreads burdens
        burden_ceiling=0.5,  # share of the lethal burden; guess: trials admit nobody who is about to die
        colony_exponent=Uniform(0.05, 0.25),  # guess, as in lung cancer
        smallest_colony=3e6,  # cells; guess
        largest_colony=3e10,  # cells; guess, 4 cm
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
        gompertz=True,
        birth=LogNormal(0.004, 0.35),  # /day, of Gompertz; fitted by hand to Zhang2022
        death=LogNormal(0.03, 0.15),  # /day, of the turnover; guess
        vigour_spread=0.25,  # sd of ln; guess
        # sensitive on abiraterone-resistant cells
        competition=LogNormal(10.0, 0.6),  # factor; fitted by hand to Zhang2022 (6 in its fits)
        angiogenesis=Fixed(0.01),  # /day, of the capacity's logarithm; guess
        angiogenic_switch=LogNormal(1e-3, 0.3),  # /day; guess
        niche_opening=LogNormal(6.3e-4, 0.3),  # /day, half-life 3 years; guess
        wound_waking=10.0,  # factor; guess
        wound_days=42.0,  # days; guess
        seeding=LogNormal(1e-13, 0.4),  # founders /cell/day; guess (1e-13 to 1e-11), so that the slots hold them
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
        age=Normal(70.0, 8.0),  # years; median 70 in COU-AA-302, Ryan2013 (from memory)
        other_hazard=0.013 / 365.25,  # /day at 60 years, men; guess, 1.3 % a year in life tables of the United States
        ageing=0.09,  # /year; textbook
        lethal_burden=_LETHAL,
        lethal_hazard=0.004,  # /day; guess
        # with 1.5, too many die while the disease is controlled
        lethal_exponent=3.0,  # exponent; fitted to Zhang2022 TTP, OS, dose
        sepsis_level=0.5,  # 1e9/L; Source: CTCAE2017 (grade 4)
        sepsis_hazard=1.5e-4,  # /day; guess, septic death 0.3 % per course of treatment (Tannock2004)
        toxic_hazard=2e-3,  # /day per unit above 1; guess
    ),
    local_therapy=LocalTherapy(
        radiation_alpha=0.22,  # /Gy; fitted by hand to local control, 0.15 in Wang2003
        radiation_beta=0.22 / 3.1,  # /Gy^2, alpha/beta 3.1 Gy, Wang2003; fitted by hand to local control
        # effective, with reoxygenation between fractions; fitted by hand to local control (OER 2-3, Coleman1988)
        oxygen_enhancement=1.1,
        fraction_dose=10.0,  # Gy, stereotactic 30 Gy in 3; Source: Ost2018
        fractions=3,  # Source: Ost2018
        courses=1,  # per lesion; guess
        patient_courses=3,  # per patient; trials treated up to 3 lesions, Source: Ost2018
        operations=1,  # per patient; guess, surgery of metastases is an exception in this disease
        # 3 of 66 patients in Palma2019, none of 68 in Wang2023, two to three courses each; pooled, a guess
        course_mortality=0.006,
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
    # days, half of a visit; fitted to halving it moving cohort means by less than 2 % (tests/metaenv/test_substep.py)
    substep=14.0,
    lesions=48,
    visit_interval=28.0,  # days; Zhang2022 monitored every 4-6 weeks
    horizon=3640.0,  # days; guess, 10 years in visits of 28 d
    symptom_disutility=0.5,  # of full health; guess
    symptom_burden=_LETHAL / 2.0,  # weighted cells; guess, half of the lethal burden
    procedure_disutility=(0.07 * 60 / 365.25, 0.02 * 28 / 365.25),  # years: 0.07 for 60 d, 0.02 for 28 d; Matza2014
    sepsis_disutility=0.15,  # share of health, febrile neutropenia; Source: NICECG131
)
