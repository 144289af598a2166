"""Agreement: all equilibria of random and of degenerate games, by every solver at hand.

Not speed but truth. The reference for two players is pivoting in integers, which shares no step
with the walk in floats, each member certified exactly (regret 0); for three ``gt.solve``, certified
to 1e-9. Against it: the float path, ``solve_many`` and the peers. A game on which two lists differ
is explained, profile by profile:

* ``missed``: a profile of the reference, certified, is not in the other list.
* ``false``: a profile of the other list has a regret above 1e-6 of the payoff range.
* ``unexplained``: a profile of the other list that is an equilibrium to 1e-6 and lies in no Nash
  subset of the reference. The script fails if there is one.

Degenerate games have integer payoffs of few values, duplicated rows, or opposed payoffs; on them
``missed`` counts extreme equilibria, which not every peer promises.

    python benchmarks/agreement.py [share]     of the whole, 10^5 + 10^4 games; default 1
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import gametheory as gt
from gametheory.solvers import extreme

SEED, NEAR = 20_261, 1e-6
RANDOM = {(2, 2): 30_000, (2, 3): 20_000, (3, 3): 20_000, (2, 5): 10_000, (4, 4): 10_000}
CUBES = 10_000
DEGENERATE = 10_000
SHOWN = ("games", "missed", "false", "unexplained", "failed")
Profiles = list[np.ndarray]
"""Equilibria, each as the mixtures of all players end to end."""


def random_games(shape: tuple[int, ...], count: int) -> Iterator[np.ndarray]:
    """Payoffs uniform on 0..10^6 - 1, as floats below 1."""
    rng = np.random.default_rng([SEED, *shape])
    for _ in range(count):
        yield rng.integers(0, 10**6, (*shape, len(shape))) / 2.0**20


def degenerate_games(count: int) -> Iterator[np.ndarray]:
    """Integers of two to four values, some with a row twice, some zero-sum; up to 4 x 4."""
    rng = np.random.default_rng([SEED, 0])
    for k in range(count):
        shape = tuple(rng.integers(1, 5, 2))
        u = rng.integers(0, rng.integers(2, 5), (*shape, 2)).astype(float)
        if k % 3 == 1:
            u = np.concatenate([u, u[:1]])
        if k % 3 == 2:
            u[..., 1] = -u[..., 0]
        yield u


def flat(found: Sequence[gt.Equilibrium]) -> Profiles:
    """The mixtures of each equilibrium, end to end, floats."""
    return [np.concatenate([x.astype(float) for x in e.mixtures]) for e in found]


def rational(u: np.ndarray) -> gt.Game:
    """The same game, payoff by payoff the fraction that the float is."""
    exact = np.empty(u.size, dtype=object)
    exact[:] = [Fraction(v) for v in u.ravel().tolist()]
    return gt.Game(exact.reshape(u.shape))


def quantecon(name: str) -> Callable[[np.ndarray], Profiles]:
    """A method of QuantEcon.py for two players."""
    import quantecon.game_theory as qe

    def solved(u: np.ndarray) -> Profiles:
        players = (qe.Player(u[..., 0].copy()), qe.Player(u[..., 1].T.copy()))
        return [np.concatenate(e) for e in getattr(qe, name)(qe.NormalFormGame(players))]

    return solved


def gambit(name: str, **options: Any) -> Callable[[np.ndarray], Profiles]:
    """A method of pygambit; payoffs go in as the rational numbers they are."""
    import pygambit as gbt

    def solved(u: np.ndarray) -> Profiles:
        exact = rational(u).payoffs if options.get("rational") else u
        game = gbt.StrategicGame.from_arrays(*np.moveaxis(exact, -1, 0))
        found = getattr(gbt.nash, name)(game, **options).equilibria
        return [np.array([float(x) for p in game.players for _, x in e[p]]) for e in found]

    return solved


def nashpy(u: np.ndarray) -> Profiles:
    """nashpy's default method."""
    import nashpy as nash

    game = nash.Game(u[..., 0], u[..., 1])
    return [np.concatenate(e) for e in game.support_enumeration()]


def ours(u: np.ndarray) -> Profiles:
    """The float path of ``gt.solve``."""
    return flat(gt.solve(gt.Game(u)))


def batch(u: np.ndarray) -> Profiles:
    """``gt.solve_many`` on a batch of one."""
    found = gt.solve_many(u[np.newaxis])
    return list(np.concatenate(found.mixtures, axis=1))


def solvers(players: int) -> dict[str, tuple[Callable[[np.ndarray], Profiles], float]]:
    """What there is to compare, and on which share of the games."""
    known: dict[str, tuple[Callable[[np.ndarray], Profiles], float]] = {
        "solve, floats": (ours, 1),
        "solve_many": (batch, 1),
    }
    if players == 2 and importlib.util.find_spec("quantecon"):
        known["QuantEcon support_enumeration"] = quantecon("support_enumeration"), 1
        known["QuantEcon vertex_enumeration"] = quantecon("vertex_enumeration"), 1
    if importlib.util.find_spec("pygambit"):
        if players == 2:
            known["pygambit enummixed"] = gambit("enummixed_solve", rational=True), 0.1
        else:
            known["pygambit enumpoly"] = gambit("enumpoly_solve"), 1
    if players == 2 and importlib.util.find_spec("nashpy"):
        known["nashpy support_enumeration"] = nashpy, 0.02
    return known


def regret(game: gt.Game, at: np.ndarray) -> float:
    """The largest regret at this profile, in units of the player's payoff range."""
    parts = np.split(at, np.cumsum(game.shape)[:-1])
    if any(not np.isfinite(x).all() or x.min() < -NEAR or abs(x.sum() - 1) > NEAR for x in parts):
        return np.inf
    mixtures = [np.maximum(x, 0) / np.maximum(x, 0).sum() for x in parts]
    found = gt.certify(gt.Profile(game, mixtures))
    return max(float(r) / (s or 1) for r, s in zip(found.regrets, found.ranges))


def in_hull(points: np.ndarray, at: np.ndarray) -> bool:
    """Whether ``at`` is within 1e-6 or so of a convex combination of ``points``."""
    from scipy.optimize import nnls

    rows = np.vstack([points.T, np.ones(len(points))])
    return bool(nnls(rows, np.append(at, 1.0))[1] < 10 * NEAR)


def listed(reference: gt.EquilibriumSet, profiles: Profiles, at: np.ndarray) -> bool:
    """Whether ``at`` lies in a Nash subset of the reference."""
    m = reference.game.shape[0]
    for component in reference.components or [gt.Component([k]) for k in range(len(profiles))]:
        for subset in component.nash_subsets:
            corners = np.array([profiles[k] for k in subset])
            if len(reference.game.shape) > 2 or len(subset) == 1:
                if np.abs(corners - at).max(axis=1).min() < NEAR:
                    return True
            elif in_hull(corners[:, :m], at[:m]) and in_hull(corners[:, m:], at[m:]):
                return True
    return False


def exact_list(game: gt.Game) -> gt.EquilibriumSet:
    """The equilibria of two players by pivots in integers alone: ``gt.solve`` walks in floats."""
    A, B = np.moveaxis(game.payoffs, -1, 0)
    return extreme._by_bases(game, A, B, np.dtype(object))


def compared(games: Sequence[np.ndarray], players: int) -> dict[str, Counter[str]]:
    """For each solver: games tried and what was missed, false, unexplained or failed."""
    told: dict[str, Counter[str]] = {}
    references = []
    for u in games:
        game = rational(u)
        found = exact_list(game) if players == 2 else gt.solve(game)
        assert all(e.certificate.regret == 0 for e in found) or players > 2
        assert players > 2 or found.coverage in (gt.Coverage.ALL, gt.Coverage.EXTREME)
        references.append((game, found, flat(found)))
    for name, (solve, share) in solvers(players).items():
        count = told[name] = Counter()
        for u, (game, reference, profiles) in zip(
            games[: max(1, int(share * len(games)))], references
        ):
            count["games"] += 1
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    other = solve(u)
            except Exception:  # a peer may raise anything
                count["failed"] += 1
                continue
            there = np.array(other).reshape(-1, sum(game.shape))
            count["missed"] += any(
                not len(there) or np.abs(there - x).max(axis=1).min() > NEAR for x in profiles
            )
            here = np.array(profiles)
            strange = [x for x in other if np.abs(here - x).max(axis=1).min() > NEAR]
            wrong = [regret(game, x) > NEAR for x in strange]
            count["false"] += any(wrong)
            count["unexplained"] += any(
                not bad and not listed(reference, profiles, x) for x, bad in zip(strange, wrong)
            )
    return told


def main(share: float = 1) -> None:
    """Prints the table; fails if a disagreement is unexplained."""
    kinds: dict[str, tuple[list[np.ndarray], int]] = {
        "random " + "x".join(map(str, shape)): (
            list(random_games(shape, max(1, int(count * share)))),
            2,
        )
        for shape, count in RANDOM.items()
    }
    kinds["random 2x2x2"] = list(random_games((2, 2, 2), max(1, int(CUBES * share)))), 3
    kinds["degenerate"] = list(degenerate_games(max(1, int(DEGENERATE * share)))), 2
    print(f"{'games of which':<15}{'solver':<31}" + "".join(f"{x:>12}" for x in SHOWN))
    bad = 0
    for kind, (games, players) in kinds.items():
        for name, count in compared(games, players).items():
            print(f"{kind:<15}{name:<31}" + "".join(f"{count[x]:>12,}" for x in SHOWN), flush=True)
            bad += count["unexplained"]
            if "solve" in name.split(",")[0].split("_"):
                bad += count["missed"] + count["false"] + count["failed"]
    assert not bad, f"{bad} games on which a list is wrong or unexplained"


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
