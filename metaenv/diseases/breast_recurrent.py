"""ER+ breast cancer that has come back: the same biology as in breast.py, with metastases in sight.

The setting of PALOMA-2: first-line letrozole with or without palbociclib. Marks as in prostate.py.
"""

from dataclasses import replace

from metaenv.diseases.breast import BREAST
from metaenv.distribution import Normal, Poisson, Uniform, UniformInteger

BREAST_RECURRENT = replace(
    BREAST,
    name="breast_recurrent",
    title="recurrent ER+ breast cancer",
    presentation=replace(
        BREAST.presentation,
        visible_lesions=UniformInteger(3, 8),  # guess
        visible_log_cells=Normal(9.2, 0.45),  # log10 cells; guess
        burden_spread=0.0,  # sd of log10; the law of sizes spreads burdens
        burden_ceiling=0.8,  # share of the lethal burden; guess: trials admit nobody who is about to die
        visible_fill=None,
        colony_exponent=Uniform(0.05, 0.221),  # alpha; fitted to new lesions at progression
        smallest_colony=3e6,  # cells; guess
        largest_colony=3e10,  # cells; guess
        micrometastases=Poisson(10.0),  # guess
        micro_log_cells=Uniform(2.0, 7.5),  # log10 cells; guess
        open_niche_share=0.6,  # guess
    ),
    # days, 12 weeks as in prostate cancer, a guess; cells of 5 mm, Source: Bozic2013
    sensors=replace(BREAST.sensors, scan_interval=84.0, detection_cells=63e6),
    substep=14.0,  # days, half of a visit; fitted as in prostate.py
    lesions=40,
    horizon=3640.0,  # days; guess, 10 years
)
