"""Assessments: their certificate, against all strategies, all small labels, and known examples."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import pytest

from gametheory._consistency import is_order, labels, ranks, sits, weights
from gametheory.assessment import Assessment, certify_assessment
from gametheory.behaviour import Behaviour
from gametheory.tree import Tree, chance, move
from tests._trees import small_tree

F = Fraction


def hidden(history: tuple[str, ...]) -> Any:
    """Chance tells nobody the weather; A stays out or goes in; B then replies, knowing that."""
    match history:
        case ():
            return chance(sun=F(1, 4), rain=F(3, 4))
        case (_,):
            return move("A", "out", "in", at="A")
        case (_, "out"):
            return 2, 2
        case (_, "in"):
            return move("B", "l", "r", at="B")
        case (weather, "in", reply):
            return 0, int((weather == "sun") == (reply == "l"))


OUT = {"A": {"A": "out"}, "B": {"B": "r"}}


def test_nobody_signals_what_it_does_not_know():
    tree = Tree.of(["A", "B"], hidden)
    plan = Behaviour.pure(tree, OUT)
    prior = [F(1, 4), F(3, 4)]
    for concept in ("sequential", "pbe"):
        assert certify_assessment(Assessment(plan, [prior, prior]), concept).holds()
        even = certify_assessment(Assessment(plan, [prior, [F(1, 2), F(1, 2)]]), concept)
        assert not even.consistent
        assert "weights" in even.because
        sure = certify_assessment(Assessment(plan, [prior, [1, 0]]), concept)
        assert not sure.consistent
        assert "orders" in sure.because


def test_beliefs_on_the_path_are_those_of_bayes():
    tree = Tree.of(["A", "B"], hidden)
    plan = Behaviour(tree, [[F(1, 2), F(1, 2)], [0, 1]])
    for concept in ("sequential", "pbe"):
        wrong = Assessment(plan, [[F(1, 4), F(3, 4)], [F(1, 3), F(2, 3)]])
        assert not certify_assessment(wrong, concept).consistent
        wrong = Assessment(plan, [[F(1, 3), F(2, 3)], [F(1, 4), F(3, 4)]])
        assert not certify_assessment(wrong, concept).consistent


def test_gains_count_all_that_follows():
    """No single change at the first set helps, two do."""
    game = {
        (): move("A", "stop", "go", at=1),
        ("stop",): (1, 0),
        ("go",): move("B", "x", "y", at=2),
        ("go", "x"): move("A", "back", "on", at=3),
        ("go", "y"): (0, 0),
        ("go", "x", "back"): (0, 0),
        ("go", "x", "on"): (5, 0),
    }
    tree = Tree.of(["A", "B"], game.__getitem__)
    plan = Behaviour.pure(tree, {"A": {"1": "stop", "3": "back"}, "B": {"2": "x"}})
    assert Assessment(plan, [[1]] * 3).gains() == (4, 0, 5)


def random_assessment(tree: Tree, rng: random.Random) -> Assessment:
    def vector(m: int) -> list[Fraction]:
        x = [rng.choice([0, 0, 1, 2]) for _ in range(m)]
        x[rng.randrange(m)] += 1
        return [F(v, sum(x)) for v in x]

    profile = Behaviour(tree, [vector(len(s.actions)) for s in tree.sets])
    return Assessment(profile, [vector(len(s.nodes)) for s in tree.sets])


@pytest.mark.parametrize("seed", range(12))
def test_gains_are_those_of_the_best_of_all_pure_ways_to_play_on(seed):
    tree = small_tree(seed, players=2 + seed % 2)
    given = random_assessment(tree, random.Random(seed))
    gains = given.gains()
    for h, s in enumerate(tree.sets):
        own = tree.own[s.player]
        best = None

        def worth(k: int, plan: dict[int, Any], i: int = s.player) -> Fraction:
            node = tree.nodes[k]
            if not node.children:
                return F(node.payoffs[i])
            steps = plan.get(node.set, given.profile.steps[k])
            return sum((p * worth(c, plan) for p, c in zip(steps, node.children)), start=F(0))

        def expected(plan: dict[int, Any], h: int = h) -> Fraction:
            pairs = zip(given.beliefs[h], tree.sets[h].nodes)
            return sum((p * worth(k, plan) for p, k in pairs), start=F(0))

        for choice in itertools.product(*(range(len(tree.sets[g].actions)) for g in own)):
            plan = {
                g: [F(int(a == b)) for b in range(len(tree.sets[g].actions))]
                for g, a in zip(own, choice)
            }
            best = max(expected(plan), best) if best is not None else expected(plan)
        assert gains[h] == best - expected({})


@pytest.mark.parametrize("seed", range(30))
def test_labels_exist_where_small_ones_do_and_put_beliefs_in_place(seed):
    tree = small_tree(seed, depth=3)
    rng = random.Random(seed)
    given = random_assessment(tree, rng)
    played, _ = given.support
    unplayed = [
        (h, a) for h, s in enumerate(tree.sets) for a in range(len(s.actions)) if a not in played[h]
    ]
    supports = set()
    few = itertools.islice(itertools.product((1, 2, 3), repeat=len(unplayed)), 400)
    for choice in few:
        label = dict(zip(unplayed, choice))
        cost = [0] * len(tree.nodes)
        for k, node in enumerate(tree.nodes[1:], 1):
            up = tree.nodes[node.parent]
            cost[k] = cost[node.parent] + label.get((up.set, node.taken), 0)
        supports.add(
            tuple(
                tuple(k for k in s.nodes if cost[k] == min(cost[j] for j in s.nodes))
                for s in tree.sets
            )
        )
    for believed in supports:
        label = labels(tree, played, believed)
        assert label is not None
        assert sits(tree, played, believed, label)
        order = ranks(tree, played, believed)
        assert order is not None
        assert is_order(tree, played, believed, order)
    for _ in range(20):
        believed = tuple(
            tuple(sorted(rng.sample(s.nodes, rng.randint(1, len(s.nodes))))) for s in tree.sets
        )
        label = labels(tree, played, believed)
        if label is not None:
            assert sits(tree, played, believed, label)
        elif len(unplayed) <= 5:
            assert believed not in supports


def three_at_once(history: tuple[str, ...]) -> Any:
    """A, B, C each stay or slip in one of two ways, unseen; D learns of two slips, not whose."""
    slips = {"A": "ab", "B": "cd", "C": "ef"}
    if len(history) < 3:
        player = "ABC"[len(history)]
        return move(player, "stay", *slips[player], at=player)
    heard = [{"a", "d"}, {"b", "c"}], [{"b", "e"}, {"a", "f"}], [{"c", "f"}, {"d", "e"}]
    for number, pair in enumerate(heard):
        if len(history) == 3 and set(history) - {"stay"} in pair:
            return move("D", "yes", "no", at=number)
    return 0, 0, 0, 0


def circle() -> Assessment:
    """Labels would need a + d < b + c, b + e < a + f and c + f < d + e, which add up to 0 < 0."""
    tree = Tree.of("ABCD", three_at_once)
    plan = {p: {p: "stay"} for p in "ABC"} | {"D": {"0": "yes", "1": "yes", "2": "yes"}}
    likely = {"0": {"a", "d"}, "1": {"b", "e"}, "2": {"c", "f"}}
    beliefs = []
    for s in tree.sets:
        histories = [set(tree.nodes[k].history) - {"stay"} for k in s.nodes]
        if tree.players[s.player] == "D":
            beliefs.append([F(int(x == likely[s.label])) for x in histories])
        else:
            beliefs.append([F(int(not x)) for x in histories])
    return Assessment(Behaviour.pure(tree, plan), beliefs)


def test_an_order_need_not_have_labels():
    given = circle()
    assert not certify_assessment(given, "sequential").consistent
    proof = certify_assessment(given, "pbe")
    assert proof.holds()
    assert proof.labels is None
    assert proof.ranks is not None
    turned = Assessment(given.profile, [b[::-1] if len(b) == 2 else b for b in given.beliefs])
    assert not certify_assessment(turned, "sequential").consistent
    first = next(h for h, b in enumerate(given.beliefs) if len(b) == 2)
    mixed = [b[::-1] if h == first else b for h, b in enumerate(given.beliefs)]
    assert certify_assessment(Assessment(given.profile, mixed), "sequential").holds()


def test_mistakes_make_beliefs_converge():
    tree = Tree.of(["A", "B"], hidden)
    prior = [F(1, 4), F(3, 4)]
    proof = Assessment(Behaviour.pure(tree, OUT), [prior, prior]).certificate()
    assert all(d <= 10 * eps for d, eps in zip(proof.distances, (1e-3, 1e-6, 1e-9)))


def two_senders(history: tuple[str, ...]) -> Any:
    """Two types send one of two messages; C sees which, D sees it with a reply."""
    match history:
        case ():
            return chance(s=F(1, 2), t=F(1, 2))
        case (kind,):
            return move("A", "quiet", "loud", at=kind)
        case (_, "quiet"):
            return 0, 0
        case (_, "loud"):
            return move("B", "l", "r", at="heard")
        case (_, "loud", "l"):
            return move("B", "x", "y", at="later")
        case _:
            return 0, 0


def test_bayes_holds_from_one_set_on_to_the_next():
    tree = Tree.of(["A", "B"], two_senders)
    plan = {"A": {"s": "quiet", "t": "quiet"}, "B": {"heard": "l", "later": "x"}}
    profile = Behaviour.pure(tree, plan)
    order = [s.label for s in tree.sets]

    def with_beliefs(heard: list, later: list) -> Assessment:
        by = {"heard": heard, "later": later, "s": [1], "t": [1]}
        return Assessment(profile, [by[label] for label in order])

    for concept in ("pbe", "sequential"):
        same = with_beliefs([F(1, 3), F(2, 3)], [F(1, 3), F(2, 3)])
        assert certify_assessment(same, concept).holds()
        for other in ([F(2, 3), F(1, 3)], [1, 0]):
            turned = with_beliefs([F(1, 3), F(2, 3)], other)
            assert not certify_assessment(turned, concept).consistent


def test_weights_give_the_ratios_of_beliefs():
    tree = Tree.of(["A", "B"], two_senders)
    plan = {"A": {"s": "quiet", "t": "quiet"}, "B": {"heard": "l", "later": "x"}}
    given = Assessment(
        Behaviour.pure(tree, plan), [[1], [F(1, 5), F(4, 5)], [F(1, 5), F(4, 5)], [1]]
    )
    weight, fits = weights(tree, given.support[0], given.beliefs, given.mixtures)
    by = {(tree.sets[h].label, tree.sets[h].actions[a]): w for (h, a), w in weight.items()}
    assert fits
    assert by["t", "loud"] / by["s", "loud"] == pytest.approx(4)


def test_bad_input_gets_one_clear_error():
    tree = Tree.of(["A", "B"], hidden)
    plan = Behaviour.pure(tree, OUT)
    with pytest.raises(ValueError, match="is no Behaviour; build one with the tree"):
        Assessment([[1]], [[1]])
    with pytest.raises(ValueError, match="1 beliefs for 2 information sets"):
        Assessment(plan, [[1]])
    with pytest.raises(ValueError, match="belief of B at 'B'"):
        Assessment(plan, [[F(1, 4), F(3, 4)], [1, 1]])
    given = Assessment(plan, [[F(1, 4), F(3, 4)]] * 2)
    with pytest.raises(ValueError, match="concept: 'nash' is not known"):
        certify_assessment(given, "nash")
    never = Tree.of(
        ["A"],
        lambda h: (
            chance(a=1, b=0) if not h else move("A", "l", "r", at="x") if len(h) < 2 else (0,)
        ),
    )
    with pytest.raises(ValueError, match="chance of b is 0"):
        Assessment(Behaviour(never, [[1, 0]]), [[1, 0]]).certificate()
