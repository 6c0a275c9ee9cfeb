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
        burden_spread=0.2,  # sd of log10; guess, 0.7 of the whole burden of 22 patients in Bozic2013
        burden_ceiling=0.5,  # share of the lethal burden; guess: trials admit nobody who is about to die
        visible_fill=Uniform(0.23, 0.53),  # cells / capacity; fitted to PALOMA-2 PFS
        micrometastases=Poisson(10.0),  # guess
        micro_log_cells=Uniform(2.0, 7.5),  # log10 cells; guess
        open_niche_share=0.6,  # guess
    ),
    # days, 12 weeks as in prostate cancer, a guess; cells of 5 mm, Source: Bozic2013
    sensors=replace(BREAST.sensors, scan_interval=84.0, detection_cells=63e6),
    substep=7.0,  # days; fitted as in prostate.py
    lesions=32,
    horizon=3640.0,  # days; guess, 10 years
)
