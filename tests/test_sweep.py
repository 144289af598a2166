"""A sweep is a loop over the points, whatever does the work and however often it is interrupted."""

from __future__ import annotations

import functools
import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from gametheory_models.armsrace.arms_control import ArmsControl
from gametheory_models.collective.joint_intervention import JointIntervention
from gametheory_models.deterrence.first_strike import FirstStrike
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import _chunks, par
from gametheory.prior import draw
from gametheory.sweep import sample, sweep

SOURCE = gt.Citation("Example, E.", 2026, "Une impasse — armée", "unpublished", read=True)


class Deadlock(gt.Model):
    """A model that rejects b > a, fails at a = 3, and states closed forms of every kind."""

    citation = SOURCE
    a: int = par(2, "first", (0, 100), (0, 9))
    b: float = par(1.0, "second", (-50, 50), (0, 9))
    w: object = par((1.0, 2.0, 4.0), "weights", (0, 10), (0, 1))

    def requires(self):
        return {"b <= a": np.less_equal(self.b, self.a)}

    def ratio(self):
        if self.a == 3:
            raise ArithmeticError(f"no ratio at b = {self.b}")
        return self.b / (1 + self.a)

    def parts(self):
        return {"low": self.b - self.a, "whole": self.a * 2, "level": self.a > 1}

    def inverse(self):
        return self.a / self.b

    def root(self):
        return np.exp(self.b) ** 0.3 + self.b**self.a

    def total(self):  # sums over the sample too: not vectorized
        return np.sum(self.w) * self.b

    def weight(self):
        return np.sum(self.w, axis=-1) * self.b

    def nothing(self):
        return None

    def table(self):
        return np.arange(3)

    def word(self):
        return "peace"

    def needs(self, i):
        return i


def noise(model, rng):
    if model.b == 2:
        raise ValueError("b is 2")
    return {"draw_of": rng.normal() + model.a, "count": int(rng.integers(10))}


class Later:
    """A client as bare as can be: futures have ``result`` and nothing else."""

    class Future:
        def __init__(self, work):
            self.work = work

        def result(self):
            return self.work()

    def submit(self, function, *args):
        return self.Future(functools.partial(function, *args))


def same(one: xr.Dataset, other: xr.Dataset) -> None:
    xr.testing.assert_identical(one, other)
    assert {k: v.dtype for k, v in one.items()} == {k: v.dtype for k, v in other.items()}
    assert list(one) == list(other)


def messages(run: xr.Dataset) -> dict[int, str]:
    return {int(k): text for k, text in json.loads(run.attrs["errors"]).items()}


axis_a = st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True)
axis_b = st.lists(st.floats(-5, 6), min_size=1, max_size=3, unique=True)


@settings(max_examples=30, deadline=None)
@given(axis_a, axis_b)
def test_a_sweep_is_the_loop_over_its_points(a, b):
    run = sweep(Deadlock(), "ratio", b=b, a=a, workers=1)
    assert run.ratio.dims == ("b", "a")
    for (i, y), (j, x) in itertools.product(enumerate(b), enumerate(a)):
        index = i * len(a) + j
        error = f"ArithmeticError: no ratio at b = {y}" if x == 3 else None
        if y > x:
            error = (
                f"ValueError: Deadlock: needs b <= a, not met by a = {x}, b = {y}, w = [1. 2. 4.]"
            )
        assert messages(run).get(index) == error
        assert bool(run.failed[i, j]) == bool(error)
        np.testing.assert_array_equal(run.ratio[i, j], np.nan if error else y / (1 + x))


def test_a_point_that_the_model_rejects_is_recorded_and_the_rest_goes_on():
    run = sweep(Deadlock(), "inverse", a=[1, 2], b=[0.5, 1.5, 0.0], workers=1)
    assert run.failed.values.tolist() == [[False, True, True], [False, False, True]]
    assert messages(run)[1].startswith("ValueError: Deadlock: needs b <= a")
    assert messages(run)[5].startswith("ZeroDivisionError")
    assert len(messages(run)) == 3


def test_types_stay_where_no_point_misses_the_quantity():
    whole = sweep(Deadlock(), "parts", a=[2, 4], b=[1], workers=1)
    assert [whole[k].dtype.kind for k in ("low", "whole", "level", "failed")] == list("iibb")
    holed = sweep(Deadlock(), "parts", a=[0, 4], b=[1.0], workers=1)
    assert [holed[k].dtype.kind for k in ("low", "whole", "level", "failed")] == list("fffb")
    huge = sweep(Deadlock(), lambda m: 10**30 + m.a, a=[2, 4], workers=1)
    assert huge["lambda"].values.tolist() == [1e30, 1e30]


def test_a_result_that_only_some_points_have_is_missing_at_the_others():
    run = sweep(Deadlock(), lambda m: {"x": 1} if m.a < 5 else {"y": 2}, a=[4, 6, 7], workers=1)
    np.testing.assert_array_equal(run.x, [1, np.nan, np.nan])
    np.testing.assert_array_equal(run.y, [np.nan, 2, 2])
    assert not run.failed.any()


def test_the_quantity_is_there_even_if_every_point_fails():
    run = sweep(Deadlock(), "ratio", a=[3], b=[1, 2], workers=1)
    assert run.failed.all()
    assert run.ratio.isnull().all()


def test_a_proposition_is_swept_as_where_it_holds():
    kappas = [0.5, 1.0, 1.5]
    run = sweep(ArmsControl(), "more_participants_need_more_patience", kappa=kappas, workers=1)
    also = sweep(ArmsControl(), ArmsControl.more_participants_need_more_patience, kappa=kappas)
    assert run.every.values.tolist() == [False, False, True]
    assert run.every.dtype == bool
    same(run, also)


@pytest.mark.parametrize("points", [1, 3, 10_000])
@pytest.mark.parametrize("seconds", [1e-9, 1.0])
def test_chunks_do_not_matter(monkeypatch, points, seconds):
    grid = {"a": range(2, 9), "b": [0.5, 1, 2, 4]}
    before = sweep(Deadlock(), noise, seed=5, workers=1, **grid)
    monkeypatch.setattr(_chunks, "CHUNK_POINTS", points)
    monkeypatch.setattr(_chunks, "CHUNK_SECONDS", seconds)
    same(before, sweep(Deadlock(), noise, seed=5, workers=1, **grid))
    assert 0 < before.failed.sum() < before.failed.size


@pytest.mark.parametrize("points", [2, 10_000])
def test_clients_do_not_matter(monkeypatch, points):
    monkeypatch.setattr(_chunks, "CHUNK_POINTS", points)
    grid = {"a": range(2, 9), "b": [0.5, 1, 2, 4]}
    alone = sweep(Deadlock(), noise, seed=5, workers=1, **grid)
    with ThreadPoolExecutor(3) as pool:
        same(alone, sweep(Deadlock(), noise, seed=5, client=pool, **grid))
    same(alone, sweep(Deadlock(), noise, seed=5, client=Later(), **grid))


def test_processes_do_not_matter(monkeypatch):
    grid = {"n": range(2, 9), "p": np.linspace(0, 1, 11)}
    alone = sweep(FirstStrike(), "hazard", workers=1, **grid)
    monkeypatch.setattr(_chunks, "CHUNK_POINTS", 9)
    with ProcessPoolExecutor(1) as pool:
        same(alone, sweep(FirstStrike(), "hazard", client=pool, **grid))
    monkeypatch.setattr(_chunks, "SERIAL_SECONDS", 0.0)
    handed = []
    share = _chunks._share
    monkeypatch.setattr(_chunks, "_share", lambda *args: (handed.append(args), share(*args)))
    same(alone, sweep(FirstStrike(), "hazard", workers=2, **grid))
    assert handed


def test_numpy_treats_errors_alike_here_and_in_other_threads():
    def quotient(model):
        return np.float64(model.a) / np.float64(model.b)

    b = [-1, 0, 1, 0.5] * 10
    with np.errstate(divide="ignore"), ThreadPoolExecutor(2) as pool:
        here = sweep(Deadlock(), quotient, b=b, workers=1)
        there = sweep(Deadlock(), quotient, b=b, client=pool)
    assert here.quotient.values.tolist() == [-2, np.inf, 2, 4] * 10
    same(here, there)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**70), st.integers(1, 20))
def test_each_point_has_the_stream_that_numpy_spawns_for_it(seed, n):
    run = sweep(Deadlock(b=0), lambda m, rng: rng.random(), a=range(n), seed=seed, workers=1)
    streams = np.random.SeedSequence(seed).spawn(n)
    assert run["lambda"].values.tolist() == [np.random.default_rng(s).random() for s in streams]


def test_a_sample_is_the_quantity_at_the_draws():
    model = JointIntervention(N=4, m=2)
    run = sample(model, "threshold", "low", n=50, seed=7, workers=1)
    drawn = draw(model, "low", 50, seed=7)
    assert run.r.dims == ("draw", "r_state")
    np.testing.assert_array_equal(run.r, drawn.r)
    np.testing.assert_allclose(run.threshold, drawn.threshold(), rtol=1e-12)
    assert run.attrs["prior"] == "low"
    assert run.r.attrs["long_name"] == model.parameters()["r"].meaning


# Vectorized


@pytest.mark.parametrize("quantity", ["inverse", "parts", "root", "ratio", "weight"])
def test_vectorized_finds_the_same(quantity, monkeypatch):
    grid = {"a": range(7), "b": np.linspace(-1, 6, 15)}
    alone = sweep(Deadlock(), quantity, workers=1, **grid)
    with np.errstate(all="ignore"):
        arrays = sweep(Deadlock(), quantity, workers=1, vectorized=True, **grid)
    assert 0 < alone.failed.sum() < alone.failed.size
    xr.testing.assert_allclose(alone, arrays, rtol=1e-14, atol=0)
    assert messages(alone) == messages(arrays)
    assert {k: v.dtype for k, v in alone.items()} == {k: v.dtype for k, v in arrays.items()}
    monkeypatch.setattr(_chunks, "CHUNK_POINTS", 4)
    same(arrays, sweep(Deadlock(), quantity, workers=1, vectorized=True, **grid))


def test_neighbours_that_fail_do_not_change_how_a_point_is_evaluated():
    b = np.linspace(-2, 2, 17)
    run = sweep(Deadlock(), lambda m: 1 / m.b + 1e-12 * np.ndim(m.b), b=b, vectorized=True)
    assert run.failed.values.tolist() == (b == 0).tolist()
    np.testing.assert_array_equal(run["lambda"][b != 0], 1 / b[b != 0] + 1e-12)


def test_vectorized_arithmetic_agrees_to_the_last_bit():
    alone = sample(FirstStrike(), "margin", n=500, seed=2, workers=1)
    same(alone, sample(FirstStrike(), "margin", n=500, seed=2, workers=1, vectorized=True))


def test_vectorized_refuses_what_mixes_the_points():
    with pytest.raises(ValueError, match=r"vectorized: total at .* leave vectorized out"):
        sample(Deadlock(), "total", n=300, vectorized=True)


def test_vectorized_refuses_whole_numbers_that_overflow():
    with pytest.raises(ValueError, match="leave vectorized out"):
        sweep(Deadlock(), lambda m: 2**m.a, a=range(1, 80), vectorized=True)


# Checkpoints


class Count:
    """A quantity that counts its calls and is interrupted at one of them."""

    calls = 0
    stop = -1


def counted(model):
    Count.calls += 1
    if Count.calls == Count.stop:
        raise KeyboardInterrupt
    if model.a == 4:
        raise ValueError("four")
    return model.a * model.b


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(_chunks, "CHUNK_POINTS", 3)
    monkeypatch.setattr(Count, "calls", 0)
    monkeypatch.setattr(Count, "stop", -1)


GRID = {"a": list(range(2, 12)), "b": [0.5, 1.0, 1.5]}


def test_an_interrupted_run_resumes_where_it_was(small_chunks, tmp_path):
    plain = sweep(Deadlock(), counted, workers=1, **GRID)
    Count.calls, Count.stop = 0, 20
    with pytest.raises(KeyboardInterrupt):
        sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID)
    kept = sum(len(np.load(path)["arr_1"]) for path in tmp_path.glob("*/*.npz"))
    assert kept >= 20 - 2 - 3  # all but the trial, the call that stopped, and its chunk
    Count.calls, Count.stop = 0, -1
    same(plain, sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID))
    assert Count.calls == 1 + 30 - kept
    Count.calls = 0
    with ThreadPoolExecutor(2) as pool:
        same(plain, sweep(Deadlock(), counted, checkpoint=tmp_path, client=pool, **GRID))
    assert Count.calls == 1


def test_an_interrupted_client_run_keeps_what_came_back(small_chunks, tmp_path):
    Count.stop = 20
    with pytest.raises(KeyboardInterrupt):
        sweep(Deadlock(), counted, checkpoint=tmp_path, client=Later(), **GRID)
    kept = sum(len(np.load(path)["arr_1"]) for path in tmp_path.glob("*/*.npz"))
    assert kept >= 15
    Count.calls, Count.stop = 0, -1
    resumed = sweep(Deadlock(), counted, checkpoint=tmp_path, client=Later(), **GRID)
    assert Count.calls == 1 + 30 - kept
    same(sweep(Deadlock(), counted, workers=1, **GRID), resumed)


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7, 0.99])
def test_a_damaged_file_is_computed_again(small_chunks, tmp_path, keep):
    plain = sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID)
    files = sorted(tmp_path.glob("*/*.npz"))
    for path in files[1::2]:
        path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    files[2].write_bytes(files[0].read_bytes())  # of another length
    files[0].with_name("notes-1.npz").write_text("not a part")
    Count.calls = 0
    same(plain, sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID))
    assert 1 < Count.calls < 30


def test_chunks_of_another_size_are_used(small_chunks, tmp_path, monkeypatch):
    plain = sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID)
    for path in sorted(tmp_path.glob("*/*.npz"))[::2]:
        path.rename(path.with_suffix(".away"))
    monkeypatch.setattr(_chunks, "CHUNK_POINTS", 2)
    same(plain, sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID))
    for path in tmp_path.glob("*/*.away"):  # now some points are in two files
        path.rename(path.with_suffix(".npz"))
    same(plain, sweep(Deadlock(), counted, checkpoint=tmp_path, workers=1, **GRID))
    assert sum(len(np.load(path)["arr_1"]) for path in tmp_path.glob("*/*.npz")) > 30


def test_a_checkpoint_is_of_one_run_only(tmp_path):
    def scaled(k):
        return lambda m: m.a * k

    def run(model=None, quantity="parts", **options):
        grid = {"a": [2, 4, 6], "workers": 1} | options
        sweep(model or Deadlock(), quantity, checkpoint=tmp_path, **grid)
        return len(list(tmp_path.iterdir()))

    assert run() == run() == 1
    variants = [
        {"quantity": "inverse"},
        {"seed": 1},
        {"a": [2, 4, 7]},
        {"a": [2.0, 4.0, 6.0]},
        {"model": Deadlock(b=0.5)},
        {"vectorized": True},
        {"quantity": scaled(2)},
        {"quantity": scaled(3)},
        {"quantity": functools.partial(noise, rng=np.random.default_rng(2))},
    ]
    for known, variant in enumerate(variants, start=2):
        assert run(**variant) == known
    assert run(quantity=scaled(3)) == len(variants) + 1
    with pytest.raises(ValueError, match="depends on scaled, which cannot be pickled"):
        run(quantity=lambda m: scaled(m.a)(m))


# At the door


def two(model, other):
    return model


@pytest.mark.parametrize(
    ("quantity", "options", "error", "message"),
    [
        ("ratoi", {"a": [1]}, ValueError, "no method 'ratoi'; it has ratio"),
        ("a", {"a": [1]}, ValueError, "Deadlock has no method 'a'; it has"),
        ("needs", {"a": [1]}, ValueError, "needs: missing a required argument: 'i'"),
        (two, {"a": [1]}, ValueError, "two: missing a required argument: 'other'"),
        (Deadlock().ratio, {"a": [1]}, ValueError, "ratio: too many positional arguments"),
        (3, {"a": [1]}, TypeError, "3; give the name of a method"),
        ("nothing", {"a": [0, 1]}, TypeError, "nothing is None; return a number"),
        ("table", {"a": [1]}, TypeError, r"table is an array of shape \(3,\)"),
        ("word", {"a": [1]}, TypeError, "word is 'peace'; return a number"),
        (lambda m: 1j, {"a": [1]}, TypeError, "lambda is 1j"),
        (lambda m: {"b": 1}, {"b": [1]}, ValueError, "'b' is taken"),
        (lambda m: {"failed": 1}, {"b": [1]}, ValueError, "'failed' is taken"),
        ("ratio", {}, ValueError, "no axis"),
        ("ratio", {"aa": [1]}, ValueError, "Deadlock has no parameter 'aa'; it has a"),
        ("ratio", {"a": []}, ValueError, "a = .*; give a list of numbers"),
        ("ratio", {"a": ["x"]}, ValueError, "a = .*; give a list of numbers"),
        ("ratio", {"a": [[1, 2]]}, ValueError, "a = .*; give a list of numbers"),
        ("ratio", {"w": [1, 2]}, ValueError, "w has an entry for each state"),
        ("ratio", {"a": [1], "workers": 0}, ValueError, "workers: 0; use 1 or more"),
        ("ratio", {"a": [1], "seed": -1}, ValueError, "seed: -1"),
        (noise, {"a": [1], "vectorized": True}, ValueError, "noise draws at each point"),
    ],
)
def test_a_mistake_is_named_before_the_run(quantity, options, error, message):
    with pytest.raises(error, match=message) as raised:
        sweep(Deadlock(), quantity, **options)
    assert "\n" not in str(raised.value)


def test_no_number_at_a_later_point_is_a_failure_there():
    run = sweep(Deadlock(), lambda m: None if m.a == 5 else m.a, a=[4, 5, 6], workers=1)
    assert run.failed.values.tolist() == [False, True, False]


@pytest.mark.parametrize("seed", [1, 2**80])
def test_a_dataset_can_be_written_and_read(tmp_path, seed):
    grids = {"a": [1, 2, 3], "b": [0.5, 2]}
    runs = [
        sweep(Deadlock(), "parts", workers=1, seed=seed, **grids),
        sweep(Deadlock(), "parts", workers=1, seed=seed, a=[2, 3], b=[1]),
        sample(JointIntervention(N=4, m=2), "threshold", n=5, seed=seed, workers=1),
    ]
    for k, run in enumerate(runs):
        run.to_netcdf(tmp_path / f"{k}.nc", engine="scipy")
        with xr.open_dataset(tmp_path / f"{k}.nc", engine="scipy") as again:
            xr.testing.assert_equal(again.load(), run)
            assert again.attrs == run.attrs
    assert json.loads(runs[0].attrs["fixed"]) == {"w": [1, 2, 4]}
    assert runs[0].attrs["seed"] == str(seed)


def test_messages_are_kept_up_to_a_thousand():
    run = sweep(Deadlock(), "ratio", b=np.linspace(3, 5, 3001), workers=1)
    assert run.failed.all()
    assert list(messages(run)) == list(range(1000))


@pytest.mark.parametrize("shown", [None, True])
def test_nothing_is_written_to_stdout(capsys, shown):
    sweep(Deadlock(), "ratio", a=[1, 2, 4], progress=shown)
    written = capsys.readouterr()
    assert written.out == ""
    assert bool(written.err) == bool(shown)


# Scripts

MODEL = """
import os, sys, time
import numpy as np
import gametheory as gt
from gametheory import _chunks, par

_chunks.SERIAL_SECONDS, _chunks.CHUNK_SECONDS = 0.0, 0.1

class Slow(gt.Model):
    citation = gt.Citation("Example, E.", 2026, "A slow model", "unpublished", read=True)
    a: int = par(0, "a parameter", (0, 10**6))

    def worth(self, rng):
        time.sleep(float(os.environ.get("NAP", 0.02)) * (1 if self.a < 60 else 1500))
        return self.a + rng.random()
"""


def script(folder: Path, name: str, text: str) -> list[str]:
    (folder / "slow_model.py").write_text(MODEL)
    path = folder / name
    path.write_text("from slow_model import *\n" + textwrap.dedent(text))
    return [sys.executable, "-W", "default", str(path)]


@pytest.mark.slow
def test_a_script_without_a_guard_goes_on_alone_with_one_warning(tmp_path):
    text = """
        run = gt.sweep(Slow(), "worth", a=range(40), seed=3, workers=2)
        print(os.getpid(), float(run.worth.sum()), int(run.failed.sum()))
    """
    done = subprocess.run(
        script(tmp_path, "unguarded.py", text), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    streams = np.random.SeedSequence(3).spawn(40)
    expected = sum(a + np.random.default_rng(s).random() for a, s in enumerate(streams))
    assert float(done.stdout.split()[1]) == pytest.approx(expected)
    assert done.stdout.count("\n") == 1
    assert done.stderr.count("RuntimeWarning") == 1
    assert "unguarded.py:3: RuntimeWarning: sweep: worker processes stopped" in done.stderr
    assert "Traceback" not in done.stderr


def running(folder: Path) -> list[int]:
    """Processes that the script in ``folder`` started, by the mark in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"SWEEP_TEST={folder}".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_its_parts_and_no_process(tmp_path, blow):
    text = """
        if __name__ == "__main__":
            options = {"workers": int(sys.argv[1]), "checkpoint": "parts"}
            run = gt.sweep(Slow(), "worth", a=range(300), **options)
            print(float(run.worth.sum()))
    """
    command = script(tmp_path, "guarded.py", text)
    environ = os.environ | {"SWEEP_TEST": str(tmp_path)}
    first = subprocess.Popen(
        [*command, "2"], cwd=tmp_path, env=environ, stderr=subprocess.PIPE, start_new_session=True
    )

    def saved():
        return sum(len(np.load(path)["arr_1"]) for path in tmp_path.glob("parts/*/*.npz"))

    deadline = time.monotonic() + 60
    while len(running(tmp_path)) < 4 and time.monotonic() < deadline:  # 2 workers and a tracker
        time.sleep(0.02)
    while saved() < 40 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1)  # until both workers are at points of half a minute
    hit = time.monotonic()
    first.send_signal(blow) if blow == signal.SIGKILL else os.killpg(first.pid, blow)
    stderr = first.communicate(timeout=60)[1].decode()
    while running(tmp_path) and time.monotonic() < hit + 10:
        time.sleep(0.05)
    assert running(tmp_path) == []
    assert time.monotonic() - hit < 5
    assert first.returncode != 0
    assert ("KeyboardInterrupt" in stderr) == (blow == signal.SIGINT)
    assert 40 <= saved() <= 60
    again = subprocess.run(
        [*command, "1"],
        cwd=tmp_path,
        env=os.environ | {"NAP": "0"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    streams = np.random.SeedSequence(0).spawn(300)
    expected = sum(a + np.random.default_rng(s).random() for a, s in enumerate(streams))
    assert float(again.stdout) == pytest.approx(expected)
    assert again.stderr == ""
