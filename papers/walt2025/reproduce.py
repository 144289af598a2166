"""The essay "Collective security is dying", claim by claim: verdicts, figures, report.

The claims C1..C17 (``claims.toml``) are those of Stephen M. Walt's opening talk of the 2025 Holberg
Debate. Which propositions bear on a claim is found by looking at the models: a new proposition
that names a claim appears in the report. :func:`report` writes ``report.html``, ``verdicts.json``
and the figures; what has been computed for the same code is kept and not computed again.
"""

from __future__ import annotations

import hashlib
import json
import platform
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gametheory as gt
from gametheory.behaviour import told
from gametheory.examine import examine

HERE = Path(__file__).parent
OUT = HERE / "out"
DRAWS, SEED = 100_000, 2025
Member = gt.Equilibrium | gt.ActionEquilibrium | gt.CutoffEquilibrium | gt.TreeEquilibrium


def essay() -> dict[str, dict[str, str]]:
    """The claims of the essay by id: ``title`` and ``says``, in order."""
    return tomllib.loads((HERE / "claims.toml").read_text(encoding="utf-8"))


def compute(
    draws: int = DRAWS,
    seed: int = SEED,
    out: Path = OUT,
    workers: int | None = None,
    progress: bool | None = None,
) -> dict[str, list[gt.Verdict]]:
    """The verdicts that bear on each claim, by claim, in the order of the essay."""
    models = [
        m() for m in gt.load_models().values() if m.__module__.startswith("gametheory_models.")
    ]
    verdicts = examine(
        models,
        draws=draws,
        seed=seed,
        workers=workers,
        checkpoint=out / "cache",
        progress=progress,
    )
    return {c: [v for v in verdicts if c in v.bears_on] for c in essay()}


def rows(verdicts: Mapping[str, Sequence[gt.Verdict]]) -> list[dict[str, Any]]:
    """The verdicts as plain data, one row for each claim and proposition."""
    return [r for c, found in verdicts.items() for v in found for r in v.rows() if r["claim"] == c]


def claims(progress: bool | None = None) -> list[dict[str, Any]]:
    """The rows of ``verdicts.json``."""
    return rows(compute(progress=progress))


def solved(verdict: gt.Verdict, shown: int = 4) -> str:
    """What the solver finds at the verdict's counterexample (else at the model's defaults)."""
    model = gt.load_models()[verdict.model](**(verdict.counterexample or {}))
    found = gt.solve(model.game())
    members: Sequence[Member] = found.equilibria
    lines = [str(found.coverage)]
    lines += [f"{k + 1}. {_played(e)}" for k, e in enumerate(members[:shown])]
    if len(found) > shown:
        lines.append(f"... and {len(found) - shown} more")
    if len(found):
        regret = max(float(e.certificate.regret) for e in members)
        lines.append(f"Certified: no player gains more than {regret:.1g} by deviating alone.")
    return "\n".join(lines)


def _played(equilibrium: Member) -> str:
    """Who plays what: "all: join", or "State 1: join .4, stay out .6; ..."."""
    if isinstance(equilibrium, gt.TreeEquilibrium):
        return told(equilibrium.profile)
    players = equilibrium.profile.game.players
    if isinstance(equilibrium.profile, gt.CutoffProfile | gt.OfferProfile):
        plans = list(equilibrium.profile.plans)
    elif isinstance(equilibrium, gt.ActionEquilibrium):
        plans = [f"{x:.6g}" for x in equilibrium.actions]
    else:
        plans = []
        for names, mixture in zip(equilibrium.profile.game.actions, equilibrium.mixtures):
            played = [(name, float(p)) for name, p in zip(names, mixture) if p > 0]
            plans.append(
                played[0][0] if len(played) == 1 else ", ".join(f"{n} {p:.4f}" for n, p in played)
            )
    if len(set(plans)) == 1:
        return f"all: {plans[0]}"
    return "; ".join(f"{player}: {plan}" for player, plan in zip(players, plans))


def draw_figures(folder: Path) -> dict[str, tuple[Path, str]]:
    """Writes each figure as SVG and PNG; its SVG file and caption by name."""
    from gametheory.plot import canvas, save, style
    from papers.walt2025.figures import FIGURES

    drawn = {}
    with style():
        for name, draw in FIGURES.items():
            figure, axes = canvas(2)
            caption = draw(*axes)
            drawn[name] = (save(figure, folder / name)[0], caption)
    return drawn


def report(
    out: Path = OUT,
    draws: int = DRAWS,
    seed: int = SEED,
    workers: int | None = None,
    progress: bool | None = None,
) -> Path:
    """Writes ``report.html``, ``verdicts.json`` and ``figures/`` to ``out``; the path of the page.

    Does nothing if they are there and were made by the same code.
    """
    from papers.walt2025.page import page

    out.mkdir(parents=True, exist_ok=True)
    made, stamp = out / "made.json", fingerprint(draws, seed)
    if made.exists():
        before = json.loads(made.read_text())
        if before["stamp"] == stamp and all((out / name).exists() for name in before["files"]):
            return out / "report.html"
    verdicts = compute(draws, seed, out, workers, progress)
    figures = draw_figures(out / "figures")
    equilibria = {(v.model, v.proposition): solved(v) for found in verdicts.values() for v in found}
    (out / "verdicts.json").write_text(json.dumps(rows(verdicts), indent=1), encoding="utf-8")
    provenance = {
        "Draws": f"{draws} from each prior, seed {seed}",
        "Code": f"gametheory-security {gt.__version__}, "
        + ", ".join(f"{p} {version(p)}" for p in ("numpy", "scipy", "python-flint")),
        "Python": platform.python_version(),
        "Data": "gametheory_models.data: " + __import__("gametheory_models.data").data.SOURCE,
    }
    text = page(essay(), verdicts, equilibria, figures, provenance)
    (out / "report.html").write_text(text, encoding="utf-8")
    files = ["report.html", "verdicts.json"]
    for svg, _ in figures.values():
        files += [f"figures/{svg.name}", f"figures/{svg.stem}.png"]
    made.write_text(json.dumps({"stamp": stamp, "files": files}))
    return out / "report.html"


def fingerprint(draws: int, seed: int) -> str:
    """A name for all that the report depends on: the code, the data, the draws, the libraries."""
    import gametheory_models

    digest = hashlib.sha256(f"{draws} {seed} {version('numpy')} {version('matplotlib')}".encode())
    for package in (Path(gt.__file__).parent, Path(gametheory_models.__file__).parent, HERE):
        for path in sorted(package.rglob("*")):
            if path.suffix in {".py", ".csv", ".toml", ".html"} and "out" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    print(report())
