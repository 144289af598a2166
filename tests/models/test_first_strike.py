"""First strikes: the margin against the game over all periods, and one period against its table."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from gametheory_models.deterrence.first_strike import FirstStrike
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt

chances = st.fractions(0, 1, max_denominator=12)
rivalries = st.builds(FirstStrike, n=st.integers(2, 8), p=chances, r=chances)
laws = settings(max_examples=60, deadline=None)


# Derived; checked independently: n = 2..6.
@pytest.mark.parametrize(
    ("p", "r", "margins"),
    [
        (0.3, 0.5, [0.025, 0.066667, 0.0625, 0.055, 0.048333]),
        (0.1, 0.9, [0.355, 0.253333, 0.194167, 0.157, 0.131667]),
    ],
)
def test_known_margins(p, r, margins):
    model = FirstStrike(n=np.arange(2, 7), p=p, r=r)
    assert model.margin() == pytest.approx(margins, abs=6e-7)


# Derived; checked independently: p = .3, r = .5, n = 2..6.
@pytest.mark.parametrize(
    ("lam", "hazards"),
    [
        (100, [0.0758582, 0.0012710, 0.0019267, 0.0040701, 0.0078971]),
        (20, [0.3775407, 0.2086085, 0.2227001, 0.2497399, 0.2755454]),
    ],
)
def test_known_hazards(lam, hazards):
    model = FirstStrike(n=np.arange(2, 7), p=0.3, r=0.5, lam=lam)
    assert model.hazard() == pytest.approx(hazards, abs=6e-8)


def test_largest_strike_that_peace_survives():
    # Derived; checked independently: r = 1/2, n = 2..6.
    exact = [FirstStrike(n=n, r=Fraction(1, 2)).critical_strike() for n in range(2, 7)]
    assert exact == [Fraction(n - 1, n + 1) for n in range(2, 7)]
    assert [str(x) for x in exact] == ["1/3", "1/2", "3/5", "2/3", "5/7"]


def test_two_and_three_are_equally_safe_at_the_boundary():
    even = FirstStrike(p=Fraction(1, 5), r=Fraction(1, 2))
    assert even.but(n=2).margin() == even.but(n=3).margin() == Fraction(1, 10)
    assert not even.two_are_safer_than_three.holds().every
    assert even.but(p=Fraction(1, 6)).two_are_safer_than_three.holds().every


@laws
@given(
    st.integers(2, 7),
    chances,
    chances,
    st.lists(chances, min_size=8, max_size=8),
    st.fractions(0, Fraction(9, 10), max_denominator=10),
)
def test_survivors_share_alike_and_a_strike_costs_the_margin(n, p, r, strikes, delta):
    """The game over all periods, solved from one survivor up, for any chance of strikes at each n.

    Each period pays its flow; then a random mover strikes a random other with chance x_n.
    """
    value = {0: Fraction(0), 1: Fraction(1)}
    hit, back, missed = p, (1 - p) * r, (1 - p) * (1 - r)
    for k in range(2, n + 1):
        x, fewer = strikes[k], value[k - 1]
        # V = (1 - delta)/k + delta (stay V + change fewer), over the roles of mover, target, others
        roles = {"mover": (hit, missed), "target": (back, missed), "other": (hit + back, missed)}
        weight = {"mover": Fraction(1, k), "target": Fraction(1, k), "other": Fraction(k - 2, k)}
        stay = sum(weight[i] * (1 - x + x * roles[i][1]) for i in roles)
        change = sum(weight[i] * x * roles[i][0] for i in roles)
        value[k] = ((1 - delta) * Fraction(1, k) + delta * change * fewer) / (1 - delta * stay)
        assert value[k] == Fraction(1, k)
    gain = hit * value[n - 1] + missed * value[n] - value[n]  # of a mover that strikes once
    model = FirstStrike(n=n, p=p, r=r)
    assert -gain == model.margin()
    assert (gain <= 0) == (p <= model.critical_strike() if r else p == 0)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 5), chances, chances)
def test_one_period_by_enumeration(n, p, r):
    """Payoffs of the count game against every mover, target and outcome of one period."""
    game = FirstStrike(n=n, p=p, r=r).game()
    outcomes = [(p, "hit"), ((1 - p) * r, "back"), ((1 - p) * (1 - r), "missed")]
    for plans in itertools.product((True, False), repeat=n):
        mine = Fraction(0)
        for mover in range(n):
            targets = [j for j in range(n) if j != mover]
            for target, (chance, outcome) in itertools.product(targets, outcomes):
                weight = Fraction(1, n * (n - 1)) * chance
                dead = {"hit": target, "back": mover}.get(outcome) if plans[mover] else None
                survivors = n - (dead is not None)
                mine += weight * (0 if dead == 0 else Fraction(1, survivors))
        others = sum(plans[1:])
        assert mine == pytest.approx(float((game.act if plans[0] else game.wait)[others]))


@laws
@given(rivalries)
def test_peace_is_an_equilibrium_iff_the_margin_is_not_negative(model):
    found = gt.solve(model.game())
    chances = {float(e.mixtures[0][0]) for e in found}
    margin = model.margin()
    if margin == 0:
        assert found.degenerate
        assert chances == {0, 1}
    else:
        assert chances == ({0} if margin > 0 else {1})
    assert (0 in chances) == (model.p <= model.critical_strike() if model.r else model.p == 0)


def test_the_pivot_is_exact():
    pivot = FirstStrike(n=2, p=Fraction(1, 3), r=Fraction(1, 2))
    assert pivot.margin() == 0
    found = gt.solve(pivot.game())
    assert found.degenerate
    assert found.coverage is gt.Coverage.EXTREME
    assert [e.certificate.regret for e in found] == [0, 0]
    holds = pivot.two_keep_the_peace.holds()
    assert (bool(holds.every), bool(holds.some)) == (False, True)
    bolder = pivot.but(p=Fraction(1, 3) + Fraction(1, 10**12))
    assert [float(e.mixtures[0][0]) for e in gt.solve(bolder.game())] == [1]
    assert not bolder.two_keep_the_peace.holds().some


@laws
@given(rivalries)
def test_margins_fall_in_n_where_retaliation_is_secure_and_prizes_are_small(model):
    more = model.but(n=model.n + 1)
    sign = (1 - model.p) * model.r * (model.n - 1) - 2 * model.p
    assert (more.margin() < model.margin()) == (sign > 0)
    assert bool(model.one_more_power_is_less_safe.holds().every) == (sign > 0)
    assert more.critical_strike() >= model.critical_strike()


@laws
@given(rivalries, st.floats(0, 40))
def test_odds_of_a_strike_fall_exponentially_in_the_margin(model, lam):
    hazard = model.but(lam=lam).hazard()
    odds = math.exp(-lam * float(model.margin()))
    assert hazard == pytest.approx(odds / (1 + odds))
    assert model.but(lam=0.0).hazard() == 0.5


DRAWS = 20_000
FALLS = [1 + 2 / a * math.log(2 / (a + 2)) for a in range(1, 8)]
"""P((1 - p) r a > 2p) for p and r uniform: a = n - 1 others."""


@pytest.mark.parametrize(
    ("name", "share", "finding"),
    [
        ("two_keep_the_peace", 1 - math.log(2), gt.Finding.CONDITIONAL),
        ("two_are_safer_than_three", 1 + 2 * math.log(2 / 3), gt.Finding.CHALLENGES),
        ("one_more_power_is_less_safe", sum(FALLS) / 7, gt.Finding.CONDITIONAL),
    ],
)
def test_shares_are_known_exactly(name, share, finding):
    verdict = getattr(FirstStrike(), name)(DRAWS)
    (under,) = [e for e in verdict.evidence if e.prior == "uniform"]
    error = math.sqrt(share * (1 - share) / DRAWS)
    assert under.every == pytest.approx(share, abs=4 * error)
    assert under.some == under.every  # ties have chance zero
    assert under.agreement > 0.9999  # but for rounding at the boundary
    assert verdict.finding is finding


@pytest.mark.parametrize(
    "name", ["two_keep_the_peace", "two_are_safer_than_three", "one_more_power_is_less_safe"]
)
@pytest.mark.parametrize(
    ("p", "r", "finding"),
    [
        (uniform(0, 0.1), uniform(0.5, 0.5), gt.Finding.MATCHES),
        (uniform(0.5, 0.5), uniform(0, 0.1), gt.Finding.CHALLENGES),
    ],
)
def test_safety_of_retaliation_decides(name, p, r, finding):
    verdict = getattr(FirstStrike(n=3), name)(2_000, priors={"narrow": {"p": p, "r": r}})
    assert verdict.finding is finding
