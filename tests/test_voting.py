"""Votes on a hidden state: closed forms, and every profile of signals and votes one by one."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory.game import Profile

laws = settings(max_examples=60, deadline=None)
tenths = st.integers(1, 9).map(lambda k: Fraction(k, 10))


@st.composite
def votes(draw, most=4, signals=(2, 3)):
    """A vote with likelihoods in small fractions, states of unequal accuracy."""
    n = draw(st.integers(1, most))
    m = draw(st.sampled_from(signals))
    rows = [draw(st.lists(st.integers(1, 6), min_size=m, max_size=m)) for _ in range(2)]
    f = [[Fraction(x, sum(row)) for x in row] for row in rows]
    assume(len({a / b for a, b in zip(*f)}) == m)
    return gt.Voting(n, draw(st.integers(1, n)), f, q=draw(tenths), prior=draw(tenths))


def by_enumeration(game, x):
    """Gain from convicting, at each signal of voter 1, over all signals and votes of the others.

    Unnormalised: P(signal, the others' votes) times the difference in the verdict's payoff.
    ``x[s]`` is the chance that the others convict at s.
    """
    S, gains = len(x), []
    for own in range(S):
        total = 0
        for row, prior, loss in zip(
            game.likelihoods, (game.prior, 1 - game.prior), (1 - game.q, -game.q)
        ):
            for seen in itertools.product(range(S), repeat=game.n - 1):
                for cast in itertools.product((0, 1), repeat=game.n - 1):
                    chance = prior * row[own] * math.prod(row[s] for s in seen)
                    for s, v in zip(seen, cast):
                        chance *= x[s] if v else 1 - x[s]
                    with_mine = sum(cast) + 1 >= game.k
                    without = sum(cast) >= game.k
                    total += chance * loss * (with_mine - without)
        gains.append(total)
    return gains


def chances(e):
    return [x[0] for x in e.mixtures]


# MODELS-collective GI-5: derived; checked independently.
UNANIMITY = [
    (3, 0.7, 0.5, 0.314250088, 0.140587771, 0.498913476),
    (5, 0.7, 0.5, 0.582535200, 0.177613097, 0.487792457),
    (12, 0.7, 0.5, 0.824424218, 0.207286598, 0.477603276),
    (24, 0.7, 0.5, 0.911966212, 0.217294769, 0.473952394),
    (5, 0.8, 0.9, 0.176235223, 0.004609954, 0.593486720),
    (12, 0.8, 0.9, 0.575916295, 0.006923286, 0.654779318),
]


@pytest.mark.parametrize(("n", "p", "q", "beta", "wrong", "missed"), UNANIMITY)
def test_unanimity_has_the_known_equilibrium(n, p, q, beta, wrong, missed):
    game = gt.Voting(n, n, p, q)
    silent, responsive = gt.solve(game)
    assert chances(silent) == [0, 0]
    assert chances(responsive) == [1, pytest.approx(beta, abs=1e-9)]
    assert game.errors(responsive.profile) == pytest.approx((wrong, missed), abs=1e-9)


@pytest.mark.parametrize(("n", "p", "q"), [(2, 0.7, 0.4), (7, 0.65, 0.7), (1_000, 0.8, 0.6)])
def test_unanimity_has_the_closed_form(n, p, q):
    """Feddersen and Pesendorfer: beta from the odds that one signal of innocence must outweigh."""
    A = ((1 - q) * (1 - p) / (q * p)) ** (1 / (n - 1))
    beta = (A * p - (1 - p)) / (p - A * (1 - p))
    assert 0 < beta < 1
    (found,) = [e for e in gt.solve(gt.Voting(n, n, p, q)) if chances(e)[0] == 1]
    assert chances(found)[1] == pytest.approx(beta, abs=1e-12)


def test_large_juries_still_convict_innocents():
    """The limit ((1-q)(1-p)/(qp))^(p/(2p-1)), .227007719 at p = .7, q = .5 (GI-5)."""
    game = gt.Voting(5_000, 5_000, 0.7)
    wrong, _ = game.errors(gt.solve(game)[1].profile)
    assert wrong == pytest.approx((0.3 / 0.7) ** 1.75, abs=1e-4)
    assert wrong == pytest.approx(0.227007719, abs=1e-4)


# MODELS-collective GI-5: the binomial tail.
@pytest.mark.parametrize(
    ("n", "p", "right"),
    [
        (3, 0.7, 0.784),
        (5, 0.7, 0.836920),
        (7, 0.7, 0.873964),
        (11, 0.7, 0.921775209),
        (15, 0.7, 0.949987460),
        (5, 0.6, 0.68256),
    ],
)
def test_sincere_majorities(n, p, right):
    game = gt.Voting(n, (n + 1) // 2, p)
    wrong, missed = game.errors(game.sincere())
    assert 1 - wrong == pytest.approx(right, abs=1e-9)
    assert 1 - missed == pytest.approx(right, abs=1e-9)
    assert game.payoff(game.sincere()) == pytest.approx(-(1 - right) / 2, abs=1e-9)
    assert chances(gt.solve(game)[1]) == [1, 0]  # and it is the responsive equilibrium


@laws
@given(votes(signals=(2,)), st.integers(0, 4), st.integers(0, 4))
def test_gains_are_those_of_every_profile_of_signals_and_votes(game, a, b):
    x = [Fraction(a, 4), Fraction(b, 4)]
    profile = Profile(game, [[v, 1 - v] for v in x])
    for s, gain in enumerate(by_enumeration(game, x)):
        convict, acquit = profile.action_payoffs(s)
        assert np.sign(float(convict - acquit)) == np.sign(float(gain))


@settings(max_examples=25, deadline=None)
@given(votes(most=3, signals=(2, 3)))
def test_list_is_complete(game):
    """Over a grid of all strategies, the only equilibria are those listed."""
    found = gt.solve(game)
    assert found.coverage in (gt.Coverage.ALL_SYMMETRIC, gt.Coverage.EXTREME)
    assert all(e.certificate.holds(1e-12) for e in found)
    listed = {tuple(chances(e)) for e in found}
    S = len(game.players)
    for x in itertools.product(
        (Fraction(0), Fraction(1, 3), Fraction(2, 3), Fraction(1)), repeat=S
    ):
        gains = by_enumeration(game, x)
        is_nash = all((g <= 0 or v == 1) and (g >= 0 or v == 0) for g, v in zip(gains, x))
        if game.n > 1:
            assert not is_nash or x in listed
        if all(v in (0, 1) for v in x):
            assert is_nash == (x in listed)


@settings(max_examples=25, deadline=None)
@given(votes(most=4, signals=(2,)))
def test_responsive_equilibrium_exists_iff_it_pays_at_both_ends(game):
    """A mixing signal is bracketed anew, by the payoffs from enumeration on either side."""
    assume(game.n > 1)
    found = [e for e in gt.solve(game) if len(set(map(float, chances(e)))) > 1]
    odds = game.prior * (1 - game.q) / ((1 - game.prior) * game.q)
    ratios = sorted(game.likelihoods[0] / game.likelihoods[1])
    exists = odds * ratios[-1] ** game.k > 1 > odds * ratios[0] ** (game.n - game.k + 1)
    assert len(found) == exists
    for e in found:
        x = chances(e)
        for s, v in enumerate(x):
            if 0 < v < 1:
                sides = []
                for step in (-1e-9, 1e-9):
                    moved = [Fraction(float(c) + step * (t == s)) for t, c in enumerate(x)]
                    sides.append(by_enumeration(game, moved)[s])
                assert sides[0] > 0 > sides[1]


@laws
@given(votes(most=30, signals=(2, 3, 4)))
def test_guilt_and_innocence_change_places(game):
    """Swap the states, the votes and the losses: n - k + 1 votes to acquit."""
    mirror = gt.Voting(
        game.n,
        game.n - game.k + 1,
        game.likelihoods[::-1],
        q=1 - game.q,
        prior=1 - game.prior,
    )
    ours = sorted(tuple(map(float, chances(e))) for e in gt.solve(game))
    theirs = sorted(tuple(float(x[1]) for x in e.mixtures) for e in gt.solve(mirror))
    assert len(ours) == len(theirs)
    assert np.allclose(ours, theirs, atol=1e-11)
    for e, f in zip(gt.solve(game), reversed(gt.solve(mirror))):
        assert game.errors(e.profile)[::-1] == pytest.approx(mirror.errors(f.profile), abs=1e-11)
        assert game.payoff(e.profile) == pytest.approx(mirror.payoff(f.profile), abs=1e-11)


@laws
@given(votes(most=12, signals=(3,)), st.permutations(range(3)))
def test_order_of_signals_does_not_matter(game, order):
    other = gt.Voting(game.n, game.k, game.likelihoods[:, order], game.q, game.prior)
    for e, f in zip(gt.solve(game), gt.solve(other), strict=True):
        assert [chances(e)[s] for s in order] == pytest.approx(chances(f), abs=1e-12)


def test_mixed_numbers_of_signals_by_simulation():
    """Errors of a mixed equilibrium with three signals against 400,000 votes."""
    game = gt.Voting(9, 8, [[0.5, 0.3, 0.2], [0.15, 0.3, 0.55]], q=0.4, prior=0.4)
    (e,) = [e for e in gt.solve(game) if any(0 < x < 1 for x in chances(e))]
    rng, draws = np.random.default_rng(1), 400_000
    for row, wrong, guilty in zip(
        game.likelihoods.astype(float), game.errors(e.profile)[::-1], (1, 0)
    ):
        seen = rng.choice(3, size=(draws, 9), p=row)
        cast = rng.random((draws, 9)) < np.array(chances(e), float)[seen]
        convicted = (cast.sum(axis=1) >= 8).mean()
        assert (1 - convicted if guilty else convicted) == pytest.approx(
            wrong, abs=4 * math.sqrt(wrong * (1 - wrong) / draws)
        )


def test_sincere_votes_need_not_be_an_equilibrium():
    game = gt.Voting(5, 5, Fraction(7, 10))
    certificate = gt.certify(game.sincere())
    # Others all convict: four signals of guilt and one of innocence, odds (7/3)^3.
    guilt = Fraction(7**3, 7**3 + 3**3)
    assert certificate.exact
    assert certificate.regrets == (0, guilt / 2 - (1 - guilt) / 2)
    assert not certificate.holds()


def test_one_voter_at_the_point_of_indifference():
    found = gt.solve(gt.Voting(1, 1, Fraction(7, 10), q=Fraction(3, 10)))
    assert [chances(e) for e in found] == [[1, 0], [1, 1]]
    assert found.coverage is gt.Coverage.EXTREME
    assert found.degenerate


def test_thousands_of_voters_and_a_certificate_that_still_bites():
    game = gt.Voting(5_001, 4_001, 0.6)
    (e,) = [e for e in gt.solve(game) if 0 < chances(e)[1] < 1]
    nearby = chances(e)[1] + 1e-4
    off = Profile(game, [[1.0, 0.0], [nearby, 1 - nearby]])
    assert e.certificate.holds(1e-11)
    assert not gt.certify(off).holds(1e-3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 3, "k": 4, "p": 0.7}, "k: 4 is not a whole number from 1 to 3"),
        ({"n": 0, "k": 1, "p": 0.7}, "n: 0 is not a whole number"),
        ({"n": 3, "k": 2, "p": 1.0}, "Signal i has chance 0 if guilty"),
        ({"n": 3, "k": 2, "p": 0.5}, "one likelihood ratio"),
        ({"n": 3, "k": 2, "p": [[0.5, 0.6], [0.5, 0.5]]}, "if guilty add up to 1.1, not 1"),
        ({"n": 3, "k": 2, "p": [0.5, 0.6, 0.7]}, "give a number, a pair, or two rows, one"),
        ({"n": 3, "k": 2, "p": 0.7, "q": 1}, "q: 1 is not strictly between 0 and 1"),
        ({"n": 3, "k": 2, "p": 0.7, "prior": 0}, "prior: 0 is not strictly between"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        gt.Voting(**given)


def test_mixed_chances_are_not_sought_as_fractions():
    assert len(gt.solve(gt.Voting(3, 2, Fraction(7, 10)), exact=True)) == 3
    with pytest.raises(ValueError, match="exact: a signal mixes"):
        gt.solve(gt.Voting(3, 3, Fraction(7, 10)), exact=True)
    with pytest.raises(ValueError, match="needs a Voting game"):
        gt.solve(gt.CountGame([1, 0], [0, 0]), method="voting")


def test_equal_votes_are_equal():
    assert gt.Voting(3, 2, 0.7) == gt.Voting(3, 2, [0.7, 0.7])
    assert hash(gt.Voting(3, 2, 0.7)) == hash(gt.Voting(3, 2, 0.7))
    assert gt.Voting(3, 2, 0.7) != gt.Voting(3, 3, 0.7)
    assert repr(gt.Voting(3, 2, 0.7)) == "Voting(2 of 3; 2 signals)"
