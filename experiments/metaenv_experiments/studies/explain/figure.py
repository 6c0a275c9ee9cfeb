"""Doses as a function of what the clinic sees: the marker, and resistance in blood."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from metaenv.clinic.codes import FULL_DOSE
from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Clinic
from metaenv_experiments.reporting.style import save
from metaenv_experiments.studies.explain.visits import Visits

RATIOS = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 5.0, 10.01])
SHARES = np.array([0.0, 0.005, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01])
FEWEST = 10  # visits behind a cell of the picture


def draw_doses(seen: Visits, clinic: Clinic, path: Path) -> None:
    """One panel per drug: the mean dose given at each marker ratio and resistant share; white where nobody was."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    traits = Questions(clinic=clinic).traits
    resistant = seen.answers[:, traits].max(axis=1) if traits else np.zeros(len(seen.answers))
    column = np.digitize(seen.answers[:, Questions.marker_ratio], RATIOS) - 1
    row = np.digitize(resistant, SHARES) - 1
    shape = (len(SHARES) - 1, len(RATIOS) - 1)
    visits = np.zeros(shape)
    np.add.at(visits, (row, column), 1.0)
    figure, axes = plt.subplots(
        1, len(clinic.drugs), figsize=(0.6 + 5.4 * len(clinic.drugs), 4.6), squeeze=False, layout="constrained"
    )
    for k, (axis, drug) in enumerate(zip(axes[0], clinic.drugs, strict=True)):
        given = np.zeros(shape)
        np.add.at(given, (row, column), seen.actions[:, k] / FULL_DOSE)
        mean = np.where(visits >= FEWEST, given / np.maximum(visits, 1.0), np.nan)
        image = axis.imshow(mean, aspect="auto", origin="lower", cmap="cividis", vmin=0.0, vmax=1.0)
        axis.set_xticks(np.arange(-0.5, shape[1], 2.0), [f"{edge:g}" for edge in RATIOS[::2]])
        axis.set_yticks(np.arange(-0.5, shape[0], 2.0), [f"{edge:g}" for edge in SHARES[::2]])
        axis.set(title=drug, xlabel="marker / baseline")
    axes[0, 0].set_ylabel("largest resistant share in circulating tumour DNA")
    figure.colorbar(image, ax=axes, label="mean dose given, fraction of full dose")
    figure.suptitle(
        f"{len(seen.actions):,} visits of {len(seen.episodes)} patients (white: fewer than {FEWEST} visits)"
    )
    save(figure, path)
