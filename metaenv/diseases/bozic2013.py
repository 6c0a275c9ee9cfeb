"""Two drugs against a tumour that grew from few cells: the branching process of Bozic et al. 2013.

Sensitive cells divide at 0.14 and die at 0.13 /day, at 0.17 under either drug. A cell becomes resistant to one drug, to
the other, or at a shared site to both, at (sites) x (point mutations per site and division). Nothing crowds, sleeps or
spreads; the patient dies about when the tumour reaches 1e12 cells. Watching comes first: whoever treats a thousand
cells has no resistant one to fear. Kills of several drugs add, so a cell sensitive to both dies at 0.21 /day under both
(in the paper at 0.17). Source: Bozic2013.
"""

from metaenv.diseases.disease import Disease, Host, Organ, Presentation, Progression, Rates, Sensors, Trait
from metaenv.distribution import Fixed
from metaenv.drugs.drug import Drug

BIRTH, DEATH = 0.14, 0.13  # /day; Source: Bozic2013
TREATED_DEATH = 0.17  # /day; Source: Bozic2013 (median of 68 lesions on vemurafenib)
POINT_MUTATION = 1e-9  # /site/division; Source: Bozic2013
SITES = 50.0  # sites that make resistant to one drug; Source: Bozic2013
SHARED_SITES = 1.0  # sites that make resistant to both; Source: Bozic2013 (0 or 1)


def _drug(name: str, trait: str) -> Drug:
    return Drug(
        name=name,
        infusion=False,
        half_life=0.0,  # the concentration is the dose
        hill=1.0,
        ec50=1e-9,  # full effect at any dose; Source: Bozic2013 (a drug is given or not)
        kill=TREATED_DEATH - DEATH,  # /day
        division_share=0.0,
        fold={trait: 1e18, "cross": 1e18},  # Source: Bozic2013 (no effect on resistant cells)
    )


BOZIC2013 = Disease(
    name="bozic2013",
    title="the dual-therapy model of Bozic et al. 2013",
    organs=(Organ(name="tumour", tropism=1.0, capacity=0.0),),
    traits=(
        Trait(name="first", mechanism="target_mutation", mutation_rate=SITES * POINT_MUTATION),
        Trait(name="second", mechanism="target_mutation", mutation_rate=SITES * POINT_MUTATION),
        Trait(name="cross", mechanism="bypass", mutation_rate=SHARED_SITES * POINT_MUTATION),
    ),
    drugs=(_drug("first_drug", "first"), _drug("second_drug", "second")),
    first_line=("first_drug",),
    presentation=Presentation(
        visible_lesions=Fixed(1.0),
        visible_log_cells=Fixed(3.0),  # log10 cells; guess: enough not to die out, too few to hold a mutant
        visible_fill=Fixed(1e-20),  # cells / capacity; Source: Bozic2013 (nothing crowds)
    ),
    rates=Rates(birth=Fixed(BIRTH), death=Fixed(DEATH)),
    # /day, cells; guess: death at about 1e12 cells, which the paper leaves open
    host=Host(lethal_burden=1e12, lethal_hazard=0.05, lethal_exponent=3.0),
    sensors=Sensors(scan_interval=28.0),  # days; guess
    progression=Progression(by="marker", factor=1.2, reference="nadir", confirmation=56.0),  # days; guess
    lesions=1,
    visit_interval=28.0,  # days; guess
    horizon=3640.0,  # days; guess
    reward="survival",
    substep=7.0,  # days; guess: exact in law but for the moment at which mutants appear
)
