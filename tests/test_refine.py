"""Laws of refinements, the definitions checked on the evidence, and second ways to decide."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gametheory import _proper
from gametheory._judgement import exactly
from gametheory.count import CountGame
from gametheory.dominance import dominated
from gametheory.equilibrium import Equilibrium, certify
from gametheory.game import Game, Profile
from gametheory.payoff_dominance import pareto
from gametheory.refine import perfect, proper, refinements, strict
from gametheory.solvers import solve
from gametheory.testing import games

quick = settings(max_examples=40, deadline=None)
few = settings(max_examples=15, deadline=None)
tied = games(actions=(1, 3), values=st.integers(0, 2))
MYERSON = Game.from_payoffs(*[[[1, 0, -9], [0, 0, -7], [-9, -7, -7]]] * 2)


def extreme(game):
    return solve(game, method="extreme")


def at(game, *mixtures):
    profile = Profile(game, mixtures)
    return Equilibrium(profile, certify(profile), "by hand")


def pure(game, *actions):
    return at(game, *Profile.pure(game, actions).mixtures)


def worth(game, i, own, belief):
    """Expected payoff of each action or mixture ``own`` of ``i`` of two, from the definition."""
    total = 0
    for a, b in itertools.product(range(len(own)), range(len(belief))):
        s = (a, b) if i == 0 else (b, a)
        total += own[a] * belief[b] * Fraction(game.payoffs[s][i])
    return total


def unit(m, a):
    return [Fraction(int(k == a)) for k in range(m)]


def told(found):
    return [(strict(e), perfect(e).holds, proper(e).holds) for e in found]


@quick
@given(tied)
def test_evidence_of_perfection_is_a_belief_or_a_dominating_mixture(game):
    for e in extreme(game):
        answer = perfect(e)
        for i, proof in enumerate(answer.evidence):
            own, m, n = e.mixtures[i], game.shape[i], game.shape[1 - i]
            if answer:
                assert len(proof) == n
                assert sum(proof) == 1
                assert min(proof) > 0
                best = max(worth(game, i, unit(m, a), proof) for a in range(m))
                assert worth(game, i, own, proof) == best
            elif len(proof):
                assert sum(proof) == 1
                assert min(proof) >= 0
                gaps = [
                    worth(game, i, proof, unit(n, b)) - worth(game, i, own, unit(n, b))
                    for b in range(n)
                ]
                assert min(gaps) >= 0
                assert max(gaps) > 0
        assert answer or any(len(proof) for proof in answer.evidence)
        assert len(answer.evidence) == 2


def trembling(game, trembles):
    """The game in which each action is also played by mistake, with these chances."""
    mixing = []
    for t in trembles:
        m = len(t)
        mixing.append(
            np.array([[(1 - sum(t)) * (a == b) + t[b] for b in range(m)] for a in range(m)])
        )
    X, Y = mixing
    A, B = game.payoffs[..., 0], game.payoffs[..., 1]
    return Game.from_payoffs(X @ A @ Y.T, X @ B @ Y.T)


def distance(e, found):
    return min(
        max(abs(float(p - q)) for x, y in zip(e.mixtures, other) for p, q in zip(x, y))
        for other in found
    )


@few
@given(tied, st.randoms(use_true_random=False))
def test_perfect_ones_are_limits_of_equilibria_of_games_with_mistakes(game, random):
    """Selten's definition, with trembles of order 1e-6 and all equilibria of the perturbed game."""
    eps = Fraction(1, 10**6)
    found = extreme(game)
    for _ in range(4):
        draws = [
            [Fraction(random.randint(1, 9) ** random.randint(1, 2)) for _ in range(m)]
            for m in game.shape
        ]
        if _ == 0:
            proved = [perfect(e) for e in found if perfect(e)]
            draws = list(reversed(random.choice(proved).evidence))
        near = extreme(trembling(game, [[eps * p for p in d] for d in draws]))
        for e in found:
            if not perfect(e):
                assert distance(e, [n.mixtures for n in near]) > 1e-3
    for e in found:
        if perfect(e):  # against these mistakes e itself, mistakes apart, is an equilibrium
            mistakes = list(reversed(perfect(e).evidence))
            perturbed = trembling(game, [[eps * p for p in d] for d in mistakes])
            assert certify(Profile(perturbed, e.mixtures)).regret == 0


@quick
@given(tied)
def test_strict_implies_proper_implies_perfect_and_some_are_perfect(game):
    found = told(extreme(game))
    assert any(p for _, p, _ in found)
    for is_strict, is_perfect, is_proper in found:
        assert is_proper is not None
        assert is_perfect is not None
        assert is_strict <= is_proper <= is_perfect


@quick
@given(games(actions=(1, 4), values=st.integers(-40, 40)))
def test_all_equilibria_of_a_nondegenerate_game_are_proper_by_the_search_too(game):
    """Regular equilibria are proper (van Damme 1991): the search knows nothing of that."""
    found = extreme(game)
    assume(not found.degenerate)
    for e in found:
        assert _proper.beliefs(exactly(e, game))[0] is True
        assert proper(e)


def eps_proper(levels, eps):
    """The profile that these lexicographic beliefs become when ``eps`` has a value."""
    x = sum(eps**k * np.array(level, object) for k, level in enumerate(levels))
    return x / sum(x)


def is_eps_proper(game, x, y, eps):
    """Myerson's definition: all have a chance, what pays less at most eps times the other's."""
    for i, (own, other) in enumerate([(x, y), (y, x)]):
        m = game.shape[i]
        u = [worth(game, i, unit(m, a), other) for a in range(m)]
        if min(own) <= 0:
            return False
        for a, b in itertools.permutations(range(m), 2):
            if u[b] < u[a] and own[b] > eps * own[a]:
                return False
    return True


@quick
@given(tied)
def test_lexicographic_beliefs_give_profiles_that_are_proper_but_for_eps(game):
    for e in extreme(game):
        holds, evidence = _proper.beliefs(exactly(e, game))
        assert holds == proper(e).holds
        if holds:
            small, root = Fraction(1, 10**12), Fraction(1, 10**6)
            x, y = (eps_proper(levels, small) for levels in evidence)
            assert [row.tolist() for row in (evidence[0][0], evidence[1][0])] == [
                z.tolist() for z in e.mixtures
            ]
            assert is_eps_proper(game, x, y, root)


def most(c, rows, right):
    """max c z, rows z <= right, z >= 0 with right >= 0: the simplex method by Bland's rule."""
    m, n = len(rows), len(c)
    table = [
        [Fraction(v) for v in row] + [Fraction(int(k == r)) for k in range(m)] + [Fraction(b)]
        for r, (row, b) in enumerate(zip(rows, right))
    ]
    goal = [Fraction(-v) for v in c] + [Fraction(0)] * (m + 1)
    basis = list(range(n, n + m))
    while True:
        enter = next((k for k in range(n + m) if goal[k] < 0), None)
        if enter is None:
            return goal[-1]
        ratios = [
            (row[-1] / row[enter], basis[r], r) for r, row in enumerate(table) if row[enter] > 0
        ]
        _, _, r = min(ratios)
        basis[r] = enter
        table[r] = [v / table[r][enter] for v in table[r]]
        for other in [*(t for k, t in enumerate(table) if k != r), goal]:
            f = other[enter]
            if f:
                other[:] = [v - f * w for v, w in zip(other, table[r])]


def weak_orders(items):
    if not items:
        yield []
    for k in range(1, len(items) + 1):
        for first in itertools.combinations(items, k):
            for rest in weak_orders([a for a in items if a not in first]):
                yield [first, *rest]


def ranks(order):
    return {a: k for k, level in enumerate(order) for a in level}


def allows(game, i, own, other, y, eps, near):
    """Whether a mixture near ``y``, with mistakes in the ``other`` order, ranks actions as ``own``.

    Of player ``i``. The mixture up to scale, and a margin to be made positive.
    """
    m, n = game.shape[i], len(y)
    u = [[worth(game, i, unit(m, a), unit(n, b)) for b in range(n)] for a in range(m)]
    rows, mine, theirs = [], ranks(own), ranks(other)
    for a, b in itertools.permutations(range(m), 2):
        gap = [q - p for p, q in zip(u[a], u[b])]
        if mine[a] <= mine[b]:
            rows.append([*gap, int(mine[a] < mine[b])])
    for a, b in itertools.permutations(range(n), 2):
        if theirs[a] < theirs[b]:
            rows.append([*((k == b) - eps * (k == a) for k in range(n)), 0])
    for b in range(n):
        rows.append([*(-(k == b) for k in range(n)), 1])
        rows.append([*((k == b) - y[b] - near for k in range(n)), 0])
        rows.append([*(y[b] - near - (k == b) for k in range(n)), 0])
    rows.append([1] * n + [0])
    return most([0] * n + [1], rows, [0] * (len(rows) - 1) + [1]) > 0


def limit_of_eps_proper(game, e, eps=Fraction(1, 10**4), near=Fraction(1, 50)):
    """Whether an eps-proper profile is near ``e``: all rankings of the actions of both, in turn.

    Given both rankings, what is asked of one player's mixture does not depend on the other's.
    """
    x, y = e.mixtures
    sides = [
        [o for o in weak_orders(range(m)) if set(np.flatnonzero(z)) <= set(o[0])]
        for m, z in zip(game.shape, (x, y))
    ]
    return any(
        allows(game, 0, own, other, y, eps, near) and allows(game, 1, other, own, x, eps, near)
        for own, other in itertools.product(*sides)
    )


@pytest.mark.parametrize("seed", range(40))
def test_proper_ones_are_limits_of_eps_proper_profiles(seed):
    """Myerson's definition at eps = 1e-4, on games with many ties; 3 x 3 and lopsided."""
    rng = np.random.default_rng(seed)
    shape = [(3, 3), (2, 3), (3, 2)][seed % 3]
    game = Game.from_payoffs(rng.integers(0, 3, shape), rng.integers(0, 3, shape))
    for e in extreme(game):
        if not strict(e):
            assert limit_of_eps_proper(game, e) == proper(e).holds, (game.payoffs, e)


def test_the_second_way_tells_perfect_from_proper():
    assert [limit_of_eps_proper(MYERSON, e) for e in extreme(MYERSON)] == [True, False, False]


def test_myerson_1978():
    """Three pure equilibria, two perfect, one proper (after Myerson 1978)."""
    assert told(extreme(MYERSON)) == [
        (True, True, True),
        (False, True, False),
        (False, False, False),
    ]


def test_a_dominated_action_can_make_an_equilibrium_perfect():
    """Without the third actions (Myerson 1978), both playing the second is not even perfect."""
    small = Game(MYERSON.payoffs[:2, :2])
    assert told(extreme(small)) == [(True, True, True), (False, False, False)]


def test_entry_deterrence():
    """To fight is weakly dominated: no equilibrium in which the entrant stays out is perfect."""
    entry = Game.from_payoffs([[0, 0], [-1, 1]], [[2, 2], [-1, 1]])
    assert told(extreme(entry)) == [
        (False, False, False),
        (False, False, False),
        (True, True, True),
    ]


def test_outside_option_before_a_coordination_game():
    """Out, or go on to top or bottom (van Damme 1991, after): staying out is proper by fear of
    (bottom, right), which is an equilibrium of what follows."""
    game = Game.from_payoffs([[2, 2], [4, 0], [0, 1]], [[2, 2], [1, 0], [0, 4]])
    table = {e.profile.support: proper(e).holds for e in extreme(game)}
    assert table[(1,), (0,)] is True
    assert table[(0,), (1,)] is True


@pytest.mark.parametrize("criterion", [perfect, proper])
@quick
@given(tied, st.data())
def test_names_and_units_do_not_matter(criterion, game, data):
    """Players and actions change places; payoffs are rescaled, and shifted by what others do."""
    rows, columns = (data.draw(st.permutations(range(m))) for m in game.shape)
    A, B = (game.payoffs[..., i][np.ix_(rows, columns)] for i in (0, 1))
    shift = data.draw(st.lists(st.integers(-3, 3), min_size=len(columns), max_size=len(columns)))
    other = Game.from_payoffs(B.T * Fraction(2, 7) + 5, (A * 3 + np.array(shift)).T)
    for e in extreme(game):
        x, y = e.mixtures
        moved = at(other, y[list(columns)], x[list(rows)])
        assert criterion(moved).holds == criterion(e).holds
        assert strict(moved) == strict(e)


@few
@given(tied, st.sampled_from([2.0**-30, 1.0, 2.0**30]))
def test_floats_are_the_rationals_they_are(game, scale):
    exact = {tuple(np.concatenate(e.mixtures).astype(float)): e for e in extreme(game)}
    for e in extreme(Game(game.payoffs.astype(float) * scale)):
        twin = exact[tuple(np.concatenate(e.mixtures))]
        assert strict(e) == strict(twin)
        assert perfect(e).holds == perfect(twin).holds
        assert proper(e).holds == proper(twin).holds


def test_a_tie_in_the_last_bit_is_seen():
    u = [[1.0, 1.0], [1.0, np.nextafter(1.0, 0)]]
    game = Game.from_payoffs(u, [[1.0, 0.0], [1.0, 0.0]])
    assert perfect(pure(game, 0, 0)).holds is True
    assert perfect(pure(game, 1, 0)).holds is False
    assert not strict(pure(game, 0, 0))


def test_a_float_profile_that_stands_for_no_known_equilibrium_is_not_judged():
    game = Game.from_payoffs([[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]])
    third = at(game, [1 / 3, 2 / 3], [0.1, 0.9])
    assert perfect(third).holds is None
    assert proper(third).holds is None
    assert not strict(third)
    with pytest.raises(ValueError, match="perfect: not decided"):
        bool(perfect(third))


@few
@given(tied, st.data())
def test_a_duplicate_changes_neither_perfect_nor_proper(game, data):
    """Weight may go to the double or not. A strict equilibrium is strict no more if it is used."""
    a = data.draw(st.integers(0, game.shape[0] - 1))
    share = data.draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)]))
    bigger = Game(np.concatenate([game.payoffs, game.payoffs[a : a + 1]]))
    for e in extreme(game):
        x, y = e.mixtures
        split = x.copy()
        split[a] = x[a] * (1 - share)
        twin = at(bigger, [*split, x[a] * share], y)
        assert perfect(twin).holds == perfect(e).holds
        assert proper(twin).holds == proper(e).holds
        assert strict(twin) == (strict(e) and x[a] == 0)


def test_two_mistakes_that_must_be_equally_likely():
    """Both rows are in use and tie only if columns 2 and 3 are as likely; no worse one may be."""
    A = [[1, 1, 0], [1, 0, 1]]
    half = [Fraction(1, 2)] * 2
    alike = at(Game.from_payoffs(A, [[2, 0, 0], [2, 0, 0]]), half, [1, 0, 0])
    assert proper(alike).holds is True
    assert limit_of_eps_proper(alike.profile.game, alike)
    worse = at(Game.from_payoffs(A, [[2, 1, 0], [2, 1, 0]]), half, [1, 0, 0])
    assert (perfect(worse).holds, proper(worse).holds) == (True, False)
    assert not limit_of_eps_proper(worse.profile.game, worse)


def test_beyond_the_budget_nothing_is_claimed():
    (e,) = [e for e in extreme(MYERSON) if e.profile.support == ((1,), (1,))]
    assert _proper.beliefs(exactly(e, MYERSON), most=0) == (None, ())


# Three players or more


def polynomial_stays(game, e, rates, eps):
    """Whether every action in use is a best reply when all make mistakes at these rates."""
    mixed = [
        [x * (1 - eps * sum(d)) + eps * r for x, r in zip(own, d)]
        for own, d in zip(e.mixtures, rates)
    ]
    for i, m in enumerate(game.shape):
        u = [Fraction(0)] * m
        for s in np.ndindex(game.shape):
            chance = Fraction(1)
            for j, b in enumerate(s):
                chance *= mixed[j][b] if j != i else 1
            u[s[i]] += chance * game.payoffs[s][i]
        if any(x > 0 and v < max(u) for x, v in zip(e.mixtures[i], u)):
            return False
    return True


@quick
@given(games(players=3, actions=(1, 3), values=st.integers(0, 2)))
def test_trembles_of_three_players_leave_all_best_replies(game):
    for e in solve(game, method="pure"):
        answer = perfect(e)
        if answer.holds and answer.evidence:
            assert min(min(d) for d in answer.evidence) > 0
            assert polynomial_stays(game, e, answer.evidence, Fraction(1, 10**6))
        weak = {(d.player, d.action) for d in dominated(game, strict=False)}
        if any((i, used[0]) in weak for i, used in enumerate(e.profile.support)):
            assert answer.holds is False
        if strict(e):
            assert answer.holds
        if proper(e).holds is not None and answer.holds is not None:
            assert proper(e).holds <= answer.holds


@few
@given(
    games(players=3, actions=(2, 2), values=st.integers(0, 2)), st.randoms(use_true_random=False)
)
def test_no_small_trembles_support_what_is_not_perfect(game, random):
    """Two actions each: trembles are three chances; of very different orders too."""
    for e in solve(game, method="pure"):
        if perfect(e).holds is False:
            for _ in range(20):
                rates = []
                for used in e.profile.support:
                    size = Fraction(random.randint(1, 9), 10 ** random.randint(0, 9))
                    rates.append([size * (a != used[0]) for a in (0, 1)])
                assert not polynomial_stays(game, e, rates, Fraction(1, 10**3))


def test_undominated_but_not_perfect_with_three_players():
    """Only two mistakes at once favour staying, and they are of the second order (derived)."""
    stay = np.array([[0, 0], [0, 0]])
    move = np.array([[0, 1], [1, -10]])
    A = np.stack([stay, move])
    game = Game.from_payoffs(A, np.array([[[1, 1], [0, 0]]] * 2), np.array([[[1, 0], [1, 0]]] * 2))
    e = pure(game, 0, 0, 0)
    assert e.certificate.regret == 0
    assert all((d.player, d.action) != (0, 0) for d in dominated(game, strict=False))
    assert perfect(e).holds is False
    assert proper(e).holds is False
    move[0, 1] = -1  # now one kind of mistake favours staying
    better = Game.from_payoffs(np.stack([stay, move]), game.payoffs[..., 1], game.payoffs[..., 2])
    assert perfect(pure(better, 0, 0, 0)).holds is True
    move[0, 1] = 0  # ties to first order: not decided by it
    A = np.stack([stay, np.array([[0, 0], [0, -10]])])
    second = Game.from_payoffs(A, game.payoffs[..., 1], game.payoffs[..., 2])
    assert perfect(pure(second, 0, 0, 0)).holds is True


def gap_game(others, gap):
    """Player 0 stays or moves; staying pays ``gap`` of the others' choices. These should play 0."""
    shape = (2, *others)
    payoffs = np.zeros((*shape, len(shape)), dtype=int)
    for s in np.ndindex(shape):
        payoffs[s] = [gap(*s[1:]) * (s[0] == 0), *(-b for b in s[1:])]
    return Game(payoffs)


@pytest.mark.parametrize(
    ("gap", "never"),
    [
        (lambda p, q, r: -p * q + 10 * p * q * r, True),  # not perfect: p q outweighs p q r
        (lambda p, q, r: p * q - 2 * p * r, False),  # perfect, if r is rarer than q
        (lambda p, q, r: -p + q * r, False),  # perfect, if p is rarer than q r
    ],
    ids=["second order", "rates", "orders"],
)
def test_what_the_first_order_leaves_open_is_not_claimed(gap, never):
    e = pure(gap_game((2, 2, 2), gap), 0, 0, 0, 0)
    assert e.certificate.regret == 0
    assert perfect(e).holds is not never


def test_two_actions_in_use_must_go_on_paying_the_same():
    """The gap of two actions in use is p q, zero to the first order only (derived)."""
    payoffs = gap_game((2, 2), lambda p, q: p * q).payoffs
    half = [Fraction(1, 2)] * 2
    assert perfect(at(Game(payoffs), half, [1, 0], [1, 0])).holds is not True
    payoffs = gap_game((3, 2), lambda p, q: [0, 1, -1][p]).payoffs
    answer = perfect(at(Game(payoffs), half, [1, 0, 0], [1, 0]))
    assert answer.holds is True
    assert answer.evidence[1][1] == answer.evidence[1][2] > 0


def test_what_is_no_equilibrium_is_not_judged():
    assert perfect(pure(MYERSON, 0, 1)).holds is None
    assert proper(pure(MYERSON, 0, 1)).holds is None
    # pennies for 1e-11 beside a loss of 1: within rounding every mixture is as good
    A = [[1e-11, -1e-11], [-1e-11, 1e-11], [-1.0, -1.0]]
    B = [[-1e-11, 1e-11], [1e-11, -1e-11], [-1.0, -1.0]]
    game = Game.from_payoffs(A, B)
    assert perfect(at(game, [0.9, 0.1, 0.0], [0.9, 0.1])).holds is None
    assert perfect(at(game, [0.5, 0.5, 0.0], [0.5, 0.5])).holds is True


def test_common_interest_vote():
    """All like a majority for 1 (facts, T2): to vote 0 is weakly dominated."""
    vote = Game.of({p: [0, 1] for p in "ABC"}, lambda *v: [int(sum(v) > 1)] * 3)
    answers = {e.profile.support: perfect(e).holds for e in solve(vote, method="pure")}
    assert answers.pop(((1,), (1,), (1,))) is True
    assert set(answers.values()) == {False}


def test_regular_equilibria_of_three_players_are_proper():
    three = Game.of(
        {p: ["wait", "act"] for p in "ABC"},
        lambda *a: [10 * (a.count("act") > 1) - 3 * (own == "act") for own in a],
    )
    assert [proper(e).holds for e in solve(three)] == [True] * 9
    worse = np.concatenate([three.payoffs, three.payoffs[:1] - 5])  # a third action, no good
    assert [proper(e).holds for e in solve(Game(worse))] == [True] * 9


# Games that depend on how many act


counts = st.integers(1, 4).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 2), min_size=n, max_size=n)] * 2)
)


@quick
@given(counts)
def test_a_count_game_is_judged_like_its_table(payoffs):
    game = CountGame(*payoffs)
    table = game.to_game()
    for q in (0, 1):
        e = at(game, *[[q, 1 - q]] * len(game.players))
        if e.certificate.regret == 0:
            twin = at(table, *e.mixtures)
            assert strict(e) == strict(twin)
            assert perfect(e).holds is not None
            if perfect(twin).holds is not None:
                assert perfect(e).holds == perfect(twin).holds
            assert proper(e).holds == perfect(e).holds


def test_volunteers():
    game = CountGame(act=[1, 1, 1], wait=[0, 2, 2])
    (e,) = solve(game)
    assert perfect(e).holds is True
    one = at(game, [1, 0], [0, 1], [0, 1])
    assert strict(one)
    assert proper(one).holds is True


# The table


@few
@given(tied)
def test_the_table_says_what_each_criterion_says(game):
    found = extreme(game)
    table = refinements(found)
    assert list(zip(table.strict, table.perfect, table.proper)) == told(found)
    assert pareto(found).levels == table.level
    frame = table.to_frame()
    assert list(frame.columns) == ["strict", "perfect", "proper", "ess", "index", "level"]
    assert len(frame) == len(found) == len(repr(table).splitlines()) - 1


def test_the_table_of_other_games():
    three = Game.of({p: [0, 1] for p in "ABC"}, lambda *v: [int(sum(v) > 1)] * 3)
    table = refinements(solve(three))
    assert table.ess == (None,) * len(table.found)
    assert refinements(solve(CountGame(act=[1, 1, 1], wait=[0, 2, 2]))).ess == (True,)
    some = refinements(solve(MYERSON, method="pure"))
    assert some.index == (None, None, None)
    assert repr(some).splitlines()[1].split()[1:7] == ["yes", "yes", "yes", "yes", "-", "0"]


def test_games_of_another_form_are_refused():
    for criterion in (strict, perfect, proper):
        with pytest.raises(ValueError, match="strategic form"):
            criterion(Profile.pure(MYERSON, (0, 0)))
