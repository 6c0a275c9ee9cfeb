"""PPO (Schulman2017) in plain torch on a native vector environment, within a limit of cost if asked for (Ray2019).

Between two updates everybody is treated for some visits. The critic then judges all that was seen at once, advantages
are estimated (GAE, Schulman2016), and the actor and the critic make some passes over the visits in batches. A batch is
divided into parts of a fixed size whose gradients are added in order, so that no bit depends on how many threads share
them; a part is small enough for a core's cache.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from gymnasium.vector import VectorEnv
from torch import Tensor

from metaenv_agents.policy import Array, BoolArray, FloatArray, Policy
from metaenv_agents.rl.checkpoint import CheckpointMismatchError
from metaenv_agents.rl.imitation import imitate
from metaenv_agents.rl.learners.actor import copied
from metaenv_agents.rl.learners.model import Episode, Model
from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rl.network import Levels, Network, Scratch, choice_in
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.ward import CLIP, Ward

NETWORK, SURROUNDINGS = "network.pt", "surroundings.pkl"
PART = 1024  # visits at most whose gradient one thread computes at once; two parts at least
PROPORTION = 0.5  # of the excess that counts at once, beside its sum, against swinging (Stooke2020); guess
TINY = 1e-8  # kept from dividing by 0
KL_MARGIN = 1.5  # an update stops above so many times `target_kl`
LOSSES = ("loss", "policy_gradient_loss", "value_loss", "entropy_loss", "approx_kl", "clip_fraction")


class Rollout:
    """What was played between two updates; written anew each time."""

    def __init__(self, visits: int, patients: int, inputs: int) -> None:
        self.inputs = np.empty((visits, patients, inputs), dtype=np.float32)  # normalised as they were when seen
        self.outputs: list[Tensor] = []  # of the actor, (patient, output) per visit
        self.actions: list[Tensor] = []  # (patient, entry) per visit
        self.paid = np.empty((2, visits, patients), dtype=np.float32)  # rewards and costs, normalised
        self.ended = np.empty((visits, patients), dtype=np.bool_)
        self.cut: list[tuple[int, Array, Array]] = []  # visit, patients, what the network would have been given next
        self.borne: list[float] = []  # costs of the episodes that ended

    def clear(self) -> None:
        """Forget what is kept in lists."""
        for kept in (self.outputs, self.actions, self.cut, self.borne):
            kept.clear()


class Lessons(NamedTuple):
    """What is learned from, one row per visit of a patient."""

    inputs: Tensor  # (visit, input)
    actions: Tensor  # (visit, entry)
    log_likelihoods: Tensor  # (visit,) of the actions when they were drawn
    advantages: Tensor  # (visit,)
    returns: Tensor  # (visit, critic)


def estimated_advantages(
    paid: FloatArray, values: FloatArray, following: FloatArray, ended: BoolArray, *, gamma: float, gae_lambda: float
) -> FloatArray:
    """Generalised advantages (Schulman2016), (visit, patient).

    Args:
        paid: (visit, patient) rewards or costs.
        values: (visit, patient) what the critic expected at the visit.
        following: (visit, patient) what it expects of what follows: 0 where the patient has died.
        ended: (visit, patient) whose episode ended with the visit.
        gamma: discount per visit.
        gae_lambda: 0 trusts the critic alone, 1 what was paid.
    """
    surprises = paid + gamma * following - values
    kept = gamma * gae_lambda * ~ended
    advantages, later = np.empty_like(surprises), np.zeros_like(surprises[0])
    for visit in reversed(range(len(surprises))):
        advantages[visit] = later = surprises[visit] + kept[visit] * later
    return advantages


def _columns(values: FloatArray) -> FloatArray:
    """(critic, visit, patient) as (visit of a patient, critic)."""
    return np.ascontiguousarray(values.reshape(len(values), -1).T)


class PPOModel:
    """See `metaenv_agents.rl.learners.model.Model` and, for a teacher, `metaenv_agents.rl.imitation.Pupil`."""

    def __init__(self, venv: VectorEnv[Any, Any, Any], settings: Settings, seed: int) -> None:
        assert isinstance(settings, PPOSettings)
        self.settings, self.limited = settings, settings.cost_limit is not None
        self.ward = Ward(venv, history=settings.history, discount=settings.gamma, costs=self.limited)
        inputs = self.ward.seen.shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            choice = choice_in(venv.single_action_space, settings.log_std_init)
            self.network = Network(inputs, choice, settings.net_arch, costs=self.limited)
        self.optimiser = torch.optim.Adam(self.network.trained, lr=settings.learning_rate, eps=1e-5, fused=True)
        self.generator = torch.Generator().manual_seed(seed)  # of actions and of the order of learning
        self.part = min(PART, math.ceil(settings.batch_size / 2))
        parts = math.ceil(settings.batch_size / self.part)
        self.scratch = [Scratch(self.network, inputs, self.part) for _ in range(parts)]
        self.rollout = Rollout(settings.n_steps, venv.num_envs, inputs)
        self.steps = 0
        self.pressure, self.multiplier, self.mean_cost = 0.0, 0.0, math.nan

    @classmethod
    def begin(cls, venv: VectorEnv[Any, Any, Any], settings: Settings, seed: int) -> PPOModel:
        """See `Model.begin`."""
        model = cls(venv, settings, seed)
        model.ward.reset(seed)
        return model

    # Playing

    def play(self) -> None:
        """See `Model.play`."""
        torch.set_num_threads(1)  # so few patients, and threads that wait would be in the simulator's way
        self.rollout.clear()
        with torch.no_grad():
            for visit in range(self.settings.n_steps):
                self._visit(visit)

    def _visit(self, visit: int) -> None:
        rollout, ward, network = self.rollout, self.ward, self.network
        rollout.inputs[visit] = ward.normal(ward.seen)
        output = network.actor(torch.from_numpy(rollout.inputs[visit]))
        actions = network.choice.draw(output, self.generator)
        brought = ward.visit(network.choice.given(actions.numpy()))
        self.steps += len(brought.ended)
        rollout.outputs.append(output)
        rollout.actions.append(actions)
        rollout.paid[:, visit] = ward.rewards.normal(brought.rewards), ward.costs.normal(brought.costs)
        rollout.ended[visit] = brought.ended
        rollout.borne += brought.borne.tolist()
        if len(brought.cut):
            rollout.cut.append((visit, brought.cut, ward.normal(brought.last)))

    # Learning

    def learn(self) -> dict[str, float]:
        """See `Model.learn`."""
        torch.set_num_threads(1)  # each thread of the pool
        left = 1.0 - min(1.0, self.steps / self.settings.total_timesteps)
        first, last = self.settings.learning_rate, self.settings.final_learning_rate
        rate = last + left * (first - last)
        self.optimiser.param_groups[0]["lr"] = rate
        told = self._price()
        threads = self.settings.torch_threads
        with torch.no_grad(), ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            lessons, explained = self._lessons(pool)
            told |= explained | self._passes(lessons, pool)
        return {f"train/{name}": value for name, value in (told | {"learning_rate": rate}).items()}

    def _price(self) -> dict[str, float]:
        """Move the multiplier by how far the mean cost of the episodes that ended is from the limit."""
        limit, borne = self.settings.cost_limit, self.rollout.borne
        if limit is None:
            return {}
        if borne:
            self.mean_cost = float(np.mean(borne))
            excess = min(1.0, self.mean_cost / limit - 1.0)  # of the limit; no more than what is too little can be
            self.pressure = max(0.0, self.pressure + self.settings.multiplier_learning_rate * excess)
            self.multiplier = max(0.0, self.pressure + PROPORTION * excess)
        return {"multiplier": self.multiplier, "mean_cost": self.mean_cost}

    def _lessons(self, pool: Executor) -> tuple[Lessons, dict[str, float]]:
        """What the rollout teaches."""
        rollout, settings = self.rollout, self.settings
        inputs = torch.from_numpy(rollout.inputs.reshape(-1, rollout.inputs.shape[-1]))
        values = self._values(inputs, pool).reshape(-1, *rollout.ended.shape)
        advantages = np.stack(
            [
                estimated_advantages(*each, rollout.ended, gamma=settings.gamma, gae_lambda=settings.gae_lambda)
                for each in zip(rollout.paid, values, self._following(values, pool), strict=False)
            ]
        )
        gain = self._gain(advantages)
        actions = torch.cat(rollout.actions)
        likely, _ = self.network.choice.judge(torch.cat(rollout.outputs), actions)
        returns = advantages + values
        unexplained = float(advantages[0].var() / max(returns[0].var(), TINY))
        lessons = Lessons(inputs, actions, likely, *map(torch.from_numpy, (gain.ravel(), _columns(returns))))
        return lessons, {"explained_variance": 1.0 - unexplained}

    def _gain(self, advantages: FloatArray) -> FloatArray:
        """What actions are chosen by, (visit, patient): the advantage in reward less, if limited, that in cost."""
        gain: FloatArray = advantages[0]
        if self.limited:
            apart = advantages - advantages.mean(axis=(1, 2), keepdims=True)
            reward, cost = apart / (apart.std(axis=(1, 2), keepdims=True) + TINY)
            gain = (reward - self.multiplier * cost) / (1.0 + self.multiplier)
        return gain

    def _values(self, inputs: Tensor, pool: Executor) -> FloatArray:
        """What each critic expects, (critic, row)."""
        found: FloatArray = torch.cat(list(pool.map(self._judged, torch.split(inputs, PART)))).numpy().T
        return found

    @torch.no_grad()
    def _judged(self, inputs: Tensor) -> Tensor:
        return torch.cat([critic(inputs) for critic in self.network.critics], dim=1)

    def _following(self, values: FloatArray, pool: Executor) -> FloatArray:
        """What is expected after each visit, (critic, visit, patient): nothing of the dead, all of those cut off."""
        now = torch.from_numpy(self.ward.normal(self.ward.seen))
        following = np.concatenate([values[:, 1:], self._values(now, pool)[:, None]], axis=1)
        following[:, self.rollout.ended] = 0.0
        if self.rollout.cut:
            last = self._values(torch.from_numpy(np.concatenate([each[2] for each in self.rollout.cut])), pool)
            visits = np.concatenate([np.full(len(rows), visit) for visit, rows, _ in self.rollout.cut])
            following[:, visits, np.concatenate([each[1] for each in self.rollout.cut])] = last
        return following

    def _passes(self, lessons: Lessons, pool: Executor) -> dict[str, float]:
        """Pass over the lessons in batches; means of what was lost in the last pass."""
        settings = self.settings
        told: list[Tensor] = []
        for _ in range(settings.n_epochs):
            told.clear()
            order = torch.randperm(len(lessons.inputs), generator=self.generator)
            for rows in torch.split(order, settings.batch_size):
                told.append(self._descend(rows, lessons, pool))
                if settings.target_kl is not None and float(told[-1][4]) > KL_MARGIN * settings.target_kl:
                    return self._mean(told)
        return self._mean(told)

    @staticmethod
    def _mean(told: Sequence[Tensor]) -> dict[str, float]:
        return dict(zip(LOSSES, torch.stack(list(told)).mean(dim=0).tolist(), strict=False))

    def _descend(self, rows: Tensor, lessons: Lessons, pool: Executor) -> Tensor:
        """One step of the gradient of a batch, unless its policy has moved too far; what was lost, see `LOSSES`."""
        gain = lessons.advantages[rows]
        if not self.limited and len(rows) > 1:  # a limit weighs by the whole rollout
            gain = (gain - gain.mean()) / (gain.std() + TINY)
        share = partial(self._gradient, lessons=lessons, of=len(rows))
        parts = list(pool.map(share, torch.split(rows, self.part), torch.split(gain, self.part), self.scratch))
        told = torch.stack([part[0] for part in parts]).sum(dim=0)
        limit = self.settings.target_kl
        if limit is None or float(told[4]) <= KL_MARGIN * limit:
            parameters = self.network.trained
            for parameter, *gradients in zip(parameters, *(part[1] for part in parts), strict=True):
                parameter.grad = sum(gradients[1:], start=gradients[0])
            torch.nn.utils.clip_grad_norm_(parameters, self.settings.max_grad_norm)
            self.optimiser.step()
        return told

    @torch.no_grad()
    def _gradient(
        self, rows: Tensor, gain: Tensor, scratch: Scratch, *, lessons: Lessons, of: int
    ) -> tuple[Tensor, list[Tensor]]:
        """A part's share in what is lost and in the gradient of a batch of so many visits."""
        network = self.network
        inputs = torch.index_select(lessons.inputs, 0, rows, out=scratch.inputs[: len(rows)])
        kept = [part.activations(inputs, room) for part, room in zip(network.parts, scratch.layers, strict=True)]
        outputs = [each[-1].requires_grad_() for each in kept]
        own = network.own
        with torch.enable_grad():
            losses = self._losses(outputs, rows, gain, lessons) / of
            slopes = torch.autograd.grad(losses[0], [*own, *outputs])
        found = list(slopes[: len(own)])
        for part, known, slope, room in zip(network.parts, kept, slopes[len(own) :], scratch.layers, strict=True):
            found += part.gradients(known, slope, room)
        return losses.detach(), found

    def _losses(self, outputs: Sequence[Tensor], rows: Tensor, gain: Tensor, lessons: Lessons) -> Tensor:
        """Sums over visits, see `LOSSES`, of the outputs of the actor and the critics."""
        settings = self.settings
        likely, entropy = self.network.choice.judge(outputs[0], lessons.actions[rows])
        change = likely - lessons.log_likelihoods[rows]
        ratio = change.exp()
        clipped = ratio.clamp(1.0 - settings.clip_range, 1.0 + settings.clip_range)
        policy = -torch.minimum(ratio * gain, clipped * gain).sum()
        value = (torch.cat(list(outputs[1:]), dim=1) - lessons.returns[rows]).square().sum()
        loss = policy - settings.ent_coef * entropy.sum() + settings.vf_coef * value
        far = ((ratio - 1.0).abs() > settings.clip_range).sum()
        return torch.stack([loss, policy, value, -entropy.sum(), (ratio - 1.0 - change).sum(), far])

    # Saving

    def freeze(self) -> dict[str, bytes]:
        """See `Model.freeze`."""
        written = io.BytesIO()
        torch.save({"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}, written)
        outside = {
            "ward": self.ward.snapshot(),
            "generator": self.generator.get_state(),
            "steps": self.steps,
            "limit": (self.pressure, self.multiplier, self.mean_cost),
        }
        return {NETWORK: written.getvalue(), SURROUNDINGS: pickle.dumps(outside)}

    @classmethod
    def thaw(cls, files: Mapping[str, bytes], venv: VectorEnv[Any, Any, Any], settings: Settings) -> PPOModel:
        """See `Model.thaw`.

        Raises:
            CheckpointMismatchError: the files are another learner's.
        """
        if NETWORK not in files:
            raise CheckpointMismatchError(f"a checkpoint of {settings.algo} must hold {NETWORK}, got {sorted(files)}")
        model = cls(venv, settings, 0)
        learned = torch.load(io.BytesIO(files[NETWORK]), weights_only=True)
        model.network.load_state_dict(learned["network"])
        model.optimiser.load_state_dict(learned["optimiser"])
        outside: dict[str, Any] = pickle.loads(files[SURROUNDINGS])
        model.ward.restore(outside["ward"])
        model.generator.set_state(outside["generator"])
        model.steps = outside["steps"]
        model.pressure, model.multiplier, model.mean_cost = outside["limit"]
        return model

    def policy(self, drugs: tuple[str, ...]) -> TrainedPolicy:
        """See `Model.policy`."""
        actor, choice = copied(self.network.actor.linear), self.network.choice
        levels, low, high = (choice.levels, (), ()) if isinstance(choice, Levels) else ((), choice.low, choice.high)
        return TrainedPolicy(
            drugs=drugs,
            history=self.settings.history,
            mean=self.ward.inputs.mean.copy(),
            scale=self.ward.inputs.scale,
            clip=CLIP,
            weights=actor.weights,
            biases=actor.biases,
            lstm=(),
            levels=tuple(levels),
            choices=np.empty((0, 0), dtype=np.int64),
            low=np.array(low, dtype=np.float64),
            high=np.array(high, dtype=np.float64),
            squashed=False,
        )

    def episodes(self) -> Sequence[Episode]:
        """See `Model.episodes`."""
        return self.ward.episodes

    # Imitation

    def imitate(self, teacher: Policy, seed: int) -> None:
        """See `Model.imitate`; what costs is not judged yet."""
        torch.set_num_threads(1)
        imitate(self, teacher, self.settings, seed=seed)

    @property
    def levels(self) -> Array:
        """Levels of each entry of an action."""
        return np.array(self.network.choice.levels)

    def seen(self) -> Array:
        """See `Pupil.seen`."""
        return self.ward.seen

    def treat(self, actions: Array) -> tuple[FloatArray, BoolArray]:
        """See `Pupil.treat`."""
        brought = self.ward.visit(actions)
        self.steps += len(brought.ended)
        return brought.rewards, brought.ended

    def normal_inputs(self, seen: Array) -> FloatArray:
        """See `Pupil.normal_inputs`."""
        return self.ward.normal(seen)

    def normal_rewards(self, rewards: FloatArray) -> FloatArray:
        """See `Pupil.normal_rewards`."""
        return self.ward.rewards.normal(rewards)

    def judge(self, inputs: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        """See `Pupil.judge`."""
        likely, _ = self.network.choice.judge(self.network.actor(inputs), actions)
        return self.network.parts[1](inputs)[:, 0], likely

    def parameters(self) -> Iterable[torch.nn.Parameter]:
        """Of the network."""
        return self.network.trained


if TYPE_CHECKING:
    _model: type[Model] = PPOModel
