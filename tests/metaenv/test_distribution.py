"""Distributions over patients."""

import numpy as np
import pytest

from metaenv.distribution import Fixed, LogNormal, Mixture, Normal, Uniform

U = (np.arange(20_000) + 0.5) / 20_000


def test_a_mixture_has_patients_of_both_kinds_in_their_shares():
    mixture = Mixture(0.2, Fixed(5.0), Uniform(0.0, 1.0))
    values = mixture.quantile(U)
    assert (values == 5.0).mean() == pytest.approx(0.2) and mixture.ends == (0.0, 5.0)
    others = values[values != 5.0]
    assert others.mean() == pytest.approx(0.5, abs=1e-3) and others.std() == pytest.approx(1.0 / 12.0**0.5, abs=1e-3)


def test_a_mixture_is_finite_at_both_ends_and_where_the_kinds_meet():
    mixture = Mixture(0.3, Normal(0.0, 1.0), Normal(5.0, 1.0))
    assert np.isfinite(mixture.quantile(np.array([1e-12, np.nextafter(0.3, 0.0), 0.3, 1.0 - 1e-12]))).all()


def test_a_mixture_is_scaled_and_shifted_as_a_whole():
    mixture = Mixture(0.5, Normal(-1.0, 0.5), Normal(-4.0, 1.0))
    np.testing.assert_allclose(mixture.shifted(2.0).quantile(U), mixture.quantile(U) + 2.0)
    skewed = Mixture(0.5, LogNormal(1.0, 0.5), Fixed(3.0))
    np.testing.assert_allclose(skewed.scaled(2.0).quantile(U), 2.0 * skewed.quantile(U))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, Fixed(1.0), Fixed(2.0)), r"share must be in \(0, 1\), got 0.0"),
        ((float("nan"), Fixed(1.0), Fixed(2.0)), "got nan"),
        ((0.5, 1.0, Fixed(2.0)), "first and second must be distributions, got 1.0"),
    ],
)
def test_what_is_no_mixture_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Mixture(*arguments)
