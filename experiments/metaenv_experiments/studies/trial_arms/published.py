"""Arms of published trials: how they treated, and what came of it.

Keys such as `Zhang2022` stand in metaenv/references.bib. A target's band is what a simulation may differ by, 15 % for
medians. Arms that are held back take no part in any search.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from metaenv.diseases.breast import STAGES
from metaenv_agents.rules.standard_of_care import SIX_CYCLES, STANDARDS, TEN_CYCLES
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.running.options import UsageError

TOLERANCE = 0.15  # of a published median
SHARE_TOLERANCE = 0.10  # of patients, at a published point of a curve
OPENING = math.log(2.0) / 25.0  # /year, escape of dormant micrometastases; Willis2010, Pan2017
LANDMARK = 5.0  # years of endocrine therapy after which recurrences are counted; Pan2017
UNLIMITED = math.inf


@dataclass(frozen=True, kw_only=True)
class Target:
    """A published number and the band in which a simulated one is accepted."""

    quantity: str  # a name in `metaenv_experiments.studies.trial_arms.simulated.outcomes`
    value: float
    low: float
    high: float
    source: str  # key of references.bib

    def __post_init__(self) -> None:
        """Check the band."""
        if not 0.0 < self.low < self.value < self.high:
            raise ValueError(f"a target needs 0 < low < value < high, got {self}")


class Point(NamedTuple):
    """A published point of a Kaplan–Meier curve."""

    kind: str  # "survival", "progression" (deaths censored) or "progression_free" (deaths count)
    months: float
    share: float  # event-free
    source: str  # key of references.bib


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One arm of a trial: whom it treated and how, and what was published."""

    name: str
    disease: str
    rule: str  # a name in `metaenv_agents.rules.RULES`
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of the rule
    changes: tuple[tuple[str, Any], ...] = ()  # of the disease, see `metaenv.scenario.variation`
    drugs: tuple[str, ...] | None = None  # on offer; None: those of the disease
    targets: tuple[Target, ...] = ()
    points: tuple[Point, ...] = ()
    held_back: bool = False  # from fitting


def near(quantity: str, value: float, source: str, *, tolerance: float = TOLERANCE) -> Target:
    """A target whose band reaches so far to both sides, as a share of the value."""
    low, high = value * (1.0 - tolerance), value * (1.0 + tolerance)
    return Target(quantity=quantity, value=value, low=low, high=high, source=source)


def landmark(point: Point) -> Target:
    """A point of a curve as a target: `<kind>_at_<months>_months`, the share without the event then."""
    return Target(
        quantity=f"{point.kind}_at_{point.months:g}_months",
        value=point.share,
        low=point.share - SHARE_TOLERANCE,
        high=point.share + SHARE_TOLERANCE,
        source=point.source,
    )


def between(quantity: str, low: float, high: float, source: str) -> Target:
    """A target known as a range only; its value is the geometric mean."""
    return Target(quantity=quantity, value=math.sqrt(low * high), low=low, high=high, source=source)


def arms_of(disease: str) -> list[Arm]:
    """Return the arms that treated a disease.

    Raises:
        UsageError: no trial of it is known here.
    """
    arms = [arm for arm in ARMS.values() if arm.disease == disease]
    if not arms:
        known = sorted({arm.disease for arm in ARMS.values()})
        raise UsageError(f"--disease must be one with trial arms ({', '.join(known)}), got {disease!r}")
    return arms


_STANDARD = {disease: standard._asdict() for disease, standard in STANDARDS.items()}  # parameters of `sequential`
# in FLAURA osimertinib ended with progression; now it often goes on beside what follows
_OSIMERTINIB = {"lines": (("osimertinib",), ("platinum_pemetrexed",)), "most_days": (math.inf, math.inf)}
_RADIOGRAPHIC = (  # how COU-AA-302 measured, and whom: no men with visceral metastases, Ryan2013
    *(("progression.by", "recist"), ("progression.reference", "nadir"), ("progression.confirmation", 0.0)),
    *((f"organs.{organ}.tropism", 0.0) for organ in ("lung", "liver", "brain")),
)
_PROSTATE = (
    Arm(
        name="untreated mCRPC",
        disease="prostate",
        rule="no_treatment",
        # without an active drug: 19 months asymptomatic (Berry2002), 12 symptomatic (Tannock1996)
        targets=(between("survival_median_months", 12.0, 18.0, "Berry2002"),),
    ),
    Arm(
        name="abiraterone continuous (Zhang2022)",
        disease="prostate",
        rule="sequential",
        parameters=_STANDARD["prostate"],
        targets=(
            near("progression_median_months", 14.3, "Zhang2022"),
            near("survival_median_months", 31.3, "Zhang2022"),
            between("marker_fall_per_day", 0.02, 0.05, "Bruchovsky2006"),
        ),
        points=(Point("progression", 14.3, 0.5, "Zhang2022"), Point("survival", 31.3, 0.5, "Zhang2022")),
    ),
    Arm(
        name="adaptive AT50 (Zhang2022)",
        disease="prostate",
        rule="sequential",
        parameters={**_STANDARD["prostate"], "first": "at50"},
        targets=(
            near("progression_median_months", 33.5, "Zhang2022"),
            near("survival_median_months", 58.5, "Zhang2022"),
            near("dose_share_abiraterone", 0.54, "Zhang2022"),
            # median over its 17 patients, of their published courses; band: a factor of 1.5. Their cycles, 251 days in
            # the median, are no target: first courses went on for months after the marker had halved
            between("marker_rise_per_day", 0.013 / 1.5, 0.013 * 1.5, "Zhang2022"),
        ),
        points=(Point("progression", 33.5, 0.5, "Zhang2022"), Point("survival", 58.5, 0.5, "Zhang2022")),
    ),
    Arm(
        name="abiraterone (COU-AA-302)",
        disease="prostate",
        rule="sequential",
        parameters=_STANDARD["prostate"],
        changes=_RADIOGRAPHIC,
        targets=(
            near("progression_free_median_months", 16.5, "Ryan2013"),
            near("survival_median_months", 34.7, "Ryan2015"),
        ),
        points=(Point("progression_free", 16.5, 0.5, "Ryan2013"), Point("survival", 34.7, 0.5, "Ryan2015")),
    ),
    Arm(
        name="prednisone alone (COU-AA-302)",
        disease="prostate",
        rule="no_treatment",  # prednisone itself slows some tumours a little
        changes=_RADIOGRAPHIC,
        targets=(near("progression_free_median_months", 8.3, "Ryan2013"),),
        points=(Point("progression_free", 8.3, 0.5, "Ryan2013"),),
        held_back=True,
    ),
    Arm(
        name="docetaxel first (TAX327)",
        disease="prostate",
        rule="sequential",
        parameters={"lines": (("docetaxel",),), "most_days": (TEN_CYCLES,)},
        targets=(near("survival_median_months", 19.2, "Berthold2008"),),
        points=(Point("survival", 19.2, 0.5, "Berthold2008"), Point("survival", 36.0, 0.186, "Berthold2008")),
        held_back=True,
    ),
)

_CHEMOTHERAPY = ("platinum_pemetrexed",)
_T790M_GUIDED = {
    "lines": (("erlotinib",), ("osimertinib",), _CHEMOTHERAPY),
    "needs": (None, "T790M", None),
    "most_days": (UNLIMITED, UNLIMITED, SIX_CYCLES),
}
_LUNG = (
    Arm(
        name="untreated EGFR-mutant lung cancer",
        disease="lung",
        rule="no_treatment",
        # no trial leaves patients with the mutation untreated: mean of any lung cancer 7.15 months; range a guess
        targets=(between("survival_median_months", 4.0, 9.0, "Wao2013"),),
    ),
    Arm(
        name="erlotinib (FLAURA)",
        disease="lung",
        rule="sequential",
        parameters=_T790M_GUIDED,
        targets=(
            near("progression_free_median_months", 10.2, "Soria2018"),
            near("survival_median_months", 31.8, "Ramalingam2020"),
            Target(quantity="T790M_at_progression", value=0.63, low=0.53, high=0.73, source="Yu2013"),
        ),
        points=(
            Point("progression_free", 10.2, 0.5, "Soria2018"),
            Point("survival", 31.8, 0.5, "Ramalingam2020"),
            *(
                Point("survival", months, share, "Ramalingam2020")
                for months, share in ((18, 0.71), (24, 0.59), (36, 0.44))
            ),
        ),
    ),
    Arm(
        name="osimertinib (FLAURA)",
        disease="lung",
        rule="sequential",
        parameters=_OSIMERTINIB,
        targets=(
            near("progression_free_median_months", 18.9, "Soria2018"),
            near("survival_median_months", 38.6, "Ramalingam2020"),
            between("C797S_seen_at_progression", 0.04, 0.12, "Chmielecki2023"),  # plasma, 6 % of 109; range a guess
        ),
        points=(
            Point("progression_free", 18.9, 0.5, "Soria2018"),
            *(Point("progression_free", months, share, "Planchard2023") for months, share in ((16.7, 0.5), (24, 0.41))),
            Point("survival", 38.6, 0.5, "Ramalingam2020"),
            *(
                Point("survival", months, share, "Ramalingam2020")
                for months, share in ((18, 0.83), (24, 0.74), (36, 0.54))
            ),
            *(Point("survival", months, share, "Janne2026") for months, share in ((24, 0.72), (36, 0.51), (48, 0.41))),
        ),
    ),
    Arm(
        name="osimertinib (APPLE)",
        disease="lung",
        rule="sequential",
        parameters=_OSIMERTINIB,
        points=(Point("survival", 18, 0.84, "Remon2024"),),
        held_back=True,
    ),
    Arm(
        name="osimertinib once blood shows T790M (APPLE)",  # after gefitinib, for which erlotinib stands
        disease="lung",
        rule="sequential",
        parameters={**_T790M_GUIDED, "early": True},
        targets=(near("survival_median_months", 42.8, "Remon2024"),),
        points=(Point("survival", 42.8, 0.5, "Remon2024"), Point("survival", 18, 0.823, "Remon2024")),
        held_back=True,
    ),
    Arm(
        name="platinum-pemetrexed (LUX-Lung 3)",
        disease="lung",
        rule="sequential",
        parameters={"lines": (_CHEMOTHERAPY, ("erlotinib",)), "most_days": (SIX_CYCLES, UNLIMITED)},
        targets=(near("progression_free_median_months", 6.9, "Sequist2013"),),
        points=(Point("progression_free", 6.9, 0.5, "Sequist2013"),),
        held_back=True,  # earlier searches that took it in missed it, and the arms of FLAURA by it
    ),
    Arm(
        name="osimertinib with chemotherapy (FLAURA2)",
        disease="lung",
        rule="sequential",
        # chemotherapy ends with the first progression; what follows is a guess
        parameters={"lines": (("osimertinib", *_CHEMOTHERAPY), ("osimertinib",))},
        targets=(
            near("progression_free_median_months", 25.5, "Planchard2023"),
            near("survival_median_months", 47.5, "Janne2026"),
        ),
        points=(
            Point("progression_free", 25.5, 0.5, "Planchard2023"),
            Point("progression_free", 24.0, 0.57, "Planchard2023"),
            Point("survival", 47.5, 0.5, "Janne2026"),
            *(Point("survival", months, share, "Janne2026") for months, share in ((24, 0.80), (36, 0.63), (48, 0.49))),
        ),
    ),
)


def recurred(micrometastases: float, years: float) -> float:
    """Share with recurrence so many years after the landmark, of a mean number of micrometastases; Willis2010."""
    return 1.0 - math.exp(-micrometastases * (1.0 - math.exp(-OPENING * years)))


def _adjuvant(stage: str, micrometastases: float) -> Arm:
    """Five years of letrozole, then nothing; recurrences from year 5 on as in Pan2017, within two points."""
    shares = {year: recurred(micrometastases, year - LANDMARK) for year in (10, 15, 20)}
    return Arm(
        name=f"letrozole for 5 years, {stage} (Pan2017)",
        disease="breast",
        rule="fixed_duration",
        parameters={"days": LANDMARK * DAYS_PER_YEAR, "drugs": ("letrozole",)},
        changes=(("presentation.micrometastases.mean", STAGES[stage]),),
        targets=tuple(
            Target(
                quantity=f"recurrence_{year}_years", value=share, low=share - 0.02, high=share + 0.02, source="Pan2017"
            )
            for year, share in shares.items()
        ),
        points=tuple(Point("landmark", 12.0 * year, 1.0 - share, "Pan2017") for year, share in shares.items()),
    )


# mean number of micrometastases that gives Pan2017's recurrence by year 20: 13, 19, 20 and 26 %
PAN2017 = {"T1N0": 0.41, "T2N0": 0.62, "T1N1-3": 0.66, "T2N1-3": 0.88}
_BREAST = tuple(_adjuvant(stage, mean) for stage, mean in PAN2017.items())

_BREAST_RECURRENT = (
    Arm(
        name="untreated recurrent breast cancer",
        disease="breast_recurrent",
        rule="no_treatment",
        # known of all stages together, 2.3 years from the first symptom; range a guess
        targets=(between("survival_median_months", 12.0, 24.0, "Johnstone2000"),),
    ),
    Arm(
        name="letrozole (PALOMA-2)",
        disease="breast_recurrent",
        rule="sequential",
        parameters={"lines": (("letrozole",), ("doxorubicin",), ("letrozole",))},
        targets=(
            near("progression_free_median_months", 14.5, "Finn2016"),
            near("survival_median_months", 51.2, "Slamon2024"),
            # 56 % (Fribbens2018), 29 % of mixed pretreatment (Chandarlapaty2016)
            between("ESR1_seen_at_progression", 0.2, 0.56, "Fribbens2018"),
        ),
        points=(Point("progression_free", 14.5, 0.5, "Finn2016"), Point("survival", 51.2, 0.5, "Slamon2024")),
    ),
    Arm(
        name="letrozole with palbociclib (PALOMA-2)",
        disease="breast_recurrent",
        rule="sequential",
        parameters=_STANDARD["breast_recurrent"],
        targets=(
            near("progression_free_median_months", 24.8, "Finn2016"),
            near("survival_median_months", 53.9, "Slamon2024"),
        ),
        points=(Point("progression_free", 24.8, 0.5, "Finn2016"), Point("survival", 53.9, 0.5, "Slamon2024")),
    ),
)


def _with_landmarks(arm: Arm) -> Arm:
    """The arm with the points of its curves among its targets; medians are targets of their own."""
    points = [point for point in arm.points if point.kind != "landmark" and point.share != 0.5]
    return replace(arm, targets=(*arm.targets, *map(landmark, points)))


ARMS: dict[str, Arm] = {arm.name: _with_landmarks(arm) for arm in (*_PROSTATE, *_LUNG, *_BREAST, *_BREAST_RECURRENT)}
