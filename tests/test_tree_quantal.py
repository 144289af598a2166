"""Agent logit equilibria: the recursion of perfect information, simultaneous moves, laws."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory.behaviour import Behaviour, certify_behaviour
from gametheory.testing import games, random_crisis, random_signalling, random_tree, trees
from gametheory.tree import Chance, Move, Tree, chance, move
from gametheory.tree_quantal import agent_logit, agent_logit_certificate
from tests._trees import as_tree, rebuilt

few = settings(max_examples=25, deadline=None)


def signorino(war: float, capitulation: float = -1) -> Tree:
    """1 attacks or not; 2 then fights or capitulates. MODELS-polarity.md 1.4.5."""
    return Tree.of(
        ["1", "2"],
        lambda h: {
            (): move("1", "attack", "status quo"),
            ("status quo",): (0, 0),
            ("attack",): move("2", "war", "capitulate"),
            ("attack", "war"): (-1, war),
            ("attack", "capitulate"): (1, capitulation),
        }[h],
    )


def test_the_crisis_of_signorino():
    """[V] in MODELS-polarity.md 1.4.5, to the digits printed there."""
    (at_one,) = agent_logit(signorino(Fraction(-1, 2))).at(1)
    attack, war = (x[0] for x in at_one.mixtures)
    assert abs(attack - 0.4390746) < 6e-8
    assert abs(war - 0.6224593) < 6e-8
    told = {" ".join(h): p for h, p in at_one.profile.outcome.items()}
    for end, p in {
        "status quo": 0.5609254,
        "attack capitulate": 0.1657685,
        "attack war": 0.2733061,
    }.items():
        assert abs(told[end] - p) < 6e-8


def test_war_is_likeliest_for_a_middling_defender():
    """[V], the same place: the chance of war by the defender's payoff from it."""
    printed = {
        -3: 0.081261,
        -2: 0.165000,
        -1: 0.250000,
        0: 0.282542,
        1: 0.280358,
        2: 0.274335,
        3: 0.271107,
    }
    for war, p in printed.items():
        (found,) = agent_logit(signorino(war)).at(1)
        assert abs(found.profile.outcome["attack", "war"] - p) < 6e-7


def recursion(tree: Tree, lam: float) -> list[list[float]]:
    """The logit responses from the ends up, for perfect information."""
    values: dict[int, list[float]] = {}
    found: dict[int, list[float]] = {}
    for k in range(len(tree.nodes) - 1, -1, -1):
        node = tree.nodes[k]
        if not node.children:
            values[k] = [float(u) for u in node.payoffs]
            continue
        steps = [float(p) for p in node.chances]
        if node.set is not None:
            mover = tree.sets[node.set].player
            weights = [math.exp(lam * values[c][mover]) for c in node.children]
            steps = found[node.set] = [w / sum(weights) for w in weights]
        values[k] = [
            sum(p * values[c][i] for p, c in zip(steps, node.children))
            for i in range(len(tree.players))
        ]
    return [found[h] for h in range(len(tree.sets))]


@few
@given(trees(players=3, moves=(1, 9), perfect=True))
def test_with_perfect_information_it_is_the_recursion(tree):
    branch = agent_logit(tree)
    assert branch.events == ()
    for lam in (0, 0.3, 1, 4.0):
        (found,) = branch.at(lam)
        for x, y in zip(found.mixtures, recursion(tree, lam), strict=True):
            assert np.abs(x - y).max() < 1e-12


@few
@given(games(players=2, actions=(2, 3), values=st.integers(-9, 9)))
def test_simultaneous_moves_have_the_branch_of_the_game(game):
    """Before events: where paths cross the two may differ in how they go on."""
    branch, known = agent_logit(as_tree(game)), gt.logit_branch(game)
    first = min([e.lam for e in known.events], default=math.inf)
    for lam in (0.01, 0.1, 0.5, 2.0):
        if lam < first:
            ours, theirs = branch.at(lam), known.at(lam)
            for x, y in zip(ours[0].mixtures, theirs[0].mixtures, strict=True):
                assert np.abs(x - y).max() < 1e-11


NARROW = [
    [[[9, 7, 4], [-4, 8, -6]], [[-5, 5, 3], [1, 8, 1]]],
    [[[-8, 2, -7], [6, -4, 5]], [[8, -4, 8], [-3, -2, 9]]],
]
SLOW = [
    [[[0, 0, 3], [9, -7, -4]], [[-9, 0, 2], [4, -1, -5]]],
    [[[7, 0, 5], [-4, -1, 6]], [[-5, -4, 8], [4, 6, -2]]],
]
TURNS = [[[-5, 6], [4, 4], [1, -5]], [[9, 1], [-8, -9], [-5, 7]], [[-3, -5], [-9, -4], [2, 7]]]


def test_a_branch_that_turns():
    game = gt.Game(TURNS)
    branch, known = agent_logit(as_tree(game)), gt.logit_branch(game)
    assert len(known.turning) == 2
    assert np.allclose(branch.turning, known.turning, rtol=1e-8)
    middle = sum(branch.turning) / 2
    ours, theirs = branch.at(middle), known.at(middle)
    assert len(ours) == len(theirs) == 3
    for e, f in zip(ours, theirs):
        for x, y in zip(e.mixtures, f.mixtures):
            assert np.abs(x - y).max() < 1e-9


def test_a_branch_that_turns_twice_within_a_step():
    """What looks from afar like a crossing is a leap to the other side of a bend."""
    game = gt.Game(NARROW)
    branch, known = agent_logit(as_tree(game)), gt.logit_branch(game)
    assert [e.kind for e in branch.events] == ["turning", "turning"]
    assert np.allclose(branch.turning, known.turning, rtol=1e-7)


def test_the_branch_is_followed_in_steps_that_bend_little():
    """Along a bend, too: the angle between two chords is that of the tangents, about."""
    branch = agent_logit(as_tree(gt.Game(TURNS)))
    path = np.column_stack([branch.logarithms, branch.lams * 18])  # in units of the range
    chords = np.diff(path, axis=0)
    chords /= np.linalg.norm(chords, axis=1, keepdims=True)
    assert (chords[1:] * chords[:-1]).sum(axis=1).min() > 0.9


def test_a_limit_in_a_continuum_and_one_that_is_reached_slowly():
    """Solved for on the ties, not read off the end of the branch. Derived: with p the chance of the
    first column, log((1 - p) / p) = lam b and log(b / (1 - b)) = lam (3 p - 1) for the chance b of
    the second row: b is log 2 / lam in the limit, and p is off 1/3 by the order of log lam / lam.
    """
    edge = gt.Game.from_payoffs([[1, 1], [3, 0]], [[0, 0], [0, 1]])
    limit = agent_logit(as_tree(edge)).limit
    for x, y in zip(limit.mixtures, ([1, 0], [1 / 3, 2 / 3])):
        assert np.abs(x - y).max() < 1e-12
    slow = agent_logit(as_tree(gt.Game(SLOW))).limit
    assert slow.certificate.holds()
    assert all((x > 1e-3).all() for x in slow.mixtures)


@pytest.mark.parametrize("seed", [742, 911])
def test_a_limit_whose_beliefs_are_not_among_the_ties(seed):
    """The sender's types fade at rates of their own: the limit is extrapolated."""
    limit = agent_logit(random_signalling(seed, 2, 3, 2)).limit
    assert certify_behaviour(limit.profile).holds()


def test_a_branch_that_is_cut_short_has_no_limit(monkeypatch):
    monkeypatch.setattr("gametheory.tree_quantal.STEPS", 5)
    branch = agent_logit(signorino(0))
    assert branch.limit is None
    assert len(branch.lams) == 5
    assert "its budget of steps ended" in branch.notes[0]
    found = gt.solve(signorino(0), method="logit")
    assert (len(found), found.coverage) == (0, gt.Coverage.UNKNOWN)


def test_a_symmetric_game_keeps_its_symmetric_branch_beyond_the_place_where_others_leave():
    chicken = gt.Game.from_payoffs([[3, 2], [4, 0]], [[3, 4], [2, 0]])
    branch, known = agent_logit(as_tree(chicken)), gt.logit_branch(chicken)
    assert [e.kind for e in branch.events] == ["crossing"]
    assert np.isclose(branch.events[0].lam, known.events[0].lam, rtol=1e-9)
    (far,) = branch.at(20 * branch.events[0].lam)
    assert np.abs(far.mixtures[0] - far.mixtures[1]).max() < 1e-9
    assert np.abs(branch.limit.mixtures[0].astype(float) - [2 / 3, 1 / 3]).max() < 1e-9


def response(profile: Behaviour, lam: float) -> list[Any]:
    """The logit response to a profile, at each information set."""
    found = []
    for h in range(len(profile.tree.sets)):
        weights = np.exp(lam * profile.action_payoffs(h).astype(float))
        found.append(weights / weights.sum())
    return found


@pytest.mark.parametrize("seed", range(12))
def test_for_little_precision_it_is_what_responses_lead_to(seed):
    """There the response is a contraction: its iteration from even chances finds the solution."""
    for tree in (
        random_signalling(seed),
        random_crisis(seed, (2, 2)),
        random_tree(seed, players=3),
    ):
        profile = Behaviour(tree, [np.full(len(s.actions), 1 / len(s.actions)) for s in tree.sets])
        for _ in range(200):
            profile = Behaviour(tree, response(profile, 0.15))
        (found,) = agent_logit(tree).at(0.15)
        for x, y in zip(found.mixtures, profile.mixtures, strict=True):
            assert np.abs(x - y).max() < 1e-10


@pytest.mark.parametrize("seed", range(20))
def test_points_are_responses_to_themselves_and_the_limit_is_nash(seed):
    for tree in (random_signalling(seed, 2, 3, 2), random_crisis(seed), random_tree(seed)):
        branch = agent_logit(tree)
        assert branch.limit is not None
        assert branch.limit.certificate.concept == "nash"
        assert branch.limit.certificate.holds()
        for lam in (0.5, 2, 7.0):
            for e in branch.at(lam):
                gaps = [np.abs(x - y).max() for x, y in zip(response(e.profile, lam), e.mixtures)]
                assert max(gaps, default=0) < 1e-10
                assert math.isclose(e.certificate.regret, max(gaps, default=0), abs_tol=1e-15)
                assert e.certificate.concept == f"logit({lam:.6g})"


def test_the_certificate_names_what_is_off():
    tree = signorino(0)
    off = agent_logit_certificate(Behaviour(tree, [[0.5, 0.5], [0.25, 0.75]]), 1)
    right = 1 / (1 + math.exp(-1))
    assert math.isclose(off.regrets[1], right - 0.25)
    assert off.deviations[1] in ({"attack": "war"}, {"attack": "capitulate"})
    first = 1 / (1 + math.exp(-0.5))  # attack is worth 3/4 - 1/4
    assert math.isclose(off.regrets[0], first - 0.5)
    assert not off.holds()


@few
@given(trees(), st.sampled_from([1e-6, 0.5, 1e6]), st.sampled_from([0, -3, 1000]))
def test_the_unit_of_payoffs_is_that_of_precision_and_their_zero_is_nothing(tree, unit, zero):
    assume(tree.scale > 0)
    scaled = rebuilt(
        tree,
        lambda step: (
            step if isinstance(step, (Move, Chance)) else [(u + zero) * unit for u in step]
        ),
    )
    before, after = agent_logit(tree), agent_logit(scaled)
    assert [e.kind for e in before.events] == [e.kind for e in after.events]
    for lam in (0.4, 1.7):
        for e, f in zip(before.at(lam), after.at(lam / unit), strict=True):
            for x, y in zip(e.mixtures, f.mixtures):
                assert np.abs(x - y).max() < 1e-9


@few
@given(trees(players=3))
def test_the_order_of_actions_and_of_the_moves_of_chance_is_nothing(tree):
    def change(step):
        if isinstance(step, Move):
            return Move(step.player, step.actions[::-1], step.at)
        if isinstance(step, Chance):
            return Chance(dict(list(step.chances.items())[::-1]))
        return step

    for lam in (0.4, 1.1):
        e, f = (agent_logit(t).at(lam)[0].profile.plan for t in (tree, rebuilt(tree, change)))
        for player, sides in e.items():
            for label, x in sides.items():
                assert np.abs(x - f[player][label][::-1]).max() < 1e-11


def test_the_limit_is_sequential_where_nash_equilibria_are_not():
    """Entry: to stay out before a threat to fight is an equilibrium, but no limit."""
    entry = Tree.of(
        ["Entrant", "Incumbent"],
        lambda h: {
            (): move("Entrant", "out", "enter"),
            ("out",): (0, 2),
            ("enter",): move("Incumbent", "fight", "yield"),
            ("enter", "fight"): (-1, -1),
            ("enter", "yield"): (1, 1),
        }[h],
    )
    assert gt.solve(entry, method="logit")[0].profile.outcome == {("enter", "yield"): 1}
    found = gt.solve(entry, method="logit")
    assert found.coverage is gt.Coverage.SAMPLE
    assert found.method == "logit"


def test_a_branch_is_told_in_a_frame_and_a_line():
    branch = agent_logit(signorino(0))
    frame = branch.to_frame()
    assert frame["1", "start", "attack"][0] == 0.5
    assert frame["", "", "lam"].tolist() == branch.lams.tolist()
    assert np.allclose(branch.mixtures[0].sum(axis=1), 1)
    assert repr(branch).startswith("AgentLogitBranch(to lam ")
    assert not branch.mixtures[0].flags.writeable


def test_refuses():
    branch = agent_logit(signorino(0))
    with pytest.raises(ValueError, match=r"lam: -1 is not on the branch; use 0 to"):
        branch.at(-1)
    with pytest.raises(ValueError, match="is not on the branch"):
        branch.at(1e9)
    with pytest.raises(ValueError, match="agent_logit: needs a Tree, got Game"):
        agent_logit(gt.Game.from_payoffs([[1]], [[1]]))
    with pytest.raises(ValueError, match="the limit is found in floats"):
        gt.solve(signorino(0), method="logit", exact=True)
    with pytest.raises(ValueError, match=r"2 at 'attack': is not reached.*; use a smaller lam"):
        agent_logit(signorino(9)).at(20_000)
    shut = Tree.of(
        ["A"],
        lambda h: (
            chance(never=0, always=1)
            if not h
            else move("A", "x", "y", at="shut")
            if h == ("never",)
            else [0]
        ),
    )
    with pytest.raises(ValueError, match="A at 'shut': chance never lets it be reached"):
        agent_logit(shut)


def test_a_tree_without_moves_is_its_own_limit():
    tree = Tree.of("AB", lambda h: (1, 2))
    assert agent_logit(tree).limit.payoffs == (1, 2)
