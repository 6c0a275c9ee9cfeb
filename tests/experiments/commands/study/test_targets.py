"""`study targets`: what is looked at, printed and left; what lung cancer meets."""

import json

import pytest

import metaenv
from metaenv_experiments.studies.targets import lung
from metaenv_experiments.studies.targets.lung import Looks, Target

HELD = (  # what lung cancer meets
    "untreated: median survival, months",
    "osimertinib: median PFS, months",
    "osimertinib, 3 courses: median PFS, months",
    "courses: hazard ratio of progression",
    "free of progression, 12 months",
    "free of progression, 24 months",
    "free of progression, 36 months",
    "chemotherapy after erlotinib: response, share",
    "chemotherapy after erlotinib: median PFS, months",
    "new lesion at progression, share",
    "irradiated lesions not seen at 2 years, share",
    "ctDNA on day 21 of osimertinib, of baseline",
    "PFS on twice the kill, of that on osimertinib",
    "courses alone, 6 lesions or more: gain in survival",
    "doubling at 1e6 to 1e7 cells, days",
    "doubling at 1e10 to 1e11 cells, of that",
    "random doses: mean return, of the first line's",
)


def test_every_target_is_tried_printed_and_left(run, tmp_path, monkeypatch):
    few = (
        Target("half", 0.0, 1.0, "guess", lambda looks: 0.5),
        Target("patients", 0.0, 1.0, "guess", lambda looks: float(looks.count)),
    )
    monkeypatch.setattr(lung, "TARGETS", few)
    code, text = run(["study", "targets", "--patients", 16, "--out", tmp_path / "run"])
    assert code == 0 and "1 of 2 targets met" in text, text
    left = json.loads((tmp_path / "run" / "targets.json").read_text())
    assert [(name, each["value"], each["met"]) for name, each in left.items()] == [
        ("half", 0.5, True),
        ("patients", 16.0, False),
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--patients", 8], "--patients must be >= 16, got 8"),
        (["--disease", "prostate"], "--disease must be lung cancer under its own drugs, got 'prostate'"),
        (["--disease", "measles"], "unknown disease 'measles'"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["study", "targets", *options], message)


def test_targets_differ_in_name_and_have_a_band():
    assert len({target.name for target in lung.TARGETS}) == len(lung.TARGETS)
    assert all(target.low < target.high for target in lung.TARGETS)


@pytest.mark.slow
@pytest.mark.parametrize("name", HELD)
def test_lung_cancer_meets_what_it_met(name, looks):
    (target,) = [each for each in lung.TARGETS if each.name == name]
    assert target.low <= target.found(looks) <= target.high


@pytest.fixture(scope="module")
def looks():
    return Looks(metaenv.DISEASES["lung"], 512)
