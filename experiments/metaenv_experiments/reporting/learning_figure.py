"""The mean return on validation patients while a policy learns."""

from __future__ import annotations

from pathlib import Path

from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.reporting.style import COLOURS, PICTURES, save
from metaenv_experiments.running.run_folder import RunFolder


def draw_learning(folder: RunFolder) -> Path | None:
    """The mean return on validation patients while learning; None where nothing was evaluated."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import EngFormatter

    record = TrainingRecord.read(folder.path)
    if not record.scores:
        return None
    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    steps, scores = zip(*record.scores, strict=True)
    unit = "return per year of follow-up" if len(record.diseases) > 1 else "return"
    axis.plot(steps, scores, color=COLOURS[5], marker="o", markersize=4)
    axis.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axis.set(xlabel="visits played", ylabel=f"mean {unit} of {record.validation_patients} patients")
    axis.set_title(f"{record.name} on {' + '.join(record.diseases)}: validation patients")
    axis.grid(alpha=0.25)
    return save(figure, folder.path / PICTURES / "learning.png")
