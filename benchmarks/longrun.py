"""The long-run law of logit revision in games of many players: time a game, beside QuantEcon's.

Payoffs are uniform on [0, 1]. QuantEcon eliminates states too (``gth_solve``), of a chain that is
given as a matrix: only its solving is timed, here all that leads from the game to the law. Before
anything is timed, laws are compared in every entry, at a noise at which all are in the range of
floats; and at a noise at which they are not, with the Gibbs law of games with a potential.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
from _timing import times

import gametheory as gt

SHAPES = [(4, 4, 4), (2,) * 8, (2,) * 10, (6, 6, 6, 6), (2,) * 11, (2,) * 12]
PEER = 2_100  # states up to which the peer is run
NOISE, REPEATS, SECONDS = 0.1, 5, 3.0


def fastest(run: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs."""
    return min(times(run, REPEATS, SECONDS))


def chain(game: gt.Game) -> np.ndarray:
    """The transition matrix of the revision of one player, drawn at random, a step."""
    places = np.arange(np.prod(game.shape)).reshape(game.shape)
    P = np.zeros((places.size,) * 2)
    for i, m in enumerate(game.shape):
        lines = np.moveaxis(places, i, 0).reshape(m, -1)
        u = np.moveaxis(game.payoffs[..., i], i, 0).reshape(m, -1) / NOISE
        response = np.exp(u - u.max(axis=0))
        response /= response.sum(axis=0)
        for a in range(m):
            for b in range(m):
                P[lines[a], lines[b]] += response[b] / len(game.shape)
    return P


def asserted_potential(shape: tuple[int, ...]) -> None:
    """Fails unless the law of a game with a potential is its Gibbs law, far below 1e-308."""
    F = np.random.default_rng(1).integers(0, 9, shape)
    law = gt.long_run(gt.Game(np.stack([F] * len(shape), axis=-1)), 0.01).log_probabilities
    gibbs = F / 0.01 - np.logaddexp.reduce(F / 0.01, axis=None)
    assert law.min() < -750
    assert np.abs(law - gibbs).max() < 1e-9
    stable = gt.stochastically_stable(gt.Game(np.stack([F] * len(shape), axis=-1)))
    assert stable.states == tuple(map(tuple, np.argwhere(F.max() == F)))


def main() -> None:
    peer = importlib.util.find_spec("quantecon")
    print(f"{'shape':<14}{'states':>7}{'long_run':>10}{'stable':>10}{'gth_solve':>11}{'ratio':>7}")
    for shape in SHAPES:
        game = gt.Game(np.random.default_rng(0).random((*shape, len(shape))))
        states = game.payoffs[..., 0].size
        if states <= PEER:
            asserted_potential(shape)
        run = gt.long_run(game, NOISE)
        assert run.residual < 1e-12
        law = fastest(lambda game=game: gt.long_run(game, NOISE))
        stable = fastest(lambda game=game: gt.stochastically_stable(game))
        name = " x ".join(map(str, shape)) if len(shape) < 5 else f"2^{len(shape)}"
        row = f"{name:<14}{states:>7,}{1e3 * law:>7.1f} ms{1e3 * stable:>7.1f} ms"
        if peer and states <= PEER:
            from quantecon.markov import gth_solve

            P = chain(game)
            theirs = gth_solve(P).reshape(shape)
            assert np.allclose(run.probabilities, theirs, rtol=1e-9, atol=0)
            taken = fastest(lambda P=P: gth_solve(P))
            row += f"{1e3 * taken:>8.1f} ms{taken / law:>7.1f}"
        print(row, flush=True)
    print(f"\n{'players who act or wait':<24}{'long_run':>10}{'stable':>10}")
    for n in (100, 1_000, 10_000):
        act, wait = np.random.default_rng(0).random((2, n))
        counts = gt.CountGame(act, wait)
        assert gt.long_run(counts, NOISE).residual < 1e-9
        law = fastest(lambda counts=counts: gt.long_run(counts, NOISE))
        stable = fastest(lambda counts=counts: gt.stochastically_stable(counts))
        print(f"{n:<24,}{1e3 * law:>7.1f} ms{1e3 * stable:>7.1f} ms")
    if not peer:
        print("QuantEcon: not installed")


if __name__ == "__main__":
    main()
