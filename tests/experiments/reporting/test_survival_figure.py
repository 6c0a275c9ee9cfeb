"""The curves of survival: who is named in the legend, and how many are still followed."""

import pandas as pd

from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.reporting.survival_figure import at_risk, survival


def test_there_is_a_line_in_the_legend_for_each_policy_shown_and_one_for_all_others(many_policies):
    episodes, summary = many_policies.read_table(EPISODES), BenchmarkSummary.read(many_policies.path)
    (legend,) = survival(episodes, summary, ["plain", "tuned"]).legends
    assert [text.get_text().partition(":")[0] for text in legend.get_texts()] == ["plain", "tuned", "7 others"]
    figure = survival(episodes, summary, list(summary.policies))
    assert len(figure.legends[0].get_texts()) == len(summary.policies)


def test_numbers_at_risk_are_those_still_followed():
    episodes = pd.DataFrame({"policy": ["a", "a", "b"], "survival_days": [365.25, 800.0, 100.0]})
    assert at_risk(episodes).header == ("policy", "0", "1", "2")
    assert at_risk(episodes).rows == [("a", "2", "2", "1"), ("b", "1", "0", "0")]
