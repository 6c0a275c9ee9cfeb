"""Treat the same patients with several policies: rules, planners, trained and own ones; compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from metaenv_experiments.evaluation.benchmark import CHUNK, WATCH, Benchmark, check_names
from metaenv_experiments.evaluation.containment_threshold import TUNE_PATIENTS, tune
from metaenv_experiments.evaluation.counted_benchmark import Counting
from metaenv_experiments.evaluation.metrics import choose_reference
from metaenv_experiments.evaluation.own_policies import own
from metaenv_experiments.evaluation.planners import Planner, doubled, planner
from metaenv_experiments.evaluation.policies import NamedPolicy, every_rule, rule
from metaenv_experiments.evaluation.simple_policies import simple_policies
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import learned_alike, learners, shared
from metaenv_experiments.evaluation.training_record import Alike
from metaenv_experiments.evaluation.tuned_rules import tuned
from metaenv_experiments.reporting.count_tables import print_counts
from metaenv_experiments.reporting.end_of_run import report, say_where
from metaenv_experiments.running.options import (
    CohortName,
    check_heeded,
    check_own,
    check_patients,
    check_resume,
    check_tuning,
    file_of,
    require,
)
from metaenv_experiments.running.run_folder import RunFolder

ALL = "all"
DEFAULT_DISEASE = "prostate"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Treat the same patients with several policies; print and store the comparison."""

    disease: str | None = None
    """Disease by name, such as prostate or strobl2021. None: the one that --runs or --agents learned, else prostate."""
    policies: tuple[str, ...] = ("no_treatment", "maximum_tolerated_dose", "intermittent", "at50", "containment")
    """Rules that take part, by name; "all" for every one that the disease allows. Alone, without a name: none."""
    tuned: Path | None = None
    """What `tune rules` recorded of the disease, a JSON or the name of one that ships, such as prostate: each rule
    in it takes part with its tuned parameters too."""
    simple: Path | None = None
    """What `tune simple` recorded of the disease, a JSON or the name of one that ships, such as lung: the policies
    in it take part too."""
    runs: tuple[Path, ...] = ()
    """Run folders of `train` whose policies take part too; a folder of several seeds stands for all of them."""
    agents: tuple[str, ...] = ()
    """Shared policies that take part too, by name such as prostate/ppo, or folder, see `export`."""
    own: tuple[str, ...] = ()
    """Own policies that take part too: my_policy.py:NAME or module:NAME of what has `predict`, or a function."""
    planners: tuple[Planner, ...] = ()
    """Planners that take part too: mpc knows what the clinic knows, oracle also the true state. They choose among a
    library of rules, and the simple and trained policies that take part. They take minutes."""
    plan_every: int = 16
    """Visits (count) between two plans of a planner."""
    plan_copies: int = 4
    """Copies (count) of each patient on which every rule of a library is tried; the best six on five times as many."""
    doubled: bool = False
    """Let every planner take part a second time, with twice as many copies: whether that changes anything."""
    patients: int = 1024
    """Patients that every policy treats (count), the first of the cohort."""
    cohort: CohortName = "test"
    """Whose patients."""
    shift: str | None = None
    """Shift of these patients, such as faster_mutation: metaenv/scenario/shift.py. None: as the disease has them."""
    observation: Literal["clinic", "full"] | None = None
    """What policies see: the clinic's form, or with full also the true state, which no clinic knows. None: as --runs or
    --agents learned to see, else the clinic's form."""
    local_therapy: bool | None = None
    """Whether lesions can be resected and irradiated too, where the disease allows it. None: as --runs or --agents
    learned it, else drugs alone."""
    visit_interval: float | None = None
    """Days between two visits. None: those of --runs or --agents, else as the disease has them."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0); the same for every policy."""
    reference: str | None = None
    """Policy that the others are compared with. None: maximum_tolerated_dose if it takes part, else the first."""
    tune_patients: int = TUNE_PATIENTS
    """Train patients (count) on which each containment threshold is tried."""
    containment_threshold: float | None = None
    """Containment's threshold (multiple of the baseline marker). None: searched on a grid."""
    counts_only: bool = False
    """Keep only counts and sums, whose size does not grow: for up to a billion patients, who lie beyond all cohorts."""
    chunk: int = CHUNK
    """Patients per shard (count): what a killed run loses at most. Results do not depend on it."""
    watch: int = WATCH
    """Patients (count) whose whole course is stored for pictures."""
    workers: int = 1
    """Shards that are played at the same time (count), by a process each. Results do not depend on it."""
    ray: str | None = None
    """Address of a Ray cluster that plays the shards, or "local" to start one here. None: local processes."""
    out: Path | None = None
    """Run folder to write. None: runs/benchmark-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished shards are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        given = (self.policies, self.runs, self.agents, self.own, self.planners, self.tuned, self.simple)
        require(any(given), "--policies", self.policies, "at least one name")
        if self.tuned is not None:
            file_of("tuned", self.tuned)
        if self.simple is not None:
            file_of("simple", self.simple)
        for option, names in (("--policies", self.policies), ("--planners", self.planners), ("--agents", self.agents)):
            require(len(set(names)) == len(names), option, names, "each name once")
        require(ALL not in self.policies or len(self.policies) == 1, "--policies", self.policies, f"{ALL!r} alone")
        require(self.workers >= 1, "--workers", self.workers, ">= 1")
        require(self.plan_every >= 1, "--plan-every", self.plan_every, ">= 1")
        most = 64 if self.doubled else 128
        require(1 <= self.plan_copies <= most, "--plan-copies", self.plan_copies, f"in 1 … {most}")
        planned, contained = len(self.planners) > 0, bool({"containment", ALL} & set(self.policies))
        check_heeded(self, planned, "given together with --planners", "plan_every", "plan_copies", "doubled")
        check_heeded(self, contained, "given where containment takes part", "containment_threshold", "tune_patients")
        check_heeded(self, self.ray is None, "given without --ray", "workers")
        check_heeded(self, not self.counts_only, "given without --counts-only", "cohort", "watch", "reference")
        require(not self.counts_only or self.patients <= 10**9, "--patients", self.patients, "in 1 … 10**9")
        require(self.chunk <= 65_536, "--chunk", self.chunk, "in 1 … 65536")
        check_own(self.own)
        check_patients(self.patients, self.chunk, self.seed, self.watch)
        check_tuning(self.tune_patients, self.containment_threshold)
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Check, tune, treat, compare, print, store, draw."""
    task = task_of(options)
    policies = policies_of(options, task)
    check_names(policies)
    reference = choose_reference(options.reference, [policy.name for policy in policies])
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    policies = tune(policies, task, folder, patients=options.tune_patients, threshold=options.containment_threshold)
    if options.counts_only:
        _count(options, task, policies, folder)
        return
    benchmark = Benchmark(
        task=task,
        policies=policies,
        folder=folder,
        chunk=options.chunk,
        watch=options.watch,
        reference=reference,
        workers=options.workers,
        ray=options.ray,
    )
    report(folder, benchmark.run(), policies)


def task_of(options: Options) -> Task:
    """Whom to treat: patients of the disease that trained policies learned, seen as they learned, unless named."""
    known = learned_alike(options.runs, options.agents, options.disease)
    disease, alike = (DEFAULT_DISEASE, Alike()) if known is None else known
    return Task(
        disease=options.disease or disease,
        cohort=options.cohort,
        patients=1 if options.counts_only else options.patients,
        seed=options.seed,
        shift=options.shift,
        observation=options.observation or alike.observation,
        visit_interval=options.visit_interval or alike.visit_interval,
        local_therapy=alike.local_therapy if options.local_therapy is None else options.local_therapy,
    )


def policies_of(options: Options, task: Task) -> list[NamedPolicy]:
    """Everybody who takes part."""
    names = every_rule(task) if options.policies == (ALL,) else options.policies
    others = [
        *(rule(name, task) for name in names),
        *([] if options.tuned is None else tuned(options.tuned, task)),
        *([] if options.simple is None else simple_policies(options.simple, task)),
        *learners(options.runs, task),
        *(shared(name, task) for name in options.agents),
    ]
    return [*others, *planners(options, task, others), *own(options.own, task)]


def planners(options: Options, task: Task, others: Sequence[NamedPolicy]) -> list[NamedPolicy]:
    """The planners that take part, and each with twice the copies if asked for; they may choose the others too."""
    every, copies = options.plan_every, options.plan_copies
    found = [planner(name, task, every, copies, among=others) for name in options.planners]
    twice = [doubled(name, task, every, copies, among=others) for name in options.planners]
    return [*found, *(twice if options.doubled else ())]


def _count(options: Options, task: Task, policies: Sequence[NamedPolicy], folder: RunFolder) -> None:
    counting = Counting(
        task=task,
        policies=policies,
        patients=options.patients,
        folder=folder,
        chunk=options.chunk,
        workers=options.workers,
        ray=options.ray,
    )
    found, spent = counting.run()
    print_counts(task, found, spent)
    say_where(folder.path)
