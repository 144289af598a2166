"""What a model owes its readers, as one check; and small games with ties, for tests of solvers.

For this package and for anybody who adds a model. A package of models holds its models to the
contract in three lines:

>>> from gametheory.testing import check_model
>>> from gametheory_models.armsrace.arms_control import ArmsControl
>>> check_model(ArmsControl, draws=200)

The contract: a citation and a docstring; parameters with a meaning, a unit and a range that is
enforced; a game whose equilibria are certified; closed forms and propositions that say of a sample
what they say of each of its points; verdicts that follow from their evidence and can be run again.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory.bayesian import BayesianGame
from gametheory.behaviour import TreeEquilibria, certify_behaviour
from gametheory.claims import Holds, Proposition, Verdict, judge
from gametheory.continuous import ActionEquilibria
from gametheory.cutoff_equilibria import CutoffEquilibria
from gametheory.equilibrium import Coverage, EquilibriumSet, certify
from gametheory.game import Game, Number
from gametheory.model import Citation, Model, Parameter
from gametheory.prior import draw
from gametheory.solvers import solve
from gametheory.tree import Chance, Move, Tree

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

POINTS, GAMES = 20, 3
"""Drawn points at which closed forms and propositions, and games, are compared."""

ROUNDING = 1e-12

DIMENSION = re.compile(
    r"\b(units?|numbers?|chances?|probability|shares?|factor|exponent|ratio|percent|"
    r"periods?|rounds?|years?|months?|days?)\b"
)


def games(
    players: int = 2,
    actions: tuple[int, int] = (1, 4),
    values: SearchStrategy[Any] | None = None,
) -> SearchStrategy[Game]:
    """A Hypothesis strategy: games in which each player has ``actions`` (least, most) actions.

    Payoffs come from ``values``, by default the integers from -2 to 2, so that ties are common and
    the game is exact. Numbers of actions are drawn for each player: most games are lopsided.
    """
    from hypothesis import strategies as st

    payoff = st.integers(-2, 2) if values is None else values

    def of_shape(shape: tuple[int, ...]) -> SearchStrategy[Game]:
        size = math.prod(shape) * players
        return st.lists(payoff, min_size=size, max_size=size).map(
            lambda flat: Game(_table(flat).reshape(*shape, players))
        )

    return st.tuples(*[st.integers(*actions)] * players).flatmap(of_shape)


def bayesian_games(
    players: int = 2,
    types: tuple[int, int] = (1, 3),
    actions: tuple[int, int] = (1, 3),
    values: SearchStrategy[Any] | None = None,
) -> SearchStrategy[BayesianGame]:
    """A Hypothesis strategy: Bayesian games with ``types`` and ``actions`` (least, most) a player.

    Payoffs as of :func:`games`. Types are correlated, and some type profiles have chance zero.
    """
    from hypothesis import strategies as st

    payoff = st.integers(-2, 2) if values is None else values

    def of_shape(shape: tuple[tuple[int, ...], tuple[int, ...]]) -> SearchStrategy[BayesianGame]:
        T, m = shape
        size = math.prod((*T, *m, players))
        cells = math.prod(T)
        weights = st.lists(st.integers(0, 3), min_size=cells, max_size=cells).map(
            lambda flat: np.array(flat).reshape(T)
        )
        each = weights.filter(
            lambda w: all(np.moveaxis(w, i, 0).reshape(k, -1).any(1).all() for i, k in enumerate(T))
        )
        return st.builds(
            lambda flat, w: BayesianGame(
                _table(flat).reshape(*T, *m, players),
                w.astype(object) * Fraction(1, int(w.sum())),
            ),
            st.lists(payoff, min_size=size, max_size=size),
            each,
        )

    both = (st.tuples(*[st.integers(*ends)] * players) for ends in (types, actions))
    return st.tuples(*both).flatmap(of_shape)


def _table(flat: list[Any]) -> Any:
    table = np.empty(len(flat), dtype=object)
    table[:] = flat
    return table


TIED = (0, 1, -1, 2, -2)
"""Payoffs few enough that ties are common."""


def trees(
    players: int = 2,
    moves: tuple[int, int] = (1, 7),
    actions: tuple[int, int] = (1, 3),
    values: Sequence[Number] = TIED,
    chance: bool = True,
    perfect: bool = False,
) -> SearchStrategy[Tree]:
    """A Hypothesis strategy: the trees of :func:`random_tree`."""
    from hypothesis import strategies as st

    return st.randoms(use_true_random=False).map(
        lambda source: random_tree(source, players, moves, actions, values, chance, perfect)
    )


def random_tree(
    seed: int | Random,
    players: int = 2,
    moves: tuple[int, int] = (1, 7),
    actions: tuple[int, int] = (1, 3),
    values: Sequence[Number] = TIED,
    chance: bool = True,
    perfect: bool = False,
) -> Tree:
    """A small tree with perfect recall, exact if ``values`` are: most are lopsided and have ties.

    ``moves`` and ``actions`` are the (least, most) inner nodes and moves at each. Payoffs are
    among ``values``. Chance, if it moves at all, gives each outcome a positive chance. ``perfect``
    asks for perfect information. A player may have no move.

    >>> random_tree(6)
    Tree(Player 1: 2 information sets; Player 2: 2; 14 nodes, 7 ends; exact)
    """
    source = Random(seed) if isinstance(seed, int) else seed
    names = [f"Player {i + 1}" for i in range(players)]
    steps: dict[tuple[str, ...], Move | Chance] = {}
    # Ends to grow, each with what every player did last: nodes at which it is the same for the
    # mover may be one information set.
    growing: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((), ("",) * players)]
    known: dict[tuple[int, str], list[Move]] = {}
    for _ in range(source.randint(*moves)):
        similar = [
            (k, i) for k, e in enumerate(growing) for i in range(players) if (i, e[1][i]) in known
        ]
        hide = bool(similar) and not perfect and source.randint(0, 1) == 1
        if hide:
            where, mover = source.choice(similar)
        else:
            where, mover = source.randrange(len(growing)), source.randrange(players + chance)
        history, last = growing.pop(where)
        m = source.randint(*actions)
        if mover == players:
            weights = {f"c{k}": source.randint(1, 3) for k in range(m)}
            total = sum(weights.values())
            steps[history] = Chance({a: Fraction(w, total) for a, w in weights.items()})
            growing += [((*history, a), last) for a in weights]
            continue
        if not hide:
            label = f"h{sum(map(len, known.values()))}"
            fresh = Move(names[mover], tuple(map(str, range(m))), label)
            known.setdefault((mover, last[mover]), []).append(fresh)
        step = steps[history] = source.choice(known[mover, last[mover]]) if hide else fresh
        for a in step.actions:
            now = (*last[:mover], f"{step.at} {a}", *last[mover + 1 :])
            growing.append(((*history, a), now))
    return Tree.of(
        names, lambda h: steps[h] if h in steps else [source.choice(values) for _ in names]
    )


def random_signalling(
    seed: int | Random,
    types: int = 2,
    messages: int = 2,
    responses: int = 2,
    values: Sequence[Number] = TIED,
) -> Tree:
    """A signalling game: a sender who knows its type, a receiver who sees the message alone.

    Types have positive chances; payoffs are among ``values``.

    >>> random_signalling(0, types=2, messages=3)
    Tree(Sender: 2 information sets; Receiver: 3; 21 nodes, 12 ends; exact)
    """
    source = Random(seed) if isinstance(seed, int) else seed
    weights = [source.randint(1, 3) for _ in range(types)]

    def rule(history: tuple[str, ...]) -> Any:
        match history:
            case ():
                return Chance({f"t{k}": Fraction(w, sum(weights)) for k, w in enumerate(weights)})
            case (kind,):
                return Move("Sender", tuple(f"m{k}" for k in range(messages)), kind)
            case (_, message):
                return Move("Receiver", tuple(f"r{k}" for k in range(responses)), message)
            case _:
                return [source.choice(values) for _ in range(2)]

    return Tree.of(["Sender", "Receiver"], rule)


def random_crisis(
    seed: int | Random, types: tuple[int, int] = (1, 2), values: Sequence[Number] = TIED
) -> Tree:
    """A crisis: a challenger may threaten, a defender resist, the challenger then attack.

    Each knows its own type, of ``types`` (the challenger's, the defender's), which are independent.
    Payoffs are among ``values``.

    >>> random_crisis(0)
    Tree(Challenger: 2 information sets; Defender: 2; 16 nodes, 8 ends; exact)
    """
    source = Random(seed) if isinstance(seed, int) else seed
    weights = [[source.randint(1, 3) for _ in range(m)] for m in types]

    def rule(history: tuple[str, ...]) -> Any:
        kinds, done = history[:2], history[2:]
        if len(kinds) < 2:
            side = weights[len(kinds)]
            names = [f"{'CD'[len(kinds)]}{k}" for k in range(len(side))]
            return Chance({a: Fraction(w, sum(side)) for a, w in zip(names, side)})
        match done:
            case ():
                return Move("Challenger", ("wait", "threaten"), kinds[0])
            case ("threaten",):
                return Move("Defender", ("yield", "resist"), kinds[1])
            case ("threaten", "resist"):
                return Move("Challenger", ("back down", "attack"), f"{kinds[0]}, resisted")
            case _:
                return [source.choice(values) for _ in range(2)]

    return Tree.of(["Challenger", "Defender"], rule)


def check_model(model: type[Model], draws: int = 2_000, seed: int = 0) -> None:
    """Raises AssertionError, in one line, for the first term of the contract ``model`` breaks.

    ``draws`` is the number of parameter vectors from each prior that a verdict is tried on, a tenth
    of it where the proposition is tested at one point at a time. Cost: mostly two verdicts for each
    proposition.
    """
    _states_its_source(model)
    for parameter in model.parameters().values():
        _declares(model, parameter)
    default = _attempt(model, "the defaults", model)
    for parameter in model.parameters().values():
        _refuses_what_is_out_of_range(model, parameter)
    sample, points = default, [default]
    if any(p.box for p in model.parameters().values()):
        sample = _attempt(model, "a draw from the boxes", draw, default, "uniform", POINTS, seed)
        points = [_attempt(model, "a drawn point", model, **sample.point(k)) for k in range(POINTS)]
    if model.game is not Model.game:
        for point in [default, *points[:GAMES]]:
            _game_is_solved(model, point)
    for name in _closed_forms(model):
        _says_the_same_of_a_sample(model, name, sample, points)
    for proposition in default.propositions():
        _holds_alike(model, proposition, sample, points)
        enough = -(-draws // 10) if proposition.pointwise else draws
        _reaches_a_verdict(model, proposition, enough, seed)


def _require(model: type[Model], met: Any, breach: str) -> None:
    if not met:
        raise AssertionError(f"{model.__name__}: {breach}")


def _attempt(model: type[Model], what: str, run: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    """What ``run`` returns; an AssertionError that names ``what`` if it raises."""
    try:
        return run(*args, **kw)
    except Exception as error:
        text = f"{model.__name__}: {what} raises {type(error).__name__}: {error}"
        raise AssertionError(text) from error


def _states_its_source(model: type[Model]) -> None:
    has = isinstance(getattr(model, "citation", None), Citation)
    _require(model, has, "no citation; set `citation = Citation(...)`")
    written = model.__doc__ and not model.__doc__.startswith(f"{model.__name__}(")
    _require(model, written, "no docstring; say what the game is in one line")  # dataclass adds one


def _declares(model: type[Model], p: Parameter) -> None:
    lo, hi = p.range
    _require(model, p.meaning.strip(), f"{p.name} has no meaning")
    _require(
        model,
        DIMENSION.search(p.meaning),
        f"{p.name} ({p.meaning}) has no unit; name one, or say number, chance or share",
    )
    _require(model, lo < hi, f"{p.name} has an empty range {lo}..{hi}")
    inside = np.all(p.admits(p.default))
    _require(model, inside, f"the default {p.name} = {p.default} is outside {lo}..{hi}")
    if p.box:
        a, b = p.box
        _require(model, lo <= a < b <= hi, f"the box {a}..{b} of {p.name} is not in {lo}..{hi}")


def _refuses_what_is_out_of_range(model: type[Model], p: Parameter) -> None:
    lo, hi = p.range
    wrong = [lo - 1, hi + 1] + [lo + 0.5] * p.integer
    for value in filter(math.isfinite, wrong):
        given = (value,) * p.width if p.width else value
        try:
            model(**{p.name: given})
        except ValueError as error:
            named = re.search(rf"\b{p.name}\b", str(error))
            _require(model, named, f"the error for {p.name} = {value} does not name it: {error}")
        else:
            _require(model, False, f"{p.name} = {value} is accepted, outside {lo}..{hi}")


def _game_is_solved(model: type[Model], point: Model) -> None:
    where = f"the game at {_shown(point)}"
    found = _attempt(model, where, lambda: solve(point.game()))
    told = isinstance(found, (EquilibriumSet, ActionEquilibria, CutoffEquilibria, TreeEquilibria))
    _require(model, told, f"{where} has no set of equilibria")
    _require(model, found.coverage is not Coverage.UNKNOWN, f"{where}: coverage is unknown")
    check = certify_behaviour if isinstance(found, TreeEquilibria) else certify
    for e in found:
        _require(model, check(e.profile).holds(), f"{where}: {e!r} is not an equilibrium")


def _closed_forms(model: type[Model]) -> Iterator[str]:
    """Public methods that need no arguments and are no propositions."""
    base = set(vars(Model))
    for cls in model.__mro__[: model.__mro__.index(Model)]:
        for name, member in vars(cls).items():
            if name in base or name.startswith("_") or not inspect.isfunction(member):
                continue
            base.add(name)
            _, *arguments = inspect.signature(member).parameters.values()
            if all(a.default is not a.empty or a.kind in (2, 4) for a in arguments):
                yield name


def _says_the_same_of_a_sample(
    model: type[Model], name: str, sample: Model, points: list[Model]
) -> None:
    alone = [_attempt(model, f"{name}() at {_shown(m)}", getattr(m, name)) for m in points]
    if isinstance(alone[0], Model):  # a change of the model, not a number
        return
    whole = _attempt(model, f"{name}() of a sample", getattr(sample, name))
    together = np.broadcast_to(whole, np.shape(alone)) if np.ndim(whole) == 0 else np.asarray(whole)
    _require(
        model,
        together.shape == np.shape(alone),
        f"{name}() of {len(points)} draws has shape {together.shape}, not {np.shape(alone)}",
    )
    for point, one, other in zip(points, together, alone):
        same = np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)
        _require(model, same, f"{name}() is {one} in a sample, {other} alone, at {_shown(point)}")


def _holds_alike(model: type[Model], p: Proposition, sample: Model, points: list[Model]) -> None:
    _require(model, p.statement.endswith("."), f"{p.name}: the statement has no full stop")
    whole = _attempt(model, f"{p.name} of a sample", p.at, sample)
    if not sample.drawn():
        points = []
    for k, point in enumerate(points):
        one = _attempt(model, f"{p.name} at {_shown(point)}", p.at, point)
        there = tuple(bool(x[k]) for x in (whole.every, whole.some, whole.known, whole.given))
        here = tuple(bool(x) for x in (one.every, one.some, one.known, one.given))
        _require(
            model,
            here == there,
            f"{p.name}: (every, some, known, given) is {there} in a sample, {here} alone, "
            f"at {_shown(point)}",
        )
    _implies(model, p, whole)


def _implies(model: type[Model], p: Proposition, holds: Holds) -> None:
    implied = np.all(~holds.every | holds.some | ~holds.given)
    _require(model, implied, f"{p.name}: holds in every equilibrium but not in some")


def _reaches_a_verdict(model: type[Model], p: Proposition, draws: int, seed: int) -> None:
    run = f"the verdict {p.name}"
    v: Verdict = _attempt(model, run, p, draws, seed)
    again = _attempt(model, run, p, draws, seed)
    _require(model, v == again, f"{run}: seed {seed} gives two verdicts")
    lo, hi = v.interval
    _require(
        model,
        lo - ROUNDING <= v.share <= hi + ROUNDING,
        f"{run}: share {v.share} is outside {v.interval}",
    )
    for e in v.evidence:
        ordered = 0 <= e.every <= e.some <= 1
        _require(model, ordered, f"{run}: every {e.every}, some {e.some} under {e.prior}")
    known = all(e.unknown == 0 for e in v.evidence)
    if known:
        told = judge([e.every for e in v.evidence], [e.some for e in v.evidence])
        _require(model, v.finding is told, f"{run}: {v.finding.name} from shares of {told.name}")
        full = v.share == 1
        _require(
            model,
            (v.counterexample is None) == full,
            f"{run}: share {v.share} with counterexample {v.counterexample}",
        )
    if v.counterexample is not None:
        point = _attempt(model, f"{run}: its counterexample", model, **v.counterexample)
        there = p.at(point)
        fails = there.given and there.known and not there.every
        _require(model, fails, f"{run}: its counterexample {v.counterexample} does not fail")


def _shown(point: Model) -> str:
    return ", ".join(f"{name} = {value}" for name, value in point.values().items())
