"""Drugs, one file each. A new drug: one file, and here the line that imports it."""

from metaenv.drugs.abiraterone import ABIRATERONE as ABIRATERONE
from metaenv.drugs.bevacizumab import BEVACIZUMAB as BEVACIZUMAB
from metaenv.drugs.docetaxel import DOCETAXEL as DOCETAXEL
from metaenv.drugs.doxorubicin import DOXORUBICIN as DOXORUBICIN
from metaenv.drugs.drug import Drug
from metaenv.drugs.erlotinib import ERLOTINIB as ERLOTINIB
from metaenv.drugs.everolimus import EVEROLIMUS as EVEROLIMUS
from metaenv.drugs.hydroxychloroquine import HYDROXYCHLOROQUINE as HYDROXYCHLOROQUINE
from metaenv.drugs.letrozole import LETROZOLE as LETROZOLE
from metaenv.drugs.osimertinib import OSIMERTINIB as OSIMERTINIB
from metaenv.drugs.palbociclib import PALBOCICLIB as PALBOCICLIB
from metaenv.drugs.pembrolizumab import PEMBROLIZUMAB as PEMBROLIZUMAB
from metaenv.drugs.platinum_pemetrexed import PLATINUM_PEMETREXED as PLATINUM_PEMETREXED
from metaenv.drugs.tariquidar import TARIQUIDAR as TARIQUIDAR
from metaenv.drugs.toxicity import TOXICITIES, Toxicity, kinds

DRUGS: dict[str, Drug] = {each.name: each for each in list(globals().values()) if isinstance(each, Drug)}

__all__ = ["DRUGS", "TOXICITIES", "Drug", "Toxicity", "kinds"]
