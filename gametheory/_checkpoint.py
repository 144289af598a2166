"""Finished parts of a long run in a folder, and the name that says which run they are of."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import os
import pickle
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gametheory._chunks import Part
from gametheory.game import Array
from gametheory.model import Model


class Store:
    """Parts of a run in a folder, one file each, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def save(self, part: Part) -> None:
        target = self.folder / f"{part.lo}-{part.hi}.npz"
        scratch = target.with_suffix(f".{os.getpid()}.part")
        head = json.dumps({"names": list(part.columns), "errors": part.errors})
        with scratch.open("wb") as file:
            np.savez(file, np.array(head), *part.columns.values())
        os.replace(scratch, target)

    def parts(self) -> Iterator[Part]:
        """The parts that can be read, in order and without overlap; the others are as if absent."""
        end = 0
        for lo, hi, path in sorted(self._files()):
            part = self._load(lo, hi, path) if lo >= end else None
            if part:
                end = hi
                yield part

    def _files(self) -> Iterator[tuple[int, int, Path]]:
        for path in self.folder.glob("*-*.npz"):
            lo, _, hi = path.stem.partition("-")
            if lo.isdecimal() and hi.isdecimal():
                yield int(lo), int(hi), path

    @staticmethod
    def _load(lo: int, hi: int, path: Path) -> Part | None:
        try:
            with path.open("rb") as file, np.load(file) as data:
                head, *columns = (data[name] for name in data.files)
            about = json.loads(str(head))
            if any(len(column) != hi - lo for column in columns):
                return None
            named = dict(zip(about["names"], columns, strict=True))
            return Part(lo, hi, named, {int(k): text for k, text in about["errors"].items()})
        except Exception:  # a damaged file fails in many ways, all of them the same here
            return None


def fingerprint(
    model: Model, quantity: str | Callable[..., Any], points: Mapping[str, Array], *rest: Any
) -> str:
    """A name for a run: what is computed, at which points, with which code and settings.

    Covers the files of the model's classes; the source of a quantity that is a function, and the
    values it takes from around it. Not the functions that it calls in turn. Raises ValueError where
    code or a value has no stable form.
    """
    import gametheory

    digest = hashlib.sha256(repr((gametheory.__version__, np.__version__, rest)).encode())
    for kind in type(model).__mro__:
        if issubclass(kind, Model) and kind is not Model:
            digest.update(f"{kind.__module__}.{kind.__qualname__}\0{_file(kind)}\0".encode())
    for code in [quantity.encode()] if isinstance(quantity, str) else _code(quantity):
        digest.update(code + b"\0")
    for name, values in [*model.values().items(), *points.items()]:
        array = np.asarray(values)
        digest.update(f"{name} {array.dtype} {array.shape}\0".encode() + array.tobytes())
    return digest.hexdigest()[:16]


def _file(kind: type) -> str:
    """The file that defines a class; its own lines where there is none (a notebook)."""
    module = inspect.getmodule(kind)
    try:
        return inspect.getsource(module or kind)
    except (OSError, TypeError):
        return _source(kind)


def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        name = getattr(thing, "__qualname__", thing)
        raise ValueError(f"checkpoint: {name} has no source; define it in a file") from None


def _code(function: Any) -> Iterator[bytes]:
    """Source of a function and the values that it takes from around it."""
    if isinstance(function, functools.partial):
        yield _stable(function.args, "an argument")
        for name, value in sorted(function.keywords.items()):
            yield _stable(value, name)
        function = function.func
    if not isinstance(function, types.FunctionType):
        yield _source(type(function)).encode()
        yield _stable(function, "it")
        return
    yield f"{function.__module__}.{function.__qualname__}\0{_source(function)}".encode()
    yield _stable((function.__defaults__, function.__kwdefaults__), "a default")
    around = inspect.getclosurevars(function)
    for name, value in sorted({**around.nonlocals, **around.globals}.items()):
        if not isinstance(value, types.ModuleType):
            yield name.encode() + _stable(value, name)


def _stable(value: Any, name: str) -> bytes:
    try:
        return pickle.dumps(value, protocol=4)
    except Exception:
        raise ValueError(
            f"checkpoint: the quantity depends on {name}, which cannot be pickled; "
            "use a function of the model and of plain values"
        ) from None
