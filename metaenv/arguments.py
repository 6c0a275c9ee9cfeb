"""The arguments of both environments: their types and defaults. What each means: `help(metaenv.MetastasisEnv)`."""

from __future__ import annotations

from collections.abc import Sequence

from metaenv.population.patient_queue import Patients
from metaenv.scenario.make import UNCHANGED, ScenarioArguments
from metaenv.scenario.scenario import Scenario


class EnvironmentArguments(ScenarioArguments, total=False):
    """What both environments take by name; of a single patient and of many it means the same."""

    scenario: Scenario | str | None
    action: str
    observation: str
    cohort: str
    patients: Patients | None
    shuffle: bool
    truth: bool
    render_mode: str | None
    render_size: Sequence[int] | None


DEFAULTS = EnvironmentArguments(
    **UNCHANGED,
    scenario=None,
    action="levels",
    observation="clinic",
    cohort="train",
    patients=None,
    shuffle=False,
    truth=False,
    render_mode=None,
    render_size=None,
)
