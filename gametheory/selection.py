"""Selection among equilibria after Harsanyi and Selten: tracing, risk dominance, p-dominance.

The *tracing procedure* leads from a prior, what each player is expected to play before anybody has
thought, to one equilibrium (Harsanyi 1975, Int. J. Game Theory 4: 61-94; Harsanyi & Selten 1988, A
General Theory of Equilibrium Selection in Games, ch. 4). At ``t`` in [0, 1] action ``a`` of player
``i`` pays

    (1 - t) u_i(a, p_-i) + t u_i(a, x_-i),

and a path of equilibria ``x`` of these games goes from the best replies to the prior ``p`` at
``t = 0`` to an equilibrium of the game at ``t = 1``. The *linear* procedure asks for a path that is
unique, which it is for almost all payoffs and priors, not for all. The *logarithmic* one adds ``eta
(1 - t) sum_a log x_ia`` to the payoffs and lets ``eta`` go to zero; where the linear path is
unique, both lead to the same equilibrium.

*Risk dominance* of one equilibrium over another asks where tracing leads in the game in which each
player has his two equilibrium strategies ``U_i``, ``V_i``, from the *bicentric prior*: a player who
believes that with chance ``z`` all others play ``U``, and else all play ``V``, has ``U_i`` as best
reply for some ``z`` in [0, 1], and his prior chance of it is the share of these (ibid., ch. 5;
there the restricted game may hold more actions, the formation that both equilibria span).

>>> from fractions import Fraction
>>> c = Fraction(2, 5)
>>> hunt = CountGame(act=[0, 0, 1], wait=[c, c, c], names=["stag", "hare"])
>>> stag, hare = (Profile.pure(hunt, (a,) * 3) for a in (0, 1))
>>> compared = risk_dominance(stag, hare)
>>> compared.dominant is hare, compared.by_product is stag
(True, True)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory._symmetry import symmetries
from gametheory.count import CountGame
from gametheory.equilibrium import CertificateError, Equilibrium, certify
from gametheory.game import Array, Game, Number, Profile, freeze, show
from gametheory.quantal import _as_counts, _limit

if TYPE_CHECKING:
    import pandas as pd

NAME = "tracing"
CURVE = 100
"""Points that show a curved part of a path."""
SURE = 1e-9
"""Differences below this share of a payoff range may be rounding, where payoffs are floats."""

Prior = Profile | Equilibrium | Sequence[ArrayLike]
EXCUSE = "At a tie the path forks: with the actions in another order it may lead elsewhere."


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """A path of the tracing procedure and the equilibrium that it leads to.

    ``ts`` (S,) are values of ``t`` in order along the path, from 0 to 1 (it may turn back between),
    and ``mixtures`` one array (S, m_i) a player. Two players: the points where an action comes into
    play, leaves it, or is left with no choice; between two of them ``t x`` is linear in ``t``, or
    ``x`` is where ``t`` stands still. ``equilibrium`` is the end, certified.

    ``unique`` is True if the linear path is proved to be the only one, False if a tie was met, so
    that it is not known to be, and None for a path followed in floats, where that is not decided.
    """

    game: Game | CountGame
    prior: Profile
    ts: Array
    mixtures: tuple[Array, ...]
    equilibrium: Equilibrium
    unique: bool | None
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row a point: t, and the chance of each action of each player."""
        import pandas as pd

        columns: dict[tuple[str, str], Array] = {("", "t"): self.ts}
        for player, names, x in zip(self.game.players, self.game.actions, self.mixtures):
            columns |= {(player, name): x[:, a] for a, name in enumerate(names)}
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        sure = {True: "unique", False: "a tie was met", None: "in floats"}[self.unique]
        return f"Trace(to {repr(self.equilibrium)[12:-1]}; {len(self.ts)} points; {sure})"


def trace(game: Game | CountGame, prior: Prior | None = None, exact: bool | None = None) -> Trace:
    """The path of the tracing procedure from ``prior``, equal chances if None, to an equilibrium.

    *Two players*: the linear procedure, pivoted in integers whatever the payoffs are; floats are
    the dyadic rationals they are, and a prior in floats is divided by its sum. Where ties fork the
    path, they are broken as if an action that comes earlier paid a little more, and ``unique`` is
    False: the end is an equilibrium, but not one that the theory selects.

    *Other numbers of players*: if the only best replies to the prior are a strict equilibrium, the
    linear path stays there, and that is proved. Else the logarithmic path, followed in floats, with
    ``eta`` one millionth of each player's largest loss (or more, if a note says so); ``unique`` is
    None. Its end is certified.

    *A CountGame*, or a game that is one: the path among profiles in which all players mix alike, in
    closed form; the prior must be alike for all. If the prior leaves all indifferent, that of the
    logarithmic procedure; ``unique`` is False.

    ``exact`` asks for Fractions (True) or floats; None follows the game.

    Cost, medians for random payoffs: two players 1 ms at 10 x 10, 30 ms at 50 x 50 and 0.3 s at
    100 x 100, where a pivot takes 1 ms and some paths thousands (in the worst case a path is
    exponentially long). Logarithmic paths 15 ms for three players with two actions, 25 ms for four
    or for 3 x 3 x 3, 65 ms for 5 x 5 x 5, 0.7 s for ten players with two actions. A CountGame of
    100 players a few ms, one of 1,000 a second.

    Raises ValueError for a prior that does not fit or a mixed end that is not found exactly, and
    UnprovedError, an ArithmeticError, if a path is longer than its budget or lost.

    >>> game = Game.from_payoffs([[3, 0], [2, 2]], [[3, 2], [0, 2]])
    >>> trace(game)
    Trace(to Player 1: (0, 1); Player 2: (0, 1); 2 points; unique)
    >>> trace(game, prior=[[1, 0], [0.8, 0.2]]).equilibrium.profile.support
    ((0,), (0,))
    """
    if not isinstance(game, (Game, CountGame)):
        raise ValueError(f"{NAME}: needs a Game or a CountGame, got {type(game).__name__}")
    start = _profile(game, prior)
    if isinstance(game, CountGame):
        return _counted(game, game, start, exact)
    if len(game.players) == 2:
        return _two(game, start, exact)
    alike = all(np.array_equal(x, start.mixtures[0]) for x in start.mixtures)
    counted = _as_counts(game) if alike else None
    return _counted(game, counted, start, exact) if counted else _many(game, start, exact)


def _profile(game: Game | CountGame, prior: Prior | None) -> Profile:
    if prior is None:
        even = {m: freeze(np.array([Fraction(1, m)] * m, dtype=object)) for m in set(game.shape)}
        return Profile(game, [even[m] for m in game.shape])
    given = prior.mixtures if isinstance(prior, (Profile, Equilibrium)) else tuple(prior)
    return Profile(game, given)


def _fractions(x: Array) -> list[Fraction]:
    """The probabilities in proportion to ``x``, exact."""
    weights = [Fraction(p) for p in x.tolist()]
    total = sum(weights)
    return [p / total for p in weights]


def _found(
    game: Game | CountGame,
    prior: Profile,
    ts: Sequence[Number],
    mixtures: Sequence[Array],
    end: Profile,
    unique: bool | None,
    notes: Sequence[str] = (),
) -> Trace:
    """The trace, its end certified."""
    certificate = certify(end)
    if not certificate.holds() or (certificate.exact and certificate.regret):
        raise CertificateError(
            f"{NAME}: {end!r} is not an equilibrium (regret {show(certificate.regret)}); "
            "please report this game"
        )
    return Trace(
        game,
        prior,
        freeze(np.array([Fraction(t) for t in ts], dtype=object).astype(mixtures[0].dtype)),
        tuple(mixtures),
        Equilibrium(end, certificate, NAME),
        unique,
        tuple(notes),
    )


def _two(game: Game, prior: Profile, exact: bool | None) -> Trace:
    """The linear path of two players."""
    from gametheory.solvers._trace_linear import follow

    A, B = game.payoffs[..., 0], game.payoffs[..., 1]
    p, q = map(_fractions, prior.mixtures)
    path = follow(A, B, p, q)
    kind = np.dtype(object if (game.exact if exact is None else exact) else np.float64)
    mixtures = [freeze(np.array(x, dtype=object).astype(kind)) for x in zip(*path.mixtures)]
    end = Profile(game, [x[-1] for x in mixtures])
    return _found(game, prior, path.ts, mixtures, end, not path.tied, [EXCUSE] if path.tied else [])


def _many(game: Game, prior: Profile, exact: bool | None) -> Trace:
    """A constant linear path where there is one, else a logarithmic path."""
    fractions = game.exact if exact is None else exact
    rational = [np.array(_fractions(x), dtype=object) for x in prior.mixtures]
    stays = _strict(game, rational)
    if stays:
        end = Profile.pure(game, stays)
        kind = np.dtype(object if fractions else np.float64)
        sure = [freeze(np.stack([x, x]).astype(kind)) for x in end.mixtures]
        return _found(game, prior, [0, 1], sure, Profile(game, [x[0] for x in sure]), True)
    from gametheory.solvers import _trace_log
    from gametheory.solvers._linear import UnprovedError

    tables = np.moveaxis(game.payoffs, -1, 0)
    losses = [u - u.max(axis=i, keepdims=True) for i, u in enumerate(tables)]
    shares = [(u / (-u.min() or 1)).astype(np.float64).ravel() for u in losses]
    relabelled = list(symmetries(game)) if len(game.players) > 1 else []
    flat = np.concatenate(rational).astype(np.float64)
    alike = _trace_log.classes(game.shape, flat, relabelled)
    path = _trace_log.Path(np.stack(shares, axis=1), game.shape, flat, alike)
    for eta in _trace_log.ETAS:
        try:
            values, points = path.follow(eta)
        except UnprovedError:
            continue
        parts = np.split(np.array(points), np.cumsum(game.shape)[:-1], axis=1)
        found = _limit(game, [x[-1] / x[-1].sum() for x in parts])
        if found:
            break
    else:
        raise UnprovedError(
            f"{NAME}: the path is lost, or no equilibrium is certified at its end; use another "
            "prior or method='logit'"
        )
    end = found.profile
    if all(len(s) == 1 for s in end.support) and fractions:
        end = Profile.pure(game, [s[0] for s in end.support])
    elif exact:
        raise ValueError(f"{NAME}: the end of this path is mixed, found in floats; use exact=None")
    if values[-1] < 1:  # the end was solved for from close by
        values = [*values, 1.0]
        parts = [np.vstack([x, y.astype(np.float64)]) for x, y in zip(parts, end.mixtures)]
    mixtures = [freeze(x) for x in parts]
    note = f"A logarithmic path with eta = {eta:g} of each player's largest loss."
    return _found(game, prior, values, mixtures, end, None, [note])


def _strict(game: Game, prior: Sequence[Array]) -> list[int]:
    """The only best replies to ``prior`` if they are a strict equilibrium, else nothing."""
    best = _only_replies(game, prior)
    return best if best and _only_replies(game, Profile.pure(game, best).mixtures) == best else []


def _only_replies(game: Game, mixtures: Sequence[Array]) -> list[int]:
    """Each player's only best reply, if all have only one, beyond rounding."""
    found = []
    for i in range(len(mixtures)):
        gains = game.gains(mixtures, i)
        best = int(gains.argmax())
        margin: Any = 0 if game.exact else SURE * game.ranges[i]
        if sum(gains >= gains[best] - margin) > 1:
            return []
        found.append(best)
    return found


def _counted(
    game: Game | CountGame, counts: CountGame, prior: Profile, exact: bool | None
) -> Trace:
    """The path among profiles in which all mix alike: ``q`` acts where ``t = g0 / (g0 - g(q))``.

    ``g`` is the gain from acting, ``g0`` what it is against the prior: the path stays where all do
    the better until ``t`` is so large that the gain is zero, then follows that curve to the first
    root of ``g``.
    """
    from gametheory.solvers._linear import UnprovedError
    from gametheory.solvers.symmetric import solve

    p, n = prior.mixtures[0], len(game.players)
    if not all(x is p or np.array_equal(x, p) for x in prior.mixtures):
        raise ValueError(f"{NAME}: the prior differs between players; use game.to_game()")
    found = solve(counts, exact)
    known = {e.mixtures[0][0]: e for e in found}
    g0, unit = _gain(counts, p), counts.scale
    if found.coverage.name == "UNKNOWN":
        raise UnprovedError(
            f"{NAME}: not all symmetric equilibria are known, so neither is the first on the path; "
            "use fewer players or another prior"
        )
    tied = bool(abs(g0) <= (0.0 if isinstance(g0, Fraction) else SURE * unit))
    kind = np.dtype(object if (counts.exact if exact is None else exact) else np.float64)
    middle = np.array([Fraction(1, 2)] * 2, dtype=object).astype(kind)
    way = _gain(counts, middle) if tied else g0
    if tied:
        known = {q: e for q, e in known.items() if (q - 0.5) * way > 0}
        least: Any = min if way > 0 else max
        chance = least(known) if way else Fraction(1, 2)
        curve: list[Any] = [Fraction(1, 2), chance, chance]
        ts: list[Any] = [0, 0, 1]
    else:
        top = Fraction(int(way > 0))
        g1 = counts.gain[-1 if way > 0 else 0]
        chance = max(known) if way > 0 else min(known)
        curve, ts = [top, chance], [0, 1]
        if chance != top:
            steps = [Fraction(k, CURVE) for k in range(CURVE)]
            curve = [top, *(top + s * (Fraction(chance) - top) for s in steps), chance]
            floats = [np.array([q, 1 - q], dtype=np.float64) for q in curve[1:-1]]
            over = float(g0)
            ts = [0, *(over / (over - float(_gain(counts, x))) for x in floats), 1]
        tied = bool(top in known and g1 == 0)
    end = known[chance].mixtures[0] if chance in known else middle
    kind = np.dtype(np.float64) if len(ts) > 3 else end.dtype
    line = [[q, 1 - q] for q in curve]
    shown = freeze(np.array([[Fraction(a) for a in x] for x in line], dtype=object).astype(kind))
    notes = ["All players mix alike on the path.", *([EXCUSE] if tied else [])]
    return _found(game, prior, ts, (shown,) * n, Profile(game, (end,) * n), not tied, notes)


def _gain(game: CountGame, x: Array) -> Any:
    """The gain from acting where all mix alike."""
    act, wait = game.gains((x,) * len(game.players), 0)
    return Fraction(act - wait) if isinstance(act, Fraction) else float(act - wait)


@dataclass(frozen=True, eq=False, repr=False)
class RiskDominance:
    """Which of two equilibria risk-dominates the other, and the evidence.

    ``dominant`` is ``first``, ``second``, or None: at a tie, and if tracing leads to neither.
    ``losses`` are, for each player, what he loses at either equilibrium by playing his strategy of
    the other one instead, and ``prior`` the chance of his ``first`` strategy in the bicentric
    prior; None for a player whose strategies are the same. ``trace`` is the path, in the game of
    the players whose strategies differ, action 0 being that of ``first``.
    """

    first: Profile
    second: Profile
    dominant: Profile | None
    losses: tuple[tuple[Number, Number], ...]
    prior: tuple[Number | None, ...]
    trace: Trace

    @property
    def products(self) -> tuple[Number, Number]:
        """The Nash product of the losses at either equilibrium, over players who differ."""
        kept = [pair for pair, p in zip(self.losses, self.prior) if p is not None]
        return math.prod(a for a, _ in kept), math.prod(b for _, b in kept)

    @property
    def by_product(self) -> Profile | None:
        """The equilibrium with the larger Nash product; None if they are equal.

        For two players with two actions and two strict equilibria that is ``dominant``. For three
        or more it is another rule: the product takes each player's losses one at a time, the
        tracing procedure lets each react to what all others are expected to do.
        """
        a, b = self.products
        slack: Any = 0 if isinstance(a - b, Fraction) else SURE * max(a, b)
        return None if abs(a - b) <= slack else self.first if a > b else self.second

    def __repr__(self) -> str:
        names = {id(self.first): "first", id(self.second): "second"}
        chances = ", ".join("-" if p is None else show(p) for p in self.prior[:6])
        more = ", ..." if len(self.prior) > 6 else ""
        who = names.get(id(self.dominant), "neither")
        return f"RiskDominance({who}; prior chances of first: {chances}{more})"


def risk_dominance(first: Profile | Equilibrium, second: Profile | Equilibrium) -> RiskDominance:
    """Which of two equilibria of a game risk-dominates the other (after Harsanyi & Selten 1988).

    The tracing procedure from the bicentric prior, in the game in which each player has his two
    equilibrium strategies: exact for two players, and for any number where the best replies to the
    prior are one of the two. Else the path is followed in floats, and where it leads is not proved:
    ``trace.unique`` is None. The rule of the larger Nash product of losses is ``by_product``.

    In the stag hunt of ``n`` where the stag is worth 1 to all if all hunt it and the hare ``c`` to
    whoever does not, the stag has the larger product iff ``c < 1/2``, for any ``n``; it
    risk-dominates iff ``(1 - c)^(n - 1) > c``, the harder the more hunt.

    Cost: the game restricted to ``2^n`` profiles and its trace; O(n^2) for a CountGame whose
    players are alike. Raises ValueError if they are not two equilibria of one game, and
    UnprovedError as :func:`trace` does.
    """
    one, other = (e.profile if isinstance(e, Equilibrium) else e for e in (first, second))
    game = getattr(one, "game", None)
    if not isinstance(game, (Game, CountGame)) or game != getattr(other, "game", None):
        raise ValueError("risk dominance: the two are not profiles of one Game or CountGame")
    for name, profile in (("first", one), ("second", other)):
        if not certify(profile).holds():
            raise ValueError(f"risk dominance: the {name} is not an equilibrium; see certify()")
    pairs = [_strategies(x, y) for x, y in zip(one.mixtures, other.mixtures)]
    moving = [i for i, (x, y) in enumerate(pairs) if (x != y).any()]
    if not moving:
        raise ValueError("risk dominance: the two equilibria are the same; give two")
    restricted = _restricted(game, pairs, moving)
    spans = [float(game.ranges[i]) for i in moving]
    moves = _losses(restricted, spans)
    chances = [a / (a + b) if a + b else Fraction(1, 2) for a, b in moves]
    vectors = {p: np.array([p, 1 - p]) for p in chances}
    prior = [vectors[p] for p in chances]
    path = trace(restricted, prior)
    decided = path.unique is not False
    if not game.exact or not restricted.exact:  # a difference of the size of rounding is a tie
        gaps = [np.ptp(restricted.gains(prior, k).astype(np.float64)) for k in range(len(spans))]
        decided &= all(gap > SURE * span for gap, span in zip(gaps, spans))
        moves = [(float(a), float(b)) for a, b in moves]
        chances = [float(p) for p in chances]
    ends = [all(x[a] == 1 for x in path.equilibrium.mixtures) for a in (0, 1)]
    known, shares = dict(zip(moving, moves)), dict(zip(moving, chances))
    return RiskDominance(
        one,
        other,
        one if decided and ends[0] else other if decided and ends[1] else None,
        tuple(known.get(i, (Fraction(0), Fraction(0))) for i in range(len(pairs))),
        tuple(shares.get(i) for i in range(len(pairs))),
        path,
    )


def _losses(game: Game | CountGame, spans: Sequence[float]) -> list[tuple[Number, Number]]:
    """What each player loses by leaving alone the profile of all actions 0, and that of all 1."""
    n = len(spans)
    if isinstance(game, CountGame):
        moves = [(game.gain[-1], -game.gain[0])] * n
    else:
        tables = [game.payoffs[..., k].swapaxes(0, k) for k in range(n)]
        up, down = (0,) * (n - 1), (1,) * (n - 1)
        moves = [(u[(0, *up)] - u[(1, *up)], u[(1, *down)] - u[(0, *down)]) for u in tables]
    if game.exact:
        return moves
    rounded = [[0.0 if abs(d) <= SURE * s else float(d) for d in m] for m, s in zip(moves, spans)]
    return [(a, b) for a, b in rounded]


def _strategies(x: Array, y: Array) -> tuple[Array, Array]:
    """A player's two strategies; pure ones exact."""
    pure = [np.count_nonzero(z) == 1 for z in (x, y)]
    x, y = (
        np.array([Fraction(int(p > 0)) for p in z], dtype=object) if sure else z
        for z, sure in zip((x, y), pure)
    )
    return x, y


def _restricted(
    game: Game | CountGame, pairs: Sequence[tuple[Array, Array]], moving: Sequence[int]
) -> Game | CountGame:
    """The game in which each of the ``moving`` players has his two strategies."""
    if isinstance(game, CountGame):
        n = len(pairs)
        U, V = pairs[0]
        if all(np.array_equal(x, U) and np.array_equal(y, V) for x, y in pairs):
            held = [game.gains((U, *[U] * k, *[V] * (n - 1 - k)), 0) for k in range(n)]
            act, wait = ([g @ x for g in held] for x in (U, V))
            return CountGame(act, wait, game.players, ("first", "second"))
        game = game.to_game()
    payoffs = game.payoffs
    exact = all(z.dtype == object for pair in pairs for z in pair)
    if not exact:
        payoffs = payoffs.astype(np.float64)
    elif not game.exact:
        payoffs = np.array([Fraction(u) for u in payoffs.flat], dtype=object).reshape(payoffs.shape)
    for i, pair in enumerate(pairs):
        kept = np.stack(pair if i in moving else pair[:1]).astype(payoffs.dtype)
        payoffs = np.moveaxis(np.tensordot(kept, payoffs, (1, i)), 0, i)
    still = tuple(i for i in range(len(pairs)) if i not in moving)
    table = payoffs.squeeze(axis=still)[..., list(moving)]
    names = [("first", "second")] * len(moving)
    return Game(table, [game.players[i] for i in moving], names)


def p_dominance(equilibrium: Profile | Equilibrium) -> tuple[Number, ...]:
    """For each player the least ``p`` that makes an equilibrium in pure strategies ``p``-dominant.

    His action is a best reply to every belief, of any correlation, that gives the others' actions a
    chance of ``p`` or more; the equilibrium is ``p``-dominant for ``p = max(...)`` of them (after
    Morris, Rob & Shin 1995, Econometrica 63: 145-157). With ``g`` what the action gains over
    another one against the others' actions and ``-l < 0`` the worst that it does against any, the
    least ``p`` is ``l / (g + l)``: the worst other action decides. Fractions in exact games. In a
    2 x 2 game a strict equilibrium risk-dominates another iff its two ``p`` have a sum below one.

    Cost: one pass over the payoffs a player. Raises ValueError if the profile is not a pure
    equilibrium of a Game or a CountGame.

    >>> game = Game.from_payoffs([[4, 0], [3, 2]], [[4, 3], [0, 2]])
    >>> p_dominance(Profile.pure(game, (0, 0))), p_dominance(Profile.pure(game, (1, 1)))
    ((Fraction(2, 3), Fraction(2, 3)), (Fraction(1, 3), Fraction(1, 3)))
    """
    profile = equilibrium.profile if isinstance(equilibrium, Equilibrium) else equilibrium
    game = getattr(profile, "game", profile)
    if not isinstance(profile, Profile) or not isinstance(game, (Game, CountGame)):
        raise ValueError(
            f"p-dominance: needs an equilibrium of a Game or a CountGame, got {type(game).__name__}"
        )
    if any(x.max() != 1 for x in profile.mixtures):
        raise ValueError("p-dominance: the profile is mixed; give an equilibrium in pure actions")
    if not certify(profile).holds():
        raise ValueError("p-dominance: the profile is not an equilibrium; see certify()")
    actions = [int(x.argmax()) for x in profile.mixtures]
    if isinstance(game, CountGame):
        act = actions.count(0)
        least = {
            a: _least(game.gain[act - 1] if a == 0 else -game.gain[act], g)
            for a, g in ((0, min(game.gain)), (1, -max(game.gain)))
            if a in actions
        }
        return tuple(least[a] for a in actions)
    found = []
    for i, a in enumerate(actions):
        table = np.moveaxis(game.payoffs[..., i], i, 0)
        above = (table[a] - table).reshape(len(table), -1)
        others = tuple(b for j, b in enumerate(actions) if j != i)
        there = (table[a] - table)[(slice(None), *others)]
        found.append(max(_least(g, w) for g, w in zip(there, above.min(axis=1))))
    return tuple(found)


def _least(gain: Any, worst: Any) -> Any:
    """The least ``p`` with ``p gain + (1 - p) worst >= 0``, where ``worst <= gain``."""
    if worst >= 0:
        return 0 * abs(worst)
    return -worst / (max(gain, 0 * gain) - worst)
