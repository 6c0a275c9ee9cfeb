"""The options of the commands about trained policies: from them the command line is made."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from metaenv_agents.rl.learners import LEARNERS, Algo
from metaenv_experiments.running.requests import check_heeded, check_places, check_resume, file_of, require

Objective = Literal["return", "log_survival"]  # of patients, whose mean `refine` makes high


@dataclass(frozen=True, kw_only=True)
class Train:
    """Train a policy; keep the best on validation patients. Ctrl-C or a kill leave a run that --resume continues."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    also: tuple[str, ...] = ()
    """More diseases that the same network learns at once (ppo); the policy of each is left in <out>/<disease>/."""
    algo: Algo = "ppo"
    """Learning algorithm; sac and tqc give continuous doses."""
    config: Path | None = None
    """Hyperparameters, a TOML or the name of one that ships, such as ppo_memoryless. None: the defaults."""
    teacher: tuple[str, ...] = ()
    """Rule by name that the network imitates before it learns by itself (ppo and maskable_ppo); with --also one for
    each disease, in order."""
    tuned: tuple[Path, ...] = ()
    """What `tune-rules` recorded of the disease, a JSON or the name of one that ships, such as prostate-56, with the
    teacher's parameters, one for each teacher. Without it: their defaults."""
    observation: Literal["clinic", "full"] = "clinic"
    """What policies see: the clinic's form, or with full also the true state, which no clinic knows."""
    visit_interval: float | None = None
    """Days between two visits. None: as the disease has them."""
    total_timesteps: int = 1_000_000
    """Visits to learn from (count), over all parallel patients."""
    seed: int = 0
    """Seed of patients, network and optimiser (integer >= 0)."""
    seeds: int = 1
    """Trainings (count), with seed, seed + 1, …, each in its own folder seed-<N> of --out."""
    workers: int = 1
    """Seeds that are trained at the same time (count), by a process each; their output goes to train.log."""
    ray: str | None = None
    """Address of a Ray cluster, with the same file system, that trains the seeds, or "local" to start one here."""
    validation_patients: int = 128
    """Validation patients (count) on whom each evaluation is done; the best policy on them is kept."""
    out: Path | None = None
    """Run folder to write. None: runs/train-<time>."""
    resume: bool = False
    """Continue the run in --out from its last checkpoint."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.total_timesteps >= 1, "--total-timesteps", self.total_timesteps, ">= 1")
        if self.config is not None:
            file_of("config", self.config)
        require(not self.teacher or LEARNERS[self.algo].imitates, "--teacher", self.teacher, "none with this --algo")
        others = LEARNERS[self.algo].several_diseases and self.disease not in self.also
        require(not self.also or others, "--also", self.also, "other diseases than --disease, for ppo")
        require(len(set(self.also)) == len(self.also), "--also", self.also, "each name once")
        taught, records = len(self.teacher), [str(path) for path in self.tuned]
        require(taught in (0, 1 + len(self.also)), "--teacher", self.teacher, "one rule for each disease")
        require(len(records) in (0, taught), "--tuned", records, "one file for each --teacher")
        for path in self.tuned:
            file_of("tuned", path)
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.seeds >= 1, "--seeds", self.seeds, ">= 1")
        require(1 <= self.workers <= self.seeds, "--workers", self.workers, f"in 1 … {self.seeds}, the --seeds")
        require(self.ray is None or self.seeds > 1, "--ray", self.ray, "given together with --seeds above 1")
        check_heeded(self, self.ray is None, "given without --ray", "workers")
        require(self.validation_patients >= 1, "--validation-patients", self.validation_patients, ">= 1")
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Combine:
    """Make one policy of several trainings that differ in their seed: the mean of their networks' outputs."""

    runs: tuple[Path, ...]
    """Run folders of `train`, or of `teach`, alike but for their seed; a folder of several seeds stands for all of
    them."""
    validation_patients: int = 256
    """Validation patients (count) on whom the policy is judged."""
    out: Path | None = None
    """Run folder to write. None: runs/combine-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(len(self.runs) >= 1, "--runs", self.runs, "at least one folder")
        require(self.validation_patients >= 1, "--validation-patients", self.validation_patients, ">= 1")


@dataclass(frozen=True, kw_only=True)
class Refine:
    """Search a trained policy's weights further (CMA-ES), every candidate on the same patients; for small networks."""

    run: Path
    """Run folder of `train`, `teach`, or of an earlier `refine`, with the policy to begin from."""
    patients: int = 40
    """Train patients (count) whom every candidate of a generation treats, all with the same luck; the next generation
    treats others."""
    generations: int = 200
    """Generations of candidates (count)."""
    candidates: int = 20
    """Candidates per generation (count)."""
    step: float = 0.1
    """Standard deviation of the candidates' weights at the start; those of the first layer per standard deviation of
    what the policy sees."""
    evaluate_every: int = 10
    """Generations (count) between two evaluations on validation patients; the best policy on them is kept."""
    validation_patients: int = 128
    """Validation patients (count)."""
    objective: Objective = "return"
    """What is to be high on train patients: the mean return, or the mean log of the days survived (at least 1), to
    which patients with little time count as much as those with plenty. The best policy is chosen by the mean return
    either way."""
    seed: int = 0
    """Seed of the patients' fates and of the search (integer >= 0)."""
    out: Path | None = None
    """Run folder to write. None: runs/refine-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished generations are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        for name in ("patients", "generations", "evaluate_every", "validation_patients"):
            require(getattr(self, name) >= 1, f"--{name.replace('_', '-')}", getattr(self, name), ">= 1")
        require(self.candidates >= 4, "--candidates", self.candidates, ">= 4")
        require(0 < self.step < math.inf, "--step", self.step, "> 0 and finite")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Teach:
    """Teach a network the exact optimum of strobl2021: it treats train patients and is told what every dose loses."""

    patients: int = 96
    """Train patients (count) whose optimum is found, some 8 s each, and whom the network treats in every round."""
    rounds: int = 20
    """Rounds (count) of learning from all that was seen before; the best policy on validation patients is kept."""
    history: int = 2
    """Visits that the network sees side by side (count); how fast a tumour grows shows in two."""
    net_arch: tuple[int, ...] = (32, 32)
    """Tanh units per layer."""
    observation: Literal["clinic", "full"] = "full"
    """What the network sees: the clinic's form, or with full also the true state, which no clinic knows."""
    validation_patients: int = 64
    """Validation patients (count)."""
    seed: int = 0
    """Seed of the network and of the order of learning (integer >= 0); nothing in this model is left to chance."""
    processes: int = 1
    """Processes that share the patients who are solved (count). Results do not depend on it."""
    out: Path | None = None
    """Run folder to write. None: runs/teach-<time>."""
    resume: bool = False
    """Continue the run in --out; its solved patients and finished rounds are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        for name in ("patients", "rounds", "history", "validation_patients", "processes"):
            require(getattr(self, name) >= 1, f"--{name}".replace("_", "-"), getattr(self, name), ">= 1")
        units = bool(self.net_arch) and min(self.net_arch) >= 1
        require(units, "--net-arch", self.net_arch, "one or more layers of >= 1 unit")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Tune:
    """Search a learner's hyperparameters by short trainings; several processes share one study."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    algo: Algo = "ppo"
    """Learning algorithm."""
    config: Path | None = None
    """Hyperparameters to start from, a TOML or the name of one that ships; what is not searched stays as it says. None:
    the defaults."""
    trials: int = 40
    """Trainings (count), those that were stopped early among them."""
    total_timesteps: int = 300_000
    """Visits per training (count)."""
    seed: int = 0
    """Seed of the search and of every training (integer >= 0)."""
    validation_patients: int = 128
    """Validation patients (count) who judge every training."""
    processes: int = 1
    """Processes that train at the same time (count). With more than one the search depends on who is first."""
    out: Path | None = None
    """Run folder to write. None: runs/tune-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished trainings are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        if self.config is not None:
            file_of("config", self.config)
        require(self.trials >= 1, "--trials", self.trials, ">= 1")
        require(self.total_timesteps >= 1, "--total-timesteps", self.total_timesteps, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.validation_patients >= 1, "--validation-patients", self.validation_patients, ">= 1")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Explain:
    """Say what a trained policy does and when: a picture, sentences, and a decision tree with its own score."""

    run: Path | None = None
    """Run folder of `train` with the policy."""
    agent: str | None = None
    """Shared policy by name such as prostate/ppo, or folder, instead of --run."""
    patients: int = 512
    """Train patients (count) from whose visits the tree is learned; as many test patients judge it."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0)."""
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


@dataclass(frozen=True, kw_only=True)
class Export:
    """Write a trained policy as a folder to hand on: safetensors, JSON, and a card with its results and failures."""

    run: Path
    """Run folder of `train` with the policy."""
    benchmark: Path
    """Run folder of `benchmark` or `evaluate` in which the policy took part: what the card says."""
    name: str
    """Name such as prostate/ppo: by it `metaenv_agents.load` finds the policy."""
    policy: str = "ppo"
    """Name under which it took part in the benchmark."""
    out: Path | None = None
    """Folder to write; what lies there is replaced. None: agents/metaenv_agents/pretrained/<name> of the checkout,
    where there is one."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        plain = re.fullmatch(r"[a-z0-9_]+/[a-z0-9_-]+", self.name) is not None
        require(plain, "--name", self.name, "like prostate/ppo, of lower-case letters, digits, _ and -")
        check_places(folder=("--out", self.out))
