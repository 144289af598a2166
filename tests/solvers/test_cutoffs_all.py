"""Equilibria in cutoffs of unequal players: closed forms, laws, and a second way to each list."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

import gametheory as gt
from gametheory.cutoff import CutoffGame
from gametheory.equilibrium import Coverage
from gametheory.solvers.cutoffs_all import solve as solve_all

NOTHING = {"b": lambda t, k: 0.0 * t}


def volunteers(law, n):
    f = {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}
    return CutoffGame(law, f, n)


def unequal():
    """Three unlike states; joint action pays each that joins more the more join."""
    laws = [stats.norm(0.5, 0.1), stats.beta(3, 4), stats.norm(0.6, 0.15)]
    f = [
        {"join": lambda t, k, w=w: w * k - t, "wait": lambda t, k: 0 * t} for w in (0.5, 0.45, 0.6)
    ]
    return laws, f


def test_relabelled_players_play_as_before():
    laws, f = unequal()
    found = gt.solve(CutoffGame(laws, f, players="ABC"))
    assert found.coverage is Coverage.ALL
    for order in ([1, 2, 0], [2, 1, 0]):
        other = gt.solve(CutoffGame([laws[i] for i in order], [f[i] for i in order]))
        here = sorted(e.cutoffs[order, 0].tolist() for e in found)
        there = sorted(e.cutoffs[:, 0].tolist() for e in other)
        assert np.allclose(here, there, rtol=0, atol=1e-9)


def test_a_player_who_never_acts_changes_nothing():
    laws, f = unequal()
    idle = {"join": lambda t, k: -1 - t, "wait": lambda t, k: 0 * t}
    found = gt.solve(CutoffGame(laws, f))
    more = gt.solve(CutoffGame([*laws, stats.uniform()], [*f, idle]))
    assert len(found) == len(more) == 3
    assert np.allclose(
        [e.cutoffs[:, 0] for e in found], [e.cutoffs[:3, 0] for e in more], rtol=0, atol=1e-9
    )
    assert all(e.chances[3].tolist() == [0, 1] for e in more)


def replies(game, p, i):
    """The chance of the first action in the best reply of ``i``, by bisection; own convolution."""
    law = np.ones(1)
    for j, q in enumerate(p):
        if j != i:
            law = np.convolve(law, [1 - q, q])
    f, g = game.payoffs[i].values()
    k = np.arange(len(p))
    low, high = (game.types[i].ppf(q) for q in (1e-15, 1 - 1e-15))

    def gain(t):
        return float(law @ (f(t, k) - g(t, k)))

    keen, idle = (low, high) if game.first == "low" else (high, low)
    if gain(keen) <= 0:
        return 0.0
    if gain(idle) >= 0:
        return 1.0
    c = brentq(gain, low, high, xtol=1e-15)
    return float(game.types[i].cdf(c) if game.first == "low" else game.types[i].sf(c))


@pytest.mark.parametrize("first", ["low", "high"])
def test_two_unequal_players_a_second_way(first):
    """Every fixed point of the composed best replies, by changes of sign on a grid."""
    rng = np.random.default_rng(11)
    sign = 1 if first == "low" else -1
    several = 0
    for _ in range(4):
        v = rng.normal([0.05, 0.75], 0.15, (2, 2))
        laws = [stats.norm(sign * 0.4, 0.12), stats.beta(6, 8)]
        if first == "high":
            laws[1] = stats.norm(-0.45, 0.2)
        f = [{"a": lambda t, k, w=w: w[k] - sign * t, "b": lambda t, k: 0 * t} for w in v]
        game = CutoffGame(laws, f, first=first)
        found = gt.solve(game)
        assert found.coverage is Coverage.ALL
        p = np.concatenate([[0], np.logspace(-9, -3, 30), np.linspace(0.001, 0.999, 400), [1]])
        gap = np.array([replies(game, [0, replies(game, [x, 0], 1)], 0) - x for x in p])
        crossings = int((gap[:-1] * gap[1:] < 0).sum()) + int((gap == 0).sum())
        assert len(found) == crossings
        several += len(found) > 1
        for e in found:
            for i in range(2):
                assert replies(game, e.chances[:, 0], i) == pytest.approx(e.chances[i, 0], abs=1e-9)
    assert several


def test_three_unequal_players_a_second_way():
    """Damped best replies from a hundred starts come to rest only at members of the list."""
    rng = np.random.default_rng(3)
    for trial in range(3):
        v = rng.normal(0.3, 0.8, (3, 3))
        laws = [stats.norm(0.4, 0.2), stats.lognorm(0.5, scale=0.5), stats.uniform(0, 0.8)]
        f = [{"a": lambda t, k, w=w: w[k] - t, "b": lambda t, k: 0 * t} for w in v]
        game = CutoffGame(laws, f)
        found = gt.solve(game)
        assert found.coverage is Coverage.ALL, trial
        listed = np.array([e.chances[:, 0] for e in found])
        assert sum(e.index for e in found) == 1
        for start in rng.random((12, 3)):
            p = start
            for _ in range(60):
                p = 0.5 * p + 0.5 * np.array([replies(game, p, i) for i in range(3)])
            if max(abs(replies(game, p, i) - p[i]) for i in range(3)) < 1e-9:
                assert np.abs(listed - p).max(axis=1).min() < 1e-7


def test_three_states_of_whom_one_or_all_act():
    """Acting alone or all together pays, in twos it does not; types even from 0 to 1."""
    gain = np.array([1.2, -3.0, 1.4])
    game = CutoffGame(
        stats.uniform(),
        {"act": lambda t, k: gain[np.asarray(k, int)] - 0.8 * t, "wait": lambda t, k: 0 * t},
        n=3,
    )
    found = solve_all(game)
    assert found.coverage is Coverage.ALL
    listed = np.sort([e.chances[:, 0] for e in found], axis=1)
    # All alike: 1.2 (1-q)^2 - 6 q (1-q) + 1.4 q^2 = .8 q. One never acts, two at q = cutoff:
    # 1.2 (1-q) - 3 q = .8 q. One surely acts, two never: 1.2 > .8 and -3 < 0. All: 1.4 > .8.
    alike = np.roots([8.6, -9.2, 1.2])
    q = 1.2 / 5.0
    known = [[0, 0, 1]] * 3 + [[0, q, q]] * 3 + [[r] * 3 for r in alike] + [[1, 1, 1]]
    order = lambda rows: sorted(np.round(rows, 8).tolist())  # noqa: E731
    assert np.allclose(order(listed), order(np.array(known, float)), rtol=0, atol=1e-8)


def test_volunteers_with_unequal_costs_in_closed_form():
    """U[0, a], U[0, b]: c = 1 - d/b, d = 1 - c/a: one inner equilibrium, two with one who pays."""
    a, b = 1.3, 1.7
    found = gt.solve(
        CutoffGame(
            [stats.uniform(0, a), stats.uniform(0, b)], volunteers(stats.uniform(), 2).payoffs[0]
        )
    )
    inner = (1 - 1 / b) / (1 - 1 / (a * b))
    assert len(found) == 1
    assert found[0].cutoffs[:, 0] == pytest.approx([inner, 1 - inner / a], abs=1e-12)
    a, b = 0.6, 0.8
    found = gt.solve(
        CutoffGame(
            [stats.uniform(0, a), stats.uniform(0, b)], volunteers(stats.uniform(), 2).payoffs[0]
        )
    )
    inner = (1 - 1 / b) / (1 - 1 / (a * b))
    assert [e.cutoffs[0, 0] for e in found] == pytest.approx([0, inner, a], abs=1e-12)
    assert [e.index for e in found] == [None, -1, None]  # a cost of 0 is indifferent at the ends
    assert found.coverage is Coverage.ALL


def test_players_alike_may_play_unlike():
    game = volunteers(stats.norm(0.4, 0.1), 2)
    alike, every = gt.solve(game), gt.solve(game, method="cutoffs_all")
    assert len(alike) == 1
    assert alike.coverage is Coverage.ALL_SYMMETRIC
    assert every.coverage is Coverage.ALL
    assert [e.index for e in every] == [1, -1, 1]
    assert every[0].chances[0, 0] == pytest.approx(every[2].chances[1, 0])
    assert every[1].cutoffs == pytest.approx(alike[0].cutoffs)


def test_those_who_play_alike_are_listed_where_boxes_are_too_many():
    pays = {"join": lambda t, k: np.where(k >= 2, 1.0, 0) - t, "stay": lambda t, k: 0 * t * k}
    game = CutoffGame(stats.norm(0.5, 0.1), pays, n=5)
    alike, everyone = gt.solve(game), gt.solve(game, method="cutoffs_all")
    assert len(alike) == 3
    assert everyone.coverage is Coverage.SAMPLE
    for e in alike:
        assert any(np.abs(e.chances - other.chances).max() < 1e-7 for other in everyone)
    assert sum(e.index for e in everyone) == 1


def test_a_continuum_of_unequal_plays_is_a_sample():
    """Costs U[0, 1]: any two cutoffs that add up to 1."""
    found = solve_all(volunteers(stats.uniform(), 2))
    assert found.coverage is Coverage.SAMPLE
    assert len(found) > 3
    assert all(e.cutoffs.sum() == pytest.approx(1) for e in found)
    assert any("part of a continuum" in note for note in found.notes)


def test_kinds_of_players():
    laws, _ = unequal()
    f = {"join": lambda t, k: 0.5 * k - t, "wait": lambda t, k: 0 * t}
    kinds = CutoffGame([laws[0], laws[0], laws[2]], f)
    found = gt.solve(kinds)
    assert found.coverage is Coverage.ALL_BY_CLASS
    each = gt.solve(kinds, method="cutoffs_all")
    assert each.coverage is Coverage.ALL
    same = [e.chances for e in each if np.isclose(*e.cutoffs[:2, 0], atol=1e-9)]
    assert np.allclose(same, [e.chances for e in found], atol=1e-8)
    weak = {"join": lambda t, k: 0.1 * k - t, "wait": lambda t, k: 0 * t}
    (one,) = (found := gt.solve(CutoffGame([laws[0], laws[0], laws[2]], weak)))
    assert found.coverage is Coverage.ALL  # complements, and the two bounds meet
    assert "bound all others" in found.notes[0]
    assert one.index == 1


def test_twenty_unequal_states_that_balance():
    """Substitutes: enclosed so far, and the indices of those found add up to 1."""
    f = {
        "balance": lambda t, k: (2.0 + k) / (3.0 + k) - t,
        "pass": lambda t, k: (1.0 + k) / (2.0 + k) + 0 * t,
    }
    game = CutoffGame([stats.uniform(0, c) for c in np.linspace(0.1, 0.6, 20)], f)
    found = gt.solve(game)
    assert found.coverage is Coverage.SAMPLE
    assert any("add up to 1, as those of all do" in note for note in found.notes)
    (e,) = found
    assert [replies(game, e.chances[:, 0], i) for i in range(20)] == pytest.approx(
        e.chances[:, 0], abs=1e-10
    )
    joint = CutoffGame(
        [stats.norm(x, 0.6) for x in np.linspace(0.1, 0.6, 20)],
        {"a": lambda t, k: 0.7 * k / 19 - t, **NOTHING},
    )
    (e,) = (whole := gt.solve(joint))
    assert whole.coverage is Coverage.ALL
    assert [replies(joint, e.chances[:, 0], i) for i in range(20)] == pytest.approx(
        e.chances[:, 0], abs=1e-10
    )


@pytest.mark.slow
def test_the_balance_of_twenty_is_the_only_one():
    f = {
        "balance": lambda t, k: (2.0 + k) / (3.0 + k) - t,
        "pass": lambda t, k: (1.0 + k) / (2.0 + k) + 0 * t,
    }
    game = CutoffGame([stats.uniform(0, c) for c in np.linspace(0.1, 0.6, 20)], f)
    found = gt.solve(game, method="cutoffs_all")
    assert (len(found), found.coverage) == (1, Coverage.ALL)
