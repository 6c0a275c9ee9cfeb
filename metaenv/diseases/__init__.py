"""Diseases, one file each. A new disease: one file, one line in `DISEASES`; ids, tests and tables follow."""

from metaenv.diseases.disease import MECHANISMS, Disease
from metaenv.diseases.prostate import PROSTATE
from metaenv.diseases.strobl2021 import STROBL2021

DISEASES: dict[str, Disease] = {disease.name: disease for disease in (PROSTATE, STROBL2021)}

__all__ = ["DISEASES", "MECHANISMS", "PROSTATE", "STROBL2021", "Disease"]
