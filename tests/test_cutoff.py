"""Games played by cutoffs: what the form refuses, what types expect, what certificates find."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import gametheory as gt
from gametheory import par
from gametheory.cli import _equilibria
from gametheory.cutoff import CutoffForm, CutoffGame, CutoffProfile
from gametheory.cutoff_equilibria import CutoffEquilibria, certify_cutoffs
from gametheory.equilibrium import CertificateError, Coverage, certify
from gametheory.testing import check_model

PAY = {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}
LAWS = [
    stats.beta(2, 5),
    stats.norm(0.4, 0.2),
    stats.expon(scale=0.3),
    stats.lognorm(0.7, scale=0.4),
]


class Law:
    """A law given by functions, for what scipy does not offer."""

    def __init__(self, cdf, ppf, support):
        self.cdf, self.ppf, self.support = np.vectorize(cdf), np.vectorize(ppf), lambda: support


# --- what a type expects -------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["low", "high"])
def test_interim_payoffs_are_the_mean_over_all_that_the_others_may_do(first):
    sign = 1 if first == "low" else -1
    payoffs = [
        {"a": lambda t, k, w=w: w * np.sqrt(k + 1.0) - sign * t, "b": lambda t, k: k**2 / 7.0}
        for w in (0.5, 1.0, 2.0, 1.5)
    ]
    game = CutoffGame(LAWS, payoffs, first=first)
    c = [0.2, 0.5, 0.1, 0.7]
    p = [float(law.cdf(x) if first == "low" else law.sf(x)) for law, x in zip(LAWS, c)]
    for i in range(4):
        others = [j for j in range(4) if j != i]
        for t in (0.05, 0.9):
            expected = np.zeros(2)
            for acts in itertools.product([0, 1], repeat=3):
                chance = math.prod(p[j] if a else 1 - p[j] for j, a in zip(others, acts))
                expected += [chance * f(t, sum(acts)) for f in payoffs[i].values()]
            assert CutoffProfile(game, c).interim(i, t)[0] == pytest.approx(expected, rel=1e-12)


def test_interim_payoffs_with_three_actions():
    f = {
        "a": lambda t, j, k: j + 2.0 * k - t,
        "b": lambda t, j, k: j * k - 0.5 * t,
        "c": lambda t, j, k: 0 * t + (j == k),
    }
    game = CutoffGame(LAWS[0], f, n=5)
    profile = CutoffProfile(game, [0.2, 0.35])
    chances = np.diff([0, *LAWS[0].cdf([0.2, 0.35]), 1])
    assert profile.chances == pytest.approx(np.tile(chances, (5, 1)))
    expected = np.zeros(3)
    for acts in itertools.product(range(3), repeat=4):
        chance = math.prod(chances[a] for a in acts)
        expected += [chance * g(0.3, acts.count(0), acts.count(1)) for g in f.values()]
    assert profile.interim(2, 0.3)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("first", ["low", "high"])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.dist.name)
def test_payoffs_before_the_type_is_known_are_integrals(law, first):
    sign = 1 if first == "low" else -1
    game = CutoffGame(
        law, {"a": lambda t, k: 2 - sign * t**3, "b": lambda t, k: 0.3 * k + 0 * t}, 3, first
    )
    c = float(law.ppf(0.3))
    p = 0.3 if first == "low" else 0.7
    low, high = law.support()
    acting = (low, c) if first == "low" else (c, high)
    cut = [float(law.ppf(q)) for q in (1e-14, 1 - 1e-14)]
    a, b = max(acting[0], cut[0]), min(acting[1], cut[1])
    paid = quad(lambda t: (2 - sign * t**3) * law.pdf(t), a, b, epsabs=1e-12, limit=200)[0]
    expected = paid + (1 - p) * 0.3 * 2 * p
    assert CutoffProfile(game, [c]).payoffs == pytest.approx([expected] * 3, rel=1e-7)


def test_payoffs_by_simulation_of_the_game():
    game = CutoffGame(LAWS[:3], PAY)
    c = np.array([0.25, 0.5, 0.1])
    rng = np.random.default_rng(5)
    t = np.stack([law.rvs(400_000, random_state=rng) for law in LAWS[:3]])
    pays = t <= c[:, None]
    u = np.where(pays, 1 - t, (pays.sum(axis=0) - pays) > 0)
    off = 5 * u.std(axis=1) / math.sqrt(t.shape[1])
    assert (np.abs(CutoffProfile(game, c).payoffs - u.mean(axis=1)) < off).all()


def test_types_at_each_side_of_a_cutoff_choose_as_told():
    three = {a: (lambda t, j, k, s=s: s * t) for a, s in zip("xyz", (1.0, 2.0, 3.0))}
    low = CutoffProfile(CutoffGame(stats.norm(), three, 2), [-1, 0.5])
    assert low.plays(0, [-2, -1, 0, 0.6]).tolist() == [0, 0, 1, 2]
    assert low.plans[0] == "x < -1 < y < 0.5 < z"
    high = CutoffProfile(CutoffGame(stats.norm(), three, 2, "high"), [0.5, -1])
    assert high.plays(1, [-2, 0, 0.5, 0.6]).tolist() == [2, 1, 0, 0]
    assert high.plans[0] == "z < -1 < y < 0.5 < x"
    assert high.chances[0] == pytest.approx(
        np.diff(stats.norm.cdf([-np.inf, -1, 0.5, np.inf]))[::-1]
    )


def test_cutoffs_beyond_the_support_are_corners():
    game = CutoffGame(stats.uniform(), PAY, 2)
    profile = CutoffProfile(game, [[-3.0], [np.inf]])
    assert profile.cutoffs.tolist() == [[0.0], [1.0]]
    assert profile.chances.tolist() == [[0, 1], [1, 0]]
    assert repr(profile) == "CutoffProfile(Player 1: always wait; Player 2: always pay)"


def test_chances_keep_their_digits_in_both_tails():
    game = CutoffGame(stats.norm(), {"a": lambda t, k: -t, "b": lambda t, k: 0 * t}, 1)
    for c in (-20.0, 20.0):
        chances = CutoffProfile(game, [c]).chances[0]
        assert min(chances) == pytest.approx(stats.norm.cdf(-20), rel=1e-12)


# --- what is refused -----------------------------------------------------------------------------

REFUSED = {
    "n: missing": lambda: CutoffGame(stats.uniform(), PAY),
    "n: not one number of players": lambda: CutoffGame([stats.uniform()] * 3, PAY, n=2),
    "first: 'up'": lambda: CutoffGame(stats.uniform(), PAY, 2, first="up"),
    "does not map two actions": lambda: CutoffGame(stats.uniform(), {"a": PAY["pay"]}, 2),
    "actions \\['go', 'wait'\\] are not those of Player 1": lambda: CutoffGame(
        stats.uniform(), [PAY, {"go": PAY["pay"], "wait": PAY["wait"]}]
    ),
    "0.5 has no cdf": lambda: CutoffGame(0.5, PAY, 2),
    "has no support": lambda: CutoffGame(type("L", (), {"cdf": abs, "ppf": abs})(), PAY, 2),
    "support .* is no interval": lambda: CutoffGame(Law(lambda t: t, lambda p: p, (1, 1)), PAY, 2),
    "discrete types are for a BayesianGame": lambda: CutoffGame(stats.poisson(2.5), PAY, 2),
    "cdf falls": lambda: CutoffGame(
        Law(lambda t: t + 0.1 * math.sin(40 * t) * (t % 1 != 0), lambda p: p, (0, 1)), PAY, 2
    ),
    "not 1; a law with an atom": lambda: CutoffGame(
        Law(lambda t: 0.9 * t, lambda p: p / 0.9, (0, 1)), PAY, 2
    ),
    "cdf\\(ppf": lambda: CutoffGame(Law(lambda t: t, lambda p: p * p, (0, 1)), PAY, 2),
    "ppf falls": lambda: CutoffGame(Law(lambda t: t, lambda p: 1 - p, (0, 1)), PAY, 2),
    "atom near 0.5": lambda: CutoffGame(
        Law(
            lambda t: t / 2 + 0.5 * (t >= 0.5),
            lambda p: min(2 * p, 0.5) if p < 0.75 else 2 * p - 1,
            (0, 1),
        ),
        PAY,
        2,
    ),
    'it falls|use first="high"': lambda: CutoffGame(
        stats.uniform(), {"a": lambda t, k: t, "b": lambda t, k: 0 * t}, 2
    ),
    'use first="low"': lambda: CutoffGame(stats.norm(), PAY, 2, first="high"),
    "the game is not played by cutoffs": lambda: CutoffGame(
        stats.norm(),
        {"a": lambda t, k: np.where(k == 1, np.sin(3 * t), -t), "b": lambda t, k: 0 * t},
        3,
    ),
    "with 1 others at 'a'": lambda: CutoffGame(
        stats.norm(), {"a": lambda t, k: np.where(k == 1, t, -t), "b": lambda t, k: 0 * t}, 3
    ),
    "fails on arrays": lambda: CutoffGame(
        stats.uniform(), {"a": lambda t, k: 1.0 if k > 0 else -t, "b": lambda t, k: 0 * t}, 3
    ),
    "it must broadcast": lambda: CutoffGame(
        stats.uniform(), {"a": lambda t, k: np.zeros(7), "b": lambda t, k: 0 * t}, 3
    ),
    "each entry of its arrays alone": lambda: CutoffGame(
        stats.uniform(), {"a": lambda t, k: np.sum(k) - t, "b": lambda t, k: 0 * t}, 3
    ),
    "payoffs must be finite": lambda: CutoffGame(
        stats.uniform(), {"a": lambda t, k: 1 / (k + t) - 9 * t, "b": lambda t, k: 0 * t}, 3
    ),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("told", REFUSED)
def test_bad_input_gets_one_clear_line(told):
    with pytest.raises(ValueError, match=told) as error:
        REFUSED[told]()
    assert "\n" not in str(error.value)


def test_profiles_that_cross_or_do_not_fit_are_refused():
    three = {a: (lambda t, j, k, s=s: s * t) for a, s in zip("xyz", (1.0, 2.0, 3.0))}
    game = CutoffGame(stats.norm(), three, 2)
    with pytest.raises(ValueError, match=r"Player 2: cutoffs .* do not rise"):
        CutoffProfile(game, [[0, 1], [1, 0]])
    with pytest.raises(ValueError, match=r"Player 1: cutoffs .* do not rise"):
        CutoffProfile(game, [[0, np.nan], [1, 2]])
    with pytest.raises(ValueError, match=r"give \(2, 2\)"):
        CutoffProfile(game, 0.5)


def test_players_are_alike_by_law_and_payoffs():
    other = dict(PAY, pay=lambda t, k: 2 - t)
    laws = [stats.uniform(), stats.uniform(), stats.uniform(0, 2), stats.uniform(0, 1)]
    assert CutoffGame(laws, PAY).kinds == (0, 0, 2, 3)
    assert CutoffGame(stats.uniform(), [PAY, other, PAY]).kinds == (0, 1, 0)


# --- certificates --------------------------------------------------------------------------------


def test_a_regret_is_the_largest_gain_of_any_type():
    """Two volunteers, uniform costs: at cutoffs (a, b) a type t of 1 gains |1 - t - b| at most."""
    game = CutoffGame(stats.uniform(), PAY, 2)
    found = certify(CutoffProfile(game, [0.6, 0.4]))
    assert found.holds()
    assert found.concept == "bayes-nash"
    found = certify(CutoffProfile(game, [0.7, 0.4]))
    assert found.regrets == pytest.approx([0.1, 0.1], abs=1e-9)
    (t, action), (s, instead) = found.deviations
    assert (t, action, instead) == (pytest.approx(0.7), "wait", "wait")
    assert s == pytest.approx(0.4)
    assert found.ex_ante == pytest.approx([0.005, 0.005], rel=1e-2)  # triangles .1 x .1 / 2
    assert not found.holds()


def test_each_player_answers_for_the_own_cutoff():
    game = CutoffGame([stats.uniform(), stats.uniform(0, 2), stats.expon()], PAY)
    (whole,) = [e for e in gt.solve(game) if (e.chances > 1e-6).all()][:1]
    c = whole.cutoffs[:, 0].copy()
    rest = CutoffGame(
        game.types, [PAY, PAY, {a: (lambda t, k, f=f: f(t, 0 * k)) for a, f in PAY.items()}]
    )
    moved = certify(CutoffProfile(rest, [c[0], c[1], c[2]]))
    assert (moved.regrets[:2] <= 1e-9).all()
    assert moved.regrets[2] > 1e-3


def test_a_band_of_types_that_gain_by_the_middle_action_is_found():
    def game(bonus):
        return CutoffGame(
            stats.norm(),
            {
                "x": lambda t, j, k: -t,
                "y": lambda t, j, k: bonus - t**2,
                "z": lambda t, j, k: t,
            },
            3,
        )

    assert certify(CutoffProfile(game(-0.01), [0, 0])).holds()
    found = certify(CutoffProfile(game(0.01), [0, 0]))
    assert found.regret == pytest.approx(0.01, abs=1e-3)
    assert found.deviations[0][1] == "y"


@pytest.mark.parametrize("first", ["low", "high"])
def test_types_far_in_the_tail_are_tried(first):
    """Types beyond the 1e-9 quantile gain, and nobody else."""
    sign = 1 if first == "low" else -1
    far = float(stats.norm.ppf(1e-9))
    f = {
        "a": lambda t, k: -100 * np.maximum(sign * t - far, 0) + np.maximum(far - sign * t, 0),
        "b": lambda t, k: 0 * t,
    }
    game = CutoffGame(stats.norm(), f, 2, first)
    assert not certify(CutoffProfile(game, [-sign * np.inf])).holds()
    assert certify(CutoffProfile(game, [sign * far])).holds()


def test_a_profile_that_is_no_equilibrium_is_refused():
    game = CutoffGame(stats.uniform(), PAY, 3)
    with pytest.raises(CertificateError, match=r"trial: type .* of Player 1 gains .* by 'wait'"):
        CutoffEquilibria.proved(game, [CutoffProfile(game, 0.5)], Coverage.ALL, "trial")


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("zero", [-50.0, 0.0, 7.0])
def test_unit_and_zero_of_payoffs_do_not_matter(unit, zero):
    game = CutoffGame(
        stats.beta(2, 3),
        {a: (lambda t, k, f=f: unit * (f(t, k) + zero)) for a, f in PAY.items()},
        3,
    )
    (found,) = gt.solve(game)
    assert found.chances == pytest.approx(gt.solve(CutoffGame(stats.beta(2, 3), PAY, 3))[0].chances)
    for off in (1e-6, -1e-6):
        assert not certify(CutoffProfile(game, found.cutoffs + off)).holds()


# --- what else takes such a game -----------------------------------------------------------------


def test_lists_print_and_tabulate():
    found = gt.solve(
        CutoffGame(stats.norm(), {"a": lambda t, k: k - t, "b": lambda t, k: 0 * t}, 2)
    )
    frame = found.to_frame()
    assert frame.shape == (2 * len(found), 5)
    assert frame["chance", "a"].to_numpy() == pytest.approx(
        [e.chances[i, 0] for e in found for i in (0, 1)]
    )
    assert str(found.coverage) in found._repr_html_()
    assert repr(found).count("Player 1 ... Player 2") == len(found)
    assert found[0:1] == (found[0],)
    told = json.loads(json.dumps(_equilibria(found), allow_nan=False))
    assert told["coverage"] == found.coverage.name
    assert told["equilibria"][0]["chances"] == found[0].chances.tolist()
    empty = CutoffEquilibria(found.game, (), Coverage.UNKNOWN, "none")
    assert empty.to_frame().empty


def test_a_cutoff_at_infinity_is_null_in_json():
    never = CutoffGame(stats.norm(), {"a": lambda t, k: -1 - 0.0 * t, "b": lambda t, k: 0 * t}, 2)
    told = json.loads(json.dumps(_equilibria(gt.solve(never)), allow_nan=False))
    assert told["equilibria"][0]["cutoffs"] == [[None], [None]]


class Volunteers(gt.Model):
    """States pay for a good that all enjoy, at private costs."""

    citation = gt.Citation("Example, E.", 2026, "Volunteers", "unpublished", read=True)
    n: int = par(3, "number of states", (2, 20), (2, 6))
    cbar: float = par(1.0, "highest cost of paying, payoff units", (0.1, 10), (0.5, 2))

    def game(self):
        return CutoffGame(stats.uniform(0, self.cbar), PAY, self.n)

    @gt.proposition("Some state pays with a chance above a half.", bears_on="C1", pointwise=True)
    def provided(self):
        return gt.Holds.over(gt.solve(self.game()), lambda e: np.prod(e.chances[:, 1]) < 0.5)


def test_a_model_may_state_such_a_game():
    check_model(Volunteers, draws=100)
    assert Volunteers().provided.holds() == gt.Holds(True, True)


def test_a_continuum_decides_no_proposition():
    game = CutoffGame(stats.uniform(), {"a": lambda t, k: k / 2 - t, "b": lambda t, k: 0 * t}, 3)
    assert not gt.Holds.over(gt.solve(game), lambda e: True).known


class Echo(CutoffForm):
    """Two players who each gain by doing as a sum of signals says: a form of its own."""

    def __init__(self):
        self.players, self.actions, self.first = ("A", "B"), ("go", "stay"), "high"
        self.types = (stats.norm(), stats.norm())
        self.kinds = (0, 0)

    def interim(self, player, t, cutoffs):
        joint = stats.norm(0.5 * t, math.sqrt(0.75)).sf(cutoffs[1 - player, 0])
        return np.stack([t + 2 * joint - 1, 0 * t], axis=1)


def test_any_form_that_says_what_types_expect_is_certified_and_sampled():
    found = gt.solve(Echo())
    assert found.coverage is Coverage.SAMPLE
    assert [e.cutoffs[0, 0] for e in found] == pytest.approx([0], abs=1e-9)
    assert certify_cutoffs(CutoffProfile(found.game, [0.1])).regret > 0.01
    assert found.game.ranges[0] > 1


def test_players_of_unlike_laws_are_not_alike_though_they_use_the_same_cutoff():
    f = {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}
    wide, narrow = stats.uniform(0, 2), stats.uniform()
    game = CutoffGame([wide, narrow, narrow], f)
    profile = CutoffProfile(game, 0.5)
    assert profile.alike == (0, 1, 1)
    assert profile.chances[:, 0].tolist() == [0.25, 0.5, 0.5]
    assert CutoffProfile(game, [0.5, 0.5, 0.6]).alike == (0, 1, 2)
    # waits unless cheap: the good comes with 1 - (1 - p)(1 - q) of the others' chances
    assert profile.payoffs[0] == pytest.approx(0.25 * 0.75 + 0.75 * 0.75)
    assert profile.payoffs[1] == pytest.approx(0.5 * 0.75 + 0.5 * (1 - 0.75 * 0.5))
