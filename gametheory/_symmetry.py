"""Symmetries of a game: relabellings of players and actions that leave it as it is.

Payoffs are compared as each player's loss against his best reply, which is what equilibria depend
on. A relabelling takes player ``i`` for player ``players[i]`` and his action ``a`` for that one's
``maps[i][a]``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gametheory.game import Array, Game

SEARCH = 300
"""Relabellings of a game looked through for symmetries."""


def orbits(size: int, symmetries: Sequence[Array]) -> Array:
    """The class of each of ``size`` actions under these permutations, from 0 up."""
    least = np.arange(size)
    while True:
        after = least.copy()
        for g in symmetries:
            np.minimum.at(after, g, after[np.arange(size)])
            np.minimum.at(after, np.arange(size), after[g])
        if (after == least).all():
            break
        least = after
    return np.unique(least, return_inverse=True)[1].astype(np.int64)


def symmetries(game: Game) -> Iterator[Array]:
    """Permutations of all actions, numbered through, that leave the game as it is."""
    shape, n = game.shape, len(game.shape)
    first = np.concatenate([[0], np.cumsum(shape)[:-1]]).astype(int)
    tables = np.moveaxis(game.payoffs, -1, 0)
    losses = [u - u.max(axis=i, keepdims=True) for i, u in enumerate(tables)]
    marks = [
        [tuple(sorted(losses[i].take([a], axis=i).ravel().tolist())) for a in range(m)]
        for i, m in enumerate(shape)
    ]
    flat = [mark for own in marks for mark in own]
    if len(set(flat)) == len(flat):
        return
    for players, maps in relabellings(shape, marks):
        g = np.concatenate([first[players[i]] + np.array(maps[i]) for i in range(n)])
        if (g != np.arange(len(g))).any() and all(
            np.array_equal(losses[players[i]].transpose(players)[np.ix_(*maps)], losses[i])
            for i in range(n)
        ):
            yield g


def relabellings(
    shape: Sequence[int], marks: Sequence[Sequence[Any]]
) -> Iterator[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
    """Relabellings that the marks of actions allow: player ``i`` as ``players[i]``, and actions.

    All of them if they are few; else those that move two players, or two actions of one.
    """
    n = len(shape)

    def matchings(i: int, j: int) -> list[tuple[int, ...]]:
        """The ways to take the actions of ``i`` for those of ``j``."""
        if sorted(marks[i]) != sorted(marks[j]):
            return []
        places = [[b for b in range(shape[j]) if marks[j][b] == mark] for mark in marks[i]]
        if math.prod(map(len, places)) > SEARCH:
            return [tuple(range(shape[i]))]
        return [m for m in itertools.product(*places) if len(set(m)) == len(m)]

    same = [tuple(range(m)) for m in shape]
    total = 0
    everything = []
    if n <= 6:
        for players in itertools.permutations(range(n)):
            choices = [matchings(i, players[i]) for i in range(n)]
            total += math.prod(map(len, choices))
            if total > SEARCH:
                break
            everything.append((players, choices))
    if n <= 6 and total <= SEARCH:
        for players, choices in everything:
            for maps in itertools.product(*choices):
                yield players, list(maps)
        return
    identity = tuple(range(n))
    for i in range(n):
        for a, b in itertools.combinations(range(shape[i]), 2):
            if marks[i][a] == marks[i][b]:
                swapped = list(same[i])
                swapped[a], swapped[b] = b, a
                yield identity, [*same[:i], tuple(swapped), *same[i + 1 :]]
    for i, j in itertools.combinations(range(n), 2):
        swap = list(identity)
        swap[i], swap[j] = j, i
        for m in matchings(i, j):
            both = list(same)
            both[i], both[j] = m, tuple(int(a) for a in np.argsort(m))
            yield tuple(swap), both
