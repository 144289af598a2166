"""Correlated and coarse correlated equilibria: the best and the worst of them, with proofs.

A distribution ``p`` over action profiles is a *correlated equilibrium* if a player who is told only
their own part ``a`` of a profile drawn from ``p`` cannot gain by playing another action ``b``:

    sum_{s: s_i = a} p(s) [u_i(b, s_-i) - u_i(s)] <= 0     for every i, a, b

(Aumann 1974, J. Math. Econ. 1: 67-96; 1987, Econometrica 55: 1-18). It is a *coarse* one if no
player gains by committing to ``b`` before being told, which is the sum of these over ``a`` (Moulin
& Vial 1978, Int. J. Game Theory 7: 201-221). Both sets are polytopes, and

    Nash equilibria, as products  <=  correlated equilibria  <=  coarse correlated equilibria,

so that the largest and the smallest value of a linear objective ``c`` over either are linear
programs, and bounds on what any Nash equilibrium is worth. The dual proves the value: with
multipliers ``y_i(a, b) >= 0``, no correlated equilibrium is worth more than

    max_s  c(s) - sum_i sum_b y_i(s_i, b) [u_i(b, s_-i) - u_i(s)].

>>> chicken = Game.from_payoffs([[6, 2], [7, 0]], [[6, 7], [2, 0]])  # Aumann 1974
>>> best = correlated(chicken)
>>> best
Correlated(max 21/2, regret 0, exact)
>>> [[str(p) for p in row] for row in best.distribution]
[['1/2', '1/4'], ['1/4', '0']]
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gametheory.equilibrium import CertificateError
from gametheory.game import Array, Game, Number, freeze, numbers, show

if TYPE_CHECKING:
    from gametheory.solvers._linear import Optimum

Sense = Literal["max", "min"]


@dataclass(frozen=True, eq=False, repr=False)
class Correlated:
    """A correlated (or coarse correlated) equilibrium that is best for a linear objective.

    ``distribution`` and ``objective`` have the shape of ``game``. ``value`` is the expected
    objective, and ``multipliers`` prove that no other equilibrium has a larger (``sense`` "max") or
    smaller ("min") one: for each player an array of shape ``(m_i, m_i)``, from the recommended
    action to the deviation, or ``(m_i,)``, the deviation, if ``coarse``. All Fractions where the
    game and the objective are exact, else floats.
    """

    game: Game
    distribution: Array
    objective: Array
    sense: Sense
    coarse: bool
    multipliers: tuple[Array, ...]

    @functools.cached_property
    def value(self) -> Number:
        """Expected objective."""
        return _number((self.distribution * self.objective).sum())

    @functools.cached_property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        weights = self.distribution[..., np.newaxis] * self.game.payoffs
        return tuple(_number(weights[..., i].sum()) for i in range(len(self.game.players)))

    @functools.cached_property
    def regrets(self) -> tuple[Array, ...]:
        """What each player could gain by disobeying: see :func:`regrets`."""
        return regrets(self.game, self.distribution, self.coarse)

    @functools.cached_property
    def bound(self) -> Number:
        """The most (least) that any equilibrium can be worth, by ``multipliers`` alone.

        Equal to ``value`` where exact. Computed from the payoffs by no code of the linear program.
        """
        sign = 1 if self.sense == "max" else -1
        worth = sign * self.objective
        for i, y in enumerate(self.multipliers):
            u = np.moveaxis(self.game.payoffs[..., i], i, -1)  # own action last
            if self.coarse:
                gain = np.asarray(u @ y)[..., np.newaxis] - u * y.sum()
            else:
                gain = u @ y.T - u * y.sum(axis=1)
            worth = worth - np.moveaxis(gain, -1, i)
        return _number(sign * worth.max())

    def holds(self, tol: float = 1e-9) -> bool:
        """Whether regrets are within ``tol`` of each player's payoff range, value of its bound.

        The unit of the bound is the range of the objective. Exact results hold with ``tol=0``.
        """
        p, c = self.distribution, self.objective
        unit = float(c.max() - c.min()) or float(abs(c).max())
        gap: Any = self.value - self.bound
        return (
            bool((p >= 0).all())
            and abs(p.sum() - 1) <= tol
            and all((y >= 0).all() for y in self.multipliers)
            and all((r <= tol * s).all() for r, s in zip(self.regrets, self.game.ranges))
            and bool(abs(gap) <= tol * unit)
        )

    def __repr__(self) -> str:
        kind = "exact" if self.distribution.dtype == object else "float"
        regret = show(max(r.max() for r in self.regrets))
        name = "CoarseCorrelated" if self.coarse else "Correlated"
        return f"{name}({self.sense} {show(self.value)}, regret {regret}, {kind})"


def correlated(
    game: Game,
    objective: ArrayLike | str | int = "welfare",
    coarse: bool = False,
    sense: Sense = "max",
) -> Correlated:
    """The correlated equilibrium with the largest (or, ``sense="min"``, smallest) objective.

    ``objective`` is "welfare" (the sum of payoffs), the name or index of a player (that player's
    payoff), or an array of the shape of the game: what each action profile is worth. ``coarse``
    asks for a coarse correlated equilibrium. Where several are best, one vertex of them is given.

    The solution is exact whatever the payoffs are, floats being dyadic rationals, and is rounded
    for a float game or objective; before that its proof is checked without rounding. Where payoffs
    that differ by rounding alone hide it, a float game gets what floats give, if it holds within
    1e-9. Raises UnprovedError, an ArithmeticError, if it does not, and for an exact game with such
    payoffs if a budget of some seconds ends. Cost: a linear program with a variable an action
    profile and ``m_i (m_i - 1)`` constraints a player (``m_i`` if ``coarse``). Ten players with two
    actions take a tenth of a second, two with twenty a fifth to four seconds.

    >>> game = Game.from_payoffs([[6, 2], [7, 0]], [[6, 7], [2, 0]])
    >>> correlated(game, "Player 2", sense="min").payoffs
    (Fraction(7, 1), Fraction(2, 1))
    >>> correlated(game, [[0, 0], [0, 1]]).value  # how likely can disaster be?
    Fraction(1, 5)
    """
    if not isinstance(game, Game):
        raise ValueError(f"correlated: needs a Game in strategic form, got {type(game).__name__}")
    if sense not in ("max", "min"):
        raise ValueError(f'sense: {sense!r} is not known; use "max" or "min"')
    worth = _objective(game, objective)
    from gametheory.solvers._linear import WORK, UnprovedError, approximate, maximum

    exact = game.exact and worth.dtype == object
    rational = Game(_fractions(game.payoffs), game.players, game.actions)
    try:
        work = WORK if exact else 0
        found = _solve(
            rational, _fractions(worth), coarse, sense, functools.partial(maximum, work=work)
        )
        if not found.holds(0):
            raise CertificateError(f"correlated: {found!r} is not proved; please report this game")
        if exact:
            return found
    except UnprovedError:
        if exact:
            raise
        found = _solve(rational, _fractions(worth), coarse, sense, approximate)
    rounded = Correlated(
        game,
        freeze(found.distribution.astype(np.float64)),
        freeze(worth.astype(np.float64)),
        sense,
        coarse,
        tuple(freeze(y.astype(np.float64)) for y in found.multipliers),
    )
    if not rounded.holds():
        raise UnprovedError(f"correlated: {rounded!r} is not proved; perturb the payoffs")
    return rounded


def regrets(game: Game, distribution: ArrayLike, coarse: bool = False) -> tuple[Array, ...]:
    """What each player could gain by disobeying a draw from ``distribution``; at least zero.

    For each player an array of shape ``(m_i,)``: for each recommendation, the gain of the best
    deviation from it times the chance of getting it. If ``coarse``, of shape ``(1,)``: the gain of
    the best action chosen before the draw. The distribution is a correlated (coarse correlated)
    equilibrium iff all are zero. Exact if the game and the distribution are.

    >>> game = Game.from_payoffs([[6, 2], [7, 0]], [[6, 7], [2, 0]])
    >>> regrets(game, [[1, 0], [0, 0]])
    (array([Fraction(1, 1), Fraction(0, 1)], dtype=object),
     array([Fraction(1, 1), Fraction(0, 1)], dtype=object))
    """
    p = numbers(distribution, "distribution")
    if p.shape != game.shape:
        raise ValueError(f"distribution: shape {p.shape} for a game of shape {game.shape}")
    kind = np.dtype(object if game.exact and p.dtype == object else np.float64)
    found = []
    for i, m in enumerate(game.shape):
        above = (game.payoffs[..., i] - game.floors[i]).astype(kind)  # a constant costs no digits
        u = np.moveaxis(above, i, 0).reshape(m, -1)
        told = np.moveaxis(p, i, 0).reshape(m, -1).astype(kind)
        pays = told @ u.T  # [told, played]
        gains = pays - np.diag(pays)[:, np.newaxis]
        if coarse:
            gains = gains.sum(axis=0, keepdims=True)
        best = gains.max(axis=1)
        found.append(freeze(np.where(best > 0, best, 0 * best)))
    return tuple(found)


def _number(x: Any) -> Number:
    return x if isinstance(x, Fraction) else float(x)


def _fractions(values: Array) -> Array:
    exact = np.empty(values.size, dtype=object)
    exact[:] = [Fraction(v) for v in values.flat]
    return exact.reshape(values.shape)


def _objective(game: Game, given: ArrayLike | str | int) -> Array:
    """What each action profile is worth, shape ``game.shape``."""
    n = len(game.players)
    if isinstance(given, str) and given == "welfare":
        return np.asarray(game.payoffs.sum(axis=-1))
    if isinstance(given, str):
        if given not in game.players:
            raise ValueError(
                f'objective: {given!r} is not a player of {game.players}; or use "welfare"'
            )
        return game.payoffs[..., game.players.index(given)]
    if isinstance(given, (int, np.integer)):
        if not 0 <= given < n:
            raise ValueError(f"objective: there is no player {given}; use 0..{n - 1}")
        return game.payoffs[..., int(given)]
    worth = numbers(given, "objective")
    if worth.shape != game.shape:
        raise ValueError(
            f"objective: shape {worth.shape} for a game of shape {game.shape}; "
            "give what each action profile is worth"
        )
    return worth


def _solve(
    game: Game,
    objective: Array,
    coarse: bool,
    sense: Sense,
    program: Callable[[Sequence[int], Array, Sequence[int]], Optimum],
) -> Correlated:
    """The equilibrium, by the linear program in integers; ``game`` and ``objective`` are exact.

    The objective is raised above zero, so that ``sum(p) <= 1`` binds. Payoffs come in units of
    their own for each player; multipliers are put back into the units of the game.
    """
    from gametheory.solvers._linear import integers, raised

    whole, unit = integers(objective if sense == "max" else -objective)
    N = whole.size
    rows, units, places = [], [], []
    for i, m in enumerate(game.shape):
        u, unit_i = integers(game.payoffs[..., i])
        own = np.indices(game.shape)[i]
        for b in range(m):
            instead = u.take([b], axis=i)
            gain = instead - u
            for a in range(1 if coarse else m):
                if coarse or a != b:
                    rows.append((gain if coarse else np.where(own == a, gain, 0)).reshape(N))
                    units.append(unit / unit_i)
                    places.append((i, (b,) if coarse else (a, b)))
    rows.append(np.full(N, 1, dtype=object))
    best = program(raised(whole).reshape(N).tolist(), np.array(rows), [0] * len(places) + [1])

    multipliers = [
        np.full((m,) if coarse else (m, m), Fraction(0), dtype=object) for m in game.shape
    ]
    for (i, where), y, factor in zip(places, best.y, units):
        multipliers[i][where] = y * factor
    p = np.empty(N, dtype=object)
    p[:] = best.x
    return Correlated(
        game,
        freeze(p.reshape(game.shape)),
        freeze(objective),
        sense,
        coarse,
        tuple(freeze(y) for y in multipliers),
    )
