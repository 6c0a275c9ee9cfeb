"""The plan of results: every part leaves what a later one needs, and names only options that there are."""

from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import pytest

from metaenv_experiments.commands import choose
from metaenv_experiments.results_plan import FULL, QUICK, SCALES, Plan

ROOT = Path("root")
PARTS = {
    scale.size: {part.name: part for part in Plan(scale=scale, root=ROOT, processes=2).parts()}
    for scale in (FULL, QUICK)
}
EVERY = [pytest.param(size, name, id=f"{size}, {name}") for size, parts in PARTS.items() for name in parts]


def words_of(call, monkeypatch):
    """The words of a command, as if the first seed were the best."""
    monkeypatch.setattr(Plan, "_best", lambda plan, disease: plan.results / "trained" / disease / "seed-0")
    return [*call.words, *call.options(Path("runs")), "--out", "folder"]


@pytest.mark.parametrize(("size", "name"), EVERY)
def test_every_command_of_every_part_has_the_options_that_it_is_given(size, name, monkeypatch):
    for call in PARTS[size][name].calls:
        chosen = choose(words_of(call, monkeypatch))
        assert chosen.words == call.words
        known = {f"--{each.name.replace('_', '-')}" for each in fields(import_module(chosen.module).Options)}
        given = {word for word in chosen.rest if word.startswith("--")}
        assert given <= known
        assert ("--resume" in known) is call.resumes


@pytest.mark.parametrize("size", SCALES)
def test_whatever_a_part_reads_an_earlier_part_keeps(size, monkeypatch):
    kept = set()
    for part in PARTS[size].values():
        for call in part.calls:
            read = {Path(word) for word in words_of(call, monkeypatch) if word.startswith(f"{ROOT}/results")}
            for path in read:
                assert any(path == each or path in each.parents for each in kept), f"{part.name} reads {path}"
        kept |= {ROOT / "results" / name for name in part.keeps.values()}


@pytest.mark.parametrize("size", SCALES)
def test_parts_and_what_they_leave_have_names_of_their_own(size):
    parts = list(Plan(scale=SCALES[size], root=ROOT, processes=2).parts())
    assert len({part.name for part in parts}) == len(parts)
    folders = [call.folder for part in parts for call in part.calls]
    assert len(set(folders)) == len(folders)
    kept = [name for part in parts for name in part.keeps.values()]
    assert len(set(kept)) == len(kept)
    for part in parts:
        own = {call.folder for call in part.calls}
        assert all(any(file.startswith(f"{folder}/") for folder in own) for file in part.keeps)
        assert part.benchmark is None or part.benchmark in own


def test_both_sizes_have_the_same_kinds_of_parts_in_the_same_order():
    few = replace(FULL, shifts=FULL.shifts[: len(QUICK.shifts)])
    assert [part.name for part in Plan(scale=few, root=ROOT, processes=2).parts()] == list(PARTS["quick"])


def test_the_time_of_all_parts_is_what_was_promised():
    minutes = {size: sum(part.minutes for part in parts.values()) for size, parts in PARTS.items()}
    assert minutes["full"] <= 150.0
    assert minutes["quick"] <= 15.0


@pytest.mark.parametrize("size", SCALES)
def test_a_part_rests_on_earlier_parts(size):
    earlier = []
    for part in PARTS[size].values():
        assert set(part.needs) <= set(earlier)
        earlier.append(part.name)


def test_processes_change_nothing_but_who_does_it(monkeypatch):
    def told(processes):
        plan = Plan(scale=QUICK, root=ROOT, processes=processes)
        return [words_of(call, monkeypatch) for part in plan.parts() for call in part.calls]

    by = {"--processes", "--workers"}
    for one, other in zip(told(1), told(8), strict=True):
        differing = [k for k, (mine, yours) in enumerate(zip(one, other, strict=True)) if mine != yours]
        assert all(one[k - 1] in by for k in differing)
