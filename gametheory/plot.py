"""Figures: one style, byte-reproducible files, and the shares of verdicts at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gametheory.claims import CHALLENGE, MATCH, Finding, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED, PURPLE, GREY = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#a4243b",
    "#7b5ea7",
    "#6b7280",
)
COLOURS = {
    Finding.MATCHES: GREEN,
    Finding.CHALLENGES: RED,
    Finding.CONDITIONAL: ORANGE,
    Finding.UNDECIDED: GREY,
}


@contextmanager
def style() -> Iterator[None]:
    """The look of the figures, within a ``with`` block; draws without a screen."""
    import matplotlib as mpl
    from cycler import cycler

    with mpl.rc_context(
        {
            "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, RED, GREY]),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 10,
            "axes.labelsize": 9,
            "font.size": 9,
            "legend.frameon": False,
            "legend.fontsize": 8,
            "figure.figsize": (7.2, 3.1),
            "figure.constrained_layout.use": True,
            "svg.hashsalt": "gametheory-security",
            "svg.fonttype": "path",
            "savefig.dpi": 200,
        }
    ):
        yield


def canvas(columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """A figure with a row of ``columns`` axes, not tied to a window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(**options)
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, columns)


def save(figure: Figure, stem: Path) -> list[Path]:
    """Writes ``stem``.svg and ``stem``.png, the same bytes every time, and returns their paths."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    figure.savefig(svg, metadata={"Date": None, "Creator": None})
    figure.savefig(png, metadata={"Software": None})
    return [svg, png]


def shares(ax: Axes, verdicts: Sequence[Verdict]) -> Axes:
    """Draws, for each verdict and prior, the share of draws where the proposition holds."""
    for row, verdict in enumerate(reversed(verdicts)):
        for k, e in enumerate(verdict.evidence):
            y = row + 0.22 * (1 - k)
            ax.plot(e.interval, (y, y), color=COLOURS[verdict.finding], lw=2.5)
            ax.plot(e.every, y, "o", ms=4, color=COLOURS[verdict.finding])
            if e.some > e.every:
                ax.plot(e.some, y, "o", ms=4, mfc="white", color=COLOURS[verdict.finding])
    ax.set_yticks(range(len(verdicts)), [v.proposition for v in reversed(verdicts)])
    ax.set_xlim(-0.02, 1.02)
    for level in (CHALLENGE, MATCH):
        ax.axvline(level, color=GREY, lw=0.6, ls=":")
    ax.set_xlabel("share of draws where it holds in every (full) or some (open) equilibrium")
    return ax
