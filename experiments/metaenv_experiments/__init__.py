"""The command line `metaenv`: trains policies, benchmarks them, and examines the model. Run `metaenv --help`.

In Python, `metaenv_experiments.score(policy)` treats the test patients with a policy of one's own and prints what the
command `metaenv benchmark --own` prints. Names load on first use, so that the import stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metaenv_experiments.scoring import Score, score

__all__ = ["Score", "score"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'metaenv_experiments' has no attribute {name!r}; it exports {__all__}")
    return getattr(import_module("metaenv_experiments.scoring"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
