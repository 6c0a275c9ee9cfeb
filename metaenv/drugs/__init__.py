"""Drugs, one file each. A new drug: one file, one line in `DRUGS`."""

from metaenv.drugs.abiraterone import ABIRATERONE
from metaenv.drugs.bevacizumab import BEVACIZUMAB
from metaenv.drugs.docetaxel import DOCETAXEL
from metaenv.drugs.doxorubicin import DOXORUBICIN
from metaenv.drugs.drug import Drug
from metaenv.drugs.erlotinib import ERLOTINIB
from metaenv.drugs.everolimus import EVEROLIMUS
from metaenv.drugs.hydroxychloroquine import HYDROXYCHLOROQUINE
from metaenv.drugs.letrozole import LETROZOLE
from metaenv.drugs.osimertinib import OSIMERTINIB
from metaenv.drugs.palbociclib import PALBOCICLIB
from metaenv.drugs.pembrolizumab import PEMBROLIZUMAB
from metaenv.drugs.platinum_pemetrexed import PLATINUM_PEMETREXED
from metaenv.drugs.tariquidar import TARIQUIDAR
from metaenv.drugs.toxicity import TOXICITIES, Toxicity, kinds

DRUGS: dict[str, Drug] = {
    drug.name: drug
    for drug in (
        ABIRATERONE,
        BEVACIZUMAB,
        DOCETAXEL,
        DOXORUBICIN,
        ERLOTINIB,
        EVEROLIMUS,
        HYDROXYCHLOROQUINE,
        LETROZOLE,
        OSIMERTINIB,
        PALBOCICLIB,
        PEMBROLIZUMAB,
        PLATINUM_PEMETREXED,
        TARIQUIDAR,
    )
}

__all__ = ["DRUGS", "TOXICITIES", "Drug", "Toxicity", "kinds"]
