"""Equilibria in cutoffs of a :class:`~gametheory.cutoff.CutoffForm` (skeleton: symmetric ones)."""

from __future__ import annotations

import numpy as np

from gametheory import _laws
from gametheory.cutoff import CutoffForm, CutoffProfile
from gametheory.equilibrium import Coverage
from gametheory.private import CutoffEquilibria, certify_cutoffs

METHOD = "cutoffs"


def solve(game: object, exact: bool | None = None) -> CutoffEquilibria:
    """The symmetric equilibria with two actions found on a grid of quantiles, in order of cutoffs.

    Raises ValueError for a game of another form and if ``exact`` is True.
    """
    if not isinstance(game, CutoffForm):
        raise ValueError(f'{METHOD}: needs a CutoffForm, not a {type(game).__name__}; use "auto"')
    if exact:
        raise ValueError("exact: types are continuous and solved in floats; use exact=None")
    from scipy.optimize import brentq

    n = len(game.players)

    def gain(c: float) -> float:
        u = game.interim(0, np.array([c]), np.full((n, 1), c))
        return float(u[0, 0] - u[0, 1])

    t = _laws.quantile(game.types[0], *_laws.grid())
    values = [gain(c) for c in t.tolist()]
    found = [
        brentq(gain, a, b, xtol=1e-300, rtol=1e-15)
        for a, b, u, v in zip(t, t[1:], values, values[1:])
        if u * v < 0 or v == 0
    ]
    low, high = _laws.support(game.types[0])
    profiles = [CutoffProfile(game, [c]) for c in (low, *found, high)]
    kept = [p for p in profiles if certify_cutoffs(p).holds()]
    return CutoffEquilibria.proved(game, kept, Coverage.SAMPLE, METHOD)
