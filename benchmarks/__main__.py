"""Runs every benchmark of this folder and writes what they print into docs/benchmarks.md.

    python -m benchmarks            all of them, then the page
    python -m benchmarks NAME ...   these, printed only

Each script runs in a process of its own, one after the other. The page is written at the end, if
none has failed: an interrupted or failed run leaves the old one as it was.
"""

from __future__ import annotations

import ast
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
SHOWN = ("gametheory-security", "numpy", "scipy", "numba", "quantecon", "pygambit", "nashpy")


def scripts() -> dict[str, Path]:
    """The benchmarks by name: every file of the folder that is no part of its machinery."""
    return {path.stem: path for path in sorted(HERE.glob("[!_]*.py"))}


def title(script: Path) -> str:
    """The first line of a benchmark's docstring, without the full stop."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or script.stem
    return text.partition("\n")[0].removesuffix(".")


def run(script: Path) -> str:
    """What the benchmark prints, also shown line by line. Raises SystemExit if it fails."""
    lines = []
    command = [sys.executable, "-u", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    if process.returncode:
        raise SystemExit(
            f"{script.name} failed (status {process.returncode}); the page is as it was"
        )
    return "\n".join(lines)


def processor() -> str:
    """The name of the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    named = (
        [x for x in info.read_text().splitlines() if x.startswith("model name")]
        if info.is_file()
        else []
    )
    return (
        named[0].partition(":")[2].strip() if named else platform.processor() or platform.machine()
    )


def versions() -> Iterator[str]:
    """What was measured, with versions."""
    yield f"Python {platform.python_version()}"
    for name in SHOWN:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name} not installed"


def page(printed: dict[str, str]) -> str:
    """The page, from what each benchmark printed."""
    head = f"""# Benchmarks

Written by `make bench` on {date.today().isoformat()}, {processor()}, {os.cpu_count()} cores.
{", ".join(versions())}.

Each table asserts its results before it times them; all columns of a table come from one run on the
same games. A ratio is the peer's time over ours: above 1, we are faster. Compiled code is warm.
"""
    sections = [
        f"## {title(path)}\n\n`python benchmarks/{path.name}`\n\n```text\n{printed[name]}\n```\n"
        for name, path in scripts().items()
    ]
    return "\n".join([head, *sections])


def main(names: list[str]) -> None:
    """Runs the benchmarks named, or all and then writes the page."""
    known = scripts()
    for name in names:
        if name not in known:
            raise SystemExit(f"{name}: no such benchmark; there are {', '.join(known)}")
    printed = {}
    for name in names or known:
        print(f"\n{title(known[name])}", flush=True)
        printed[name] = run(known[name])
    if not names:
        PAGE.write_text(page(printed), encoding="utf-8")
        print(f"\nwritten to {PAGE}")


if __name__ == "__main__":
    main(sys.argv[1:])
