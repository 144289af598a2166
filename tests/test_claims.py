"""Verdicts: the rule, what is not known, the intervals, the pivot and the counterexample."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, uniform

import gametheory as gt
from gametheory import Finding, Holds, par, proposition
from gametheory.claims import Verdict, judge, sobol, wilson

SOURCE = gt.Citation("Example, E.", 2026, "Thresholds", "unpublished", read=True)
SQUARE = {"square": {"x": uniform(0, 1), "y": uniform(0, 1)}}


class Cuts(gt.Model):
    """Statements about x and y that hold on known shares of the unit square."""

    citation = SOURCE
    x: float = par(0.5, "share", (0, 1))
    y: float = par(0.5, "share", (0, 1))
    a: float = par(0.25, "share of draws where it holds", (0, 1))
    b: float = par(0.0, "share of draws where nobody knows, behind those", (0, 1))

    @proposition("x is below a.", bears_on="C1", boundary=("x = a", lambda m: m.a - m.x))
    def below(self):
        return np.less(self.x, self.a)

    @proposition("x is below a, if anybody knows.", bears_on="C1")
    def below_if_known(self):
        holds = np.less(self.x, self.a)
        known = np.logical_not(np.less(self.a, self.x) & np.less(self.x, np.add(self.a, self.b)))
        return Holds(every=holds, some=holds, known=known)

    @proposition("x is below 0.3 in one equilibrium, y in the other.", bears_on=("C2", "C3"))
    def either(self):
        one, other = np.less(self.x, 0.3), np.less(self.y, 0.3)
        return Holds(every=one & other, some=one | other)

    @proposition("Of the draws with y below a, x is below a half.", bears_on="C1")
    def of_some(self):
        return Holds(np.less(self.x, 0.5), np.less(self.x, 0.5), given=np.less(self.y, self.a))

    @proposition("Of the draws with y below a, twice y is below 2a.", bears_on="C1")
    def of_some_always(self):
        holds = np.less(self.y, self.a)
        return Holds(holds, holds, given=holds)

    @proposition("x is a share.", bears_on=())
    def always(self):
        return np.less_equal(self.x, 1)


def over_square(name, draws=20_000, **fixed):
    return getattr(Cuts(**fixed), name)(draws, priors=SQUARE)


@pytest.mark.parametrize(
    ("every", "some", "finding"),
    [
        ([0.8], [0.8], Finding.MATCHES),
        ([0.8, 1, 0.9], [1, 1, 0.9], Finding.MATCHES),
        ([0.79999, 1], [1, 1], Finding.CONDITIONAL),
        ([0.2], [0.2], Finding.CHALLENGES),
        ([0, 0.1], [0.2, 0.2], Finding.CHALLENGES),
        ([0, 0], [0.20001, 0], Finding.CONDITIONAL),
        ([0], [1], Finding.CONDITIONAL),
        ([1, 0], [1, 0], Finding.CONDITIONAL),
    ],
)
def test_rule(every, some, finding):
    assert judge(every, some) is finding


shares = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted), min_size=1, max_size=4)


@given(shares)
def test_rule_is_turned_round_by_negation(pairs):
    """A statement matches iff its denial is challenged: .8 and .2 are mirror images."""
    every, some = zip(*pairs)
    assume(all(abs(x - edge) > 1e-9 for x in every + some for edge in (0.2, 0.8)))
    denied = judge([1 - s for s in some], [1 - e for e in every])
    swap = {Finding.MATCHES: Finding.CHALLENGES, Finding.CHALLENGES: Finding.MATCHES}
    found = judge(every, some)
    assert denied is swap.get(found, found)


@given(shares)
def test_order_of_priors_does_not_matter_and_one_more_cannot_firm_up_a_finding(pairs):
    every, some = map(list, zip(*pairs))
    found = judge(every, some)
    assert judge(every[::-1], some[::-1]) is found
    assert judge([*every, 0.5], [*some, 0.5]) is Finding.CONDITIONAL


@pytest.mark.parametrize(
    ("a", "b", "finding"),
    [
        (0.85, 0.1, Finding.MATCHES),
        (0.75, 0.1, Finding.UNDECIDED),
        (0.7, 0.05, Finding.CONDITIONAL),
        (0.4, 0.3, Finding.CONDITIONAL),
        (0.1, 0.2, Finding.UNDECIDED),
        (0.1, 0.05, Finding.CHALLENGES),
        (0.0, 1.0, Finding.UNDECIDED),
    ],
)
def test_what_is_not_known_decides_only_if_it_cannot_matter(a, b, finding):
    verdict = over_square("below_if_known", a=a, b=b)
    (under,) = verdict.evidence
    assert verdict.finding is finding
    assert under.unknown == pytest.approx(b, abs=0.02)
    assert (under.every, under.some) == pytest.approx((a, a + b), abs=0.02)
    # The finding stands for every way in which the unknown draws could come out.
    outcomes = {
        judge([under.every + low], [under.some - under.unknown + high])
        for low, high in itertools.combinations_with_replacement(
            np.linspace(0, under.unknown, 21), 2
        )
    }
    assert (finding is Finding.UNDECIDED) == (len(outcomes) > 1)
    if verdict.counterexample:
        assert verdict.counterexample["x"] >= a + b


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_is_wilsons(counts):
    k, n = counts
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_first_order_indices_with_a_closed_form():
    rng = np.random.default_rng(8)
    x, z = rng.random((2, 100_000))
    die = rng.integers(1, 7, x.size)
    coin = rng.random(x.size) < 0.5
    close = {"abs": 0.01}
    # A threshold of one input.
    assert sobol(x < 0.3, x) == pytest.approx(1, abs=0.04)  # one bin of 32 straddles it
    assert sobol(x < 0.3, z) == pytest.approx(0, **close)
    # Additive: shares of the variance. Var(2x) = 4/12, Var(z) = 1/12.
    assert sobol(2 * x + z, x) == pytest.approx(4 / 5, **close)
    assert sobol(2 * x + z, z) == pytest.approx(1 / 5, **close)
    # A die has variance 35/12, a coin worth 3 has 9/4.
    assert sobol(die + 3 * coin, die) == pytest.approx(35 / 62, **close)
    assert sobol(die + 3 * coin, coin) == pytest.approx(27 / 62, **close)
    # Both at least a half: Var E[Y|x] = 1/16 of Var Y = 3/16. One of the two: pure interaction.
    assert sobol((x > 0.5) & (z > 0.5), x) == pytest.approx(1 / 3, **close)
    assert sobol((x > 0.5) ^ (z > 0.5), x) == pytest.approx(0, **close)
    # The unit of y, and a monotone change of x, do not matter.
    assert sobol(7 * (2 * x + z) - 3, np.exp(x)) == pytest.approx(sobol(2 * x + z, x))


def test_index_of_what_does_not_vary():
    x = np.linspace(0, 1, 50)
    assert sobol(np.ones(50, bool), x) == 0
    assert sobol(x > 0.5, np.full(50, 2.0)) == 0


def test_index_of_noise_has_no_bias():
    """Bin means of pure noise vary by chance: uncorrected, the index would be 31/n = .03."""
    rng = np.random.default_rng(2)
    indices = [sobol(rng.random(1_000) < 0.4, rng.random(1_000)) for _ in range(100)]
    assert np.mean(indices) < 0.008


def test_shares_and_pivot_of_a_threshold():
    verdict = over_square("below", a=0.3)
    assert verdict.finding is Finding.CONDITIONAL
    assert verdict.share == verdict.share_some == pytest.approx(0.3, abs=0.015)
    assert verdict.interval == wilson(verdict.share * 20_000, 20_000)
    assert (verdict.pivot, verdict.boundary) == ("x", "x = a")
    assert verdict.evidence[0].agreement == 1
    assert set(verdict.evidence[0].sobol) == {"x", "y"}
    assert "Pivot: x" in str(verdict)
    assert "x = a, which agrees with 100.0% of them" in str(verdict)


def test_shares_in_every_and_in_some_equilibrium():
    verdict = over_square("either")
    assert verdict.share == pytest.approx(0.09, abs=0.01)
    assert verdict.share_some == pytest.approx(0.51, abs=0.015)


def test_worst_prior_counts():
    """share is the least over the priors with its own interval, share_some the largest."""
    model = Cuts(a=0.5)
    priors = {"low": {"x": uniform(0, 0.6)}, "high": {"x": uniform(0.4, 0.6)}}
    verdict = model.below(10_000, priors=priors)
    low, high = verdict.evidence
    assert (low.prior, high.prior) == ("low", "high")
    assert (low.every, high.every) == pytest.approx((5 / 6, 1 / 6), abs=0.02)
    assert (verdict.share, verdict.interval) == (high.every, high.interval)
    assert verdict.share_some == low.some
    assert verdict.finding is Finding.CONDITIONAL


def test_boundary_that_is_wrong_shows():
    class Misplaced(Cuts):
        """States a boundary at a half where it is at a."""

        @proposition("x is below a.", bears_on="C1", boundary=("x = 1/2", lambda m: 0.5 - m.x))
        def below(self):
            return np.less(self.x, self.a)

    model = Misplaced(a=0.3)
    verdict = model.below(20_000, priors=SQUARE)
    assert verdict.evidence[0].agreement == pytest.approx(0.8, abs=0.015)


def test_shares_are_of_the_draws_that_the_proposition_applies_to():
    verdict = over_square("of_some", a=0.25)
    (under,) = verdict.evidence
    assert (verdict.draws, under.draws) == (20_000, pytest.approx(5_000, abs=250))
    assert verdict.share == pytest.approx(0.5, abs=0.03)
    assert verdict.interval == wilson(round(verdict.share * under.draws), under.draws)
    point = Cuts(a=0.25).but(**verdict.counterexample)
    assert point.of_some.holds().given
    with pytest.raises(ValueError, match="of_some: applies to no draw from the prior 'square'"):
        over_square("of_some", a=0.0)


def test_failure_where_the_proposition_does_not_apply_is_no_counterexample():
    verdict = over_square("of_some_always", a=0.25)
    assert (verdict.share, verdict.counterexample) == (1, None)


def test_full_match_has_no_counterexample_and_no_pivot():
    verdict = over_square("always", draws=500)
    assert (verdict.finding, verdict.share) == (Finding.MATCHES, 1)
    assert verdict.counterexample is None
    assert verdict.pivot is None
    assert verdict.boundary is None


@pytest.mark.parametrize("name", ["below", "below_if_known", "either", "of_some"])
def test_counterexample_can_be_run_again_and_has_few_digits(name):
    verdict = over_square(name, a=0.4, b=0.1)
    point = Cuts(**verdict.counterexample)
    assert not getattr(point, name).holds().every
    assert all(len(repr(v)) <= len("0.1234") for v in verdict.counterexample.values())


def test_counterexample_keeps_the_digits_it_needs():
    """It fails in .99975..9999 alone: no number of three digits lies there."""

    class Narrow(Cuts):
        """Admits x up to .9999."""

        def requires(self):
            return {"x <= 0.9999": np.less_equal(self.x, 0.9999)}

        @proposition("x is below 0.99975.", bears_on="C1")
        def below(self):
            return np.less(self.x, 0.99975)

    verdict = Narrow().below(50_000, priors={"x": {"x": uniform(0, 1)}})
    assert verdict.counterexample["x"] in (0.9998, 0.9999)
    assert not Narrow(**verdict.counterexample).below.holds().every


def test_same_seed_same_verdict():
    assert Cuts().below(500, seed=4) == Cuts().below(500, seed=4)
    assert Cuts().below(500, seed=4) != Cuts().below(500, seed=5)


class Chicken(gt.Model):
    """Two drivers; straight against straight costs c, and v is at stake."""

    citation = SOURCE
    v: float = par(1.0, "stake, payoff units", (0, 1))
    c: float = par(0.5, "cost of a crash, payoff units", (0, 1))

    def game(self):
        crash = (self.v - self.c) / 2
        return gt.Game.from_payoffs(
            [[crash, self.v], [0, self.v / 2]], [[crash, 0], [self.v, self.v / 2]]
        )

    @proposition("Both drive straight.", bears_on="C1", pointwise=True)
    def crash_found(self):
        both = ((0,), (0,))
        return Holds.over(gt.solve(self.game()), lambda e: e.profile.support == both)

    @proposition("Both drive straight.", bears_on="C1")
    def crash_derived(self):
        return np.less(self.c, self.v)


def test_verdict_of_the_solver_is_that_of_the_closed_form():
    found, derived = Chicken().crash_found(300), Chicken().crash_derived(300)
    assert [e.every for e in found.evidence] == [e.every for e in derived.evidence]
    assert [e.some for e in found.evidence] == [e.some for e in derived.evidence]
    assert (found.finding, found.pivot) == (derived.finding, derived.pivot)
    assert found.counterexample == derived.counterexample
    assert found.draws == 300
    assert Chicken.crash_found.pointwise
    assert not Chicken.crash_derived.pointwise


@pytest.mark.parametrize("pointwise", [True, False])
def test_draws_by_default(pointwise, monkeypatch):
    asked = []

    def count(model, prior, n, seed):
        asked.append(n)
        return gt.draw(model, prior, 10, seed)

    monkeypatch.setattr("gametheory.claims.draw", count)
    (Chicken.crash_found if pointwise else Chicken.crash_derived)()
    assert asked == [10_000 if pointwise else 100_000] * 3


def test_what_a_list_of_equilibria_says():
    hawks = gt.solve(Chicken(v=1.0, c=0.5).game())  # one, strict
    split = gt.solve(Chicken(v=0.5, c=1.0).game())  # three: two pure, one mixed
    assert (len(hawks), len(split)) == (1, 3)

    def straight(e):
        return e.mixtures[0][0]

    assert Holds.over(hawks, lambda e: straight(e) == 1) == Holds(True, True)
    assert Holds.over(split, lambda e: straight(e) == 1) == Holds(False, True)
    assert Holds.over(split, lambda e: straight(e) == 0.25) == Holds(False, False)
    # A continuum is told by its ends only if the test is convex.
    idle = gt.solve(gt.CountGame([0, 0], [0, 0]))
    assert Holds.over(idle, lambda e: True) == Holds(True, True, known=False)
    with pytest.raises(ValueError, match="test: gives None for an equilibrium"):
        Holds.over(hawks, lambda e: None)
    assert Holds.over(idle, lambda e: True, convex=True) == Holds(True, True)
    # A sample says nothing of the rest; an empty whole list leaves nothing to say.
    some = gt.EquilibriumSet(split.game, split.equilibria, gt.Coverage.SAMPLE, "sample")
    assert not Holds.over(some, lambda e: True).known
    pennies = gt.Game.from_payoffs([[1, 0], [0, 1]], [[0, 1], [1, 0]])
    assert not Holds.over(gt.solve(pennies, method="pure"), lambda e: True).given


def test_rows_for_a_report():
    rows = over_square("either", draws=500).rows()
    assert [row["claim"] for row in rows] == ["C2", "C3"]
    assert list(rows[0]) == [
        "claim",
        "model",
        "proposition",
        "statement",
        "finding",
        "share_every",
        "share_some",
        "interval",
        "pivot",
        "boundary",
        "counterexample",
        "priors",
        "draws",
        "seed",
    ]
    assert rows[0]["finding"] == "CONDITIONAL"
    assert rows[0]["model"] == Cuts.key()
    assert rows[0]["proposition"] == "either"
    assert json.loads(json.dumps(rows)) == rows
    assert rows[1] == rows[0] | {"claim": "C3"}
    assert over_square("always", draws=10).rows() == []


@pytest.mark.parametrize("key", gt.load_models())
def test_verdicts_survive_a_journey_through_json(key):
    for stated in gt.load_models()[key].propositions():
        verdict = stated(300)
        assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict()))) == verdict
        json.dumps(verdict.rows())


def test_proposition_is_taken_at_the_model_or_at_its_defaults():
    assert bool(Cuts.below.holds().every) is False  # x = .5, a = .25
    assert bool(Cuts(a=0.6).below.holds().every) is True
    assert Cuts.below.bears_on == ("C1",)
    assert repr(Cuts.below) == "Proposition(below: x is below a.)"
    several = Cuts(x=[0.1, 0.9, 0.2]).below.holds()
    assert several.every.tolist() == [True, False, True]
    assert several.known.tolist() == [True, True, True]


def test_a_list_of_extremes_without_components_does_not_decide():
    game = gt.Game.from_payoffs([[1, 1]], [[1, 1]])
    ends = [gt.Profile.pure(game, (0, j)) for j in (0, 1)]
    bare = gt.EquilibriumSet.proved(game, ends, gt.Coverage.EXTREME, "oracle")
    assert not gt.Holds.over(bare, lambda e: True).known
    assert gt.Holds.over(bare, lambda e: True, convex=True).known


def entry(fight):
    """An entrant, an incumbent that gets ``fight`` if it fights and 1 if it yields."""
    ends = {
        ("out",): (0, 2),
        ("enter", "fight"): (-1, fight),
        ("enter", "yield"): (1, 1),
    }
    moves = {
        (): gt.move("Entrant", "out", "enter"),
        ("enter",): gt.move("Incumbent", "fight", "yield", at="entry"),
    }
    return gt.Tree.of(["Entrant", "Incumbent"], lambda h: moves.get(h) or ends[h])


def test_what_is_known_of_the_equilibria_of_a_tree():
    def enters(e):
        return e.profile.plan["Entrant"]["start"][1] == 1

    # Nash: entry is deterred by a threat of any chance from 1/2 on; perfect play: entry.
    nash = gt.solve(entry(-1))
    assert Holds.over(nash, enters) == Holds(False, True, known=False)
    assert Holds.over(nash, enters, convex=True) == Holds(False, True)
    assert Holds.over(gt.solve(entry(-1), "pbe"), enters) == Holds(True, True)
    # A tie at the end: the incumbent may mix, and the perfect equilibria are a continuum.
    tied = gt.solve(entry(1), "pbe")
    assert tied.coverage is gt.Coverage.EXTREME_BEHAVIOUR
    assert Holds.over(tied, enters) == Holds(False, True, known=False)
    assert Holds.over(tied, enters, convex=True) == Holds(False, True)


def test_free_beliefs_leave_the_behaviour_known():
    def rule(history):
        match history:
            case ():
                return gt.chance(good=0.5, bad=0.5)
            case (kind,):
                return gt.move("Sender", "speak", "stay silent", at=kind)
            case (_, "stay silent"):
                return 1, 0
            case (_, "speak"):
                return gt.move("Receiver", "trust", "doubt", at="speech")
            case (kind, _, reply):
                return 0, 2 if reply == "trust" else int(kind == "bad")

    found = gt.solve(gt.Tree.of(["Sender", "Receiver"], rule), "pbe")
    assert found.coverage is gt.Coverage.ALL_BEHAVIOUR
    silent = Holds.over(found, lambda e: all(x[1] == 1 for x in e.mixtures[::2]))
    assert silent == Holds(True, True)


def test_priors_may_draw_different_parameters_and_there_must_be_one():
    from gametheory_models.deterrence.first_strike import FirstStrike
    from scipy.stats import uniform

    two = {"strike": {"p": uniform(0, 0.5)}, "retaliation": {"r": uniform(0, 1)}}
    verdict = FirstStrike(p=0.2).two_keep_the_peace(1_000, priors=two)
    assert verdict.pivot in {"p", "r"}
    with pytest.raises(ValueError, match="no priors"):
        FirstStrike().two_keep_the_peace(priors={})
    with pytest.raises(ValueError, match="0 draws"):
        FirstStrike().two_keep_the_peace(draws=0)
