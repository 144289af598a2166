"""Ultimatum bargaining: every optimal demand, against closed forms and brute force on a grid."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import beta, expon, lomax, norm, randint, triang, uniform

import gametheory as gt
from gametheory.solvers import ultimatum as solver

laws = settings(max_examples=25, deadline=None)
few = settings(max_examples=10, deadline=None)


@dataclass(frozen=True)
class Mixture:
    """A law that draws from one of several; its ppf by halving."""

    weights: tuple[float, ...]
    parts: tuple

    def support(self):
        ends = [law.support() for law in self.parts]
        return min(a for a, _ in ends), max(b for _, b in ends)

    def cdf(self, t):
        return sum(w * law.cdf(t) for w, law in zip(self.weights, self.parts))

    def ppf(self, q):
        q = np.asarray(q, float)
        low, high = (np.full(q.shape, float(end)) for end in self.support())
        for _ in range(70):
            middle = (low + high) / 2
            after = self.cdf(middle) >= q
            low, high = np.where(after, low, middle), np.where(after, middle, high)
        return high


def crisis(law, p=0.6, cost=0.1, most=1.0, unit=1.0, zero=0.0, bent=1.0):
    """A pie that a war would divide: the demander's worth of a share x is unit x^bent + zero."""
    return gt.Ultimatum(
        law,
        accept=(lambda x: unit * x**bent + zero, lambda x, t: 1 - x),
        refuse=(lambda x: np.full(np.shape(x), unit * (p - cost) + zero), lambda x, t: 1 - p - t),
        most=most,
    )


def pays(game_law, x, p=0.6, cost=0.1, bent=1.0):
    """Expected payoff of the demand, straight from the law."""
    war = game_law.cdf(x - p)
    return x**bent * (1 - war) + (p - cost) * war


@laws
@given(st.floats(0.2, 0.6), st.floats(0, 0.5), st.floats(0.05, 0.6))
def test_uniform_costs_have_the_textbook_solution(p, cost, top):
    (found,) = gt.solve(crisis(uniform(0, top), p, cost))
    y = min(max(top - cost, 0) / 2, 1 - p)
    assert found.profile.demand == pytest.approx(p + y, abs=2e-9)
    assert found.profile.refused == pytest.approx(y / top, abs=2e-8)
    assert found.certificate.holds()


@laws
@given(st.floats(2, 12), st.floats(0.0, 0.4))
def test_exponential_costs_have_one_over_the_rate(rate, cost):
    # Derived: 1 - F = (y + cost) f at y = 1/rate - cost, whatever p.
    (found,) = gt.solve(crisis(expon(scale=1 / rate), 0.3, cost))
    y = max(1 / rate - cost, 0)
    assert found.profile.demand == pytest.approx(0.3 + y, abs=5e-9)
    assert found.profile.refused == pytest.approx(-math.expm1(-rate * y), abs=5e-8)


mixtures = st.builds(
    lambda w, a, b, c, d, top: Mixture(
        (w, 1 - w), (beta(a, b, scale=top), beta(c, d, loc=0.1, scale=0.3))
    ),
    st.floats(0.1, 0.9),
    st.floats(0.8, 9),
    st.floats(0.8, 9),
    st.floats(1, 40),
    st.floats(1, 40),
    st.floats(0.1, 0.5),
)


def test_a_level_payoff_that_no_bound_can_tell_is_a_sample():
    """Costs with cdf y / (y + cost): what a higher demand gains, the risk of war takes back."""
    level = crisis(lomax(1, scale=0.1))
    assert level.expected(np.linspace(0.6, 1, 9)) == pytest.approx(0.6, abs=1e-12)
    found = gt.solve(level)
    assert found.coverage is gt.Coverage.SAMPLE
    assert "broken off" in found.notes[-1]
    assert 0.6 <= found[0].profile.demand <= 1
    assert not gt.Holds.over(found, lambda e: True).known


def test_where_nothing_matters_every_demand_is_optimal():
    idle = gt.Ultimatum(
        uniform(0, 1),
        accept=(lambda x: np.full(np.shape(x), 2.0), lambda x, t: 1 - x),
        refuse=(lambda x: np.full(np.shape(x), 2.0), lambda x, t: 0.5 - t),
    )
    found = gt.solve(idle)
    assert [e.profile.demand for e in found] == [0, 1]
    assert found.coverage is gt.Coverage.EXTREME


def test_a_corner_is_listed_as_it_is():
    """The demand that just all accept, also where the payoff hardly falls beyond it."""
    for cost, top in ((0.5, 0.5), (0.7, 0.3)):
        (safe,) = gt.solve(crisis(uniform(0, top), p=0.25, cost=cost))
        assert safe.profile.demand == pytest.approx(0.25, abs=1e-15)
        assert safe.profile.refused == 0
        given_up = gt.Ultimatum(
            uniform(0, top),
            accept=(lambda y: 1 - y, lambda y, t: y),
            refuse=(lambda y, cost=cost: 0.25 - cost + 0 * y, lambda y, t: 0.75 - t),
        )
        (safe,) = gt.solve(given_up)
        assert safe.profile.demand == pytest.approx(0.75, abs=1e-15)
        assert safe.profile.refused == 0


@few
@given(mixtures, st.floats(0.2, 0.8), st.floats(0, 0.3), st.floats(0.3, 1.7))
def test_no_demand_on_a_fine_grid_pays_more(law, p, cost, bent):
    found = gt.solve(crisis(law, p, cost, bent=bent))
    x = np.linspace(0, 1, 100_001)
    U = pays(law, x, p, cost, bent)
    for e in found:
        assert e.payoffs[0] >= U.max() - 1e-12
        assert e.certificate.holds()
        assert pays(law, e.profile.demand, p, cost, bent) == pytest.approx(e.payoffs[0], abs=1e-12)
    # The payoffs of two grid points away from all that is listed, compared with what is listed.
    away = np.abs(x[:, None] - [e.profile.demand for e in found]).min(axis=1) > 1e-3
    assert U[away].max() < found[0].payoffs[0] - 1e-10


def test_two_demands_that_pay_alike_are_both_listed():
    """Half of the types are soft, half tough: ask little of all or much of half of them."""

    def lead(gap):
        law = Mixture((0.5, 0.5), (uniform(0, 0.05), uniform(gap, 0.05)))
        bold = gt.solve(crisis(law))
        top = {round(e.profile.demand, 3): e.payoffs[0] for e in bold}
        x = np.linspace(0.6, 0.65, 100_001), np.linspace(0.6 + gap, 0.65 + gap, 100_001)
        return max(pays(law, x[1])) - max(pays(law, x[0])), law, top

    gap = brentq(lambda g: lead(g)[0], 0.05, 0.4, xtol=1e-15)
    _, law, _ = lead(gap)
    found = gt.solve(crisis(law))
    assert [e.profile.demand for e in found] == pytest.approx([0.6, 0.6 + gap], abs=1e-8)
    assert [e.profile.refused for e in found] == pytest.approx([0, 0.5], abs=1e-8)
    assert found.coverage is gt.Coverage.ALL_PURE
    assert "may also mix" in "".join(found.notes)
    for change, demand in ((-1e-4, 0.6), (1e-4, 0.6001 + gap), (2e-9, 0.6 + gap)):
        (alone,) = gt.solve(crisis(lead(gap + change)[1]))
        assert alone.profile.demand == pytest.approx(demand, abs=1e-8)


def test_where_all_demands_pay_alike_the_ends_are_listed():
    """A demander that gains by war: every demand that all refuse is as good."""
    found = gt.solve(crisis(uniform(0, 0.1), p=0.5, cost=-0.6))
    assert [e.profile.demand for e in found] == pytest.approx([0.6, 1.0], abs=1e-8)
    assert [e.profile.refused for e in found] == pytest.approx([1, 1], abs=1e-7)
    assert found.coverage is gt.Coverage.EXTREME
    assert any("pay alike" in note for note in found.notes)


@few
@given(mixtures, st.sampled_from([1e-9, 1e9, 3.7]), st.sampled_from([0.0, -5.0, 1e4]))
def test_unit_and_zero_of_payoffs_do_not_matter(law, unit, zero):
    plain = gt.solve(crisis(law))
    other = gt.solve(crisis(law, unit=unit, zero=zero * unit))
    assert len(other) == len(plain)
    for one, two in zip(plain, other):
        assert two.profile.demand == pytest.approx(one.profile.demand, abs=1e-7)
        assert two.payoffs[0] == pytest.approx(unit * (one.payoffs[0] + zero), rel=1e-9)


@few
@given(mixtures)
def test_it_is_the_same_game_if_low_types_accept(law):
    """The type is resolve, one less the cost of war."""

    class Resolve:
        def support(self):
            low, high = law.support()
            return 1 - high, 1 - low

        def cdf(self, t):
            return 1 - law.cdf(1 - np.asarray(t))

        def ppf(self, q):
            return 1 - law.ppf(1 - np.asarray(q))

    mirrored = gt.Ultimatum(
        Resolve(),
        accept=(lambda x: x, lambda x, t: 1 - x),
        refuse=(lambda x: np.full(np.shape(x), 0.5), lambda x, t: 0.4 - (1 - t)),
    )
    assert not mirrored.high_accept
    for one, two in zip(gt.solve(crisis(law)), gt.solve(mirrored), strict=True):
        assert two.profile.demand == pytest.approx(one.profile.demand, abs=1e-7)
        assert two.profile.limit == pytest.approx(1 - one.profile.limit, abs=1e-7)
        assert two.payoffs == pytest.approx(one.payoffs, abs=1e-6)


def test_a_concession_is_what_is_not_demanded():
    """Payoffs and refusals may fall in the offer: what is offered is what is left of the pie."""
    law = triang(0.3, 0, 0.5)
    given_up = gt.Ultimatum(
        law,
        accept=(lambda y: 1 - y, lambda y, t: y),
        refuse=(lambda y: np.full(np.shape(y), 0.5), lambda y, t: 0.4 - t),
    )
    (one,), (two,) = gt.solve(crisis(law)), gt.solve(given_up)
    assert two.profile.demand == pytest.approx(1 - one.profile.demand, abs=1e-8)
    assert two.profile.refused == pytest.approx(one.profile.refused, abs=1e-7)


def test_a_limit_that_is_not_linear_in_the_type():
    """Risk-averse responders: the root of a share against a war that costs a power of the type."""
    law = uniform(0.1, 0.8)
    game = gt.Ultimatum(
        law,
        accept=(lambda x: x, lambda x, t: np.sqrt(1 - x)),
        refuse=(lambda x: 0.3 + 0 * x, lambda x, t: np.sqrt(0.5) - t**3),
    )
    x = np.linspace(0.5, 0.98, 7)
    limits = np.clip(np.cbrt(np.sqrt(0.5) - np.sqrt(1 - x)), 0.1, 0.9)
    assert game.limits(x) == pytest.approx(limits, abs=1e-14)
    (found,) = gt.solve(game)
    grid = np.linspace(0, 1, 1_000_001)
    at = np.clip(np.cbrt(np.maximum(np.sqrt(0.5) - np.sqrt(1 - grid), 0)), 0.1, 0.9)
    U = grid + (0.3 - grid) * law.cdf(at)
    assert U.max() - 1e-12 <= found.payoffs[0] <= U.max() + 1e-6  # the grid misses the kink
    assert found.profile.demand == pytest.approx(grid[U.argmax()], abs=1e-5)


def test_both_sides_payoffs_by_simulation():
    (found,) = gt.solve(crisis(norm(0.2, 0.1)))
    t = np.random.default_rng(3).normal(0.2, 0.1, 1_000_000)
    x = found.profile.demand
    fights = 1 - 0.6 - t > 1 - x
    ours, theirs = np.where(fights, 0.5, x), np.where(fights, 0.4 - t, 1 - x)
    assert ours.mean() == pytest.approx(found.payoffs[0], abs=4 * ours.std() / 1e3)
    assert theirs.mean() == pytest.approx(found.payoffs[1], abs=4 * theirs.std() / 1e3)
    assert fights.mean() == pytest.approx(found.profile.refused, abs=2e-3)


def test_a_certificate_sees_a_better_demand_and_a_wrong_answer():
    game = crisis(uniform(0, 0.5))
    poor = gt.certify(gt.OfferProfile(game, 0.7))
    assert poor.regrets == pytest.approx([0.68 - (0.7 * 0.8 + 0.5 * 0.2), 0], abs=1e-12)
    assert poor.deviations[0] == pytest.approx(0.8, abs=1e-6)
    assert not poor.holds()

    class Soft(gt.Ultimatum):
        def limits(self, x):
            return np.maximum(super().limits(x) - 0.03, 0)

    soft = Soft(game.types, game.accept, game.refuse)
    wrong = gt.certify(gt.OfferProfile(soft, 0.8))
    assert wrong.regrets[1] == pytest.approx(0.03, abs=5e-3)
    assert not wrong.holds()


def test_another_limit_is_a_deviation_of_the_responder():
    game = crisis(uniform(0, 0.5))
    (found,) = gt.solve(game)
    pay = game.unilateral(found.actions)
    assert pay(found.actions) == pytest.approx(found.payoffs)
    # Derived: to fight with a cost of .2 to .3 as well loses .05 on average, with chance .2.
    change = pay(np.array([0.7, 0.3])) - found.payoffs
    assert change == pytest.approx([0.66 - 0.68, -0.01], abs=1e-6)


def test_the_list_can_be_read():
    found = gt.solve(crisis(uniform(0, 0.5)))
    assert "demand 0.8: refused below 0.2, chance 0.4" in repr(found)
    assert found.to_frame().share.tolist() == [0, 0]
    assert found.to_frame().payoff.tolist() == pytest.approx([0.68, 0.24], abs=1e-6)
    (safe,) = gt.solve(crisis(uniform(0.1, 0.05), cost=0.4))
    assert "accepted by all types" in repr(safe)
    assert repr(found.game) == "Ultimatum(demands up to 1; high types accept)"
    assert gt.Holds.over(found, lambda e: e.profile.refused > 0.3) == gt.Holds(True, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"most": 0}, "no largest demand"),
        ({"types": randint(0, 3)}, "types of Responder"),
        ({"accept": (lambda x: x * (1 - x), lambda x, t: 1 - x)}, "if accepted: rises and falls"),
        ({"accept": (lambda x: x, lambda x, t: (x - 0.5) ** 2)}, "refusal: rises and falls"),
        ({"refuse": (lambda x: 0 * x, lambda x, t: (t - 0.2) ** 2)}, "not monotone in its type"),
        ({"refuse": (lambda x: x / 0, lambda x, t: -t)}, "not finite"),
        ({"accept": lambda x: x}, "accept: .* is not a pair of payoffs"),
        ({"accept": (len, len, len)}, "accept: .* is not a pair of payoffs"),
        ({"refuse": (0.5, lambda x, t: -t)}, "refuse: .* is not a pair of payoffs"),
        ({"accept": (lambda x, t: x, lambda x: 1 - x)}, "fail on arrays of demands x and types t"),
        ({"refuse": (lambda x: 0 * x, lambda x, t: -t if t > 0 else 0)}, "fail on arrays"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_bad_input_is_named(change, message):
    given = {
        "types": uniform(0, 0.5),
        "accept": (lambda x: x, lambda x, t: 1 - x),
        "refuse": (lambda x: 0 * x, lambda x, t: 0.4 - t),
    }
    with pytest.raises(ValueError, match=message):
        gt.Ultimatum(**given | change)


def test_what_cannot_be_solved_is_refused():
    game = crisis(uniform(0, 0.5))
    with pytest.raises(ValueError, match=r"Proposer: 1\.2 is not from 0 to 1"):
        gt.OfferProfile(game, 1.2)
    with pytest.raises(ValueError, match="exact"):
        gt.solve(game, exact=True)
    with pytest.raises(ValueError, match="needs an Ultimatum"):
        solver.solve(gt.Contest([1, 2]))
