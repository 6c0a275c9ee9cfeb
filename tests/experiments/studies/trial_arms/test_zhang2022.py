import pytest

from metaenv_experiments.evaluation import courses
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.studies.trial_arms import zhang2022

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture
def book(tmp_path):
    """Two patients side by side in blocks, as the authors' file has them; the second was seen twice only."""
    work = openpyxl.Workbook()
    sheet = work.active
    sheet.title = "Adaptive"
    for row in (
        ["P1", None, None, None, None, "P2", None, None],
        ["Days", "PSA", "Abi", "relPSA_Indi", None, "Days", "PSA", "Abi"],
        [0, 10.0, 1, 1.0, None, 0, 4.0, 0],
        [30, 5.0, 0, 0.5, None, 40, 8.0, 1],
        [60, 10.0, 1, 1.0, None, None, None, None],
        [90, 5.0, 1, 0.5, None, None, None, None],
    ):
        sheet.append(row)
    path = tmp_path / "TrialPatientData.xlsx"
    work.save(path)
    return path


def test_a_drug_written_at_a_visit_is_given_until_the_next(book):
    visits = zhang2022.read(book, "adaptive")
    assert visits.groupby("patient")["given"].apply(list).to_dict() == {
        "P1": [False, True, False, True],
        "P2": [False, False],
    }
    assert courses.cycles(visits)["days"].tolist() == [60.0]


def test_another_file_is_refused(book, tmp_path):
    with pytest.raises(UsageError, match=r"must be TrialPatientData\.xlsx"):
        zhang2022.read(tmp_path / "nothing.xlsx", "adaptive")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no spreadsheet")
    with pytest.raises(UsageError, match=r"must be TrialPatientData\.xlsx"):
        zhang2022.read(broken, "adaptive")
    with pytest.raises(UsageError, match=r"must be TrialPatientData\.xlsx"):
        zhang2022.read(book, "continuous")  # that sheet is missing
