"""One Nash equilibrium of a tree in which two players move, exactly, by Lemke's algorithm.

Plans ``x, y`` of the sequence form (see :mod:`gametheory.solvers._sequences`) are an equilibrium
iff there are values ``p, q`` of the players' information sets such that, in matrices ``Ex = e`` and
``Fy = f`` of the conditions on plans,

    E'p >= Ay,  F'q >= B'x,  x'(E'p - Ay) = 0 = y'(F'q - B'x).

With ``p = p' - p''`` and the like this is a linear complementarity problem ``w = b + Mz``. If all
payoffs are made negative, which changes no best reply, Lemke's algorithm ends with a solution
(Koller, Megiddo & von Stengel 1996, Games and Economic Behavior 14: 247-259, section 4). It starts
where an artificial variable, added to each row, makes all of ``w`` feasible, and pivots along the
edge on which one of each pair ``w, z`` is zero, until that variable is. Rows that tie are told by
the lexicographic rule, so that no basis comes twice. Pivots are in integers.

Cost: a pivot touches the square of the number of moves, and of two rows an information set: 0.1 s
for Kuhn's poker. Its size grows with the tree, where that of the strategic form, and of the list of
all equilibria, grows exponentially. Payoffs with many digits make long integers.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from gametheory.behaviour import TreeEquilibria
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.solvers._polyhedra import Plans, whole
from gametheory.solvers._sequences import OWN, Sequences
from gametheory.solvers._tableau import Tableau
from gametheory.tree import Tree

METHOD = "sequence_lemke"


def solve(game: Tree, exact: bool | None = None) -> TreeEquilibria:
    """One equilibrium of a tree in which at most two players move (``SAMPLE``).

    Its chances are exact whatever the payoffs are; ``exact=False`` (what None means for a tree of
    floats) rounds them. Raises ValueError where more than two players move.

    >>> from gametheory.tree import move
    >>> def inspection(history):  # neither sees what the other does
    ...     match history:
    ...         case ():
    ...             return move("State", "comply", "cheat")
    ...         case (_,):
    ...             return move("Agency", "inspect", "wait", at="dark")
    ...         case ("comply", done):
    ...             return 0, -(done == "inspect")
    ...         case (_, done):
    ...             return (-3, 1) if done == "inspect" else (1, -3)
    >>> solve(Tree.of(["State", "Agency"], inspection))[0].profile
    Behaviour(State (start: comply 4/5, cheat 1/5); Agency (dark: inspect 1/4, wait 3/4))
    """
    if not isinstance(game, Tree):
        raise ValueError(f"{METHOD}: needs a Tree, got {type(game).__name__}")
    form = Sequences(game)
    if len(form.movers) > 2:
        raise ValueError(
            f"{METHOD}: {len(form.movers)} players move, and it takes two; "
            "use method='reduced_form'"
        )
    plans: list[list[Fraction]] = [[Fraction(1)]] * len(game.players)
    if form.movers:
        one, *others = form.movers
        two = others[0] if others else None
        side = Plans.product([1]) if two is None else form.plans[two]
        plans[one], y = _solution(*form.matrices(one, two, below=True), form.plans[one], side)
        if two is not None:
            plans[two] = y
    kind = object if (game.exact if exact is None else exact) else float
    return TreeEquilibria.proved(
        game,
        [form.behaviour(plans, kind)],
        Coverage.SAMPLE,
        METHOD,
        notes=[OWN] if form.silent(plans) else [],
    )


def _solution(A: Array, B: Array, X: Plans, Y: Plans) -> tuple[list[Fraction], list[Fraction]]:
    """A pair of plans, each best against the other."""
    at, entering, count = _start(whole(A), whole(B), X, Y)
    while True:
        c = at.cobasis.index(entering)
        r = at.leaving(c)
        left = at.basis[r]
        at = at.pivot(r, c)
        if left == 2 * count:
            break
        entering = left + count if left < count else left - count
    values = at.point(range(X.size + Y.size))
    x, y = values[: X.size], values[X.size :]
    return [Fraction(v, at.det) for v in x], [Fraction(v, at.det) for v in y]


def _conditions(side: Plans) -> Array:
    """The matrix whose rows, a block each, say that moves add up to the chance of the parent."""
    found = np.zeros((len(side.blocks), side.size), dtype=object)
    for h, (block, parent) in enumerate(zip(side.blocks, side.parents)):
        found[h, list(block)] = 1
        if parent >= 0:
            found[h, parent] = -1
    return found


def _start(A: Array, B: Array, X: Plans, Y: Plans) -> tuple[Tableau, int, int]:
    """The basis in which the artificial variable is positive; what enters; the number of pairs.

    Variables are ``z``, in the order of pairs, then ``w``, then the artificial one, which takes the
    place of that ``w`` whose right-hand side is least, and last among those that tie.
    """
    E, F = _conditions(X), _conditions(Y)
    sizes = [X.size, Y.size, len(E), len(E), len(F), len(F)]
    ends = np.cumsum([0, *sizes]).tolist()
    x, y, p, minus_p, q, minus_q = (slice(a, b) for a, b in itertools.pairwise(ends))
    count = ends[-1]
    M = np.zeros((count, count), dtype=object)
    b = np.zeros(count, dtype=object)
    M[x, y], M[y, x] = -A, -B.T
    for own, values, minus, side, matrix in ((x, p, minus_p, X, E), (y, q, minus_q, Y, F)):
        M[own, values], M[own, minus] = matrix.T, -matrix.T
        M[values, own], M[minus, own] = -matrix, matrix
        b[values] = [int(parent < 0) for parent in side.parents]
        b[minus] = -b[values]
    least = max(range(count), key=lambda i: (-b[i], i))
    rows = []
    for i in range(count):
        change = M[least] if i == least else M[least] - M[i]
        right = -b[least] if i == least else b[i] - b[least]
        rows.append([*change.tolist(), -1, right])
    slacks = tuple(range(count, 2 * count))
    basis = [2 * count if k == count + least else k for k in slacks]
    start = Tableau(rows, 1, (*range(count), count + least), tuple(basis), slacks)
    return start, least, count
