"""The certificate of a demand in ultimatum bargaining.

It tries other demands on a fine grid, even and crowding towards both ends, and closes in on the
best cells by golden section; and it asks types on a grid of quantiles whether they would answer a
grid of demands, made or not, as their limit has it. The solver's bounds are not used.
"""

from __future__ import annotations

import numpy as np

from gametheory import _laws
from gametheory.continuous import ActionCertificate
from gametheory.game import freeze
from gametheory.ultimatum import OfferProfile

EVEN, ENDS = np.linspace(0, 1, 2001), 0.5 ** np.arange(2, 41)
GRID = np.unique(np.concatenate([EVEN, ENDS, 1 - ENDS]))
CELLS, SECTIONS = 12, 40
GOLDEN = (np.sqrt(5) - 1) / 2
ANSWERED = 33  # demands at which all types are asked


def certify_offers(profile: OfferProfile) -> ActionCertificate:
    """What the proposer could gain by another demand, and any type by another answer.

    ``regrets`` are the proposer's gain and the largest of any type at any demand tried;
    ``deviations`` the best demand and that type.
    """
    game = profile.game
    x = GRID * game.most
    U = game.expected(x)
    played = float(game.expected(profile.demand))
    peaks = np.argsort(U)[::-1][:CELLS]
    a, b = x[np.maximum(peaks - 1, 0)], x[np.minimum(peaks + 1, len(x) - 1)]
    for _ in range(SECTIONS):
        c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        left = game.expected(c) > game.expected(d)
        a, b = np.where(left, a, c), np.where(left, d, b)
    x, U = np.concatenate([x, a]), np.concatenate([U, game.expected(a)])
    best = int(U.argmax())
    accepted, refused = game.outcomes(GRID * game.most)
    both = np.concatenate([accepted, refused])

    demands = np.append(np.linspace(0, game.most, ANSWERED), profile.demand)[:, np.newaxis]
    p, rest = _laws.grid()
    t = _laws.quantile(game.types, p, rest)
    gain = game.content(demands, t)
    limits = game.limits(demands)
    accepts = t >= limits if game.high_accept else t <= limits
    wrong = np.where(accepts, -gain, gain)
    worst = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return ActionCertificate(
        "perfect bayesian",
        freeze(np.array([max(float(U[best]) - played, 0.0), max(float(wrong[worst]), 0.0)])),
        freeze(np.array([x[best] if U[best] > played else profile.demand, t[worst[1]]])),
        freeze(np.array([float(np.ptp(both)), float(np.ptp(gain))])),
    )
