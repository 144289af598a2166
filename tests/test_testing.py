"""The contract catches what it says it catches: one planted fault at a time, in a sound model."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import par, proposition
from gametheory.testing import (
    check_model,
    games,
    random_crisis,
    random_signalling,
    random_tree,
    trees,
)

SOURCE = gt.Citation("Example, E.", 2026, "Burdens", "unpublished", read=True)


class Sound(gt.Model):
    """n states share a burden: each arms iff its gain g exceeds its cost a."""

    citation = SOURCE
    n: int = par(3, "number of states", (2, 50), (2, 6))
    g: float = par(0.5, "gain from arms, payoff units", (0, 1))
    a: float = par(0.4, "cost of arms, payoff units", (0, 1))
    w: tuple = par((0.5, 0.25), "share of the burden of each state", (0, 1))

    def game(self):
        return gt.CountGame([self.g - self.a] * self.n, [0.0] * self.n)

    def surplus(self):
        """What all gain."""
        return self.n * np.subtract(self.g, self.a)

    def doubled(self):
        return self.but(n=2 * np.asarray(self.n))

    @proposition("States arm.", bears_on="X9", boundary=("g = a", lambda m: m.g - m.a))
    def they_arm(self):
        return gt.Holds(every=np.less(self.a, self.g), some=np.less_equal(self.a, self.g))

    @proposition("The solver finds that all arm.", bears_on="X9", pointwise=True)
    def they_arm_it_finds(self):
        return gt.Holds.over(gt.solve(self.game()), lambda e: e.mixtures[0][0] == 1)


class Burden(gt.Model):
    """Two allies of unequal wealth give to a pure public good."""

    citation = SOURCE
    w: float = par(2.0, "wealth of the richer ally, units of the other's", (1, 10), (1, 5))
    alpha: float = par(0.5, "share of wealth that goes to the good", (0.05, 0.95))

    def game(self):
        return gt.PublicGood(w=[self.w, 1.0], alpha=self.alpha)

    @proposition("The poorer ally gives nothing.", bears_on="X9", pointwise=True)
    def the_poorer_rides_free(self):
        return gt.Holds.over(gt.solve(self.game()), lambda e: e.actions[1] == 0)


def breach(model, message, draws=200):
    """The contract of ``model`` is broken and the error says so in one line."""
    with pytest.raises(AssertionError, match=message) as caught:
        check_model(model, draws=draws)
    assert str(caught.value).startswith(model.__name__ + ": ")
    assert "\n" not in str(caught.value)


def test_sound_model_passes():
    check_model(Sound, draws=200)


def test_sound_model_of_continuous_actions_passes():
    """The richer alone gives alpha w; the poorer adds nothing iff (1 - alpha) w >= 1."""
    check_model(Burden, draws=200)
    assert Burden(w=3.0, alpha=0.5).the_poorer_rides_free.holds().every
    assert not Burden(w=1.5, alpha=0.5).the_poorer_rides_free.holds().some


def test_model_without_citation():
    class Uncited(gt.Model):
        """A model of nobody."""

        x: float = par(0.5, "share", (0, 1))

    breach(Uncited, "no citation")


def test_model_without_docstring():
    class Mute(gt.Model):
        citation = SOURCE
        x: float = par(0.5, "share", (0, 1))

    breach(Mute, "no docstring")


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (par(0.5, " ", (0, 1)), "x has no meaning"),
        (par(0.5, "how strong a state is", (0, 1)), "x .* has no unit"),
        (par(0.5, "share", (1, 0), (0, 1)), "x has an empty range"),
        (par(2.0, "share", (0, 1)), "default x = 2.0 is outside 0..1"),
        (par((0.5, 2.0), "share", (0, 1)), r"default x = \(0.5, 2.0\) is outside"),
        (par(0.5, "share", (0, 1), (0, 2)), "box 0..2 of x is not in 0..1"),
    ],
)
def test_parameter_badly_declared(parameter, message):
    class Bad(gt.Model):
        """A model with a bad parameter."""

        citation = SOURCE
        x: float = parameter

    breach(Bad, message)


def test_defaults_that_the_model_refuses():
    class Contradicts(Sound):
        """Needs what its defaults do not give."""

        def requires(self):
            return {"g < a": np.less(self.g, self.a)}

    breach(Contradicts, "the defaults raises ValueError: Contradicts: needs g < a")


def test_range_that_is_not_enforced():
    class Lenient(Sound):
        """Takes any value."""

        def __post_init__(self):
            pass

    breach(Lenient, "n = 1 is accepted, outside 2..50")


def test_whole_number_that_is_not_enforced():
    class Fractional(Sound):
        """Takes two and a half states."""

        def __post_init__(self):
            if not np.all(np.greater_equal(self.n, 2) & np.less_equal(self.n, 50)):
                raise ValueError("n is outside 2..50")

    breach(Fractional, r"n = 2\.5 is accepted")


def test_error_that_does_not_name_the_parameter():
    class Vague(Sound):
        """Rejects without saying what."""

        def __post_init__(self):
            try:
                super().__post_init__()
            except ValueError:
                raise ValueError("out of range") from None

    breach(Vague, "the error for n = 1 does not name it")


def test_game_that_cannot_be_built_everywhere():
    class Partial(Sound):
        """Has a game at the defaults alone."""

        def game(self):
            if self.n != 3:
                raise KeyError(self.n)
            return super().game()

    breach(Partial, "the game at n = .* raises KeyError")


def test_closed_form_for_scalars_only():
    class Scalar(Sound):
        """Branches on a number."""

        def surplus(self):
            return 1.0 if self.g > self.a else 0.0

    breach(Scalar, r"surplus\(\) of a sample raises ValueError")


def test_closed_form_that_mixes_the_draws():
    class Pooled(Sound):
        """Averages over the sample."""

        def surplus(self):
            return self.g - np.mean(self.a)

    breach(Pooled, r"surplus\(\) is .* in a sample, .* alone")


def test_closed_form_that_loses_the_draws():
    class Transposed(Sound):
        """Gives a matrix for a sample."""

        def surplus(self):
            return np.subtract.outer(self.g, self.a)

    breach(Transposed, r"surplus\(\) of 20 draws has shape \(20, 20\)")


def test_statement_without_full_stop():
    class Unstopped(Sound):
        """States no sentence."""

        @proposition("States arm", bears_on="X9")
        def they_arm(self):
            return np.less(self.a, self.g)

    breach(Unstopped, "they_arm: the statement has no full stop")


def test_proposition_that_mixes_the_draws():
    class Ranked(Sound):
        """Compares draws with each other."""

        @proposition("It gains more than the average.", bears_on="X9")
        def above_average(self):
            return self.g > np.mean(self.g)

    breach(Ranked, "above_average: .* in a sample, .* alone")


def test_every_without_some():
    class Twisted(Sound):
        """Swaps every and some."""

        @proposition("States arm.", bears_on="X9")
        def they_arm(self):
            return gt.Holds(every=np.less(self.a, self.g), some=np.less(self.a, self.g - 0.5))

    breach(Twisted, "they_arm: holds in every equilibrium but not in some")


def test_pointwise_proposition_that_raises_at_a_point():
    class Unsolved(Sound):
        """Solves the game at its defaults alone."""

        @proposition("The solver finds that all arm.", bears_on="X9", pointwise=True)
        def they_arm(self):
            return gt.Holds.over(gt.solve({3: self.game()}[self.n]), lambda e: True)

    breach(Unsolved, "they_arm of a sample raises KeyError")


def test_verdict_that_cannot_be_run_again():
    tosses = np.random.default_rng(5)

    class Fickle(Sound):
        """Tosses a coin where nobody looks: off the points that are compared."""

        @proposition("States arm.", bears_on="X9")
        def they_arm(self):
            coin = tosses.random(len(self.g)) if np.size(self.g) > 20 else 0
            return np.less(coin, self.g)

    breach(Fickle, "they_arm: seed 0 gives two verdicts")


def test_counterexample_that_does_not_fail():
    class Slippery(Sound):
        """Fails in large samples only."""

        @proposition("States arm.", bears_on="X9")
        def they_arm(self):
            return np.full(np.shape(self.g), np.size(self.g) <= 20)

    breach(Slippery, "its counterexample .* does not fail")


def test_proposition_that_raises():
    class Broken(Sound):
        """Divides by a word."""

        @proposition("States arm.", bears_on="X9")
        def they_arm(self):
            return self.g / "a"

    breach(Broken, "they_arm of a sample raises")


def test_equilibrium_that_is_none(monkeypatch):
    def guess(game):
        nobody = gt.Profile.pure(game, [1] * len(game.players))
        certificate = gt.certify(nobody)
        found = (gt.Equilibrium(nobody, certificate, "guess"),)
        return gt.EquilibriumSet(game, found, gt.Coverage.SAMPLE, "guess")

    monkeypatch.setattr("gametheory.testing.solve", guess)
    breach(Sound, "the game at n = 3.*is not an equilibrium")


def test_solver_that_promises_nothing(monkeypatch):
    def shrug(game):
        return gt.EquilibriumSet(game, (), gt.Coverage.UNKNOWN, "shrug")

    monkeypatch.setattr("gametheory.testing.solve", shrug)
    breach(Sound, "coverage is unknown")


def test_finding_that_does_not_follow_from_the_shares(monkeypatch):
    monkeypatch.setattr("gametheory.claims.judge", lambda every, some: gt.Finding.MATCHES)
    breach(Sound, "MATCHES from shares of CONDITIONAL")


def test_interval_that_misses_the_share(monkeypatch):
    monkeypatch.setattr("gametheory.claims.wilson", lambda successes, n: (0.9, 1.0))
    breach(Sound, r"share 0\.\d+ is outside \(0\.9, 1\.0\)")


@given(games(players=3, actions=(1, 3)))
@settings(max_examples=50, deadline=None)
def test_games_have_the_players_actions_and_values_asked_for(game):
    assert len(game.players) == 3
    assert set(game.shape) <= {1, 2, 3}
    assert game.exact
    assert set(game.payoffs.flat) <= {Fraction(v) for v in range(-2, 3)}


@given(games(actions=(2, 2), values=st.floats(0, 1)))
@settings(max_examples=20, deadline=None)
def test_games_of_floats(game):
    assert game.shape == (2, 2)
    assert not game.exact
    assert 0 <= game.payoffs.min() <= game.payoffs.max() <= 1


def test_games_reach_lopsided_ones_and_ties():

    assert find(games(), lambda g: g.shape == (3, 2)).shape == (3, 2)
    tied = find(games(), lambda g: g.shape == (2, 2) and g.ranges.min() == 0 < g.ranges.max())
    assert tied.shape == (2, 2)


@given(trees(players=3))
def test_trees_are_small_exact_and_have_perfect_recall(tree):
    assert len(tree.players) == 3
    assert tree.exact
    assert len(tree.nodes) <= 1 + 7 * 3
    assert set(tree.payoffs.flat) <= {-2, -1, 0, 1, 2}
    assert all(p > 0 for node in tree.nodes for p in node.chances)
    assert gt.Tree(tree.players, tree.nodes, tree.sets) == tree  # checks recall once more


@given(trees(chance=False, perfect=True, actions=(2, 2), values=[0.5, 1.5]))
def test_trees_without_chance_and_hidden_moves(tree):
    assert not any(node.chances for node in tree.nodes)
    assert all(len(s.nodes) == 1 and len(s.actions) == 2 for s in tree.sets)
    assert not tree.exact


def test_trees_hide_moves_and_are_lopsided():
    hidden = find(trees(), lambda t: any(len(s.nodes) > 1 for s in t.sets))
    assert any(len(s.nodes) == 2 for s in hidden.sets)
    assert find(trees(), lambda t: t.parents.count(None) < len(t.sets) and len(t.own[1]) > 1)
    assert find(trees(), lambda t: len({len(s.actions) for s in t.sets}) == 3)
    many = [random_tree(seed) for seed in range(300)]
    assert sum(any(len(s.nodes) > 1 for s in t.sets) for t in many) > 90
    assert sum(any(node.chances for node in t.nodes) for t in many) > 90


def test_random_trees_repeat_by_seed():
    for draw in (random_tree, random_signalling, random_crisis):
        assert draw(3) == draw(3) != draw(4)
    game = random_signalling(1, types=3, messages=2, responses=4)
    assert [len(s.actions) for s in game.sets] == [2, 4, 4, 2, 2]
    crisis = random_crisis(1, types=(2, 3))
    assert [len(mine) for mine in crisis.own] == [4, 3]
    assert len(crisis.ends) == 24
