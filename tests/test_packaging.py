"""What is built is what is installed: both packages with their data, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import entry_points, metadata
from pathlib import Path

import pytest

import gametheory

ROOT = Path(__file__).parent.parent
NAME = "gametheory_security"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = {"gametheory": ROOT, "gametheory_models": ROOT / "models"}


def build(kind: str, source: Path, target: Path) -> Path:
    """Builds the ``kind`` (wheel or sdist) of the checkout ``source``; the file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "-d", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = target.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The unpacked sdist."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))) as archive:
        known = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not in 3.11.2
        archive.extractall(folder, **known)
    (root,) = folder.iterdir()
    return root


def files(package: str) -> set[str]:
    """The files of a package in the checkout, as the wheel should name them."""
    root = PACKAGES[package]
    return {
        path.relative_to(root).as_posix()
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_wheel_has_the_files_of_both_packages_and_no_others(wheel):
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert inside == files("gametheory") | files("gametheory_models")


@pytest.mark.parametrize("package", PACKAGES)
def test_types_and_data_are_files_of_the_packages(package):
    assert f"{package}/py.typed" in files(package)
    assert {Path(name).suffix for name in files(package)} <= {".py", ".typed", ".csv", ".html"}


def test_built_in_table_is_in_the_wheel(wheel):
    assert "gametheory_models/great_powers.csv" in wheel.namelist()


def test_wheel_from_the_sdist_is_the_same_wheel(wheel, sdist, tmp_path):
    with zipfile.ZipFile(build("wheel", sdist, tmp_path / "dist")) as again:
        assert {i.filename: i.CRC for i in again.infolist()} == {
            i.filename: i.CRC for i in wheel.infolist()
        }


def test_sdist_has_what_the_two_commands_need(sdist):
    needed = [
        "Makefile",
        "constraints.txt",
        "tests",
        "papers/walt2025/reproduce.py",
        "CITATION.cff",
    ]
    assert not [name for name in needed if not (sdist / name).exists()]


def test_version_is_the_same_wherever_it_stands(wheel):
    (head,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert {
        Parser().parsestr(wheel.read(head).decode())["Version"],
        *re.findall(r"^version: (.*)$", citation, re.MULTILINE),
        re.findall(r"^## (\S+)", changes, re.MULTILINE)[0],
    } == {gametheory.__version__}


def test_models_are_found_by_the_entry_point():
    (ours,) = (e for e in entry_points(group="gametheory.models") if e.name == "gametheory_models")
    package = ours.load()
    found = gametheory.load_models().values()
    listed = {name for name in files("gametheory_models") if name.count("/") > 1}
    homes = {f"{model.__module__.replace('.', '/')}.py" for model in found}
    assert package.__name__ == ours.value
    assert homes
    assert homes <= listed


def test_constraints_pin_every_requirement_by_plain_lines():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+", line)] == []
    project = PYPROJECT["project"]
    required = project["dependencies"] + project["optional-dependencies"]["test"]
    names = {re.split(r"[<>=!~\[ ;]", r, maxsplit=1)[0].lower() for r in required}
    assert names <= {line.partition("==")[0] for line in lines}


def test_installed_metadata_names_the_command():
    scripts = {e.name: e.value for e in entry_points(group="console_scripts")}
    assert scripts["gametheory"] == "gametheory.cli:main"
    assert metadata(NAME)["Requires-Python"] == PYPROJECT["project"]["requires-python"]
