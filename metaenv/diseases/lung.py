"""EGFR-mutant non-small-cell lung cancer under erlotinib, osimertinib and platinum-pemetrexed.

Lesions grow by Gompertz' law beside a turnover, differ in vigour and in resistance, and follow one law of sizes,
visible or not; some patients are resistant from the start, chemotherapy can be resisted and has an end, drugs of one
target share it, and patients die of other causes too. The brain is a sanctuary from erlotinib and chemotherapy and,
less so, from osimertinib; resistance shows in circulating DNA. `metaenv study targets` says what of this holds. Marks
as in prostate.py.
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
from metaenv.drugs.erlotinib import ERLOTINIB
from metaenv.drugs.osimertinib import OSIMERTINIB
from metaenv.drugs.platinum_pemetrexed import PLATINUM_PEMETREXED
from metaenv.drugs.toxicity import kinds

_CAPACITY = 5e11  # cells; guess, 3e12 in Norton1988
_LETHAL = 1.6e11  # weighted cells; fitted by hand to untreated survival and FLAURA OS

LUNG = Disease(
    name="lung",
    title="EGFR-mutant non-small-cell lung cancer",
    organs=(
        # tropism: share of lesions; with 6.5 of them 45 % of patients have one in bone, 31 % in the brain, 17 % in the
        # liver and 13 % in an adrenal (literature 45 / 25-40 / 15 / 12 %, from memory); soil, delivery, weight: guess
        Organ(name="lung", tropism=0.807, capacity=_CAPACITY, dormant_share=0.3, operable=True),  # guess
        Organ(name="bone", tropism=0.088, soil=0.95, delivery=0.9, capacity=_CAPACITY, dormant_share=0.4),  # guess
        Organ(
            name="brain",
            tropism=0.056,  # share; guess
            soil=0.95,  # guess
            weight=5.0,  # guess
            capacity=_CAPACITY,
            dormant_share=0.3,  # guess
            operable=True,
            urgent=True,
        ),
        Organ(
            name="liver",
            tropism=0.028,  # share; guess
            soil=1.05,  # guess
            delivery=0.95,  # guess
            weight=2.0,  # guess
            capacity=_CAPACITY,
            dormant_share=0.2,  # guess
            operable=True,
        ),
        # guess
        Organ(name="adrenal", tropism=0.021, weight=0.7, capacity=_CAPACITY, dormant_share=0.2, operable=True),
    ),
    traits=(
        Trait(
            name="efflux",  # of chemotherapy too
            mechanism="efflux",
            mutation_rate=1e-8,  # /division; guess, includes epigenetic change
            cost=Fixed(0.05),  # share of growth; guess
            # log10; a third resistant to chemotherapy from the start; fitted by hand to the response in AURA3
            log_fraction=Mixture(0.35, Normal(-0.4, 0.3), Normal(-3.0, 0.7)),
            lesion_spread=0.4,  # sd of log10; guess
            reversion=0.0,  # /day; guess, heritable
        ),
        Trait(
            name="T790M",
            mechanism="target_mutation",
            mutation_rate=1e-9,  # /division; Source: Bozic2013 (point mutation)
            cost=Fixed(0.15),  # share of growth; guess, sign from Chmielecki2011
            log_fraction=Normal(-4.15, 1.0),  # log10; fitted by hand to FLAURA and to T790M at progression, Yu2013
            lesion_spread=0.8,  # sd of log10; guess
        ),
        Trait(
            name="C797S",
            mechanism="target_mutation",
            mutation_rate=1.5e-11,  # /division; fitted by hand to who has it at progression, Chmielecki2023
            cost=Fixed(0.2),  # share of growth; guess
            log_fraction=Normal(-14.0, 0.8),  # log10; guess, so that erlotinib adds little to osimertinib
            lesion_spread=0.8,  # sd of log10; guess
        ),
        Trait(
            name="bypass",  # MET or HER2, and changes of lineage, which chemotherapy hardly overcomes either
            mechanism="bypass",
            mutation_rate=1e-11,  # /division; guess, else nobody stays free of it for years
            cost=Fixed(0.2),  # share of growth; guess
            # log10; one in six resistant from the start; fitted by hand to FLAURA PFS on osimertinib
            log_fraction=Mixture(0.18, Normal(-1.0, 0.4), Normal(-8.7, 3.0)),
            lesion_spread=0.8,  # sd of log10; guess
        ),
    ),
    drugs=(ERLOTINIB, OSIMERTINIB, PLATINUM_PEMETREXED),
    first_line=("osimertinib",),
    toxicities=kinds("skin", "renal", "neuropathy"),
    presentation=Presentation(
        visible_lesions=UniformInteger(3, 10),  # guess, from a trial run
        visible_log_cells=Normal(9.502, 0.45),  # log10 cells; fitted to FLAURA and FLAURA2 PFS, OS
        burden_spread=0.0,  # sd of log10; the law of sizes spreads burdens
        # share of the lethal burden; guess: trials admit nobody with less than 12 weeks to live. Of all patients with
        # lung cancer a third is in a poor state (Lilenbaum2008), for whatever reason
        burden_ceiling=0.8,
        colony_exponent=Uniform(0.05, 0.32),  # fitted by hand to new lesions at progression; 0.66 in Iwata2000
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
        birth=LogNormal(0.00225, 0.35),  # /day, of Gompertz; fitted by hand to untreated survival
        death=LogNormal(0.1, 0.15),  # /day, of the turnover; 0.136 in Avanzini2020
        vigour_spread=0.25,  # sd of ln; guess
        competition=LogNormal(1.5, 0.3),  # factor, sensitive on resistant; guess
        angiogenesis=Fixed(0.01),  # /day, of the capacity's logarithm; guess
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
        age=Normal(63.0, 9.0),  # years; median 64 in FLAURA, Soria2018 (from memory)
        other_hazard=0.011 / 365.25,  # /day at 60 years; guess, 1.1 % a year in life tables of the United States
        ageing=0.085,  # /year, doubling in 8 years; textbook
        lethal_burden=_LETHAL,
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
        patient_courses=5,  # per patient; one for each lesion of who has few, up to 5, Source: Lievens2020
        operations=1,  # per patient; guess
        # 3 of 66 patients in Palma2019, none of 68 in Wang2023, two to three courses each; pooled, a guess
        course_mortality=0.006,
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
    substep=10.5,  # days, half of a visit; fitted to the 2 % of tests/metaenv/test_substep.py
    lesions=40,
    visit_interval=21.0,  # days; a cycle of chemotherapy, label
    horizon=2520.0,  # days; guess, 7 years in visits of 21 d
    symptom_disutility=0.5,  # of full health; guess
    symptom_burden=_LETHAL / 2.0,  # weighted cells; guess, half of the lethal burden
    procedure_disutility=(0.07 * 60 / 365.25, 0.02 * 28 / 365.25),  # years: 0.07 for 60 d, 0.02 for 28 d; Matza2014
    sepsis_disutility=0.15,  # share of health, febrile neutropenia; Source: NICECG131
)
