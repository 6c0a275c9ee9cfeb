"""Drugs, one file each. A new drug: one file, one line in `DRUGS`."""

from metaenv.drugs.abiraterone import ABIRATERONE
from metaenv.drugs.docetaxel import DOCETAXEL
from metaenv.drugs.drug import Drug

DRUGS: dict[str, Drug] = {drug.name: drug for drug in (ABIRATERONE, DOCETAXEL)}

__all__ = ["ABIRATERONE", "DOCETAXEL", "DRUGS", "Drug"]
