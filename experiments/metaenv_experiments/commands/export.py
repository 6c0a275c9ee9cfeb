"""Write a trained policy as a folder to hand on, with a card that says how it does and where it fails."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

import metaenv
from metaenv_agents.saved_policies import CARD, PRETRAINED, to_files
from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.trained_policies import policy_of
from metaenv_experiments.evaluation.training_record import TrainingRecord, training_of
from metaenv_experiments.reporting.card import card
from metaenv_experiments.running.console import console
from metaenv_experiments.running.files import plain, write_bytes
from metaenv_experiments.running.installation import CHECKOUT
from metaenv_experiments.running.options import UsageError, check_places, require
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class Options:
    """Write a trained policy as a folder to hand on: safetensors, JSON, and a card with its results and failures."""

    run: Path
    """Run folder of `train` with the policy."""
    benchmark: Path
    """Run folder of `benchmark` in which the policy took part: what the card says."""
    name: str
    """Name such as prostate/ppo: by it `metaenv_agents.load` finds the policy."""
    out: Path | None = None
    """Folder to write; what lies there is replaced. None: agents/metaenv_agents/pretrained/<name> of the checkout,
    where there is one."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        plain = re.fullmatch(r"[a-z0-9_]+/[a-z0-9_-]+", self.name) is not None
        require(plain, "--name", self.name, "like prostate/ppo, of lower-case letters, digits, _ and -")
        check_places(folder=("--out", self.out))


def run(options: Options) -> None:
    """Check, describe, write.

    Raises:
        UsageError: there is no such policy, it did not take part, or there is no folder to write.
    """
    folder = _folder(options)
    record, policy = training_of(options.run), policy_of(options.run)
    benchmark = RunFolder.open(options.benchmark, needs=(EPISODES, BenchmarkSummary.file), option="--benchmark")
    summary = BenchmarkSummary.read(benchmark.path)
    played = _played(options, record, summary)
    about = {
        "name": options.name,
        "environment": record.environment,
        "metaenv": metaenv.__version__,
        "observation": _layout(record),
        "training": record.as_json(),
        "provenance": Provenance.read(options.run).as_json(),
        "benchmark": plain(
            {"task": asdict(summary.task), "return": summary.policies[played].outcomes["return"]._asdict()}
        ),
    }
    load = options.name if options.out is None else str(options.out)
    text = card(options.name, load, played, policy, record, summary, benchmark.read_table(EPISODES))
    for name, content in {**to_files(policy, about), CARD: text.encode()}.items():
        write_bytes(folder / name, content)
    console().print(f"left in {folder}: policy.safetensors, policy.json, {CARD}", soft_wrap=True)


def _folder(options: Options) -> Path:
    if options.out is not None:
        return options.out
    if CHECKOUT is None:
        raise UsageError("--out must be given: only in a checkout do shared policies have a folder of their own")
    return PRETRAINED / options.name


def _played(options: Options, record: TrainingRecord, summary: BenchmarkSummary) -> str:
    """The name under which the policy took part in the benchmark."""
    if summary.task.disease != record.disease:
        raise UsageError(f"--benchmark must treat {record.disease!r}, got a run of {summary.task.disease!r}")
    sources = {
        name: policy.training.source
        for name, policy in summary.policies.items()
        if policy.training is not None and not policy.training.shared
    }
    for name, source in sources.items():
        if Path(source).resolve() == options.run.resolve():
            return name
    got = ", ".join(sources.values()) or "no training"
    raise UsageError(f"--benchmark must be one in which the policy of --run {options.run} took part, got {got}")


def _layout(record: TrainingRecord) -> dict[str, list[int]]:
    """Where in an observation each group of measurements stands: name -> [first, after the last]."""
    layout = record.task("train", 1).vector_env(1).layout
    return {name: [getattr(layout, name).start, getattr(layout, name).stop] for name in layout.names}
