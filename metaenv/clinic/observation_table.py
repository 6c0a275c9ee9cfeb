"""What an observation holds: one table of parts. Offsets, bounds, scales and pages follow from it.

`clinic.observation` writes the parts, `metaenv.observation` finds the sizes and bounds of a scenario and reads them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import DAYS_PER_YEAR, PROCEDURES, RESPONSES
from metaenv.dynamics.state import TRANSITS, FloatArray, RecordArray

MARKER_FLOOR = 1e-4  # units of the marker; what is below is shown as this
RATIO_CEILING = 10.0  # marker ratios above are reported as this
HIGHEST_GRADE = 4.0  # CTCAE grades 0 to 4 while alive; score 1 is grade 3
INTENSITY_CEILING = 4.0  # full doses; an infusion may fall several times between visits
MARKER_UNIT = "unit of the marker"  # ng/mL, or genome equivalents/mL: see the disease's sensors


class Scale(NamedTuple):
    """How a quantity is shown: x as (x + plus) / by, or as log10(x + plus) / by."""

    by: float | str = 1.0  # a number, or the name of one that the scenario fixes
    plus: float = 0.0
    log: bool = False

    def read(self, shown: NDArray[np.floating]) -> FloatArray:
        """The quantity, from what is shown of it; `by` is a number."""
        scaled = float(self.by) * shown.astype(np.float64)
        return np.asarray((10.0**scaled if self.log else scaled) - self.plus, dtype=np.float64)

    def __str__(self) -> str:
        """As a formula."""
        text = f"x+{self.plus:g}" if self.plus else "x"
        if self.log:
            text = f"log10({text})" if self.plus else f"log10 {text}"
        elif self.plus and self.by != 1.0:
            text = f"({text})"
        by = self.by if isinstance(self.by, str) else f"{self.by:g}"
        return text if self.by == 1.0 else f"{text}/{by}"


class Part(NamedTuple):
    """One named part of an observation. Names of numbers stand for those that the scenario fixes."""

    name: str
    axes: tuple[str | int, ...]  # () is a single number; they are flattened, the last varies fastest
    bounds: tuple[float, float | str]  # low, high
    scale: Scale
    unit: str  # of the quantity that is read back
    sentence: str


# Upper bounds are those that the patients of every disease keep under no, half, full and random treatment, with room
# (in 400 patients each: diameters 5.1, neutrophils 1.8, visible 1.9, marker -4 to 3.2, cells 1.22, single 0.25,
# capacity 2.3, concentration 7.6), or that follow from the calendar. What is above one is reported as the bound.
_FLAG, _RATIO, _DOSE = ((0.0, most) for most in (1.0, RATIO_CEILING, INTENSITY_CEILING))
_LESIONS = (0.0, "lesions / 10")
_PLAIN, _LOG_CELLS = Scale(), Scale(by=10.0, plus=1.0, log=True)
MEASURED = (
    Part("marker", (), (-4.0, 5.0), Scale(log=True), MARKER_UNIT, "tumour marker, as last measured"),
    Part("marker_ratio", (), _RATIO, _PLAIN, "of baseline", "tumour marker, up to 10 times that of the first visit"),
    Part("marker_measured", (), _FLAG, _PLAIN, "0 or 1", "1 if blood was drawn at this visit"),
    Part("scan_measured", (), _FLAG, _PLAIN, "0 or 1", "1 if scanned at this visit, else the last scan is shown"),
    Part("scan_age", (), (0.0, "scan interval"), Scale(DAYS_PER_YEAR), "days", "time since the last scan"),
    Part("diameters", ("organ",), (0.0, 10.0), Scale(100.0), "mm", "sum of diameters at the last scan"),
    Part("visible", ("organ",), _LESIONS, Scale(10.0), "lesions", "seen at the last scan"),
    Part("response", (len(RESPONSES),), _FLAG, _PLAIN, "0 or 1", "one-hot CR, PR, SD, PD at the last scan"),
    Part("allele_fraction", ("trait",), _FLAG, _PLAIN, "share", "tumour DNA in blood that carries the trait"),
    Part("allele_measured", (), _FLAG, _PLAIN, "0 or 1", "1 if tumour DNA was found in the blood sample"),
    Part("neutrophils", (), (0.0, 3.0), Scale(10.0), "1e9/L", "neutrophils in blood"),
    Part("toxicity", ("kind",), _FLAG, Scale(HIGHEST_GRADE), "CTCAE grade", "cumulative toxicity, 0 to 4"),
    Part("dose_given", ("drug",), _DOSE, _PLAIN, "of full dose", "mean since the last visit"),
    Part("held", ("drug",), _FLAG, _PLAIN, "0 or 1", "1 if a prescribed dose was held since the last visit"),
    Part("cycles", ("drug",), _FLAG, _PLAIN, "share", "infusions so far of the most that are given, 0 without a limit"),
    Part(
        "local_therapy", (len(PROCEDURES),), _FLAG, _PLAIN, "0 or 1", "one-hot none, resection, radiotherapy done last"
    ),
    Part("day", (), (0.0, 1.0), Scale("follow-up"), "days", "time since the first visit"),
)
TRUE = (
    Part("proliferating_cells", ("lesion", "clone"), (0.0, 1.5), _LOG_CELLS, "cells", "dividing cells"),
    Part("dormant_cells", ("lesion", "clone"), (0.0, 1.5), _LOG_CELLS, "cells", "dormant cells"),
    Part("capacity", ("lesion",), (0.0, 2.5), _LOG_CELLS, "cells", "how many the supply can carry"),
    Part("organ", ("lesion",), (0.0, "organs / 10"), Scale(10.0, 1.0), "index", "organ, -1 = no lesion"),
    Part("vascular", ("lesion",), _FLAG, _PLAIN, "0 or 1", "1 past the angiogenic switch"),
    Part("niche_open", ("lesion",), _FLAG, _PLAIN, "0 or 1", "1 in a permissive niche"),
    Part("disseminated_cells", ("organ", "clone"), (0.0, 1.0), _LOG_CELLS, "cells", "single cells, dormant"),
    Part(
        "concentration",
        ("drug", 2),
        (0.0, 15.0),
        _PLAIN,
        "of full dose",
        "in plasma and tissue, 1 = mean at full dose",
    ),
    Part("neutrophil_chain", (TRANSITS,), (0.0, 4.0), Scale(10.0), "1e9/L", "from precursors to blood"),
    Part("toxicity_score", ("kind",), (0.0, 3.0), _PLAIN, "score", "cumulative toxicity, 1 = dose-limiting"),
    Part("immunity", (), (0.0, 5.0), _PLAIN, "of untreated", "level of immune effectors"),
)
PARTS = MEASURED + TRUE

AT = np.dtype([(part.name, "i8") for part in PARTS])
BY = np.dtype([(part.name, "f8") for part in PARTS])


class Columns(NamedTuple):
    """Where the parts stand in an observation, and what their quantities are divided by: for compiled functions."""

    at: RecordArray  # (1,) AT, place of each part's first number; -1 = not in this observation
    by: RecordArray  # (1,) BY


def describe_parts() -> str:
    """The table as a page shows it (Markdown)."""
    lines = ["| part | one for each | shown | x in | what it is |", "|---|---|---|---|---|"]
    for part in PARTS:
        axes = ", ".join(map(str, part.axes))
        lines.append(f"| `{part.name}` | {axes} | {part.scale} | {part.unit} | {part.sentence} |")
        if part is MEASURED[-1]:
            lines.append('| with `observation="full"` also | | | | |')
    return "\n".join(lines)
