"""A trained policy as plain numbers: no torch, no pickle, the same `predict` as a rule."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.policy import Array, Clinic, FloatArray
from agents.rl.history import History

if TYPE_CHECKING:
    from stable_baselines3 import PPO

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class TrainedPolicy:
    """The actor of a trained network with its normalisation; always the most probable action.

    observation -> history -> (x - mean) / scale, clipped -> tanh layers -> logits of each entry's levels, or the means
    of the doses.
    """

    drugs: tuple[str, ...]  # that it was trained with, in action order
    history: int  # visits it looks back on, this one included
    mean: FloatArray  # (input,)
    scale: FloatArray  # (input,)
    clip: float  # bound of the normalised input
    weights: tuple[FloatArray, ...]  # (output, input) of each layer
    biases: tuple[FloatArray, ...]  # (output,) of each layer
    levels: tuple[int, ...]  # number of levels of each entry; empty for continuous actions
    low: FloatArray  # (entry,) bounds of continuous actions, empty for levels
    high: FloatArray  # (entry,)

    @classmethod
    def of(cls, model: PPO, drugs: tuple[str, ...], history: int = 1) -> TrainedPolicy:
        """Copy the actor out of a model, which may go on learning."""
        normalise: Any = model.get_vec_normalize_env()
        actor: Any = model.policy
        layers = [layer for layer in actor.mlp_extractor.policy_net if hasattr(layer, "weight")] + [actor.action_net]
        bounds = model.env.unwrapped.venv.single_action_space  # type: ignore[union-attr]
        continuous = hasattr(bounds, "low")
        return cls(
            drugs=drugs,
            history=history,
            mean=np.array(normalise.obs_rms.mean),
            scale=np.sqrt(normalise.obs_rms.var + normalise.epsilon),
            clip=float(normalise.clip_obs),
            weights=tuple(layer.weight.detach().numpy().astype(np.float64) for layer in layers),
            biases=tuple(layer.bias.detach().numpy().astype(np.float64) for layer in layers),
            levels=() if continuous else tuple(int(number) for number in bounds.nvec),
            low=np.array(bounds.low if continuous else (), dtype=np.float64),
            high=np.array(bounds.high if continuous else (), dtype=np.float64),
        )

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `agents.policy.Policy.predict`; `deterministic` makes no difference, nothing is drawn."""
        batch = np.atleast_2d(observation)
        history = History(visits=self.history, width=len(self.mean) // self.history)
        if batch.shape[1:] != (history.width,):
            raise ValueError(f"observation must be (patient, {history.width}) for this policy, got {batch.shape}")
        start = np.reshape(False if episode_start is None else episode_start, -1).astype(np.bool_)
        past = history.empty(len(batch)) if state is None else np.asarray(state)
        seen = history.push(past, batch, np.broadcast_to(start, len(batch)))
        actions = self._decode(self._output(seen))
        return (actions[0] if observation.ndim == 1 else actions), seen

    def _output(self, seen: Array) -> FloatArray:
        hidden: FloatArray = np.clip((seen - self.mean) / self.scale, -self.clip, self.clip)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = np.tanh(hidden @ weight.T + bias)
        return hidden @ self.weights[-1].T + self.biases[-1]

    def _decode(self, output: FloatArray) -> Array:
        if not self.levels:
            unit = (np.clip(output, -1.0, 1.0) + 1.0) / 2.0
            return (self.low + unit * (self.high - self.low)).astype(np.float32)
        entries = np.split(output, np.cumsum(self.levels)[:-1], axis=1)
        return np.stack([entry.argmax(axis=1) for entry in entries], axis=1)

    def check(self, clinic: Clinic) -> None:
        """Raise ValueError if this policy was trained for another clinic than this one."""
        trained = (self.drugs, "levels" if self.levels else "continuous", len(self.mean) // self.history)
        wanted = (clinic.drugs, clinic.action, clinic.layout.size)
        if trained != wanted:
            raise ValueError(
                f"policy was trained for (drugs, actions, measurements) {trained}, got a clinic of {wanted}"
            )

    def parts(self) -> tuple[dict[str, Any], dict[str, FloatArray]]:
        """Take it apart: what it is, for JSON, and its arrays by name."""
        about = {
            "format": FORMAT,
            "drugs": list(self.drugs),
            "history": self.history,
            "clip": self.clip,
            "levels": list(self.levels),
            "layers": len(self.weights),
        }
        arrays = {"mean": self.mean, "scale": self.scale, "low": self.low, "high": self.high}
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            arrays |= {f"weight_{number}": weight, f"bias_{number}": bias}
        return about, arrays

    @classmethod
    def of_parts(cls, about: Mapping[str, Any], arrays: Mapping[str, FloatArray]) -> TrainedPolicy:
        """Put together what `parts` took apart.

        Raises:
            ValueError: it is of another format, or arrays are missing or do not fit each other.
        """
        if about.get("format") != FORMAT:
            raise ValueError(f"policy must be of format {FORMAT}, got {about.get('format')}")
        arrays = {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items() if name != "about"}
        try:
            policy = cls(
                drugs=tuple(about["drugs"]),
                history=int(about["history"]),
                clip=float(about["clip"]),
                levels=tuple(about["levels"]),
                weights=tuple(arrays[f"weight_{number}"] for number in range(about["layers"])),
                biases=tuple(arrays[f"bias_{number}"] for number in range(about["layers"])),
                **{name: arrays[name] for name in ("mean", "scale", "low", "high")},
            )
        except KeyError as error:
            raise ValueError(f"policy must have the part {error}, got {sorted(about)} and {sorted(arrays)}") from error
        policy._check_shapes()
        return policy

    def _check_shapes(self) -> None:
        width = len(self.mean)
        outputs = sum(self.levels) if self.levels else len(self.low)
        shapes = [weight.shape for weight in self.weights]
        wanted = [
            (len(bias), before) for bias, before in zip(self.biases, [width, *map(len, self.biases)], strict=False)
        ]
        fits = bool(shapes) and shapes == wanted and len(self.biases[-1]) == outputs and len(self.scale) == width
        if not fits or self.history < 1 or width % self.history:
            raise ValueError(f"policy must have layers that fit {width} inputs and {outputs} outputs, got {shapes}")

    def to_bytes(self) -> bytes:
        """Write it as a NumPy archive without pickles."""
        about, arrays = self.parts()
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> TrainedPolicy:
        """Read what `to_bytes` wrote; nothing in it is executed."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return cls.of_parts(json.loads(str(archive["about"])), dict(archive))
