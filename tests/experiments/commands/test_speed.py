"""`speed`: what is refused at the door."""

import pytest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seconds", "nan"], "--seconds must be > 0"),
        (["--repeats", 0], "--repeats must be >= 1, got 0"),
        (["--out", __file__], f"--out must be a new file, got '{__file__}'"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["speed", *options], message)
