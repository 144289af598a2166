"""Priors over the parameters of a model, and samples drawn from them.

A parameter that has a box ``[lo, hi]`` is drawn as ``lo + (hi - lo) x``, whole numbers uniformly
over the whole numbers of the box where ``x`` is uniform. Parameters (and the entries of one that
has an entry for each state) are independent, then conditioned on what the model requires. Three
priors are named:

- "uniform": ``x`` uniform on [0, 1];
- "low": ``x`` Beta(2, 5), mean 2/7;
- "high": ``x`` Beta(5, 2), mean 5/7.

A prior may also be a dict from names of parameters to distributions with a ``ppf`` (frozen
``scipy.stats`` distributions), in the parameter's own unit; the others keep their values.

>>> from gametheory_models.armsrace.arms_control import ArmsControl
>>> sample = draw(ArmsControl(N=4), "uniform", 1000, seed=1)
>>> sample.kappa.shape, bool(sample.kappa.min() >= 0), int(sample.N.max())
((1000,), True, 9)
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from gametheory.game import Array
from gametheory.model import Model, Parameter, admissible

Prior = str | Mapping[str, Any]
M = TypeVar("M", bound=Model)

PRIORS: dict[str, tuple[float, float]] = {"uniform": (1, 1), "low": (2, 5), "high": (5, 2)}
PATIENCE = 10_000
"""Draws tried for each one kept before a prior is held to miss what the model requires."""


def draw(model: M, prior: Prior, n: int, seed: int = 0) -> M:
    """``model`` with every drawn parameter an array of ``n`` draws from ``prior``.

    Parameters without a box (or not in a dict prior) keep the model's values. Draws that the model
    does not admit are drawn again. The same seed gives the same draws on any machine. Raises
    ValueError for an unknown prior or parameter, and if the prior misses what the model requires.
    """
    if isinstance(prior, str) and prior not in PRIORS:
        raise ValueError(f"prior: {prior!r} is unknown; use {', '.join(PRIORS)} or a dict")
    drawn = {name: p for name, p in model.parameters().items() if _is_drawn(p, prior)}
    if isinstance(prior, Mapping) and set(prior) - set(drawn):
        unknown = ", ".join(sorted(set(prior) - set(drawn)))
        raise ValueError(f"prior: {type(model).__name__} has no parameter {unknown}")
    if n < 1 or not drawn:
        raise ValueError(f"prior: {n} draws of {len(drawn)} parameters; both must be at least 1")
    label = prior if isinstance(prior, str) else "+".join(sorted(prior))
    rng = np.random.default_rng([seed, zlib.crc32(label.encode())])
    kept: list[dict[str, Array]] = []
    count = tried = 0
    while count < n:
        values = {
            name: _quantile(p, prior, rng.random((n, p.width) if p.width else n))
            for name, p in drawn.items()
        }
        fixed = {name: v for name, v in model.values().items() if name not in drawn}
        good = admissible(type(model), fixed | values)
        good = np.broadcast_to(good, n)
        kept.append({name: x[good] for name, x in values.items()})
        count += int(good.sum())
        tried += n
        if tried > PATIENCE * max(count, 1):
            raise ValueError(
                f"prior {label}: {count} of {tried} draws meet {', '.join(model.requires())}; "
                f"narrow the boxes of {type(model).__name__}"
            )
    return model.but(**{name: np.concatenate([k[name] for k in kept])[:n] for name in drawn})


def _is_drawn(parameter: Parameter, prior: Prior) -> bool:
    if isinstance(prior, str):
        return parameter.box is not None
    return parameter.name in prior


def _quantile(parameter: Parameter, prior: Prior, u: Array) -> Array:
    """The parameter's values at the probabilities ``u``."""
    if not isinstance(prior, str):
        values = np.asarray(prior[parameter.name].ppf(u))
        return np.floor(values).astype(int) if parameter.integer else values
    assert parameter.box is not None
    a, b = PRIORS[prior]
    if (a, b) != (1, 1):
        from scipy.special import betaincinv

        u = betaincinv(a, b, u)
    lo, hi = parameter.box
    if parameter.integer:
        return np.minimum(np.floor(lo + (hi - lo + 1) * u), hi).astype(int)
    return lo + (hi - lo) * u
