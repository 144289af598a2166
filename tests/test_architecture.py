"""The guards of the architecture: what may import what, what is public, what is loaded, how long.

Dependencies point one way. The layers are named here once; a module that no layer names is a form
of game (or what those share) and stands below all others.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import gametheory
from gametheory import solvers

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "gametheory": ROOT / "gametheory",
    "gametheory_models": ROOT / "models" / "gametheory_models",
    "papers": ROOT / "papers",
}

FORMS = 0  # the height of what no layer names
LAYERS = [
    {"equilibrium", "continuous", "behaviour", "subgames", "cutoff_equilibria"},
    {
        *("quantal", "tree_quantal", "selection", "longrun", "solvers", "dominance"),
        *("correlated", "communication", "assessment"),
    },
    {
        *("batch", "cutoff_batch", "evolutionary", "index", "payoff_dominance", "refine"),
        "signalling",
    },
    {"prior", "model", "claims", "sweep", "stability", "examine"},
    {"io"},
    {"gametheory"},  # the public names
    {"gametheory_models"},
    {"plot", "testing", "cli", "compile"},
    {"papers"},
]
HEIGHT = {name: height for height, layer in enumerate(LAYERS, FORMS + 1) for name in layer}

HEAVY = {
    *(
        "scipy",
        "sympy",
        "mpmath",
        "matplotlib",
        "numba",
        "pandas",
        "xarray",
        "flint",
        "rich",
        "nashpy",
    ),
    *("networkx", "hypothesis", "pytest", "dask", "distributed"),
}

LONGEST = 600


def sources() -> dict[str, Path]:
    """The file of each module of the packages, by dotted name."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *(p for p in parts if p != "__init__")))] = path
    return found


SOURCES = sources()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}
PUBLIC = TREES["gametheory"]


def height(module: str) -> int:
    """Of the layer that ``module`` belongs to; a private one belongs to its lowest user."""
    top, _, rest = module.partition(".")
    own = rest.partition(".")[0] if top == "gametheory" and rest else top
    if own.startswith("_"):
        users = (user for user in SOURCES if module in imports(TREES[user]))
        return min(map(height, users), default=FORMS)
    return HEIGHT.get(own, FORMS)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def walk(tree: ast.AST, *, at_import: bool) -> Iterator[ast.AST]:
    """The nodes of ``tree``; ``at_import``: only what runs when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        if at_import and (
            is_type_checking(node) or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ):
            continue
        yield node
        yield from walk(node, at_import=at_import)


@cache
def imports(tree: ast.Module, *, at_import: bool = False) -> set[str]:
    """Modules of the packages that ``tree`` imports.

    ``import gametheory`` counts by the names it is used for; the version belongs to no layer.
    """
    found = set()
    for node in walk(tree, at_import=at_import):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import: {ast.unparse(node)}"
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & SOURCES.keys()
            found |= inner
            if len(inner) < len(node.names):
                found.add(str(node.module))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                used = {
                    use.attr
                    for use in ast.walk(tree)
                    if isinstance(use, ast.Attribute)
                    and ast.unparse(use.value) == (alias.asname or alias.name)
                }
                if alias.name != "gametheory" or used - {"__version__"}:
                    found.add(alias.name)
    return {name for name in found if name.partition(".")[0] in PACKAGES}


def is_stub(function: ast.FunctionDef) -> bool:
    """Whether it only states a signature: an overload, a method of a protocol."""
    return ast.unparse(function.body[-1]) == "..."


def undocumented(tree: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    """Public names in ``tree`` with no docstring of their own nor a place in that of the class."""
    told = ast.get_docstring(tree) or "" if isinstance(tree, ast.ClassDef) else ""
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node, f"{prefix}.{node.name}")
        elif is_stub(node) or f"``{node.name}``" in told:
            continue
        if ast.get_docstring(node) is None:
            yield f"{prefix}.{node.name}"


def text_files() -> dict[str, str]:
    """The project's own text by path: not what is hidden, built or written by a run."""
    folders = ("gametheory", "models", "papers", "tests", "docs", "benchmarks", ".ci")
    files = [*ROOT.glob("*"), *(path for name in folders for path in (ROOT / name).rglob("*"))]
    kinds = {"", ".py", ".md", ".toml", ".txt", ".csv", ".json", ".cff", ".html"}
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files
        if path.is_file()
        and path.suffix in kinds
        and not {"out", "__pycache__"} & set(path.relative_to(ROOT).parts)
        and (path.parent != ROOT or not path.name.startswith("."))
    }


def test_every_package_was_found():
    assert {name.partition(".")[0] for name in SOURCES} == PACKAGES.keys()
    assert {"gametheory.game", "gametheory.solvers.pure"} <= SOURCES.keys()


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_imports_point_down(module):
    above = {used for used in imports(TREES[module]) if height(used) > height(module)}
    assert not above, f"{module} imports {above} from a higher layer"


def test_library_knows_no_model_and_no_paper():
    library = {name: tree for name, tree in TREES.items() if name.startswith("gametheory.")}
    packages = {name: {i.partition(".")[0] for i in imports(t)} for name, t in library.items()}
    assert not {name: used for name, used in packages.items() if used - {"gametheory"}}


def test_nothing_in_the_library_imports_plot_testing_or_cli():
    outer = {f"gametheory.{name}" for name in ("plot", "testing", "cli")}
    inner = {n: t for n, t in TREES.items() if not n.startswith("papers") and n not in outer}
    assert not {name: used for name, tree in inner.items() if (used := imports(tree) & outer)}


def test_no_circle_of_imports():
    graph = {name: imports(tree, at_import=True) for name, tree in TREES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError naming the modules


def test_public_names_are_in_order_and_each_says_what_it_is():
    assert gametheory.__all__ == sorted(set(gametheory.__all__))
    bare = [n for n in gametheory.__all__ if not inspect.getdoc(getattr(gametheory, n))]
    assert not bare


def test_public_names_are_all_that_the_package_imports():
    given = {a.name for node in PUBLIC.body if isinstance(node, ast.ImportFrom) for a in node.names}
    assert given == set(gametheory.__all__)


def test_import_loads_numpy_alone():
    code = "import gametheory, json, sys; print(json.dumps(list(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert "numpy" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("method", solvers.methods())
def test_a_solver_module_has_solve_and_says_what_it_finds(method):
    module = importlib.import_module(f"gametheory.solvers.{method}")
    assert list(inspect.signature(module.solve).parameters) == ["game", "exact"]
    assert module.solve.__module__ == module.__name__
    assert inspect.getdoc(module)


@pytest.mark.parametrize("module", sorted(n for n in SOURCES if n.startswith("gametheory.")))
def test_public_functions_and_classes_have_docstrings(module):
    if any(part.startswith("_") for part in module.split(".")):
        assert ast.get_docstring(TREES[module]), module
    else:
        missing = [] if ast.get_docstring(TREES[module]) else [module]
        assert not [*missing, *undocumented(TREES[module], module)]


def test_no_file_names_a_path_of_a_machine():
    path = re.compile(r"(?<![\w.:/~}<-])/(?:work|root|home|tmp|opt|Users|mnt)\b")
    found = [
        f"{name}:{number}: {line}"
        for name, text in text_files().items()
        for number, line in enumerate(text.splitlines(), 1)
        if path.search(line)
    ]
    assert not found


def test_no_module_is_longer_than_a_sitting():
    lengths = {n: t.count("\n") for n, t in text_files().items() if n.endswith(".py")}
    assert len(lengths) > len(SOURCES)
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}
