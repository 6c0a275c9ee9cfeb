"""What tells curves apart."""

from metaenv_experiments.reporting.style import COLOURS, DASHES, styles_of


def test_no_two_policies_look_alike():
    policies = [f"policy {k}" for k in range(len(COLOURS) * len(DASHES))]
    styles = styles_of(policies)
    assert list(styles) == policies
    assert len({(style["color"], style["linestyle"]) for style in styles.values()}) == len(policies)
