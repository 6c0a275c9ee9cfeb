"""How fast things go: rates from medians of repeats, with only the call in question inside the clock."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import gymnasium as gym
import numba
import numpy as np

from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation.task import Task

DAYS_PER_WEEK = 7.0
WARM_UP_DAYS = 168.0  # of treatment before the clock starts: lesions, clones and tissues are as under way, not as new
WINDOW_DAYS = 728.0  # of treatment during which it runs, then the next patients
RULE = "at50"  # decides the doses, outside the clock


class Rate(NamedTuple):
    """A simulator's speed."""

    visits: float  # of living patients, per second
    patient_weeks: float  # per second


def cartpole(repeats: int, seconds: float) -> float:
    """Single plain steps of CartPole-v1 per second."""
    env = gym.make("CartPole-v1")
    actions = np.random.default_rng(0).integers(0, 2, size=4096).tolist()
    env.reset(seed=0)
    rates = []
    for _ in range(repeats):
        steps, start, spent = 0, time.perf_counter(), 0.0
        while spent < seconds:
            for action in actions:
                _, _, terminated, truncated, _ = env.step(action)
                if terminated or truncated:
                    env.reset()
            steps += len(actions)
            spent = time.perf_counter() - start
        rates.append(steps / spent)
    return median(rates)


def single(task: Task, repeats: int, seconds: float) -> Rate:
    """`gym.make`, one patient after the other."""
    env = gym.make(task.env_id)
    rule = make_rule(RULE, env)
    course = _single_course(task, env, rule)
    return _rate(task, lambda: next(course), repeats, seconds)


def vector(task: Task, num_envs: int, threads: int, repeats: int, seconds: float) -> Rate:
    """The native vector environment."""
    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        course = _vector_course(task, num_envs)
        return _rate(task, lambda: next(course), repeats, seconds)
    finally:
        numba.set_num_threads(before)


def reset_cost(task: Task, repeats: int, seconds: float) -> tuple[float, float]:
    """Seconds per reset of one patient, alone and among 1024."""
    alone = gym.make(task.env_id)
    alone.reset(seed=0)
    ids = iter(range(10**9))
    one = _seconds_per_call(lambda: alone.reset(options={"patient": next(ids) % 100_000}), repeats, seconds)
    many = task.vector_env(1024)
    many.reset(seed=[0] * 1024)
    together = _seconds_per_call(lambda: many.reset(options={"patient": np.arange(1024)}), repeats, seconds)
    return one, together / 1024


def memory_per_patient(task: Task, num_envs: int = 1024) -> float:
    """KiB that a patient takes in a vector."""
    tracemalloc.start()
    try:
        env = task.vector_env(num_envs)
        observation, infos = env.reset(seed=[0] * num_envs)
        del observation, infos
        return tracemalloc.get_traced_memory()[0] / num_envs / 1024
    finally:
        tracemalloc.stop()


def start_up(task: Task, repeats: int) -> tuple[float, float]:
    """Seconds that importing metaenv takes beyond gymnasium, and from there to the end of the first step."""
    code = (
        "import time, gymnasium; t = time.perf_counter(); import metaenv; u = time.perf_counter();"
        f"env = gymnasium.make({task.env_id!r}); env.reset(seed=0); env.step(env.action_space.sample() * 0);"
        "print(u - t, time.perf_counter() - t)"
    )
    times = []
    for _ in range(repeats + 1):  # the first one fills the caches
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        times.append([float(word) for word in answer.stdout.split()[-2:]])
    imports, firsts = zip(*times[1:], strict=True)
    return median(imports), median(firsts)


def per_second(step: Callable[[], tuple[float, int]], repeats: int, seconds: float) -> float:
    """Run timed steps, each telling (seconds, living patients), for as long as a repeat lasts: visits per second."""
    step()
    rates = []
    for _ in range(repeats):
        spent, visits = 0.0, 0
        while spent < seconds:
            took, living = step()
            spent, visits = spent + took, visits + living
        rates.append(visits / spent)
    return median(rates)


def _rate(task: Task, step: Callable[[], tuple[float, int]], repeats: int, seconds: float) -> Rate:
    """What such steps come to."""
    visits = per_second(step, repeats, seconds)
    return Rate(visits, visits * float(task.scenario.visit_interval) / DAYS_PER_WEEK)


def _window(task: Task) -> tuple[int, int]:
    """Visits of warm-up, and after how many the patients are exchanged."""
    interval = float(task.scenario.visit_interval)
    return round(WARM_UP_DAYS / interval), round((WARM_UP_DAYS + WINDOW_DAYS) / interval)


def _single_course(task: Task, env: gym.Env[Any, Any], rule: Any) -> Any:
    """Yield (seconds, 1) for every visit within the window, patient after patient, for ever."""
    warm_up, end = _window(task)
    for patient in _cycle(task):
        observation, _ = env.reset(seed=task.seed, options={"patient": patient})
        state, over = None, False
        for visit in range(end):
            action, state = rule.predict(observation, state)
            start = time.perf_counter()
            observation, _, terminated, truncated, _ = env.step(action)
            took = time.perf_counter() - start
            over = terminated or truncated
            if visit >= warm_up:
                yield took, 1
            if over:
                break


def _vector_course(task: Task, num_envs: int) -> Any:
    """Yield (seconds, living patients) for every visit within the window, cohort after cohort, for ever."""
    warm_up, end = _window(task)
    env = task.vector_env(num_envs)
    rule = make_rule(RULE, env)
    patients = _cycle(task)
    while True:
        ids = np.array([next(patients) for _ in range(num_envs)])
        observation, _ = env.reset(seed=[task.seed] * num_envs, options={"patient": ids})
        state, living = None, num_envs
        for visit in range(end):
            actions, state = rule.predict(observation, state)
            start = time.perf_counter()
            observation, _, terminated, truncated, _ = env.step(actions)
            took = time.perf_counter() - start
            if visit >= warm_up:
                yield took, living
            living = int((~(terminated | truncated)).sum())
            if 2 * living < num_envs:
                break


def _cycle(task: Task) -> Any:
    while True:
        yield from task.ids.tolist()


def _seconds_per_call(call: Callable[[], object], repeats: int, seconds: float) -> float:
    call()
    rates = []
    for _ in range(repeats):
        calls, start, spent = 0, time.perf_counter(), 0.0
        while spent < seconds:
            call()
            calls += 1
            spent = time.perf_counter() - start
        rates.append(spent / calls)
    return median(rates)
