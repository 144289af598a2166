"""Equilibria in cutoffs: known numbers, laws, and a second way to each list."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

import gametheory as gt
from gametheory.cutoff import CutoffGame
from gametheory.equilibrium import Coverage
from gametheory.solvers.cutoffs import line_of

LAWS = [
    stats.uniform(),
    stats.beta(2, 5),
    stats.norm(0.4, 0.3),
    stats.expon(scale=0.4),
    stats.lognorm(0.6, scale=0.4),
]
NOTHING = {"b": lambda t, k: 0.0 * t}


def volunteers(law, n, v=1.0):
    return CutoffGame(law, {"pay": lambda t, k: v - t, "wait": lambda t, k: v * (k > 0)}, n)


def threshold(law, n, m):
    """The good is worth 1 to all if m pay."""
    f = {"pay": lambda t, k: (k >= m - 1) - t, "wait": lambda t, k: 1.0 * (k >= m)}
    return CutoffGame(law, f, n)


def table(v, law, first="low", slope=1.0):
    """The first action gains ``v[k]`` less ``slope`` times the type; plus, where high types act."""
    v, sign = np.asarray(v, float), -1 if first == "low" else 1
    return CutoffGame(
        law, {"a": lambda t, k: v[k] + sign * slope * t, "b": lambda t, k: 0.0 * t}, len(v), first
    )


def marginal_gain(v, law, first="low"):
    """The gain of the marginal type as a function of its type, from scipy's binomial chances."""
    n, sign = len(v), -1 if first == "low" else 1

    def g(t):
        t = np.atleast_1d(t)
        p = law.cdf(t) if first == "low" else law.sf(t)
        return stats.binom.pmf(np.arange(n), n - 1, p[:, None]) @ np.asarray(v) + sign * t

    return g


def cutoffs(found):
    return [e.cutoffs[0, 0] for e in found]


# --- numbers that are known ----------------------------------------------------------------------

UNIFORM = {  # MODELS-collective TH-5 [D]: n: (c*, P(none))
    (0, 1): {
        2: (0.5, 0.25),
        3: (0.381966011, 0.236067977),
        5: (0.275508041, 0.199603360),
        10: (0.175699437, 0.144829145),
        50: (0.056840968, 0.053610073),
    },
    (0.2, 1): {
        2: (0.555555556, 0.308641975),
        3: (0.458373631, 0.310334057),
        5: (0.374270748, 0.292740194),
        50: (0.224053366, 0.217316819),
    },
    # MODELS-polarity 1.5.2 [V], v = 1, cbar = 2
    (0, 2): {
        2: (0.6666667, 0.4444444),
        3: (0.5358984, 0.3923048),
        5: (0.4047538, 0.3228410),
        10: (0.2704606, 0.2338862),
    },
}


@pytest.mark.parametrize("support", UNIFORM)
def test_volunteers_with_uniform_costs(support):
    for n, (c, none) in UNIFORM[support].items():
        low, high = support
        (found,) = gt.solve(volunteers(stats.uniform(low, high - low), n))
        digits = 5e-8 if support == (0, 2) else 1.1e-9
        assert found.cutoffs[0, 0] == pytest.approx(c, abs=digits)
        assert found.chances[0, 1] ** n == pytest.approx(none, abs=digits)
        assert found.index == 1


def test_volunteers_a_second_way():
    """(1 - F(c))^(n - 1) = c, by bisection; what they expect, by simulation."""
    for law in LAWS[1:]:
        for n in (2, 7, 200):
            (found,) = gt.solve(volunteers(law, n))
            c = brentq(lambda c, F=law.sf, n=n: F(c) ** (n - 1) - c, 0, 1, xtol=1e-15)
            assert found.cutoffs[0, 0] == pytest.approx(c, abs=1e-12)
    rng = np.random.default_rng(1)
    (found,) = gt.solve(volunteers(LAWS[3], 4))
    t = LAWS[3].rvs((400_000, 4), random_state=rng)
    pays = t < found.cutoffs[:, 0]
    u = np.where(pays[:, 0], 1 - t[:, 0], pays[:, 1:].any(axis=1))
    assert found.payoffs[0] == pytest.approx(u.mean(), abs=5 * u.std() / math.sqrt(len(u)))


THRESHOLD = {  # MODELS-collective TH-1 [D], private costs U[0, 1]
    (5, 2): ([0.370039475], 0.609399607),
    (10, 3): ([0.035871893, 0.281785620], 0.567214400),
    (20, 5): ([0.122036526, 0.218782903], 0.452708540),
    (5, 3): ([], None),
    (5, 4): ([], None),
    (10, 5): ([], None),
}


@pytest.mark.parametrize(("n", "m"), THRESHOLD)
def test_thresholds_with_private_costs(n, m):
    inner, provided = THRESHOLD[n, m]
    found = gt.solve(threshold(stats.uniform(), n, m))
    assert found.coverage is Coverage.ALL_SYMMETRIC
    assert cutoffs(found) == pytest.approx([0, *inner], abs=1e-9)
    assert found[0].chances[0].tolist() == [0, 1]
    if inner:
        assert stats.binom.sf(m - 1, n, found[-1].chances[0, 0]) == pytest.approx(
            provided, abs=1e-8
        )


def test_two_of_three_can_provide():
    """2 c (1 - c) = c has the root 1/2, against MODELS-collective TH-1, which lists none."""
    found = gt.solve(threshold(stats.uniform(), 3, 2))
    assert cutoffs(found) == pytest.approx([0, 0.5], abs=1e-14)


def arms_race(n, mu, d, law=None):
    """Baliga & Sjostrom without talk: arms end any restraint of others (MODELS-armsrace M6)."""
    f = {
        "build": lambda t, k: mu * (k == 0) - t,
        "not": lambda t, k: -d * (k > 0) + 0 * t,
    }
    return CutoffGame(law or stats.uniform(), f, n)


@pytest.mark.parametrize(
    ("n", "c", "restrain"),
    [
        (2, 0.2, 0.64),
        (3, 0.75497035, 0.01471146),
        (4, 0.79338471, 0.00182243),
        (5, 0.79877021, 0.00032996),
    ],
)
def test_arms_races_without_talk(n, c, restrain):
    """MODELS-armsrace M6 [g05]: U[0, 1], mu = .05, d = .8."""
    (found,) = gt.solve(arms_race(n, 0.05, 0.8))
    assert found.cutoffs[0, 0] == pytest.approx(c, abs=6e-9)
    assert found.chances[0, 1] ** n == pytest.approx(restrain, abs=6e-9)


def test_other_arms_races():
    """M6: mu = .2; and d = 1.2, where F(c) d >= c for all c: all build, however small F(mu)."""
    inner = [gt.solve(arms_race(n, 0.2, 0.8))[0].cutoffs[0, 0] for n in (2, 3)]
    assert inner == pytest.approx([0.5, 0.76759188], abs=6e-9)
    for n in (2, 3, 10):
        (found,) = gt.solve(arms_race(n, 0.01, 1.2))
        assert found.chances[0].tolist() == [1, 0]
    law = stats.beta(2, 2)  # a second way: every root of the cutoff map on a grid of 20,001
    found = gt.solve(arms_race(3, 0.05, 0.8, law))
    t = np.linspace(0, 1, 20_001)[1:]
    g = 0.05 * law.sf(t) ** 2 + 0.8 * (1 - law.sf(t) ** 2) - t
    assert cutoffs(found) == pytest.approx(t[np.flatnonzero(g[:-1] * g[1:] < 0)], abs=1e-4)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("d", "c", "x", "hawk"), [(1, 0.5, -0.21289447, 0.42578895), (0.5, 1, 0.14622741, 0.29245481)]
)
def test_hostility_that_is_private(d, c, x, hawk):
    """MODELS-armsrace M7, Baliga & Sjostrom 2012: h ~ N(-.4, 1), hawk iff h >= x."""
    f = {
        "hawk": lambda h, k: h - c * k,
        "dove": lambda h, k: -d * k + 0 * h,
    }
    (found,) = gt.solve(CutoffGame(stats.norm(-0.4, 1), f, 2, first="high"))
    assert found.cutoffs[0, 0] == pytest.approx(x, abs=6e-9)
    assert found.chances[0, 0] == pytest.approx(hawk, abs=6e-9)


TALK = {  # MODELS-armsrace M6 [g05], d = 1.2: c^L, c^H, P(N, N), P(B, B), P(one-sided)
    0.05: (0.20990493, 0.36190187, 0.43027229, 0.30184782, 0.26787989),
    0.02: (0.18588012, 0.26496691, 0.54652836, 0.18021556, 0.27325608),
    0.01: (0.15312713, 0.20504203, 0.63465333, 0.12188740, 0.24345927),
    0.001: (0.06245921, 0.07723312, 0.85171698, 0.03301244, 0.11527058),
    0.0001: (0.02148600, 0.02601910, 0.94865935, 0.00948674, 0.04185391),
}


def talk(mu, d, law=None):
    """Three plans: dove and build; hawk, build iff messages differ; dove, build iff other hawk."""
    f = {
        "T": lambda t, k, j: mu * (k + j == 0) - t,
        "F": lambda t, k, j: -t * (j == 0),
        "N": lambda t, k, j: np.where(j == 1, -t, -d * (k == 1)),
    }
    return CutoffGame(law or stats.uniform(), f, 2)


@pytest.mark.parametrize("mu", TALK)
def test_arms_races_with_talk(mu):
    low, high, peace, war, one = TALK[mu]
    found = gt.solve(talk(mu, 1.2))
    assert found.coverage is Coverage.ALL_SAME_CUTOFFS
    told = [e for e in found if (e.chances[0] > 0).all()]
    (e,) = [e for e in told if e.chances[0, 1] < 0.2]
    T, F, N = e.chances[0]
    assert e.cutoffs[0] == pytest.approx([low, high], abs=6e-9)
    assert pytest.approx([peace, war, one], abs=6e-9) == [
        N * N + F * F,
        T * T + 2 * F * (1 - F),
        2 * T * N,
    ]


def test_talk_a_second_way():
    """Both conditions of MODELS-armsrace M6, solved from a lattice of starts, with costs beta."""
    law, mu, d = stats.beta(2, 2), 0.02, 1.5
    from scipy.optimize import fsolve

    def excess(c):
        F = law.cdf(c)
        middle = F[1] - F[0]
        return [middle * c[0] - (1 - F[1]) * mu, (1 - 2 * middle) * c[1] - F[0] * d]

    reached = set()
    for start in itertools.product(np.linspace(0.02, 0.98, 12), repeat=2):
        c, _, good, _ = fsolve(excess, start, full_output=True, xtol=1e-13)
        if good == 1 and np.abs(excess(c)).max() < 1e-12 and 0 < c[0] < c[1] < 1:
            reached.add(tuple(c.round(7)))
    found = [tuple(e.cutoffs[0]) for e in gt.solve(talk(mu, d, law)) if (e.chances[0] > 0).all()]
    assert found
    assert all(any(np.allclose(x, y, atol=1e-6) for y in reached) for x in found)
    game = talk(mu, d, law)
    for c in reached:  # what is not in the list is no equilibrium: some type gains
        listed = any(np.allclose(c, x, atol=1e-6) for x in found)
        assert gt.certify(gt.CutoffProfile(game, c)).holds(1e-6) == listed


@pytest.mark.parametrize(
    ("N", "m", "cbar", "q"), [(10, 1, 0.25, 0.268229), (10, 2, 0.25, 0.289203), (4, 1, 1.0, 2 / 13)]
)
def test_balancing_by_choice(N, m, cbar, q):
    """MODELS-polarity G2 [D], [V]: N - 2 third parties with costs U[0, cbar]."""

    def saved(k):
        return (1.0 + k) ** m / ((1.0 + k) ** m + 1)

    f = {"balance": lambda t, k: saved(k + 1) - t, "pass": lambda t, k: saved(k) + 0 * t}
    (found,) = gt.solve(CutoffGame(stats.uniform(0, cbar), f, N - 2))
    assert found.chances[0, 0] == pytest.approx(q, abs=6e-7)


class Mixture:
    """Seekers, a share ``s`` of all, with temptations near ``b``; the others' near ``g``."""

    def __init__(self, s, b, g, width):
        self.s, self.b, self.g, self.w = s, b, g, width

    def cdf(self, t):
        t = np.asarray(t, float)
        one = np.clip((t - self.b) / self.w, 0, 1)
        return self.s * one + (1 - self.s) * np.clip((t - self.g) / self.w, 0, 1)

    def ppf(self, p):
        p = np.asarray(p, float)
        return np.where(
            p <= self.s,
            self.b + self.w * p / self.s,
            self.g + self.w * np.maximum(p - self.s, 0) / (1 - self.s),
        )

    def support(self):
        return self.b, self.g + self.w


@pytest.mark.parametrize(
    ("kappa", "rho", "least"),
    [(0, 0, 0.666666667), (0.2, 0, 0.588235294), (0, 0.5, 0.5), (0.2, 0.5, 0.416666667)],
)
def test_trust_with_peacekeepers(kappa, rho, least):
    """MODELS-collective PK-1 [D]: (b, l) = (.5, 1); seekers can cooperate iff at least t* trust.

    A law with nearly all its types at .5 and at 1.5, and none between: it is flat there, and the
    cutoff of an equilibrium in which seekers cooperate lies in the gap, where nobody is.
    """
    f = {
        "peace": lambda b, k: np.where(k == 1, 1.0, -(1 - rho)) + 0 * b,
        "attack": lambda b, k: np.where(k == 1, b - kappa, 0.0),
    }
    for share, count in ((least - 0.02, 1), (least + 0.02, 3)):
        found = gt.solve(CutoffGame(Mixture(share, 0.5, 1.5 + kappa, 1e-3), f, 2))
        assert len(found) == count
        assert found[0].chances[0].tolist() == [0, 1]
        if count == 3:
            assert found[2].chances[0, 0] == pytest.approx(share)
            q = share
            assert found[2].cutoffs[0, 0] == pytest.approx(
                (q - (1 - q) * (1 - rho)) / q + kappa, abs=1e-12
            )


# --- a second way to the whole list --------------------------------------------------------------


@pytest.mark.parametrize("first", ["low", "high"])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.dist.name)
def test_every_change_of_sign_on_a_fine_grid_is_in_the_list(law, first):
    rng = np.random.default_rng(7)
    several = 0
    for n in (2, 3, 6, 11, 30) * 2:
        v = rng.normal(0.3, 0.5, n) + 1.5 * rng.random() * (np.arange(n) >= rng.integers(1, n))
        v -= 1.5 * (first == "high") * law.mean()
        found = gt.solve(table(v, law, first))
        g = marginal_gain(v, law, first)
        t = law.ppf(np.concatenate([[1e-13], np.linspace(0, 1, 4001)[1:-1], [1 - 1e-13]]))
        values = g(t)
        where = np.flatnonzero(values[:-1] * values[1:] < 0)
        roots = [brentq(lambda c, g=g: g(c)[0], t[k], t[k + 1], xtol=1e-14) for k in where]
        listed = [c for c in cutoffs(found) if t[0] < c < t[-1]]
        order = 1 if first == "low" else -1
        assert len(listed) == len(roots) or len(listed) == len(roots) + 2  # two between grid points
        for c in roots:
            assert min(abs(c - x) for x in listed) < 1e-9 * (1 + abs(c))
        assert np.abs([g(c)[0] for c in listed]).max(initial=0) < 1e-11
        assert [c * order for c in cutoffs(found)] == sorted(c * order for c in cutoffs(found))
        corners = [e.chances[0, 0] for e in found if e.cutoffs[0, 0] not in listed]
        low, high = law.support()
        keen, idle = (low, -high) if first == "low" else (-high, low)
        nobody = math.isfinite(keen) and v[0] - keen <= 0
        everybody = math.isfinite(idle) and v[-1] + idle >= 0
        assert {0.0} <= set(corners) if nobody else 0.0 not in corners
        assert {1.0} <= set(corners) if everybody else 1.0 not in corners
        assert found.coverage is Coverage.ALL_SYMMETRIC
        indices = [e.index for e in found]
        assert None in indices or sum(indices) == 1
        several += len(found) > 1
    assert several >= 2


def test_two_roots_that_nearly_meet_are_told_apart():
    """v_k with E[v] = 1/4 - (p - 1/2)^2 (1 + e): two roots of g at a distance of sqrt(e)."""
    law = stats.uniform()
    for gap in (1e-3, 1e-4):
        # p - g: g(p) = -(p - x)(p - y) with x, y = .4 -+ gap/2, plus the own cost p
        x, y = 0.4 - gap / 2, 0.4 + gap / 2
        # -(p^2 - (x + y) p + x y) + p in Bernstein coefficients of degree 2
        a0, a1, a2 = -x * y, (x + y) + 1, -1.0
        v = [a0, a0 + a1 / 2, a0 + a1 + a2]
        assert cutoffs(gt.solve(table(v, law))) == pytest.approx([0, x, y], abs=1e-8)


def test_two_equilibria_with_tiny_chances_are_told_apart():
    """g(p) = -(p - x)(p - y) - s p with x, y near 1e-11: the roots of a quadratic."""
    x, y, s = 4e-12, 6e-12, 1e-13
    v = [-x * y, -x * y + (x + y) / 2, -x * y + (x + y) - 1]
    found = gt.solve(table(v, stats.uniform(), slope=s))
    half = (x + y - s) / 2
    away = math.sqrt(half**2 - x * y)
    assert cutoffs(found) == pytest.approx([0, half - away, half + away], rel=1e-6)
    assert found.coverage in (Coverage.ALL_SYMMETRIC, Coverage.ALL_SAME_CUTOFFS)


def test_zeros_are_enclosed_as_narrowly_as_the_notes_say():
    for law in LAWS:
        game = volunteers(law, 5)
        (cluster,) = line_of(game).clusters()
        assert cluster.resolved
        assert 0 < cluster.high - cluster.low < 1e-10
        (note,) = gt.solve(game).notes
        assert float(note.rpartition(" ")[2].rstrip(".")) <= 1e-10
    corner, *others = line_of(threshold(stats.uniform(), 10, 3)).clusters()
    assert corner.low == -np.inf
    assert corner.high < -28
    assert [c.high - c.low < 1e-10 for c in others] == [True, True]


def test_a_gain_that_touches_zero_is_listed_with_a_note():
    """g(p) = -(p - .4)^2, exactly."""
    found = gt.solve(table([-0.16, 0.74, 0.64], stats.uniform()))
    assert cutoffs(found) == pytest.approx([0, 0.4], abs=1e-6)
    assert any("touches zero" in note for note in found.notes)
    assert [e.index for e in found] == [1, None]
    near = gt.solve(table([-0.161, 0.739, 0.639], stats.uniform()))  # misses it by .001
    assert cutoffs(near) == [0]
    assert near.coverage is Coverage.ALL_SYMMETRIC


def test_a_continuum_is_named_by_its_ends():
    whole = gt.solve(table([0, 0.5, 1], stats.uniform()))
    assert cutoffs(whole) == [0, 1]
    assert whole.coverage is Coverage.ENDS_OF_SAME_CUTOFFS
    assert any("Every cutoff from 0 to 1" in note for note in whole.notes)
    law = stats.uniform()

    def bent(t, k):  # on types from .3 to .7 the gain is that of the whole, beyond it is steeper
        return k / 2 - t - 0.5 * np.maximum(t - 0.7, 0) + 0.5 * np.maximum(0.3 - t, 0)

    part = gt.solve(CutoffGame(law, {"a": bent, **NOTHING}, 3))
    assert cutoffs(part) == pytest.approx([0.3, 0.7], abs=1e-9)
    assert part.coverage is Coverage.ENDS_OF_SAME_CUTOFFS


def test_gains_that_do_not_depend_on_the_type_claim_less():
    """A stag hunt in types that do not matter: 0, 1/2 and 1, but also in ways not by cutoffs."""
    found = gt.solve(CutoffGame(stats.norm(), {"a": lambda t, k: k - 0.5 + 0 * t, **NOTHING}, 2))
    assert [e.chances[0, 0] for e in found] == pytest.approx([0, 0.5, 1])
    assert found.coverage is Coverage.ALL_SAME_CUTOFFS


def test_a_jump_of_the_gain_is_a_cutoff():
    f = {"a": lambda t, k: np.where(t < 0.3, 1.0, -1.0) + 0.1 * k - t, **NOTHING}
    (found,) = gt.solve(CutoffGame(stats.uniform(), f, 3))
    assert found.cutoffs[0, 0] == pytest.approx(0.3, abs=1e-12)


def test_equilibria_with_tiny_chances_are_found():
    """Types below 0 act in any case: a chance of 8e-24 by the normal law, and its mirror."""
    found = gt.solve(table(np.arange(10) / 9, stats.norm(0.5, 0.05)))
    assert [e.index for e in found] == [1, -1, 1]
    assert found[0].chances[0, 0] == pytest.approx(stats.norm.cdf(-10), rel=1e-6)
    assert found[2].chances[0, 1] == pytest.approx(stats.norm.cdf(-10), rel=1e-6)


@pytest.mark.parametrize("n", [1, 1000])
def test_one_player_and_a_thousand(n):
    law = stats.expon()
    v = np.where(np.arange(n) >= n // 20, 0.02, -0.01)
    found = gt.solve(table(v, law))
    g = marginal_gain(v, law)
    assert np.abs([g(c)[0] for c in cutoffs(found) if c > 0]).max(initial=0) < 1e-12
    assert all(e.certificate.holds() for e in found)
    assert found[0].chances[0, 0] < 0.5
    big = gt.solve(threshold(stats.uniform(0, 0.01), 1000, 100))
    p = [e.chances[0, 0] for e in big]
    assert len(big) == 3
    pivotal = stats.binom.pmf(99, 999, p[1:])
    assert pivotal == pytest.approx(0.01 * np.array(p[1:]), rel=1e-9)


# --- laws ----------------------------------------------------------------------------------------

steps = st.lists(st.integers(-3, 3), min_size=2, max_size=6)


@given(steps, st.sampled_from(LAWS[1:]))
@settings(max_examples=25, deadline=None)
def test_the_mirror_image_has_the_same_chances(v, law):
    class Mirrored:
        def cdf(self, t):
            return law.sf(-np.asarray(t))

        def sf(self, t):
            return law.cdf(-np.asarray(t))

        def ppf(self, p):
            return -law.isf(p)

        def isf(self, p):
            return -law.ppf(p)

        def support(self):
            low, high = law.support()
            return -high, -low

    one, other = gt.solve(table(v, law)), gt.solve(table(v, Mirrored(), "high"))
    assert [e.chances[0, 0] for e in one] == pytest.approx(
        [e.chances[0, 0] for e in other], rel=1e-9, abs=1e-12
    )
    assert one.coverage is other.coverage


class Bent:
    """The law of t + t^3 for a type t, by Newton's method backwards."""

    def __init__(self, law):
        self.law = law
        self.ppf, self.isf = (lambda p, f=f: f(p) + f(p) ** 3 for f in (law.ppf, law.isf))

    @staticmethod
    def back(t):
        t = np.asarray(t, float)
        y = np.clip(t, -1e30, 1e30)
        root = np.sqrt(y * y / 4 + 1 / 27)
        x = np.cbrt(y / 2 + root) + np.cbrt(y / 2 - root)
        for _ in range(4):
            x = x - (x + x**3 - y) / (1 + 3 * x * x)
        return np.where(np.isinf(t), t, x)

    def cdf(self, t):
        return self.law.cdf(self.back(t))

    def sf(self, t):
        return self.law.sf(self.back(t))

    def support(self):
        low, high = (float(x) for x in self.law.support())
        return low + low**3, high + high**3


@given(steps, st.sampled_from(LAWS))
@settings(max_examples=20, deadline=None)
def test_a_change_of_scale_of_the_types_leaves_the_chances(v, law):
    v = np.asarray(v, float)
    f = {"a": lambda t, k: v[k] - Bent.back(t), "b": lambda t, k: 0 * t}
    one, other = gt.solve(table(v, law)), gt.solve(CutoffGame(Bent(law), f, len(v)))
    assert one.coverage is other.coverage
    assert [e.chances[0, 0] for e in one] == pytest.approx(
        [e.chances[0, 0] for e in other], rel=1e-8, abs=1e-12
    )


@given(steps, st.sampled_from([1e-9, 1e9]), st.sampled_from([-20.0, 20.0]), st.sampled_from(LAWS))
@settings(max_examples=20, deadline=None)
def test_unit_and_zero_of_payoffs_do_not_matter(v, unit, zero, law):
    one = gt.solve(table(v, law))
    f = {
        "a": lambda t, k: unit * (zero + np.asarray(v, float)[k] - t),
        "b": lambda t, k: unit * (zero + 0 * t),
    }
    other = gt.solve(CutoffGame(law, f, len(v)))
    assert one.coverage is other.coverage
    assert [e.chances[0, 0] for e in one] == pytest.approx(
        [e.chances[0, 0] for e in other], rel=1e-6, abs=1e-9
    )


def test_players_alike_given_one_by_one_play_as_one_kind():
    law = stats.norm(0.4, 0.3)
    one = gt.solve(table([0, 0.3, 1.0], law))
    v = np.array([0, 0.3, 1.0])
    laws = [law, stats.norm(0.4, 0.3), stats.norm(loc=0.4, scale=0.3)]
    f = [{"a": lambda t, k: v[k] - t, "b": lambda t, k: 0 * t} for _ in range(3)]
    each = gt.solve(CutoffGame(laws, f))
    for e in one:
        assert any(np.allclose(e.chances, x.chances, atol=1e-9) for x in each)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="needs a CutoffGame, not a Game"):
        gt.solve(gt.Game.from_payoffs([[1]], [[1]]), method="cutoffs")
    with pytest.raises(ValueError, match="solved in floats"):
        gt.solve(volunteers(stats.uniform(), 2), exact=True)
    three = {a: (lambda t, j, k, s=s: s * t) for a, s in zip("xyz", (1.0, 2.0, 3.0))}
    with pytest.raises(ValueError, match="unequal players and more than two actions"):
        gt.solve(CutoffGame([stats.norm(), stats.norm(1)], three))
