"""A trained policy as plain numbers: no torch, no pickle, the same `predict` as a rule."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from metaenv_agents.policy import Array, Clinic, FloatArray
from metaenv_agents.rl.history import History

FORMAT = 2
SHAPE = ("mean", "scale", "low", "high", "choices")  # arrays beside those of the layers
LSTM = ("lstm_input", "lstm_hidden", "lstm_bias")


@dataclass(frozen=True, kw_only=True)
class TrainedPolicy:
    """The actor of a trained network with its normalisation; always the most probable action.

    observation -> history -> (x - mean) / scale, clipped -> LSTM, where there is one -> tanh layers -> logits of each
    entry's levels, or values of each combination of levels, or the means of the doses.
    """

    drugs: tuple[str, ...]  # that it was trained with, in action order
    history: int  # visits it looks back on, this one included
    mean: FloatArray  # (input,)
    scale: FloatArray  # (input,)
    clip: float  # bound of the normalised input
    weights: tuple[FloatArray, ...]  # (output, input) of each layer
    biases: tuple[FloatArray, ...]  # (output,) of each layer
    lstm: tuple[FloatArray, ...]  # (4 x unit, input), (4 x unit, unit), (4 x unit,) with gates i f g o; or empty
    levels: tuple[int, ...]  # number of levels of each entry; empty for other actions
    choices: Array  # (combination, entry) levels; without rows for other actions
    low: FloatArray  # (entry,) bounds of continuous actions, else empty
    high: FloatArray  # (entry,)
    squashed: bool  # continuous actions go through tanh

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`; `deterministic` makes no difference, nothing is drawn."""
        batch = np.atleast_2d(observation)
        history = History(visits=self.history, width=len(self.mean) // self.history)
        if batch.shape[1:] != (history.width,):
            raise ValueError(f"observation must be (patient, {history.width}) for this policy, got {batch.shape}")
        start = np.reshape(False if episode_start is None else episode_start, -1).astype(np.bool_)
        fresh = np.broadcast_to(start, len(batch))
        units = self.units
        past = np.zeros((len(batch), len(self.mean) + 2 * units)) if state is None else np.asarray(state)
        seen = history.push(past[:, : len(self.mean)].astype(np.float32), batch, fresh)
        normal = self._normal(seen)
        if units:
            remembered = np.where(fresh[:, None], 0.0, past[:, len(self.mean) :])
            normal, cell = self._remember(normal, remembered[:, :units], remembered[:, units:])
            memory: Array = np.concatenate([seen, normal, cell], axis=1)
        else:
            memory = seen
        actions = self._decode(self._output(normal))
        return (actions[0] if observation.ndim == 1 else actions), memory

    def first_layer_input(self, memory: Array) -> FloatArray:
        """What the first tanh layer was given at the visit that left this `predict` memory, (patient, input)."""
        width = len(self.mean)
        if self.units:
            return np.asarray(memory[:, width : width + self.units], dtype=np.float64)
        return self._normal(memory)

    @property
    def units(self) -> int:
        """Units of the LSTM; 0 if there is none."""
        return self.lstm[1].shape[1] if self.lstm else 0

    @property
    def action(self) -> Literal["levels", "continuous"]:
        """How it writes doses: the `action` of the environments that it can treat in."""
        return "continuous" if len(self.low) else "levels"

    def _normal(self, seen: Array) -> FloatArray:
        normal: FloatArray = np.clip((seen - self.mean) / self.scale, -self.clip, self.clip)
        return normal

    def _remember(self, seen: FloatArray, hidden: FloatArray, cell: FloatArray) -> tuple[FloatArray, FloatArray]:
        """One step of the LSTM: hidden and cell state, (patient, unit) each."""
        of_input, of_hidden, bias = self.lstm
        gates = np.split(seen @ of_input.T + hidden @ of_hidden.T + bias, 4, axis=1)
        opened, kept, shown = (0.5 + 0.5 * np.tanh(0.5 * gates[k]) for k in (0, 1, 3))  # logistic, without overflow
        cell = kept * cell + opened * np.tanh(gates[2])
        return shown * np.tanh(cell), cell

    def _output(self, hidden: FloatArray) -> FloatArray:
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = np.tanh(hidden @ weight.T + bias)
        return hidden @ self.weights[-1].T + self.biases[-1]

    def _decode(self, output: FloatArray) -> Array:
        if len(self.choices):
            chosen: Array = self.choices[output.argmax(axis=1)].astype(np.int64)
            return chosen
        if not self.levels:
            bounded = np.tanh(output) if self.squashed else np.clip(output, -1.0, 1.0)
            unit = (bounded + 1.0) / 2.0
            return (self.low + unit * (self.high - self.low)).astype(np.float32)
        entries = np.split(output, np.cumsum(self.levels)[:-1], axis=1)
        return np.stack([entry.argmax(axis=1) for entry in entries], axis=1)

    def check(self, clinic: Clinic) -> None:
        """Raise ValueError if this policy was trained for another clinic than this one."""
        trained = (self.drugs, self.action, len(self.mean) // self.history)
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
            "lstm": bool(self.lstm),
            "squashed": self.squashed,
        }
        arrays: dict[str, FloatArray] = {name: np.asarray(getattr(self, name), dtype=np.float64) for name in SHAPE}
        arrays |= dict(zip(LSTM, self.lstm, strict=False))
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
                lstm=tuple(arrays[name] for name in LSTM) if about["lstm"] else (),
                squashed=bool(about["squashed"]),
                **{name: arrays[name] for name in SHAPE},
            )
        except KeyError as error:
            raise ValueError(f"policy must have the part {error}, got {sorted(about)} and {sorted(arrays)}") from error
        policy._check_shapes()
        return policy

    def _check_shapes(self) -> None:
        width, units = len(self.mean), self.units
        outputs = len(self.choices) or sum(self.levels) or len(self.low)
        shapes = [weight.shape for weight in (*self.lstm, *self.weights)]
        wanted: list[tuple[int, ...]] = [(4 * units, width), (4 * units, units), (4 * units,)] if units else []
        inputs = [units or width, *map(len, self.biases)]
        wanted += [(len(bias), before) for bias, before in zip(self.biases, inputs, strict=False)]
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
        """Read what `to_bytes` wrote; nothing in it is executed.

        Raises:
            ValueError: it is something else, or cut short.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                return cls.of_parts(json.loads(str(archive["about"])), dict(archive))
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, AttributeError) as error:
            raise ValueError(f"no policy, or a damaged one: {error!r}") from error
