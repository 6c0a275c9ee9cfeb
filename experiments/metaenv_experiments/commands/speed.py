"""Measure patient-weeks per second, beside CartPole-v1 and other packages' environments in the same run."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

import numba
import numpy as np
from gymnasium.vector import AutoresetMode

from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.learners.settings import Settings
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_json
from metaenv_experiments.running.options import require
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.studies.speed import peers, stopwatch
from metaenv_experiments.studies.speed.peers import PEERS, Ours
from metaenv_experiments.studies.speed.stopwatch import Rate

VECTORS = (1, 64, 1024, 16384)  # patients
THREADS = (1, 2)
TRAINED = ("ppo", "sb3_ppo")  # learners whose training is timed: ours first
UPDATES = 8  # of each, the first of which is not timed
MICRO = 1e6  # µs per second


@dataclass(frozen=True, kw_only=True)
class Options:
    """Measure simulated patient-weeks per second, beside CartPole-v1 and other packages' patients in the same run."""

    disease: str = "prostate"
    """Disease by name."""
    repeats: int = 5
    """Repeats of every measurement (count); the median is printed."""
    seconds: float = 0.6
    """Length of one repeat (seconds)."""
    without_ppo: bool = False
    """Leave out how fast PPO trains, ours and Stable-Baselines3's, some 30 s."""
    out: Path | None = None
    """File to write the numbers to (JSON). None: only printed."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.repeats >= 1, "--repeats", self.repeats, ">= 1")
        require(math.isfinite(self.seconds) and self.seconds > 0, "--seconds", self.seconds, "> 0")
        require(self.out is None or not self.out.exists(), "--out", self.out and str(self.out), "a new file")


def run(options: Options) -> None:
    """Measure, print, store if asked to."""
    task = Task(disease=options.disease, cohort="train", patients=100_000, seed=0)
    numbers = measure(task, options)
    _print(task, numbers)
    if options.out is not None:
        write_json(options.out, {**numbers, "provenance": Provenance.now(0).as_json()})


def measure(task: Task, options: Options) -> dict[str, Any]:
    """Take every measurement, each between two of CartPole, since machines are shared and clocks drift."""
    threads = [count for count in THREADS if count <= numba.get_num_threads()]
    cells = [(num_envs, count) for num_envs in VECTORS for count in threads]
    repeats, seconds = options.repeats, options.seconds
    with progress() as bar:
        total = len(cells) + len(PEERS) + 4 + (not options.without_ppo)
        step = bar.add_task("measuring", total=total, unit="measurements")
        cartpole = [stopwatch.cartpole(repeats, seconds / 2)]

        def over_cartpole(per_second: float) -> float:
            cartpole.append(stopwatch.cartpole(repeats, seconds / 2))
            return per_second / fmean(cartpole[-2:])

        def beside(name: str, rate: Rate) -> dict[str, Any]:
            over = over_cartpole(rate.visits)
            bar.update(step, description=f"measured: {name}", advance=1)
            return {**rate._asdict(), "visits_over_cartpole_steps": over}

        single = beside("single env", stopwatch.single(task, repeats, seconds))
        ours = Ours(single["visits_over_cartpole_steps"], float(task.scenario.visit_interval))
        others = []
        for peer in PEERS:
            others.append(peers.compare(peer, ours, over_cartpole, repeats, seconds))
            bar.update(step, description=f"measured: {peer.env_id}", advance=1)
        vectors = []
        for num_envs, count in cells:
            rate = stopwatch.vector(task, num_envs, count, repeats, seconds)
            row = beside(f"{num_envs} patients, {count} threads", rate)
            vectors.append({"patients": num_envs, "threads": count, **row})
        alone, together = stopwatch.reset_cost(task, repeats, seconds)
        bar.update(step, description="measured: reset", advance=1)
        memory = stopwatch.memory_per_patient(task)
        bar.update(step, description="measured: memory", advance=1)
        imports, first_step = stopwatch.start_up(task, min(repeats, 3))
        bar.update(step, description="measured: start-up", advance=1)
        training = None if options.without_ppo else training_rates(task, same_settings(), updates=UPDATES)
        if training is not None:
            bar.update(step, description="measured: PPO", advance=1)
    return {
        "cartpole_steps_per_second": median(cartpole),
        "cartpole_slowest_and_fastest": [min(cartpole), max(cartpole)],
        "single": single,
        "peers": others,
        "vectors": vectors,
        "reset_seconds": {"alone": alone, "among_1024": together},
        "memory_kib_per_patient": memory,
        "import_seconds_beyond_gymnasium": imports,
        "import_to_first_step_seconds": first_step,
        "training": None if training is None else {name: rate._asdict() for name, rate in training.items()},
        "cores": os.cpu_count(),
    }


class TrainingRate(NamedTuple):
    """How fast a policy is trained, from the second update on."""

    visits_per_second: float  # end to end
    simulator_share: float  # of the time


def same_settings() -> list[Settings]:
    """Those of PPO by default, for each learner that is timed."""
    chosen = LEARNERS[TRAINED[0]].settings()
    shared = {field.name: getattr(chosen, field.name) for field in fields(LEARNERS[TRAINED[1]].settings)}
    return [chosen, LEARNERS[TRAINED[1]].settings(**shared)]


def training_rates(task: Task, settings: Sequence[Settings], *, updates: int) -> dict[str, TrainingRate]:
    """Train with each, an update of one after an update of the other, since machines are shared and clocks drift."""
    clocks = [_Clock(task.vector_env(each.n_envs, AutoresetMode.SAME_STEP)) for each in settings]
    models = [LEARNERS[each.algo].begin(clock.env, each, 0) for each, clock in zip(settings, clocks, strict=True)]
    for _ in range(updates):
        for model, clock in zip(models, clocks, strict=True):
            with clock.update():
                model.play()
                model.learn()
    return {each.algo: clock.rate(each.visits_per_update) for each, clock in zip(settings, clocks, strict=True)}


class _Clock:
    """Times updates, and the simulator within them."""

    def __init__(self, env: Any) -> None:
        self.env, self.inside, self.spent = env, 0.0, list[tuple[float, float]]()
        simulate = env.step

        def step(actions: Any) -> Any:
            start = time.perf_counter()
            played = simulate(actions)
            self.inside += time.perf_counter() - start
            return played

        env.step = step

    @contextmanager
    def update(self) -> Iterator[None]:
        """Time one."""
        start, self.inside = time.perf_counter(), 0.0
        yield
        self.spent.append((time.perf_counter() - start, self.inside))

    def rate(self, visits: int) -> TrainingRate:
        """The median update's, of so many visits each."""
        whole, inside = np.array(self.spent[1:]).T
        return TrainingRate(float(np.median(visits / whole)), float(np.median(inside / whole)))


def _print(task: Task, numbers: dict[str, Any]) -> None:
    rows = [("single, gym.make", "1", *_cells(numbers["single"]))]
    rows += [(f"vector of {row['patients']}", str(row["threads"]), *_cells(row)) for row in numbers["vectors"]]
    header = (
        "environment",
        "threads",
        "patient-weeks\nper second",
        "visits\nper second",
        "visits / CartPole-v1's\nsingle steps",
    )
    screen = console()
    screen.print(on_screen(Table(f"{task.env_id}, {numbers['cores']} cores", header, rows)))
    if (beside := peers.table(numbers["peers"])) is not None:
        screen.print(on_screen(beside))
    for line in (*_lines(task, numbers), *peers.lines(numbers["peers"])):
        screen.print(line, markup=False)  # the names of extras stand in brackets


def _cells(row: dict[str, Any]) -> tuple[str, str, str]:
    return f"{row['patient_weeks']:,.0f}", f"{row['visits']:,.0f}", f"{row['visits_over_cartpole_steps']:.3f} ×"


def _lines(task: Task, numbers: dict[str, Any]) -> list[str]:
    """What does not fit the table."""
    rates = {(row["patients"], row["threads"]): row["visits"] for row in numbers["vectors"]}
    visit, kernel = 1 / numbers["single"]["visits"], 1 / rates[1024, 1]
    alone, together = numbers["reset_seconds"].values()
    slowest, fastest = numbers["cartpole_slowest_and_fastest"]
    lines = [
        f"a visit: {float(task.scenario.visit_interval):g} days; patients in months 6–30 of {stopwatch.RULE}; "
        "policy outside the clock; medians of repeats",
        f"CartPole-v1, plain single steps, beside each row: median {numbers['cartpole_steps_per_second']:,.0f} "
        f"per second ({slowest:,.0f}–{fastest:,.0f}: far apart means a busy machine)",
        f"single visit beyond the simulation itself: {(visit - kernel) * MICRO:.1f} µs of {visit * MICRO:.1f} µs",
        f"reset of one patient: {alone * MICRO:.1f} µs alone ({alone / visit:.1f} × a visit), "
        f"{together * MICRO:.1f} µs among 1024 ({together / kernel:.1f} × a visit)",
        f"memory: {numbers['memory_kib_per_patient']:.1f} KiB per patient in a vector of 1024",
        f"import metaenv beyond gymnasium: {numbers['import_seconds_beyond_gymnasium']:.2f} s; "
        f"import to the end of the first step, warm cache: {numbers['import_to_first_step_seconds']:.2f} s",
    ]
    if (1024, 2) in rates:
        lines.insert(3, f"2 threads over 1: {rates[1024, 2] / rates[1024, 1]:.2f} × at 1024 patients")
    if (training := numbers["training"]) is not None:
        for name, rate in training.items():
            lines.append(
                f"training with {name}: {rate['visits_per_second']:,.0f} visits per second, end to end; "
                f"{100 * rate['simulator_share']:.0f} % of the time in the simulator"
            )
        ours, theirs = (training[name]["visits_per_second"] for name in TRAINED)
        lines.append(f"{TRAINED[0]} over {TRAINED[1]}, same settings, update by update in turn: {ours / theirs:.2f} ×")
    return lines
