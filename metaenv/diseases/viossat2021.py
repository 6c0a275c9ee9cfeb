"""The Gompertz model of Viossat and Noble 2021, in which containment beats the attempt to eradicate.

    dS/dt = rho ln(K / N) (1 - L) S        dR/dt = rho ln(K / N) R

N = S + R, L proportional to the dose (Norton-Simon). One lesion, no cost, no mutation, no spread, deterministic. The
patient's time is counted until the tumour exceeds the largest tolerable size, 7 times that at the start.
Source: Viossat2021.
"""

from metaenv.diseases.disease import Disease, Organ, Presentation, Progression, Rates, Sensors, Trait
from metaenv.distribution import Fixed, Uniform
from metaenv.drugs.drug import Drug

GROWTH_RATE = 0.005928  # /day, rho; Source: Viossat2021 (from memory)
_LINEAR = 1e9  # relative to full dose; fitted to linearity: far above any dose the Hill effect is linear in it

DRUG = Drug(
    name="drug",
    infusion=False,
    half_life=0.0,  # the concentration is the dose
    hill=1.0,  # exponent; fitted to linearity, with the ec50 below
    ec50=_LINEAR,
    kill=2.0 * GROWTH_RATE * (1.0 + _LINEAR),  # /day: L = 2 at full dose, they shrink as they would grow; guess
    division_share=1.0,  # Norton-Simon
    fold={"resistance": 1e9},  # Source: Viossat2021 (no effect on resistant cells)
)

VIOSSAT2021 = Disease(
    name="viossat2021",
    title="the containment model of Viossat and Noble 2021",
    organs=(Organ(name="tumour", tropism=1.0, capacity=0.0),),
    traits=(
        Trait(
            name="resistance",
            mechanism="target_mutation",
            mutation_rate=0.0,
            log_fraction=Uniform(-5.64, -3.64),  # log10; guess, around R0 / N0 = 2.3e5 / 1e10 of Viossat2021 (-4.64)
        ),
    ),
    drugs=(DRUG,),
    first_line=("drug",),
    presentation=Presentation(
        visible_lesions=Fixed(1.0),
        visible_log_cells=Fixed(10.0),  # log10 cells, N0 = 1e10; Source: Viossat2021 (from memory)
        visible_fill=Fixed(1e10 / 2e12),  # N0 / K, K = 2e12 cells; Source: Viossat2021 (from memory)
    ),
    rates=Rates(birth=Fixed(GROWTH_RATE), death=Fixed(0.0), gompertz=True),  # /day; Source: Viossat2021
    # days, cells, ng/mL per cell; fitted to the paper, where the size is known at any time
    sensors=Sensors(scan_interval=1.0, detection_cells=0.0, marker_per_cell=1e-9),
    progression=Progression(by="marker", factor=7.0, reference="baseline", ends_episode=True),  # Ntol 7e10; Viossat2021
    lesions=1,
    visit_interval=1.0,  # days; guess, the theory decides at any time
    horizon=3650.0,  # days; guess
    reward="control",
    substep=1.0,  # days; fitted to the exact solution of the equations above, which the tests compare with
    stochastic=False,
)
