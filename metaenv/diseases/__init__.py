"""Diseases, one file each. A new disease: one file, one line in `DISEASES`; ids, tests and tables follow.

A disease outside the package is one file too, and none of these lines: see docs/own_disease.md.
"""

import reprlib
from typing import Any

from metaenv.diseases.bozic2013 import BOZIC2013
from metaenv.diseases.breast import BREAST
from metaenv.diseases.breast_recurrent import BREAST_RECURRENT
from metaenv.diseases.disease import (
    MECHANISMS,
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
from metaenv.diseases.lung import LUNG
from metaenv.diseases.prostate import PROSTATE
from metaenv.diseases.strobl2021 import STROBL2021
from metaenv.diseases.viossat2021 import VIOSSAT2021
from metaenv.import_path import is_import_path, object_at

DISEASES: dict[str, Disease] = {
    disease.name: disease for disease in (BOZIC2013, BREAST, BREAST_RECURRENT, LUNG, PROSTATE, STROBL2021, VIOSSAT2021)
}


def find_disease(name: Any) -> Disease:
    """A disease by what names it.

    Args:
        name: a name in `DISEASES`; "module:NAME" for one of one's own, whose module is imported now; or a `Disease`.

    Raises:
        ValueError: nothing of that name is known; the message lists what is.
    """
    if isinstance(name, Disease):
        return name
    if isinstance(name, str) and name in DISEASES:
        return DISEASES[name]
    if is_import_path(name):
        return object_at(name, Disease, "disease")
    got = repr(name) if isinstance(name, str) else reprlib.repr(name)  # not all of an object's fields
    raise ValueError(f"unknown disease {got}; known: {sorted(DISEASES)}, and your own as 'module:NAME'")


__all__ = [
    "DISEASES",
    "MECHANISMS",
    "Disease",
    "Host",
    "LocalTherapy",
    "Organ",
    "Presentation",
    "Progression",
    "Rates",
    "Sensors",
    "Trait",
    "find_disease",
]
