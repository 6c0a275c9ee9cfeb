"""Compiled code on disk: shared, mended, waited for, done without."""

import logging
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest

from metaenv.dynamics import compile_lock
from metaenv.dynamics.code_cache import CodeCache, _said
from metaenv.dynamics.compile import _OPTIONS, PACKAGE, _part
from metaenv.dynamics.dispatchers import WholeDispatcher, wholes

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def twice(x):
    return 2 * x


def fresh(folder):
    """The function as another process finds it: nothing of it in memory."""
    made = WholeDispatcher(twice, _OPTIONS, _part(twice), CodeCache(twice, folder, PACKAGE))
    wholes.remove(made)
    return made


def compiled_by(function):
    return sum(function._cache_misses.values())


@pytest.fixture(autouse=True)
def _unsaid():
    _said.clear()


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b"garbage" * 99, lambda b: b[:31]])
def test_a_damaged_file_is_dropped_and_compiled_anew_with_one_line_that_names_the_folder(damage, tmp_path, caplog):
    assert fresh(tmp_path)(21) == 42
    (path,) = tmp_path.glob("*.code")
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    again = fresh(tmp_path)
    assert again(21) == 42 and compiled_by(again) == 1
    assert [str(tmp_path) in line for line in caplog.messages if "damaged" in line] == [True]
    last = fresh(tmp_path)
    assert last(21) == 42 and compiled_by(last) == 0


def no_space(self, target):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("case", ["no folder", "full disk", "no file"])
def test_where_nothing_can_be_written_code_lives_in_memory_and_one_line_names_the_folder(
    case, tmp_path, caplog, monkeypatch
):
    folder = tmp_path
    if case == "no folder":
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "cache"
    elif case == "full disk":
        monkeypatch.setattr(Path, "replace", no_space)
    else:
        monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda **_: no_space(None, None))
    assert fresh(folder)(21) == 42 and fresh(folder)(2.0) == 4.0
    assert [str(folder) in line for line in caplog.messages if "kept" in line] == [True]
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("file", "lock")] == []


def _compile(folder, barrier, answers):
    barrier.wait()
    function = fresh(folder)
    result = function(21)
    answers.put((result, compiled_by(function)))


@FORK
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_of_four_processes_that_start_at_once_one_compiles_and_the_others_load(tmp_path):
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(4), context.Queue()
    workers = [context.Process(target=_compile, args=(tmp_path, barrier, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    results, misses = zip(*[answers.get(timeout=60) for _ in workers], strict=True)
    for worker in workers:
        worker.join()
    assert results == (42,) * 4
    assert sorted(misses) == [0, 0, 0, 1]


def _hold(folder, holds):
    with compile_lock.compile_lock(folder):
        holds.set()
        time.sleep(60)


@FORK
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_killed_compiler_blocks_nobody(tmp_path):
    context = multiprocessing.get_context("fork")
    holds = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, holds))
    holder.start()
    assert holds.wait(30)
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    start = time.monotonic()
    with compile_lock.compile_lock(tmp_path):
        assert time.monotonic() - start < 5.0


@FORK
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_who_has_waited_long_for_a_hanging_compiler_compiles_for_itself(tmp_path, monkeypatch, caplog):
    context = multiprocessing.get_context("fork")
    holds = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, holds))
    holder.start()
    assert holds.wait(30)
    monkeypatch.setattr(compile_lock, "PATIENCE", 0.2)
    start = time.monotonic()
    assert fresh(tmp_path)(21) == 42
    assert time.monotonic() - start > 0.2
    assert [str(tmp_path) in line for line in caplog.messages if "waiting" in line] == [True]
    holder.kill()
    holder.join()


def test_where_files_cannot_be_locked_nobody_waits(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert fresh(tmp_path)(21) == 42


def test_one_line_announces_the_compiler_for_the_simulator(tmp_path, caplog):
    kept = CodeCache(twice, tmp_path, Path(__file__).parents[1])  # as if this file were of the package
    function = WholeDispatcher(twice, _OPTIONS, _part(twice), kept)
    wholes.remove(function)
    with caplog.at_level(logging.WARNING, "metaenv"):
        assert function(2) == 4 and function(2.0) == 4.0
    assert sum("compiling the simulator" in line for line in caplog.messages) == 1


COUNT = """
import numpy as np
from metaenv.population.cohorts import chance_keys
one = np.ones(1, dtype=np.int64)
chance_keys(one, one, one)
print(sum(chance_keys._cache_misses.values()), sum(chance_keys._cache_hits.values()))
"""


def test_checkouts_with_the_same_sources_share_what_one_has_compiled(tmp_path):
    counts = []
    for name in ("one", "other"):
        home = tmp_path / name
        shutil.copytree(PACKAGE, home / "metaenv", ignore=shutil.ignore_patterns("__pycache__"))
        for path in home.rglob("*.py"):
            os.utime(path, (1e9 + len(counts), 1e9 + len(counts)))
        environment = os.environ | {"PYTHONPATH": str(home), "METAENV_CACHE_DIR": str(tmp_path / "cache")}
        run = subprocess.run(
            [sys.executable, "-c", COUNT], cwd=home, env=environment, capture_output=True, text=True, check=True
        )
        counts.append(run.stdout.split())
    assert counts == [["1", "0"], ["0", "1"]]
