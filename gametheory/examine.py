"""The verdicts of several models on all their propositions: long work that resumes.

Each verdict is a task of its own: shared among processes, kept in a folder when it is done, and
taken from there when the same code is asked for the same verdict again.

>>> from gametheory_models.deterrence.first_strike import FirstStrike
>>> for verdict in examine([FirstStrike()], draws=10_000, workers=1):
...     print(verdict.finding.name, verdict.statement)
CONDITIONAL Peace between two powers is an equilibrium.
CHALLENGES Peace between two powers withstands larger errors than peace among three.
CONDITIONAL One more power leaves a smaller margin against a first strike.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from gametheory.claims import Verdict
from gametheory.model import Model
from gametheory.work import cores, progress_bar


def examine(
    models: Iterable[Model],
    *,
    draws: int = 100_000,
    seed: int = 0,
    workers: int | None = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
) -> list[Verdict]:
    """The verdict of each model on each of its propositions, in order.

    ``draws`` parameter vectors from each prior; parameters that are not drawn keep the model's
    values. ``workers`` processes share the work (default: one a core), finished verdicts are kept
    in the folder ``checkpoint``, ``progress`` shows a bar on stderr (default: on a terminal).
    """
    tasks = [(m, p.name, draws, seed) for m in models for p in type(m).propositions()]
    folder = Path(checkpoint) if checkpoint else None
    done: dict[int, Verdict] = {}
    with progress_bar(len(tasks), progress, "verdicts") as advance:

        def keep(k: int, verdict: Verdict, *, fresh: bool) -> None:
            done[k] = verdict
            if folder and fresh:
                _write(folder / _name(*tasks[k]), verdict)
            advance(1)

        for k, task in enumerate(tasks):
            path = folder / _name(*task) if folder else None
            if path and path.exists():
                keep(k, Verdict.from_dict(json.loads(path.read_text())), fresh=False)
        left = [k for k in range(len(tasks)) if k not in done]
        count = min(cores() if workers is None else workers, len(left))
        if count <= 1:
            for k in left:
                keep(k, _verdict(*tasks[k]), fresh=True)
        else:
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(count, mp_context=context) as pool:
                futures = {pool.submit(_verdict, *tasks[k]): k for k in left}
                for future in as_completed(futures):
                    keep(futures[future], future.result(), fresh=True)
    return [done[k] for k in range(len(tasks))]


def _verdict(model: Model, name: str, draws: int, seed: int) -> Verdict:
    verdict: Verdict = getattr(model, name)(draws, seed)
    return verdict


def _name(model: Model, name: str, draws: int, seed: int) -> str:
    """File name of a verdict: changes with the code, the fixed parameters, the draws, the seed."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update(Path(inspect.getfile(type(model))).read_bytes())
    digest.update(repr((model.values(), draws, seed)).encode())
    return f"{model.key()}.{name}.{digest.hexdigest()[:12]}.json"


def _write(path: Path, verdict: Verdict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.part")
    scratch.write_text(json.dumps(verdict.to_dict(), indent=1))
    os.replace(scratch, path)
