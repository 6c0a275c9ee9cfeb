"""`tune disease`: what is refused, and a fit that was cut short."""

import json

import pytest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--start", "bone"], "one of those that ship: breast, breast_recurrent, lung, prostate, got 'bone'"),
        (["--disease", "strobl2021"], "--disease must be one with free parameters"),
        (["--processes", 0], "--processes must be >= 1"),
        (["--record", "."], "--record must be a file, not a folder, got"),
        (["--resume"], "--out DIR"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["tune", "disease", *options], message)


@pytest.mark.slow
def test_a_fit_that_was_cut_short_goes_on_to_the_same_end(run, tmp_path):
    command = ["tune", "disease", "--disease", "breast", "--patients", 4]
    assert run([*command, "--evaluations", 12, "--out", tmp_path / "whole"])[0] == 0
    assert run([*command, "--evaluations", 2, "--out", tmp_path / "cut"])[0] == 0
    code, text = run([*command, "--evaluations", 12, "--out", tmp_path / "cut", "--resume"])
    assert code == 0, text
    assert "to write into the files" in text
    whole, cut = ((tmp_path / name / "fit.json").read_text() for name in ("whole", "cut"))
    assert whole == cut
    fit = json.loads(whole)
    assert fit["loss"]["best"] <= fit["loss"]["start"]
    assert {row["quantity"] for row in fit["targets"]} == {f"recurrence_{year}_years" for year in (10, 15, 20)}
