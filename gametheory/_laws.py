"""Laws of types: what is asked of them, chances and quantiles precise in both tails.

A law is any object with ``cdf``, ``ppf`` and ``support()``, as the frozen distributions of
``scipy.stats`` have. Where it has ``sf`` and ``isf`` too, these serve for the upper tail: there
``1 - cdf`` has no digits left.
"""

from __future__ import annotations

import math
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from gametheory.game import Array

GRID = 129  # quantiles at which a law and the payoffs are looked at
TAILS = 2.0 ** -np.arange(8, 41, 4)
UNIT = 2.0**-53
LOGITS = np.array([8, 10, 12, 14, 16, 18, 21, 24, 28, 33, 38, 44, 50, 86, 172, 345, 690.0])
TRUSTED = 1e-6  # how far, relative to it, a chance may be from that of its quantile
INVERTS = 1e-8  # how far cdf(ppf(q)) may be from q


def below(law: Any, t: Any) -> Array:
    """Chance of a type of at most ``t``."""
    return np.asarray(law.cdf(t), float)


def above(law: Any, t: Any) -> Array:
    """Chance of a type above ``t``."""
    return np.asarray(law.sf(t) if hasattr(law, "sf") else 1 - law.cdf(t), float)


def quantile(law: Any, p: Any, rest: Any) -> Array:
    """The type with chance ``p`` below it and ``rest`` above it.

    Chances smaller than the law can be trusted with (:func:`reach`), but not zero, are raised.
    """
    p, rest = np.asarray(p, float), np.asarray(rest, float)
    low, high = (math.exp(-y) for y in reach(law))
    p = np.where((p < low) & (p > 0), low, p)
    rest = np.where((rest < high) & (rest > 0), high, rest)
    return raw_quantile(law, p, rest)


def raw_quantile(law: Any, p: Array, rest: Array) -> Array:
    """The same, whatever the law makes of small chances."""
    if not hasattr(law, "isf"):
        return np.asarray(law.ppf(np.where(rest > 0, np.minimum(p, 1 - UNIT), p)), float)
    if p.ndim == 0:
        return np.asarray(law.ppf(p) if p <= rest else law.isf(rest), float)
    found = np.empty(p.shape)
    low = p <= rest
    if low.any():
        found[low] = law.ppf(p[low])
    if not low.all():
        found[~low] = law.isf(rest[~low])
    return found


def reach(law: Any) -> tuple[float, float]:
    """How far, in logits of the chance, quantiles can be trusted in the lower and upper tail."""
    try:
        return _reach(law)
    except TypeError:  # the object has no hash
        return _reach.__wrapped__(law)


@lru_cache(maxsize=1024)
def _reach(law: Any) -> tuple[float, float]:
    chance = np.exp(-LOGITS)
    found = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for lower in (True, False):
            tail, rest = (chance, 1 - chance) if lower else (1 - chance, chance)
            t = raw_quantile(law, tail, rest)
            back = below(law, t) if lower else above(law, t)
            inside = np.diff(t) < 0 if lower else np.diff(t) > 0
            good = np.isfinite(t) & (np.abs(back / chance - 1) < TRUSTED)
            good[1:] &= inside
            found.append(float(LOGITS[max(int(np.argmin([*good, False])) - 1, 0)]))
    return found[0], found[1]


def support(law: Any) -> tuple[float, float]:
    """The least and the greatest type, which may be infinite."""
    low, high = law.support()
    return float(low), float(high)


def grid() -> tuple[Array, Array]:
    """Chances below and above of the types that stand for all of them, from least to greatest."""
    even = (np.arange(GRID) + 0.5) / GRID
    p = np.concatenate([TAILS[::-1], even, 1 - TAILS])
    rest = np.concatenate([1 - TAILS[::-1], even[::-1], TAILS])
    order = np.argsort(p, kind="stable")
    return p[order], rest[order]


def alike(law: Any, other: Any) -> bool:
    """Whether two laws are known to be the same: one object, or one family of scipy."""
    if law is other:
        return True
    if not (hasattr(law, "dist") and hasattr(other, "dist")):
        return False
    family = type(law.dist)
    if family is not type(other.dist) or not family.__module__.startswith(
        "scipy.stats._continuous"
    ):
        return False
    if family.__name__ == "rv_histogram":
        return False
    mine, theirs = (dict(enumerate(x.args)) | dict(x.kwds) for x in (law, other))
    return mine.keys() == theirs.keys() and all(np.array_equal(mine[k], theirs[k]) for k in mine)


def check(law: Any, whose: str) -> None:
    """Raises ValueError naming the player unless ``law`` is the law of a continuous type."""
    for name in ("cdf", "ppf", "support"):
        if not callable(getattr(law, name, None)):
            raise ValueError(
                f"types of {whose}: {law!r} has no {name}; give a frozen continuous distribution "
                "of scipy.stats, or an object with cdf, ppf and support"
            )
    if hasattr(law, "pmf"):
        raise ValueError(f"types of {whose}: discrete types are for a BayesianGame")
    low, high = support(law)
    if not low < high:
        raise ValueError(
            f"types of {whose}: support {low:g}..{high:g} is no interval; types that are known are "
            "for a Game, finitely many for a BayesianGame"
        )
    p, _ = grid()
    t = np.asarray(law.ppf(p), float)
    if t.shape != p.shape or not np.isfinite(t).all():
        raise ValueError(f"types of {whose}: ppf is not finite inside (0, 1)")
    if (np.diff(t) < 0).any():
        k = int((np.diff(t) < 0).argmax())
        raise ValueError(
            f"types of {whose}: ppf falls, from {t[k]:g} at {p[k]:g} to {t[k + 1]:g} at "
            f"{p[k + 1]:g}; it must be the inverse of cdf"
        )
    even = np.linspace(t[0], t[-1], 8 * GRID)
    F = below(law, even)
    if (np.diff(F) < -INVERTS).any():
        k = int(np.diff(F).argmin())
        raise ValueError(
            f"types of {whose}: cdf falls, from {F[k]:g} at {even[k]:g} to {F[k + 1]:g} at "
            f"{even[k + 1]:g}; a cdf never does"
        )
    at = below(law, t)
    if at.shape != t.shape or not np.isfinite(at).all() or (at < 0).any() or (at > 1).any():
        raise ValueError(f"types of {whose}: cdf is not a chance from 0 to 1 at each type")
    for end, chance in ((low, 0.0), (high, 1.0)):
        if np.isfinite(end) and abs(float(below(law, end)) - chance) > INVERTS:
            raise ValueError(
                f"types of {whose}: cdf is {float(below(law, end)):g} at the end {end:g} of the "
                f"support, not {chance:g}; a law with an atom there is for a BayesianGame"
            )
    off = np.abs(at - p)
    if off.max() > INVERTS:
        k = int(off.argmax())
        ties = (np.diff(t) == 0).any()
        cure = (
            f"there is an atom near {t[k]:g}: discrete types are for a BayesianGame"
            if ties or at[k] > p[k] + INVERTS
            else "ppf must invert cdf"
        )
        raise ValueError(f"types of {whose}: cdf(ppf({p[k]:g})) is {at[k]:g}; {cure}")
