"""A quantity of a model over a grid or a sample of its parameters, as a labelled Dataset.

A quantity is the name of a method of the model, or a function of the model (and of ``rng``, if it
names that argument); it returns a number or a dict of numbers. A point that raises is recorded and
the rest goes on: ``failed`` marks it, ``attrs["errors"]`` keeps its message by flat index.

>>> import gametheory as gt
>>> from gametheory_models.armsrace.arms_control import ArmsControl
>>> run = gt.sweep(ArmsControl(kappa=0.0), "critical_patience", N=[2, 3, 5], g=[0.5, 0.9])
>>> run.critical_patience.sel(g=0.5).values.tolist()
[0.5, 0.25, 0.125]
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import pickle
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory.game import Array
from gametheory.model import Model
from gametheory.prior import Prior, draw

if TYPE_CHECKING:
    import xarray as xr

Quantity = str | Callable[..., Any]
SERIAL_SECONDS = 2.0
"""Work that would end sooner than this in one process is not worth starting others."""


def sweep(
    model: Model,
    quantity: Quantity,
    *,
    seed: int = 0,
    workers: int | None = None,
    client: Executor | Any = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
    **axes: Any,
) -> xr.Dataset:
    """``quantity`` at every point of the grid spanned by ``axes`` (parameter=values), a Dataset.

    Dimensions are the axes in the order given; other parameters keep the model's values.
    ``workers`` processes (default: one a core; 1: none) share the work when it is long; ``client``
    hands it to any executor with ``submit``, such as a Dask client. ``checkpoint`` names a folder
    where finished chunks are kept: the same call then resumes. ``progress`` shows a bar on stderr
    (default: on a terminal). Each point has its own random stream: results do not depend on the
    workers.

    Raises ValueError for an axis that is not a parameter or is empty.
    """
    import xarray as xr

    unknown = set(axes) - set(model.parameters())
    if unknown or not axes:
        have = ", ".join(model.parameters())
        raise ValueError(f"sweep: {', '.join(sorted(unknown)) or 'no axis'}; axes are of {have}")
    grids = {name: np.atleast_1d(np.asarray(values)) for name, values in axes.items()}
    for name, grid in grids.items():
        if grid.ndim != 1 or grid.size == 0:
            raise ValueError(f"sweep: {name} = {axes[name]!r}; give a list of values")
    mesh = np.meshgrid(*grids.values(), indexing="ij")
    points = {name: m.ravel() for name, m in zip(grids, mesh)}
    shape = tuple(g.size for g in grids.values())
    columns, errors = _run(
        _Task(model, quantity, points, seed), workers, client, checkpoint, progress
    )
    data = {name: (tuple(grids), column.reshape(shape)) for name, column in columns.items()}
    return xr.Dataset(data, coords=grids, attrs=_attrs(model, quantity, seed, errors))


def sample(
    model: Model,
    quantity: Quantity,
    priors: Prior = "uniform",
    n: int = 10_000,
    seed: int = 0,
    *,
    workers: int | None = None,
    client: Executor | Any = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """``quantity`` at ``n`` parameter vectors drawn from ``priors``, along dimension ``draw``.

    The drawn parameters are variables of the Dataset. Other arguments as for :func:`sweep`.

    >>> from gametheory_models.armsrace.arms_control import ArmsControl
    >>> run = sample(ArmsControl(), "critical_patience", n=200, seed=3)
    >>> sorted(run.data_vars), run.sizes["draw"]
    (['N', 'critical_patience', 'failed', 'g', 'h', 'kappa'], 200)
    """
    import xarray as xr

    drawn = draw(model, priors, n, seed)
    points = drawn.drawn()
    columns, errors = _run(
        _Task(model, quantity, points, seed), workers, client, checkpoint, progress
    )
    data = {
        name: (("draw", f"{name}_state")[: column.ndim], column)
        for name, column in (points | columns).items()
    }
    attrs = _attrs(model, quantity, seed, errors)
    attrs["prior"] = priors if isinstance(priors, str) else ", ".join(sorted(priors))
    return xr.Dataset(data, attrs=attrs)


@dataclass(frozen=True)
class _Task:
    """A quantity at a list of points, cut into chunks."""

    model: Model
    quantity: Quantity
    points: dict[str, Array]
    seed: int
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(next(iter(self.points.values()))))

    def chunks(self) -> list[tuple[int, int]]:
        step = max(1, min(2_000, -(-self.size // 64)))
        return [(lo, min(lo + step, self.size)) for lo in range(0, self.size, step)]

    def fingerprint(self) -> str:
        """A name for the run: what is computed, at which points, from which seed and code."""
        import gametheory

        what = self.quantity
        digest = hashlib.sha256()
        for text in (
            gametheory.__version__,
            what if isinstance(what, str) else _source(what),
            _source(type(self.model)),
            repr(sorted(self.model.values().items(), key=lambda kv: kv[0])),
            str(self.seed),
        ):
            digest.update(text.encode() + b"\0")
        for name, values in self.points.items():
            digest.update(name.encode() + values.tobytes())
        return digest.hexdigest()[:16]

    def part(self, lo: int, hi: int) -> _Task:
        points = {name: v[lo:hi] for name, v in self.points.items()}
        return _Task(self.model, self.quantity, points, self.seed)


def _source(thing: Any) -> str:
    try:
        return f"{thing.__qualname__}\n{inspect.getsource(thing)}"
    except (OSError, TypeError, AttributeError):
        return repr(thing)


Rows = tuple[dict[str, Array], dict[int, str]]


def _compute(task: _Task, offset: int) -> Rows:
    """The columns of one chunk, and the messages of the points that raised, by flat index."""
    rows: list[dict[str, Any] | None] = []
    errors: dict[int, str] = {}
    for k in range(task.size):
        try:
            rows.append(_value(task, k, offset + k))
        except Exception as error:
            rows.append(None)
            errors[offset + k] = f"{type(error).__name__}: {error}"
    names = list(dict.fromkeys(name for row in rows if row for name in row))
    columns = {
        name: np.array([np.nan if row is None else row.get(name, np.nan) for row in rows], float)
        for name in names
    }
    columns["failed"] = np.array([row is None for row in rows])
    return columns, errors


def _value(task: _Task, k: int, index: int) -> dict[str, Any]:
    point = {name: v[k].tolist() for name, v in task.points.items()}
    model = task.model.but(**point)
    if isinstance(task.quantity, str):
        name, function = task.quantity, getattr(model, task.quantity)
    else:
        name, function = task.quantity.__name__, partial(task.quantity, model)
    if "rng" in inspect.signature(function).parameters:
        function = partial(function, rng=np.random.default_rng([task.seed, index]))
    result = function()
    return dict(result) if isinstance(result, Mapping) else {name.strip("<>"): result}


def _run(
    task: _Task,
    workers: int | None,
    client: Executor | Any,
    checkpoint: str | Path | None,
    progress: bool | None,
) -> Rows:
    """All chunks of ``task``, from the checkpoint or computed, joined in order."""
    store = _Store(Path(checkpoint) / task.fingerprint()) if checkpoint else None
    chunks = task.chunks()
    done: dict[int, Rows] = {}
    with _progress(task.size, progress) as advance:

        def keep(lo: int, rows: Rows, *, fresh: bool = True) -> None:
            done[lo] = rows
            if store and fresh:
                store.save(lo, rows)
            advance(len(rows[0]["failed"]))

        for lo, _ in chunks:
            rows = store.load(lo) if store else None
            if rows is not None:
                keep(lo, rows, fresh=False)
        left = [(lo, hi) for lo, hi in chunks if lo not in done]
        if client is not None:
            _share(client, task, left, keep)
        else:
            _spread(task, left, workers, keep)
    names = list(dict.fromkeys(name for lo, _ in chunks for name in done[lo][0]))
    names.sort(key="failed".__eq__)
    blank = {lo: np.full(hi - lo, np.nan) for lo, hi in chunks}
    columns = {
        name: np.concatenate([done[lo][0].get(name, blank[lo]) for lo, _ in chunks])
        for name in names
    }
    errors = {k: text for lo, _ in chunks for k, text in done[lo][1].items()}
    return columns, errors


Keep = Callable[..., None]


def _spread(task: _Task, left: list[tuple[int, int]], workers: int | None, keep: Keep) -> None:
    """Computes here until the rest is seen to be long, then in ``workers`` processes."""
    cores = _cores() if workers is None else workers
    if cores < 1:
        raise ValueError(f"workers: {cores}; use 1 or more")
    start = time.perf_counter()
    for k, (lo, hi) in enumerate(left):
        keep(lo, _compute(task.part(lo, hi), lo))
        spent = time.perf_counter() - start
        rest = left[k + 1 :]
        if cores > 1 and rest and spent / (k + 1) * len(rest) > SERIAL_SECONDS and _ships(task):
            break
    else:
        return
    import multiprocessing

    undone = dict(rest)

    def keep_one(lo: int, rows: Rows) -> None:
        del undone[lo]
        keep(lo, rows)

    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(cores, mp_context=context) as pool:
            _share(pool, task, rest, keep_one)
    except BrokenProcessPool:
        warnings.warn(
            "sweep: worker processes did not start; going on in this one "
            '(a script that sweeps needs `if __name__ == "__main__":`)',
            RuntimeWarning,
            stacklevel=4,
        )
        for lo, hi in undone.items():
            keep(lo, _compute(task.part(lo, hi), lo))


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _ships(task: _Task) -> bool:
    """Whether the task can be sent to another process (a lambda cannot)."""
    try:
        pickle.dumps((task.model, task.quantity))
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _share(pool: Any, task: _Task, left: list[tuple[int, int]], keep: Keep) -> None:
    """Hands the chunks to an executor and keeps each as it comes back."""
    futures = {pool.submit(_compute, task.part(lo, hi), lo): lo for lo, hi in left}
    if isinstance(pool, Executor):
        for future in as_completed(futures):
            keep(futures[future], future.result())
    else:  # a Dask client has its own kind of futures
        for future, lo in futures.items():
            keep(lo, future.result())


class _Store:
    """Finished chunks in a folder, one file each, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def save(self, lo: int, rows: Rows) -> None:
        columns, errors = rows
        target = self.folder / f"{lo}.npz"
        scratch = self.folder / f"{lo}.{os.getpid()}.part.npz"
        arrays: dict[str, Any] = columns | {"errors.json": np.array(json.dumps(errors))}
        np.savez(scratch, **arrays)
        os.replace(scratch, target)

    def load(self, lo: int) -> Rows | None:
        path = self.folder / f"{lo}.npz"
        if not path.exists():
            return None
        with np.load(path) as data:
            columns = {name: data[name] for name in data.files if name != "errors.json"}
            errors = {int(k): v for k, v in json.loads(str(data["errors.json"])).items()}
        return columns, errors


@contextmanager
def _progress(total: int, shown: bool | None) -> Iterator[Callable[[int], None]]:
    import sys

    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task("points", total=total)
        yield lambda steps: bar.advance(job, steps)


def _attrs(model: Model, quantity: Quantity, seed: int, errors: dict[int, str]) -> dict[str, Any]:
    fixed = {k: v for k, v in model.values().items() if np.ndim(v) == 0}
    return {
        "model": model.key(),
        "citation": str(model.citation),
        "quantity": quantity if isinstance(quantity, str) else quantity.__name__,
        "fixed": json.dumps(fixed, default=str),
        "seed": seed,
        "errors": json.dumps(errors),
    }
