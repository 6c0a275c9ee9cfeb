"""The search finds what it is asked for, and goes on where it was cut off."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import metaenv
from metaenv.distribution import Uniform
from metaenv.scenario.variation import value_at, vary
from metaenv_experiments.commands.tune.disease import lines_to_write, start_of
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.studies.trial_arms.calibration import Generation, Problem, best_of, misfit, residual, search
from metaenv_experiments.studies.trial_arms.comparison import recorded_fit
from metaenv_experiments.studies.trial_arms.fit import start_in
from metaenv_experiments.studies.trial_arms.free_parameters import FREE, Free, changes_for, free_of, values_at
from metaenv_experiments.studies.trial_arms.published import ARMS, Target, arms_of, near

PRESETS = Path(metaenv.__file__).parent
BIOLOGY = {disease: disease.removesuffix("_recurrent") for disease in FREE}  # whose file holds it
TARGET = Target(quantity="survival_median_months", value=20.0, low=18.0, high=25.0, source="Zhang2022")
OPTIMUM = np.array([0.2, 0.7, 0.5])


def bowl(candidates):
    return [float(((np.asarray(candidate) - OPTIMUM) ** 2).sum()) for candidate in candidates]


def tried(evaluations, **more):
    return list(search(np.full(3, 0.5), bowl, evaluations=evaluations, seed=1, **more))


@pytest.mark.parametrize(("simulated", "off"), [(20.0, 0.0), (25.0, 1.0), (18.0, -1.0), (31.25, 2.0)])
def test_a_residual_is_one_at_the_end_of_the_band(simulated, off):
    assert residual(TARGET, simulated) == pytest.approx(off)


def test_a_median_that_is_not_reached_is_too_long_and_a_share_of_zero_too_small():
    assert residual(TARGET, math.nan) > 1.0
    assert residual(near("dose_share_abiraterone", 0.5, "Zhang2022"), 0.0) < -1.0


def test_misfit_adds_up_over_targets_steeper_beyond_the_band_and_counts_medians_thrice():
    arm = ARMS["osimertinib (FLAURA)"]
    found = {target.quantity: target.high for target in arm.targets}
    quantities = [target.quantity for target in arm.targets]  # two trials give the same point: each is a target
    medians = [name for name in quantities if name.endswith("_median_months")]
    assert len(medians) == 2
    off = {target: residual(target, found[target.quantity]) for target in arm.targets}
    wanted = sum((3.0 if target.quantity in medians else 1.0) * (r**2 + r**8) for target, r in off.items())
    assert misfit([arm], {arm.name: found}) == pytest.approx(wanted)
    only = ARMS["abiraterone (COU-AA-302)"]
    assert misfit([only], {only.name: {target.quantity: target.high for target in only.targets}}) == pytest.approx(12.0)


def test_the_search_finds_the_bottom_of_a_bowl():
    positions, lowest = best_of(tried(400))
    assert positions == pytest.approx(OPTIMUM, abs=0.01)
    assert lowest < 1e-4


def test_the_start_is_tried_first_and_every_candidate_lies_in_the_cube():
    generations = tried(100)
    assert generations[0].positions == [[0.5] * 3]
    everything = np.concatenate([generation.positions for generation in generations])
    assert everything.min() >= 0.0
    assert everything.max() <= 1.0
    assert 100 <= len(everything) < 110


def test_a_search_that_was_cut_off_goes_on_as_if_it_had_not_been():
    whole = tried(80)
    stored = [Generation(**generation) for generation in json.loads(json.dumps([g._asdict() for g in whole[:4]]))]
    assert stored + tried(80, known=stored) == whole


def test_generations_of_another_search_are_refused():
    other = [tried(1)[0], Generation([[0.1] * 3] * 7, [1.0] * 7)]
    with pytest.raises(ValueError, match="not those of this search"):
        tried(50, known=other)


@pytest.mark.parametrize("disease", FREE)
def test_every_free_parameter_can_take_its_whole_range(disease):
    free = free_of(disease)
    for positions in (np.zeros(len(free)), np.ones(len(free))):
        values = values_at(free, positions)
        for arm in ARMS.values():
            if arm.disease == disease:
                asked = dict((*arm.changes, *changes_for(arm.name, free, values)))
                varied = vary(metaenv.make_scenario(disease), asked)
                assert all(value_at(varied, path) == value for path, value in asked.items())


@pytest.mark.parametrize("disease", FREE)
def test_the_search_starts_from_the_disease_file(disease):
    free = free_of(disease)
    for each, value in zip(free, start_of(disease, free), strict=True):
        allowed = min(each.high, max(each.low, value))
        assert each.value(each.position(value)) == pytest.approx(allowed, rel=5e-4)  # four digits


@pytest.mark.parametrize(
    ("disease", "free"), [pytest.param(name, each, id=f"{name}-{each.name}") for name in FREE for each in FREE[name]]
)
def test_a_fitted_number_lies_in_its_range_and_is_marked(disease, free):
    """The line says `fitted to`; a number that no fit moved says where it comes from, and is left alone here."""
    value = start_of(disease, [free])[0]
    assert free.low <= value <= free.high
    kind, name, *_ = free.path.split(".")
    files = [f"drugs/{name}.py"] if kind == "drugs" else [f"diseases/{disease}.py", f"diseases/{BIOLOGY[disease]}.py"]
    text = "".join((PRESETS / file).read_text(encoding="utf-8") for file in files)
    field = re.escape(field_of(free.path))
    fitted = r"\bfitted (?:by hand )?to\b"
    assert re.search(rf"\b{field}\b.*# .*{fitted}|# .*{fitted}.*\n *{field}\b", text)


def field_of(path):
    """The field that stands in the file: the last part, or the one before a part of a distribution or a table."""
    parts = path.split(".")
    if parts[-2:] == ["micrometastases", "mean"]:
        return "STAGES"
    if parts[-1] == "lethal_burden":
        return "_LETHAL"
    inner = ("median", "mean", "deviation", "value", "share", "first", "second", "bypass", "brain")
    return next(part for part in reversed(parts) if part not in inner)


def test_a_parameter_of_one_arm_leaves_the_others_alone():
    free = (Free(path="rates.birth.median", low=0.01, high=0.1, arm="A"), Free(path="rates.competition", low=1, high=4))
    assert changes_for("A", free, (0.05, 2.0)) == (("rates.birth.median", 0.05), ("rates.competition", 2.0))
    assert changes_for("B", free, (0.05, 2.0)) == (("rates.competition", 2.0),)


def test_a_pair_keeps_its_width():
    free = Free(path="presentation.visible_fill", low=0.3, high=0.7, half_width=0.15)
    assert free.change(0.5) == ("presentation.visible_fill", Uniform(0.35, 0.65))
    assert lines_to_write([free], [0.5]) == ["presentation.visible_fill = Uniform(low=0.35, high=0.65)"]


def test_a_logarithmic_scale_has_the_geometric_mean_in_the_middle():
    free = Free(path="host.lethal_burden", low=1e11, high=4e11, log=True)
    assert free.value(0.5) == pytest.approx(2e11)


def test_a_disease_without_free_parameters_is_refused():
    with pytest.raises(UsageError, match="one with free parameters"):
        free_of("strobl2021")


@pytest.mark.parametrize("disease", FREE)
def test_the_files_carry_what_the_recorded_search_found(disease):
    """No hand has moved a fitted number since: to change one, search again and record it."""
    free = free_of(disease)
    found = recorded_fit(disease).best
    assert list(found) == [each.name for each in free]
    assert start_of(disease, free) == pytest.approx(list(found.values()), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("disease", FREE)
def test_the_recorded_fit_comes_out_again_with_what_the_files_say(disease):
    """Within 3 %: breast cancer and its recurrence share a file, and the later search moved numbers of the earlier."""
    fit = recorded_fit(disease)
    arms = [arm for arm in arms_of(disease) if not arm.held_back]
    problem = Problem(arms=arms, free=(), patients=fit.patients, seed=fit.seed)
    again = problem.simulate((), cohort="train", seed=fit.seed)
    for each in fit.targets:
        if not each.held_back:
            assert again[each.arm][each.quantity] == pytest.approx(each.fitted, rel=0.03), each


def test_a_search_can_begin_where_a_recorded_one_began(tmp_path):
    free = free_of("lung")
    fit, path = recorded_fit("lung"), tmp_path / "fit.json"
    fit.write_to(path)
    assert start_in(path, free) == list(fit.start.values())
    replace(fit, start={}).write_to(path)
    with pytest.raises(UsageError, match=r"--start must be .* of the same parameters"):
        start_in(path, free)
