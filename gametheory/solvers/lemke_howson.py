"""One equilibrium of a two-player game, by complementary pivoting (Lemke & Howson 1964).

The path starts at the artificial pair ``(0, 0)``, which has every label, and drops one of them. It
then moves along edges of the two best-response polytopes in turn, each time dropping in one the
label that was just picked up in the other, until the dropped label comes back: an equilibrium. The
lexicographic ratio test keeps the path from ties, so that it never meets a basis twice and ends in
degenerate games too (von Stengel 2002, Handbook of Game Theory 3, section 2).

Paths are pivoted in floats, which say only which actions are played at the end. The equilibrium is
solved for again on these, in rational numbers where it has to be exact, and must pass its
certificate. Integers pivot where floats fail, and in small exact games.

Cost: one pivot is one pass over the payoffs. A path takes a few hundred pivots in random games of
100 x 100 actions, now and then a hundred times as many, and exponentially many in the worst case
(Savani & von Stengel 2006, Econometrica 74: 397-429). So paths of all labels are followed a little
way, then further (after Codenotti, De Rossi & Pagan 2008), until a budget of work is spent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.equilibrium import CertificateError, Coverage, EquilibriumSet
from gametheory.game import Array, Game, Profile
from gametheory.solvers._path import TIE, follow
from gametheory.solvers._tableau import (
    Tableau,
    mixture,
    origins,
    positive_integers,
    two_players,
)
from gametheory.solvers._worthwhile import WORTH, worthwhile

NAME = "lemke-howson"
FLOATS = 2e10
"""Entries of a float tableau that may be pivoted in one call: some ten seconds."""
INTEGERS = 2e7
"""The like for integers, each counted once and by its length."""
LONG = 512
"""Bits of an integer that cost as much as to touch it."""
NEGATIVE = 1e-9
"""Weights below minus this, as a share of all, are not taken for rounding of zero."""
SURE = 1e-6
"""Where a step of refinement moves weights by more, as a share of all, they are not trusted."""
FIRST = 16
"""Pivots after which a path is first left for that of another label."""
SETUP = 3
"""What it costs to set up a path, in pivots."""
PROOF = 500
"""What it costs to learn that the end of a path is none, in entries by its actions cubed."""
STEP = 1000
"""What a float pivot costs beside its entries, in entries."""


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """One equilibrium of a two-player game: the end of the first short path.

    Label 0 if its path is short or the game is small. An empty list, ``UNKNOWN``, if every budget
    ends.

    >>> solve(Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]]))[0].payoffs
    (Fraction(3, 1), Fraction(2, 1))
    """
    return _found(game, None, exact)


def lemke_howson(game: Game, label: int = 0, exact: bool | None = None) -> EquilibriumSet:
    """The equilibrium at the end of the path from ``(0, 0)`` that drops ``label``.

    Labels ``0..m-1`` are the actions of player 0, ``m..m+n-1`` those of player 1. Different labels
    may lead to different equilibria, not to all. An empty list, ``UNKNOWN``, if the path is longer
    than the budget. Raises ValueError for a label out of range.

    >>> game = Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    >>> [lemke_howson(game, label)[0].profile.support for label in range(4)]
    [((0,), (0,)), ((1,), (1,)), ((0,), (0,)), ((1,), (1,))]
    """
    two_players(game, NAME)
    if label not in range(sum(game.shape)):
        raise ValueError(f"label: {label} is not one of 0..{sum(game.shape) - 1}")
    return _found(game, label, exact)


def _found(game: Game, label: int | None, exact: bool | None) -> EquilibriumSet:
    A, B = two_players(game, NAME)
    if exact and not game.exact:
        return in_rationals(game, lambda twin: _found(twin, label, True))
    wanted = game.exact if exact is None else exact
    found = None
    if not wanted or sum(game.shape) >= WORTH:
        found = in_floats(game, label, wanted, FLOATS)
    return found or _in_integers(game, A, B, label or 0, wanted)


def in_rationals(game: Game, solved: Callable[[Game], EquilibriumSet]) -> EquilibriumSet:
    """What ``solved`` finds in the game whose payoffs are those floats, held exactly."""
    payoffs = np.array([Fraction(u) for u in game.payoffs.flat], dtype=object)
    found = solved(Game(payoffs.reshape(game.payoffs.shape), game.players, game.actions))
    profiles = [Profile(game, e.mixtures) for e in found]
    return EquilibriumSet.proved(game, profiles, found.coverage, found.method, notes=found.notes)


def shares(game: Game) -> list[Array]:
    """Payoffs of each player above his smallest, in floats, as shares of his range."""
    return [u / (span or 1) for u, span in zip(game._above_floats, game.ranges.tolist())]


def in_floats(game: Game, label: int | None, wanted: bool, work: float) -> EquilibriumSet | None:
    """The end of the path that drops ``label`` (None: of the first that ends), by float pivoting.

    None if rounding spoils the paths, or the budget of ``work`` ends.
    """
    m, n = game.shape
    A, B = (1 + u for u in shares(game))
    path = worthwhile(follow, m + n)
    left, price = work, m * n + STEP
    over: set[int] = set()
    for k, most in _tries(m + n) if label is None else [(label, int(work // price))]:
        if len(over) == m + n or left < price:
            break
        if k in over:
            continue
        played, pivots = path(A, B, k, min(most, int(left // price)), TIE)
        left -= price * ((pivots if pivots > 0 else most) + SETUP)
        if pivots:
            over.add(k)
        if pivots > 0:
            supports = np.flatnonzero(played[:m]), np.flatnonzero(played[m:])
            found = on_supports(game, supports, wanted, NAME)
            if found:
                return found
            left -= PROOF * len(supports[0]) ** 3
    return None


def _tries(labels: int) -> Iterator[tuple[int, int]]:
    """Labels and how far to follow their paths, each length half as often as half that length.

    Whatever length is best, about half its share of the work goes to it (after Luby, Sinclair &
    Zuckerman 1993, Information Processing Letters 47: 173-180). A length that all labels have had
    is not tried again.
    """
    had: dict[int, int] = {}
    for k in itertools.count(1):
        most = FIRST * (k & -k)
        while had.get(most, 0) == labels:
            most *= 2
        yield had.get(most, 0), most
        had[most] = had.get(most, 0) + 1


def on_supports(
    game: Game, supports: Sequence[Sequence[int] | Array], exact: bool, method: str
) -> EquilibriumSet | None:
    """The equilibrium in which each side makes what the other's actions here pay the same.

    ``supports``, as many rows as columns, are all that may be played. None if there is none, or if
    they leave more than one. Rational if ``exact``, and where floats do not pass.
    """
    square = np.ix_(*supports)
    A, B = (u[square] + 1 for u in shares(game))
    guess = [w for w in (_floats(B.T), _floats(A)) if w is not None]
    if any(w.min() < -NEGATIVE for w in guess):
        return None
    if not exact and len(guess) == 2:
        found = _placed(game, supports, [w.clip(0) / w.clip(0).sum() for w in guess], method)
        if found:
            return found
    x, y = _rationals(game.payoffs[..., 1][square].T), _rationals(game.payoffs[..., 0][square])
    if x is None or y is None:
        return None
    kind = np.dtype(object if exact else np.float64)
    return _placed(game, supports, [np.array(z).astype(kind) for z in (x, y)], method)


def _placed(
    game: Game, supports: Sequence[Any], weights: Sequence[Array], method: str
) -> EquilibriumSet | None:
    """The equilibrium with these weights on these actions, None if it is none."""
    mixtures = [np.zeros(m, w.dtype) for m, w in zip(game.shape, weights)]
    for x, support, w in zip(mixtures, supports, weights):
        x[support] = w
    return certified(Profile(game, mixtures), method)


def certified(profile: Profile, method: str) -> EquilibriumSet | None:
    """``profile`` as an equilibrium, None if it is none; an exact one may not lose anything."""
    try:
        found = EquilibriumSet.proved(profile.game, [profile], Coverage.SAMPLE, method)
    except CertificateError:
        return None
    proof = found[0].certificate
    return None if proof.exact and proof.regret else found


def _floats(payoffs: Array) -> Array | None:
    """Weights of columns, of sum 1, against which all rows pay the same; None if they are not sure.

    One step of refinement tells how far off they are.
    """
    one = np.ones(len(payoffs))
    try:
        weights = np.linalg.solve(payoffs, one)
        change = np.linalg.solve(payoffs, one - payoffs @ weights)
    except np.linalg.LinAlgError:
        return None
    total = weights.sum()
    if not abs(change).max() <= SURE * abs(total):
        return None
    return np.asarray((weights + change) / (total + change.sum()))


def _rationals(payoffs: Array) -> list[Fraction] | None:
    """The same, exact; None if there is none, or more than one."""
    from flint import fmpz_mat

    k = len(payoffs)
    try:
        solved: Any = fmpz_mat(positive_integers(payoffs)).solve(fmpz_mat(k, 1, [1] * k))
    except ZeroDivisionError:
        return None
    weights = [int(p) for p in solved.numer_denom()[0].entries()]
    if sum(weights) < 0:
        weights = [-p for p in weights]
    if min(weights) < 0:
        return None
    return mixture(tuple(weights))


def _in_integers(game: Game, A: Array, B: Array, label: int, wanted: bool) -> EquilibriumSet:
    """The same by pivoting in integers; empty if the budget ends."""
    m, n = game.shape
    ends = _end(*origins(positive_integers(A), positive_integers(B)), label)
    if ends is None:
        note = "The budget of pivots ended on every path that was tried; there is an equilibrium."
        return EquilibriumSet.proved(game, [], Coverage.UNKNOWN, NAME, notes=[note])
    kind = np.dtype(object if wanted else np.float64)
    mixtures = mixture(ends[0].point(range(m))), mixture(ends[1].point(range(m, m + n)))
    profile = Profile(game, [np.array(z).astype(kind) for z in mixtures])
    return EquilibriumSet.proved(game, [profile], Coverage.SAMPLE, NAME)


def _end(P: Tableau, Q: Tableau, label: int) -> tuple[Tableau, Tableau] | None:
    """The bases at the end of the path that drops ``label``; None if the budget ends first."""
    bases = [P, Q]
    turn = 0 if label in P.cobasis else 1
    entering, left = label, INTEGERS
    while left > 0:
        here = bases[turn]
        c = here.cobasis.index(entering)
        r = here.leaving(c)
        bases[turn], entering = here.pivot(r, c), here.basis[r]
        if entering == label:
            return bases[0], bases[1]
        left -= len(P.cobasis) * len(P.basis) * (1 + here.det.bit_length() / LONG)
        turn = 1 - turn
    return None
