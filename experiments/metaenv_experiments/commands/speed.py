"""Measure patient-weeks per second, beside CartPole-v1 in the same run."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

import numba
import numpy as np
from gymnasium.vector import AutoresetMode

from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_json
from metaenv_experiments.running.options import require
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.studies.speed import stopwatch
from metaenv_experiments.studies.speed.stopwatch import Rate

VECTORS = (1, 64, 1024, 16384)  # patients
THREADS = (1, 2)
PPO_STEPS = 131_072  # visits: eight updates
MICRO = 1e6  # µs per second


@dataclass(frozen=True, kw_only=True)
class Options:
    """Measure simulated patient-weeks per second, beside CartPole-v1 in the same run."""

    disease: str = "prostate"
    """Disease by name."""
    repeats: int = 5
    """Repeats of every measurement (count); the median is printed."""
    seconds: float = 0.6
    """Length of one repeat (seconds)."""
    without_ppo: bool = False
    """Leave out PPO's training speed, some 20 s."""
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
        step = bar.add_task("measuring", total=len(cells) + 4 + (not options.without_ppo), unit="measurements")
        cartpole = [stopwatch.cartpole(repeats, seconds / 2)]

        def beside(name: str, rate: Rate) -> dict[str, Any]:
            cartpole.append(stopwatch.cartpole(repeats, seconds / 2))
            bar.update(step, description=f"measured: {name}", advance=1)
            return {**rate._asdict(), "visits_over_cartpole_steps": rate.visits / fmean(cartpole[-2:])}

        single = beside("single env", stopwatch.single(task, repeats, seconds))
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
        ppo = None if options.without_ppo else _ppo(task)
        if ppo is not None:
            bar.update(step, description="measured: PPO", advance=1)
    return {
        "cartpole_steps_per_second": median(cartpole),
        "cartpole_slowest_and_fastest": [min(cartpole), max(cartpole)],
        "single": single,
        "vectors": vectors,
        "reset_seconds": {"alone": alone, "among_1024": together},
        "memory_kib_per_patient": memory,
        "import_seconds_beyond_gymnasium": imports,
        "import_to_first_step_seconds": first_step,
        "ppo": None if ppo is None else ppo._asdict(),
        "cores": os.cpu_count(),
    }


class TrainingRate(NamedTuple):
    """How fast a policy is trained, from the second update on."""

    visits_per_second: float  # end to end
    simulator_share: float  # of the time


def _ppo(task: Task) -> TrainingRate:
    """Train PPO with the demo's settings."""
    from metaenv_agents.rl.progress import Progress
    from metaenv_agents.rl.train import train

    settings = PPOSettings(total_timesteps=PPO_STEPS)
    env: Any = task.vector_env(settings.n_envs, AutoresetMode.SAME_STEP)
    simulate, simulated = env.step, 0.0
    moments: list[tuple[float, int, float]] = []

    def step(actions: Any) -> Any:
        nonlocal simulated
        start = time.perf_counter()
        played = simulate(actions)
        simulated += time.perf_counter() - start
        return played

    def on_update(update: Progress) -> None:
        moments.append((time.perf_counter(), update.steps, simulated))

    env.step = step
    train(env, settings, seed=0, on_update=on_update)
    spent, visits, inside = zip(*(np.subtract(later, sooner) for sooner, later in pairwise(moments)), strict=True)
    return TrainingRate(float(np.median(np.divide(visits, spent))), float(np.median(np.divide(inside, spent))))


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
    for line in _lines(task, numbers):
        screen.print(line)


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
    if (ppo := numbers["ppo"]) is not None:
        lines.append(
            f"PPO training: {ppo['visits_per_second']:,.0f} visits per second, end to end; "
            f"{100 * ppo['simulator_share']:.0f} % of the time in the simulator"
        )
    return lines
