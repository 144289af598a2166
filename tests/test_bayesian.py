"""Bayesian games and profiles: their other forms, payoffs, certificates, and what is refused."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory.behaviour import certify_behaviour
from gametheory.testing import bayesian_games

quick = settings(max_examples=40, deadline=None)
F = Fraction

# Lopsided: three players of 2, 1, 3 types and 2, 3, 1 actions, correlated types.
RNG = np.random.default_rng(7)
WEIGHTS = np.array([[[1, 2, 0]], [[3, 0, 4]]], object)
THREE = gt.BayesianGame(
    RNG.integers(-9, 10, (2, 1, 3, 2, 3, 1, 3)),
    WEIGHTS * F(1, 10),
    players="ABC",
    types=[("a1", "a2"), ("b",), ("c1", "c2", "c3")],
    actions=[("x", "y"), ("l", "m", "r"), ("z",)],
)


@st.composite
def played(draw, players=2):
    """A Bayesian game and a profile of it, in rational numbers."""
    game = draw(bayesian_games(players=players, types=(1, 2), actions=(1, 3)))
    mixtures = []
    for T, m in zip(game.prior.shape, game.shape):
        rows = draw(
            st.lists(
                st.lists(st.integers(0, 3), min_size=m, max_size=m).filter(any),
                min_size=T,
                max_size=T,
            )
        )
        mixtures.append([[F(w, sum(row)) for w in row] for row in rows])
    return gt.BayesianProfile(game, mixtures)


def expected(profile, i, own=None):
    """What player ``i`` gets in type and action profiles, those of type ``own`` if given."""
    game, total = profile.game, 0
    for t in np.ndindex(game.prior.shape):
        if own not in (None, t[i]):
            continue
        for a in np.ndindex(game.shape):
            chance = game.prior[t]
            for x, t_j, a_j in zip(profile.mixtures, t, a):
                chance = chance * x[t_j, a_j]
            total += chance * game.payoffs[(*t, *a, i)]
    return total


@quick
@given(played() | played(players=3))
def test_payoffs_are_sums_over_types_and_actions(profile):
    game = profile.game
    for i in range(len(game.players)):
        assert profile.payoffs[i] == expected(profile, i)
        for own in range(len(game.types[i])):
            assert profile.interim[i][own] == expected(profile, i, own) / game.marginals[i][own]


@quick
@given(played() | played(players=3))
def test_certificates_hold_the_gain_of_the_best_other_strategy_of_each_type(profile):
    game = profile.game
    certificate = gt.certify(profile)
    assert certificate.concept == "bayes-nash"
    assert certificate.exact
    slots = [(i, t) for i, names in enumerate(game.types) for t in range(len(names))]
    assert len(certificate.regrets) == len(slots) == len(game.agents())
    for (i, t), regret, best in zip(slots, certificate.regrets, certificate.deviations):
        values = []
        for a in range(game.shape[i]):
            mixtures = [x.copy() for x in profile.mixtures]
            mixtures[i][t] = [F(int(k == a)) for k in range(game.shape[i])]
            values.append(gt.BayesianProfile(game, mixtures).interim[i][t])
        assert regret == max(values) - profile.interim[i][t]
        assert values[best] == max(values)


@quick
@given(played() | played(players=3))
def test_the_agent_form_pays_each_type_what_it_expects(profile):
    agents = profile.game.agent_form()
    rows = [row for x in profile.mixtures for row in x]
    there = gt.Profile(agents, rows)
    assert agents.players == profile.game.agents()
    assert there.payoffs == tuple(itertools.chain(*profile.interim))
    assert gt.certify(there).regrets == gt.certify(profile).regrets


@quick
@given(played())
def test_the_induced_form_pays_each_player_what_he_expects_before_he_knows_his_type(profile):
    game, induced = profile.game, profile.game.induced()
    mixtures = []
    for i, x in enumerate(profile.mixtures):
        plans = itertools.product(range(game.shape[i]), repeat=len(x))
        mixtures.append([np.prod([x[t, a] for t, a in enumerate(plan)]) for plan in plans])
    assert gt.Profile(induced, mixtures).payoffs == profile.payoffs


@quick
@given(bayesian_games(players=2, types=(1, 2)))
def test_ranges_are_those_of_the_agent_form(game):
    """With two players no type of one is met together with another: the bound is attained."""
    spans, agents = np.concatenate(game.spans), game.agent_form()
    assert np.allclose(spans, agents.ranges, rtol=1e-12)
    sure = [x - y for i in (0, 1) for x, y in zip(*_interim_and_gains(game, i))]
    assert (np.array(sure) <= agents.floors).all()
    assert game.scale == agents.scale


def _interim_and_gains(game, i):
    first = gt.BayesianProfile.pure(game, [[0] * T for T in game.prior.shape])
    return first.action_payoffs(i)[:, 0], first.gains(i)[:, 0]


def test_ranges_bound_those_of_the_agent_form():
    assert (np.concatenate(THREE.spans) >= THREE.agent_form().ranges).all()
    assert (THREE.ranges >= THREE.induced().ranges).all()
    assert (THREE.floors <= THREE.induced().floors).all()


def test_labels_are_in_their_places():
    assert THREE.shape == (2, 3, 1)
    agents = THREE.agent_form()
    assert agents.players == ("A: a1", "A: a2", "B: b", "C: c1", "C: c2", "C: c3")
    assert agents.actions[:3] == (("x", "y"), ("x", "y"), ("l", "m", "r"))
    induced = THREE.induced()
    assert induced.players == ("A", "B", "C")
    assert induced.actions[0] == ("x, x", "x, y", "y, x", "y, y")
    assert induced.actions[2] == ("z, z, z",)
    # A: a1 plays y, a2 plays x; B plays r: by hand
    at = (2, 2, 0)
    by_hand = sum(
        THREE.prior[t] * THREE.payoffs[(*t, 1 - t[0], 2, 0, 0)] for t in np.ndindex(2, 1, 3)
    )
    assert induced.payoffs[at][0] == by_hand
    u = agents.payoffs[1, 0, 2, 0, 0, 0]
    assert u[0] == (THREE.payoffs[0, 0, 0, 1, 2, 0, 0] + 2 * THREE.payoffs[0, 0, 1, 1, 2, 0, 0]) / 3


def test_a_rule_gives_the_game_it_says():
    game = gt.BayesianGame.of(
        {"A": [1, 2], "B": ["s", "w"]},
        {"A": ["in", "out"], "B": [0, 1, 2]},
        {"A": {2: F(1, 4), 1: F(3, 4)}, "B": [F(1, 3), F(2, 3)]},
        lambda t, a: (t[0] * a[1], (t[1] == "s") - (a[0] == "in")),
    )
    assert game.exact
    assert game.prior.tolist() == [[F(1, 4), F(1, 2)], [F(1, 12), F(1, 6)]]
    assert game.types == (("1", "2"), ("s", "w"))
    assert game.payoffs[1, 0, 0, 2].tolist() == [4, 0]
    assert game.payoffs[0, 1, 1, 1].tolist() == [1, 0]


def test_priors_are_given_as_array_by_type_profile_or_by_player():
    def made(prior):
        return gt.BayesianGame.of(
            {"A": "st", "B": "u"}, {"A": "x", "B": "y"}, prior, lambda t, a: (0, 0)
        )

    third = [[F(1, 3)], [F(2, 3)]]
    by_profile = {("s", "u"): F(1, 3), ("t", "u"): F(2, 3)}
    assert made(third) == made(by_profile) == made({"A": [F(1, 3), F(2, 3)], "B": {"u": 1}})
    assert hash(made(third)) == hash(made(by_profile))
    assert made(third) != made([[F(1, 2)], [F(1, 2)]])


def test_the_rule_is_not_asked_about_types_that_never_meet():
    def rule(t, a):
        assert t != ("s", "v")
        return 0, 0

    prior = {("s", "u"): F(1, 2), ("t", "v"): F(1, 2)}
    game = gt.BayesianGame.of({"A": "st", "B": "uv"}, {"A": "x", "B": "y"}, prior, rule)
    assert game.prior[0, 1] == 0


def test_one_float_makes_floats_and_rationals_stay_exact():
    table = np.zeros((1, 2, 1, 1, 2), int)
    assert gt.BayesianGame(table, [[F(1, 3), F(2, 3)]]).exact
    for payoffs, prior in ((table, [[0.25, 0.75]]), (table.astype(float), [[F(1, 4), F(3, 4)]])):
        game = gt.BayesianGame(payoffs, prior)
        assert not game.exact
        assert game.prior.dtype == game.payoffs.dtype == np.float64


def test_large_constants_cost_no_precision():
    """What types are paid whatever happens, 10^12 here and 0 there, leaves regrets as they are."""
    table = np.zeros((2, 2, 2, 2, 2))
    table[0, 0] += 1e12
    table[0, 1] += 3e12
    table[:, :, 0, 0, 0] += 2.0**-10
    game = gt.BayesianGame(table, [[0.1, 0.2], [0.3, 0.4]])
    certificate = gt.certify(gt.BayesianProfile.pure(game, [[1, 1], [0, 0]]))
    for t in (0, 1):
        assert certificate.regrets[t] == pytest.approx(2.0**-10, rel=1e-12)
        assert certificate.ranges[t] == pytest.approx(2.0**-10, rel=1e-12)
    assert not certificate.holds()


def test_the_regret_of_a_type_counts_in_its_own_payoffs():
    """A type whose payoffs are small is no less an optimizer than one whose payoffs are large."""
    table = np.zeros((2, 1, 2, 1, 2))
    table[0, 0, 0, 0, 0], table[1, 0, 0, 0, 0] = 1.0, 1e-12
    game = gt.BayesianGame(table, [[0.5], [0.5]])
    assert gt.certify(gt.BayesianProfile.pure(game, [[0, 0], [0]])).holds()
    assert not gt.certify(gt.BayesianProfile.pure(game, [[0, 1], [0]])).holds()
    assert len(gt.solve(game)) == 1


def test_profiles_say_what_each_type_does():
    game = gt.BayesianGame(np.zeros((2, 1, 2, 3, 2), int), [[F(1, 2)], [F(1, 2)]], "AB")
    profile = gt.BayesianProfile(game, [[[1, 0], [F(1, 2), F(1, 2)]], [[0, 0, 1]]])
    assert repr(profile) == "BayesianProfile(A: 1 (1, 0), 2 (1/2, 1/2); B: (0, 0, 1))"
    assert profile.exact
    assert profile.support == (((0,), (0, 1)), ((2,),))
    assert profile.plan["A"]["2"].tolist() == [F(1, 2), F(1, 2)]
    assert profile == gt.BayesianProfile(game, [[[1, 0], [F(1, 2), F(1, 2)]], [[0, 0, 1]]])
    assert len({profile, gt.BayesianProfile.pure(game, [[0, 1], [2]])}) == 2
    assert gt.BayesianProfile.pure(game, [[0, 1], [2]]).mixtures[0].tolist() == [[1, 0], [0, 1]]


def test_a_frame_has_a_column_for_each_type_and_action():
    game = gt.BayesianGame(
        np.arange(8).reshape(2, 1, 2, 1, 2), [[F(1, 4)], [F(3, 4)]], "AB", [("s", "w"), ("b",)]
    )
    found = gt.solve(game)
    frame = found.to_frame()
    assert len(frame) == len(found) == 1
    row = frame.iloc[0]
    assert row["A: w", "2"] == 1
    assert row["A: s", "payoff"] == 2
    assert row["A", "payoff"] == F(1, 4) * 2 + F(3, 4) * 6
    assert row["B: b", "payoff"] == row["B", "payoff"] == F(1, 4) * 3 + F(3, 4) * 7
    assert row["", "regret"] == 0
    assert "A: s" in found._repr_html_()
    assert repr(found).splitlines()[1] == "  0: A: s (0, 1), w (0, 1); B: (1)"
    assert repr(found[0]) == "Equilibrium(A: s (0, 1), w (0, 1); B: (1))"
    assert "<code>BayesianGame(A (s, w): 1, 2;" in game._repr_html_()


ZERO = np.zeros((2, 1, 2, 2, 2), int)
HALF = [[F(1, 2)], [F(1, 2)]]


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: gt.BayesianGame(ZERO[0], HALF), "an axis a player for types"),
        (lambda: gt.BayesianGame(ZERO[..., :1], HALF), "an axis a player for types"),
        (lambda: gt.BayesianGame(ZERO, [[F(1, 2), F(1, 2)]]), "chance of each type profile"),
        (lambda: gt.BayesianGame(ZERO, [[1], [0]]), "type 2 of Player 1 has chance 0; leave it"),
        (lambda: gt.BayesianGame(ZERO, [[F(1, 2)], [F(1, 3)]]), "add up to 5/6"),
        (lambda: gt.BayesianGame(ZERO, [[0.5], [0.4]]), "add up to 0.9"),
        (lambda: gt.BayesianGame(ZERO, [[F(1, 2)], [F(1, 2) + F(1, 10**12)]]), "add up to"),
        (lambda: gt.BayesianGame(ZERO, [[2], [-1]]), "chances from -1"),
        (lambda: gt.BayesianGame(ZERO, HALF, "A"), "players: 1 labels"),
        (lambda: gt.BayesianGame(ZERO, HALF, "AB", ["s"]), "types: 1 lists of labels for 2"),
        (lambda: gt.BayesianGame(ZERO, HALF, "AB", ["st", "uv"]), "types of B: 2 labels"),
        (lambda: gt.BayesianGame(ZERO, HALF, "AB", ["ss", "u"]), "types of A: labels .* repeat"),
        (lambda: gt.BayesianGame(ZERO, HALF, actions=["xy", "x"]), "actions of Player 2: 1 labels"),
        (lambda: gt.BayesianGame(ZERO + np.inf, HALF), "not finite"),
        (
            lambda: gt.BayesianGame(
                ZERO.astype(object) + np.array([[0], [1]], object) * 10**400, HALF
            ),
            "beyond 1.8",
        ),
        (
            lambda: gt.BayesianGame(np.array([[[[[1e308] * 2, [-1e308] * 2]]]]), [[1.0]]),
            "beyond 1.8",
        ),
        (lambda: gt.BayesianGame.of({"A": "s"}, {"B": "x"}, [1], None), "have types"),
        (lambda: gt.BayesianGame.of({"A": "s"}, {"A": ""}, [1], None), "without actions"),
        (lambda: gt.BayesianGame.of({"A": ""}, {"A": "x"}, [1], None), "without types"),
        (lambda: gt.BayesianGame.of({"A": "s"}, {"A": "x"}, {"t": 1}, None), "is no type profile"),
        (
            lambda: gt.BayesianGame.of({"A": "s"}, {"A": "x"}, {"A": {"t": 1}}, None),
            "no types of A",
        ),
        (lambda: gt.BayesianGame.of({"A": "s"}, {"A": "x"}, {"A": [2]}, None), "prior of A"),
        (lambda: gt.BayesianGame.of({"A": "s"}, {"A": "x"}, [[1]], None), "for 1 players"),
        (lambda: gt.BayesianGame.of({"A": "s"}, {"A": "x"}, [1], lambda t, a: (1, 2)), "2 payoffs"),
        (lambda: gt.BayesianProfile(THREE, [[[1, 0]] * 2]), "1 strategies for 3 players"),
        (
            lambda: gt.BayesianProfile(THREE, [[[1, 0]], [[1, 0, 0]], [[1]] * 3]),
            "A: 1 mixtures for 2 types",
        ),
        (
            lambda: gt.BayesianProfile(THREE, [[[1, 0], [1, 1]], [[1, 0, 0]], [[1]] * 3]),
            "A: a2: .* not a probability vector",
        ),
        (
            lambda: gt.BayesianGame(np.zeros((25, 1, 2, 1, 2), int), [[F(1, 25)]] * 25).induced(),
            "induced form",
        ),
        (
            lambda: gt.BayesianGame(
                np.zeros((25, 1, 2, 1, 2), int), [[F(1, 25)]] * 25
            ).agent_form(),
            "agent form",
        ),
    ],
)
def test_what_is_no_bayesian_game_or_profile_is_refused_in_one_line(build, told):
    with pytest.raises(ValueError, match=told) as error:
        build()
    assert "\n" not in str(error.value)


@quick
@given(played() | played(players=3))
def test_the_tree_pays_the_same_and_has_the_same_equilibria(profile):
    tree = profile.game.to_tree()
    assert tree.players == profile.game.players
    plan = profile.plan
    there = gt.Behaviour(tree, [plan[tree.players[s.player]][s.label] for s in tree.sets])
    assert there.payoffs == profile.payoffs
    slots = [(i, t) for i, T in enumerate(profile.game.prior.shape) for t in range(T)]
    weighted = [0] * len(profile.game.players)
    for (i, t), regret in zip(slots, gt.certify(profile).regrets):
        weighted[i] += profile.game.marginals[i][t] * regret
    assert certify_behaviour(there).regrets == tuple(weighted)


@quick
@given(bayesian_games(types=(1, 2), actions=(1, 3)))
def test_the_sequence_form_of_the_tree_has_the_same_equilibria(game):
    """Another route to the kernel: its blocks have parents, and its payoffs no unit a type."""
    found, there = gt.solve(game), gt.solve(game.to_tree())

    def rows(plan):
        return frozenset((who, at, tuple(x)) for who, p in plan.items() for at, x in p.items())

    assert {rows(e.profile.plan) for e in there} == {rows(e.profile.plan) for e in found}
    assert len(there) == len(found)
    assert len(there.components) == len(found.components)


def test_equilibria_rank_by_what_they_pay_before_types_are_known():
    """Two states meet on 1 or on 2, and type s of A likes 1 three times as much."""
    table = np.zeros((2, 1, 2, 2, 2), int)
    table[:, 0, 1, 1] = 1
    table[0, 0, 0, 0], table[1, 0, 0, 0] = [3, 1], [1, 1]
    found = gt.solve(gt.BayesianGame(table, [[F(1, 3)], [F(2, 3)]]))
    ranked = gt.pareto(found)
    best = max(found, key=lambda e: e.payoffs[0])
    assert best.payoffs == (F(5, 3), 1)
    assert [found[k] for k in ranked.dominant] == [best]


def test_text_forms_hold_bayesian_games_and_their_equilibria(tmp_path, capsys):
    import json

    from gametheory.cli import main

    for game in (THREE, gt.BayesianGame(ZERO.astype(float), [[0.25], [0.75]], types=["sw", "b"])):
        text = gt.write(game, "json")
        assert gt.read(text) == game
        assert gt.read(text).exact == game.exact
    one = "[[[[1, 2]]], [[[3, 4]]]]"
    bare = f'{{"prior": [["1/2"], [0.5]], "payoffs": [{one}, {one}]}}'
    assert gt.read(bare).payoffs[1, 0, 0, 1].tolist() == [4, 4]
    file = tmp_path / "game.json"
    game = gt.BayesianGame(ZERO + np.arange(2)[:, None, None], HALF, "AB", ["sw", "b"])
    file.write_text(gt.write(game, "json"))
    assert main(["solve", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    first = gt.solve(game)[0]
    assert told["equilibria"][0] == {
        "behavior": {
            "A": {t: [str(p) for p in x] for t, x in first.profile.plan["A"].items()},
            "B": {"b": [str(p) for p in first.mixtures[1][0]]},
        },
        "payoffs": [str(u) for u in first.payoffs],
        "regret": 0,
    }
    assert main(["solve", str(file)]) == 0
    assert "A: s (0, 1), w (0, 1)" in capsys.readouterr().out
    latex = gt.write(gt.solve(game), "latex")
    assert " & A: s & A: w & B: b & A: s & A: w & B: b " in latex
    assert "0 & $(0, 1)$ & $(0, 1)$ & " in latex


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"prior": [1]}', "no 'payoffs'"),
        ('{"prior": [1], "payoffs": [[[1]]], "type": []}', "unknown key 'type'"),
        ('{"prior": [2], "payoffs": [[[1]]]}', "add up to 2"),
        ('{"prior": [1], "payoffs": [[1]]}', "is no list"),
        ('{"prior": [[1]], "payoffs": [[[[[1]]]], [[[[1, 2]]]]]}', "payoffs of player 2: shape"),
        ('{"prior": [1], "payoffs": [[[1]]], "types": [[1]]}', "types of player 1: .* no label"),
    ],
)
def test_text_that_is_no_bayesian_game_is_refused(text, told):
    with pytest.raises(ValueError, match=told):
        gt.read(text)
