"""The options of every command: each dataclass is the schema of one command line, its docstrings are the help."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from metaenv_experiments.config_learning import Combine, Explain, Export, Refine, Teach, Train, Tune
from metaenv_experiments.config_science import Arms, Barriers, Calibrate, Cohort, Credibility, Validate
from metaenv_experiments.running.requests import (
    CohortName,
    check_heeded,
    check_own,
    check_places,
    check_resume,
    check_trial,
    check_tuning,
    file_of,
    require,
)

DEFAULT_REFERENCE = "maximum_tolerated_dose"


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Treat the same patients with several rules; print and store the comparison."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    policies: tuple[str, ...] = ("no_treatment", "maximum_tolerated_dose", "intermittent", "at50", "containment")
    """Rules that take part, by name."""
    tuned: Path | None = None
    """What `tune-rules` recorded of the disease, a JSON or the name of one that ships, such as prostate-56: each rule
    in it takes part with its tuned parameters too."""
    runs: tuple[Path, ...] = ()
    """Run folders of `train` whose policies take part too; a folder of several seeds stands for all of them."""
    agents: tuple[str, ...] = ()
    """Shared policies that take part too, by name such as prostate/ppo, or folder, see `export`."""
    own: tuple[str, ...] = ()
    """Own policies that take part too: my_policy.py:NAME or module:NAME of what has `predict`, or a function."""
    planners: tuple[Literal["mpc", "oracle"], ...] = ()
    """Planners that take part too: mpc knows what the clinic knows, oracle also the true state. They take minutes."""
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
    observation: Literal["clinic", "full"] = "clinic"
    """What policies see: the clinic's form, or with full also the true state, which no clinic knows."""
    visit_interval: float | None = None
    """Days between two visits. None: as the disease has them."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0); the same for every policy."""
    reference: str | None = None
    """Policy that the others are compared with. None: maximum_tolerated_dose if it takes part, else the first."""
    tune_patients: int = 256
    """Train patients (count) on which each containment threshold is tried."""
    containment_threshold: float | None = None
    """Containment's threshold (multiple of the baseline marker). None: searched on a grid."""
    chunk: int = 256
    """Patients per shard (count): what a killed run loses at most. Results do not depend on it."""
    watch: int = 24
    """Patients (count) whose whole course is stored for pictures."""
    workers: int = 1
    """Shards that are played at the same time (count), by a process each. Results do not depend on it."""
    ray: str | None = None
    """Address of a Ray cluster that plays the shards, or "local" to start one here. None: local processes."""
    quick: bool = False
    """Instead of one disease: prostate, lung and breast with every rule, plain and tuned, and every shipped policy."""
    out: Path | None = None
    """Run folder to write. None: runs/benchmark-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished shards are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        named = [
            *self.policies,
            *self.runs,
            *self.agents,
            *self.own,
            *self.planners,
            *([] if self.tuned is None else [self.tuned]),
        ]
        require(len(named) >= 1, "--policies", self.policies, "at least one name")
        if self.tuned is not None:
            file_of("tuned", self.tuned)
        for option, names in (("--policies", self.policies), ("--planners", self.planners), ("--agents", self.agents)):
            require(len(set(names)) == len(names), option, names, "each name once")
        require(self.workers >= 1, "--workers", self.workers, ">= 1")
        require(self.plan_every >= 1, "--plan-every", self.plan_every, ">= 1")
        most = 64 if self.doubled else 128
        require(1 <= self.plan_copies <= most, "--plan-copies", self.plan_copies, f"in 1 … {most}")
        planned, contained = len(self.planners) > 0, "containment" in self.policies
        check_heeded(self, planned, "given together with --planners", "plan_every", "plan_copies", "doubled")
        check_heeded(self, contained, "given where containment takes part", "containment_threshold", "tune_patients")
        check_heeded(self, self.ray is None, "given without --ray", "workers")
        check_own(self.own)
        check_trial(self.patients, self.chunk, self.seed, self.watch)
        check_tuning(self.tune_patients, self.containment_threshold)
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Evaluate:
    """Treat patients with one policy, trained (--run), a rule (--policy) or --own; print and store how they fared."""

    run: Path | None = None
    """Run folder of `train` (or of `demo`) with the trained policy."""
    policy: str | None = None
    """Rule by name, instead of --run."""
    own: str | None = None
    """Own policy, instead of --run: my_policy.py:NAME or module:NAME of what has `predict`, or a function."""
    disease: str | None = None
    """Disease by name. None: the one that --run was trained on, else prostate."""
    patients: int = 1024
    """Patients treated (count), the first of the cohort."""
    cohort: CohortName = "test"
    """Whose patients."""
    shift: str | None = None
    """Shift of these patients, such as faster_mutation: metaenv/scenario/shift.py. None: as the disease has them."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0)."""
    containment_threshold: float | None = None
    """Containment's threshold (multiple of the baseline marker). None: searched on a grid."""
    tune_patients: int = 256
    """Train patients (count) on which each containment threshold is tried."""
    chunk: int = 256
    """Patients per shard (count). Results do not depend on it."""
    watch: int = 24
    """Patients (count) whose whole course is stored for pictures."""
    out: Path | None = None
    """Run folder to write. None: runs/evaluate-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished shards are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        named = (("--run", self.run), ("--policy", self.policy), ("--own", self.own))
        given = [name for name, value in named if value is not None]
        allowed = "named by either --run DIR or --policy NAME or --own FILE.py:NAME"
        require(len(given) == 1, "the policy", given or "none", allowed)
        check_own(() if self.own is None else (self.own,))
        contained = self.policy == "containment"
        check_heeded(self, contained, "given with --policy containment", "containment_threshold", "tune_patients")
        check_trial(self.patients, self.chunk, self.seed, self.watch)
        check_tuning(self.tune_patients, self.containment_threshold)
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The main job: train PPO for a few minutes, then treat unseen patients with it and with every rule."""

    tiny: bool = False
    """Everything once, in under a minute: few steps, 32 patients. For CI, not for its numbers."""
    seed: int = 0
    """Seed of training and of the patients' fates (integer >= 0)."""
    out: Path | None = None
    """Run folder to write. None: runs/demo-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.seed >= 0, "--seed", self.seed, ">= 0")


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Draw the pictures of a run again, from its folder alone."""

    run: Path
    """Run folder of `benchmark`, `evaluate` or `demo`."""
    patient: int | None = None
    """Patient (id) whose course is drawn, one of those stored. None: the most typical of them."""
    out: Path | None = None
    """Folder for the pictures. None: <run>/pictures."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        check_places(folder=("--out", self.out))


@dataclass(frozen=True, kw_only=True)
class Speed:
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


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """Compare policies with the exact optimum of the two-population model strobl2021."""

    patients: int = 32
    """Test patients (count), each solved and treated with every policy."""
    runs: tuple[Path, ...] = ()
    """Run folders of `train` on strobl2021 whose policies take part too."""
    planners: tuple[Literal["mpc", "oracle"], ...] = ()
    """Planners that take part too: mpc knows what the clinic knows, oracle the true state."""
    plan_every: int = 90
    """Days (count) between two plans of a planner."""
    plan_copies: int = 8
    """Copies of every patient (count) on which a planner tries each rule."""
    tune_patients: int = 64
    """Train patients (count) on which each containment threshold is tried."""
    seed: int = 0
    """Seed, for the record (integer >= 0): nothing in this model is left to chance."""
    processes: int = 1
    """Processes that share the patients (count). Results do not depend on it."""
    out: Path | None = None
    """Run folder to write. None: runs/optimum-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 2, "--patients", self.patients, ">= 2")
        require(self.plan_every >= 1, "--plan-every", self.plan_every, ">= 1 day")
        require(self.plan_copies >= 1, "--plan-copies", self.plan_copies, ">= 1")
        require(self.tune_patients >= 1, "--tune-patients", self.tune_patients, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        planned = len(self.planners) > 0
        check_heeded(self, planned, "given together with --planners", "plan_every", "plan_copies")


@dataclass(frozen=True, kw_only=True)
class Population:
    """Treat very many patients with one rule and keep only counts and sums: what is kept does not grow."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    policy: str = "at50"
    """Rule by name."""
    patients: int = 100_000
    """Patients treated (count)."""
    first: int = 1_000_000
    """Id of the first of them (integer >= 0); the cohorts end at 299 999."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0)."""
    chunk: int = 1024
    """Patients per shard (count): what a killed run loses at most."""
    workers: int = 1
    """Shards that are played at the same time (count), by a process each. Results do not depend on it."""
    ray: str | None = None
    """Address of a Ray cluster that plays the shards, or "local" to start one here. None: local processes."""
    out: Path | None = None
    """Run folder to write. None: runs/population-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished shards are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(1 <= self.patients <= 10**9, "--patients", self.patients, "in 1 … 10**9")
        require(1 <= self.chunk <= 65_536, "--chunk", self.chunk, "in 1 … 65536")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(0 <= self.first < 2**61, "--first", self.first, "in 0 … 2**61 - 1")
        require(self.workers >= 1, "--workers", self.workers, ">= 1")
        check_heeded(self, self.ray is None, "given without --ray", "workers")
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Results:
    """Write stored benchmarks as one page: a table each, and whether the learners reached what was aimed at."""

    runs: tuple[Path, ...]
    """Run folders of `benchmark`, in the order of the page."""
    report: Path = Path("RESULTS.md")
    """File to write (Markdown); replaced if it exists."""
    update: bool = False
    """Replace the sections of these runs in --report, or add them at its end; keep its other sections."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(len(self.runs) >= 1, "--runs", self.runs, "at least one run folder")
        names = [path.name for path in self.runs]
        require(len(set(names)) == len(names), "--runs", names, "folders of different names, which head the sections")
        check_places(file=("--report", self.report))
        require(not self.update or self.report.is_file(), "--report", str(self.report), "a file that exists, to update")


@dataclass(frozen=True, kw_only=True)
class TuneRules:
    """Search every rule's parameters on train patients for the highest mean return; check them on others."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    policies: tuple[str, ...] = ()
    """Rules that are tuned, by name. None given: all that have something to tune and that the disease allows."""
    visit_interval: float | None = None
    """Days between two visits. None: as the disease has them."""
    patients: int = 256
    """Train patients whom every trial treats (count); as many validation patients check the result."""
    trials: int = 40
    """Parameter sets that are tried per rule (count), so many at least: its defaults and whole batches of 4."""
    seed: int = 0
    """Seed of the patients' fates and of the search (integer >= 0)."""
    processes: int = 1
    """Processes that share the trials (count). Results do not depend on it."""
    ray: str | None = None
    """Address of a Ray cluster that plays the trials, or "local" to start one here. None: local processes."""
    record: Path | None = None
    """File that gets the result as JSON too, such as tuned/prostate.json; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/tune-rules-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished trials are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(len(set(self.policies)) == len(self.policies), "--policies", self.policies, "each name once")
        require(self.patients >= 2, "--patients", self.patients, ">= 2")
        require(self.trials >= 1, "--trials", self.trials, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        check_heeded(self, self.ray is None, "given without --ray", "processes")
        check_places(file=("--record", self.record))
        check_resume(self.resume, self.out)


Command = (
    Arms
    | Barriers
    | Benchmark
    | Calibrate
    | Cohort
    | Combine
    | Credibility
    | Evaluate
    | Explain
    | Export
    | Train
    | Demo
    | Optimum
    | Plot
    | Population
    | Results
    | Speed
    | Tune
    | Refine
    | Teach
    | TuneRules
    | Validate
)


def name_of(command: type) -> str:
    """The name of a command on the command line: `tune-rules` for `TuneRules`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", command.__name__).lower()
