"""Diseases, one file each. A new disease: one file, and here the line that imports it; ids, tests and tables follow.

A disease outside the package is one file too, and none of these lines: see docs/own_disease.md.
"""

import reprlib
from typing import Any

from metaenv.diseases.bozic2013 import BOZIC2013 as BOZIC2013
from metaenv.diseases.breast import BREAST as BREAST
from metaenv.diseases.breast_recurrent import BREAST_RECURRENT as BREAST_RECURRENT
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
from metaenv.diseases.lung import LUNG as LUNG
from metaenv.diseases.prostate import PROSTATE as PROSTATE
from metaenv.diseases.strobl2021 import STROBL2021 as STROBL2021
from metaenv.diseases.viossat2021 import VIOSSAT2021 as VIOSSAT2021
from metaenv.import_path import is_import_path, object_at

DISEASES: dict[str, Disease] = {each.name: each for each in list(globals().values()) if isinstance(each, Disease)}


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
