"""TorchRL: specs, everything in `info`, and only actions that are allowed: python docs/examples/torchrl_masked.py.

pip install metastasis-env torchrl

`auto_register_info_dict` makes every entry of `info` a key of the tensordict: the mask that `ActionMask` reads, and the
parts of the reward. `action="joint"` is one `Categorical` over the combinations of doses, which the mask fits.
"""

import sys

import torch
from torchrl.envs import ActionMask, GymEnv, TransformedEnv, check_env_specs

import metaenv  # registers the ids too


def main(visits: int) -> None:
    """Treat at random within the mask, and check that the mask was kept."""
    patient = GymEnv("metaenv/Prostate-v1", action="joint", categorical_action_encoding=True)
    env = TransformedEnv(patient.auto_register_info_dict(), ActionMask())
    check_env_specs(env)
    env.set_seed(0)
    played = env.rollout(visits, break_when_any_done=False)
    masked = ~played["action_mask"]
    forbidden = masked.gather(-1, played["action"].unsqueeze(-1))
    paid = sum(played["next", f"reward/{part}"] for part in metaenv.COMPONENTS)
    assert torch.allclose(paid.float(), played["next", "reward"].squeeze(-1), atol=1e-6)
    patients = played["patient"].unique().numel()
    print(f"{visits} visits of {patients} patients: {masked.sum()} choices masked, {forbidden.sum()} of them taken")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
