"""The logit branch: printed and derived numbers, laws, and solutions found by other means."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import root

import gametheory as gt
from gametheory import quantal
from gametheory.quantal import logit_branch, logit_certificate, logit_many
from gametheory.testing import games


def random_game(seed, *shape):
    return gt.Game(np.random.default_rng([seed, *shape]).random((*shape, len(shape))))


def volunteers(n, c=0.4):
    """A good worth 1 to all if one of n pays c."""
    return gt.CountGame(act=[1 - c] * n, wait=[0] + [1] * (n - 1))


def responses(game, lam, mixtures):
    """The logit responses, computed from the payoff table by an einsum of its own."""
    n, letters = len(game.players), "abcdefgh"
    found = []
    for i in range(n):
        u = game.payoffs[..., i].astype(float)
        others = [j for j in range(n) if j != i]
        spec = f"{letters[:n]},{','.join(letters[j] for j in others)}->{letters[i]}"
        u = lam * np.einsum(spec, u, *[mixtures[j] for j in others])
        weights = np.exp(u - u.max())
        found.append(weights / weights.sum())
    return found


# MODELS of the literature: Goeree, Holt & Smith 2017 (after), derived: lam p (1 - p)^(n - 1) = 1.
@pytest.mark.parametrize(
    ("n", "lam", "p"),
    [(3, 7.006844, 0.41002501), (4, 9.877271, 0.31503677), (5, 12.667444, None),
     (6, 15.412170, None), (10, 26.232372, None)],
)  # fmt: skip
def test_volunteers_leave_the_symmetric_branch_at_the_pitchfork(n, lam, p):
    branch = logit_branch(volunteers(n))
    (event,) = branch.events
    assert event.kind == "symmetry breaking"
    assert event.lam == pytest.approx(lam, abs=5e-7)
    (there,) = branch.at(event.lam)
    q = there.mixtures[0][0]
    assert event.lam * q * (1 - q) ** (n - 1) == pytest.approx(1, abs=1e-9)
    assert p is None or q == pytest.approx(p, abs=1e-8)
    assert branch.limit.mixtures[0][0] == pytest.approx(1 - 0.4 ** (1 / (n - 1)), abs=1e-12)


@pytest.mark.parametrize(("lam", "p"), [(10, 0.31452131), (100, 0.26937197), (1000, 0.26382432)])
def test_the_symmetric_chance_of_four_volunteers(lam, p):
    """Solutions of ln(p / (1 - p)) = lam ((1 - p)^3 - .4), derived."""
    (there,) = logit_branch(volunteers(4)).at(lam)
    assert there.mixtures[2][0] == pytest.approx(p, abs=1e-8)


@pytest.mark.parametrize(
    ("mu", "none"),
    [
        (0.05, [0.091373, 0.125, 0.137547, 0.131002, 0.123000, 0.097356]),
        (0.1, [0.112529, 0.125, 0.104431, 0.081699, 0.063949, 0.023654]),
    ],
)
def test_the_chance_that_nobody_volunteers_first_rises_and_then_falls(mu, none):
    """V = 1, C = .2, L = .2 and 2, 3, 6, 9, 12, 24 players; derived from the formula of GHS."""
    for n, wanted in zip([2, 3, 6, 9, 12, 24], none):
        game = gt.CountGame(act=[0.8] * n, wait=[0.2] + [1] * (n - 1))
        (there,) = logit_branch(game).at(1 / mu)
        assert there.mixtures[0][1] ** n == pytest.approx(wanted, abs=6e-7)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_table_of_volunteers_followed_by_steps_is_the_formula(n, monkeypatch):
    monkeypatch.setattr(quantal, "_as_counts", lambda game: None)
    steps, formula = logit_branch(volunteers(n).to_game()), logit_branch(volunteers(n))
    assert [e.kind for e in steps.events] == [e.kind for e in formula.events]
    for here, there in zip(steps.events, formula.events):
        assert here.lam == pytest.approx(there.lam, rel=1e-9)
    for lam in (0.1, 3, 30, 3000):
        (a,), (b,) = steps.at(lam), formula.at(lam)
        assert np.allclose(a.mixtures, b.mixtures, rtol=0, atol=1e-10)
    assert np.allclose(steps.limit.mixtures, formula.limit.mixtures, rtol=0, atol=1e-9)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (3, 4), (2, 2, 2), (3, 2, 4), (2, 2, 2, 2)])
def test_points_of_the_branch_are_logit_responses(shape):
    for seed in range(10):
        game = random_game(seed, *shape)
        branch = logit_branch(game)
        assert branch.limit is not None
        assert branch.notes == ()
        assert branch.limit.certificate.holds()
        assert len(branch.turning) % 2 == 0  # it starts and ends going up
        assert branch.turning == tuple(e.lam for e in branch.events)
        for k in range(0, len(branch.lams), 5):
            if branch.lams[k] < 1e4:
                x = [m[k] for m in branch.mixtures]
                for mine, other in zip(x, responses(game, branch.lams[k], x)):
                    assert np.abs(mine - other).max() < 1e-9
        for lam in (0, 0.5, 20, 900):
            for e in branch.at(lam):
                assert e.certificate.holds(1e-9)
                for mine, other in zip(e.mixtures, responses(game, lam, e.mixtures)):
                    assert np.abs(mine - other).max() < 1e-9


def test_a_fold_has_three_points_and_the_turns_are_where_two_of_them_meet():
    folded = 0
    for seed in range(100):
        game = random_game(seed, 2, 2, 2)
        branch = logit_branch(game)
        if len(branch.turning) != 2:
            continue
        folded += 1
        high, low = branch.turning
        assert low < high
        three = branch.at((low + high) / 2)
        assert len(three) == 3
        assert all(e.certificate.holds() for e in three)
        assert len(branch.at(low * 0.999)) == len(branch.at(high * 1.001)) == 1
        for turn, pair in ((high, slice(0, 2)), (low, slice(1, 3))):
            gap = 1e-7 * turn * (-1 if turn == high else 1)
            a, b = branch.at(turn + gap)[pair]
            assert np.abs(np.subtract(a.mixtures, b.mixtures)).max() < 0.05
    assert folded >= 3


@pytest.mark.parametrize("seed", range(5))
def test_the_branch_before_its_first_turn_solves_the_differential_equation(seed):
    """x'(lam) from the implicit function theorem by finite differences, integrated by SciPy."""
    game = random_game(seed, 3, 3)

    def off(v, lam):
        x = [np.exp(p) / np.exp(p).sum() for p in np.split(v, 2)]
        return np.concatenate([p - q for p, q in zip(x, responses(game, lam, x))])

    branch = logit_branch(game)
    last = min([5.0, *(0.5 * t for t in branch.turning)])
    v = np.zeros(6)
    for lam in np.linspace(0, last, 60)[1:]:
        found = root(lambda w, lam=lam: off(w, lam) + np.repeat([w[:3].sum(), w[3:].sum()], 3), v)
        assert found.success
        v = found.x
    (there,) = [branch.at(last)[0]]
    x = [np.exp(p) / np.exp(p).sum() for p in np.split(v, 2)]
    assert np.allclose(x, there.mixtures, rtol=0, atol=1e-7)


def test_one_equation_of_a_count_game_solved_as_a_differential_equation():
    game = gt.CountGame(act=[1, 2, 5, 3], wait=[2, 1, 4, 4])
    d = game.gain.astype(float)

    def slope(lam, L):
        p = 1 / (1 + np.exp(-L))
        b = [math.comb(3, k) * p**k * (1 - p) ** (3 - k) for k in range(4)]
        c = [math.comb(2, k) * p**k * (1 - p) ** (2 - k) for k in range(3)]
        g, dg = np.dot(d, b), 3 * np.dot(np.diff(d), c)
        return g / (1 - lam * dg * p * (1 - p))

    branch = logit_branch(game)
    assert branch.turning == ()
    run = solve_ivp(slope, (0, 3), [0.0], rtol=1e-11, atol=1e-12)
    p = 1 / (1 + np.exp(-run.y[0, -1]))
    assert branch.at(3)[0].mixtures[0][0] == pytest.approx(p, abs=1e-8)


@settings(deadline=None, max_examples=25)
@given(games(2, (1, 3)), st.sampled_from([1e-9, 3.0, 1e9]), st.sampled_from([0.0, 7.0]))
def test_unit_and_zero_of_payoffs_change_the_unit_of_lam_alone(game, unit, zero):
    if game.scale == 0:
        return  # no unit of payoffs, none of lam
    branch = logit_branch(game)
    other = logit_branch(gt.Game(game.payoffs.astype(float) * unit + zero * unit))
    assert len(other.events) == len(branch.events)
    for e, f in zip(branch.events, other.events):
        assert f.kind == e.kind
        assert f.lam * unit == pytest.approx(e.lam, rel=1e-6)
    for lam in (0.3, 2.0):
        for a, b in zip(branch.at(lam), other.at(lam / unit)):
            for x, y in zip(a.mixtures, b.mixtures):
                assert np.allclose(x, y, rtol=0, atol=1e-8)


@settings(deadline=None, max_examples=25)
@given(games(2, (2, 3)))
def test_an_action_twice_takes_its_share_and_no_direction_is_preferred(game):
    """Relabelled players are the same branch; and what is twice there is played alike twice."""
    branch = logit_branch(game)
    turned = gt.Game(game.payoffs.swapaxes(0, 1)[..., ::-1])
    for a, b in zip(branch.at(1.5), logit_branch(turned).at(1.5)):
        assert all(np.allclose(x, y, atol=1e-9) for x, y in zip(a.mixtures, b.mixtures[::-1]))
    double = logit_branch(gt.Game(np.concatenate([game.payoffs, game.payoffs[:1]])))
    for e in double.at(1.5):
        assert e.mixtures[0][0] == pytest.approx(e.mixtures[0][-1], abs=1e-12)
        assert e.certificate.holds()


def test_a_coordination_game_stays_at_even_chances_while_others_leave():
    """Both actions alike: even chances at any precision, and others cross at lam = 2, derived.

    With gains of one and chances p for both, ln(p / (1 - p)) = lam (2 p - 1): slopes meet at 2.
    """
    branch = logit_branch(gt.Game.from_payoffs([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    assert [e.lam for e in branch.events] == [pytest.approx(2)]
    assert np.allclose(branch.limit.mixtures, 0.5)
    sexes = logit_branch(gt.Game.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]]))
    assert sexes.limit.mixtures[0] == pytest.approx([2 / 3, 1 / 3], abs=1e-9)
    assert sexes.limit.mixtures[1] == pytest.approx([1 / 3, 2 / 3], abs=1e-9)
    assert [e.kind for e in sexes.events] == ["symmetry breaking"]
    q = sexes.at(sexes.events[0].lam)[0].mixtures[1][0]
    # The slopes of both responses: lam 3 p (1 - p) for one, and alike for the other; product 1.
    assert sexes.events[0].lam * 3 * q * (1 - q) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 3, 2)])
def test_many_games_at_once_are_on_their_branches(shape):
    payoffs = np.random.default_rng(3).random((60, *shape, len(shape)))
    lams = [0.0, 0.7, 5.0, 60.0, 800.0]
    found = logit_many(payoffs, lams)
    assert [x.shape for x in found] == [(60, 5, m) for m in shape]
    for b in range(60):
        branch = logit_branch(gt.Game(payoffs[b]))
        for k, lam in enumerate(lams):
            first = branch.at(lam)[0]
            for x, y in zip(found, first.mixtures):
                assert np.allclose(x[b, k], y, rtol=0, atol=1e-9)


def test_the_certificate_is_of_the_payoffs():
    game = gt.Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]])
    p = 1 / (1 + math.exp(1 + 0.3))  # not the fixed point: others play .3
    profile = gt.Profile(game, [[p, 1 - p], [0.3, 0.7]])
    certificate = logit_certificate(profile, 1.0)
    assert certificate.regrets[0] == pytest.approx(0, abs=1e-12)
    assert certificate.regrets[1] == pytest.approx(abs(0.3 - 1 / (1 + math.exp(1 + p))), abs=1e-12)
    assert certificate.concept == "logit(1)"


def test_games_without_a_choice_or_without_a_difference():
    for payoffs in ([[[1, 2], [3, 4]]], np.zeros((2, 3, 2)), [[[1, 1]]]):
        branch = logit_branch(gt.Game(payoffs))
        assert branch.limit is not None
    zero = logit_branch(gt.Game(np.zeros((2, 3, 2))))
    assert np.allclose(zero.limit.mixtures[1], 1 / 3)


def test_thousands_of_players():
    branch = logit_branch(volunteers(2000))
    assert branch.limit.mixtures[0][0] == pytest.approx(1 - 0.4 ** (1 / 1999), abs=1e-12)
    (there,) = branch.at(50.0)
    p = there.mixtures[0][0]
    assert math.log(p / (1 - p)) == pytest.approx(50 * ((1 - p) ** 1999 - 0.4), rel=1e-9)


def test_a_frame_has_a_row_a_point():
    branch = logit_branch(random_game(0, 2, 3))
    frame = branch.to_frame()
    assert frame.shape == (len(branch.lams), 6)
    assert frame["Player 2"].sum(axis=1).to_numpy() == pytest.approx(1)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 2, 2)])
def test_the_limit_is_that_of_gambit(shape):
    gambit = pytest.importorskip("pygambit")
    for seed in range(10):
        game = random_game(seed, *shape)
        tables = [game.payoffs[..., i] for i in range(len(shape))]
        peer = gambit.StrategicGame.from_arrays(*tables)
        theirs = gambit.nash.logit_solve(peer).equilibrium
        flat = [float(p) for player in peer.players for _, p in theirs[player]]
        assert np.allclose(np.concatenate(logit_branch(game).limit.mixtures), flat, atol=1e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: logit_branch("chicken"), "needs a Game"),
        (lambda: logit_branch(volunteers(3)).at(-1), "not on the branch"),
        (lambda: logit_many(np.zeros((2, 2, 3)), [1]), "is not \\(games"),
        (lambda: logit_many(np.zeros((2, 2, 2, 2)), [2, 1]), "ascending"),
        (lambda: logit_many(np.full((2, 2, 2, 2), np.nan), [1]), "not finite"),
        (lambda: gt.solve(volunteers(3), method="logit", exact=True), "in floats"),
    ],
)
def test_errors_name_the_culprit(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_one_player_alone_chooses_by_logit():
    branch = logit_branch(gt.Game([[1], [2], [2]]))
    x = branch.at(1.5)[0].mixtures[0]
    assert x == pytest.approx(np.exp([1.5, 3, 3]) / np.exp([1.5, 3, 3]).sum(), abs=1e-12)
    assert branch.limit.mixtures[0].tolist() == [0, 0.5, 0.5]
