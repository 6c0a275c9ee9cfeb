"""Diseases, one file each. A new disease: one file, one line in `DISEASES`; ids, tests and tables follow.

A disease outside the package is one file too, and none of these lines: see docs/own_disease.md.
"""

from importlib import import_module
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
    place, _, label = name.partition(":") if isinstance(name, str) else ("", "", "")
    if not label or not all(part.isidentifier() for part in place.split(".")):
        raise ValueError(f"unknown disease {name!r}; known: {sorted(DISEASES)}, and your own as 'module:NAME'")
    try:
        module = import_module(place)
    except ModuleNotFoundError as error:
        if not f"{place}.".startswith(f"{error.name}."):
            raise  # the module is there: something that it imports is not
        raise ValueError(f"disease {name!r} must stand in a module that Python finds, got: {error}") from error
    found = getattr(module, label, None)
    if not isinstance(found, Disease):
        there = sorted(key for key, value in vars(module).items() if isinstance(value, Disease))
        raise ValueError(f"disease {name!r} must be one of module {place!r}, which has {there}, got {found!r}")
    return found


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
