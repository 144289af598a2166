"""What is played in the long run, by players who revise one at a time and sometimes err.

At each step one player, drawn at random, revises, the others stay: with ``u`` the payoff of an
action against what they play, he takes it with a chance in proportion to ``exp(u / noise)`` (after
Blume 1993, Games Econ. Behav. 5: 387-424). ``noise`` is in the units of payoffs, the ``mu`` of
Myatt & Wallace (2008, Rev. Econ. Stud. 75: 499-527), one over the precision ``lam`` of
:mod:`gametheory.quantal`. The states, all profiles of pure actions, are an irreducible Markov chain
for every ``noise > 0``: its stationary law is the share of time that each is played.

With an exact potential ``F`` the law is in proportion to ``exp(F / noise)``. A game that depends on
how many act always has one: ``k`` of ``n`` act with a chance in proportion to
``C(n, k) exp((g_0 + ... + g_{k-1}) / noise)``, where ``g_j`` is the gain from acting while ``j``
others do. Other games have no closed form; their law is found by elimination of states.

As the noise vanishes the chance of a step falls like ``exp(-waste / noise)``, its *waste* being
what the player's best reply pays more than the action taken. By the Markov chain tree theorem the
chance of a state is a sum over the trees of steps that lead to it from all others; the states of
least total waste keep a positive chance. They are *stochastically stable* (after Young 1993,
Econometrica 61: 57-84, and, for logit, Alos-Ferrer & Netzer 2010, Games Econ. Behav. 68: 413-427).

Two hunters get 5 each for a stag, which takes both, and 3 for a hare:

>>> from gametheory.game import Game
>>> labels = [["stag", "hare"]] * 2
>>> stag_hunt = Game.from_payoffs([[5, 0], [3, 3]], [[5, 3], [0, 3]], actions=labels)
>>> run = long_run(stag_hunt, noise=0.5)
>>> run
LongRun(noise 0.5; most likely hare, hare: 0.876968; residual ...)
>>> round(run.expected(lambda *actions: "stag" in actions), 6)
0.123032
>>> stochastically_stable(stag_hunt)
StochasticallyStable(hare, hare)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory.count import CountGame
from gametheory.game import Array, Game, freeze, show

State = tuple[int, ...] | int

MOST = 4096
"""Profiles up to which the chain is solved."""
SHORT, ROUNDED = 1 << 56, 1 << 52
"""Wastes of floats are exact in units that make the largest SHORT or less, else ROUNDED."""
LEAST = 1e-9
"""Noise, per largest waste, below which the rounding of payoffs would tell in the law."""
TIE = 1e-9
"""Logarithms of chances as near as this, and to rounding where they are long, tie."""
SHOWN = 4


@dataclass(frozen=True, eq=False, repr=False)
class LongRun:
    """The stationary law of one-at-a-time logit revision in ``game``.

    A state is a profile of pure actions, a tuple of their indices; that of a :class:`CountGame` is
    the number who act. ``log_probabilities`` has the shape of the game, or ``(n + 1,)``: natural
    logarithms, so that no state is too rare. ``residual`` is the largest difference between the
    flow into a state and the flow out of it, as a share of the latter; of a CountGame, between the
    flows from ``k`` who act to ``k + 1`` and back. It shares no code with the elimination. That of
    a CountGame is a proof: no ratio of two chances is off by more than the residuals on the way. A
    small one of a Game is necessary, not sufficient: sets of states that are hardly ever left could
    be weighted wrongly against each other. What vouches for these weights is that the elimination
    never subtracts: see :mod:`gametheory.solvers._chain`.
    """

    game: Game | CountGame
    noise: float
    log_probabilities: Array
    residual: float

    @cached_property
    def probabilities(self) -> Array:
        """The chance of each state; 0 below the range of floats."""
        return freeze(np.exp(self.log_probabilities))

    @property
    def most_likely(self) -> tuple[State, ...]:
        """The likeliest state; all of them where some tie to rounding."""
        log = self.log_probabilities
        near = TIE + 1e-14 * (log.max() - log.min())
        return tuple(_states(self.game, log >= log.max() - near))

    def expected(self, statistic: Callable[..., Any] | ArrayLike) -> float:
        """The long-run average of ``statistic``; of one that is true or false, the chance.

        A function of the labels of the actions, one a player, or of the number who act; or its
        values, an array in the shape of ``probabilities``. Raises ValueError for another shape.
        """
        p = self.probabilities
        if callable(statistic):
            points: Any = (
                ((k,) for k in range(len(p)))
                if isinstance(self.game, CountGame)
                else itertools.product(*self.game.actions)
            )
            statistic = np.array([statistic(*x) for x in points]).reshape(p.shape)
        values = np.asarray(statistic)
        if values.shape != p.shape:
            raise ValueError(f"statistic: shape {values.shape}; give one value a state, {p.shape}")
        return float((p * values.astype(np.float64)).sum())

    @property
    def marginals(self) -> tuple[Array, ...]:
        """The share of time that each player plays each action, one vector a player.

        The players' actions are not independent: the law is not the product of these.
        """
        p = self.probabilities
        if isinstance(self.game, CountGame):
            acting = np.arange(len(p)) / (len(p) - 1)
            return (freeze(np.array([p @ acting, p @ acting[::-1]])),) * (len(p) - 1)
        axes = range(p.ndim)
        return tuple(freeze(p.sum(axis=tuple(j for j in axes if j != i))) for i in axes)

    def __repr__(self) -> str:
        told, p = _listed(self.game, self.most_likely), float(self.probabilities.max())
        return (
            f"LongRun(noise {show(self.noise)}; most likely {told}: {show(p)}; "
            f"residual {self.residual:.1g})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class StochasticallyStable:
    """The states of ``game`` whose long-run chance does not vanish with the noise.

    ``states``: as in :class:`LongRun`, tuples of indices or numbers who act. ``limit`` is
    the law as the noise vanishes, and ``waste`` the least total waste of a tree of steps to each
    state, less that of the stable ones: the chance of a state falls like ``exp(-waste / noise)``.
    Both have the shape of the game, or ``(n + 1,)``. ``waste`` is exact, in Fractions, if the
    payoffs are, else rounded.
    """

    game: Game | CountGame
    states: tuple[State, ...]
    waste: Array
    limit: Array

    def __repr__(self) -> str:
        return f"StochasticallyStable({_listed(self.game, self.states)})"


def long_run(game: Game | CountGame, noise: float) -> LongRun:
    """The stationary law of logit revision, one player at a time, with this ``noise``.

    ``noise`` is positive, in the units of payoffs. Payoffs and noise times ``k`` give the same law,
    as do payoffs to which something is added that the player's own action does not change. At
    ``inf`` all profiles are alike likely. The relative error of a chance, of the rarest state as of
    the likeliest, is of the order of 1e-16 times the wastes on the way to it, over the noise.

    Cost: 1 ms for 256 profiles of eight players, 20 ms for 1024, 2 s for 4096 of twelve; where the
    noise is under a hundredth or so of the largest waste, five times as much. Memory: two to three
    numbers a pair of profiles. A CountGame takes ``O(n)``, 5 ms for a thousand players. Raises
    ValueError for more than 4096 profiles, for a noise that is not positive or under 1e-9 of the
    largest waste of a step, and for other games.

    >>> volunteers = CountGame(act=[0.7] * 3, wait=[0, 1, 1])
    >>> long_run(volunteers, noise=0.1).probabilities.round(5).tolist()
    [0.00029, 0.95155, 0.04737, 0.00079]
    """
    noise = float(noise)
    if not noise > 0:
        raise ValueError(
            f"noise: {noise} is not positive; stochastically_stable gives what remains at zero"
        )
    if isinstance(game, CountGame):
        sums, unit = _gain_sums(game)
        _not_too_small(noise, float(np.abs(game.gain).max()))
        step = Fraction(0) if math.isinf(noise) else 1 / (unit * Fraction(noise))
        ways = [math.log(w) for w in _binomials(len(game.players))]
        law = np.array([w + float(s * step) for w, s in zip(ways, sums)])
        law -= np.logaddexp.reduce(law)
        return LongRun(game, noise, freeze(law), _imbalance_of_counts(game, noise, law))
    _check(game)
    from gametheory.solvers import _chain

    wastes = [w.astype(np.float64) for w in _wastes(game.payoffs)]
    _not_too_small(noise, max(float(w.max()) for w in wastes))
    odds = [-w / noise for w in wastes]  # logarithms, the best reply's 0
    logs = [x - np.log(np.exp(x).sum(axis=i, keepdims=True)) for i, x in enumerate(odds)]
    width = _chain.BITS * math.log(2)
    powers = [np.rint(x / width).astype(np.int64) for x in logs]
    rates = [np.exp(x - e * width) for x, e in zip(logs, powers)]
    order, M, E, last = _matrices(game, rates, powers, _chain.NOTHING)
    law, power = _chain.numbers(M, E, last)
    found = np.empty(len(M))
    found[order] = np.log(law) + (power - power.max()) * width
    found = found.reshape(game.shape)
    found -= np.logaddexp.reduce(found, axis=None)
    return LongRun(game, noise, freeze(found), _imbalance(found, logs))


def stochastically_stable(game: Game | CountGame) -> StochasticallyStable:
    """The states whose long-run chance stays positive as the noise of logit revision vanishes.

    Exact, ties included, also between cycles of best replies. Floats are taken as the dyadic
    rationals that they are if their wastes are whole numbers up to 2^56 in some unit, else wastes
    are rounded to 2^-52 of the largest; where ties matter, give Fractions. In a game with an exact
    potential the stable states are its maximisers; in a 2 x 2 game with two strict equilibria, the
    one that is risk-dominant. A strictly dominated action can decide which is stable.

    Cost: 10 ms for 256 profiles of eight players, 0.2 s for 1024, 5 to 10 s for 4096 of twelve.
    Fractions that need more than 60 bits over their common denominator take a thousand times as
    much. Raises ValueError for more than 4096 profiles, or 256 with such Fractions, and for games
    of other kinds.

    Three defend, each at a cost of 2 for what is worth 8 to him, if three do. One more with nothing
    at stake and a cost of 1 undoes them (after Myatt & Wallace 2008, on teams and a bad apple):

    >>> def team(*stakes):
    ...     return Game.of({f"{k}": ["stay", "act"] for k in range(len(stakes))},
    ...         lambda *a: [v * (a.count("act") > 2) - c * (x == "act")
    ...                     for x, (v, c) in zip(a, stakes)])
    >>> stochastically_stable(team((8, 2), (8, 2), (8, 2)))
    StochasticallyStable(act, act, act)
    >>> stochastically_stable(team((8, 2), (8, 2), (8, 2), (0, 1)))
    StochasticallyStable(stay, stay, stay, stay)
    """
    if isinstance(game, CountGame):
        sums, unit = _gain_sums(game)
        top = max(sums)
        kept = np.array([s == top for s in sums])
        ways = [w * bool(k) for w, k in zip(_binomials(len(game.players)), kept)]
        total = sum(ways)
        limit = np.array([w / total for w in ways])
        waste = [Fraction(top - s) / unit for s in sums]
    else:
        _check(game)
        from gametheory.solvers import _chain

        powers, unit = _whole(game)
        best = [(w == 0).sum(axis=i, keepdims=True) for i, w in enumerate(powers)]
        rates = [np.broadcast_to(1 / b, game.shape) for b in best]
        order, M, E, last = _matrices(game, rates, powers, _chain.NOTHING)
        found = _chain.leading(M, E, last)
        if found is None:
            raise ValueError(
                f"payoffs: Fractions too long for a game of {len(M)} profiles; give floats, "
                "or Fractions with a smaller common denominator"
            )
        law, power = np.empty((2, len(M)), dtype=object)
        law[order], power[order] = found
        kept = power == power.max()
        limit = np.where(kept, law, 0)
        limit = (limit / limit.sum()).astype(np.float64).reshape(game.shape)
        kept = kept.reshape(game.shape)
        waste = [Fraction(int(power.max() - e)) / unit for e in power]
    exact = np.array(waste, dtype=object).reshape(kept.shape)
    return StochasticallyStable(
        game,
        tuple(_states(game, kept)),
        freeze(exact if game.exact else exact.astype(np.float64)),
        freeze(limit),
    )


def _check(game: Game) -> None:
    if not isinstance(game, Game):
        raise ValueError(f"long run: needs a Game or a CountGame, got {type(game).__name__}")
    if math.prod(game.shape) > MOST:
        raise ValueError(
            f"long run: {math.prod(game.shape)} profiles are more than {MOST}; "
            "use fewer players or actions, or a CountGame if the players are alike"
        )


def _not_too_small(noise: float, largest: float) -> None:
    if noise < LEAST * largest:
        raise ValueError(
            f"noise: {noise:.6g} is under {LEAST:g} of the largest waste of a step, {largest:.6g}; "
            "use more, or stochastically_stable for what remains at zero"
        )


def _mapped(function: Callable[[Any], Any], values: Array) -> Array:
    out = np.empty(values.size, dtype=object)
    out[:] = [function(x) for x in values.flat]
    return out.reshape(values.shape)


def _wastes(payoffs: Array) -> list[Array]:
    """What a best reply pays above each action, one array a player, in the shape of the game."""
    tables = enumerate(np.moveaxis(payoffs, -1, 0))
    return [u.max(axis=i, keepdims=True) - u for i, u in tables]


def _whole(game: Game) -> tuple[list[Array], Fraction]:
    """The wastes of steps as integers, negative, and how many are one unit of payoffs."""
    wastes = _wastes(game.payoffs if game.exact else _mapped(Fraction, game.payoffs))
    unit = Fraction(math.lcm(*{x.denominator for w in wastes for x in w.flat}))
    largest = max(x for w in wastes for x in w.flat)
    if not game.exact and largest * unit > SHORT:
        unit = ROUNDED / largest
    whole = [_mapped(lambda x: -round(x * unit), w) for w in wastes]
    common = math.gcd(*(x for w in whole for x in w.flat)) or 1
    kind = np.int64 if largest * unit <= common << 60 else object
    return [(w // common).astype(kind) for w in whole], unit / common


def _matrices(
    game: Game, rates: list[Array], powers: list[Array], nothing: int
) -> tuple[Array, Array, Array, Array]:
    """Order of elimination, rates and their powers between states, last rate of each row.

    ``rates[i]`` and ``powers[i]``, as the game, are of the step of player ``i`` to his action. A
    set of states first no two of which are a step apart: each has few neighbours when it leaves.
    """
    indices = np.indices(game.shape).reshape(len(game.shape), -1)
    total = indices.sum(axis=0)
    order = np.lexsort((total, total % max(game.shape) != 0))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    places = place.reshape(game.shape)
    M = np.zeros((len(order),) * 2)
    E = np.full(M.shape, nothing, dtype=powers[0].dtype)
    for i, m in enumerate(game.shape):
        lines = np.moveaxis(places, i, 0).reshape(m, -1)
        rate = np.moveaxis(rates[i], i, 0).reshape(m, -1)
        power = np.moveaxis(powers[i], i, 0).reshape(m, -1)
        for a, b in itertools.permutations(range(m), 2):
            M[lines[a], lines[b]], E[lines[a], lines[b]] = rate[b], power[b]
    last = len(M) - 1 - (M[:, ::-1] > 0).argmax(axis=1)
    return order, M, E, last


def _imbalance(law: Array, logs: list[Array]) -> float:
    """The largest relative difference of the flows into and out of a state, in logarithms."""
    into, out = np.full(law.shape, -np.inf), np.full(law.shape, -np.inf)
    for i, step in enumerate(logs):
        for a in range(law.shape[i]):
            here = (slice(None),) * i + (a,)
            others = [np.delete(x, a, axis=i) for x in (law, step)]
            if others[0].size:
                arrive, leave = (np.logaddexp.reduce(x, axis=i) for x in others)
                into[here] = np.logaddexp(into[here], arrive + step[here])
                out[here] = np.logaddexp(out[here], leave + law[here])
    return float(np.abs(np.expm1(into - out)).max()) if law.size > 1 else 0.0


def _gain_sums(game: CountGame) -> tuple[list[int], Fraction]:
    """The gains from acting summed over ``0..k-1`` others who act, times the unit; the unit."""
    pairs = zip(game.act.tolist(), game.wait.tolist())
    gains = [Fraction(a) - Fraction(w) for a, w in pairs]
    unit = math.lcm(*{g.denominator for g in gains})
    whole = (g.numerator * (unit // g.denominator) for g in gains)
    return list(itertools.accumulate(whole, initial=0)), Fraction(unit)


def _binomials(n: int) -> Iterator[int]:
    """``C(n, 0), ..., C(n, n)``."""
    ways = 1
    for k in range(n + 1):
        yield ways
        ways = ways * (n - k) // (k + 1)


def _imbalance_of_counts(game: CountGame, noise: float, law: Array) -> float:
    """The largest relative difference of the flows from ``k`` who act to ``k + 1`` and back."""
    n, gain = len(law) - 1, game.gain.astype(np.float64) / noise
    k = np.arange(n)
    up = law[:-1] + np.log(n - k) - np.logaddexp(0, -gain)
    down = law[1:] + np.log(k + 1) - np.logaddexp(0, gain)
    return float(np.abs(np.expm1(up - down)).max())


def _states(game: Game | CountGame, where: Array) -> Iterator[State]:
    """The states at which ``where`` is true."""
    for index in np.argwhere(where).tolist():
        yield index[0] if isinstance(game, CountGame) else tuple(index)


def _listed(game: Game | CountGame, states: tuple[State, ...]) -> str:
    """The first states as a person reads them, and how many more there are."""
    told = [
        f"{s} {game.actions[0][0]}"
        if isinstance(s, int)
        else ", ".join(names[a] for names, a in zip(game.actions, s))
        for s in states[:SHOWN]
    ]
    more = [f"{len(states) - SHOWN} more"] if len(states) > SHOWN else []
    return "; ".join(told + more)
