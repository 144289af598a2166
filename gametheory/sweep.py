"""A quantity of a model over a grid or a sample of its parameters, as a labelled Dataset.

A quantity is the name of a method of the model (or a proposition: where it holds), or a function of
the model; it names an argument ``rng`` if it draws. It returns a number or a dict of numbers.
A point that raises is recorded and the rest goes on: ``failed`` marks it, its numbers are missing,
and ``attrs["errors"]`` holds the first thousand messages by flat index, as JSON.

Booleans and whole numbers keep their type where no point misses them; otherwise they are floats.
What is found at a point depends on the point and the seed alone: not on the workers, nor on how
often the run was interrupted. An attribute is text, so that any file format takes it.

>>> from gametheory.sweep import sweep
>>> from gametheory_models.armsrace.arms_control import ArmsControl
>>> run = sweep(ArmsControl(kappa=0.0), "critical_patience", N=[2, 3, 5], g=[0.5, 0.9])
>>> run.critical_patience.sel(g=0.5).values.tolist()
[0.5, 0.25, 0.125]
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory._points import MESSAGES, Points, Quantity, has_no, join, quantity_at
from gametheory.game import Array
from gametheory.model import Model
from gametheory.prior import Prior, draw

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import xarray as xr


def sweep(
    model: Model,
    quantity: Quantity,
    *,
    seed: int = 0,
    vectorized: bool = False,
    workers: int | None = None,
    client: Executor | Any = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
    **axes: Any,
) -> xr.Dataset:
    """``quantity`` at every point of the grid spanned by ``axes`` (parameter=values), a Dataset.

    Dimensions are the axes in the order given; other parameters keep the model's values.
    ``workers`` processes (default: one a core; 1: none) share the work when it is long and can be
    sent: a lambda, or what a notebook defines, stays in this process. ``client`` hands the work to
    any executor with ``submit``, such as a Dask client. ``checkpoint`` names a folder where
    finished parts are kept: the same call then resumes. It knows a run by the model's file and the
    quantity's source: after a change to code that these call, use another folder. ``progress``
    shows a bar on stderr (default: on a terminal).

    ``vectorized`` evaluates a closed form on arrays of points, 30 to 100 times faster. It finds
    the same, up to the last digits where numpy rounds a power or a sum otherwise than Python; each
    chunk is checked point by point where a parameter is least or greatest.

    Raises ValueError for an axis or a quantity that the model does not have, for a quantity that
    needs more arguments, or that is not vectorized; TypeError if it returns no number.
    """
    import xarray as xr

    parameters = model.parameters()
    if not axes:
        raise ValueError("sweep: no axis; give parameter=values")
    for name in axes.keys() - parameters.keys():
        raise ValueError(f"sweep: {type(model).__name__} {has_no('parameter', name, parameters)}")
    grids = {name: np.atleast_1d(np.asarray(values)) for name, values in axes.items()}
    for name, grid in grids.items():
        if grid.ndim != 1 or grid.size == 0 or grid.dtype.kind not in "biuf":
            raise ValueError(f"sweep: {name} = {axes[name]!r}; give a list of numbers")
        if parameters[name].width:
            raise ValueError(
                f"sweep: {name} has an entry for each state; sweep over another parameter"
            )
    mesh = np.meshgrid(*grids.values(), indexing="ij")
    points = {name: np.ascontiguousarray(m.ravel()) for name, m in zip(grids, mesh)}
    job = quantity_at(model, quantity, points, seed, vectorized)
    columns, attrs = _run(job, checkpoint, workers, client, progress)
    shape = tuple(grid.size for grid in grids.values())
    data = {name: (tuple(grids), column.reshape(shape)) for name, column in columns.items()}
    coords = {name: (name, grid, _meaning(model, name)) for name, grid in grids.items()}
    return xr.Dataset(data, coords=coords, attrs=attrs)


def sample(
    model: Model,
    quantity: Quantity,
    priors: Prior = "uniform",
    n: int = 10_000,
    seed: int = 0,
    *,
    vectorized: bool = False,
    workers: int | None = None,
    client: Executor | Any = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """``quantity`` at ``n`` parameter vectors drawn from ``priors``, along dimension ``draw``.

    The drawn parameters are variables of the Dataset. Other arguments as for :func:`sweep`.

    >>> from gametheory_models.armsrace.arms_control import ArmsControl
    >>> run = sample(ArmsControl(), "critical_patience", n=200, seed=3)
    >>> run.critical_patience.sizes["draw"], bool((run.critical_patience > 1).any())
    (200, True)
    """
    import xarray as xr

    points = draw(model, priors, n, seed).drawn()
    job = quantity_at(model, quantity, points, seed, vectorized)
    columns, attrs = _run(job, checkpoint, workers, client, progress)
    attrs["prior"] = priors if isinstance(priors, str) else ", ".join(sorted(priors))
    data: dict[str, Any] = {
        name: (("draw", f"{name}_state")[: column.ndim], column, _meaning(model, name))
        for name, column in points.items()
    }
    data |= {name: ("draw", column) for name, column in columns.items()}
    return xr.Dataset(data, attrs=attrs)


def _meaning(model: Model, name: str) -> dict[str, str]:
    return {"long_name": model.parameters()[name].meaning}


def _run(
    job: Points,
    checkpoint: str | Path | None,
    workers: int | None,
    client: Executor | Any,
    progress: bool | None,
) -> tuple[dict[str, Array], dict[str, str]]:
    """The columns over all points, and what the Dataset says of the run."""
    import gametheory
    from gametheory import _chunks
    from gametheory._checkpoint import Store, fingerprint

    model, store = job.model, None
    if checkpoint is not None:
        rest = job.seed, job.vectorized, sorted(job.errstate.items())
        store = Store(Path(checkpoint) / fingerprint(model, job.quantity, job.points, *rest))
    known = store.parts() if store else ()
    save = store.save if store else lambda part: None
    parts = _chunks.run(job, known, save, workers, client, progress)
    pieces = [
        (name, np.arange(part.lo, part.hi), column)
        for part in parts
        for name, column in part.columns.items()
    ]
    columns = join(pieces, job.size)
    failed = columns.pop("failed")
    errors = {k: text for part in parts for k, text in part.errors.items()}
    fixed = {k: np.asarray(v).tolist() for k, v in model.values().items() if k not in job.points}
    return (columns or {job.name: np.full(job.size, np.nan)}) | {"failed": failed}, {
        "model": model.key(),
        "citation": str(model.citation),
        "quantity": job.name,
        "fixed": json.dumps(fixed, default=str),
        "seed": str(job.seed),
        "errors": json.dumps(dict(list(errors.items())[:MESSAGES]), ensure_ascii=False),
        "gametheory": gametheory.__version__,
    }
