"""What a patient's visits have shown so far: the memory behind the curves. Measurements only, none of the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.chart import NOTE
from metaenv.cohort import Cohort
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray, RecordArray

_FIRST = 64  # visits for which room is made at first


@dataclass(frozen=True, kw_only=True)
class Course:
    """The visits of one patient, the first (without treatment) included; one entry of each array per visit.

    Attributes:
        patient: id.
        day: (visit,) days since the start.
        note: (visit,) the chart's notes, `metaenv.clinic.chart.NOTE`.
        seen: (visit, organ) mm, sum of diameters at the last scan.
        neutrophils: (visit,) 1e9/L.
        grade: (visit, kind) CTCAE grade, 0 to 4.
        dose: (visit, drug) mean fraction of full dose given since the visit before.
        held: (visit, drug) whether a prescribed dose was held.
        worth: years, sum of the rewards so far; not a number where the course was not followed from the start.
        cause: index in `metaenv.CAUSES`.
        over: whether the episode has ended.
    """

    patient: int
    day: FloatArray
    note: RecordArray
    seen: FloatArray
    neutrophils: FloatArray
    grade: FloatArray
    dose: FloatArray
    held: BoolArray
    worth: float
    cause: int
    over: bool


class Courses:
    """The courses of the first patients of a cohort: two rows of numbers copied per patient and visit.

    Args:
        cohort: whose patients.
        rows: how many of them, from the first.
    """

    def __init__(self, cohort: Cohort, rows: int) -> None:
        self.cohort = cohort
        self.rows = rows
        self._width = cohort.layout.day.stop  # what is measured; with observation="full" the truth comes behind it
        self._count: IntArray = np.zeros(rows, dtype=np.int64)  # visits kept of each patient
        self._day: FloatArray = np.zeros((rows, _FIRST))
        self._worth: FloatArray = np.zeros((rows, _FIRST))
        self._note: RecordArray = np.zeros((rows, _FIRST), dtype=NOTE)
        self._shown: NDArray[np.float32] = np.zeros((rows, _FIRST, self._width), dtype=np.float32)

    def begin(self, rows: IntArray) -> None:
        """Patients have been admitted: forget who was in their rows, keep the first visit."""
        rows = rows[rows < self.rows]
        self._count[rows] = 0
        self._keep(rows, np.zeros(rows.size))

    def add(self, active: BoolArray) -> None:
        """Patients have come to a visit: keep what it showed. (patient,) who came."""
        if self.rows == 1:
            self._keep_one(float(self._worth[0, self._count[0] - 1] + self.cohort.report.reward[0]))
            return
        rows = np.flatnonzero(active[: self.rows])
        self._keep(rows, self._worth[rows, self._count[rows] - 1] + self.cohort.report.reward[rows])

    def rejoin(self) -> None:
        """The cohort has been set to another time: keep the visits up to it, or start anew where it is not of them."""
        cohort = self.cohort
        for row in range(self.rows):
            now = np.flatnonzero(self._day[row, : self._count[row]] == cohort.state.host[row].day)
            same = now.size and np.array_equal(
                self._shown[row, now[0]], cohort.report.observation[row, : self._width], equal_nan=True
            )
            if same:
                self._count[row] = now[0] + 1
            else:
                self._count[row] = 0
                first = float(cohort.state.host[row].day) == 0.0
                self._keep(np.array([row]), np.array([0.0 if first else np.nan]))

    def of(self, row: int) -> Course:
        """The course of one patient so far."""
        cohort, kept = self.cohort, int(self._count[row])
        read, shown = cohort.layout.read, self._shown[row, :kept]
        return Course(
            patient=int(cohort.patients.person[row].identity),
            day=self._day[row, :kept],
            note=self._note[row, :kept],
            seen=read("diameters", shown),
            neutrophils=read("neutrophils", shown)[:, 0],
            grade=read("toxicity", shown),
            dose=read("dose_given", shown),
            held=read("held", shown) > 0.0,
            worth=float(self._worth[row, kept - 1]),
            cause=int(cohort.state.host[row].cause),
            over=bool(cohort.report.terminated[row] or cohort.report.truncated[row]),
        )

    def _keep(self, rows: IntArray, worth: FloatArray) -> None:
        if rows.size == 0:
            return
        at = self._count[rows]
        if int(at.max()) == self._day.shape[1]:
            self._widen()
        cohort = self.cohort
        self._day[rows, at] = cohort.state.host["day"][rows]
        self._worth[rows, at] = worth
        self._note[rows, at] = cohort.chart.note[rows]
        self._shown[rows, at] = cohort.report.observation[rows, : self._width]
        self._count[rows] += 1

    def _keep_one(self, worth: float) -> None:
        """The same of a single patient, ten times faster: most who ask for pictures never look at most of them."""
        at, cohort = int(self._count[0]), self.cohort
        if at == self._day.shape[1]:
            self._widen()
        self._day[0, at] = cohort.state.host.view(np.ndarray)["day"][0]
        self._worth[0, at] = worth
        self._note[0, at] = cohort.chart.note.view(np.ndarray)[0]
        self._shown[0, at] = cohort.report.observation[0, : self._width]
        self._count[0] = at + 1

    def _widen(self) -> None:
        """Room for twice as many visits."""
        for name in ("_day", "_worth", "_note", "_shown"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros_like(array)], axis=1))
