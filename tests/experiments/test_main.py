"""The command line: what there is to be asked for, how it is explained, and what it costs to explain it."""

import subprocess
import sys
from dataclasses import fields
from importlib import import_module

import pytest

from metaenv_experiments.commands import Chosen, choose, commands
from metaenv_experiments.running.failures import BAD_REQUEST

HEAVY = {"cattrs", "matplotlib", "numba", "pandas", "pyarrow", "rich", "scipy", "sklearn", "stable_baselines3", "torch"}


def below(words=()):
    """The words of every command and every group."""
    for name in commands(Chosen(words, ()).path):
        deeper = (*words, name)
        yield deeper
        if Chosen(deeper, ()).is_group:
            yield from below(deeper)


GROUPS = [(), *(words for words in below() if Chosen(words, ()).is_group)]
COMMANDS = [words for words in below() if words not in GROUPS]


def test_there_are_about_ten_commands_to_choose_from():
    assert [words[0] for words in below() if len(words) == 1] == [
        "benchmark",
        "demo",
        "explain",
        "export",
        "play",
        "plot",
        "results",
        "speed",
        "study",
        "train",
        "tune",
    ]
    assert GROUPS == [(), ("study",), ("study", "optimum"), ("tune",)]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_of_every_command_says_what_it_is_and_its_default(words, run):
    code, text = run([*words, "--help"])
    assert code == 0
    assert text.startswith(f"usage: metaenv {' '.join(words)} [-h]")
    options = fields(import_module(choose(words).module).Options)
    assert all(f"--{option.name.replace('_', '-')}" in text for option in options)
    assert text.count("(default: ") + text.count("(required)") == len(options)


@pytest.mark.parametrize("words", GROUPS, ids=" ".join)
@pytest.mark.parametrize("asked", [["--help"], ["-h"], []])
def test_a_group_lists_its_commands_and_without_a_request_for_help_it_is_a_bad_one(asked, words, run):
    code, text = run([*words, *asked])
    assert code == (0 if asked else BAD_REQUEST)
    assert text.startswith(f"usage: {' '.join(['metaenv', *words])} COMMAND [OPTIONS]")
    assert all(sentence.endswith(".") for sentence in commands(Chosen(words, ()).path).values())
    assert all(f" {name} {sentence}" in text for name, sentence in commands(Chosen(words, ()).path).items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["unknown"], "the command of `metaenv` must be one of benchmark, demo, explain, "),
        (["evaluate"], "got 'evaluate'"),
        (["tune", "rule"], "the command of `metaenv tune` must be one of disease, learner, rules, simple, got 'rule'"),
        (["study", "optimum", "solve"], "`metaenv study optimum` must be one of compare, refine, teach, got 'solve'"),
        (["study", "--quick"], "the command of `metaenv study` must be one of arms, barriers, "),
        (["__init__"], "got '__init__'"),
        (["demo", "--unheard"], "--unheard"),
    ],
)
def test_what_is_no_command_is_answered_at_the_door(arguments, message, refused):
    refused(arguments, message)


@pytest.mark.parametrize(
    "words",
    [
        ["benchmark"],
        ["train"],
        ["demo"],
        ["explain", "--agent", "prostate/ppo"],
        ["study", "arms"],
        ["tune", "disease"],
    ],
    ids=" ".join,
)
def test_a_folder_that_is_there_is_refused(words, refused, tmp_path):
    refused([*words, "--out", tmp_path], f"--out {tmp_path} exists already and is never overwritten: name another")


def imported(*arguments):
    """Names of the modules that a command line imports."""
    lines = [
        "import contextlib, io, sys",
        "from metaenv_experiments.__main__ import main",
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):",
        f"    main({list(arguments)!r})",
        "print(*sys.modules)",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_list_of_commands_costs_no_heavy_import():
    assert imported("--help") & {*HEAVY, "tyro"} == set()
    assert imported("study", "optimum", "--help") & {*HEAVY, "tyro"} == set()


def test_only_the_chosen_command_is_imported():
    room = "metaenv_experiments.commands."
    assert {name for name in imported("speed", "--help") if name.startswith(room)} == {f"{room}speed"}
    assert {name for name in imported("tune", "disease", "--help") if name.startswith(room)} == {
        f"{room}tune",
        f"{room}tune.disease",
    }
