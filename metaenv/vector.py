"""Many patients treated together, as a native vector environment of Gymnasium."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from metaenv.arguments import DEFAULTS, EnvironmentArguments
from metaenv.clinic_note import note
from metaenv.diseases import Disease
from metaenv.dynamics.state import BoolArray
from metaenv.env import MetastasisEnv, Observation, Picture
from metaenv.environment_interface import SharedInterface
from metaenv.info import Info
from metaenv.keyword_arguments import shows_arguments
from metaenv.patient_view import PatientView
from metaenv.snapshot import EnvSnapshot


def autoreset_mode_of(name: AutoresetMode | str) -> AutoresetMode:
    """A mode by itself or by its name, in any case and with or without the underscore; else raises and lists them."""
    if isinstance(name, AutoresetMode):
        return name
    for mode in AutoresetMode:
        if str(name).replace("_", "").lower() == mode.name.replace("_", "").lower():
            return mode
    raise ValueError(f"autoreset_mode must be one of {[mode.name for mode in AutoresetMode]}, got {name!r}")


class MetastasisVectorEnv(SharedInterface, gymnasium.vector.VectorEnv[Observation, Any, Any]):
    """Many patients treated together, bitwise the same as so many single environments. See `MetastasisEnv`.

    Row k is seeded `seed + k`. In DISABLED mode a finished patient waits unchanged, with reward 0 and its flags still
    set, until `reset(options={"reset_mask": mask})`; so an evaluation steps until every patient has finished.

    `patients=` is shared out: row k of n starts with number (k + len(patients)) % n of the list, takes every n-th from
    there on and then starts again. So with n rows and as many patients each row treats one; with m n patients m rounds
    treat each once, row k those at k, k + n, k + 2 n, …; where n does not divide their number, the last rows have one
    more. `shuffle=True` puts each row's share in the order that the row's seed gives.

    Args:
        num_envs: number of patients, >= 1.
        autoreset_mode: NEXT_STEP (default), SAME_STEP or DISABLED, as a member or by name in any case.
        max_episode_steps: what `gymnasium.make_vec` hands on from a spec; None or the number of visits.
        disease, and every other argument: as of `MetastasisEnv`, but for the next two.
        render_mode: "rgb_array" draws one picture per patient (of the first 64; the others share a tile that says so),
            "human" a window with all of these, "ansi" one note per patient.
        render_size: (width, height) of the window, of which each picture is a part; None is (1280, 960).
    """

    @shows_arguments(EnvironmentArguments, DEFAULTS)
    def __init__(
        self,
        num_envs: int = 1,
        disease: str | Disease | None = None,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        **arguments: Unpack[EnvironmentArguments],
    ) -> None:
        number: Any = num_envs
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"num_envs must be a whole number >= 1, got {num_envs!r}")
        self.num_envs = int(num_envs)
        self.autoreset_mode = autoreset_mode_of(autoreset_mode)
        self.metadata = MetastasisEnv.metadata | {"autoreset_mode": self.autoreset_mode}
        self._attributes: dict[str, list[Any]] = {}  # what `set_attr` has set, one value per row
        self._set_up(self.num_envs, disease, arguments)
        if max_episode_steps not in (None, self.scenario.visits):
            raise ValueError(
                f"max_episode_steps must be the {self.scenario.visits} visits of the scenario or None, got "
                f"{max_episode_steps}; horizon= changes their number"
            )
        self.single_observation_space = self._simulation.observation_space
        self.single_action_space = self._simulation.action_format.space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, Info]:
        """Admit new patients.

        Args:
            seed: row k gets seed + k; a sequence gives one for each row; None goes on with the next episodes.
            options: {"patient": ids} or {"cohort": name}; {"reset_mask": booleans} resets only those rows.

        Returns:
            Observations (patient, layout.size) and infos with one row per patient.

        Raises:
            gymnasium.error.ClosedEnvironmentError: after `close`.
            ValueError: a seed or an option is not allowed.
        """
        self._require_open(self.closed)
        simulation = self._simulation
        admitted = simulation.admissions.by_reset(seed, options)
        super().reset(seed=int(seed) if isinstance(seed, (int, np.integer)) else None)
        self._admit(*admitted)
        self._show()
        return simulation.observation(), self._with_masks(simulation.info())

    def step(self, actions: Any) -> tuple[Observation, NDArray[np.float64], BoolArray, BoolArray, Info]:
        """Treat the patients until their next visit.

        Args:
            actions: (patient, entry), as in the single environment; rows of finished patients are not used.

        Returns:
            Observations, rewards, terminated, truncated (one row per patient each), infos.

        Raises:
            gymnasium.error.ClosedEnvironmentError: after `close`.
            gymnasium.error.ResetNeeded: before the first reset.
            ValueError: an action has a wrong shape, is NaN or out of range.
        """
        self._require_open(self.closed)
        simulation, report = self._simulation, self._simulation.cohort.report
        simulation.require_reset()
        waiting = simulation.finished.copy()
        doses = simulation.action_format.read(actions, unused=waiting)
        self._treat(doses, ~waiting)
        report.reward[waiting] = 0.0
        report.components[waiting] = 0.0
        report.cost[waiting] = 0.0
        if self.autoreset_mode is AutoresetMode.NEXT_STEP and waiting.any():
            self._admit(*simulation.admissions.next(np.flatnonzero(waiting)))
        simulation.finished[:] = report.terminated | report.truncated
        reward, terminated, truncated = report.reward.copy(), report.terminated.copy(), report.truncated.copy()
        final: Info = {}
        if self.autoreset_mode is AutoresetMode.SAME_STEP and simulation.finished.any():
            final = self._admit_successors()
        self._show()
        return simulation.observation(), reward, terminated, truncated, self._with_masks(simulation.info()) | final

    def _admit_successors(self) -> Info:
        """Replace finished patients at once; returns their last observations and infos in Gymnasium's form."""
        simulation, finished = self._simulation, self._simulation.finished.copy()
        rows = np.flatnonzero(finished)
        seen, observations = simulation.observation(), np.full(self.num_envs, None, dtype=object)
        for row in rows:
            observations[row] = seen[row].copy()
        last: Info = {}
        for name, array in simulation.info().items():
            array[~finished] = np.zeros(1, dtype=array.dtype)[0]
            last[name], last[f"_{name}"] = array, finished.copy()
        self._admit(*simulation.admissions.next(rows))
        return {
            "final_obs": observations,
            "_final_obs": finished.copy(),
            "final_info": last,
            "_final_info": finished.copy(),
        }

    def restore(self, snapshot: EnvSnapshot) -> None:
        """See `SharedInterface.restore`; in SAME_STEP mode nobody may wait for a reset."""
        if self.autoreset_mode == AutoresetMode.SAME_STEP and np.any(getattr(snapshot, "finished", False)):
            raise ValueError("snapshot must have no finished patients in AutoresetMode.SAME_STEP, got some")
        super().restore(snapshot)

    def _with_masks(self, values: Info) -> Info:
        """Gymnasium's convention: for every key a mask of the rows that carry it, here all."""
        everyone = {f"_{name}": np.ones(self.num_envs, dtype=np.bool_) for name in values}
        return values | everyone

    def action_masks(self) -> BoolArray:
        """What may be chosen now, (patient, choice), flat as in the single environment."""
        return self._simulation.masks()

    def sample_mask(self) -> tuple[Any, ...]:
        """What each patient may choose now, as `single_action_space.sample(mask=…)` takes it; see the single one's.

        Where the action is joint, the whole is what `action_space.sample(mask=…)` takes; Gymnasium's batch of a
        `MultiDiscrete` is a `Box`, which knows no mask.
        """
        return tuple(self._simulation.sample_mask(row) for row in range(self.num_envs))

    def render(self) -> tuple[str, ...] | tuple[Picture, ...] | None:
        """One note ("ansi") or picture ("rgb_array") per patient, or a window with all and nothing else ("human").

        Raises:
            gymnasium.error.ClosedEnvironmentError: after `close`.
            gymnasium.error.ResetNeeded: before the first reset.
            gymnasium.error.DependencyNotInstalled: Pillow, or for a window pygame, is missing.
        """
        self._require_open(self.closed)
        if self.render_mode is None:
            return None
        self._simulation.require_reset()
        if self._renderer is None:
            return tuple(note(self._simulation.cohort, row, self._truth) for row in range(self.num_envs))
        if self.render_mode == "human":
            self._renderer.show()
            return None
        return self._renderer.pictures()

    def render_row(self, row: int) -> str | Picture | None:
        """One patient's note ("ansi") or picture ("rgb_array"); None in the other modes."""
        self._require_open(self.closed)
        if self.render_mode not in ("ansi", "rgb_array"):
            return None
        self._simulation.require_reset()
        if self._renderer is None:
            return note(self._simulation.cohort, row, self._truth)
        return self._renderer.picture(row)

    def close_extras(self, **kwargs: Any) -> None:
        """Close the window, if there is one."""
        if self._renderer is not None:
            self._renderer.close()

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """What each row's environment answers to a method, or holds under a name, one entry per patient.

        As `gymnasium.vector.SyncVectorEnv.call`; the methods and attributes are those of
        `metaenv.patient_view.PatientView` and what `set_attr` has set.

        Raises:
            AttributeError: the name is unknown; the message lists the known ones.
        """
        known = [each for each in dir(PatientView) if not each.startswith("_")]
        if name in self._attributes:
            found = list(self._attributes[name])
        elif name in known:
            rows = [PatientView(self, self._simulation, row, self.render_row) for row in range(self.num_envs)]
            found = [getattr(row, name) for row in rows]
        else:
            raise AttributeError(f"no {name!r} in a row of this environment; there are {[*known, *self._attributes]}")
        return tuple(each(*args, **kwargs) if callable(each) else each for each in found)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """What each row's environment holds under a name, one entry per patient; as `call`."""
        return self.call(name)

    def set_attr(self, name: str, values: list[Any] | tuple[Any, ...] | Any) -> None:
        """Keep a value for each row under a name of your own, for `get_attr`.

        Args:
            name: not one of `metaenv.patient_view.PatientView`, whose answers all rows share.
            values: one for each row (a list or tuple), or one for all.

        Raises:
            AttributeError: the name is one of `metaenv.patient_view.PatientView`.
            ValueError: a list or tuple has not one value for each row.
        """
        if hasattr(PatientView, name):
            raise AttributeError(f"{name!r} cannot be set in a row of this environment")
        given = list(values) if isinstance(values, (list, tuple)) else [values] * self.num_envs
        if len(given) != self.num_envs:
            raise ValueError(f"values must be {self.num_envs}, one for each patient, got {len(given)}")
        self._attributes[name] = given

    def _visits_to_state(self) -> int | None:
        return None  # `make_vec` would hand them on, and no wrapper of vector environments asks
