"""The Lotka-Volterra model of Strobl et al. 2021 as a special case of the one kernel.

    dS/dt = r (1 - (S + R)/K) (1 - 1.5 D) S - d S
    dR/dt = (1 - c) r (1 - (S + R)/K) R - d R

One lesion, one resistance trait, no spread, no dormancy, deterministic, drug at once (no kinetics), kill proportional
to division (nu = 1), linear in the dose. The tumour starts with 5e9 cells; only ratios matter.
Source: Strobl2021.
"""

from metaenv.diseases.disease import Disease, Organ, Presentation, Progression, Rates, Sensors, Trait
from metaenv.distribution import Fixed, LogUniform, Uniform
from metaenv.drugs.drug import Drug

GROWTH_RATE = 0.027  # /day; Source: Strobl2021
_LINEAR = 1e9  # relative to full dose; fitted to linearity: far above any dose the Hill effect is linear in it

DRUG = Drug(
    name="drug",
    infusion=False,
    half_life=0.0,  # the concentration is the dose
    hill=1.0,  # exponent; fitted to linearity, with the ec50 below
    ec50=_LINEAR,
    kill=1.5 * GROWTH_RATE * (1.0 + _LINEAR),  # /day: 1.5 times the growth rate at full dose; Source: Strobl2021
    division_share=1.0,  # Norton-Simon
    fold={"resistance": 1e9},  # Source: Strobl2021 (no effect on resistant cells)
)

STROBL2021 = Disease(
    name="strobl2021",
    title="the two-population model of Strobl et al. 2021",
    organs=(Organ(name="tumour", tropism=1.0, capacity=0.0),),
    traits=(
        Trait(
            name="resistance",
            mechanism="target_mutation",
            mutation_rate=0.0,
            cost=Uniform(0.0, 0.5),  # share of the growth rate; Source: Strobl2021 (range)
            log_fraction=Uniform(-3.0, -1.0),  # log10; Source: Strobl2021 (range)
        ),
    ),
    drugs=(DRUG,),
    first_line=("drug",),
    presentation=Presentation(
        visible_lesions=Fixed(1.0),
        visible_log_cells=Fixed(9.69897000433602),  # log10 of 5e9 cells; guess, only ratios matter
        visible_fill=Uniform(0.25, 0.75),  # cells / capacity, n0 / K; Source: Strobl2021 (range)
    ),
    rates=Rates(
        birth=Fixed(GROWTH_RATE),  # /day; Source: Strobl2021
        death=LogUniform(1e-4, 0.5 * GROWTH_RATE),  # /day, turnover 0 to half of the growth rate; Source: Strobl2021
    ),
    # days, cells, ng/mL per cell; fitted to the paper, where the size is seen daily and exactly
    sensors=Sensors(scan_interval=1.0, detection_cells=0.0, marker_per_cell=1e-9),
    progression=Progression(by="marker", factor=1.2, reference="baseline", ends_episode=True),  # Source: Strobl2021
    lesions=1,
    visit_interval=1.0,  # days, decided daily; Source: Strobl2021
    horizon=3650.0,  # days; guess
    reward="control",
    substep=1.0,  # days; fitted to the exact solution of the equations above, which the tests compare with
    stochastic=False,
)
