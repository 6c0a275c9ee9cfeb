"""The plan of results: which commands make them, in which order, how long each takes, and what is kept of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from metaenv.fingerprint import frozen
from metaenv_experiments.evaluation.trained_policies import seeds_in
from metaenv_experiments.evaluation.training_record import TrainingRecord, training_of
from metaenv_experiments.reporting.results_table import FOLDER, Size
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import POLICY

SHIFTS = ("faster_mutation", "faster_growth")  # see metaenv/scenario/shift.py
OPTIMUM = "strobl2021"  # whose optimum is exact


class Lesson(NamedTuple):
    """How a disease's learner is trained."""

    timesteps: int  # visits
    minutes: float  # estimate on two cores, of all seeds
    teacher: str | None = None  # tuned rule that it imitates first


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much is done."""

    size: Size
    lessons: dict[str, Lesson]  # by disease
    tune_patients: int
    tune_trials: int  # sets of parameters per rule
    audit: dict[str, int]  # options of `tune simple` that say how much
    seeds: int  # trainings
    config: str | None = None  # of the learner
    validation_patients: int
    patients: int  # of a benchmark
    oracle_patients: int  # the first of them, whom the oracle treats too
    plan: tuple[int, int]  # of the oracle: visits between two plans, copies of a patient
    shifts: tuple[str, ...] = SHIFTS
    explained_patients: int
    taught_patients: int  # whose exact optimum is found
    rounds: int
    compared_patients: int
    minutes: dict[str, float]  # estimate on two cores, by step; measured


FULL = Scale(
    size="full",
    lessons={
        "prostate": Lesson(2_000_000, 18.0),
        "lung": Lesson(2_000_000, 18.0, "sequential"),
        "breast": Lesson(1_000_000, 12.0, "containment"),
    },
    tune_patients=128,
    tune_trials=24,
    audit={"drawn": 1024, "children": 512, "generations": 2, "patients": 16, "check_patients": 256},
    seeds=5,
    validation_patients=256,
    patients=1024,
    oracle_patients=96,
    plan=(12, 2),
    explained_patients=512,
    taught_patients=48,
    rounds=10,
    compared_patients=32,
    minutes={"tune": 8, "audit": 3, "benchmark": 6, "oracle": 5, "shift": 2, "teach": 8, "compare": 5},
)
QUICK = Scale(
    size="quick",
    lessons=dict.fromkeys(("prostate", "lung", "breast"), Lesson(2_048, 0.5)),
    tune_patients=4,
    tune_trials=5,
    audit={"drawn": 8, "children": 4, "generations": 1, "patients": 1, "check_patients": 8},
    seeds=2,
    config="ppo_tiny",
    validation_patients=8,
    patients=16,
    oracle_patients=8,
    plan=(200, 1),
    shifts=SHIFTS[:1],
    explained_patients=16,
    taught_patients=2,
    rounds=1,
    compared_patients=4,
    minutes={"tune": 0.4, "audit": 0.5, "benchmark": 1, "oracle": 0.6, "shift": 0.4, "teach": 0.7, "compare": 0.7},
)
SCALES = {scale.size: scale for scale in (FULL, QUICK)}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One command."""

    words: tuple[str, ...]  # such as ("tune", "rules")
    options: Callable[[Path], tuple[str, ...]]  # by the folder for all runs; asked late: earlier commands may decide
    folder: str  # of its run, below the folder for all runs
    resumes: bool = True  # with --resume


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is done or not: commands, and the files in git that say that they are."""

    name: str
    task: str  # disease, by which parts are chosen
    minutes: float  # estimate on two cores
    calls: tuple[Call, ...]
    needs: tuple[str, ...] = ()  # names of the parts that it rests on
    benchmark: str | None = None  # folder of the run whose numbers go into the tables
    adds: bool = False  # its numbers to those of its task, else they replace them
    keeps: dict[str, str] = field(default_factory=dict)  # file of a run -> file below the results


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The parts of a scale, whose results lie below a root; options name files there, so that any machine goes on."""

    scale: Scale
    root: Path
    processes: int

    def key(self, part: Part) -> str:
        """What a part is and rests on, as 16 digits: the frozen patients and the options on which results depend.

        Raises:
            UsageError: options cannot be had before what it needs is done.
        """
        needed = [self.key(each) for name in part.needs for each in self.parts() if each.name == name]
        calls = [[*call.words, *self._compared(call.options(Path("runs")))] for call in part.calls]
        about = [frozen()["diseases"].get(part.task), self.scale.size, needed, calls]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    def _compared(self, options: Iterable[str]) -> Iterator[str]:
        """Without those on which results do not depend; files below the root as seen from there."""
        skip = False
        for word in options:
            if not skip and word not in ALIKE:
                yield word.removeprefix(f"{self.root}/")
            skip = word in ALIKE

    @property
    def results(self) -> Path:
        """The folder of the tables, and of what later parts need."""
        return self.root / FOLDER

    def parts(self) -> Iterator[Part]:
        """All parts, in order."""
        for disease in self.scale.lessons:
            yield self._tune(disease)
            yield self._audit(disease)
            yield self._train(disease)
            yield self._benchmark(disease)
            yield self._oracle(disease)
            for shift in self.scale.shifts:
                yield self._shift(disease, shift)
        yield self._teach()
        yield self._compare()

    def _tune(self, disease: str) -> Part:
        scale = self.scale
        options = _words(
            disease=disease, patients=scale.tune_patients, trials=scale.tune_trials, processes=self.processes
        )
        folder = f"{disease}/tuned"
        return Part(
            name=f"{disease}: tune rules",
            task=disease,
            minutes=scale.minutes["tune"],
            calls=(Call(words=("tune", "rules"), options=lambda _: options, folder=folder),),
            keeps={f"{folder}/tuned.json": f"tuned/{disease}.json"},
        )

    def _audit(self, disease: str) -> Part:
        options = _words(disease=disease, **self.scale.audit, processes=self.processes)
        folder = f"{disease}/simple"
        return Part(
            name=f"{disease}: audit of simple policies",
            task=disease,
            minutes=self.scale.minutes["audit"],
            calls=(Call(words=("tune", "simple"), options=lambda _: options, folder=folder),),
            keeps={f"{folder}/simple.json": f"simple/{disease}.json"},
        )

    def _train(self, disease: str) -> Part:
        scale, folder, lesson = self.scale, f"{disease}/trained", self.scale.lessons[disease]
        options = _words(
            disease=disease,
            total_timesteps=lesson.timesteps,
            seeds=scale.seeds,
            workers=min(self.processes, scale.seeds),
            validation_patients=scale.validation_patients,
            **({} if scale.config is None else {"config": scale.config}),
        )
        if lesson.teacher is not None:
            options += _words(teacher=lesson.teacher, tuned=self.results / "tuned" / f"{disease}.json")
        kept = [f"seed-{seed}/{name}" for seed in range(scale.seeds) for name in LEFT]
        return Part(
            name=f"{disease}: train",
            task=disease,
            minutes=lesson.minutes,
            calls=(Call(words=("train",), options=lambda _: options, folder=folder),),
            keeps={f"{folder}/{name}": f"trained/{disease}/{name}" for name in kept},
        )

    def _benchmark(self, disease: str) -> Part:
        scale, folder, exported = self.scale, f"{disease}/benchmark", f"{disease}/exported"
        options = self._policies(disease, "all") + _words(patients=scale.patients, workers=self.processes)
        explain = Call(
            words=("explain",),
            options=lambda _: _words(
                run=self._best(disease), patients=scale.explained_patients, docs=self.root / "docs"
            ),
            folder=f"{disease}/explained",
            resumes=False,
        )
        return Part(
            name=f"{disease}: benchmark, explain, export",
            task=disease,
            minutes=scale.minutes["benchmark"],
            calls=(
                Call(words=("benchmark",), options=lambda _: options, folder=folder),
                explain,
                Call(
                    words=("export",),
                    options=lambda runs: _words(
                        run=self._best(disease), name=f"{disease}/ppo", benchmark=runs / folder
                    ),
                    folder=exported,
                    resumes=False,
                ),
            ),
            needs=self._learned(disease),
            benchmark=folder,
            keeps={
                f"{exported}/{name}": f"policies/{disease}/ppo/{name}"
                for name in ("policy.safetensors", "policy.json", "README.md")
            },
        )

    def _oracle(self, disease: str) -> Part:
        scale, folder, (every, copies) = self.scale, f"{disease}/oracle", self.scale.plan
        options = self._policies(disease, "maximum_tolerated_dose") + _words(
            planners="oracle",
            plan_every=every,
            plan_copies=copies,
            patients=scale.oracle_patients,
            chunk=8,
            workers=self.processes,
            watch=0,
        )
        return Part(
            name=f"{disease}: oracle",
            task=disease,
            minutes=scale.minutes["oracle"],
            calls=(Call(words=("benchmark",), options=lambda _: options, folder=folder),),
            needs=(*self._learned(disease), f"{disease}: benchmark, explain, export"),
            benchmark=folder,
            adds=True,
        )

    def _shift(self, disease: str, shift: str) -> Part:
        folder = f"{disease}/{shift}"
        options = self._policies(disease, "no_treatment", "maximum_tolerated_dose", "standard_of_care") + _words(
            shift=shift, patients=self.scale.patients, workers=self.processes, watch=0
        )
        return Part(
            name=f"{disease}: shifted, {shift}",
            task=disease,
            minutes=self.scale.minutes["shift"],
            calls=(Call(words=("benchmark",), options=lambda _: options, folder=folder),),
            needs=self._learned(disease),
            benchmark=folder,
        )

    def _teach(self) -> Part:
        scale, folder = self.scale, f"{OPTIMUM}/taught"
        options = _words(patients=scale.taught_patients, rounds=scale.rounds, processes=self.processes)
        return Part(
            name=f"{OPTIMUM}: teach",
            task=OPTIMUM,
            minutes=scale.minutes["teach"],
            calls=(Call(words=("study", "optimum", "teach"), options=lambda _: options, folder=folder),),
            keeps={f"{folder}/{name}": f"trained/{OPTIMUM}/{name}" for name in LEFT},
        )

    def _compare(self) -> Part:
        folder = f"{OPTIMUM}/compared"
        options = _words(
            runs=self.results / "trained" / OPTIMUM, patients=self.scale.compared_patients, processes=self.processes
        )
        return Part(
            name=f"{OPTIMUM}: compare with the exact optimum",
            task=OPTIMUM,
            minutes=self.scale.minutes["compare"],
            calls=(
                Call(words=("study", "optimum", "compare"), options=lambda _: options, folder=folder, resumes=False),
            ),
            needs=(f"{OPTIMUM}: teach",),
            benchmark=folder,
        )

    def _learned(self, disease: str) -> tuple[str, ...]:
        """The parts without which there is nothing to compare."""
        return f"{disease}: tune rules", f"{disease}: audit of simple policies", f"{disease}: train"

    def _policies(self, disease: str, *rules: str) -> tuple[str, ...]:
        """Who takes part in a benchmark: rules, tuned ones, simple policies, and every seed of the learner."""
        kept = {"tuned": f"tuned/{disease}.json", "simple": f"simple/{disease}.json", "runs": f"trained/{disease}"}
        return (
            *("--disease", disease, "--policies", *rules),
            *_words(**{option: self.results / name for option, name in kept.items()}),
        )

    def _best(self, disease: str) -> Path:
        """The training that was best on validation patients."""
        return max(seeds_in(self.results / "trained" / disease), key=lambda run: training_of(run).best)


ALIKE = ("--processes", "--workers")  # options on which results do not depend
LEFT = (POLICY, TrainingRecord.file, Provenance.file)  # of a training, that others need


def _words(**options: object) -> tuple[str, ...]:
    """Options as words of a command line."""
    return tuple(word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value)))
