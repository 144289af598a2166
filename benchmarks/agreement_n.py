"""Agreement for three and more players: every list of equilibria, checked a second way.

``gt.solve`` lists all equilibria of random and of degenerate games. Against each list:

* ``parity``: on a random game it is even in number, or its indices, from determinants computed
  here, do not add up to +1, or differ from those it states.
* ``proof``: a member has a regret above 1e-9 of the range, by ``gt.certify`` or as computed here.
* ``unlisted``: Newton's method, from random points of every support, met an equilibrium that is in
  no Nash subset and in no box of the list. Where the system is singular there, what lies nearby
  solves it to rounding: ``vague`` counts those within 1e-3 of the list.
* pygambit's ``enumpoly_solve``: games it ``tried``, in how many it ``missed`` a member, or gave a
  ``false`` one (regret above 1e-6); ``ended`` at the time limit; ``strange`` if a profile of its is
  an equilibrium to 1e-6, leads to one by Newton's method, and is not in the list.

The script fails on any parity, proof, unlisted or strange, and if the list of a random game is not
``ALL``. ``open`` counts lists of degenerate games that leave boxes undecided, and say so
(``ENCLOSED``); ``UNKNOWN`` fails. Degenerate games have payoffs 0, 1, 2, or 0, 1, or an action
twice. ``missed`` on those counts extreme equilibria, which the peer does not promise.

    python benchmarks/agreement_n.py [share]     of the whole: 1 is 7,000 games; default 0.1
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections import Counter

import numpy as np
from _enumpoly import Enumpoly
from _second_way import index, polished, regret, roots, scaled, supports
from scipy.optimize import nnls

import gametheory as gt

SEED, LIMIT, CHUNK = 20_264, 5.0, 100
STARTS, FEWER = 12, 4  # from each support; fewer for continua and for six players
GAMES = 1000
KINDS = [
    *[("random", shape) for shape in ((3, 3, 3), (2,) * 4, (2,) * 5)],
    *[("degenerate", shape) for shape in ((2, 2, 2), (2, 2, 3), (2,) * 4)],
    ("random", (2,) * 6),
]
PEERS = {(2,) * 5: 0.2, (2,) * 6: 0.05, (2, 2, 3): 0.1}  # share that the peer sees, if not all
NEAR, ZERO, SINGULAR, VAGUE = 1e-6, 1e-9, 1e-3, 1e-3
ALL = gt.Coverage.ALL
OURS = ("games", "members", "open", "parity", "proof", "met", "unlisted", "vague")
PEER = ("tried", "missed", "false", "ended", "strange")
BAD = ("parity", "proof", "unlisted", "strange", "incomplete")


def random_game(shape: tuple[int, ...], k: int) -> np.ndarray:
    """Normal payoffs."""
    return np.random.default_rng([SEED, *shape, k]).standard_normal((*shape, len(shape)))


def degenerate_game(shape: tuple[int, ...], k: int) -> np.ndarray:
    """Payoffs 0, 1, 2; payoffs 0, 1; a random game with a player's last action like the first."""
    rng = np.random.default_rng([SEED, 1, *shape, k])
    u = rng.integers(0, 3 if k % 3 == 0 else 2, (*shape, len(shape))).astype(float)
    if k % 3 == 2:
        u = rng.integers(0, 10**6, u.shape) / 2.0**20
        v = np.moveaxis(u, k // 3 % len(shape), 0)
        v[-1] = v[0]
    return u


def distance(found: gt.EquilibriumSet, members: np.ndarray, at: np.ndarray) -> float:
    """How far ``at`` is from the nearest Nash subset or box of the list, about."""
    best = np.abs(members - at).max(axis=1).min() if len(members) else np.inf
    if best < NEAR:
        return float(best)
    cuts = np.cumsum(found.game.shape)[:-1]
    for component in found.components:
        for subset in component.nash_subsets:
            if len(subset) > 1 and best >= NEAR:
                sides = zip(np.split(members[list(subset)], cuts, axis=1), np.split(at, cuts))
                best = min(best, max(_off(corners, x) for corners, x in sides))
    if best >= NEAR and found.coverage is gt.Coverage.ENCLOSED:
        boxes = [box for component in found.components for box in component.boxes]
        low = np.array([np.concatenate(box.low).astype(float) for box in boxes])
        high = np.array([np.concatenate(box.high).astype(float) for box in boxes])
        best = min(best, np.maximum(low - at, at - high).max(axis=1).min())
    return float(best)


def _off(corners: np.ndarray, x: np.ndarray) -> float:
    """How far ``x`` is from the convex combinations of ``corners``, about."""
    rows = np.vstack([corners.T, np.ones(len(corners))])
    return float(nnls(rows, np.append(x, 1.0))[1])


def examined(u: np.ndarray, found: gt.EquilibriumSet, members: np.ndarray, random: bool) -> Counter:
    """Whether the list stands by itself."""
    out = Counter(games=1, members=len(found))
    out["open"] = found.coverage is gt.Coverage.ENCLOSED
    right = (ALL,) if random else (ALL, gt.Coverage.EXTREME, gt.Coverage.ENCLOSED)
    out["incomplete"] = found.coverage not in right
    out["proof"] = any(
        not gt.certify(e.profile).holds(ZERO) or regret(u, at) > ZERO
        for e, at in zip(found, members)
    )
    if random:
        signs = [index(u, at) for at in members]
        out["parity"] = len(found) % 2 == 0 or sum(signs) != 1 or signs != [e.index for e in found]
    return out


def against(
    peer: Enumpoly, u: np.ndarray, found: gt.EquilibriumSet, members: np.ndarray
) -> Counter:
    """The peer's list beside ours."""
    answer = peer(u)
    if answer is None:
        return Counter(tried=1, ended=1)
    there = [*answer[1], *(polished(u, x) for x in answer[1])]
    out = Counter(tried=1)
    out["missed"] = any(not any(np.abs(x - at).max() < NEAR for x in there) for at in members)
    for x in answer[1]:
        if distance(found, members, x) > NEAR:
            at = polished(u, x)
            out["false"] |= regret(u, x) > NEAR
            if regret(u, at) < ZERO and np.abs(at - x).max() < VAGUE:
                away = distance(found, members, at)
                if away > NEAR:
                    print("strange:", away, at.tolist(), u.tolist())
                    out["strange"] = 1
    return out


def compared(
    shape: tuple[int, ...], count: int, random: bool, peer: Enumpoly | None
) -> tuple[Counter, float]:
    """The counts for a number of games, and the seconds that ``gt.solve`` took."""
    told: Counter = Counter()
    seconds, rng = 0.0, np.random.default_rng(SEED)
    starts = STARTS if random and len(shape) < 6 else FEWER
    for first in range(0, count, CHUNK):
        chunk = range(first, min(first + CHUNK, count))
        games = [(random_game if random else degenerate_game)(shape, k) for k in chunk]
        units = np.array([scaled(u) for u in games])
        lists = []
        for k, u, unit in zip(chunk, games, units):
            game = gt.Game(u)
            start = time.perf_counter()
            found = gt.solve(game)
            seconds += time.perf_counter() - start
            members = np.array(
                [np.concatenate([x.astype(float) for x in e.mixtures]) for e in found]
            )
            lists.append((found, members))
            told += examined(unit, found, members, random)
            if peer and k < max(1, PEERS.get(shape, 1) * count):
                told += against(peer, unit, found, members)
        for support in supports(shape):
            for b, at, least in roots(units, support, starts, rng, singular=not random):
                away = distance(*lists[b], at)
                told["met"] += 1
                if away > NEAR:
                    vague = least < SINGULAR and away < VAGUE
                    told["vague" if vague else "unlisted"] += 1
                    if not vague:
                        print("unlisted:", away, least, at.tolist(), games[b].tolist())
    return told, seconds


def main(share: float = 0.1) -> None:
    """Prints the table; fails if a list is wrong or a disagreement is not explained."""
    peer = Enumpoly(LIMIT) if importlib.util.find_spec("pygambit") else None
    print(f"{'games':<22}" + "".join(f"{x:>9}" for x in (*OURS, *PEER, "ms")))
    bad = 0
    many = max(3, round(share * GAMES))
    for kind, shape in KINDS:
        told, seconds = compared(shape, many, kind == "random", peer)
        counts = "".join(f"{told[x]:>9,}" for x in (*OURS, *PEER))
        name = f"{kind} {'x'.join(map(str, shape))}"
        print(f"{name:<22}{counts}{1e3 * seconds / many:>9.2f}", flush=True)
        bad += sum(told[x] for x in BAD)
    if peer:
        peer.close()
    else:
        print("pygambit: not installed")
    assert not bad, f"{bad} games on which a list is wrong, incomplete or not explained"


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
