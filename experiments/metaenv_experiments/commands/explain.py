"""Say what a trained policy does and when, as a figure, a small decision tree and words."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from metaenv_agents import saved_policies
from metaenv_agents.policy import Clinic
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import shared, trained
from metaenv_experiments.evaluation.training_record import TrainingRecord, training_of
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_atomically, write_text
from metaenv_experiments.running.options import UsageError, check_places, require
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.explain.explanation import COHORTS, Explanation, explain
from metaenv_experiments.studies.explain.figure import draw_doses

TEXT, PICTURE = "explained.md", "pictures/doses.png"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Say what a trained policy does and when: a picture, sentences, and a decision tree with its own score."""

    run: Path | None = None
    """Run folder of `train` with the policy."""
    agent: str | None = None
    """Shared policy by name such as prostate/ppo, or folder, instead of --run."""
    patients: int = 512
    """Train patients (count) from whose visits the tree is learned; as many test patients judge it."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0)."""
    docs: Path | None = None
    """Folder that gets the page as learned-<disease>.md and its picture too, such as docs. None: only --out."""
    out: Path | None = None
    """Run folder to write. None: runs/explain-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        given = [name for name, value in (("--run", self.run), ("--agent", self.agent)) if value is not None]
        require(len(given) == 1, "the policy", given or "none", "named by either --run DIR or --agent NAME")
        check_places(folder=("--docs", self.docs))
        require(self.patients >= 2, "--patients", self.patients, ">= 2")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")


def run(options: Options) -> None:
    """Watch the policy, fit a tree, print, store, draw."""
    policy, task = _policy(options)
    folder = RunFolder.create(options, out=options.out)
    with progress() as bar:
        step = bar.add_task("treating", total=COHORTS, unit="cohorts")
        found, visits = explain(policy, task, on_treated=partial(bar.advance, step))
    found.write(folder.path)
    draw_doses(visits, Clinic.of(task.vector_env(1)), folder.path / PICTURE)
    _publish(found, task.disease, folder, options)
    screen = console()
    screen.print(on_screen(found.table()))
    screen.print("\n".join(["What it does:", *(f"  {line}" for line in found.does)]), highlight=False)
    screen.print("\n".join(["\nAs a tree:", *(f"  {line}" for line in found.tree)]), highlight=False)
    say_where(folder.path)


def _publish(found: Explanation, disease: str, folder: RunFolder, options: Options) -> None:
    """Write the page into the run folder and, with its figure, to where it is wanted."""
    command = Provenance.read(folder.path).command
    write_text(folder.path / TEXT, found.page(command, PICTURE))
    if options.docs is not None:
        name = f"learned-{disease}"
        picture = Path("pictures") / f"{name}.png"
        write_atomically(options.docs / picture, partial(shutil.copyfile, folder.path / PICTURE))
        write_text(options.docs / f"{name}.md", found.page(command, str(picture)))


def _policy(options: Options) -> tuple[NamedPolicy, Task]:
    """The policy that is meant, and test patients whom it sees as it learned to."""
    if options.run is not None:
        record = training_of(options.run)
    else:
        try:
            record = TrainingRecord.of_json(saved_policies.about(str(options.agent))["training"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"--agent {options.agent} cannot be read: {error}") from error
    task = record.task("test", options.patients, seed=options.seed)
    found = trained(options.run, task) if options.run is not None else shared(str(options.agent), task)
    if found.action != "levels":
        raise UsageError(f"explain needs a policy of dose levels, got {found.name}, whose doses are continuous")
    return found, task
