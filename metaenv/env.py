"""One patient as a Gymnasium environment; many together: `metaenv.vector`."""

from __future__ import annotations

from typing import Any, Unpack

import gymnasium
import numpy as np
from numpy.typing import NDArray

from metaenv.arguments import DEFAULTS, EnvironmentArguments
from metaenv.clinic_note import RENDER_MODES, note
from metaenv.diseases import Disease
from metaenv.dynamics.state import BoolArray
from metaenv.environment_interface import SharedInterface
from metaenv.info import Info
from metaenv.keyword_arguments import shows_arguments
from metaenv.population.admission import one_seed

Observation = NDArray[np.float32]
Picture = NDArray[np.uint8]


class MetastasisEnv(SharedInterface, gymnasium.Env[Observation, Any]):
    """Metastatic cancer under treatment: at each visit the clinic sees scans and blood, and chooses doses.

    ## Description

    One patient with visible lesions, micrometastases and single disseminated cells in several organs. Cells belong to
    clones, which are sets of resistance traits, and either divide or sleep. Drugs select, cells mutate, lesions shed
    cells, chemotherapy harms the marrow and adds lasting toxicity. Cure is rare; what pays is long control at little
    cost. For clone c of a lesion with N cells of all clones and supply for K, between visits:

        births  d_c (1 - s E) + g_c soil (1 - s E) (-ln(sum_k a_ck N_k / K))+   per day and dividing cell
        deaths  d_c + sum_drug m (1 - s) E [(1 - v) + v b/b_c] (1 - h (1 - k_h)) + immune
        sleep   basal + crowding + hypoxia + immune + drug;    waking  w (1 - N/K)+ in an open niche
        supply  ln K relaxes at kappa to the organ's after the angiogenic switch

    by Gompertz' law beside a turnover d; in the published models logistic, births b_c (1 - sum_k a_ck N_k / K)+. Here
    E = C^n / (C^n + (fold EC50)^n) at the concentration C that reaches the cells. Counts are whole numbers: few
    cells follow the exact birth-death law, many a Gaussian with its mean and variance; means only with
    `Scenario.stochastic=False`. Time is in days, cells are counted, lesions are measured in mm, blood cells in 1e9/L.
    Numbers and their sources: `metaenv/diseases`, `metaenv/drugs`, `metaenv/references.bib`.

    ## Action Space

    One entry per drug in the order of `scenario.drugs`, then, with `local_therapy=True`, local therapy.

    | `action=` | space | a drug's entry | local therapy |
    |---|---|---|---|
    | "levels" | `MultiDiscrete([3, …])` | 0 none, 1 half, 2 full dose | 0 none, 1 resect, 2 irradiate |
    | "continuous" | `Box`, float32 | fraction of full dose, 0 to 1 | 0 to 2, rounded to the same |
    | "joint" | `Discrete(3 · 3 · …)` | as "levels", all entries in one number | as "levels" |

    A joint action a stands for the levels `numpy.unravel_index(a, (3, 3, …))`: the last entry varies fastest. Local
    therapy is of the largest lesion of the last scan that may be treated: any where at most five are seen (Lievens2020)
    or symptoms are marked, else one in the brain; without one, nothing is done. A dose is held
    while a toxicity that it adds to is dose-limiting, an infusion also while neutrophils are below 1.5e9/L; `info`
    tells what was prescribed, given and held.

    What may be chosen now is said three ways. `action_masks()` and `info["action_mask"]` are flat booleans, (choice,):
    the choices of the first entry, then of the next (MaskablePPO), or one per combination where the action is joint
    (TorchRL's `ActionMask`), allowed if all its parts are. `sample_mask()` is what `action_space.sample(mask=…)` takes:
    one int8 array per entry, one int8 array where the action is joint, None where it is continuous. For continuous
    actions the flat mask is that of the levels.

    ## Observation Space

    `Box` of float32 with finite bounds, measurements only; `observation="full"` adds the true state, for oracles. A
    quantity x is shown scaled, and between scans the last one stays in view with its age.

    | part | one for each | shown | x in | what it is |
    |---|---|---|---|---|
    | `marker` |  | log10 x | unit of the marker | tumour marker, as last measured |
    | `marker_ratio` |  | x | of baseline | tumour marker, up to 10 times that of the first visit |
    | `marker_measured` |  | x | 0 or 1 | 1 if blood was drawn at this visit |
    | `scan_measured` |  | x | 0 or 1 | 1 if scanned at this visit, else the last scan is shown |
    | `scan_age` |  | x/365.25 | days | time since the last scan |
    | `diameters` | organ | x/100 | mm | sum of diameters at the last scan |
    | `visible` | organ | x/10 | lesions | seen at the last scan |
    | `response` | 4 | x | 0 or 1 | one-hot CR, PR, SD, PD at the last scan |
    | `allele_fraction` | trait | x | share | tumour DNA in blood that carries the trait |
    | `allele_measured` |  | x | 0 or 1 | 1 if tumour DNA was found in the blood sample |
    | `neutrophils` |  | x/10 | 1e9/L | neutrophils in blood |
    | `toxicity` | kind | x/4 | CTCAE grade | cumulative toxicity, 0 to 4 |
    | `dose_given` | drug | x | of full dose | mean since the last visit |
    | `held` | drug | x | 0 or 1 | 1 if a prescribed dose was held since the last visit |
    | `cycles` | drug | x | share | infusions so far of the most that are given, 0 without a limit |
    | `local_therapy` | 3 | x | 0 or 1 | one-hot none, resection, radiotherapy done last |
    | `day` |  | x/follow-up | days | time since the first visit |
    | with `observation="full"` also | | | | |
    | `proliferating_cells` | lesion, clone | log10(x+1)/10 | cells | dividing cells |
    | `dormant_cells` | lesion, clone | log10(x+1)/10 | cells | dormant cells |
    | `capacity` | lesion | log10(x+1)/10 | cells | how many the supply can carry |
    | `organ` | lesion | (x+1)/10 | index | organ, -1 = no lesion |
    | `vascular` | lesion | x | 0 or 1 | 1 past the angiogenic switch |
    | `niche_open` | lesion | x | 0 or 1 | 1 in a permissive niche |
    | `disseminated_cells` | organ, clone | log10(x+1)/10 | cells | single cells, dormant |
    | `concentration` | drug, 2 | x | of full dose | in plasma and tissue, 1 = mean at full dose |
    | `neutrophil_chain` | 5 | x/10 | 1e9/L | from precursors to blood |
    | `toxicity_score` | kind | x | score | cumulative toxicity, 1 = dose-limiting |
    | `immunity` |  | x | of untreated | level of immune effectors |

    `print(env.unwrapped.layout)` shows the same with slices and bounds; `layout.marker` is a slice, and
    `layout.read("marker", observation)` the quantity x, see `metaenv.Layout`.

    ## Rewards

    Quality-adjusted years lived since the last visit: t max(0, 1 - symptoms - treatment - toxicity) less the loss by a
    procedure, never below 0, and 0 after death; components in `info["reward/<name>"]` sum to it. The return is the
    patient's quality-adjusted life. Other objectives and weights: `reward=`; the components as a
    vector: `metaenv.wrappers`.

    ## Starting State

    A patient is a function of its id; what chance does to it, of (seed, episode, id); who comes, of (seed, episode).

    | | who comes |
    |---|---|
    | `reset(seed=s)` | the first patient of s, a whole number >= 0; from 2**62 on it is hashed to 62 bits |
    | `reset()` | the next patient of s; by chance where no seed was ever given |
    | no argument | patients drawn by chance from the train cohort (`metaenv.COHORTS`) |
    | `cohort="test"` | drawn by chance from that cohort |
    | `patients=[7, 8, 9]` | these ids, one an episode, in this order and then again |
    | `patients=…, shuffle=True` | these ids in an order that the seed gives, the same in every pass |
    | `reset(options={"patient": 7})` | this patient, for this reset alone |
    | `reset(options={"cohort": "test"})` | one of that cohort, for this reset alone |

    The arguments hold for every reset and autoreset, so any evaluation of `len(patients)` episodes in a row treats each
    of them once; it must seed once only, since `reset(seed=s)` begins the list again. An episode whose patient an
    option names has used up its turn in the list. Of several single environments side by side each treats its own list:
    give number k of n its share, `patients=ids[(k + len(ids)) % n::n]`, so that the last ones have more where n does
    not divide, as Stable-Baselines3 counts. The native vector environment shares out one list itself, likewise.

    ## Episode End

    `terminated` at death (`info["cause"]`, an index in `metaenv.CAUSES`), or at progression where the scenario says
    so; `truncated` at the end of follow-up. Cure is recorded in `info["cured"]`, never observed, and ends nothing.
    The environment truncates itself, after `scenario.visits` visits, and needs no `TimeLimit`. `spec.max_episode_steps`
    states that number, for wrappers such as `TimeAwareObservation`; in `spec.to_json()` it is left out, so that what is
    made from it is not cut twice (`gymnasium.make(env.spec)` is, at the same visit). The registry does not state it,
    because `horizon=` and `visit_interval=` change it.

    ## Information

    The same keys, shapes and types at every step: NumPy numbers, and arrays, copied. Truth values are boolean arrays of
    shape ().

    | key | shape | unit |
    |---|---|---|
    | `patient` | () | id |
    | `day` | () | days since the first visit |
    | `burden`, `visible_burden`, `dormant` | () | cells: all, of lesions that a scan can see, asleep |
    | `resistant_fraction` | (trait,) | share of all cells that carry the trait, 0 to 1 |
    | `lesions`, `visible_lesions` | () | number |
    | `cured` | () | whether no tumour cell is left |
    | `dose_prescribed`, `dose_given` | (drug,) | fraction of full dose; given: mean since the last visit |
    | `held` | (drug,) | 1 where a prescribed dose was held |
    | `procedure` | () | 0 none, 1 resection, 2 radiotherapy done at this visit |
    | `response` | () | index in `metaenv.RESPONSES`, at the last scan |
    | `progressed`, `progression_day` | () | whether; days since the first visit, -1 = not yet |
    | `cause` | () | index in `metaenv.CAUSES`, 0 = alive |
    | `toxicity` | (kind,) | score, 1 = dose-limiting |
    | `neutrophils` | () | 1e9/L |
    | `marker` | () | unit of the marker, as last measured |
    | `overflow` | () | lesions that found no free slot |
    | `cost` | () | expected deaths by treatment since the last visit: the sum of the next three |
    | `cost/sepsis`, `cost/cumulative_toxicity` | () | cumulative hazard of death |
    | `cost/procedure` | () | probability of death |
    | `cost/dose_limiting_days` | () | days lived with a toxicity of 1 or more |
    | `reward/<component>` | () | years (`life`, `symptoms`, `treatment`, `toxicity`, `procedure`) |
    | `action_mask` | (choice,) | what may be chosen now |

    ## Arguments

    All that are names and numbers are JSON, so `spec.to_json()` makes the environment again.

    | argument | value | default |
    |---|---|---|
    | `disease` | name in `metaenv.DISEASES` or "module:NAME"; an id fixes it | the scenario's, or "prostate" |
    | `action` | "levels", "continuous", "joint" | "levels" |
    | `observation` | "clinic", "full" | "clinic" |
    | `without` | an ablation: names of mechanisms (`metaenv.MECHANISMS`) to switch off | none |
    | `drugs` | names of drugs on offer (`metaenv.drugs.DRUGS`) or `Drug` objects | those of the disease |
    | `local_therapy` | whether lesions can be resected or irradiated too | False |
    | `shift` | name of a shift of the patients (`metaenv.scenario.shift.SHIFTS`) | none |
    | `visit_interval` | days between visits, > 0 | the disease's |
    | `horizon` | days of follow-up, at least one visit | the disease's |
    | `reward` | "quality", "survival", "control", a `metaenv.Reward` or its fields by name | the disease's |
    | `cohort` | "train", "validation", "test" | "train" |
    | `patients` | ids in [0, 2**62), instead of a cohort | none |
    | `shuffle` | whether the seed puts `patients` in another order | False |
    | `truth` | whether notes and pictures show the truth; `observation="full"` does as well | False |
    | `render_mode` | "ansi" a note per visit, "rgb_array" a picture, "human" a window (extra `video`) | None |
    | `render_size` | (width, height) of the picture or window in pixels | (640, 480) |
    | `scenario` | `metaenv.Scenario`, or its import path "module:NAME", instead of the disease's default one | None |

    A shifted patient keeps its id and is otherwise the same; a shift that changes nothing in the disease is refused.
    `visit_interval`, `horizon`, `reward`, `drugs`, `local_therapy`, `without` and `shift` change the scenario that is
    given too. A `Scenario` object is no JSON: give its import path, or register an id of your own with it,
    `metaenv.register("mine/Lung-v0", disease="lung", scenario="my_module:MINE")`.

    ## Version History

    v1: first version; any change of a trajectory raises the version.

    Raises:
        ValueError: an argument is not allowed; the message says what, got and allowed. An unknown `render_mode` is
            `metaenv.errors.UnknownRenderMode`, a TypeError as well.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 4}

    @shows_arguments(EnvironmentArguments, DEFAULTS)
    def __init__(self, disease: str | Disease | None = None, **arguments: Unpack[EnvironmentArguments]) -> None:
        self._set_up(None, disease, arguments)
        self.observation_space = self._simulation.observation_space
        self.action_space = self._simulation.action_format.space
        self._active = np.ones(1, dtype=np.bool_)
        self._closed = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Admit a new patient; opens the environment again if it was closed.

        Args:
            seed: whole number >= 0; None goes on with the next episode of the last seed.
            options: {"patient": id} or {"cohort": "train" | "validation" | "test"}.

        Returns:
            Observation and info.

        Raises:
            ValueError: a seed or an option is not allowed.
        """
        simulation, seed = self._simulation, one_seed(seed)
        admitted = simulation.admissions.by_reset(seed, options)
        super().reset(seed=seed)
        self._admit(*admitted)
        self._closed = False
        self._show()
        return simulation.observation()[0], simulation.info_of_one()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Treat the patient until the next visit.

        Args:
            action: an element of the action space.

        Returns:
            Observation, reward, terminated, truncated, info.

        Raises:
            gymnasium.error.ClosedEnvironmentError: after `close`.
            gymnasium.error.ResetNeeded: before the first reset, or after the end of an episode.
            ValueError: the action has a wrong shape, is NaN or out of range.
        """
        self._require_open(self._closed)
        simulation, report = self._simulation, self._simulation.cohort.report
        simulation.require_reset()
        if report.terminated.item() or report.truncated.item():
            raise gymnasium.error.ResetNeeded("the episode has ended: call reset() to admit the next patient")
        self._treat(simulation.action_format.read(action), self._active)
        self._show()
        return (
            simulation.observation()[0],
            report.reward.item(),
            report.terminated.item(),
            report.truncated.item(),
            simulation.info_of_one(),
        )

    def action_masks(self) -> BoolArray:
        """What may be chosen now, flat: one entry per choice of each part, or per combination of a joint action."""
        return self._simulation.mask(0)

    def sample_mask(self) -> Any:
        """What may be chosen now, as `action_space.sample(mask=…)` takes it; None where actions are continuous."""
        return self._simulation.sample_mask(0)

    def render(self) -> str | Picture | None:
        """The last visit: a clinic note ("ansi"), a picture ("rgb_array"), or a window and nothing else ("human").

        Raises:
            gymnasium.error.ClosedEnvironmentError: after `close`.
            gymnasium.error.ResetNeeded: before the first reset.
            gymnasium.error.DependencyNotInstalled: Pillow, or for a window pygame, is missing.
        """
        self._require_open(self._closed)
        if self.render_mode is None:
            return None
        self._simulation.require_reset()
        if self._renderer is None:
            return note(self._simulation.cohort, 0, self._truth)
        if self.render_mode == "human":
            self._renderer.show()
            return None
        return self._renderer.picture(0)

    def close(self) -> None:
        """Close, and the window if there is one: only `reset` goes on from here. Closing again does nothing."""
        self._closed = True
        if self._renderer is not None:
            self._renderer.close()
