"""What a formal model states: its source, its parameters and their ranges, its game.

A model is a class in a file of its own. Parameters are declared with :func:`par`; closed forms are
plain methods; propositions are methods marked :func:`~gametheory.claims.proposition`. Parameters
may be arrays, so closed forms are written to broadcast: one instance is then a whole sample.

>>> import gametheory as gt
>>> class Deadlock(Model):
...     "Two states prefer to arm whatever the other does."
...     citation = Citation("Example, E.", 2026, "A deadlock", "unpublished", read=True)
...     g: float = par(2.0, "gain from arming, payoff units", (0, 10))
...     h: float = par(1.0, "harm from the other's arms, payoff units", (0, 10))
...     def requires(self):
...         return {"g > 0": self.g > 0}
...     def game(self):
...         return gt.CountGame([self.g, self.g - self.h], [0, -self.h])
>>> Deadlock(g=3).game().gain.tolist()
[3.0, 3.0]
>>> Deadlock(g=12)
Traceback (most recent call last):
    ...
ValueError: Deadlock: g = 12 is outside 0..10 (gain from arming, payoff units)
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import math
import pkgutil
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from gametheory.actions import ActionGame
from gametheory.cutoff import CutoffForm
from gametheory.game import Array, GameForm
from gametheory.tree import Tree

if TYPE_CHECKING:
    from gametheory.claims import Proposition


@dataclass(frozen=True)
class Citation:
    """Where a model comes from. ``read`` is False where the full text was not seen: "after X"."""

    authors: str
    year: int
    title: str
    where: str
    read: bool = False

    def __str__(self) -> str:
        source = f"{self.authors} ({self.year}), {self.title}, {self.where}"
        return source if self.read else f"after {source}"


@dataclass(frozen=True)
class Parameter:
    """A parameter: what it means, with its unit; where it may lie; where it is drawn from.

    ``range`` is closed and may be infinite; ``box`` is the finite part of it that priors draw from,
    None for a parameter that keeps its value. ``width`` is the number of entries of a parameter
    that has one for each state (drawn independently), None for a single number.
    """

    name: str
    default: float | tuple[float, ...]
    meaning: str
    range: tuple[float, float]
    box: tuple[float, float] | None
    integer: bool

    @property
    def width(self) -> int | None:
        return len(self.default) if isinstance(self.default, tuple) else None

    def admits(self, value: Any) -> Any:
        """Whether ``value`` (or each of an array) lies in the range and is whole if it must be."""
        lo, hi = self.range
        if not isinstance(value, np.ndarray | tuple | list):
            return bool(lo <= value <= hi and not (self.integer and value % 1 != 0))
        inside = np.logical_and(np.greater_equal(value, lo), np.less_equal(value, hi))
        if self.integer:
            inside = np.logical_and(inside, np.equal(np.floor(value), value))
        return inside


def par(
    default: float | tuple[float, ...],
    meaning: str,
    range: tuple[float, float],
    box: tuple[float, float] | None = None,
) -> Any:
    """Declares a parameter: its default, its meaning and unit, and the closed range it lies in.

    Priors draw from ``box``, by default from ``range`` if that is finite. An infinite range without
    a box keeps the parameter fixed in samples. A tuple as default declares one entry a state; the
    last axis of such a parameter runs over states.
    """
    lo, hi = range
    if box is None and math.isfinite(lo) and math.isfinite(hi):
        box = range
    return dataclasses.field(
        default=default, metadata={"meaning": meaning, "range": range, "box": box}
    )


class Model:
    """Base of the formal models: a frozen record of parameters with a game and closed forms.

    Raises ValueError naming the parameter for a value out of its range or against ``requires``.
    """

    citation: ClassVar[Citation]
    concept: ClassVar[str] = "Nash equilibrium"
    _parameters: ClassVar[Mapping[str, Parameter]]
    states: ClassVar[str | None] = None
    """The parameter that counts the states, where a parameter with one entry a state has more."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True, eq=False)(cls)
        cls._parameters = types.MappingProxyType(
            {
                f.name: Parameter(
                    f.name, cast(Any, f.default), integer=f.type in ("int", int), **f.metadata
                )
                for f in dataclasses.fields(cls)  # type: ignore[arg-type]
            }
        )

    def __init__(self, **values: Any) -> None:
        raise TypeError("Model: give a subclass with parameters")

    def __post_init__(self) -> None:
        name = type(self).__name__
        for p in self.parameters().values():
            value = getattr(self, p.name)
            if isinstance(value, (list, tuple, np.ndarray)):
                value = np.asarray(value)
                object.__setattr__(self, p.name, value)
            try:
                met = p.admits(value)
            except TypeError:
                raise ValueError(f"{name}: {p.name} = {value!r} is not a number") from None
            if met is not True and not np.all(met):
                lo, hi = p.range
                shown = value if np.ndim(value) == 0 else value[~p.admits(value)].flat[0]
                what = (
                    f"is not a whole number in {lo}..{hi}"
                    if p.integer
                    else f"is outside {lo}..{hi}"
                )
                raise ValueError(f"{name}: {p.name} = {shown} {what} ({p.meaning})")
        for condition, met in self.requires().items():
            if met is not True and not np.all(met):
                values = ", ".join(f"{p} = {getattr(self, p)}" for p in self.parameters())
                raise ValueError(f"{name}: needs {condition}, not met by {values}")

    def requires(self) -> Mapping[str, Any]:
        """Conditions on the parameters beyond their ranges, each by name, as booleans."""
        return {}

    def game(self) -> GameForm | ActionGame | CutoffForm | Tree:
        """The game at these parameters (scalars)."""
        raise TypeError(f"{type(self).__name__}: states no game, only closed forms")

    @classmethod
    def parameters(cls) -> Mapping[str, Parameter]:
        """The parameters by name, in order of declaration."""
        return cls._parameters

    @classmethod
    def propositions(cls) -> list[Proposition]:
        """The propositions, in order of declaration, each at the default parameters."""
        from gametheory.claims import Proposition

        marked = {
            name: p
            for base in reversed(cls.__mro__)
            for name, p in vars(base).items()
            if isinstance(p, Proposition)
        }
        return [getattr(cls, name) for name in marked]

    @classmethod
    def key(cls) -> str:
        """The name of the file that holds the model, its key in :func:`load_models`."""
        return cls.__module__.rpartition(".")[2]

    def but(self, **changes: Any) -> Self:
        """The same model with some parameters changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def values(self) -> dict[str, Any]:
        """The parameter values by name."""
        return {name: getattr(self, name) for name in self.parameters()}

    def drawn(self) -> dict[str, Array]:
        """The parameters that differ between draws, first axis the draw."""
        return {
            name: getattr(self, name)
            for name, p in self.parameters().items()
            if np.ndim(getattr(self, name)) > (p.width is not None)
        }

    @property
    def batch(self) -> tuple[int, ...]:
        """``(draws,)`` for a sample of parameter vectors, ``()`` for one."""
        lengths = {len(v) for v in self.drawn().values()}
        if len(lengths) > 1:
            raise ValueError(f"{type(self).__name__}: parameters of unequal lengths {lengths}")
        return tuple(lengths)

    def point(self, k: int) -> dict[str, Any]:
        """The parameter values of draw ``k``, as plain numbers and lists."""
        drawn = self.drawn()
        values = {name: v[k] if name in drawn else v for name, v in self.values().items()}
        if self.states:
            count = int(values[self.states])
            values = {name: v[:count] if np.ndim(v) else v for name, v in values.items()}
        return {name: v.tolist() if hasattr(v, "tolist") else v for name, v in values.items()}


def admissible(model: type[Model], values: Mapping[str, Any]) -> Array:
    """Which of the parameter vectors a model accepts: booleans, in the shape of the arrays."""
    candidate = object.__new__(model)
    for name, parameter in model.parameters().items():
        object.__setattr__(candidate, name, values.get(name, parameter.default))
    conditions = [np.asarray(met) for met in candidate.requires().values()]
    for name, parameter in model.parameters().items():
        met = parameter.admits(values.get(name, parameter.default))
        conditions.append(met.all(axis=-1) if parameter.width else met)
    return np.asarray(np.logical_and.reduce(np.broadcast_arrays(*conditions)))


def load_models() -> dict[str, type[Model]]:
    """Every installed model by key, the name of its file. Entry point group: gametheory.models.

    An entry point names a package (searched with its subpackages), a module or a class. Raises
    ValueError if two models share a key.
    """
    found: dict[str, type[Model]] = {}
    for entry in importlib.metadata.entry_points(group="gametheory.models"):
        target = entry.load()
        for model in _models_in(target):
            other = found.setdefault(model.key(), model)
            if other is not model:
                raise ValueError(
                    f"models: {model.__module__} and {other.__module__} share a key; rename a file"
                )
    return dict(sorted(found.items()))


def _models_in(target: Any) -> list[type[Model]]:
    if not isinstance(target, types.ModuleType):
        return [target]
    modules = [target]
    if hasattr(target, "__path__"):
        modules += [
            importlib.import_module(m.name)
            for m in pkgutil.walk_packages(target.__path__, target.__name__ + ".")
        ]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Model)
        and value.__module__ == module.__name__
    ]
