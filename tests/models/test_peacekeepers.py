"""Peacekeepers between sides that may not trust each other."""

import math
from fractions import Fraction

import numpy as np
import pytest
from gametheory_models.armsrace.kydd2005 import Kydd2005
from gametheory_models.collective.peacekeepers import Peacekeepers
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt

laws = settings(max_examples=40, deadline=None)
truces = st.builds(
    Peacekeepers,
    N=st.integers(2, 9),
    b=st.floats(0, 0.98),
    l=st.floats(0.05, 4),
    g=st.floats(1.01, 2),
    t=st.floats(0, 1),
    kappa=st.floats(0, 0.9),
    rho=st.floats(0, 0.99),
)


# Derived; checked independently: b = .5, l = 1.
@pytest.mark.parametrize(
    ("kappa", "rho", "trust"),
    [(0, 0, 2 / 3), (0.2, 0, 0.588235294), (0, 0.5, 0.5), (0.2, 0.5, 0.416666667), (0, 0.9, 1 / 6)],
)
def test_known_thresholds(kappa, rho, trust):
    assert Peacekeepers(kappa=kappa, rho=rho).threshold() == pytest.approx(trust, abs=5e-10)


def test_known_share_of_conflicts_that_turn():
    # Derived; checked independently, by simulation: .369, .642, .273, .25.
    prior = {
        "b": uniform(0, 1),
        "l": uniform(0.001, 1.999),
        "t": uniform(0, 1),
        "kappa": uniform(0, 0.5),
        "rho": uniform(0, 1),
        "g": uniform(1, 1),
    }
    drawn = gt.draw(Peacekeepers(), prior, 200_000, seed=2)
    alone, kept = drawn._alone(), np.greater_equal(drawn.t, drawn.threshold())
    before = np.greater_equal(drawn.t, alone.threshold())
    shares = before.mean(), kept.mean(), (kept & ~before).mean(), drawn._deterred().mean()
    assert shares == pytest.approx((0.369, 0.642, 0.273, 0.25), abs=4e-3)
    assert not (before & ~kept).any()


@laws
@given(truces)
def test_it_is_kydds_game_with_other_payoffs(model):
    loss = model.l * (1 - model.rho)
    other = Kydd2005(N=model.N, R=1.0, T=model.b - model.kappa, P=0.0, S=-loss, t=model.t)
    assert model.threshold() == pytest.approx(other.threshold(), abs=1e-9)


@laws
@given(truces)
def test_the_solver_finds_peace_iff_trust_suffices(model):
    if abs(model.t - model.threshold()) < 1e-6:
        return
    found = gt.solve(model.game())
    assert [float(e.mixtures[0][0]) for e in found if e.mixtures[0][0] in (0, 1)] == (
        [0, 1] if model.t > model.threshold() else [0]
    )
    if model.t > model.threshold():
        (mixed,) = [e.mixtures[0][0] for e in found if 0 < e.mixtures[0][0] < 1]
        assert mixed * model.t == pytest.approx(model.threshold(), abs=1e-7)


@laws
@given(truces)
def test_two_types_of_state_as_an_agent_form(model):
    """Two sides, brute force over what seekers and greedy do: a best reply to peace by seekers."""
    two = model.but(N=2)
    loss = two.l * (1 - two.rho)

    def pay(attacks, other, temptation):
        if attacks:
            return temptation - two.kappa if not other else 0.0
        return -loss if other else 1.0

    def expected(attacks, temptation, greedy_attack):
        return two.t * pay(attacks, False, temptation) + (1 - two.t) * pay(
            attacks, greedy_attack, temptation
        )

    seekers = expected(False, two.b, True) >= expected(True, two.b, True) - 1e-12
    if abs(two.t - two.threshold()) > 1e-9:
        assert seekers == (two.t > two.threshold())
    calm = expected(False, two.g, False) >= expected(True, two.g, False)
    if abs(two.kappa - (two.g - 1)) > 1e-9:
        assert calm == bool(two._deterred())


@pytest.mark.parametrize(
    ("t", "kappa", "seekers_can", "all_can"),
    [
        (Fraction(1, 4), 0, False, False),
        (Fraction(3, 5), 0, True, False),  # t* = 1/2
        (Fraction(1, 4), Fraction(1, 2), False, True),  # t* = 1/3, and the greedy are deterred
        (Fraction(3, 5), Fraction(1, 2), True, True),
    ],
)
def test_two_sides_as_a_bayesian_game(t, kappa, seekers_can, all_can):
    """All Bayes-Nash equilibria: who keeps the peace for sure in some of them."""
    b, g, loss = Fraction(1, 2), Fraction(3, 2), Fraction(1, 2)
    tempt = {"seeker": b, "greedy": g}

    def pay(own, attacks, other):
        if attacks:
            return 0 if other else tempt[own] - kappa
        return -loss if other else 1

    game = gt.BayesianGame.of(
        {"A": list(tempt), "B": list(tempt)},
        {"A": [False, True], "B": [False, True]},
        {"A": [t, 1 - t], "B": [t, 1 - t]},
        lambda k, act: (pay(k[0], act[0], act[1]), pay(k[1], act[1], act[0])),
    )
    peace = [[row[0] for side in e.mixtures for row in side.tolist()] for e in gt.solve(game)]
    model = Peacekeepers(t=float(t), kappa=float(kappa), rho=0.5)
    assert (model.t >= model.threshold()) == seekers_can
    assert ([1, 0, 1, 0] in peace) == seekers_can
    assert ([1, 1, 1, 1] in peace) == all_can == bool(model._deterred())
    assert [0, 0, 0, 0] in peace


def test_simulated_partners():
    model, draws = Peacekeepers(N=4, kappa=0.1, rho=0.3), 400_000
    trusted = (np.random.default_rng(4).random((3, draws)) < model.threshold()).all(axis=0)
    gain = np.where(trusted, 1 - (model.b - 0.1), -model.l * 0.7)
    assert gain.mean() == pytest.approx(0, abs=4 * gain.std() / math.sqrt(draws))


@laws
@given(truces)
def test_help_never_hurts(model):
    assert model.threshold() <= model._alone().threshold() + 1e-12
    more = model.but(rho=min(1.0, model.rho + 0.01))
    assert more.threshold() < model.threshold()
    assert model.but(kappa=model.kappa + 0.01).threshold() < model.threshold()


def test_help_among_more_sides():
    # Derived: from 2/3 to 1/2 with two sides, from .816 to .707 with three; but all of it is much.
    assert Peacekeepers(rho=0.5).less_help_among_many.holds().every
    assert not Peacekeepers(rho=0.999).less_help_among_many.holds().some


def test_verdicts():
    model = Peacekeepers()
    for name in ("the_greedy_are_not_stopped", "fear_prevails"):
        verdict = getattr(model, name)(2_000)
        assert verdict.finding is gt.Finding.CONDITIONAL
        assert all(e.agreement == 1 for e in verdict.evidence)
    assert model.more_sides_need_more_trust(2_000).finding is gt.Finding.MATCHES
    # b = .5, l = 1: sparing half of the loss turns trust from 1/2 to 2/3, and no other.
    verdict = model.weak_peacekeepers_change_nothing(
        4_000, priors={"any trust": {"t": uniform(0, 1)}, "some": {"t": uniform(0.51, 0.15)}}
    )
    assert verdict.evidence[0].every == pytest.approx(1 - 1 / 6, abs=0.02)
    assert verdict.evidence[1].every == 0
