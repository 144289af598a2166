"""Every extreme equilibrium of a two-player game, and the components they span; exact.

The equilibria of a two-player game are a finite union of products ``X x Y`` of polytopes, the
maximal Nash subsets. The vertices of these products are the *extreme* equilibria: the pairs of
vertices of the best-response polytopes that have all labels together (Mangasarian 1964; Winkels
1979). Seen as edges between the mixtures of player 0 and those of player 1, extreme equilibria make
a bipartite graph: its connected components are the components of the set of equilibria, and its
maximal bicliques are the maximal Nash subsets (Avis, Rosenberg, Savani & von Stengel 2010, Economic
Theory 42).

A game is *nondegenerate* if no mixture of support ``k`` has more than ``k`` pure best responses
(von Stengel 2002): no vertex has more labels than its polytope has dimensions. Its equilibria are
then finitely many, odd in number, all extreme, and their indices add up to +1 (Shapley 1974).

Vertices are found by a walk over lexicographically feasible bases, which are the vertices of a
polytope with right-hand sides ``1 + eps^k``. That polytope is simple and bounded, so its vertices
and edges are a connected graph, and a walk over all neighbours meets every one. It meets every
vertex ``v`` of the true polytope too: an objective that is largest at ``v`` alone has its perturbed
optimum at some such basis, and as ``eps`` goes to 0 that optimum goes to ``v``. Bases of one vertex
are told by their labels, which are all its binding constraints: equal iff the vertex is.

Where floats can prove that the game is nondegenerate (:mod:`gametheory.solvers._walk`), they find
the supports, and the equilibria are solved for on these: in rational numbers if the game is exact.
Where they meet a tie, all is done by pivoting in integers.

Cost: one pivot a vertex, and the number of vertices grows about twofold with each action of both.
Random games of 8, 10, 12 actions each take 20 ms, 0.2 s, 1 s by integers; .2, .7, 3 ms by floats.
"""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat

from gametheory.equilibrium import Component, Coverage, EquilibriumSet
from gametheory.game import Array, Game, Profile
from gametheory.solvers._tableau import (
    Tableau,
    mixture,
    origins,
    positive_integers,
    to_unit,
    two_players,
)

LEAF = 1 << 12
"""Pairs of vertices compared in one go."""
BASES = 100_000
"""Vertices of a polytope after which exact pivoting gives up, in a minute or so."""
WORTH = 14
"""Actions, of both players, from which the compiled walk repays the second that loading takes."""
LOADING = 0.5
"""Seconds of exact pivoting in this process after which it is loaded for smaller games too."""
_waited = [0.0]  # loading it changes no answer


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """The extreme equilibria of a two-player game, in descending order of the mixtures.

    ``ALL`` if the game is nondegenerate, with the index of each equilibrium; else ``EXTREME``, with
    the maximal Nash subsets of each component; ``UNKNOWN`` where a budget ends. The solution is
    exact whatever the payoffs are; ``exact=False`` (what None means for a float game) rounds its
    mixtures to floats.

    >>> entry = Game.from_payoffs([[0, 0], [-1, 1]], [[2, 2], [-1, 1]],
    ...                           actions=[("out", "in"), ("fight", "share")])
    >>> found = solve(entry)
    >>> found.coverage.name, found.notes
    ('EXTREME', ('The game is degenerate; components that are continua: 1 of 2.',))
    >>> found.components
    ((0, 1), (2,))
    >>> found[1]  # deterrence by a threat of at least this probability
    Equilibrium(Player 1: (1, 0); Player 2: (1/2, 1/2))
    """
    A, B = two_players(game, "extreme")
    kind = np.dtype(object if (game.exact if exact is None else exact) else np.float64)
    start = time.perf_counter()
    isolated = _nondegenerate(A, B, kind)
    if isolated is None:
        found = _by_bases(game, A, B, kind)
        _waited[0] += time.perf_counter() - start
        return found
    X, Y, indices = isolated
    if len(X) > 1:
        order = sorted(range(len(X)), key=np.hstack([X, Y]).tolist().__getitem__, reverse=True)
        X, Y, indices = X[order], Y[order], indices[order]
    return EquilibriumSet.proved(
        game,
        Profile.stack(game, (X, Y)),
        Coverage.ALL,
        "extreme",
        indices=indices.tolist(),
        components=[Component([k]) for k in range(len(X))],
        degenerate=False,
    )


def _nondegenerate(A: Array, B: Array, kind: Any) -> tuple[Array, Array, Array] | None:
    """Every equilibrium and its index, as arrays, if floats prove the game nondegenerate."""
    if sum(A.shape) < WORTH and _waited[0] < LOADING:
        return None
    exact = A.dtype == object
    found = _walk()(*(to_unit(U) for U in (A, B))) if exact else _walk()(A, B)
    if found is None:
        return None
    labels, X, Y, indices = found
    exact |= kind.hasobject
    again = [e for e, sign in enumerate(indices.tolist()) if exact or sign == 0]
    if not again:
        return X, Y, indices
    X, Y = X.astype(kind), Y.astype(kind)
    for e in again:
        has = np.array([int(labels[e]) >> v & 1 for v in range(sum(A.shape))], np.bool_)
        rows, columns = np.flatnonzero(~has[: len(A)]), np.flatnonzero(has[len(A) :])
        square = np.ix_(rows, columns)
        X[e], Y[e] = 0, 0
        X[e, rows], Y[e, columns] = _equalizing(B[square].T), _equalizing(A[square])
        if indices[e] == 0:
            indices[e] = index(positive_integers(A), positive_integers(B), X[e], Y[e])
    return X, Y, indices


@functools.cache
def _walk() -> Callable[[Array, Array], tuple[Array, ...] | None]:
    """What walks; the first call takes the second of loading it."""
    from gametheory.solvers._walk import isolated

    _waited[0] = LOADING
    return isolated


def _equalizing(payoffs: Array) -> list[Fraction]:
    """The mixture of the columns against which all rows of a square matrix pay the same."""
    low, k = Fraction(payoffs.min()) - 1, len(payoffs)
    above = [Fraction(u) - low for u in payoffs.flat]
    M = fmpq_mat(k, k, [fmpq(u.numerator, u.denominator) for u in above])
    weights = M.solve(fmpq_mat(k, 1, [1] * k)).entries()
    total = sum(weights)
    return [Fraction(int(p.p), int(p.q)) for p in (w / total for w in weights)]


def _by_bases(game: Game, payoffs_row: Array, payoffs_column: Array, kind: Any) -> EquilibriumSet:
    """The same by exact pivoting, ties and all."""
    A, B = positive_integers(payoffs_row), positive_integers(payoffs_column)
    m, n = game.shape
    P, Q = origins(A, B)
    xs, ys = vertices(P, BASES), vertices(Q, BASES)
    whole = max(len(xs), len(ys)) < BASES
    degenerate = any(k.bit_count() > m for k in xs) or any(k.bit_count() > n for k in ys)

    X, Y = list(xs.values()), list(ys.values())
    pairs = [(i, j) for i, j in complementary(lacking(xs, m + n), lacking(ys, m + n)) if any(X[i])]
    x = {i: mixture(X[i]) for i, _ in pairs}
    y = {j: mixture(Y[j]) for _, j in pairs}
    pairs.sort(key=lambda pair: (x[pair[0]], y[pair[1]]), reverse=True)

    profiles = [Profile(game, (np.array(x[i], kind), np.array(y[j], kind))) for i, j in pairs]
    if not whole:
        note = f"The budget of {BASES} vertices ended; lemke_howson finds one equilibrium quickly."
        return EquilibriumSet.proved(game, profiles, Coverage.UNKNOWN, "extreme", notes=[note])
    parts = list(components(pairs))
    return EquilibriumSet.proved(
        game,
        profiles,
        Coverage.EXTREME if degenerate else Coverage.ALL,
        "extreme",
        indices=None if degenerate else [index(A, B, X[i], Y[j]) for i, j in pairs],
        components=parts,
        degenerate=degenerate,
        notes=[_degeneracy(parts)] if degenerate else [],
    )


def vertices(
    origin: Tableau,
    most: int = 10**9,
    bases: dict[int, int] | None = None,
    variables: range | None = None,
    held: Iterable[Iterable[int]] = (),
) -> dict[int, tuple[int, ...]]:
    """Every vertex of the polyhedron, from one basis: its labels to its point up to scale.

    A point has the values of ``variables``, by default those from the least to the greatest of the
    cobasis. Stops at ``most`` of them. ``bases``, if given, takes the labels of the vertex of each
    basis, by the labels that are its cobasis. Of each set in ``held`` at least one variable stays
    in the cobasis: only edges along which its constraint binds are followed.

    Labels are a bitmask of all binding constraints, those of a degenerate vertex too.
    """
    if variables is None:
        variables = range(min(origin.cobasis), max(origin.cobasis) + 1)
    start = sum(1 << v for v in origin.cobasis)
    found: dict[int, tuple[int, ...]] = {}
    tested = {start: 0}  # of each basis met: the variables whose entry leads to a basis known
    todo: list[tuple[Tableau, int, int, int]] = []
    mates = {v: sum(1 << w for w in group) for group in map(tuple, held) for v in group}

    def visit(at: Tableau, cobasis: int) -> None:
        binding = cobasis
        for variable, row in zip(at.basis, at.rows):
            if row[-1] == 0:
                binding |= 1 << variable
        if binding not in found:
            found[binding] = at.point(variables)
        if bases is not None:
            bases[cobasis] = binding
        done = tested[cobasis]
        for c, entering in enumerate(at.cobasis):
            if done >> entering & 1 or cobasis & mates.get(entering, 0) == 1 << entering:
                continue
            r = at.leaving(c)
            if r < 0:
                continue
            back = 1 << at.basis[r]  # an edge has two ends: it is not tested from the other
            neighbour = cobasis ^ 1 << entering ^ back
            if neighbour not in tested:
                tested[neighbour] = 0
                todo.append((at, r, c, neighbour))
            tested[neighbour] |= back

    visit(origin, start)
    while todo and len(found) < most:
        at, r, c, cobasis = todo.pop()
        visit(at.pivot(r, c), cobasis)
    return found


def lacking(labels: Collection[int], count: int) -> Array:
    """Which of ``count`` labels each bitmask lacks, shape ``(len(labels), count)``, 0 or 1."""
    width = -(-count // 8)
    packed = b"".join(mask.to_bytes(width, "little") for mask in labels)
    bits = np.unpackbits(
        np.frombuffer(packed, np.uint8).reshape(-1, width), axis=1, count=count, bitorder="little"
    )
    return 1 - bits.astype(np.float32)  # float32: exact for counts, and multiplied by BLAS


def complementary(X: Array, Y: Array) -> Iterator[tuple[int, int]]:
    """The pairs ``(i, j)`` such that rows ``X[i]`` and ``Y[j]`` lack no label in common.

    Splits on one label after another: what lacks it in ``X`` pairs only with what has it in ``Y``.
    """
    todo = [(np.arange(len(X)), np.arange(len(Y)), 0)]
    while todo:
        I, J, label = todo.pop()  # noqa: E741
        if len(I) * len(J) <= LEAF or label == X.shape[1]:
            for i, j in np.argwhere(X[I] @ Y[J].T == 0).tolist():
                yield int(I[i]), int(J[j])
        else:
            x, y = X[I, label] == 1, Y[J, label] == 1
            todo += [(I[x], J[~y], label + 1), (I[~x], J, label + 1)]


def components(pairs: Sequence[tuple[int, int]]) -> Iterator[Component]:
    """The connected components of the bipartite graph with these edges, in order of appearance."""
    number = {pair: k for k, pair in enumerate(pairs)}
    ys_of, xs_of = defaultdict(set), defaultdict(set)
    for x, y in pairs:
        ys_of[x].add(y)
        xs_of[y].add(x)
    placed: set[int] = set()
    for first, _ in pairs:
        if first in placed:
            continue
        xs, todo = {first}, [first]
        while todo:
            new = set().union(*(xs_of[y] for y in ys_of[todo.pop()])) - xs
            xs |= new
            todo += new
        placed |= xs
        subsets = sorted(
            sorted(number[x, y] for x in X for y in Y)
            for X, Y in bicliques({x: frozenset(ys_of[x]) for x in xs})
        )
        yield Component(sorted(number[x, y] for x in xs for y in ys_of[x]), subsets)


def bicliques(ys_of: Mapping[int, frozenset[int]]) -> Iterator[tuple[list[int], frozenset[int]]]:
    """The maximal bicliques ``X x Y`` of the graph: ``Y`` runs over all intersections of rows."""
    closed: set[frozenset[int]] = set()
    for ys in ys_of.values():
        closed |= {ys & other for other in closed} | {ys}
    for Y in closed - {frozenset()}:
        yield [x for x, ys in ys_of.items() if ys >= Y], Y


def index(A: list[list[int]], B: list[list[int]], x: Sequence[int], y: Sequence[int]) -> int:
    """The index of a nondegenerate equilibrium, +1 or -1; payoffs are positive.

    ``(-1)^(k+1) sign(det A_IJ det B_IJ)`` for supports ``I, J`` of size ``k`` (Shapley 1974,
    Mathematical Programming Study 1).
    """
    rows = [i for i, p in enumerate(x) if p]
    columns = [j for j, p in enumerate(y) if p]
    a, b = (fmpz_mat([[U[i][j] for j in columns] for i in rows]).det() for U in (A, B))
    return 1 if (a * b > 0) == (len(rows) % 2 == 1) else -1


def _degeneracy(parts: Sequence[Component]) -> str:
    continua = sum(len(part) > 1 for part in parts)
    return f"The game is degenerate; components that are continua: {continua} of {len(parts)}."
