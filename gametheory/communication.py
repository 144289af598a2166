"""Communication equilibria of Bayesian games: what a mediator can bring about, with proofs.

Players report their types to a mediator, who draws actions from ``mu(a | t)`` and recommends to
each his own in private. The *mechanism* ``mu`` is a communication equilibrium if nobody gains by
lying, by disobeying, or by both: for every player ``i``, type ``t_i``, report ``r_i`` and rule
``d`` from what he is told to what he plays,

    sum_{t_-i} p(t) sum_a [mu(a | t) u_i(t, a) - mu(a | r_i, t_-i) u_i(t, (d(a_i), a_-i))] >= 0

(Myerson 1982, J. Math. Econ. 10: 67-81; Forges 1986, Econometrica 54: 1375-1385; after both). With
one type each it is a correlated equilibrium; if the mediator alone acts, an incentive-compatible
direct mechanism. Every Bayes-Nash equilibrium is one, and so is what any protocol of talk before
the play brings about: bounds over communication equilibria are bounds on all of these.

The best rule answers each recommendation alone. With a variable for what each lie can bring after
each, the constraints are linear and few, and the best mechanism for a linear objective ``c(t, a)``
is that of a linear program. Its dual proves the value: multipliers ``y_i(t_i, r_i, a_i, b_i) >= 0``
of type, report, recommendation and action, of which the sum over ``b_i``, ``l_i(t_i, r_i)``, is the
same for every ``a_i``, show that no mechanism is worth more than the sum over reports ``t`` of

    max_a { p(t) c(t, a) + sum_i [ sum_{r_i} l_i(t_i, r_i) p(t) u_i(t, a)
        - sum_{s_i, b_i} y_i(s_i, t_i, a_i, b_i) p(s_i, t_-i) u_i((s_i, t_-i), (b_i, a_-i)) ] },

the largest sum of virtual utilities (after Myerson 1991, Game Theory, chapter 6).

A sender knows which of two states holds; a receiver acts. If what the sender says is heard for
sure, it tells nothing, and the receiver plays ``y`` for 2. A mediator who blurs the report does
better (after an example of Farrell, in Myerson 1991):

>>> from fractions import Fraction
>>> pays = {"a": [(2, 3), (0, 2), (-1, 0)], "b": [(1, 0), (2, 2), (0, 3)]}
>>> game = BayesianGame.of(
...     {"sender": "ab", "receiver": ["-"]},
...     {"sender": ["-"], "receiver": "xyz"},
...     {"sender": [Fraction(1, 2)] * 2, "receiver": [1]},
...     lambda types, actions: pays[types[0]]["xyz".index(actions[1])],
... )
>>> best = communication(game, "receiver")
>>> best
Communication(max 5/2, regret 0, exact)
>>> [[str(p) for p in row] for row in best.mechanism[:, 0, 0]]
[['2/3', '1/3', '0'], ['0', '2/3', '1/3']]
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gametheory.bayesian import BayesianGame
from gametheory.equilibrium import CertificateError
from gametheory.game import Array, Number, freeze, numbers, show

Sense = Literal["max", "min"]
GROWTH = 16
"""Factor by which the worth of playing at all grows, until the mediator always recommends."""


@dataclass(frozen=True, eq=False, repr=False)
class Communication:
    """A communication equilibrium that is best for a linear objective.

    ``mechanism`` and ``objective`` have shape ``(T_0, ..., T_{n-1}, m_0, ..., m_{n-1})``: chances
    that actions are recommended given the reports, and what actions are worth given the types.
    ``multipliers`` prove that no other equilibrium has a larger (``sense`` "max") or smaller
    ("min") expected objective: an array of shape ``(T_i, T_i, m_i, m_i)`` a player, from the true
    type, the report and the recommendation to the action played. All Fractions where the game and
    the objective are exact, else floats.
    """

    game: BayesianGame
    mechanism: Array
    objective: Array
    sense: Sense
    multipliers: tuple[Array, ...]

    @functools.cached_property
    def value(self) -> Number:
        """Expected objective, if all are honest and obedient."""
        return _number((self._chances * self.objective).sum())

    @functools.cached_property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player before he knows his type."""
        weights = self._chances[..., np.newaxis] * self.game.payoffs
        return tuple(_number(weights[..., i].sum()) for i in range(len(self.game.players)))

    @functools.cached_property
    def interim(self) -> tuple[Array, ...]:
        """What each type of each player expects, shapes ``(T_i,)``."""
        n, found = len(self.game.players), []
        for i, own in enumerate(self.game.marginals):
            weights = self._chances * self.game.payoffs[..., i]
            found.append(freeze(weights.sum(axis=tuple(k for k in range(2 * n) if k != i)) / own))
        return tuple(found)

    @property
    def _chances(self) -> Array:
        """Chance of each type and action profile."""
        wide = self.game.prior.shape + (1,) * len(self.game.players)
        return np.asarray(self.game.prior.reshape(wide) * self.mechanism)

    @functools.cached_property
    def regrets(self) -> tuple[Array, ...]:
        """What each type could gain by each report: see :func:`regrets`."""
        return regrets(self.game, self.mechanism)

    @functools.cached_property
    def bound(self) -> Number:
        """The most (least) that any communication equilibrium is worth, by ``multipliers`` alone.

        Equal to ``value`` where exact. Computed from the payoffs by no code of the linear program.
        Raises ValueError where the sums over actions of the multipliers differ.
        """
        game, n = self.game, len(self.game.players)
        sign = 1 if self.sense == "max" else -1
        wide = game.prior.shape + (1,) * n
        worth = sign * game.prior.reshape(wide) * self.objective
        for i, y in enumerate(self.multipliers):
            paid, axes = _paid(game, i)
            total = y.sum(axis=3)
            if abs(total - total[:, :, :1]).max() > 1e-9 * abs(total).max():
                raise ValueError("multipliers: sums over actions differ by recommendation")
            gain = np.tensordot(y, paid, axes=((0, 3), (0, 1)))  # report, told, others
            each = total[:, :, 0].sum(axis=1).reshape(-1, *(1,) * (paid.ndim - 1))
            worth = worth + (each * paid - gain).transpose(np.argsort(axes))
        return _number(sign * worth.max(axis=tuple(range(n, 2 * n))).sum())

    def holds(self, tol: float = 1e-9) -> bool:
        """Whether regrets are within ``tol`` of the range of each type, value of its bound.

        The unit of the bound is the range of the objective. Exact results hold with ``tol=0``.
        """
        n, mu = len(self.game.players), self.mechanism
        met = self.objective[self.game.prior > 0]
        unit = float(met.max() - met.min()) or float(abs(met).max())
        gap: Any = self.value - self.bound
        return (
            bool((mu >= 0).all())
            and bool((abs(mu.sum(axis=tuple(range(n, 2 * n))) - 1) <= tol).all())
            and all((y >= 0).all() for y in self.multipliers)
            and all(
                (r <= tol * span[:, np.newaxis]).all()
                for r, span in zip(self.regrets, self.game.spans)
            )
            and bool(abs(gap) <= tol * unit)
        )

    def __repr__(self) -> str:
        kind = "exact" if self.mechanism.dtype == object else "float"
        regret = show(max(r.max() for r in self.regrets))
        return f"Communication({self.sense} {show(self.value)}, regret {regret}, {kind})"


def communication(
    game: BayesianGame, objective: ArrayLike | str | int = "welfare", sense: Sense = "max"
) -> Communication:
    """The communication equilibrium with the largest (or, ``sense="min"``, smallest) objective.

    ``objective`` is "welfare" (the sum of payoffs), the name or index of a player (that player's
    payoff ex ante), or an array of shape ``(T_0, ..., T_{n-1}, m_0, ..., m_{n-1})``: what actions
    are worth, given the types. Where several are best, one vertex of them is given.

    The solution is exact whatever the payoffs are, floats being dyadic rationals, and is rounded
    for a float game or objective; before that its proof is checked without rounding. Raises
    UnprovedError, an ArithmeticError, if payoffs that differ by rounding alone hide the solution
    and a budget of some seconds ends. Cost: a linear program with a variable a type and action
    profile, and for each lie of each player ``m_i`` variables and ``m_i^2`` constraints.

    >>> game = BayesianGame([[[[[2, 1], [0, 0]], [[0, 0], [1, 2]]]]], [[1]])
    >>> communication(game, "Player 2").payoffs
    (Fraction(1, 1), Fraction(2, 1))
    """
    if not isinstance(game, BayesianGame):
        raise ValueError(f"communication: needs a BayesianGame, got {type(game).__name__}")
    if sense not in ("max", "min"):
        raise ValueError(f'sense: {sense!r} is not known; use "max" or "min"')
    worth = _objective(game, objective)
    exact = game.exact and worth.dtype == object
    rational = BayesianGame(
        _fractions(game.payoffs), _to_one(_fractions(game.prior)), game.players, game.types
    )
    found = _solve(rational, _fractions(worth), sense)
    if not found.holds(0):
        raise CertificateError(f"communication: {found!r} is not proved; please report this game")
    if exact:
        return Communication(game, found.mechanism, found.objective, sense, found.multipliers)
    rounded = Communication(
        game,
        freeze(found.mechanism.astype(np.float64)),
        freeze(worth.astype(np.float64)),
        sense,
        tuple(freeze(y.astype(np.float64)) for y in found.multipliers),
    )
    if not rounded.holds():
        from gametheory.solvers._linear import UnprovedError

        raise UnprovedError(f"communication: {rounded!r} is not proved; perturb the payoffs")
    return rounded


def regrets(game: BayesianGame, mechanism: ArrayLike) -> tuple[Array, ...]:
    """What each type could gain by each report, if it then plays as it likes; at least zero.

    ``mechanism`` has shape ``(T_0, ..., T_{n-1}, m_0, ..., m_{n-1})``. For each player an array of
    shape ``(T_i, T_i)``, from the true type to the report: the gain, given the type, of the best
    action after each recommendation over honesty and obedience. The diagonal is disobedience alone.
    The mechanism is a communication equilibrium iff all are zero. Exact if all is.

    >>> game = BayesianGame([[[[[2, 1], [0, 0]], [[0, 0], [1, 2]]]]], [[1]])
    >>> [r.tolist() for r in regrets(game, [[[[0, 1], [0, 0]]]])]
    [[[Fraction(1, 1)]], [[Fraction(1, 1)]]]
    """
    mu = numbers(mechanism, "mechanism")
    if mu.shape != game.payoffs.shape[:-1]:
        raise ValueError(
            f"mechanism: shape {mu.shape} for types and actions {game.payoffs.shape[:-1]}"
        )
    kind = np.dtype(object if game.exact and mu.dtype == object else np.float64)
    found = []
    for i, (T, m) in enumerate(zip(game.prior.shape, game.shape)):
        paid, axes = _paid(game, i)
        played = mu.transpose(axes).reshape(T * m, -1).astype(kind)
        pays = (paid.reshape(T * m, -1).astype(kind) @ played.T).reshape(T, m, T, m)
        honest = np.array([np.diagonal(pays[:, a, :, a]) for a in range(m)]).sum(axis=0)
        best = pays.max(axis=1).sum(axis=2)
        gain = (best - honest[:, np.newaxis]) / game.marginals[i].astype(kind)[:, np.newaxis]
        found.append(freeze(np.where(gain > 0, gain, 0 * gain)))
    return tuple(found)


def _paid(game: BayesianGame, i: int) -> tuple[Array, list[int]]:
    """Payoffs of ``i`` times the chance of the types, and the order of the axes.

    Own type, own action, others' types, others' actions. Payoffs are above the least of the type
    profile, so that a constant costs no digits: it is paid whatever is reported and played.
    """
    n = len(game.players)
    others = [j for j in range(n) if j != i]
    table = game.payoffs[..., i]
    above = table - table.min(axis=tuple(range(n, 2 * n)), keepdims=True)
    axes = [i, n + i, *others, *(n + j for j in others)]
    return (game.prior.reshape(game.prior.shape + (1,) * n) * above).transpose(axes), axes


def _number(x: Any) -> Number:
    return x if isinstance(x, Fraction) else float(x)


def _fractions(values: Array) -> Array:
    exact = np.empty(values.size, dtype=object)
    exact[:] = [Fraction(v) for v in values.flat]
    return exact.reshape(values.shape)


def _to_one(prior: Array) -> Array:
    """Chances that add up to one exactly: those of floats do so up to rounding."""
    return np.asarray(prior / prior.sum())


def _objective(game: BayesianGame, given: ArrayLike | str | int) -> Array:
    """What each type and action profile is worth."""
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
    if worth.shape != game.payoffs.shape[:-1]:
        raise ValueError(
            f"objective: shape {worth.shape} for types and actions {game.payoffs.shape[:-1]}; "
            "give what actions are worth, given the types"
        )
    return worth


def _solve(game: BayesianGame, objective: Array, sense: Sense) -> Communication:
    """The equilibrium, by the linear program in integers; ``game`` and ``objective`` are exact.

    Its chances add up to at most one for each report; to recommend nothing would be a threat that
    no mediator has. So each chance is worth something, and more until all add up to one: what is
    then best among more is best.
    """
    from gametheory.solvers._linear import integers, maximum

    T, m, n = game.prior.shape, game.shape, len(game.players)
    shape = (*T, *m)
    N, reports = math.prod(shape), math.prod(T)
    worth = game.prior.reshape(*T, *(1,) * n) * objective
    worth = worth - worth.min(axis=tuple(range(n, 2 * n)), keepdims=True)
    whole, unit = integers(worth if sense == "max" else worth.max() - worth)
    lies = [(i, t, r) for i in range(n) for t in range(T[i]) for r in range(T[i]) if t != r]
    start = {}
    size = N
    for i, t, r in lies:
        start[i, t, r] = size
        size += m[i]
    rows, places = [], []
    for place, chances, brings in _constraints(game):
        row = np.full(size, 0, dtype=object)
        row[:N] = chances
        for (i, t, r, a), sign in brings:
            row[start[i, t, r] + a] = sign
        rows.append(row)
        places.append(place)
    for k in range(reports):
        row = np.full(size, 0, dtype=object)
        row[:N].reshape(reports, -1)[k] = 1
        rows.append(row)
    G, h = np.array(rows), [0] * len(places) + [1] * reports
    weight = max(whole.flat) or 1
    while True:
        c = [*(whole.reshape(N) + weight).tolist(), *[0] * (size - N)]
        best = maximum(c, G, h)
        mu = np.array(best.x[:N], dtype=object)
        if (mu.reshape(reports, -1).sum(axis=1) == 1).all():
            break
        weight *= GROWTH
    multipliers = [np.full((k, k, a, a), Fraction(0), dtype=object) for k, a in zip(T, m)]
    for place, y in zip(places, best.y):
        if place is not None:
            i, *where, scale = place
            multipliers[i][tuple(where)] = y * unit / scale
    return Communication(
        game,
        freeze(mu.reshape(shape)),
        freeze(objective),
        sense,
        tuple(freeze(_level(y)) for y in multipliers),
    )


Row = tuple[
    tuple[int, int, int, int, int, Fraction] | None,
    Array,
    list[tuple[tuple[int, int, int, int], int]],
]
"""Where its multiplier belongs and its unit, coefficients of ``mu``, and those of lies."""


def _constraints(game: BayesianGame) -> Iterator[Row]:
    """The constraints ``<= 0``, in integers: obedience of the honest, what lies bring, honesty."""
    from gametheory.solvers._linear import integers

    for i in range(len(game.players)):
        paid, axes = _paid(game, i)
        T, m = paid.shape[:2]
        back = np.argsort(axes)
        for t in range(T):
            V, unit = integers(paid[t])
            size = max(V.flat) or 1  # the unit of what lies bring: of one magnitude for floats
            for r in range(T):
                for a in range(m):
                    for b in range(m):
                        if t == r and a == b:
                            continue
                        row = np.full(paid.shape, 0, dtype=object)
                        row[r, a] = V[b] - V[a] if t == r else V[b]
                        lies = [] if t == r else [((i, t, r, a), -size)]
                        yield (i, t, r, a, b, unit), _flat(row, back), lies
                if t != r:
                    row = np.full(paid.shape, 0, dtype=object)
                    row[t] = -V
                    lies = [((i, t, r, a), size) for a in range(m)]
                    yield None, _flat(row, back), lies


def _flat(row: Array, axes: Array) -> Array:
    return np.asarray(row.transpose(axes)).reshape(-1)


def _level(y: Array) -> Array:
    """Multipliers with one sum for every recommendation: what lacks is put on obedience."""
    total = y.sum(axis=3)
    short = total.max(axis=2, keepdims=True) - total
    for a in range(y.shape[2]):
        y[:, :, a, a] += short[:, :, a]
    return y
