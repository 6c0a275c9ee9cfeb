"""What a disease is: organs, resistance traits, how patients vary, what kills, and how it is usually treated."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from metaenv.distribution import Distribution, Fixed
from metaenv.drugs.drug import Drug
from metaenv.drugs.toxicity import TOXICITIES, Toxicity, kinds
from metaenv.field_checks import check_kinds, check_not_negative, check_positive, check_shares

MARKER_UNITS = {"PSA": "ng/mL", "ctDNA": "genome equivalents/mL"}  # what a tumour marker is measured in
MECHANISMS = (
    "dissemination",
    "heterogeneity",
    "efflux",
    "bypass",
    "target_mutation",
    "stroma",
    "hypoxia",
    "dormancy",
    "immune",
)


@dataclass(frozen=True, kw_only=True)
class Organ:
    """A place where lesions grow."""

    name: str
    tropism: float  # share of founders, >= 0, normalised over the organs
    soil: float = 1.0  # factor on births
    delivery: float = 1.0  # concentration in a small lesion relative to plasma (stroma), unless a drug says otherwise
    weight: float = 1.0  # weight of a cell in symptoms and in the hazard of death
    capacity: float = 2e11  # cells, most that a vascular lesion's supply can reach; guess
    dormant_share: float = 0.0  # share of founders that land dormant
    operable: bool = False  # lesions can be resected
    urgent: bool = False  # a lesion here is irradiated or resected however many others are seen, as in the brain
    measurable: bool = True  # lesions can be targets; blastic ones of bone cannot, Source: Eisenhauer2009

    def __post_init__(self) -> None:
        """Check signs and shares."""
        check_kinds(self)
        check_not_negative(self)
        check_shares(self, "dormant_share")


@dataclass(frozen=True, kw_only=True)
class Trait:
    """A resistance trait. Clones are sets of traits."""

    name: str
    mechanism: str  # one of efflux, target_mutation, bypass
    mutation_rate: float  # /division
    cost: Distribution = field(default_factory=lambda: Fixed(0.0))  # share of the birth rate lost
    log_fraction: Distribution = field(default_factory=lambda: Fixed(-12.0))  # log10 of the share of cells; guess
    lesion_spread: float = 0.0  # sd of log10 of that share between lesions
    reversion: float = 0.0  # /day, of efflux: a reversible phenotype where > 0

    def __post_init__(self) -> None:
        """Check mechanism and rates."""
        check_kinds(self)
        check_not_negative(self)
        check_shares(self, "cost")
        allowed = ("efflux", "target_mutation", "bypass")
        if self.mechanism not in allowed:
            raise ValueError(f"mechanism must be one of {allowed}, got {self.mechanism!r} in trait {self.name!r}")
        if not 0.0 <= self.mutation_rate < 1.0:
            raise ValueError(f"mutation_rate must be in [0, 1), got {self.mutation_rate} in trait {self.name!r}")
        if self.reversion > 0.0 and self.mechanism != "efflux":
            raise ValueError(f"reversion must be 0 but for efflux, got {self.reversion} in trait {self.name!r}")


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """What patients bring at the start: lesions, their sizes, sleep, single cells.

    With a `colony_exponent` alpha all lesions of a patient follow one law of sizes, N(> x) ~ x^-alpha between the
    smallest and the largest colony (Iwata2000): so the number of hidden lesions follows from that of the visible ones.
    """

    visible_lesions: Distribution  # number
    visible_log_cells: Distribution = field(default_factory=lambda: Fixed(9.0))  # log10 cells; guess
    visible_fill: Distribution | None = None  # cells / capacity; None: the capacity is that of the organ
    colony_exponent: Distribution | None = None  # alpha; None: sizes are those of visible and micro_log_cells
    smallest_colony: float = 1e6  # cells; guess
    largest_colony: float = 1e11  # cells; guess
    burden_spread: float = 0.0  # sd of log10 of that number of cells between patients, beside that between lesions
    burden_ceiling: float = math.inf  # weighted cells of visible lesions at most, as a share of the lethal burden
    micrometastases: Distribution = field(default_factory=lambda: Fixed(0.0))  # number
    micro_log_cells: Distribution = field(default_factory=lambda: Fixed(3.0))  # log10 cells; guess
    avascular_log_capacity: Distribution = field(default_factory=lambda: Fixed(6.0))  # log10 cells; guess
    open_niche_share: float = 1.0  # share of micrometastases in a permissive niche
    dormant_fraction: float = 0.0  # of the cells of a lesion in an open niche
    closed_dormant_fraction: float = 0.0  # of the cells of a lesion in a closed niche
    disseminated_cells: float = 0.0  # mean number of single dormant cells per patient
    instability: Distribution = field(default_factory=lambda: Fixed(1.0))  # factor on mutation rates

    def __post_init__(self) -> None:
        """Check signs and shares."""
        check_kinds(self)
        check_not_negative(self)
        for name in ("visible_fill", "colony_exponent"):
            if getattr(self, name) is not None:
                check_positive(self, name)
        if not 0.0 < self.smallest_colony < self.largest_colony:
            raise ValueError(
                f"smallest_colony must be in (0, largest_colony), got {self.smallest_colony} and {self.largest_colony}"
            )
        check_shares(self, "open_niche_share", "dormant_fraction", "closed_dormant_fraction")


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Rates of the tumour's biology; each may vary between patients."""

    birth: Distribution  # /day, sensitive clone without crowding
    death: Distribution  # /day, in a patient with the median birth rate; in others as much faster or slower as that
    # False: births b (1 - x) at a fill x, and capacity grows with the lesion (Hahnfeldt1999). True: births d - b ln x,
    # beside the deaths d, and the capacity's logarithm relaxes to that of the organ (Gompertz' law in its organ)
    gompertz: bool = False
    vigour_spread: float = 0.0  # sd of ln of the births of a patient's lesions
    # factor, effect of a cell without the target or bypass trait on one with it
    competition: Distribution = field(default_factory=lambda: Fixed(1.0))
    angiogenesis: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day, likewise
    angiogenic_switch: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day
    niche_opening: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day
    wound_waking: float = 1.0  # factor on niche opening and angiogenic switch while a wound heals
    wound_days: float = 0.0  # days
    seeding: Distribution = field(default_factory=lambda: Fixed(0.0))  # founders /cell/day
    filter_strength: float = 0.0  # exponent of fitness at seeding
    dormancy_entry: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day
    stress_entry: float = 0.0  # /day, completely crowded
    hypoxic_entry: float = 0.0  # /day, hypoxic
    immune_entry: float = 0.0  # per unit of immune kill rate
    waking: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day
    dormant_death: float = 0.0  # /day
    seed_waking: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day
    seed_death: float = 0.0  # /day
    hypoxic_share: float = 0.0  # hypoxic fraction of a very large lesion
    hypoxic_size: float = 1e9  # cells at which half of that is reached; guess
    bulk_size: float = 1e9  # cells at which half of the delivery loss is reached; guess
    immune_kill: Distribution = field(default_factory=lambda: Fixed(0.0))  # /day, of a small lesion
    immune_size: float = 1e6  # cells at which surveillance has lost half its effect; guess
    immune_half_life: float = 30.0  # days, return of immunity to its set point; guess

    def __post_init__(self) -> None:
        """Check signs and shares."""
        check_kinds(self)
        check_not_negative(self)
        check_positive(self, "hypoxic_size", "bulk_size", "immune_size", "immune_half_life")
        check_shares(self, "hypoxic_share")


@dataclass(frozen=True, kw_only=True)
class Host:
    """The patient around the tumour: neutrophils, and what kills."""

    baseline_neutrophils: Distribution = field(default_factory=lambda: Fixed(5.0))  # 1e9/L; textbook
    transit_time: Distribution = field(default_factory=lambda: Fixed(3.5))  # days, mean; Netterberg2017, rounded
    feedback: Distribution = field(default_factory=lambda: Fixed(0.15))  # exponent; Netterberg2017, rounded
    lethal_burden: float = 1e12  # weighted cells; guess
    lethal_hazard: float = 0.0  # /day at the lethal burden
    lethal_exponent: float = 1.5  # guess
    sepsis_level: float = 0.5  # 1e9/L; CTCAE2017 (grade 4)
    sepsis_hazard: float = 0.0  # /day below it
    toxic_hazard: float = 0.0  # /day per unit of toxicity above 1
    age: Distribution = field(default_factory=lambda: Fixed(60.0))  # years, at the first visit; guess
    other_hazard: float = 0.0  # /day, of death from other causes at 60 years of age
    ageing: float = 0.0  # /year, growth of that hazard's logarithm (Gompertz1825)
    dosing_neutrophils: float = 1.5  # 1e9/L needed on the day of an infusion; docetaxel label
    postponement: float = 7.0  # days by which a held infusion is postponed; guess, a week

    def __post_init__(self) -> None:
        """Check that nothing is negative."""
        check_kinds(self)
        check_not_negative(self)


@dataclass(frozen=True, kw_only=True)
class LocalTherapy:
    """Resection and radiotherapy of the largest visible lesion."""

    radiation_alpha: float  # /Gy
    radiation_beta: float  # /Gy^2
    oxygen_enhancement: float  # ratio of doses for equal kill, hypoxic to normoxic
    fraction_dose: float  # Gy
    fractions: int
    courses: int  # courses that normal tissue around one lesion tolerates
    patient_courses: int  # courses that one patient tolerates
    operations: int  # resections that one patient tolerates
    course_mortality: float  # probability of dying of a course of radiotherapy
    operation_mortality: float  # probability of dying of a resection
    margin_risk: float  # probability that a resection leaves cells
    margin_share: float  # share of the lesion's cells then left
    most_lesions: int = 5  # number seen at the last scan, up to which each may be treated; Source: Lievens2020
    palliated_symptoms: float = 0.5  # share of the most, from which any lesion is treated, to ease them; guess

    def __post_init__(self) -> None:
        """Check signs and shares."""
        check_kinds(self)
        check_not_negative(self)
        check_shares(
            self, "course_mortality", "operation_mortality", "margin_risk", "margin_share", "palliated_symptoms"
        )


@dataclass(frozen=True, kw_only=True)
class Sensors:
    """What scans and blood show."""

    scan_interval: float  # days
    detection_cells: float = 63e6  # cells; 5 mm at 1e9 cells/cm3; Source: Bozic2013
    diameter_noise: float = 0.0  # coefficient of variation of a diameter
    marker: str = "PSA"  # of MARKER_UNITS; PSA: proportional to cells; ctDNA: from dying cells
    marker_per_cell: float = 1e-9  # ng/mL per cell, PSA only; guess
    marker_noise: float = 0.0  # coefficient of variation of the assay, PSA only
    marker_limit: float = 0.0  # detection limit, units of the marker
    allele_depth: float = 0.0  # genome equivalents sequenced at most; 0 = not sequenced
    blood_volume: float = 15.0  # mL of blood sequenced; Source: Avanzini2020

    def __post_init__(self) -> None:
        """Check the marker and that nothing is negative."""
        check_kinds(self)
        if self.marker not in MARKER_UNITS:
            raise ValueError(f"marker must be 'PSA' or 'ctDNA', got {self.marker!r}")
        check_not_negative(self)

    @property
    def marker_unit(self) -> str:
        """What the marker is measured in."""
        return MARKER_UNITS[self.marker]


@dataclass(frozen=True, kw_only=True)
class Progression:
    """What is recorded as progression. Dated to its first sight, counted once confirmed."""

    by: str  # "marker" or "recist"
    factor: float = 1.2  # times the reference; guess
    reference: str = "baseline"  # or "nadir"
    confirmation: float = 0.0  # days over which it must hold
    new_unmeasurable: int = 1  # lesions seen since the baseline in organs not measurable that count as progression
    ends_episode: bool = False

    def __post_init__(self) -> None:
        """Check the names."""
        check_kinds(self)
        if self.by not in ("marker", "recist"):
            raise ValueError(f"by must be 'marker' or 'recist', got {self.by!r}")
        if self.reference not in ("baseline", "nadir"):
            raise ValueError(f"reference must be 'baseline' or 'nadir', got {self.reference!r}")
        if not self.new_unmeasurable >= 1:
            raise ValueError(f"new_unmeasurable must be >= 1, got {self.new_unmeasurable}")


@dataclass(frozen=True, kw_only=True)
class Disease:
    """A disease by its biology, its patients, its clinic and its usual treatment."""

    name: str
    title: str
    organs: tuple[Organ, ...]
    traits: tuple[Trait, ...]
    drugs: tuple[Drug, ...]
    first_line: tuple[str, ...]  # names of the drugs given first
    toxicities: tuple[Toxicity, ...] = ()  # what else its drugs cause is added from TOXICITIES
    presentation: Presentation
    rates: Rates
    host: Host = field(default_factory=Host)
    local_therapy: LocalTherapy | None = None
    sensors: Sensors
    progression: Progression
    lesions: int  # slots for lesions
    visit_interval: float  # days
    horizon: float  # days of follow-up
    symptom_disutility: float = 0.0  # quality of life lost at a very large burden
    symptom_burden: float = 1e11  # weighted cells at which half of that is lost; guess
    procedure_disutility: tuple[float, float] = (0.0, 0.0)  # quality-adjusted years: resection, radiotherapy
    sepsis_disutility: float = 0.0  # quality of life lost in fever, see clinic.reward.FEBRILE_SHARE
    reward: str = "quality"  # what counts by default
    substep: float = 3.5  # days; guess
    stochastic: bool = True

    def __post_init__(self) -> None:
        """Check that names agree, signs and shares; add the toxicities that the drugs cause."""
        check_kinds(self)
        check_not_negative(self)
        check_positive(self, "symptom_burden")
        check_shares(self, "symptom_disutility", "sepsis_disutility")
        if not all(lost >= 0.0 for lost in self.procedure_disutility):
            raise ValueError(f"procedure_disutility must be >= 0, got {self.procedure_disutility}")
        for parts in (self.organs, self.traits):
            names = [part.name for part in parts]
            if len(set(names)) < len(names):
                raise ValueError(f"organs and traits must differ in their names, got {names} in disease {self.name!r}")
        if not sum(organ.tropism for organ in self.organs) > 0.0:
            raise ValueError(f"tropism must be > 0 in an organ or more of disease {self.name!r}, got none")
        if sum(trait.reversion > 0.0 for trait in self.traits) > 1:
            raise ValueError(f"reversion must be 0 but in one trait of disease {self.name!r}")
        if len(self.traits) > 6:
            raise ValueError(f"at most 6 traits (64 clones), got {len(self.traits)} in disease {self.name!r}")
        known = {drug.name for drug in self.drugs}
        unknown = [name for name in self.first_line if name not in known]
        if unknown:
            raise ValueError(f"first_line must name drugs of the disease {sorted(known)}, got {unknown}")
        if not self.lesions >= 1:
            raise ValueError(f"lesions must be >= 1, got {self.lesions} in disease {self.name!r}")
        object.__setattr__(self, "toxicities", self.toxicities + self._caused())

    def _caused(self) -> tuple[Toxicity, ...]:
        """Toxicities that its drugs cause beyond those that it names itself."""
        own = {toxicity.name for toxicity in self.toxicities}
        for drug in self.drugs:
            unknown = sorted(set(drug.toxicity) - own - set(TOXICITIES))
            if unknown:
                known = sorted(own | set(TOXICITIES))
                raise ValueError(f"toxicity of drug {drug.name!r} must name kinds of {known}, got {unknown}")
        return kinds(*sorted({kind for drug in self.drugs for kind in drug.toxicity} - own))
