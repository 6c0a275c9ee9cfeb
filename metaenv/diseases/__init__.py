"""Diseases, one file each. A new disease: one file, one line in `DISEASES`; ids, tests and tables follow."""

from metaenv.diseases.bozic2013 import BOZIC2013
from metaenv.diseases.breast import BREAST
from metaenv.diseases.breast_recurrent import BREAST_RECURRENT
from metaenv.diseases.disease import MECHANISMS, Disease
from metaenv.diseases.lung import LUNG
from metaenv.diseases.prostate import PROSTATE
from metaenv.diseases.strobl2021 import STROBL2021
from metaenv.diseases.viossat2021 import VIOSSAT2021

DISEASES: dict[str, Disease] = {
    disease.name: disease for disease in (BOZIC2013, BREAST, BREAST_RECURRENT, LUNG, PROSTATE, STROBL2021, VIOSSAT2021)
}

__all__ = ["DISEASES", "MECHANISMS", "Disease"]
