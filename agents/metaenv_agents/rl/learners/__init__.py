"""Learning algorithms, one file each. A new learner: one file, one line in `LEARNERS`; command line and tests follow.

An `SB3Learner` is an algorithm of Stable-Baselines3, a `Learner` any class that answers to the protocol `Model`.
No torch in the files of the learners until one of them learns, so that a command line can show their settings at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from metaenv_agents.rl.learners.dqn import DQN
from metaenv_agents.rl.learners.learner import Learner
from metaenv_agents.rl.learners.maskable_ppo import MASKABLE_PPO
from metaenv_agents.rl.learners.ppo import PPO
from metaenv_agents.rl.learners.qr_dqn import QR_DQN
from metaenv_agents.rl.learners.recurrent_ppo import RECURRENT_PPO
from metaenv_agents.rl.learners.sac import SAC
from metaenv_agents.rl.learners.sb3_ppo import SB3_PPO
from metaenv_agents.rl.learners.tqc import TQC

LEARNERS: dict[str, Learner] = {
    learner.name: learner
    for learner in (
        PPO,
        SB3_PPO,
        MASKABLE_PPO,
        RECURRENT_PPO,
        SAC,
        TQC,
        DQN,
        QR_DQN,
    )
}

if TYPE_CHECKING:
    Algo = str
else:
    Algo = Literal[tuple(LEARNERS)]  # the names, as a command line offers them


def imitators() -> list[str]:
    """Learners that can begin as a copy of a rule."""
    return [name for name, learner in LEARNERS.items() if learner.imitates]
