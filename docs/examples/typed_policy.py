"""An own policy that a type checker understands: mypy --strict typed_policy.py, then python typed_policy.py.

pip install metastasis-env mypy
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import metaenv


@dataclass(frozen=True)
class Threshold:
    """Treats with one drug while the marker is above a share of its first value."""

    layout: metaenv.Layout
    drug: int  # its position in an action
    entries: int  # of an action
    share: float = 0.5

    def act(self, observations: NDArray[np.float32]) -> NDArray[np.int64]:
        """Dose levels, (patient, entry)."""
        action = np.zeros((len(observations), self.entries), dtype=np.int64)
        action[:, self.drug] = np.where(observations[:, self.layout.marker_ratio][:, 0] > self.share, 2, 0)
        return action


def returned(policy: Threshold, envs: metaenv.MetastasisVectorEnv) -> NDArray[np.float64]:
    """What each patient returned, (patient,) quality-adjusted years; the finished wait and are paid nothing."""
    observations, _ = envs.reset(seed=0)
    total, ended = np.zeros(envs.num_envs), np.zeros(envs.num_envs, dtype=np.bool_)
    while not ended.all():
        observations, rewards, terminated, truncated, infos = envs.step(policy.act(observations))
        total, ended = total + rewards, terminated | truncated
    facts: dict[str, Any] = infos
    print(f"alive at the end: {np.mean(facts['cause'] == 0):.0%}")
    return total


if __name__ == "__main__":
    patients = metaenv.MetastasisVectorEnv(64, "prostate", cohort="validation", autoreset_mode="DISABLED")
    names = [drug.name for drug in patients.scenario.drugs]
    policy = Threshold(patients.layout, names.index("abiraterone"), len(names) + patients.scenario.local_therapy)
    print(f"mean return {returned(policy, patients).mean():.2f} quality-adjusted years")
