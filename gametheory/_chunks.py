"""Work on many points, cut into chunks, here, in other processes or on an executor.

Chunks are cut by the clock: about ``CHUNK_SECONDS`` each, judged by the last one that came back. So
what is found at a point must not depend on the chunk it is in; it is the job that sees to that.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from gametheory.game import Array
from gametheory.work import cores, progress_bar

CHUNK_SECONDS = 1.0
"""Work in one chunk: what an interruption loses, and how often the progress bar moves."""
CHUNK_POINTS = 10_000
SERIAL_SECONDS = 2.0
"""Work that would end sooner than this in one process is not worth starting others."""
FLYING = 1_000
"""Chunks handed to a client at a time: more than the cores of most clusters."""

Found = tuple[dict[str, Array], dict[int, str]]


class Job(Protocol):
    """A quantity at ``size`` points; each part of it is a job too, and can be sent elsewhere."""

    @property
    def size(self) -> int: ...
    def part(self, lo: int, hi: int) -> Job: ...
    def __call__(self) -> Found: ...


@dataclass(frozen=True)
class Part:
    """What was found at the points ``lo`` to ``hi - 1``, and the seconds it took."""

    lo: int
    hi: int
    columns: dict[str, Array]
    errors: dict[int, str]
    seconds: float = 0.0

    @property
    def step(self) -> int:
        """Points in a chunk of the right length, at most twice as many as here."""
        share = CHUNK_SECONDS / max(self.seconds, 1e-9)
        return max(1, min(int((self.hi - self.lo) * min(2.0, share)), CHUNK_POINTS))


Span = tuple[int, int]
Keep = Callable[[Part], None]


def run(
    job: Job,
    known: Iterable[Part],
    save: Keep,
    workers: int | None,
    client: Executor | Any,
    progress: bool | None,
) -> list[Part]:
    """Every part of ``job`` in order: the ``known`` ones, and the others as they were computed.

    ``save`` is called on each part that was computed, as soon as it is there.
    """
    count = cores() if workers is None else workers
    if count < 1:
        raise ValueError(f"workers: {count}; use 1 or more")
    parts = list(known)
    with progress_bar(job.size, progress) as advance:

        def keep(part: Part) -> None:
            parts.append(part)
            save(part)
            advance(part.hi - part.lo)

        advance(sum(part.hi - part.lo for part in parts))
        gaps = _gaps(parts, job.size)
        if client is not None:
            step = _here(job, gaps, keep, 0.0)
            _share(client, job, gaps, step, FLYING, 1, keep)
        else:
            step = _here(job, gaps, keep, SERIAL_SECONDS if count > 1 and _ships(job) else None)
            if gaps and not _processes(job, gaps, step, count, keep):
                _here(job, _gaps(parts, job.size), keep, None)
    return sorted(parts, key=lambda part: part.lo)


def _gaps(parts: list[Part], size: int) -> list[Span]:
    """The spans of ``range(size)`` that no part covers."""
    spans = sorted((part.lo, part.hi) for part in parts)
    starts, ends = [0, *(hi for _, hi in spans)], [*(lo for lo, _ in spans), size]
    return [(lo, hi) for lo, hi in zip(starts, ends) if lo < hi]


def _take(gaps: list[Span], step: int) -> Span:
    """The first ``step`` points of the first gap, removed from it."""
    lo, end = gaps.pop(0)
    hi = min(lo + step, end)
    if hi < end:
        gaps.insert(0, (hi, end))
    return lo, hi


def _left(gaps: list[Span]) -> int:
    return sum(hi - lo for lo, hi in gaps)


def _compute(job: Job, lo: int, hi: int) -> Part:
    start = time.perf_counter()
    columns, errors = job()
    return Part(lo, hi, columns, errors, time.perf_counter() - start)


def _here(job: Job, gaps: list[Span], keep: Keep, most: float | None) -> int:
    """Computes in this process until the rest looks longer than ``most`` seconds; the next step.

    The first point may pay for imports, so the rest is judged by later ones.
    """
    step, count, spent = 1, 0, 0.0
    while gaps:
        lo, hi = _take(gaps, step)
        part = _compute(job.part(lo, hi), lo, hi)
        keep(part)
        step, count, spent = part.step, count + 1, spent + part.seconds
        rest = part.seconds / (hi - lo) * _left(gaps)
        if most is not None and rest > most and (count > 2 or spent > CHUNK_SECONDS):
            break
    return step


def _share(
    pool: Any, job: Job, gaps: list[Span], step: int, width: int, heads: int, keep: Keep
) -> None:
    """Hands out chunks, ``width`` at a time, to an executor with ``heads`` workers or more."""
    flying: dict[Any, Span] = {}
    try:
        while gaps or flying:
            while gaps and len(flying) < width:
                lo, hi = _take(gaps, min(step, -(-_left(gaps) // heads)))
                flying[pool.submit(_compute, job.part(lo, hi), lo, hi)] = lo, hi
            for future in _finished(pool, flying):
                part = future.result()
                del flying[future]
                keep(part)
                step = part.step
    finally:
        for future in flying:
            if hasattr(future, "cancel"):
                future.cancel()


def _finished(pool: Any, flying: dict[Any, Span]) -> list[Any]:
    """Futures that are done; of a client with its own kind of futures, the oldest."""
    if isinstance(pool, Executor):
        return list(wait(flying, return_when=FIRST_COMPLETED).done)
    return [next(iter(flying))]


def _processes(job: Job, gaps: list[Span], step: int, count: int, keep: Keep) -> bool:
    """Shares the rest among ``count`` processes. False, with a warning, if they stopped."""
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # A worker on its way up runs the user's script, which has no guard, and got here. It cannot
        # go on; Python would print a traceback for each worker, and the parent warns once.
        raise SystemExit(1)
    pool = ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_worker,
        initargs=(list(warnings.filters),),
    )
    try:
        _share(pool, job, gaps, step, 2 * count, count, keep)
    except BrokenProcessPool:
        warnings.warn(
            'sweep: worker processes stopped (no `if __name__ == "__main__":` in the script? out '
            "of memory?); going on in this one",
            RuntimeWarning,
            stacklevel=5,
        )
        return False
    except BaseException:  # Ctrl-C too: do not wait for the chunks at hand
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return True


def _worker(filters: list[Any]) -> None:
    """Makes a new process heed the parent: its warning filters, its Ctrl-C, its end."""
    import multiprocessing
    import signal
    import threading

    warnings.resetwarnings()
    warnings.filters.extend(filters)  # type: ignore[attr-defined]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:  # a parent that is killed tells nobody
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _ships(job: Job) -> bool:
    """Whether another process can receive the job: not a lambda, nor what a notebook defines."""
    try:
        sent = pickle.dumps(job.part(0, 1))
    except Exception:
        return False
    return b"__main__" not in sent or hasattr(sys.modules["__main__"], "__file__")
