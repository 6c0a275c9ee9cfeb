"""How numbers and names stand in tables."""

import io
import math

import pytest
from rich.console import Console

from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.tables import Table, as_html, markdown, on_screen, written

NOTHING = math.nan


@pytest.mark.parametrize(
    ("estimate", "digits", "text"),
    [
        ((1.234, 1.0, 1.5), 2, "1.23 (1.00–1.50)"),
        ((0.5, -0.2, 1.2), 1, "0.5 (-0.2 to 1.2)"),
        ((123.4, 99.96, 150.0), 1, "123 (100–150)"),
        ((-0.001, NOTHING, NOTHING), 2, "0.00"),
        ((NOTHING, 12.0, NOTHING), 1, "not reached (> 12.0)"),
        ((NOTHING, NOTHING, NOTHING), 1, "not reached"),
    ],
)
def test_a_number_stands_with_its_interval_as_far_as_there_is_one(estimate, digits, text):
    assert written(Estimate(*estimate), digits=digits) == text


def test_on_a_page_what_is_said_in_passing_stands_in_brackets_and_no_cell_breaks_the_table():
    lines = markdown(Table("", ("policy", "return,\nmean"), [("a|b", "1.0\n0.5 … 1.5")])).splitlines()
    assert lines == ["| policy | return, mean |", "| --- | --: |", "| a/b | 1.0 (0.5 … 1.5) |"]


def test_on_a_page_numbers_stand_to_the_right_and_words_to_the_left():
    rows = [("a", "-1.0 (-2.0 to 0.0)", "missed", ""), ("b", "not reached (> 3)", "the 2nd", "12")]
    assert (
        markdown(Table("", ("policy", "return", "why", "patients"), rows)).splitlines()[1]
        == "| --- | --: | --- | --: |"
    )


def test_on_the_screen_no_name_is_cut_however_narrow_it_is():
    console = Console(width=30, record=True, file=io.StringIO())
    console.print(on_screen(Table("", ("number", "value"), [("presentation.disseminated_cells", "1234567890123")])))
    cells = [line.split() for line in console.export_text().splitlines()[3:]]
    assert "".join(cell[0] for cell in cells if cell) == "presentation.disseminated_cells"


def test_in_a_report_names_are_escaped():
    page = as_html(Table("<t>", ("<x>",), [("<b>",)]))
    assert "<td>&lt;b&gt;</td>" in page and "<th>&lt;x&gt;</th>" in page and "<caption>&lt;t&gt;</caption>" in page
