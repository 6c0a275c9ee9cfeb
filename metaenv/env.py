"""The visit as a Gymnasium environment: two thin shells around one practice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from metaenv.admission import check_whole
from metaenv.diseases import Disease
from metaenv.dynamics.state import BoolArray
from metaenv.practice import Doors, EnvSnapshot, Info, Practice
from metaenv.render import note
from metaenv.scenario import Scenario

Observation = NDArray[np.float32]


class MetastasisEnv(Doors, gymnasium.Env[Observation, Any]):
    """Metastatic cancer under treatment: at each visit the clinic sees scans and blood, and chooses doses.

    ## Description

    One patient with visible lesions, micrometastases and single disseminated cells in several organs. Cells belong to
    clones, which are sets of resistance traits, and either divide or sleep. Drugs select, cells mutate, lesions shed
    cells, chemotherapy harms the marrow and adds lasting toxicity. Cure is rare; what pays is long control at little
    cost. For clone c of a lesion with N cells of all clones and supply for K, between visits:

        births  b_c soil (1 - s E) (1 - sum_k a_ck N_k / K)+   per day and dividing cell
        deaths  d_c + sum_drug m (1 - s) E [(1 - v) + v b/b_c] (1 - h (1 - k_h)) + immune
        sleep   basal + crowding + hypoxia + immune + drug;    waking  w (1 - N/K)+ in an open niche
        supply  dK/dt = kappa K (N/K)^2 after the angiogenic switch

    with E = C^n / (C^n + (fold EC50)^n) at the concentration C that reaches the cells. Counts are whole numbers: few
    cells follow the exact birth-death law, many a Gaussian with its mean and variance; means only with
    `Scenario.stochastic=False`. Time is in days, cells are counted,
    lesions are measured in mm, blood cells in 1e9/L. Numbers and their sources: `metaenv/diseases`, `metaenv/drugs`,
    `metaenv/references.bib`.

    ## Action Space

    One entry per drug in the order of `scenario.drugs`, then, where the disease offers it, local therapy.
    `action="levels"`: `MultiDiscrete`, per drug 0 none, 1 half, 2 full dose. `action="continuous"`: `Box`, per drug the
    fraction of full dose in [0, 1]. Local therapy is 0 none, 1 resect, 2 irradiate the largest lesion of the last scan
    (rounded in the `Box`); without a lesion that allows it, nothing is done. A dose is held while a toxicity that it
    adds to is dose-limiting, an infusion also while neutrophils are below 1.5e9/L; `info` tells what was prescribed,
    given and held. `action_masks()` and `info["action_mask"]` say what may be chosen now.

    ## Observation Space

    `Box` of float32 with finite bounds, measurements only; `env.unwrapped.layout` names its parts, see
    `metaenv.Layout`. Between scans the last one stays in view with its age. `observation="full"` adds the true state,
    for oracles.

    ## Rewards

    Quality-adjusted years lived since the last visit: t max(0, 1 - symptoms - treatment - toxicity) less the loss by a
    procedure, never below 0, and 0 after death; components in `info["reward/<name>"]` sum to it. The return is the
    patient's quality-adjusted life. Other objectives and weights: `metaenv.Reward`; the components as a vector:
    `metaenv.wrappers`.

    ## Starting State

    `reset(seed=s)` draws a patient of the train cohort and its fate from s; further resets without a seed go on with
    the next episodes of s. `options={"patient": id}` chooses the patient, `options={"cohort": "test"}` the cohort
    (`metaenv.COHORTS`). Both hold for this reset alone: the next one without them, and every autoreset, admits a train
    patient. A patient is a function of its id, its fate of (seed, episode, id).

    ## Episode End

    `terminated` at death (`info["cause"]`, an index in `metaenv.CAUSES`), or at progression where the scenario says
    so; `truncated` at the end of follow-up. Cure is recorded in `info["cured"]`, never observed, and ends nothing.

    ## Information

    `patient`, `day`, `burden`, `visible_burden`, `dormant` (cells), `resistant_fraction` (per trait), `lesions`,
    `visible_lesions`, `cured`, `dose_given`, `dose_prescribed`, `held` (per drug), `procedure`, `response` (index in
    `metaenv.RESPONSES`), `progressed`, `progression_day` (-1 = none), `cause`, `toxicity` (per kind, 1 =
    dose-limiting), `neutrophils`, `marker`, `overflow`, `reward/<component>`, `action_mask`, `cost` (hazard of
    death by treatment since the last visit, the sum of `cost/sepsis`, `cost/cumulative_toxicity` and `cost/procedure`),
    `cost/dose_limiting_days` (days lived with a toxicity of 1 or more): the same keys and shapes at every step. What
    patients bear of `cost` until their end is on average the share who die of their treatment.

    ## Arguments

        disease: name in `metaenv.DISEASES`, or "module:NAME" of your own (docs/own_disease.md); set by the registered
            id, None for the scenario's own or "prostate".
        action: "levels" or "continuous".
        observation: "clinic" or "full".
        without: names of mechanisms (`metaenv.MECHANISMS`) to switch off.
        drugs: names of the drugs on offer (`metaenv.drugs.DRUGS`), None for those of the disease.
        shift: name of a shift of the patients (`metaenv.shift.SHIFTS`, such as "faster_mutation"), None for none. A
            patient keeps its id and is otherwise the same; a shift that changes nothing in the disease is refused.
        scenario: a `metaenv.Scenario` instead of the disease's default one.
        render_mode: "ansi" for one clinic note per visit, or None.

    ## Version History

    v0: first version; any change of a trajectory raises the version.

    Raises:
        ValueError: an argument is not allowed; the message says what, got and allowed.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 4}

    def __init__(
        self,
        disease: str | Disease | None = None,
        action: str = "levels",
        observation: str = "clinic",
        without: Iterable[str] = (),
        drugs: Iterable[str] | None = None,
        shift: str | None = None,
        scenario: Scenario | None = None,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode must be one of {self.metadata['render_modes']} or None, got {render_mode!r}")
        self._practice = Practice(1, disease, action, observation, without, drugs, shift, scenario)
        self.observation_space = self._practice.observation_space
        self.action_space = self._practice.prescription.space
        self.render_mode = render_mode
        self._active = np.ones(1, dtype=np.bool_)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Admit a new patient.

        Args:
            seed: whole number >= 0; None goes on with the next episode of the last seed.
            options: {"patient": id} or {"cohort": "train" | "validation" | "test"}.

        Returns:
            Observation and info.

        Raises:
            ValueError: a seed or an option is not allowed.
        """
        practice = self._practice
        rows, identities, keys = practice.register.call(seed, options)
        super().reset(seed=None if seed is None else int(seed))
        practice.cohort.admit(rows, identities, keys)
        return practice.cohort.report.observation[0].copy(), practice.info_of_one()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Treat the patient until the next visit.

        Args:
            action: one entry per drug, then local therapy where the disease offers it.

        Returns:
            Observation, reward, terminated, truncated, info.

        Raises:
            gymnasium.error.ResetNeeded: before the first reset, or after the end of an episode.
            ValueError: the action has a wrong shape, is NaN or out of range.
        """
        practice, report = self._practice, self._practice.cohort.report
        practice.require_reset()
        if report.terminated[0] or report.truncated[0]:
            raise gymnasium.error.ResetNeeded("the episode has ended: call reset() to admit the next patient")
        doses = practice.prescription.read((action,), 1)
        practice.cohort.treat(doses, self._active)
        return (
            report.observation[0].copy(),
            float(report.reward[0]),
            bool(report.terminated[0]),
            bool(report.truncated[0]),
            practice.info_of_one(),
        )

    def action_masks(self) -> BoolArray:
        """What may be chosen now, one entry per choice of each part of the MultiDiscrete action, flat."""
        self._practice.require_reset()
        return np.array(self._practice.cohort.report.mask[0])

    def render(self) -> str | None:
        """One readable clinic note of the last visit (render_mode "ansi")."""
        if self.render_mode != "ansi":
            return None
        self._practice.require_reset()
        return note(self._practice.cohort, 0)


class MetastasisVectorEnv(Doors, gymnasium.vector.VectorEnv[Observation, Any, Any]):
    """Many patients treated together, bitwise the same as so many single environments. See `MetastasisEnv`.

    Row k is seeded `seed + k`. In DISABLED mode a finished patient waits unchanged, with reward 0 and its flags still
    set, until `reset(options={"reset_mask": mask})`; so an evaluation steps until every patient has finished.

    Args:
        num_envs: number of patients, >= 1.
        autoreset_mode: NEXT_STEP (default), SAME_STEP or DISABLED.
        disease, action, observation, without, drugs, shift, scenario: as in `MetastasisEnv`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        disease: str | Disease | None = None,
        action: str = "levels",
        observation: str = "clinic",
        without: Iterable[str] = (),
        drugs: Iterable[str] | None = None,
        shift: str | None = None,
        scenario: Scenario | None = None,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    ) -> None:
        check_whole("num_envs", num_envs)
        if num_envs < 1:
            raise ValueError(f"num_envs must be >= 1, got {num_envs}")
        modes = MetastasisEnv.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise ValueError(f"render_mode must be one of {modes} or None, got {render_mode!r}")
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = MetastasisEnv.metadata | {"autoreset_mode": self.autoreset_mode}
        self.num_envs = int(num_envs)
        self.render_mode = render_mode
        self._practice = Practice(self.num_envs, disease, action, observation, without, drugs, shift, scenario)
        self.single_observation_space = self._practice.observation_space
        self.single_action_space = self._practice.prescription.space
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
            ValueError: a seed or an option is not allowed.
        """
        practice = self._practice
        rows, identities, keys = practice.register.call(seed, options)
        super().reset(seed=int(seed) if isinstance(seed, (int, np.integer)) else None)
        practice.cohort.admit(rows, identities, keys)
        self._practice.finished[rows] = False
        return practice.cohort.report.observation.copy(), self._with_masks(practice.info())

    def step(self, actions: Any) -> tuple[Observation, NDArray[np.float64], BoolArray, BoolArray, Info]:
        """Treat the patients until their next visit.

        Args:
            actions: (patient, entry), as in the single environment; rows of finished patients are not used.

        Returns:
            Observations, rewards, terminated, truncated (one row per patient each), infos.

        Raises:
            gymnasium.error.ResetNeeded: before the first reset.
            ValueError: an action has a wrong shape, is NaN or out of range.
        """
        practice, report = self._practice, self._practice.cohort.report
        practice.require_reset()
        waiting = practice.finished.copy()
        doses = practice.prescription.read(actions, self.num_envs, unused=waiting)
        practice.cohort.treat(doses, ~waiting)
        report.reward[waiting] = 0.0
        report.components[waiting] = 0.0
        report.cost[waiting] = 0.0
        if self.autoreset_mode is AutoresetMode.NEXT_STEP and waiting.any():
            practice.cohort.admit(*practice.register.next(np.flatnonzero(waiting)))
        practice.finished[:] = report.terminated | report.truncated
        reward, terminated, truncated = report.reward.copy(), report.terminated.copy(), report.truncated.copy()
        final: Info = {}
        if self.autoreset_mode is AutoresetMode.SAME_STEP and practice.finished.any():
            final = self._admit_successors()
        return report.observation.copy(), reward, terminated, truncated, self._with_masks(practice.info()) | final

    def _admit_successors(self) -> Info:
        """Replace finished patients at once; returns their last observations and infos in Gymnasium's form."""
        practice, finished = self._practice, self._practice.finished.copy()
        rows = np.flatnonzero(finished)
        observations = np.full(self.num_envs, None, dtype=object)
        for row in rows:
            observations[row] = practice.cohort.report.observation[row].copy()
        last: Info = {}
        for name, array in practice.info().items():
            array[~finished] = np.zeros(1, dtype=array.dtype)[0]
            last[name], last[f"_{name}"] = array, finished.copy()
        practice.cohort.admit(*practice.register.next(rows))
        practice.finished[:] = False
        return {
            "final_obs": observations,
            "_final_obs": finished.copy(),
            "final_info": last,
            "_final_info": finished.copy(),
        }

    def restore(self, snapshot: EnvSnapshot) -> None:
        """See `Doors.restore`; in SAME_STEP mode nobody may wait for a reset."""
        if self.autoreset_mode == AutoresetMode.SAME_STEP and np.any(getattr(snapshot, "finished", False)):
            raise ValueError("snapshot must have no finished patients in AutoresetMode.SAME_STEP, got some")
        super().restore(snapshot)

    def _with_masks(self, values: Info) -> Info:
        """Gymnasium's convention: for every key a mask of the rows that carry it, here all."""
        everyone = {f"_{name}": np.ones(self.num_envs, dtype=np.bool_) for name in values}
        return values | everyone

    def action_masks(self) -> BoolArray:
        """What may be chosen now, (patient, choice), flat over the parts of the MultiDiscrete action."""
        self._practice.require_reset()
        return self._practice.cohort.report.mask.copy()

    def render(self) -> tuple[str, ...] | None:
        """One readable clinic note per patient (render_mode "ansi")."""
        if self.render_mode != "ansi":
            return None
        self._practice.require_reset()
        return tuple(note(self._practice.cohort, row) for row in range(self.num_envs))
