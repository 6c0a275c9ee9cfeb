"""`results`: the plan is followed part by part, what is kept is not done again, and pages are made of the tables."""

import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from metaenv_experiments.commands import results
from metaenv_experiments.commands.results import Options
from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, RULE, TUNED_RULE
from metaenv_experiments.evaluation.simple_policies import FoundPolicies
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Score, TrainingRecord
from metaenv_experiments.evaluation.tuned_rules import TunedRule, TunedRules
from metaenv_experiments.reporting.results_table import FOLDER, PARTS, TASKS, PartRow, Row, TaskRow, read_rows
from metaenv_experiments.results_plan import FULL, LEFT, QUICK, Plan
from metaenv_experiments.running.failures import BAD_REQUEST, INTERRUPTED
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import POLICY
from metaenv_experiments.studies.optimum.comparison import OptimumSummary, PolicyShare

ONE = Estimate(1.0, 0.9, 1.1)
WHENCE = Provenance(
    started="", arguments=("made",), seed=0, commit="0" * 40, dirty=False, python="", versions={}, machine={}
)


class Commands:
    """Runs nothing, but leaves what the commands of the plan would leave."""

    def __init__(self, finished_at):
        self.finished_at = finished_at
        self.done = []  # folders of the commands
        self.cut = None  # number of the command that is interrupted

    def __call__(self, call, runs, part):
        words = [str(word) for word in call.options(runs)]
        if len(self.done) == self.cut:
            self.cut = None
            raise KeyboardInterrupt
        self.done.append(call.folder)
        self.leave(call.words, words, runs / call.folder)
        return " ".join(["metaenv", *call.words, *words])

    def leave(self, command, words, folder):
        folder.mkdir(parents=True, exist_ok=True)
        options = dict(pairwise(words))
        if command == ("tune", "rules"):
            rules = {"at50": tuned_rule()}
            TunedRules(disease=options["--disease"], patients=1, seed=0, trials=1, rules=rules).write(folder)
        elif command == ("tune", "simple"):
            leave_audit(folder, options["--disease"])
        elif command == ("train",):
            for seed in range(int(options["--seeds"])):
                leave_training(folder / f"seed-{seed}", options["--disease"], seed)
        elif command == ("benchmark",):
            policies = {"at50": (RULE, 1.0), "at50, tuned": (TUNED_RULE, 1.5), "ppo": (LEARNER, 2.0)}
            task = {"disease": options["--disease"], "shift": options.get("--shift"), "patients": 4}
            self.finished_at(folder, policies, **task)
        elif command == ("export",):
            for name in ("policy.safetensors", "policy.json", "README.md"):
                (folder / name).write_text(options["--run"])
        elif command[-1] == "teach":
            leave_training(folder, "strobl2021", 0)
        elif command[-1] == "compare":
            leave_comparison(folder)


def tuned_rule():
    """A rule that was tuned for nothing."""
    same = dict.fromkeys(("validation_defaults", "validation_tuned", "validation_gain"), ONE)
    return TunedRule(parameters={}, train_defaults=1.0, train_tuned=1.0, **same)


def leave_audit(folder, disease):
    """Leave what an audit of simple policies leaves."""
    facts = {"local_therapy": True, "drugs": (), "seed": 0, "candidates": 1, "visits": 1, "policies": ()}
    FoundPolicies(disease=disease, **facts).write(folder)


def leave_training(folder, disease, seed):
    """Leave what a training leaves; the last seed is the best on validation patients."""
    record = TrainingRecord(
        learner="ppo",
        disease=disease,
        diseases=(disease,),
        seeds=(seed,),
        settings={},
        validation_patients=1,
        steps=1,
        finished=True,
        scores=(Score(1, float(seed)),),
    )
    record.write(folder)
    WHENCE.write(folder)
    (folder / POLICY).write_bytes(b"a policy")


def leave_comparison(folder, at_stake=2, policies=None):
    """Leave what a comparison with the exact optimum leaves."""
    share = PolicyShare(kind="rule", share=ONE, median=1.0, lowest=0.5, highest=1.0)
    task = Task(disease="strobl2021", cohort="test", patients=2, seed=0)
    found = {"at50": share} if policies is None else policies
    OptimumSummary(task=task, at_stake=at_stake, containment_threshold=1.1, policies=found).write(folder)
    WHENCE.write(folder)


@pytest.fixture
def commands(few_resamples, finished_at, monkeypatch):
    """What stands in for the commands of the plan."""
    made = Commands(finished_at)
    monkeypatch.setattr(results, "_call", made)
    return made


@pytest.fixture
def follow(run, commands, tmp_path):
    """follow(*words): `results` of prostate cancer with small numbers, in folders of its own; which commands it ran."""

    def done(*words, only=("prostate",), quick=True, ends=0):
        before = len(commands.done)
        asked = ["results", *["--quick"] * quick, *(["--only", *only] if only else [])]
        code, text = run([*asked, "--runs", tmp_path / "runs", "--to", tmp_path / "root", *words])
        assert code == ends, text
        return commands.done[before:]

    return done


def plan_of(root, scale=QUICK, only=("prostate",)):
    """The parts that are chosen."""
    return [part for part in Plan(scale=scale, root=root, processes=2).parts() if not only or part.task in only]


def folders(parts):
    return [call.folder for part in parts for call in part.calls]


def listed(root):
    """Names of the parts that are done."""
    return {row.part for row in read_rows(root / FOLDER / PARTS, PartRow)}


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "measles"], "--only must be some of prostate, lung, breast, strobl2021, got ('measles',)"),
        (["--processes", 0], "--processes must be >= 1, got 0"),
        (["--add", "runs", "--pages-only"], "--pages-only must be given without --add"),
        (["--to", __file__], "--to must be a folder, got"),
        (["--add", "/nowhere", "--to", "page"], "--add must be a run folder, got /nowhere"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["results", *options], message)


@pytest.mark.parametrize("only", [("prostate",), ("strobl2021", "lung"), ()])
def test_the_chosen_parts_are_done_in_the_order_of_the_plan(only, follow, root):
    parts = plan_of(root, only=only)
    assert follow(only=only) == folders(parts)
    assert listed(root) == {part.name for part in parts}
    for part in parts:
        assert all((root / FOLDER / kept).is_file() for kept in part.keeps.values())


def test_each_part_is_kept_before_the_next_begins(follow, commands, root, monkeypatch):
    before, real = [], commands.leave

    def leave(*what):
        before.append(len(listed(root)))
        real(*what)

    monkeypatch.setattr(commands, "leave", leave)
    follow()
    parts = plan_of(root)
    assert before == [number for number, part in enumerate(parts) for _ in part.calls]


def test_what_is_done_is_not_done_again(follow, root):
    follow()
    pages = {path: path.read_bytes() for path in root.rglob("*.md")}
    assert follow() == []
    assert {path: path.read_bytes() for path in root.rglob("*.md")} == pages


@pytest.mark.parametrize("cut", range(4))
def test_a_run_that_was_cut_off_goes_on_with_the_part_that_was_not_finished(cut, follow, commands, root):
    commands.cut = cut
    begun = follow(ends=INTERRUPTED)
    parts = plan_of(root)
    finished = [part for part in parts if part.name in listed(root)]
    assert finished == [] or folders(finished) == begun[: len(folders(finished))]
    assert follow() == folders([part for part in parts if part not in finished])
    assert listed(root) == {part.name for part in parts}


def test_another_machine_goes_on_from_the_results_alone(follow, commands, root, tmp_path):
    commands.cut = 2
    assert len(follow(ends=INTERRUPTED)) == 2
    shutil.rmtree(tmp_path / "runs")
    assert follow() == folders(plan_of(root))[2:]


def test_a_part_whose_kept_file_is_gone_is_done_again_and_no_other(follow, root):
    follow()
    (part,) = [each for each in plan_of(root) if each.name == "prostate: train"]
    for kept in part.keeps.values():
        (root / FOLDER / kept).unlink()
        assert follow() == folders([part])


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"tune_trials": 9}, ["tune rules", "benchmark, explain, export", "oracle", f"shifted, {QUICK.shifts[0]}"]),
        (
            {"audit": QUICK.audit | {"drawn": 9}},
            ["audit of simple policies", "benchmark, explain, export", "oracle", f"shifted, {QUICK.shifts[0]}"],
        ),
        ({"explained_patients": 17}, ["benchmark, explain, export", "oracle"]),
        ({"plan": (100, 1)}, ["oracle"]),
        ({"minutes": dict.fromkeys(QUICK.minutes, 3.0)}, []),
    ],
)
def test_a_part_whose_options_have_changed_is_done_again_and_what_rests_on_it(
    changed, again, follow, root, monkeypatch
):
    follow()
    monkeypatch.setitem(results.SCALES, "quick", replace(QUICK, **changed))
    parts = [part for part in plan_of(root) if part.name.removeprefix("prostate: ") in again]
    assert len(parts) == len(again) and follow() == folders(parts)
    assert follow() == []


def test_from_another_folder_it_is_the_same_plan(follow, root, monkeypatch, tmp_path):
    follow()
    monkeypatch.chdir(tmp_path)
    assert follow("--to", "root", "--runs", "elsewhere") == []


def test_a_folder_with_spaces_is_a_folder(follow, tmp_path):
    assert follow("--to", tmp_path / "my results; all")
    assert follow("--to", tmp_path / "my results; all") == []


def test_numbers_of_more_patients_are_replaced_by_those_of_a_plan_with_fewer(follow, commands, root, monkeypatch):
    follow()
    real = commands.finished_at
    monkeypatch.setattr(commands, "finished_at", lambda *what, **task: real(*what, **task | {"patients": 3}))
    monkeypatch.setitem(results.SCALES, "quick", replace(QUICK, patients=QUICK.patients - 1))
    follow()
    assert {row.patients for row in read_rows(root / FOLDER / "prostate.csv", Row)} == {3}


def test_more_processes_make_no_part_another(follow):
    follow()
    assert follow("--processes", 7) == []


def test_parts_of_another_size_are_other_parts_and_take_the_place_of_those_that_were(follow, root):
    follow()
    assert follow(quick=False) == folders(plan_of(root, FULL))
    sizes = {row.part: row.size for row in read_rows(root / FOLDER / PARTS, PartRow)}
    assert sizes == dict.fromkeys([part.name for part in plan_of(root, FULL)], "full")
    assert follow(quick=False) == []
    assert follow() == folders(plan_of(root))


def test_small_numbers_are_written_beside_the_checkout_unless_it_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "CHECKOUT", tmp_path)
    assert results._root(Options(quick=True)) == Path("runs/results-quick/pages")
    assert results._root(Options(quick=True, to=tmp_path)) == tmp_path
    assert results._root(Options()).resolve() == tmp_path.resolve()


def test_without_a_checkout_a_folder_must_be_named(monkeypatch, refused):
    monkeypatch.setattr(results, "CHECKOUT", None)
    refused(["results", "--pages-only"], "--to must be given: only a checkout has a place for results of its own")


def test_the_plan_comes_first_with_what_is_left_in_minutes(run, follow, root, tmp_path):
    asked = ["results", "--quick", "--only", "prostate", "--runs", tmp_path / "runs", "--to", root]
    minutes = sum(part.minutes for part in plan_of(root))
    code, text = run(asked)
    assert code == 0 and text.startswith("The plan") and f"left: about {minutes:.0f} minutes" in text
    code, text = run(asked)
    assert "left: about 0 minutes" in text and "to do" not in text


def test_the_policy_that_is_explained_and_handed_on_is_the_best_on_validation_patients(follow, root):
    follow()
    best = root / FOLDER / "trained" / "prostate" / f"seed-{QUICK.seeds - 1}"
    assert (root / FOLDER / "policies" / "prostate" / "ppo" / "policy.json").read_text() == str(best)


def test_numbers_of_the_plan_stand_in_tables_and_on_pages(follow, root):
    follow(only=("prostate", "strobl2021"))
    tasks = {row.task: row for row in read_rows(root / FOLDER / TASKS, TaskRow)}
    assert set(tasks) == {"prostate", f"prostate-{QUICK.shifts[0].replace('_', '-')}", "strobl2021-optimum"}
    for task, row in tasks.items():
        rows = read_rows(root / FOLDER / f"{task}.csv", Row)
        assert rows and {each.size for each in rows} == {row.size} == {"quick"}
        assert f"docs/results/{task}.md" in (root / "RESULTS.md").read_text() or task == "strobl2021-optimum"
        assert (root / "docs" / "results" / f"{task}.md").is_file()


def test_a_finished_run_is_added_and_replaces_what_was_known_of_its_task(run, finished, commands, root):
    for policies in ({"at50": (RULE, 1.0), "ppo": (LEARNER, 2.0)}, {"at50": (RULE, 3.0)}):
        folder = finished(policies)
        code, text = run(["results", "--add", folder.path, "--to", root])
        assert code == 0 and f"written: {root / 'RESULTS.md'}" in text, text
    assert commands.done == [] and not (root / FOLDER / PARTS).exists()
    (found,) = [row.value for row in read_rows(root / FOLDER / "lung.csv", Row) if row[1:4:2] == ("at50", "return")]
    assert found == pytest.approx(3.0, abs=0.02)
    assert "at50: 3.0" in (root / "RESULTS.md").read_text()


def test_of_fewer_patients_only_what_was_not_known_is_added(run, finished, root):
    for policies, patients in (({"at50": (RULE, 1.0)}, 40), ({"at50": (RULE, 1.0), "oracle": (ORACLE, 3.0)}, 8)):
        code, text = run(["results", "--add", finished(policies, patients=patients).path, "--to", root])
        assert code == 0, text
    rows = [row for row in read_rows(root / FOLDER / "lung.csv", Row) if row.metric == "return"]
    assert {row.policy: row.patients for row in rows} == {"at50": 40, "oracle": 8}
    assert [row.patients for row in read_rows(root / FOLDER / TASKS, TaskRow)] == [40]
    assert "first 8 patients" in (root / "RESULTS.md").read_text()


def test_an_added_run_leaves_other_tasks_alone(run, finished, root):
    for shift in (None, "faster_growth"):
        code, text = run(["results", "--add", finished({"at50": (RULE, 1.0)}, shift=shift).path, "--to", root])
        assert code == 0, text
    assert {row.task for row in read_rows(root / FOLDER / TASKS, TaskRow)} == {"lung", "lung-faster-growth"}


def test_a_comparison_with_the_optimum_is_added_too(run, root, tmp_path):
    leave_comparison(tmp_path / "compared")
    code, text = run(["results", "--add", tmp_path / "compared", "--to", root])
    assert code == 0, text
    assert (
        "| at50 | rule | 100 (90.0–110) | 100 | 50.0 | 100 |"
        in (root / "docs" / "results" / "strobl2021-optimum.md").read_text()
    )


def test_a_comparison_in_which_nothing_was_at_stake_has_a_page_and_no_numbers(run, root, tmp_path):
    leave_comparison(tmp_path / "compared", at_stake=0, policies={})
    code, text = run(["results", "--add", tmp_path / "compared", "--to", root])
    assert code == 0, text
    assert read_rows(root / FOLDER / "strobl2021-optimum.csv", Row) == []
    assert "2 patients" in (root / "docs" / "results" / "strobl2021-optimum.md").read_text()
    assert "optimum.md" not in (root / "RESULTS.md").read_text()


def test_a_run_that_is_not_finished_is_not_added(run, finished, root):
    folder = finished({"at50": (RULE, 1.0)})
    (folder.path / "summary.json").unlink()
    code, text = run(["results", "--add", folder.path, "--to", root])
    assert code == BAD_REQUEST and "--add must be a finished run folder" in text and "no summary.json" in text
    assert not root.exists()


def test_pages_alone_need_tables(refused):
    refused(["results", "--pages-only", "--to", "."], "--pages-only must be given where there are tables, such as")


def test_pages_alone_are_made_from_the_tables(run, finished, commands, root):
    assert run(["results", "--add", finished({"at50": (RULE, 1.0)}).path, "--to", root])[0] == 0
    before = (root / "RESULTS.md").read_bytes()
    shutil.rmtree(root / "docs")
    (root / "RESULTS.md").unlink()
    code, text = run(["results", "--pages-only", "--to", root])
    assert code == 0, text
    assert (root / "RESULTS.md").read_bytes() == before and (root / "docs" / "results" / "lung.md").is_file()
    assert commands.done == []


# ---- one command of the plan


@pytest.fixture
def asked(monkeypatch):
    """Command lines that are run, with the exit code that they end with."""
    lines, ends = [], []

    def run(words, check):
        lines.append([str(word) for word in words[3:]])
        return subprocess.CompletedProcess(words, ends.pop(0) if ends else 0)

    monkeypatch.setattr(results.subprocess, "run", run)
    return lines, ends


def call_of(name, number=0):
    """A command of the plan of prostate cancer, and its part."""
    (part,) = [each for each in plan_of(Path("root")) if each.name == name]
    return part.calls[number], part


def test_a_command_that_was_begun_is_resumed(asked, tmp_path):
    lines, _ = asked
    call, part = call_of("prostate: tune rules")
    assert results._call(call, tmp_path, part).startswith("metaenv tune rules --disease prostate ")
    (tmp_path / call.folder).mkdir(parents=True)
    told = results._call(call, tmp_path, part)
    assert [line[-1] for line in lines] == [str(tmp_path / call.folder), "--resume"]
    assert "--resume" not in told, "what is told makes the whole"


def test_a_command_that_cannot_be_resumed_begins_anew(asked, tmp_path):
    lines, _ = asked
    call, part = call_of("prostate: benchmark, explain, export", 1)
    (tmp_path / call.folder).mkdir(parents=True)
    (tmp_path / call.folder / "half.txt").touch()
    results._call(replace(call, options=lambda _: ()), tmp_path, part)
    assert not (tmp_path / call.folder).exists() and "--resume" not in lines[0]


@pytest.mark.parametrize("code", [130, -2])
def test_a_command_that_was_interrupted_interrupts(code, asked, tmp_path):
    asked[1].append(code)
    with pytest.raises(KeyboardInterrupt):
        results._call(*_place(call_of("prostate: tune rules"), tmp_path))


def test_a_command_that_failed_names_its_part(asked, tmp_path):
    asked[1].append(1)
    with pytest.raises(ValueError, match="part 'prostate: tune rules' of the plan failed, exit code 1"):
        results._call(*_place(call_of("prostate: tune rules"), tmp_path))


def _place(found, runs):
    call, part = found
    return call, runs, part


@pytest.mark.slow
def test_with_small_numbers_all_of_it_is_really_done(run, tmp_path):
    """The plan of prostate cancer, every command in a process of its own."""
    asked = ["results", "--quick", "--only", "prostate", "--runs", tmp_path / "runs", "--to", tmp_path / "root"]
    code, text = run(asked)
    assert code == 0, text
    root = tmp_path / "root"
    assert listed(root) == {part.name for part in plan_of(root)}
    page = (root / "docs" / "results" / "prostate.md").read_text()
    assert "**A quick run with small numbers.**" in page and "| oracle | oracle |" in page
    assert all(f"| ppo seed {seed} | seed of a learner |" in page for seed in range(QUICK.seeds))
    assert {"policy.safetensors", "policy.json", "README.md"} == {
        path.name for path in (root / FOLDER / "policies" / "prostate" / "ppo").iterdir()
    }
    assert (root / "docs" / "learned-prostate.md").is_file()
    for name in LEFT:
        assert (root / FOLDER / "trained" / "prostate" / "seed-0" / name).is_file()
    code, text = run(asked)
    assert code == 0 and "left: about 0 minutes" in text
