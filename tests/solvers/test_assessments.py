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
from gametheory.assessment import AssessmentEquilibria, Piece
from gametheory.equilibrium import Coverage
from gametheory.solvers.assessments import sequential, solve
from gametheory.tree import Tree, chance, move

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


SHAPES = [(2, 2, 2, 5), (2, 2, 2, 2), (2, 2, 3, 6), (2, 3, 2, 6), (3, 2, 2, 4), (2, 2, 3, 2)]


@pytest.mark.parametrize("shape", SHAPES)
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
