"""Draws the simulation, in the benchmark's own environment: `python plot.py DATA.json OUT.png`."""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt


def main(data: str, out: str) -> None:
    """Times realtime over workers, per curve; published figures as levels."""
    document = json.loads(Path(data).read_text())
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for curve in document["curves"]:
        axes.plot(curve["workers"], curve["realtime"], marker="o", markersize=3, label=curve["name"])
    for name, realtime in document["published"]:
        axes.axhline(realtime, linestyle=":", color="grey")
        axes.annotate(f"{name}: {realtime:.1f}×", (1, realtime), fontsize=7, va="bottom")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("workers of one core")
    axes.set_ylabel("times realtime")
    axes.set_title(document["title"], fontsize=9)
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(out, dpi=150)


if __name__ == "__main__":
    main(*sys.argv[1:])
