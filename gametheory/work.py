"""What long work shares: how many cores it may use, and its progress on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def progress_bar(
    total: int, shown: bool | None = None, what: str = "points"
) -> Iterator[Callable[[int], None]]:
    """A bar on stderr (``shown`` None: on a terminal); yields what advances it by some steps."""
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(job, steps)
