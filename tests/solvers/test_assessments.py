"""All assessments of a tree: against linear programs, other solvers, known games, and laws."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

import gametheory as gt
from gametheory.assessment import Assessment, AssessmentEquilibria, Piece, certify_assessment
from gametheory.behaviour import Behaviour, certify_behaviour
from gametheory.equilibrium import Coverage
from gametheory.solvers import assessments
from gametheory.solvers.assessments import sequential, solve
from gametheory.testing import random_tree
from gametheory.tree import Tree, chance, move
from tests._trees import small_tree

F = Fraction
Payoffs = dict[tuple[int, int, int], tuple[Any, Any]]


def signalling(prior: list[Fraction], pays: Payoffs, messages: int, replies: int) -> Tree:
    """The signalling game in which type ``t``, message ``m``, reply ``r`` pay ``pays[t, m, r]``."""

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance(dict(enumerate(prior)))
            case (t,):
                return move("S", *range(messages), at=f"type {t}")
            case (_, m):
                return move("R", *range(replies), at=f"message {m}")
            case (t, m, r):
                return pays[int(t), int(m), int(r)]

    return Tree.of(["S", "R"], rule)


def random_signalling(seed: int, types: int, messages: int, replies: int, most: int) -> tuple:
    rng = random.Random(seed)
    pays = {
        (t, m, r): (rng.randint(0, most), rng.randint(0, most))
        for t in range(types)
        for m in range(messages)
        for r in range(replies)
    }
    weights = [rng.randint(1, 5) for _ in range(types)]
    return [F(w, sum(weights)) for w in weights], pays


def supports(m: int) -> list[tuple[int, ...]]:
    return [c for k in range(1, m + 1) for c in itertools.combinations(range(m), k)]


def interior(n: int, equal: list, least: list, positive: list[int]) -> np.ndarray | None:
    """A point with ``A x = b``, ``A x >= b``, and these coordinates positive, by HiGHS."""
    A_eq = np.array([[*row, 0.0] for row, _ in equal], dtype=float).reshape(-1, n + 1)
    A_ub = [[*(-np.asarray(row, dtype=float)), 0.0] for row, _ in least]
    b_ub = [-float(b) for _, b in least]
    for j in positive:
        A_ub.append([-float(i == j) for i in range(n)] + [1.0])
        b_ub.append(0.0)
    run = linprog(
        [0.0] * n + [-1.0],
        A_ub=np.array(A_ub, dtype=float).reshape(-1, n + 1),
        b_ub=b_ub,
        A_eq=A_eq if len(A_eq) else None,
        b_eq=[float(b) for _, b in equal] if equal else None,
        bounds=[(0, 1)] * (n + 1),
        method="highs",
    )
    return run.x[:n] if run.status == 0 and run.x[n] > 1e-7 else None


def by_programs(prior: list[Fraction], pays: Payoffs, M: int, R: int) -> list[tuple]:
    """An equilibrium of each pair of supports that carries one: ``(sigma, rho, mu)``.

    ``sigma[t, m]``, ``rho[m, r]``, ``mu[m, t]``; every pair of supports is tried.
    """
    T = len(prior)
    u = np.array([[[pays[t, m, r][0] for r in range(R)] for m in range(M)] for t in range(T)])
    v = np.array([[[pays[t, m, r][1] for r in range(R)] for m in range(M)] for t in range(T)])

    def best(weights: Any, n: int, at: Any, m: int, used: tuple[int, ...]) -> tuple[list, list]:
        """That these replies to ``m`` are best, for weights of types at columns ``at(t)``."""
        equal, least = [], []
        for r in range(R):
            row = [0.0] * n
            for t in range(T):
                row[at(t)] = float(v[t, m, used[0]] - v[t, m, r])
            (equal if r in used else least).append((row, 0))
        return equal, least

    found = []
    for S in itertools.product(supports(M), repeat=T):
        sent = {m for used in S for m in used}
        for Q in itertools.product(supports(R), repeat=M):
            equal, least, n = [], [], T * M
            for t in range(T):
                row = [float(j // M == t) for j in range(n)]
                equal.append((row, float(prior[t])))
            zero = [t * M + m for t in range(T) for m in range(M) if m not in S[t]]
            equal += [([float(i == j) for i in range(n)], 0) for j in zero]
            for m in sent:
                e, ge = best(None, n, lambda t, m=m: t * M + m, m, Q[m])
                equal, least = equal + e, least + ge
            w = interior(n, equal, least, [t * M + m for t in range(T) for m in S[t]])
            if w is None:
                continue
            mu = np.zeros((M, T))
            for m in range(M):
                if m in sent:
                    mu[m] = w.reshape(T, M)[:, m] / w.reshape(T, M)[:, m].sum()
                    continue
                e, ge = best(None, T, lambda t: t, m, Q[m])
                x = interior_or_any(T, [*e, ([1.0] * T, 1)], ge)
                if x is None:
                    break
                mu[m] = x
            else:
                n = M * R
                equal = [([float(j // R == m) for j in range(n)], 1) for m in range(M)]
                zero = [m * R + r for m in range(M) for r in range(R) if r not in Q[m]]
                equal += [([float(i == j) for i in range(n)], 0) for j in zero]
                least = []
                for t in range(T):
                    for m in range(M):
                        row = np.zeros((M, R))
                        row[S[t][0]] += u[t, S[t][0]]
                        row[m] -= u[t, m]
                        (equal if m in S[t] else least).append((row.ravel().tolist(), 0))
                y = interior(n, equal, least, [m * R + r for m in range(M) for r in Q[m]])
                if y is not None:
                    sigma = w.reshape(T, M) / np.array([[float(p)] for p in prior])
                    found.append((sigma, y.reshape(M, R), mu))
    return found


def interior_or_any(n: int, equal: list, least: list) -> np.ndarray | None:
    """A point of the polytope, if it has one."""
    run = linprog(
        [0.0] * n,
        A_ub=np.array([[-x for x in row] for row, _ in least], dtype=float).reshape(-1, n),
        b_ub=[-float(b) for _, b in least],
        A_eq=np.array([row for row, _ in equal], dtype=float),
        b_eq=[float(b) for _, b in equal],
        bounds=[(0, 1)] * n,
        method="highs",
    )
    return run.x if run.status == 0 else None


def in_hull(x: np.ndarray, corners: list[np.ndarray], tol: float = 1e-6) -> bool:
    """Whether ``x`` is a convex combination of the corners, up to ``tol``."""
    C = np.array(corners, dtype=float).T
    d, k = C.shape
    run = linprog(
        np.concatenate([np.zeros(k), [1.0]]),
        A_ub=np.block([[C, -np.ones((d, 1))], [-C, -np.ones((d, 1))]]),
        b_ub=np.concatenate([x, -x]),
        A_eq=np.array([[1.0] * k + [0.0]]),
        b_eq=[1.0],
        bounds=[(0, None)] * (k + 1),
        method="highs",
    )
    return bool(run.status == 0 and run.fun <= tol)


def flat(mixtures: Any) -> np.ndarray:
    return np.concatenate([np.asarray(x, dtype=float) for x in mixtures])


def holds(found: AssessmentEquilibria, piece: Piece, mixtures: list, beliefs: dict) -> bool:
    """Whether a piece of a signalling game has this behaviour, and these beliefs at unsent sets."""
    members = [found[k] for k in piece.members]
    if not in_hull(flat(mixtures), [flat(e.mixtures) for e in members]):
        return False
    free = {sets[0]: corners for sets, corners in piece.free}
    assert all(len(sets) == 1 for sets, _ in piece.free)
    for h, x in beliefs.items():
        corners = [c[0] for c in free[h]] if h in free else [x[h] for x in piece.beliefs]
        if not in_hull(x, [np.asarray(c, dtype=float) for c in corners]):
            return False
    return True


SHAPES = [(2, 2, 2, 5), (2, 2, 2, 2), (2, 2, 2, 1), (3, 2, 2, 4)]
LARGER = [(2, 2, 3, 6), (2, 3, 2, 6), (2, 2, 3, 2)]


@pytest.mark.parametrize(
    "shape", [*SHAPES, *(pytest.param(s, marks=pytest.mark.slow) for s in LARGER)]
)
@pytest.mark.parametrize("seed", range(2))
def test_signalling_games_have_the_equilibria_that_linear_programs_find(shape, seed):
    types, messages, replies, most = shape
    prior, pays = random_signalling(seed, types, messages, replies, most)
    tree = signalling(prior, pays, messages, replies)
    found = solve(tree)
    assert found.coverage is not Coverage.UNKNOWN
    expected = by_programs(prior, pays, messages, replies)
    assert expected
    seen = set()
    for sigma, rho, mu in expected:
        mixtures, beliefs = [], {}
        for h, s in enumerate(tree.sets):
            kind, number = s.label.split()
            mixtures.append(sigma[int(number)] if kind == "type" else rho[int(number)])
            if kind == "message" and sigma[:, int(number)].sum() < 1e-9:
                beliefs[h] = mu[int(number)]
        inside = [p for p in found.pieces if holds(found, p, mixtures, beliefs)]
        assert inside
        seen.update(id(p) for p in inside)
    assert all(id(p) in seen for p in found.pieces)


def sampled(tree: Tree, rng: random.Random, tries: int) -> list[Assessment]:
    """Sequential equilibria in pure strategies: of random play, mistakes and orders of mistakes.

    Beliefs are the leading terms of the chances of paths; only those with no gain are kept.
    """
    found = []
    for _ in range(tries):
        plan = [rng.randrange(len(s.actions)) for s in tree.sets]
        slips = {
            (h, a): (rng.choice([1, 1, 1, 2, 3]), F(rng.choice([1, 1, 2, 5]), rng.choice([1, 3])))
            for h, s in enumerate(tree.sets)
            for a in range(len(s.actions))
            if a != plan[h]
        }
        leading = [(0, F(1))]
        for node in tree.nodes[1:]:
            up = tree.nodes[node.parent]
            order, weight = leading[node.parent]
            if up.set is None:
                leading.append((order, weight * up.chances[node.taken]))
            else:
                more, factor = slips.get((up.set, node.taken), (0, F(1)))
                leading.append((order + more, weight * factor))
        beliefs = []
        for s in tree.sets:
            least = min(leading[k][0] for k in s.nodes)
            x = [leading[k][1] if leading[k][0] == least else F(0) for k in s.nodes]
            beliefs.append([v / sum(x) for v in x])
        profile = Behaviour(
            tree,
            [[F(int(a == b)) for b in range(len(s.actions))] for a, s in zip(plan, tree.sets)],
        )
        given = Assessment(profile, beliefs)
        if not any(given.gains()):
            found.append(given)
    return found


SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_equilibria_that_mistakes_lead_to_are_in_the_list(seed):
    tree = small_tree(seed, players=2 + seed % 2, depth=3, most=[2, 9, 30][seed % 3])
    if len(tree.sets) > 7:
        return
    lists = [sequential(tree), solve(tree)]
    assert all(len(found) for found in lists)
    for given in sampled(tree, random.Random(seed), 40):
        for found in lists:
            same = [e for e in found if e.profile == given.profile]
            assert len(same) == 1
            for x, span in zip(given.beliefs, same[0].belief_ranges):
                assert all(low <= p <= high for p, (low, high) in zip(x, span))


@pytest.mark.parametrize("seed", SEEDS)
def test_sequential_is_perfect_bayesian_is_subgame_perfect_is_nash(seed):
    tree = small_tree(seed, players=2 + seed % 2, depth=3, most=[2, 9, 30][seed % 3])
    if len(tree.sets) > 7:
        return
    found, wider = sequential(tree), solve(tree)
    for e in found:
        assert certify_assessment(e.assessment, "pbe").holds()
    if wider.coverage is not Coverage.UNKNOWN:
        plans = {e.profile for e in wider}
        assert all(e.profile in plans for e in found)
    for e in wider:
        assert e.certificate.regret == 0 or not e.assessment.exact
        assert certify_behaviour(e.profile).holds()
        for root in tree.subgames:
            part = tree.subgame(root)
            plan = [e.profile.plan[tree.players[s.player]][s.label] for s in part.sets]
            assert certify_behaviour(Behaviour(part, plan)).holds()


def simultaneous(game: gt.Game) -> Tree:
    """The game with all moving unseen."""

    def rule(h: tuple[str, ...]) -> Any:
        i = len(h)
        if i < len(game.players):
            return move(game.players[i], *game.actions[i], at="once")
        return game.payoffs[tuple(names.index(a) for names, a in zip(game.actions, h))].tolist()

    return Tree.of(game.players, rule)


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2), (3, 2, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_where_all_move_at_once_they_are_the_nash_equilibria(shape, seed):
    rng = np.random.default_rng(seed)
    game = gt.Game(rng.integers(-9, 10, (*shape, len(shape))))
    found, expected = sequential(simultaneous(game)), gt.solve(game)
    assert found.coverage is not Coverage.UNKNOWN
    mine = sorted(flat(e.mixtures).tolist() for e in found)
    theirs = sorted(flat(e.mixtures).tolist() for e in expected)
    assert np.allclose(mine, theirs, rtol=0, atol=1e-9)


def test_irrational_equilibria_are_floats():
    three = gt.Game.of(
        {p: ["wait", "act"] for p in "ABC"},
        lambda *a: [10 * (a.count("act") > 1) - 3 * (own == "act") for own in a],
    )
    found = sequential(simultaneous(three))
    assert len(found) == 9
    assert found.coverage is Coverage.ALL
    assert sum(not e.assessment.exact for e in found) == 2
    assert sorted(flat(e.mixtures)[0] for e in found if not e.assessment.exact) == pytest.approx(
        [0.5 - 0.1**0.5, 0.5 + 0.1**0.5],
        abs=1e-12,  # 2 q (1 - q) = 3/10
    )
    with pytest.raises(ValueError, match=r"exact: the equilibrium .* is not known to be rational"):
        sequential(simultaneous(three), exact=True)


def table(found: AssessmentEquilibria) -> set[tuple]:
    """Behaviour by player and label, and ranges of beliefs by label and history; no order."""
    rows = set()
    for e in found:
        plan = [
            (found.game.players[s.player], s.label, a, p)
            for s, x in zip(found.game.sets, e.mixtures)
            for a, p in zip(s.actions, x)
        ]
        spans = [
            (s.label, found.game.nodes[k].history, *span)
            for s, spans in zip(found.game.sets, e.belief_ranges)
            for k, span in zip(s.nodes, spans.tolist())
        ]
        rows.add((frozenset(plan), frozenset(spans)))
    return rows


def reordered(tree: Tree, rng: random.Random) -> Tree:
    """The same game, its players, moves and outcomes of chance in another order."""
    where = {node.history: node for node in tree.nodes}
    turned = {s.label: rng.sample(s.actions, len(s.actions)) for s in tree.sets}
    players = rng.sample(tree.players, len(tree.players))

    def rule(h: tuple[str, ...]) -> Any:
        node = where[h]
        if not node.children:
            return [node.payoffs[tree.players.index(p)] for p in players]
        if node.set is None:
            return chance(dict(reversed(list(zip(node.actions, node.chances)))))
        s = tree.sets[node.set]
        return move(tree.players[s.player], *turned[s.label], at=s.label)

    return Tree.of(players, rule)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("find", [solve, sequential])
def test_the_order_of_players_types_and_messages_does_not_matter(seed, find):
    prior, pays = random_signalling(seed, 3, 2, 2, [3, 20][seed % 2])
    tree = signalling(prior, pays, 2, 2)
    assert table(find(tree)) == table(find(reordered(tree, random.Random(seed))))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("unit", "zero"), [(F(1, 10**9), 5), (10**9, F(-7, 3))])
def test_unit_and_zero_of_payoffs_do_not_matter(seed, unit, zero):
    prior, pays = random_signalling(seed, 2, 2, 3, 4)
    other = {key: (unit * u + zero, unit * v - zero) for key, (u, v) in pays.items()}
    assert table(solve(signalling(prior, pays, 2, 3))) == table(
        solve(signalling(prior, other, 2, 3))
    )


@pytest.mark.parametrize("seed", range(6))
def test_floats_are_solved_as_the_numbers_they_are(seed):
    prior, pays = random_signalling(seed, 2, 2, 3, 4)
    prior = [F(1, 4), F(3, 4)]
    floats = {key: (float(u) / 8, float(v) / 8) for key, (u, v) in pays.items()}
    exact = solve(signalling(prior, pays, 2, 3))
    rough = solve(signalling([0.25, 0.75], floats, 2, 3))
    assert [flat(e.mixtures).tolist() for e in rough] == [flat(e.mixtures).tolist() for e in exact]
    assert all(x.dtype == np.float64 for e in rough for x in (*e.mixtures, *e.beliefs))
    again = solve(signalling([0.25, 0.75], floats, 2, 3), exact=True)
    assert table(again) == table(exact)


@pytest.mark.parametrize("seed", range(5))
def test_a_type_split_in_two_alike_can_only_send_as_it_did_together(seed):
    """Outcomes by message and reply, of all types together, are the same where each is isolated."""
    prior, pays = random_signalling(seed, 2, 2, 2, 40)
    split = {**pays, **{(2, m, r): pays[1, m, r] for m in range(2) for r in range(2)}}
    one = solve(signalling(prior, pays, 2, 2))
    two = solve(signalling([prior[0], prior[1] / 2, prior[1] / 2], split, 2, 2))

    def outcomes(found: AssessmentEquilibria) -> set[tuple]:
        seen = set()
        for e in found:
            sums: dict[tuple[str, ...], Fraction] = {}
            for (t, *rest), p in e.profile.outcome.items():
                key = ("1" if t == "2" else t, *rest)
                sums[key] = sums.get(key, F(0)) + p
            seen.add(tuple(sorted(sums.items())))
        return seen

    assert outcomes(one) == outcomes(two)


@pytest.mark.parametrize("seed", range(5))
def test_a_message_that_none_would_send_changes_no_outcome(seed):
    prior, pays = random_signalling(seed, 2, 2, 2, 30)
    more = {**pays, **{(t, 2, r): (-1, pays[t, 0, r][1]) for t in range(2) for r in range(2)}}

    def outcomes(messages: int, pays: Payoffs) -> set[tuple]:
        found = solve(signalling(prior, pays, messages, 2))
        return {
            (tuple(sorted(e.profile.outcome.items())), tuple(e.profile.plan["R"]["message 0"]))
            for e in found
        }

    assert outcomes(2, pays) == outcomes(3, more)


def test_a_piece_within_another_is_not_listed():
    tie = Tree.of(["A"], lambda h: (1,) if h else move("A", "l", "m", "r"))
    found = solve(tie)
    assert [piece.members for piece in found.pieces] == [(0, 1, 2)]
    assert found.components == ((0, 1, 2),)
    assert found.coverage is Coverage.EXTREME_BEHAVIOUR


def test_after_what_a_player_never_does_it_may_do_all_that_ties():
    """Derived: all pay 1. The pieces: all that starts with a chance of a; and b, then anything."""
    rules = {(): move("A", "a", "b"), ("a",): move("A", "c", "d")}
    found = solve(Tree.of(["A"], lambda h: rules.get(h, (1,))))
    plans = [flat(e.mixtures).tolist() for e in found]
    assert plans == [[1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0.5, 0.5], [0, 1, 0, 1]]
    assert [piece.members for piece in found.pieces] == [(0, 1, 3), (2, 4)]


def test_what_all_nodes_of_a_set_share_says_nothing_there():
    """Derived: A stays out; C, if A had let it, would not ask; B's belief is C's mistakes alone."""

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return move("A", "out", "in")
            case ("out",):
                return 2, 0, 2
            case ("in",):
                return chance(high=F(1, 3), low=F(2, 3))
            case ("in", kind):
                return move("C", "quit", "ask", at=kind)
            case (_, _, "quit"):
                return 0, 0, 2
            case (_, _, "ask"):
                return move("B", "l", "r", at="asked")
            case (_, kind, _, reply):
                return 1, int((kind == "high") == (reply == "l")), 0

    tree = Tree.of("ABC", rule)
    for found in (solve(tree), sequential(tree)):
        assert found.coverage is Coverage.EXTREME_BEHAVIOUR
        assert [piece.members for piece in found.pieces] == [(0,), (0, 1), (1,)]
        assert [e.profile.plan["B"]["asked"][0] for e in found] == [1, 0]
        spans = [e.belief_ranges[tree.by_label["B", "asked"]].tolist() for e in found]
        assert spans == [[[F(1, 2), 1], [0, F(1, 2)]], [[0, F(1, 2)], [F(1, 2), 1]]]


def test_a_mistake_rarer_than_another_says_what_it_says_elsewhere():
    """Derived: r needs the belief that two is all there is at "one or two"; x, at "one or three",
    that one is there. Both hold if two is the likeliest mistake, and one likelier than three."""
    rules = {
        (): move("A", "out", "one", "two", "three"),
        ("out",): (1, 0),
        ("one",): chance(u=F(1, 2), v=F(1, 2)),
        **{k: move("B", "l", "r", at="one or two") for k in (("one", "u"), ("two",))},
        **{k: move("B", "x", "y", at="one or three") for k in (("one", "v"), ("three",))},
    }
    good = {("one", "u", "l"), ("one", "v", "x"), ("three", "y")}
    tree = Tree.of("AB", lambda h: rules.get(h, (0, int(h in good))))
    for found in (solve(tree), sequential(tree)):
        plans = [e.profile.plan["B"] for e in found]
        assert any(p["one or two"][1] == 1 and p["one or three"][0] == 1 for p in plans)


def test_what_follows_a_mistake_that_nobody_believes_in_is_any_mixture():
    """Derived: B may do l by the belief b, whatever A would do after a; else if L is likelier."""
    rules = {
        (): move("A", "out", "a", "b"),
        ("out",): (1, 0),
        ("a",): move("A", "L", "R", at="after a"),
        **{k: move("B", "l", "r", at="in") for k in (("a", "L"), ("a", "R"), ("b",))},
    }
    good = {("a", "L", "l"), ("a", "R", "r")}
    found = solve(Tree.of("AB", lambda h: rules.get(h, (0, int(h in good)))))
    after, at = (found.game.by_label[key] for key in (("A", "after a"), ("B", "in")))
    spans = [
        {found[k].mixtures[after][0] for k in piece.members if found[k].mixtures[at][0] == 1}
        for piece in found.pieces
    ]
    assert any({0, 1} <= x for x in spans)


def test_pieces_that_meet_are_one_component():
    """Derived: either plays anything if the other plays its first action."""
    game = gt.Game.from_payoffs([[1, 1], [1, 0]], [[1, 1], [1, 0]])
    found = solve(simultaneous(game))
    assert len(found.pieces) == 2
    assert found.components == ((0, 1, 2),)


def test_a_list_says_where_its_budget_ended(monkeypatch):
    prior, pays = random_signalling(0, 2, 2, 2, 5)
    tree = signalling(prior, pays, 2, 2)
    monkeypatch.setattr(assessments, "WORK", 10 * len(tree.nodes))
    found = solve(tree)
    assert found.coverage is Coverage.UNKNOWN
    assert found.notes == ("The budget of 10 supports ended.",)
    monkeypatch.undo()
    monkeypatch.setattr(assessments, "CORNERS", 2)
    found = solve(Tree.of(["A"], lambda h: (1,) if h else move("A", "l", "m", "r")))
    assert found.coverage is Coverage.UNKNOWN
    assert found.notes == ("A piece with 3 extreme behaviours is left out.",)


def test_the_frame_holds_chances_beliefs_and_payoffs():
    pays = {(t, m, r): (m, int(t == r)) for t in range(2) for m in range(2) for r in range(2)}
    found = solve(signalling([F(1, 4), F(3, 4)], pays, 2, 2))
    frame = found.to_frame()
    assert len(frame) == len(found) == 2  # the reply to the unsent message is 0 or 1, or a mixture
    assert frame["S", "type 0", "1"].tolist() == [1] * 2
    assert frame["R", "message 1", "believes 0"].tolist() == [F(1, 4)] * 2
    assert sorted(frame["R", "message 0", "believes 0, least"]) == [0, F(1, 2)]
    assert frame["R", "payoff", ""].tolist() == [F(3, 4)] * 2
    assert "believes" in found._repr_html_()


def test_bad_input_gets_one_clear_error():
    with pytest.raises(ValueError, match="needs a Tree, got Game"):
        solve(gt.Game.from_payoffs([[1]], [[1]]))
    never = Tree.of(["A"], lambda h: (0,) if h else chance(a=1, b=0))
    with pytest.raises(ValueError, match="chance of b is 0"):
        solve(never)


def test_supports_on_which_weights_that_a_belief_needs_are_zero_carry_nothing():
    """Three players; on one basis all nodes believed at h3 have weight zero at the one solution."""
    tree = random_tree(1279, players=3, moves=(1, 7))
    found = solve(tree)
    assert found.coverage is Coverage.UNKNOWN
    assert len(found) == 10
    assert all(e.certificate.holds() for e in found)
