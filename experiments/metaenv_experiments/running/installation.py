"""Whether this runs from a checkout of the project, where its tests and pages lie, or from an installed wheel."""

from __future__ import annotations

from pathlib import Path

DISTRIBUTION = "metastasis-env"
ROOM = Path(__file__).resolve().parents[2]  # the folder that holds the package: experiments/, or site-packages
CHECKOUT = ROOM.parent if ROOM.name == "experiments" and (ROOM.parent / "pyproject.toml").is_file() else None


def installing(*extras: str) -> str:
    """The command that installs extras, here."""
    wanted = f"[{','.join(extras)}]"
    return f"pip install '{DISTRIBUTION}{wanted}'" if CHECKOUT is None else f"pip install -e '.{wanted}'"
