"""Environments of patients under treatment that other packages register, timed beside ours."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Any, NamedTuple

import gymnasium as gym

from metaenv_experiments.reporting.tables import Table
from metaenv_experiments.running.installation import installing
from metaenv_experiments.studies.speed import stopwatch

EXTRA = "peers"  # of this distribution, which installs them


class Peer(NamedTuple):
    """An environment of another package."""

    package: str  # registers it when imported
    env_id: str  # for gym.make, with its defaults
    days: float | None  # of a patient's life per step; None: the package does not say
    step: str  # what one does, in words


# Of each package the environment most like ours, months of doses, and the one whose steps of treatment are the fastest.
PEERS = (
    Peer("immunosim", "immunosim/CheckpointInhibitor-v0", 7.0, "a dose of anti-PD-1; tumour and effector cells"),
    Peer("hemosim", "hemosim/WarfarinDosing-v0", 1.0, "a dose of warfarin; clotting time by compartments"),
    Peer("hemosim", "hemosim/DICManagement-v0", 4 / 24, "blood products and heparin; counts and clotting"),
    Peer("oncosim", "oncosim/DoseFractionation-v0", 1.0, "a fraction of radiation; one tumour, one organ"),
    Peer("oncosim", "oncosim/AdaptiveRT-v0", None, "a session of radiotherapy; the quality of its plan"),
)


class Ours(NamedTuple):
    """What each is compared with: our single environment."""

    over_cartpole: float  # visits per step of CartPole-v1 in the same time
    days: float  # per visit


def compare(
    peer: Peer, ours: Ours, over_cartpole: Callable[[float], float], repeats: int, seconds: float
) -> dict[str, Any]:
    """A peer's numbers, or why it has none: others' packages are never a reason to fail.

    Args:
        peer: whose.
        ours: what it is compared with.
        over_cartpole: turns steps per second, just measured, into steps per step of CartPole-v1 in the same time.
        repeats: of the measurement (count); the median is taken.
        seconds: length of one repeat (seconds).
    """
    if find_spec(peer.package) is None:
        return {**peer._asdict(), "skipped": f"not installed: {installing(EXTRA)}"}
    try:
        steps = steps_per_second(peer, repeats, seconds)
    except Exception as error:
        return {**peer._asdict(), "skipped": f"does not run here: {type(error).__name__}: {error}"}
    over = over_cartpole(steps)
    faster = ours.over_cartpole / over
    return {
        **peer._asdict(),
        "version": _version(peer.package),
        "steps_per_second": steps,
        "patient_days_per_second": None if peer.days is None else steps * peer.days,
        "steps_over_cartpole_steps": over,
        "our_visits_over_its_steps": faster,
        "our_patient_days_over_its": None if peer.days is None else faster * ours.days / peer.days,
    }


def steps_per_second(peer: Peer, repeats: int, seconds: float) -> float:
    """`gym.make`, single steps under random actions; drawing these, and resets, are outside the clock as with ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Gymnasium's checks of an environment that is not ours
        import_module(peer.package)
        env = gym.make(peer.env_id)
        course = _course(env)
        try:
            return stopwatch.per_second(lambda: next(course), repeats, seconds)
        finally:
            env.close()


def table(rows: Sequence[dict[str, Any]]) -> Table | None:
    """Those that were timed; None where none was."""
    header = (
        "peer's environment",
        "days\nper step",
        "steps\nper second",
        "our visits /\nits steps",
        "our patient-days /\nits",
    )
    timed = [_cells(row) for row in rows if "skipped" not in row]
    return Table("peers, single, gym.make, random actions", header, timed) if timed else None


def lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Those that were not, by what keeps them."""
    packages: dict[str, list[str]] = {}
    for row in rows:
        if "skipped" in row and row["package"] not in (named := packages.setdefault(row["skipped"], [])):
            named.append(row["package"])
    return [f"{', '.join(named)} {why}" for why, named in packages.items()]


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    days, further = row["days"], row["our_patient_days_over_its"]
    return (
        f"{row['env_id']}\n{row['step']}",
        "" if days is None else f"{days:.3g}",
        f"{row['steps_per_second']:,.0f}",
        f"{row['our_visits_over_its_steps']:,.2f} ×",
        "" if further is None else f"{further:,.0f} ×",
    )


def _course(env: gym.Env[Any, Any]) -> Iterator[tuple[float, int]]:
    """Yield (seconds, 1) for every step, patient after patient, for ever."""
    env.action_space.seed(0)
    env.reset(seed=0)
    while True:
        action = env.action_space.sample()
        start = time.perf_counter()
        _, _, terminated, truncated, _ = env.step(action)
        yield time.perf_counter() - start, 1
        if terminated or truncated:
            env.reset()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
