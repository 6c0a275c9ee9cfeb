"""Trains one network on several diseases at once; what it does in each becomes a run folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode

from metaenv_agents.policy import Policy
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.evaluation.training_record import Score
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.training.training_run import BEST, MEAN_RETURN, Judged, Learning, examined

if TYPE_CHECKING:
    from metaenv_agents.rl.policy import TrainedPolicy
    from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv


@dataclass(frozen=True, kw_only=True)
class SharedLearning(Learning):
    """What is learned, how, and where it is written: `<disease>/` of the folder for each disease."""

    also: tuple[str, ...]  # diseases beside `disease`

    @property
    def diseases(self) -> tuple[str, ...]:
        """All of them, in the order of the mixture."""
        return (self.disease, *self.also)

    @cached_property
    def mixture(self) -> SeveralDiseasesEnv:
        """Train patients of every disease, equally many."""
        from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv

        each = self.settings.n_envs // len(self.diseases)
        return SeveralDiseasesEnv(
            [self._task("train", disease).vector_env(each, AutoresetMode.SAME_STEP) for disease in self.diseases]
        )

    def _environment(self) -> Any:
        return self.mixture

    def _teacher(self, venv: Any) -> Policy:
        return self.mixture.together(
            [each.make(part) for each, part in zip(self.teachers, self.mixture.parts, strict=True)]
        )

    def _judge(self) -> Callable[[Any], Judged]:
        """Judge by the return per year of follow-up of validation patients, mean over the diseases."""
        tasks = [self._task("validation", disease) for disease in self.diseases]
        years = [float(task.scenario.horizon) / DAYS_PER_YEAR for task in tasks]

        def judged(policy: TrainedPolicy) -> Judged:
            """Score and curves of a policy, by the share of it that each disease gets."""
            found = [examined(task, self.mixture.part_of(policy, k)) for k, task in enumerate(tasks)]
            score = float(np.mean([one[MEAN_RETURN] / followed for one, followed in zip(found, years, strict=True)]))
            curves = {
                f"{task.disease}/{name}": value
                for task, one in zip(tasks, found, strict=True)
                for name, value in one.items()
            }
            return Judged(score, curves)

        return judged

    def _save(self, policy: TrainedPolicy, name: str) -> None:
        for k, disease in enumerate(self.diseases):
            self.folder.write_bytes(f"{disease}/{name}", self.mixture.part_of(policy, k).to_bytes())

    def _remember(self, score: float, shown: dict[str, float]) -> None:
        """Write down each disease's score, then that of all: a kill in between leaves a policy that is judged again."""
        for disease in self.diseases:
            self.folder.write_json(f"{disease}/{BEST}", {"score": shown[f"{disease}/{MEAN_RETURN}"]})
        super()._remember(score, shown)

    def _describe(self, *, scores: dict[int, float], steps: int, finished: bool) -> None:
        """Describe all, and the share of each disease; its one score is that of the policy that is kept."""
        record = replace(self._record(scores, steps, finished=finished), diseases=self.diseases)
        record.write(self.folder.path)
        for disease in self.diseases:
            best = f"{disease}/{BEST}"
            kept = (Score(steps, self.folder.read_json(best)["score"]),) if self.folder.has(best) else ()
            own = self.folder.path / disease
            replace(record, disease=disease, scores=kept).write(own)
            Provenance.read(self.folder.path).write(own)
