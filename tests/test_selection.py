"""Selection: risk dominance by other formulas, p-dominance by its definition, traces of counts."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import gametheory as gt
from gametheory import selection
from gametheory.selection import p_dominance, risk_dominance, trace


def pure(game, *actions):
    return gt.Profile.pure(game, actions)


def hunt(n, c, m=None):
    """A stag worth 1 if at least m of n hunt it, all of them by default; a hare worth c."""
    m = n if m is None else m
    return gt.CountGame(act=[int(k + 1 >= m) for k in range(n)], wait=[c] * n)


def both(game):
    n = len(game.players)
    return pure(game, *[0] * n), pure(game, *[1] * n)


def coordination(losses):
    """A 2 x 2 game with these losses at both equilibria, on top of what the other decides."""
    (a, b), (c, d) = losses
    return gt.Game.from_payoffs([[a + 1, 5], [1, b + 5]], [[c - 2, -2], [0, d]])


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_of_two_by_two_the_larger_product_of_losses_dominates(losses):
    """After Harsanyi & Selten 1988; GI-1, Carlsson & van Damme 1993."""
    a, b, c, d = losses
    game = coordination(((a, b), (c, d)))
    first, second = both(game)
    found = risk_dominance(first, second)
    assert found.losses == ((a, b), (c, d))
    assert found.products == (a * c, b * d)
    wanted = None if a * c == b * d else first if a * c > b * d else second
    assert found.dominant is wanted
    assert found.by_product is wanted
    assert found.prior == (Fraction(a, a + b), Fraction(c, c + d))
    assert (found.trace.unique is False) == (wanted is None)
    other = risk_dominance(second, first)
    assert other.dominant is wanted
    assert other.prior == tuple(1 - p for p in found.prior)
    pair = [sum(p_dominance(e)) < 1 for e in (first, second)]
    assert pair == [wanted is first, wanted is second]


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("c", [Fraction(1, 7), Fraction(1, 3), Fraction(2, 5), Fraction(3, 5)])
def test_the_stag_hunt_of_n_in_closed_form(n, c):
    """All expect stag with chance 1 - c of each other, derived: stag iff (1 - c)^(n - 1) > c."""
    game = hunt(n, c)
    stag, hare = both(game)
    found = risk_dominance(stag, hare)
    assert set(found.prior) == {1 - c}
    assert found.dominant is (stag if (1 - c) ** (n - 1) > c else hare)
    assert found.by_product is (stag if c < Fraction(1, 2) else hare)


@pytest.mark.parametrize(("n", "m"), [(3, 2), (4, 3), (5, 2), (5, 4), (6, 3)])
def test_assurance_of_m_of_n_by_integrals(n, m):
    """The bicentric prior as an integral over z of the best reply, and the binomial sum."""
    dominants = set()
    for c in np.linspace(0.06, 0.94, 12):
        game = hunt(n, c, m)
        stag, hare = both(game)
        found = risk_dominance(stag, hare)
        p = quad(lambda z, c=c: float(z * (1 - c) > (1 - z) * c), 0, 1, points=[c])[0]
        chance = sum(math.comb(n - 1, k) * p**k * (1 - p) ** (n - 1 - k) for k in range(m - 1, n))
        assert found.prior[0] == pytest.approx(p, abs=1e-6)
        assert found.dominant is (stag if chance > c else hare)
        dominants.add(found.dominant is stag)
    assert dominants == {True, False}


@pytest.mark.parametrize("seed", range(20))
def test_where_the_best_replies_to_the_prior_are_an_equilibrium_it_dominates(seed):
    """Four players unlike each other: priors and replies by hand, from the payoff table."""
    rng = np.random.default_rng(seed)
    n = 3 + seed % 2
    table = rng.integers(0, 9, (*(2,) * n, n)).astype(object)
    table[(0,) * n] = rng.integers(9, 20, n)
    table[(1,) * n] = rng.integers(9, 20, n)
    game = gt.Game(table)
    first, second = both(game)
    found = risk_dominance(first, second)

    def u(i, own, others):
        return game.payoffs[(*others[:i], own, *others[i:], i)]

    p = []
    for i in range(n):
        up = u(i, 0, (0,) * (n - 1)) - u(i, 1, (0,) * (n - 1))
        down = u(i, 1, (1,) * (n - 1)) - u(i, 0, (1,) * (n - 1))
        assert found.losses[i] == (up, down)
        p.append(up / (up + down))
    assert list(found.prior) == p
    replies = []
    for i in range(n):
        gap = Fraction(0)
        for others in itertools.product((0, 1), repeat=n - 1):
            rest = [q for j, q in enumerate(p) if j != i]
            chance = math.prod(q if a == 0 else 1 - q for q, a in zip(rest, others))
            gap += chance * (u(i, 0, others) - u(i, 1, others))
        replies.append(0 if gap > 0 else 1)
    if len(set(replies)) == 1:
        assert found.dominant is (first, second)[replies[0]]
        assert found.trace.unique
    else:
        assert found.trace.unique is None
    ends = [x[0] for x in found.trace.equilibrium.mixtures]
    assert found.dominant is (first if min(ends) == 1 else second if max(ends) == 0 else None)


def test_the_replies_agree_with_neither_equilibrium_in_some_games_above():
    """The test above sees both kinds; and the rule of products and tracing differ in some."""
    kinds, differ = set(), 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 3])
        table = rng.integers(0, 9, (2, 2, 2, 3)).astype(object)
        table[0, 0, 0], table[1, 1, 1] = rng.integers(9, 11, (2, 3))
        found = risk_dominance(*both(gt.Game(table)))
        kinds.add(found.trace.unique)
        differ += found.dominant is not found.by_product
    assert kinds == {True, None}
    assert differ > 3


@pytest.mark.parametrize("seed", range(6))
def test_names_units_and_what_others_decide_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 50, (3, 2, 3, 3)).astype(object)
    table[0, 0, 0], table[2, 1, 1] = rng.integers(60, 120, (2, 3))
    game = gt.Game(table)
    here = risk_dominance(pure(game, 0, 0, 0), pure(game, 2, 1, 1))
    moved = table.transpose(2, 0, 1, 3)[::-1][..., [2, 0, 1]]
    moved = moved * np.array([7, Fraction(1, 10**9), 10**9], object)
    moved[..., 0] += rng.integers(0, 1000, (3, 2))
    other = gt.Game(moved)
    there = risk_dominance(pure(other, 2, 0, 0), pure(other, 1, 2, 1))
    named = {id(here.first): 0, id(here.second): 1, id(there.first): 0, id(there.second): 1}
    assert named.get(id(here.dominant)) == named.get(id(there.dominant))
    assert [here.prior[k] for k in (2, 0, 1)] == list(there.prior)
    old, new = p_dominance(here.first), p_dominance(there.first)
    assert [old[k] for k in (2, 0, 1)] == list(new)


def test_a_player_who_does_the_same_in_both_takes_no_part():
    table = np.zeros((2, 3, 2, 3), object)
    table[0, :, 0, 0], table[1, :, 1, 0] = 2, 3
    table[0, :, 0, 2], table[1, :, 1, 2] = 4, 1
    table[:, 1, :, 1] = 1
    game = gt.Game(table)
    found = risk_dominance(pure(game, 0, 1, 0), pure(game, 1, 1, 1))
    assert found.dominant is found.first  # 2 * 4 > 3 * 1
    assert found.products == (8, 3)
    assert found.prior == (Fraction(2, 5), None, Fraction(4, 5))
    assert found.losses[1] == (0, 0)
    assert found.trace.game.players == ("Player 1", "Player 3")
    assert "first; prior chances of first: 2/5, -, 4/5" in repr(found)


def test_one_who_is_indifferent_between_his_two_strategies_has_even_chances():
    game = gt.Game.from_payoffs([[3, 0], [0, 1]], [[2, 2], [2, 2]])
    found = risk_dominance(*both(game))
    assert found.prior == (Fraction(3, 4), Fraction(1, 2))
    assert found.products == (0, 0)
    assert found.dominant is None  # he may follow or not: the path is not unique
    alone = risk_dominance(pure(game, 0, 0), gt.Profile(game, [[1, 0], [Fraction(1, 2)] * 2]))
    assert alone.prior == (None, Fraction(1, 2))
    assert alone.dominant is None


def test_mixed_equilibria_are_strategies_too():
    """Losses of 4 x 3 mixtures by matrix products; the strict one dominates."""
    game = gt.Game.from_payoffs(
        [[4, 0, 0], [0, 3, 1], [0, 1, 3], [-1, 2, 0]], [[2, 0, 0], [0, 1, 3], [0, 3, 1], [5, 0, 0]]
    )
    found = gt.solve(game)
    (strict,) = [e for e in found if e.profile.support == ((0,), (0,))]
    (mixed,) = [e for e in found if e.profile.support == ((1, 2), (1, 2))]
    compared = risk_dominance(strict, mixed)
    (x, y), (A, B) = mixed.mixtures, np.moveaxis(game.payoffs, -1, 0)
    assert compared.losses[0] == (A[0, 0] - x @ A[:, 0], x @ A @ y - A[0] @ y)
    assert compared.losses[1] == (B[0, 0] - B[0] @ y, x @ B @ y - x @ B[:, 0])
    assert compared.losses == ((4, 2), (2, 2))
    assert compared.dominant is compared.first
    assert compared.trace.unique
    floats = gt.Game(game.payoffs.astype(float))
    rounded = [gt.Profile(floats, [z.astype(float) for z in e.mixtures]) for e in (strict, mixed)]
    assert risk_dominance(*rounded).dominant is rounded[0]
    assert risk_dominance(*rounded).losses == ((4.0, 2.0), (2.0, 2.0))


def test_of_symmetric_mixtures_of_counts_the_losses_are_those_of_the_table():
    game = gt.CountGame(act=[0, 0, 4, 6], wait=[1, 1, 1, 2])
    full = game.to_game()
    found = gt.solve(game, exact=False)
    one, other = found[0].mixtures, found[1].mixtures
    assert 0 < other[0][0] < 1
    short = risk_dominance(gt.Profile(game, one), gt.Profile(game, other))
    table = risk_dominance(gt.Profile(full, one), gt.Profile(full, other))
    assert np.allclose(short.losses, table.losses, rtol=0, atol=1e-8)
    assert np.allclose(short.prior, table.prior, rtol=0, atol=1e-8)
    named = [{id(r.first): 0, id(r.second): 1}.get(id(r.dominant)) for r in (short, table)]
    assert named[0] == named[1]


def test_floats_that_tie_but_for_rounding_tie():
    c = 0.1 + 0.2
    game = gt.Game.from_payoffs([[0.3, 0.0], [0.0, c]], [[c, 0.0], [0.0, 0.3]])
    skewed = gt.Game.from_payoffs([[c, 0.0], [0.0, 0.3]], [[c, 0.0], [0.0, 0.3]])
    for table in (game, skewed):
        found = risk_dominance(*both(table))
        assert found.dominant is None
        assert found.by_product is None
    assert risk_dominance(*both(gt.Game(skewed.payoffs + [[[0.1, 0], [0, 0]]] * 2))).losses


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_risk_dominance_of_counts_in_any_unit(unit):
    for c in (0.2, 0.4, 0.7):
        game = hunt(3, c)
        other = gt.CountGame(game.act * unit + 3 * unit, game.wait * unit + 3 * unit)
        here, there = risk_dominance(*both(game)), risk_dominance(*both(other))
        assert (here.dominant is here.first) == (there.dominant is there.first)
        assert here.prior[0] == pytest.approx(there.prior[0], abs=1e-7)


def test_profiles_of_counts_that_are_not_alike_are_compared_in_the_table():
    game = gt.CountGame(act=[3, 0], wait=[1, 2])
    found = risk_dominance(pure(game, 0, 1), pure(game, 1, 0))
    assert found.dominant is None  # one is the other with the players renamed
    assert found.products == (4, 4)


# Traces of games that depend on how many act.


@pytest.mark.parametrize("n", [3, 4])
def test_a_trace_of_counts_is_the_logarithmic_path_of_the_table(n, monkeypatch):
    counts, kinds = [], set()
    for seed in range(14):
        rng = np.random.default_rng([seed, n])
        game = gt.CountGame(rng.integers(0, 1000, n), rng.integers(0, 1000, n))
        q = Fraction(int(rng.integers(1, 10)), 10)
        path = trace(game, [[q, 1 - q]] * n)
        assert path.unique
        table = trace(game.to_game(), [[q, 1 - q]] * n)
        assert np.array_equal(path.mixtures, table.mixtures)
        counts.append((game.to_game(), [[q, 1 - q]] * n, path.equilibrium.mixtures[0]))
        kinds.add(len(path.ts) > 2)
    assert kinds == {True, False}
    monkeypatch.setattr(selection, "_as_counts", lambda game: None)
    for game, prior, x in counts:
        end = trace(game, prior).equilibrium.mixtures[0]
        assert np.abs(end.astype(float) - x.astype(float)).max() < 1e-6


def test_points_of_a_curved_trace_of_counts_leave_all_indifferent():
    c, n = 0.4, 5
    game = gt.CountGame(act=[1 - c] * n, wait=[0] + [1] * (n - 1))
    path = trace(game, [[0.1, 0.9]] * n)  # too few are expected to act: all do, at first
    q, t = path.mixtures[0][:, 0], path.ts
    assert (q[0], t[0], t[-1]) == (1, 0, 1)
    gains = (1 - t) * (0.9 ** (n - 1) - c) + t * ((1 - q) ** (n - 1) - c)
    assert np.abs(gains[1:]).max() < 1e-12
    assert q[-1] == pytest.approx(1 - c ** (1 / (n - 1)), abs=1e-12)
    assert (np.diff(q) <= 0).all()
    assert path.equilibrium.certificate.holds()


def test_a_prior_that_leaves_all_indifferent_is_a_tie_that_does_not_hang_on_names():
    half = Fraction(1, 2)
    for act in ([0, 0, 4], [0, 1, 6]):
        game = gt.CountGame(act=act, wait=[1, 1, 1])
        gain = [a - 1 for a in act]
        (root,) = [e.mixtures[0][0] for e in gt.solve(game) if 0 < e.mixtures[0][0] < 1]
        path = trace(game, [[root, 1 - root]] * 3)
        assert path.unique is False
        middle = (gain[0] + 2 * gain[1] + gain[2]) / 4
        wanted = half if middle == 0 else int(middle > 0)
        assert path.equilibrium.mixtures[0][0] == wanted
        turned = gt.CountGame(game.wait[::-1], game.act[::-1])
        other = trace(turned, [[1 - root, root]] * 3)
        assert other.equilibrium.mixtures[0][1] == wanted
    # The gain (q - 1/5)(q - 3/5)(q - 4/5), positive between the first two roots.
    a = [Fraction(-12, 125), Fraction(19, 25), Fraction(-8, 5), Fraction(1)]
    gain = [
        sum(Fraction(math.comb(k, j), math.comb(3, j)) * a[j] for j in range(k + 1))
        for k in range(4)
    ]
    path = trace(gt.CountGame(gain, [0] * 4), [[Fraction(1, 5), Fraction(4, 5)]] * 4)
    assert path.unique is False
    assert path.equilibrium.mixtures[0][0] == Fraction(3, 5)
    idle = trace(gt.CountGame([1, 1], [1, 1]))
    assert idle.equilibrium.mixtures[0].tolist() == [half, half]
    assert idle.unique is False


def test_a_weak_equilibrium_at_the_end_is_a_tie():
    game = gt.CountGame(act=[2, 2, 1], wait=[1, 1, 1])
    path = trace(game, [[Fraction(1, 4), Fraction(3, 4)]] * 3)
    assert path.equilibrium.mixtures[0].tolist() == [1, 0]
    assert path.unique is False


def test_many_players():
    game = hunt(2000, 0.3, 900)
    path = trace(game)
    assert path.equilibrium.mixtures[0].tolist() == [1, 0]
    assert trace(game, [[0.4, 0.6]] * 2000).equilibrium.mixtures[0].tolist() == [0, 1]


def test_a_frame_has_a_row_for_each_point():
    game = gt.Game.from_payoffs([[3, 1], [2, 2]], [[1, 2], [2, 0]], actions=["ab", "cd"])
    path = trace(game)
    frame = path.to_frame()
    assert len(frame) == len(path.ts) >= 3
    assert frame["", "t"].tolist() == path.ts.tolist()
    assert frame["Player 2", "d"].tolist() == path.mixtures[1][:, 1].tolist()
    assert repr(path).startswith("Trace(to Player 1: (")


# p-dominance, by its definition.


def is_dominant(game, actions, i, p):
    """Whether the action is a best reply to all beliefs with chance p on the others' actions."""
    others = [range(m) for j, m in enumerate(game.shape) if j != i]
    star = tuple(a for j, a in enumerate(actions) if j != i)
    table = np.moveaxis(game.payoffs[..., i], i, -1)
    for s in itertools.product(*others):
        u = p * table[star] + (1 - p) * table[s]
        if u[actions[i]] < u.max():
            return False
    return True


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([(2, 2), (3, 4), (2, 3, 2)]), st.integers(0, 10**6))
def test_p_dominance_is_the_least_p_for_which_the_definition_holds(shape, seed):
    game = gt.Game(np.random.default_rng(seed).integers(-3, 4, (*shape, len(shape))))
    found = gt.solve(game, method="pure")
    assume(len(found))
    tiny = Fraction(1, 10**6)
    for e in found:
        actions = [s[0] for s in e.profile.support]
        least = p_dominance(e)
        assert all(isinstance(p, Fraction) for p in least)
        for i, p in enumerate(least):
            assert 0 <= p <= 1
            assert is_dominant(game, actions, i, p)
            assert p == 0 or not is_dominant(game, actions, i, p - tiny)


@pytest.mark.parametrize("seed", range(15))
def test_p_dominance_of_counts_is_that_of_the_table(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    game = gt.CountGame(rng.integers(0, 9, n), rng.integers(0, 9, n))
    full = game.to_game()
    found = gt.solve(full, method="pure")
    assert len(found)
    for e in found:
        assert p_dominance(gt.Profile(game, e.mixtures)) == p_dominance(e)


def test_p_dominance_of_assurance_and_of_floats():
    """Stag is a best reply iff the chance that all others hunt it is at least c."""
    game = hunt(6, Fraction(1, 4))
    stag, hare = both(game)
    assert p_dominance(stag) == (Fraction(1, 4),) * 6
    assert p_dominance(hare) == (Fraction(3, 4),) * 6
    floats = hunt(6, 0.25)
    assert p_dominance(both(floats)[0]) == (0.25,) * 6
    dominant = gt.Game.from_payoffs([[3, 3], [0, 0]], [[1, 0], [1, 0]])
    assert p_dominance(pure(dominant, 0, 0)) == (0, 0)


def test_the_door():
    game = coordination(((1, 2), (3, 1)))
    first = pure(game, 0, 0)
    (mixed,) = [e for e in gt.solve(game) if len(e.profile.support[0]) == 2]
    with pytest.raises(ValueError, match="mixed"):
        p_dominance(mixed)
    with pytest.raises(ValueError, match="not an equilibrium"):
        p_dominance(pure(game, 0, 1))
    with pytest.raises(ValueError, match="the same"):
        risk_dominance(first, pure(game, 0, 0))
    with pytest.raises(ValueError, match="the second is not an equilibrium"):
        risk_dominance(first, pure(game, 0, 1))
    other = coordination(((1, 2), (3, 2)))
    with pytest.raises(ValueError, match="one Game"):
        risk_dominance(first, pure(other, 0, 0))
    with pytest.raises(ValueError, match="to_game"):
        trace(hunt(2, 0.5), [[1, 0], [0.5, 0.5]])
    with pytest.raises(ValueError, match="probability"):
        trace(hunt(2, 0.5), [[1, 1], [1, 1]])


def test_what_is_no_profile_is_refused_by_name():
    (e,) = gt.solve(gt.PublicGood(w=[10, 6], alpha=0.5))
    with pytest.raises(ValueError, match="p-dominance: needs an equilibrium"):
        p_dominance(e)
    with pytest.raises(ValueError, match="risk dominance: the two are not"):
        risk_dominance(e, e)
