"""What the clinic concludes: RECIST 1.1 response (Source: Eisenhauer2009), progression with confirmation."""

from __future__ import annotations

from metaenv.clinic.chart import Chart
from metaenv.clinic.codes import COMPLETE, PARTIAL, PROGRESSIVE, STABLE
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled_inside

MEASURABLE = 10.0  # mm, smallest target lesion
TARGETS = 5  # most target lesions
TARGETS_PER_ORGAN = 2
PARTIAL_FACTOR = 0.7  # of the baseline sum: -30 %
PROGRESSION_FACTOR = 1.2  # of the nadir sum: +20 %
PROGRESSION_GROWTH = 5.0  # mm above the nadir


@compiled_inside
def choose_targets(chart: Chart, clinic: ClinicSettings, i: int) -> None:
    """Choose the largest measurable lesions, at most five and two per organ; where all are small, all seen ones.

    Lesions of an organ that is not measurable, as blastic ones of bone, are never targets: only new ones count there.

    Writes: chart.target.
    """
    lesions = chart.diameter.shape[1]
    for lesion in range(lesions):
        chart.target[i, lesion] = False
    chosen = 0
    for _ in range(TARGETS):
        best, largest = -1, MEASURABLE
        for lesion in range(lesions):
            if chart.target[i, lesion] or chart.diameter[i, lesion] < largest:
                continue
            if not clinic.measurable[chart.site[i, lesion]]:
                continue
            here = 0
            for other in range(lesions):
                if chart.target[i, other] and chart.site[i, other] == chart.site[i, lesion]:
                    here += 1
            if here < TARGETS_PER_ORGAN:
                best, largest = lesion, chart.diameter[i, lesion]
        if best < 0:
            break
        chart.target[i, best] = True
        chosen += 1
    if chosen == 0:
        for lesion in range(lesions):
            chart.target[i, lesion] = chart.diameter[i, lesion] > 0.0 and clinic.measurable[chart.site[i, lesion]]


@compiled_inside
def sum_of_targets(chart: Chart, i: int) -> float:
    """Sum of the target diameters at the last scan, mm."""
    total = 0.0
    for lesion in range(chart.diameter.shape[1]):
        if chart.target[i, lesion]:
            total += chart.diameter[i, lesion]
    return total


@compiled_inside
def nothing_seen(chart: Chart, i: int) -> bool:
    """Whether the last scan showed no lesion at all, target or not."""
    seen = 0.0
    for organ in range(chart.seen.shape[1]):
        seen += chart.seen[i, organ]
    return seen <= 0.0


@compiled_inside
def assess_baseline(chart: Chart, clinic: ClinicSettings, i: int) -> None:
    """Take the measurements of the first visit as the baseline. Writes: chart.note, chart.target."""
    note = chart.note[i]
    choose_targets(chart, clinic, i)
    note.target_sum = sum_of_targets(chart, i)
    note.baseline_sum = note.target_sum
    note.nadir_sum = note.target_sum
    note.baseline_marker = note.marker
    note.nadir_marker = note.marker
    note.response = STABLE
    note.progressed = False
    note.progression_day = -1.0
    note.suspected_day = -1.0


@compiled_inside
def assess(chart: Chart, clinic: ClinicSettings, i: int, day: float) -> None:
    """Update response (after a scan) and progression.

    Marker progression: above factor x reference at every visit over the confirmation time, dated to the first of them.
    RECIST progression: +20 % and 5 mm over the smallest sum, or a new lesion (new ones, as many as the
    rules ask for, where lesions are not measurable).

    Writes: chart.note.
    """
    rules, note = clinic.rules[0], chart.note[i]
    suspected = False
    if note.scanned:
        note.target_sum = sum_of_targets(chart, i)
        grown = note.target_sum >= PROGRESSION_FACTOR * note.nadir_sum
        if note.new_lesion or (grown and note.target_sum - note.nadir_sum >= PROGRESSION_GROWTH):
            note.response = PROGRESSIVE
        elif note.baseline_sum > 0.0 and nothing_seen(chart, i):
            note.response = COMPLETE
        elif note.baseline_sum > 0.0 and note.target_sum <= PARTIAL_FACTOR * note.baseline_sum:
            note.response = PARTIAL
        else:
            note.response = STABLE
        note.nadir_sum = min(note.nadir_sum, note.target_sum)
    if rules.by_marker:
        reference = note.baseline_marker if rules.from_baseline else note.nadir_marker
        suspected = note.marker > rules.progression_factor * reference
    else:
        suspected = note.response == PROGRESSIVE
    note.nadir_marker = min(note.nadir_marker, note.marker)
    if not suspected:
        note.suspected_day = -1.0
    elif note.suspected_day < 0.0:
        note.suspected_day = day
    if suspected and not note.progressed and day - note.suspected_day >= rules.confirmation:
        note.progressed = True
        note.progression_day = note.suspected_day
