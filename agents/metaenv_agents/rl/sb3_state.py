"""All that the future of Stable-Baselines3's training depends on, as bytes and back: resumed equals uninterrupted."""

from __future__ import annotations

import io
import pickle
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from metaenv_agents.rl.vec_env import VectorBridge

MODEL, NORMALISE, SURROUNDINGS, BUFFER = "model.zip", "normalise.pkl", "surroundings.pkl", "buffer.pkl"
LSTM = "_last_lstm_states"  # of recurrent models, reset by loading


def freeze(model: BaseAlgorithm) -> dict[str, bytes]:
    """Write a model, its environment and the global generators between two updates."""
    normalise, bridge = wrappers_of(model)
    zipped = io.BytesIO()
    model.save(zipped)
    outside = {
        "bridge": bridge.snapshot(),
        "discounted_returns": normalise.returns.copy(),  # which VecNormalize leaves out of its own pickle
        "python": random.getstate(),
        "numpy": np.random.get_state(),  # noqa: NPY002 - what Stable-Baselines3 draws its batches from
        "torch": torch.get_rng_state(),
        "actions": model.action_space.np_random.bit_generator.state,  # what a warm-up draws its doses from
        "lstm": getattr(model, LSTM, None),
    }
    buffer = getattr(model, "replay_buffer", None)
    return ({} if buffer is None else {BUFFER: pickle.dumps(buffer)}) | {
        MODEL: zipped.getvalue(),
        NORMALISE: pickle.dumps(normalise),
        SURROUNDINGS: pickle.dumps(outside),
    }


def thaw(files: Mapping[str, bytes], bridge: VectorBridge, kind: type[BaseAlgorithm]) -> Any:
    """Go on where `freeze` left off, in an environment made with the same arguments."""
    normalise: VecNormalize = pickle.loads(files[NORMALISE])
    normalise.set_venv(bridge)
    model: Any = kind.load(io.BytesIO(files[MODEL]), env=normalise, device="cpu", force_reset=False)
    outside: dict[str, Any] = pickle.loads(files[SURROUNDINGS])
    normalise.returns = outside["discounted_returns"]
    bridge.restore(outside["bridge"])  # after loading, which seeds everything anew
    random.setstate(outside["python"])
    np.random.set_state(outside["numpy"])  # noqa: NPY002
    torch.set_rng_state(outside["torch"])
    model.action_space.np_random.bit_generator.state = outside["actions"]
    if outside["lstm"] is not None:
        setattr(model, LSTM, outside["lstm"])
    if BUFFER in files:
        model.replay_buffer = pickle.loads(files[BUFFER])
    return model


def wrappers_of(model: BaseAlgorithm) -> tuple[VecNormalize, VectorBridge]:
    """Return the two layers between a model and the native environment."""
    normalise = model.get_vec_normalize_env()
    assert normalise is not None
    bridge = normalise.unwrapped
    assert isinstance(bridge, VectorBridge)
    return normalise, bridge
