"""Laws of Bayes-Nash equilibria, and the induced form as a second way to find them."""

import io
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import gametheory as gt
from gametheory.solvers import bayes
from gametheory.testing import bayesian_games
from tests._trees import from_gambit

quick = settings(max_examples=40, deadline=None)
F = Fraction


def side(x):
    """A strategy as nested tuples."""
    return tuple(tuple(row) for row in x.tolist())


def members(found):
    return [tuple(side(x) for x in e.mixtures) for e in found]


def parts(found):
    """Components and Nash subsets by the profiles in them: no numbering."""
    points = members(found)
    return {
        (
            frozenset(points[k] for k in part),
            frozenset(frozenset(points[k] for k in subset) for subset in part.nash_subsets),
        )
        for part in found.components
    }


def changed(game, payoffs=None, prior=None, **labels):
    """The game with other payoffs or another prior."""
    kept = {name: getattr(game, name) for name in ("players", "types", "actions")}
    return gt.BayesianGame(
        game.payoffs if payoffs is None else payoffs,
        game.prior if prior is None else prior,
        **(kept | labels),
    )


def regrets(game, mixtures):
    """What each type could gain, by the definition: sums over all type and action profiles."""
    found = []
    for i, own in enumerate(mixtures):
        for t_i, x_i in enumerate(own):
            pays = [0] * game.shape[i]
            for t in np.ndindex(game.prior.shape):
                if t[i] != t_i:
                    continue
                for a in np.ndindex(game.shape):
                    chance = game.prior[t]
                    for j, x in enumerate(mixtures):
                        chance = chance * (1 if j == i else x[t[j]][a[j]])
                    pays[a[i]] += chance * game.payoffs[(*t, *a, i)]
            found.append(max(pays) - sum(p * u for p, u in zip(x_i, pays)))
    return found


def _floats(profile):
    return [profile.action_payoffs(i).astype(float) for i in (0, 1)]


def hull(points):
    """The points that are no mean of others, by linear programs in floats."""
    points = sorted(points)
    kept = set()
    for k, p in enumerate(points):
        others = [np.concatenate(q) for r, q in enumerate(points) if r != k]
        if not others:
            return {p}
        equal = np.vstack([np.array(others, float).T, np.ones(len(others))])
        right = [*map(float, np.concatenate(p)), 1]
        if linprog(np.zeros(len(others)), A_eq=equal, b_eq=right).status == 2:
            kept.add(p)
    return kept


def behaviour(game, i, mixture):
    """What a mixture over plans of player ``i`` lets each type do."""
    plans = itertools.product(range(game.shape[i]), repeat=len(game.types[i]))
    found = [[F(0)] * game.shape[i] for _ in game.types[i]]
    for plan, p in zip(plans, mixture):
        for t, a in enumerate(plan):
            found[t][a] += p
    return tuple(map(tuple, found))


@settings(max_examples=150, deadline=None)
@given(bayesian_games(values=st.integers(-1, 1)) | bayesian_games(values=st.integers(-9, 9)))
def test_the_induced_form_has_the_same_nash_subsets(game):
    """A mixture over plans is an equilibrium iff its behaviour is one: subsets go to subsets."""
    induced = game.induced()
    if max(induced.shape) > 9:
        return
    there = gt.solve(induced, method="extreme")
    expected = set()
    for part in there.components:
        for subset in part.nash_subsets:
            x, y = (
                hull({behaviour(game, i, there[k].mixtures[i]) for k in subset}) for i in (0, 1)
            )
            expected.add(frozenset(itertools.product(x, y)))
    found = gt.solve(game)
    assert {s for _, subsets in parts(found) for s in subsets} == expected
    assert len(found.components) == len(there.components)
    assert all(e.certificate.exact and e.certificate.regret == 0 for e in found)
    assert members(found) == sorted(set(members(found)), reverse=True)


@quick
@given(bayesian_games())
def test_every_member_and_every_mean_in_a_nash_subset_has_no_regret_by_definition(game):
    found = gt.solve(game)
    assert len(found) > 0
    for e in found:
        assert set(regrets(game, e.mixtures)) == {0}
    for part in found.components:
        for subset in part.nash_subsets:
            weights = np.array([F(k + 1) for k in range(len(subset))], object)
            weights = weights / weights.sum()
            mean = [
                sum(w * found[k].mixtures[i] for w, k in zip(order, subset))
                for i, order in enumerate((weights, weights[::-1]))
            ]
            assert set(regrets(game, mean)) == {0}


@quick
@given(bayesian_games())
def test_the_agent_form_has_the_same_pure_equilibria(game):
    agents = gt.solve(game.agent_form(), method="pure")
    T = len(game.types[0])
    expected = {(side(np.array(e.mixtures[:T])), side(np.array(e.mixtures[T:]))) for e in agents}
    pure = {
        pair
        for pair in members(gt.solve(game))
        if all(p in (0, 1) for x in pair for r in x for p in r)
    }
    assert pure == expected


@quick
@given(bayesian_games(values=st.integers(-99, 99)))
def test_nondegenerate_games_have_indices_that_add_up_to_one(game):
    found = gt.solve(game)
    if not found.degenerate:
        assert found.coverage is gt.Coverage.ALL
        assert len(found) % 2 == 1
        assert sum(e.index for e in found) == 1
    for e in found:
        best = [np.isclose(u, u.max(axis=1, keepdims=True)) for u in _floats(e.profile)]
        regular = all((b == (x > 0)).all() for b, x in zip(best, e.mixtures))
        assert (e.index is not None) == regular


@quick
@given(bayesian_games(types=(1, 1), values=st.integers(-9, 9)))
def test_one_type_each_is_a_game_of_complete_information(game):
    plain = gt.Game(game.payoffs[0, 0], game.players, game.actions)
    there = gt.solve(plain, method="extreme")
    found = gt.solve(game)
    assert [tuple(x[0].tolist() for x in e.mixtures) for e in found] == [
        tuple(x.tolist() for x in e.mixtures) for e in there
    ]
    assert [e.payoffs for e in found] == [e.payoffs for e in there]
    assert found.degenerate == there.degenerate
    assert found.degenerate or [e.index for e in found] == [e.index for e in there]


@pytest.mark.parametrize("seed", range(4))
def test_indices_and_equilibria_are_those_of_the_agent_form(seed):
    """Two types of one player make three agents: by boxes and Newton's method in floats."""
    rng = np.random.default_rng(seed)
    game = gt.BayesianGame(rng.integers(-99, 100, (2, 1, 2, 3, 2)), [[F(1, 3)], [F(2, 3)]])
    found, there = gt.solve(game), gt.solve(game.agent_form(), method="isolate")
    assert len(found) == len(there)
    assert found.coverage is there.coverage is gt.Coverage.ALL
    for e in found:
        flat = np.concatenate([x.ravel() for x in e.mixtures]).astype(float)
        near = [f for f in there if np.allclose(np.concatenate(f.mixtures).astype(float), flat)]
        assert [f.index for f in near] == [e.index]


@quick
@given(bayesian_games(types=(2, 3), actions=(2, 3)))
def test_names_of_players_types_and_actions_do_not_matter(game):
    (T, S), (m, n) = game.prior.shape, game.shape
    order = [np.roll(np.arange(k), 1)[::-1] for k in (T, S, m, n)]
    table = game.payoffs[np.ix_(*order)]
    prior = game.prior[np.ix_(*order[:2])]
    other = gt.BayesianGame(table.transpose(1, 0, 3, 2, 4)[..., ::-1], prior.T)
    expected = {
        (side(y[np.ix_(order[1], order[3])]), side(x[np.ix_(order[0], order[2])]))
        for x, y in (e.mixtures for e in gt.solve(game))
    }
    assert set(members(gt.solve(other))) == expected


@quick
@given(bayesian_games(), st.data())
def test_each_type_has_a_unit_and_zeros_of_its_own(game, data):
    """Payoffs of a type times a positive number, plus what it cannot change, tell the same."""
    unit, zero = st.fractions(F(1, 9), 9), st.fractions(-9, 9)
    table = game.payoffs.copy()
    (T, S), n = game.prior.shape, game.shape[1]
    for t in range(T):
        table[t, ..., 0] *= data.draw(unit)
        table[t, ..., 0] += np.array([[data.draw(zero) for _ in range(n)] for _ in range(S)])[
            :, None
        ]
    for s in range(S):
        table[:, s, ..., 1] *= data.draw(unit)
        table[:, s, ..., 1] += np.array([[data.draw(zero)] for _ in range(T)])[..., None]
    assert parts(gt.solve(changed(game, table))) == parts(gt.solve(game))


@quick
@given(bayesian_games(), st.data())
def test_payoffs_to_types_that_never_meet_do_not_matter(game, data):
    table = game.payoffs.copy()
    never = game.prior == 0
    table[never] = data.draw(st.integers(-1000, 1000))
    other = changed(game, table)
    here, there = gt.solve(game), gt.solve(other)
    assert parts(here) == parts(there)
    assert [e.payoffs for e in here] == [e.payoffs for e in there]
    assert [e.certificate for e in here] == [e.certificate for e in there]
    assert all((u == v).all() for u, v in zip(game.spans, other.spans))


@quick
@given(bayesian_games())
def test_only_what_a_type_believes_matters_and_not_its_own_chance(game):
    """Beliefs ``p(s | t)`` are all that type ``t`` uses, and its payoffs can bear the rest."""
    ratio = np.array([[F(2 if t == 0 else 1)] for t in range(len(game.types[0]))], object)
    prior = game.prior * ratio
    prior = prior / prior.sum()
    table = game.payoffs.copy()
    table[0, ..., 1] /= 2  # player 1 gives type 0 of player 0 twice the chance, and half the weight
    assert parts(gt.solve(changed(game, table, prior))) == parts(gt.solve(game))


@quick
@given(bayesian_games(types=(1, 2)), st.data())
def test_a_type_split_in_two_alike_plays_as_before_on_average(game, data):
    """Half of the last type of player 0 is called otherwise: the same behaviour, and no other."""
    prior = np.concatenate([game.prior, game.prior[-1:]])
    share = data.draw(st.fractions(F(1, 9), F(8, 9)))
    prior[-2], prior[-1] = prior[-2] * share, prior[-1] * (1 - share)
    split = gt.BayesianGame(np.concatenate([game.payoffs, game.payoffs[-1:]]), prior)
    found, there = gt.solve(game), gt.solve(split)

    def merged(x):
        return side(np.concatenate([x[:-2], [share * x[-2] + (1 - share) * x[-1]]]))

    projected = set()
    for part in there.components:
        for subset in part.nash_subsets:
            x = hull({merged(there[k].mixtures[0]) for k in subset})
            y = {side(there[k].mixtures[1]) for k in subset}
            projected.add(frozenset(itertools.product(x, y)))
    assert projected == {s for _, subsets in parts(found) for s in subsets}
    assert len(found.components) == len(there.components)


@quick
@given(bayesian_games(actions=(1, 2)))
def test_an_action_that_is_dominated_for_every_type_is_not_played(game):
    worse = game.payoffs[:, :, :1].copy()
    worse[..., 0] -= 1
    table = np.concatenate([game.payoffs, worse], axis=2)
    other = gt.BayesianGame(table, game.prior)
    expected = {(tuple((*row, 0) for row in x), y) for x, y in members(gt.solve(game))}
    assert set(members(gt.solve(other))) == expected


@quick
@given(bayesian_games())
def test_an_action_told_twice_adds_no_payoffs(game):
    """Whoever plays it: equilibrium payoffs by type are those of before."""
    other = gt.BayesianGame(np.concatenate([game.payoffs, game.payoffs[:, :, :1]], 2), game.prior)

    def values(found):
        return {tuple(tuple(u) for u in e.profile.interim) for e in found}

    assert values(gt.solve(other)) == values(gt.solve(game))


@quick
@given(bayesian_games(values=st.integers(-9, 9)), st.sampled_from([1e-9, 1e9]))
def test_floats_give_the_same_in_any_unit_above_any_zero(game, unit):
    # powers of two: tens would round, and rounding decides ties
    exact = gt.solve(game)
    scale = 2.0 ** round(np.log2(unit))
    prior = np.array([F(int(w * 2**20), 2**20) for w in game.prior.flat], object)
    prior = prior.reshape(game.prior.shape)
    prior.flat[prior.argmax()] += 1 - prior.sum()
    dyadic = changed(game, prior=prior)
    floats = changed(game, game.payoffs.astype(float) * scale + 4 * scale, prior.astype(float))
    here, there = gt.solve(dyadic), gt.solve(floats)
    assert not floats.exact
    assert there.coverage is here.coverage
    assert len(here) == len(there)
    assert len(exact) > 0
    for e, f in zip(here, there):
        assert f.certificate.holds()
        for x, y in zip(e.mixtures, f.mixtures):
            assert y.dtype == np.float64
            assert np.allclose(x.astype(float), y, rtol=0, atol=1e-12)
    again = gt.solve(floats, exact=True)
    assert members(again) == members(here)


def test_battle_of_the_sexes_with_a_type_who_keeps_away():
    """Osborne & Rubinstein's game with one-sided information; solved by hand.

    Player 1 plays B with chance p. The keen type of player 2 plays B iff p >= 2/3, the other iff
    p <= 1/3. With q, r their chances of B, player 1 is indifferent iff 2 (q + r) = 2 - q - r,
    q + r = 2/3. So p = 1 (q = 1, r = 0), p = 2/3 (q = 2/3, r = 0) and p = 1/3 (q = 0, r = 2/3).
    """
    game = gt.BayesianGame.of(
        {"1": ["-"], "2": ["keen", "not"]},
        dict.fromkeys("12", "BS"),
        {"1": [1], "2": [F(1, 2), F(1, 2)]},
        lambda t, a: (
            2 * (a == ("B", "B")) + (a == ("S", "S")),
            (1 + (a[1] == "S")) * ((a[0] == a[1]) == (t[1] == "keen")),
        ),
    )
    found = gt.solve(game)
    assert members(found) == [
        (((1, 0),), ((1, 0), (0, 1))),
        (((F(2, 3), F(1, 3)),), ((F(2, 3), F(1, 3)), (0, 1))),
        (((F(1, 3), F(2, 3)),), ((0, 1), (F(2, 3), F(1, 3)))),
    ]
    assert found.coverage is gt.Coverage.ALL
    assert [e.index for e in found] == [1, -1, 1]


def test_a_bluff_by_hand():
    """The crisis of the module: the weak bluff so often that the rival is indifferent.

    With chance b of a bluff the rival gets -2/3 + 4b/3 more by resisting: b = 1/2. The weak get
    1 - 2r from a threat that is resisted with chance r: r = 1/2.
    """
    from gametheory.bayesian import __doc__ as told

    assert "yield" in told
    table = np.zeros((2, 1, 2, 2, 2), dtype=object)
    table[:, 0, 0, 0] = 1, 0
    table[0, 0, 0, 1] = F(1, 2), -2
    table[1, 0, 0, 1] = -1, 2
    table[:, 0, 1] = 0, 1
    found = gt.solve(gt.BayesianGame(table, [[F(1, 3)], [F(2, 3)]]))
    assert members(found) == [(((1, 0), (F(1, 2), F(1, 2))), ((F(1, 2), F(1, 2)),))]


def test_types_who_do_not_care_make_a_continuum_of_the_right_shape():
    """Nobody's payoff depends on anything: all behaviour, one Nash subset with all pure corners."""
    game = gt.BayesianGame(np.zeros((2, 1, 2, 3, 2), int), [[F(1, 4)], [F(3, 4)]])
    found = gt.solve(game)
    assert found.coverage is gt.Coverage.EXTREME
    assert len(found) == 4 * 3
    assert [len(s) for part in found.components for s in part.nash_subsets] == [12]
    assert found.notes == ("The game is degenerate; components that are continua: 1 of 1.",)


def test_degenerate_but_isolated_equilibria_are_all_there():
    """At (T, L) both are indifferent, but whatever one changes, the other moves away."""
    A, B = [[1, 0], [1, 1]], [[0, 0], [0, 1]]
    found = gt.solve(gt.BayesianGame(np.moveaxis([[[A]], [[B]]], 0, -1), [[1]]))
    assert members(found) == [(((1, 0),), ((1, 0),)), (((0, 1),), ((0, 1),))]
    assert found.coverage is gt.Coverage.ALL
    assert found.degenerate
    assert [e.index for e in found] == [None, 1]


@pytest.mark.parametrize("T", [(1, 1, 2), (2, 1, 1), (1, 2, 1)])
def test_three_players_are_solved_as_agents(T):
    rng = np.random.default_rng(sum(k * 10**i for i, k in enumerate(T)))
    weights = rng.integers(1, 5, T).astype(object)
    game = gt.BayesianGame(
        rng.integers(-99, 100, (*T, 2, 2, 2, 3)), weights * F(1, int(weights.sum()))
    )
    found = gt.solve(game)
    agents = gt.solve(game.agent_form())
    assert found.coverage is agents.coverage is gt.Coverage.ALL
    assert len(found) == len(agents) >= 1
    assert [e.index for e in found] == [e.index for e in agents]
    for e in found:
        assert [x.shape for x in e.mixtures] == [(k, 2) for k in T]
        assert max(map(float, regrets(game, e.mixtures))) < 1e-9
        assert e.certificate.holds()
        assert any(e.mixtures in box for part in found.components for box in part.boxes)
        assert "Box((" in repr(found.components[0].boxes[0])
    assert found.notes[-1].startswith("Found in the agent form, by ")


def test_a_stretch_across_types_of_one_of_three_players_is_enclosed():
    """Two types of player 2 are indifferent while the others are pure, and these care for the sum.

    The equilibria are the (p, q) with p + q <= 1: no product of mixtures of the types.
    """
    table = np.zeros((1, 2, 1, 2, 2, 2, 3), dtype=object)
    table[..., 0, :, :, 0] = 1  # player 1 gets 1 from his first action, from the second
    table[..., 1, 0, :, 0] = 2  # twice the chance that player 2 plays his first
    found = gt.solve(gt.BayesianGame(table, np.full((1, 2, 1), F(1, 2))))
    assert found.coverage is gt.Coverage.ENCLOSED
    for p in np.linspace(0, 1, 8):
        mixtures = [
            np.array([[1.0, 0.0]]),
            np.array([[p / 2, 1 - p / 2], [1 - p, p]]),
            np.array([[0.25, 0.75]]),
        ]
        inside = any(
            all(
                ((a - 1e-9 <= x) & (x <= b + 1e-9)).all()
                for a, x, b in zip(b.low, mixtures, b.high)
            )
            for part in found.components
            for b in part.boxes
        )
        assert inside


def test_one_player_chooses_for_each_type():
    game = gt.BayesianGame([[[1], [0]], [[0], [0]], [[0], [3]]], [F(1, 3)] * 3)
    found = gt.solve(game)
    assert members(found) == [(((1, 0), (1, 0), (0, 1)),), (((1, 0), (0, 1), (0, 1)),)]
    assert found.coverage is gt.Coverage.EXTREME
    assert {e.payoffs for e in found} == {(F(4, 3),)}


@pytest.mark.parametrize("seed", range(3))
def test_gambit_finds_the_same_in_the_tree(seed):
    """It enumerates mixtures over plans: several of them may be one behaviour."""
    gbt = pytest.importorskip("pygambit")
    rng = np.random.default_rng([seed, 5])
    weights = rng.integers(1, 9, (2, 2)).astype(object)
    game = gt.BayesianGame(
        rng.integers(-99, 100, (2, 2, 2, 2, 2)), weights * F(1, int(weights.sum()))
    )
    found = gt.solve(game)
    assert not found.degenerate
    tree = game.to_tree()
    there = gbt.read_efg(io.StringIO(gt.write(tree, "efg")))
    plans = [
        from_gambit(tree, e.as_behavior()).plan
        for e in gbt.nash.enummixed_solve(there, rational=True).equilibria
    ]
    told = {tuple(tuple(map(tuple, sets.values())) for sets in plan.values()) for plan in plans}
    assert told == set(members(found))


def test_a_budget_that_ends_is_told(monkeypatch):
    rng = np.random.default_rng(0)
    game = gt.BayesianGame(rng.integers(-9, 10, (2, 2, 2, 2, 2)), [[F(1, 4)] * 2] * 2)
    monkeypatch.setattr(bayes, "VERTICES", 3)
    found = gt.solve(game)
    assert found.coverage is gt.Coverage.UNKNOWN
    assert "budget" in found.notes[0]


def test_other_games_are_refused():
    with pytest.raises(ValueError, match="needs a BayesianGame, got Game"):
        gt.solve(gt.Game([[1]] and np.zeros((1, 1, 2))), method="bayes")
    game = gt.BayesianGame(np.zeros((1, 1, 1, 1, 2)), [[1.0]])
    with pytest.raises(ValueError, match="extreme: needs a Game"):
        gt.solve(game, method="extreme")
