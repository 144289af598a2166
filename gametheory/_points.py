"""A quantity of a model at a list of points: one by one, or as arrays.

What is found at a point depends on the point, its flat index and the seed alone, so that the points
can be cut into parts anywhere.
"""

from __future__ import annotations

import difflib
import inspect
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np

from gametheory.claims import Holds, Proposition
from gametheory.game import Array
from gametheory.model import Model, admissible

Quantity = str | Callable[..., Any] | Proposition
MESSAGES = 1_000
"""Messages kept of the points that failed."""

Piece = tuple[str, Array, Array]
"""A name, the points that have it, and its values there."""


@dataclass(frozen=True)
class Points:
    """A quantity at a list of points, of which the first has flat index ``first``.

    ``draws``: whether it takes ``rng``. ``errstate``: how numpy treats floating-point errors, as
    in the process that started the run.
    """

    model: Model
    quantity: str | Callable[..., Any]
    points: dict[str, Array]
    seed: int
    vectorized: bool
    draws: bool
    errstate: dict[str, Any]
    first: int = 0

    @property
    def size(self) -> int:
        return len(next(iter(self.points.values())))

    @property
    def name(self) -> str:
        return name_of(self.quantity)

    def part(self, lo: int, hi: int) -> Points:
        cut = {name: values[lo:hi] for name, values in self.points.items()}
        return replace(self, points=cut, first=self.first + lo)

    def __call__(self) -> tuple[dict[str, Array], dict[int, str]]:
        """The columns here, and the messages of the points that raised, by flat index."""
        errors: dict[int, str] = {}
        with np.errstate(**self.errstate):
            if self.vectorized:
                pieces = self._by_array(errors)
            else:
                pieces = self._one_by_one(range(self.size), errors)
        failed = np.zeros(self.size, bool)
        failed[list(errors)] = True
        kept = {self.first + k: errors[k] for k in sorted(errors)[:MESSAGES]}
        return join(pieces, self.size) | {"failed": failed}, kept

    def try_out(self) -> None:
        """Raises TypeError or ValueError if the first admissible point gives no numbers."""
        for k in range(min(self.size, 1_000)):
            try:
                self._at(k)
            except ValueError:
                continue
            try:
                with np.errstate(**self.errstate):
                    result = self._result(k)
            except Exception:
                return  # the run records it, here and wherever else it happens
            self._record(result)
            return

    def _at(self, k: int) -> Model:
        return self.model.but(**{name: values[k].tolist() for name, values in self.points.items()})

    def _result(self, k: int) -> Any:
        drawn = {}
        if self.draws:
            stream = np.random.SeedSequence(self.seed, spawn_key=(self.first + k,))
            drawn["rng"] = np.random.default_rng(stream)
        return self._evaluate(self._at(k), **drawn)

    def _evaluate(self, model: Model, **drawn: Any) -> Any:
        if not isinstance(self.quantity, str):
            return self.quantity(model, **drawn)
        method = getattr(model, self.quantity)
        return method.holds() if isinstance(method, Proposition) else method(**drawn)

    def _record(self, result: Any) -> dict[str, Any]:
        return {name: _number(name, x) for name, x in self._named(result).items()}

    def _named(self, result: Any) -> dict[str, Any]:
        if isinstance(result, Holds):
            return vars(result)
        named = dict(result) if isinstance(result, Mapping) else {self.name: result}
        for name in named:
            if name in self.points or name in ("failed", "draw") or not isinstance(name, str):
                raise ValueError(f"quantity: {name!r} is taken or not text; rename this result")
        return named

    def _one_by_one(self, where: Iterable[int], errors: dict[int, str]) -> list[Piece]:
        found: dict[str, dict[int, Any]] = {}
        for k in where:
            try:
                record = self._record(self._result(k))
            except Exception as error:
                errors[k] = f"{type(error).__name__}: {error}"
            else:
                for name, value in record.items():
                    found.setdefault(name, {})[k] = value
        return [(name, np.array(list(x)), np.array(list(x.values()))) for name, x in found.items()]

    def _by_array(self, errors: dict[int, str]) -> list[Piece]:
        """The admissible points as arrays, the others one by one for their messages."""
        try:
            fixed = {k: v for k, v in self.model.values().items() if k not in self.points}
            good = np.broadcast_to(admissible(type(self.model), fixed | self.points), self.size)
        except Exception:
            good = np.ones(self.size, bool)
        pieces = self._one_by_one(np.flatnonzero(~good).tolist(), errors)
        return pieces + (self._halving(np.flatnonzero(good), errors) if good.any() else [])

    def _halving(self, where: Array, errors: dict[int, str]) -> list[Piece]:
        """The points ``where`` as one array; if that raises, each half of them, down to a point.

        A point is evaluated alone only where an array of that one point raises too, so that its
        value does not depend on its neighbours.
        """
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                taken = {name: values[where] for name, values in self.points.items()}
                result = self._named(self._evaluate(self.model.but(**taken)))
            found = [(name, where, _array(x, len(where))) for name, x in result.items()]
        except Exception:
            if len(where) == 1:
                return self._one_by_one(where.tolist(), errors)
            half = len(where) // 2
            return self._halving(where[:half], errors) + self._halving(where[half:], errors)
        self._check(where, found)
        return found

    def _check(self, where: Array, found: Sequence[Piece]) -> None:
        """Raises ValueError if a point where a parameter is extreme has other values alone."""
        picked = {0}
        for values in self.points.values():
            if values.ndim == 1:
                picked |= {int(values[where].argmin()), int(values[where].argmax())}
        for j in picked:
            errors: dict[int, str] = {}
            alone = {name: x[0] for name, _, x in self._one_by_one([int(where[j])], errors)}
            together = {name: x[j] for name, _, x in found}
            span = {name: np.abs(x).max(initial=0, where=np.isfinite(x)) for name, _, x in found}
            if alone.keys() != together.keys() or not all(
                _close(alone[name], together[name], span[name]) for name in alone
            ):
                point = ", ".join(f"{name} = {x[where[j]]}" for name, x in self.points.items())
                raise ValueError(
                    f"vectorized: {self.name} at {point} is {together} in an array, "
                    f"{alone or errors.popitem()[1]} alone; leave vectorized out"
                )


def quantity_at(
    model: Model, quantity: Quantity, points: dict[str, Array], seed: int, vectorized: bool
) -> Points:
    """The quantity at the points, checked as far as evaluation at one of them can tell."""
    kind = type(model)
    if isinstance(quantity, Proposition):
        quantity = quantity.name
    if isinstance(quantity, str):
        if not callable(getattr(kind, quantity, None)):
            methods = [m for m in dir(kind) if m[0] != "_" and callable(getattr(kind, m))]
            raise ValueError(f"quantity: {kind.__name__} {has_no('method', quantity, methods)}")
        draws = _draws(getattr(model, quantity), quantity)
    elif callable(quantity):
        draws = _draws(quantity, name_of(quantity), model)
    else:
        raise TypeError(f"quantity: {quantity!r}; give the name of a method or a function")
    seed = operator.index(seed)
    if seed < 0:
        raise ValueError(f"seed: {seed}; use 0 or more")
    if draws and vectorized:
        raise ValueError(f"vectorized: {name_of(quantity)} draws at each point; leave it out")
    job = Points(model, quantity, points, seed, vectorized, draws, dict(np.geterr()))
    job.try_out()
    return job


def _draws(function: Callable[..., Any], name: str, *given: Any) -> bool:
    """Whether a quantity takes ``rng``. Raises ValueError if it needs more arguments."""
    if isinstance(function, Proposition):
        return False
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions tell nothing
        return False
    draws = "rng" in signature.parameters
    try:
        signature.bind(*given, **({"rng": None} if draws else {}))
    except TypeError as error:
        raise ValueError(f"quantity: {name}: {error}; give a function of the model") from None
    return draws


def name_of(quantity: str | Callable[..., Any]) -> str:
    if isinstance(quantity, str):
        return quantity
    inner = getattr(quantity, "func", quantity)  # of a functools.partial
    return str(getattr(inner, "__name__", type(inner).__name__)).strip("<>")


def has_no(what: str, name: str, known: Iterable[str]) -> str:
    """The part of a message about an unknown name that says which are close, or else known."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=3) or names
    return f"has no {what} {name!r}; it has {', '.join(close)}"


def join(pieces: Sequence[Piece], size: int) -> dict[str, Array]:
    """The pieces as columns over all points; floats, NaN where missing, if any is missing."""
    ordered = sorted((p for p in pieces if len(p[1])), key=lambda piece: int(piece[1][0]))
    columns: dict[str, Array] = {}
    for name in dict.fromkeys(piece[0] for piece in ordered):
        own = [(where, values) for other, where, values in ordered if other == name]
        whole = sum(len(where) for where, _ in own) == size
        kind = np.result_type(*{values.dtype for _, values in own}) if whole else np.dtype(float)
        column = np.full(size, np.nan if kind.kind == "f" else 0, kind)
        for where, values in own:
            column[where] = values
        columns[name] = column
    return columns


def _number(name: str, x: Any) -> bool | int | float:
    if isinstance(x, (np.ndarray, np.generic)) and x.ndim == 0:
        x = x.item()
    if isinstance(x, bool):
        return x
    if isinstance(x, Integral) and abs(int(x)) < 2**63:
        return int(x)
    if hasattr(x, "__float__") and np.ndim(x) == 0:
        return float(x)
    what = f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else f"{x!r:.60}"
    raise TypeError(f"quantity: {name} is {what}; return a number or a dict of numbers")


def _array(x: Any, size: int) -> Array:
    values = np.asarray(x)
    if values.ndim > 1 or values.dtype.kind not in "biuf":
        raise TypeError("not a number a point")
    kind = {"b": bool, "f": float}.get(values.dtype.kind, np.int64)
    return np.broadcast_to(values, size).astype(kind)


def _close(x: Any, y: Any, span: float) -> bool:
    if isinstance(x, (bool, np.bool_)) or isinstance(y, (bool, np.bool_)):
        return bool(x == y)
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9 * span) or (x != x and y != y)
