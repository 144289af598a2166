"""Numba's compiler, with machine code kept on disk.

Kernels are compiled at their first call and kept in the first of these folders that can be
written:

1. that of ``NUMBA_CACHE_DIR``, if set;
2. the package's own (``__pycache__``);
3. the user's cache folder;
4. one of the user's in the system's folder for temporary files.

What is in any of them is used, written here or not: ``python -m gametheory.compile`` fills the
first once and for all, before an installation becomes read-only. Machine code contains that of the
kernels it calls, so what is kept is valid for the text of all kernels together.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching

F = TypeVar("F", bound=Callable[..., object])

KERNELS: list[Any] = []
"""All that was made by :func:`compiled`."""


def compiled(function: F) -> F:
    """``function``, compiled at its first call; it runs without the interpreter's lock."""
    kernel: Any = numba.njit(nogil=True)(function)
    kernel._cache = Kept(function, *places(Path(function.__code__.co_filename).parent))
    KERNELS.append(kernel)
    return cast(F, kernel)


def inlined(function: F) -> F:
    """``function``, written out wherever compiled code calls it: constant arguments are folded."""
    return cast(F, numba.njit(nogil=True, inline="always")(function))


@functools.cache
def places(home: Path) -> tuple[Path | None, list[Path]]:
    """Where the machine code of the kernels in ``home`` is written, and where else it may be."""
    mine = f"gametheory-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    known = [home / "__pycache__", *(folder / mine for folder in users())]
    asked = os.environ.get("NUMBA_CACHE_DIR")
    if asked:
        known.insert(0, Path(asked) / mine)
    for folder in known:
        if writable(folder):
            return folder, [other for other in known if other != folder and other.is_dir()]
    last = temporary()
    return last / mine if last and writable(last / mine) else None, known


def users() -> Iterator[Path]:
    """The user's cache folder, if he has a home."""
    with contextlib.suppress(RuntimeError):
        if sys.platform == "win32":
            usual = Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            usual = Path.home() / "Library" / "Caches"
        else:
            usual = Path.home() / ".cache"
        yield Path(os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or usual)


def temporary() -> Path | None:
    """A folder for temporary files that is this user's alone: what lies there is run."""
    if sys.platform == "win32":  # the system's is the user's own
        return Path(tempfile.gettempdir())
    folder = Path(tempfile.gettempdir()) / f"gametheory-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if own and not found.st_mode & 0o077 else None


def writable(folder: Path) -> bool:
    """Whether files can be made in ``folder``, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


@functools.cache
def stamp(home: Path) -> str:
    """Of the text of all kernels in ``home``."""
    digest = hashlib.sha256()
    for path in sorted(home.glob("*.py")):
        text = path.read_bytes()
        if b"@compiled" in text:
            digest.update(path.name.encode() + b"\0" + text)
    return digest.hexdigest()


class Place(caching._CacheLocator):
    """One folder, as numba asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def from_function(self, py_func: Any, py_file: str) -> Place:  # type: ignore[override]
        """The same folder for the kernel ``py_func``."""
        place = Place(self.folder)
        place._py_file = py_file
        place.line = py_func.__code__.co_firstlineno
        return place

    def get_cache_path(self) -> str:
        return str(self.folder)

    def get_source_stamp(self) -> str:
        return stamp(Path(self._py_file).parent)

    def get_disambiguator(self) -> str:
        return str(self.line)

    _py_file = ""
    line = 0


@functools.cache
def cache_in(folder: Path) -> Any:
    """Numba's cache of one function, in ``folder``."""
    bases = (caching.CompileResultCacheImpl,)
    files = type("Files", bases, {"_locator_classes": [Place(folder)]})
    return type("InFolder", (caching.FunctionCache,), {"_impl_class": files})


class Kept(caching._Cache):
    """The machine code of one kernel: read from any of some folders, written to one."""

    def __init__(
        self, function: Callable[..., object], write: Path | None, read: Sequence[Path]
    ) -> None:
        self.own = cache_in(write)(function) if write else caching.NullCache()
        self.others = [cache_in(folder)(function) for folder in read]

    @property
    def cache_path(self) -> Any:
        return self.own.cache_path

    def load_overload(self, signature: Any, context: Any) -> Any:
        for cache in (self.own, *self.others):
            found = cache.load_overload(signature, context)
            if found is not None:
                return found
        return None

    def save_overload(self, signature: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk, say
            self.own.save_overload(signature, data)

    def enable(self) -> None:
        for cache in (self.own, *self.others):
            cache.enable()

    def disable(self) -> None:
        for cache in (self.own, *self.others):
            cache.disable()

    def flush(self) -> None:
        self.own.flush()
