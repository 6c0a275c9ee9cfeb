"""The fixture `published`: what was published beside what came out here; `--cases FILE` writes every comparison down.

`metaenv study validate` makes docs/validation.md of that file.
"""

from __future__ import annotations

import json
import numbers
from pathlib import Path
from typing import Any

import pytest

ROWS = "published"  # name of the user property that carries a test's comparisons to its report


class Comparisons:
    """Compares and remembers; a call raises where the published value is missed."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self._properties = properties

    def __call__(
        self,
        *,
        case: str,
        value: float | str,
        ours: Any,
        source: str,
        tolerance: str = "",
        abs: float | None = None,
        rel: float | None = None,
        within: bool | None = None,
    ) -> None:
        """Compare one value.

        Args:
            case: number in the list of cases, where it has one, setting and unit.
            value: as published, or what is claimed of it ("> 0").
            ours: number or text.
            source: key of references.bib, or "exact" for mathematics.
            tolerance: in words; needed with `within`.
            abs: largest difference.
            rel: largest difference as a share of the published value.
            within: whether ours is close enough, where neither of them says it.
        """
        __tracebackhide__ = True  # the test is what failed
        if sum(rule is not None for rule in (abs, rel, within)) != 1:
            raise TypeError("give exactly one of abs, rel and within")
        if within is not None and not tolerance:
            raise TypeError("within needs its tolerance in words")
        found = plain(ours)
        words = tolerance or (f"±{abs:.3g}" if abs is not None else f"±{100.0 * (rel or 0.0):.3g} %")
        met = bool(found == pytest.approx(value, abs=abs, rel=rel) if within is None else within)
        row = {"case": case, "published": plain(value), "ours": found, "tolerance": words, "source": source, "met": met}
        self._properties.append((ROWS, row))
        if not met:
            raise AssertionError(f"{case}: published {value}, ours {found}, tolerance {words}, source {source}")


def plain(value: Any) -> float | str:
    """A number or a text that JSON and other processes understand."""
    if isinstance(value, str):
        return value
    return float(value.item() if hasattr(value, "item") else value) if not _whole(value) else int(value)


def _whole(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


class Ledger:
    """Collects the comparisons of a session, in one process or from several, and writes them at its end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        said = crash.message if crash is not None else str(report.longrepr or "")
        message = "" if report.passed else said.strip().splitlines()[0]
        rows = [row for name, row in report.user_properties if name == ROWS]
        self.tests.append(
            {
                "test": report.nodeid,
                "slow": "slow" in report.keywords,
                "outcome": report.outcome,
                "message": message,
                "comparisons": rows,
            }
        )

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.tests, indent=1), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", metavar="FILE", default=None, help="write every comparison with a published value")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--cases", None)
    if path and not hasattr(config, "workerinput"):  # workers report to the process that writes
        config.pluginmanager.register(Ledger(Path(path)))


@pytest.fixture
def published(request: pytest.FixtureRequest) -> Comparisons:
    """Compare with a published value and remember it."""
    return Comparisons(request.node.user_properties)
