"""Where machine code is kept, and that it is found again."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import gametheory
from gametheory.solvers import _compiled

PACKAGE = Path(gametheory.__file__).parent

KERNEL = """
from gametheory.solvers._compiled import compiled
import {other}

@compiled
def twice(x):
    return {other}.once(x) + {other}.once(x)
"""
OTHER = """
from gametheory.solvers._compiled import compiled

@compiled
def once(x):
    return x + {more}
"""
RUN = """
import json, sys
from pathlib import Path
from gametheory.solvers import _compiled
real = _compiled.writable
_compiled.writable = lambda at: not any(str(at).startswith(p) for p in {closed}) and real(at)
import kernel
value = kernel.twice({value})
stats = kernel.twice.stats
print(json.dumps([value, sum(stats.cache_hits.values()), stats.cache_path]))
"""


@pytest.fixture
def home(tmp_path):
    """A folder with two kernels, one of which calls the other."""
    (tmp_path / "code").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "temporary").mkdir()
    write(tmp_path, more=1)
    return tmp_path


def write(home, more):
    (home / "code" / "kernel.py").write_text(KERNEL.format(other="other"))
    (home / "code" / "other.py").write_text(OTHER.format(more=more))


def run(home, closed=(), value=3, **variables):
    """The value, how often code was found, and where it is kept; ``closed``: not to be written."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA", "XDG"))}
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(home / "code"), str(PACKAGE.parent)]),
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "temporary"),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(closed=[str(home / c) for c in closed], value=value)],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    value, hits, path = json.loads(done.stdout)
    return value, hits, path and Path(path).relative_to(home).parts[0]


def test_machine_code_is_kept_next_to_the_kernel_and_found_again(home):
    assert run(home) == (8, 0, "code")
    assert run(home) == (8, 1, "code")


def test_machine_code_that_others_wrote_is_used_where_nothing_can_be_written(home):
    run(home)
    everywhere = ["code", "home", "temporary"]
    assert run(home, everywhere) == (8, 1, None)
    assert run(home, everywhere, value=0.5) == (3.0, 0, None)  # of another type: compiled anew
    assert run(home, ["code"], value=0.5) == (3.0, 0, "home")
    assert run(home, ["code"], value=0.5) == (3.0, 1, "home")


def test_machine_code_goes_where_it_can(home):
    assert run(home, NUMBA_CACHE_DIR=str(home / "asked"))[2] == "asked"
    assert run(home, ["code"])[1:] == (0, "home")
    assert run(home, ["code", "home"])[1:] == (1, "temporary")
    shutil.rmtree(home / "home")
    assert run(home, ["code", "home"])[1:] == (0, "temporary")
    assert run(home, ["code", "home"])[1:] == (1, "temporary")


def test_machine_code_holds_that_of_the_kernels_it_calls(home):
    """A change to one kernel is a change to all: code of one is compiled into another's."""
    assert run(home)[0] == 8
    write(home, more=20)  # of another length, or Python may take its file of the same second
    assert run(home) == (46, 0, "code")


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner")
def test_a_temporary_folder_is_used_only_if_it_is_the_users_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(_compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = _compiled.temporary()
    assert folder == tmp_path / f"gametheory-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    assert _compiled.temporary() is None
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    assert _compiled.temporary() is None
    folder.unlink()
    folder.write_text("a file")
    assert _compiled.temporary() is None
    folder.unlink()
    monkeypatch.setattr(_compiled.os, "getuid", lambda: folder.parent.stat().st_uid + 1)
    assert _compiled.temporary() is None


def kernels():
    """The functions of the package that are compiled, as module and name."""
    for path in sorted((PACKAGE / "solvers").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                ast.unparse(d) == "compiled" for d in node.decorator_list
            ):
                yield f"{path.stem}.{node.name}"


@pytest.mark.slow
def test_all_kernels_are_built_ahead_and_none_is_compiled_later(tmp_path):
    """Built in one process, in others all is found, though nothing can be written."""
    site, kept = tmp_path / "site", tmp_path / "kept"
    bare = shutil.ignore_patterns("__pycache__")  # machine code found there is not written again
    shutil.copytree(PACKAGE, site / "gametheory", ignore=bare)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(kept), "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "gametheory.compile"]
    subprocess.run(command, check=True, env=environment, capture_output=True, cwd=tmp_path)
    (folder,) = kept.iterdir()
    built = {path.name.partition("-")[0] for path in folder.glob("*.nbi")}
    assert built >= set(kernels())  # and those that only large games compile
    later = (
        "from gametheory.solvers import _compiled\n"
        "_compiled.writable = lambda folder: False\n"
        "from numba.core import event\n"
        "from gametheory import compile\n"
        "with event.install_recorder('numba:compile') as record:\n"
        "    compile.build()\n"
        "ours = [e.data['dispatcher'].__module__ for _, e in record.buffer if e.is_start]\n"
        "print(sorted(m for m in ours if m.startswith('gametheory')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", later],
        check=True,
        env=environment,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout == "[]\n"
