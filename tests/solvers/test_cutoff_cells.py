"""Symmetric equilibria in cutoffs with three actions: closed forms, and a second way."""

import itertools

import numpy as np
import pytest
from scipy import stats

import gametheory as gt
from gametheory.cutoff import CutoffGame
from gametheory.equilibrium import Coverage


def test_three_actions_without_interaction_are_three_intervals():
    f = {
        "x": lambda t, j, k: 1 - 2 * t,
        "y": lambda t, j, k: 0.5 - 0.5 * t,
        "z": lambda t, j, k: 0 * t,
    }
    for n in (1, 2, 4):
        (found,) = gt.solve(CutoffGame(stats.beta(2, 2), f, n))
        assert found.cutoffs[0] == pytest.approx([1 / 3, 1], abs=1e-9)
        (found,) = gt.solve(CutoffGame(stats.norm(), f, n))
        assert found.cutoffs[0] == pytest.approx([1 / 3, 1], abs=1e-9)
        assert found.chances[0, 2] == pytest.approx(stats.norm.sf(1))


def test_three_actions_a_second_way():
    """Four players, escalation by thirds: roots of the two conditions from a lattice of starts."""
    from scipy.optimize import fsolve

    law, n = stats.norm(0.5, 0.35), 4
    f = {
        "war": lambda t, j, k: 0.5 + 0.3 * j - 2 * t,
        "arm": lambda t, j, k: 0.45 + 0.1 * j + 0.05 * k - t,
        "wait": lambda t, j, k: 0 * t - 0.05 * j,
    }
    game = CutoffGame(law, f, n)
    found = gt.solve(game)
    assert found.coverage is Coverage.ALL_SAME_CUTOFFS

    def excess(c):
        F = law.cdf(c)
        J, K = (n - 1) * F[0], (n - 1) * (F[1] - F[0])  # gains are linear in the counts
        return [
            0.05 + 0.2 * J - 0.05 * K - c[0],
            0.45 + 0.15 * J + 0.05 * K - c[1],
        ]

    reached = set()
    for start in itertools.product(np.linspace(-0.5, 2, 9), repeat=2):
        c, _, good, _ = fsolve(excess, start, full_output=True, xtol=1e-13)
        if good == 1 and c[0] < c[1]:
            reached.add(tuple(c.round(7)))
    inner = sorted(tuple(e.cutoffs[0].round(7)) for e in found if (e.chances[0] > 1e-9).all())
    assert inner == sorted(reached)
