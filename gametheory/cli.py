"""The command ``gametheory``: solve or convert a file, list the models, print the verdicts.

Results go to standard output, as a table or with ``--json`` as one JSON value. Errors go to
standard error, one line each, with exit status 2 (wrong input), 130 (Ctrl-C) or 141 (a closed
pipe). Only argparse is imported before the command is known.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from gametheory.behaviour import Behaviour, TreeEquilibria
    from gametheory.continuous import ActionEquilibria
    from gametheory.cutoff_equilibria import CutoffEquilibria
    from gametheory.equilibrium import EquilibriumSet
    from gametheory.game import Profile
    from gametheory.model import Model
    from gametheory.refine import Refinements

    Equilibria = EquilibriumSet | ActionEquilibria | TreeEquilibria | CutoffEquilibria

ESSAY = Path("papers", "walt2025", "reproduce.py")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # labels need not fit the terminal's alphabet
            stream.reconfigure(errors="backslashreplace")
    try:
        args = _parser().parse_args(argv)
        args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # The interpreter flushes once more on exit; give it somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _fail(f"{error.filename or 'file'}: {error.strerror or error}", 2)
    except ValueError as error:
        return _fail(str(error), 2)
    return 0


def _fail(message: str, status: int) -> int:
    print(f"gametheory: {' '.join(message.split())}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="gametheory", description="Games in international security.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, summary: str, run: Any) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        if run is not convert:
            sub.add_argument("--json", action="store_true", help="print JSON")
        sub.set_defaults(run=run)
        return sub

    file = ".nfg, .efg or JSON; - reads standard input"
    sub = command("solve", "Print the equilibria of a game.", solve)
    sub.add_argument("file", metavar="FILE", help=file)
    sub.add_argument(
        "--concept", default="nash", help="of a tree: nash (default), spe, pbe or sequential"
    )
    sub.add_argument("--method", default="auto", help="solver (default: the one promising most)")
    kind = sub.add_mutually_exclusive_group()
    kind.add_argument(
        "--exact", dest="exact", action="store_true", default=None, help="rational mixtures"
    )
    kind.add_argument(
        "--float", dest="exact", action="store_false", default=None, help="float mixtures"
    )
    sub.add_argument(
        "--refine", action="store_true", help="say which survive small mistakes (perfect, ...)"
    )

    sub = command("convert", "Write a game in another form.", convert)
    sub.add_argument("file", metavar="FILE", help=file)
    sub.add_argument(
        "--to",
        dest="form",
        required=True,
        metavar="FORM",
        help="efg, json, latex, nfg or nfg-outcomes",
    )
    sub.add_argument("-o", "--out", metavar="FILE", type=Path, help="(default: standard output)")

    sub = command("models", "List the models, or print one.", models)
    sub.add_argument("name", metavar="NAME", nargs="?", help="a model, by its key in the list")

    command("claims", "Print the verdicts on the claims of the essay.", claims)

    sub = command("report", "Write the report on the essay.", report)
    sub.add_argument("--out", metavar="DIR", type=Path, help="(default: that of the script)")
    return parser


def solve(args: argparse.Namespace) -> None:
    """Prints the equilibria of the game in ``args.file``."""
    from gametheory.solvers import solve

    found = solve(_read(args.file), args.concept, args.method, args.exact)
    refined = _refined(found) if args.refine else None
    if args.json:
        plain = _equilibria(found)
        for name, values in (refined.columns if refined else {}).items():
            for member, value in zip(plain["equilibria"], values):
                member[name] = value
        _print_json(plain)
        return
    print(found)
    if found:
        print()
        _print_table(*_payoff_table(found))
    if found and refined:
        print(f"\n{refined}")


def _refined(found: Equilibria) -> Refinements:
    from gametheory.refine import refinements

    return refinements(found)  # type: ignore[arg-type]  # which it refuses by name


def _read(file: str) -> Any:
    """The game in ``file``, or on standard input if that is ``-``."""
    from gametheory.io import read

    return read(sys.stdin.read() + "\n") if file == "-" else read(Path(file))


def convert(args: argparse.Namespace) -> None:
    """Writes the game in ``args.file`` in the form ``args.form`` to ``args.out``, or prints it."""
    from typing import get_args

    from gametheory.io import Text, write

    forms = get_args(Text)
    if args.form not in forms:
        raise ValueError(f"convert: {args.form!r} is no form; use one of {', '.join(forms)}")
    game = _read(args.file)
    try:
        text = write(game, args.form).rstrip("\n") + "\n"
    except TypeError as error:  # a kind of game that the form has no room for
        raise ValueError(f"convert: {error}") from None
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


def _equilibria(found: Equilibria) -> dict[str, Any]:
    """The set as plain data; an exact number is a string, an exact regret of zero is 0.

    A cutoff at an infinite end of the types is null: see the chances.
    """
    from math import isfinite

    from gametheory.continuous import ActionEquilibria
    from gametheory.cutoff_equilibria import CutoffEquilibria

    if isinstance(found, CutoffEquilibria):
        members = [
            {
                "cutoffs": [
                    [c if isfinite(c) else None for c in row] for row in e.cutoffs.tolist()
                ],
                "chances": e.chances.tolist(),
                "payoffs": e.payoffs.tolist(),
                "regret": e.certificate.regret,
            }
            for e in found
        ]
        return {"coverage": found.coverage.name, "equilibria": members}
    if isinstance(found, ActionEquilibria):
        members = [
            {"actions": e.actions.tolist(), "payoffs": e.payoffs.tolist()}
            | {"regret": e.certificate.regret}
            for e in found
        ]
        return {"coverage": found.coverage.name, "equilibria": members}
    return {
        "coverage": found.coverage.name,
        "degenerate": found.degenerate,
        "equilibria": [
            {
                **_strategies(e.profile),
                **_beliefs(e),
                "payoffs": [_plain(u) for u in e.payoffs],
                "regret": _plain(e.certificate.regret) if e.certificate.regret else 0,
            }
            for e in found
        ],
        "components": [list(component) for component in found.components],
    }


def _strategies(profile: Profile | Behaviour) -> dict[str, Any]:
    """The mixtures; by player and information set, or by player and type, where there are such."""
    plan = getattr(profile, "plan", None)
    if plan is None:
        return {"mixtures": [list(map(_plain, x)) for x in profile.mixtures]}
    sides = plan.items()
    return {
        "behavior": {who: {at: list(map(_plain, x)) for at, x in p.items()} for who, p in sides}
    }


def _beliefs(e: Any) -> dict[str, Any]:
    """The chance of each node of an information set, and its least and greatest, if any are given.

    By player and information set, as the behaviour is.
    """
    if not hasattr(e, "belief_ranges"):
        return {}
    tree = e.profile.tree
    names = [(tree.players[s.player], s.label) for s in tree.sets]
    beliefs: dict[str, Any] = {who: {} for who in tree.players}
    intervals: dict[str, Any] = {who: {} for who in tree.players}
    for (who, at), belief, ranges in zip(names, e.beliefs, e.belief_ranges):
        beliefs[who][at] = list(map(_plain, belief))
        intervals[who][at] = [list(map(_plain, ends)) for ends in ranges]
    return {"beliefs": beliefs, "belief_intervals": intervals}


def _plain(x: Any) -> str | float:
    from fractions import Fraction

    return str(x) if isinstance(x, Fraction) else float(x)


def _payoff_table(
    found: Equilibria,
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the payoffs of each equilibrium, players who always get the same as one."""
    from itertools import groupby

    from gametheory.game import show

    payoffs = [e.payoffs for e in found]
    heads, columns = [], []
    by_payoff = groupby(range(len(found.game.players)), key=lambda i: [u[i] for u in payoffs])
    for _, run in by_payoff:
        same = list(run)
        members = [found.game.players[i] for i in same]
        together = len(members) > 2
        heads += [f"{members[0]} ... {members[-1]}"] if together else members
        columns += [[show(u[i]) for u in payoffs] for i in (same[:1] if together else same)]
    heads, columns = [*heads, "regret"], [*columns, [show(e.certificate.regret) for e in found]]
    if components := getattr(found, "components", ()):
        home = {k: c for c, members in enumerate(components) for k in members}
        heads.append("component")
        columns.append([str(home.get(k, "")) for k in range(len(found))])
    rows = [[str(k), *cells] for k, cells in enumerate(zip(*columns))]
    return ["payoffs", *heads], rows


def models(args: argparse.Namespace) -> None:
    """Lists the installed models, or prints the one called ``args.name``."""
    from gametheory.model import load_models

    known = load_models()
    if args.name is None:
        if args.json:
            _print_json([_summary(key, model) for key, model in known.items()])
        else:
            rows = [[key, str(model.citation)] for key, model in known.items()]
            _print_table(["model", "citation"], rows, left=2)
        return
    if args.name not in known:
        from difflib import get_close_matches

        close = get_close_matches(args.name, known, cutoff=0.5)
        cure = f"did you mean {' or '.join(close)}?" if close else "`gametheory models` lists them"
        raise ValueError(f"models: {args.name!r} is no model; {cure}")
    model = known[args.name]
    if args.json:
        _print_json(_summary(args.name, model) | _contents(model))
    else:
        _print_model(args.name, model)


def _doc(model: type[Model]) -> str:
    import inspect

    return inspect.getdoc(model) or ""


def _summary(key: str, model: type[Model]) -> dict[str, Any]:
    return {
        "model": key,
        "citation": str(model.citation),
        "summary": _doc(model).partition("\n")[0],
    }


def _contents(model: type[Model]) -> dict[str, Any]:
    """Parameters and propositions as plain data; the end of an unbounded range is null."""
    from math import isfinite

    return {
        "doc": _doc(model),
        "parameters": [
            {
                "name": name,
                "default": p.default,
                "meaning": p.meaning,
                "range": [end if isfinite(end) else None for end in p.range],
            }
            for name, p in model.parameters().items()
        ],
        "propositions": [
            {"name": p.name, "statement": p.statement, "bears_on": list(p.bears_on)}
            for p in model.propositions()
        ],
    }


def _print_model(key: str, model: type[Model]) -> None:
    print(f"{key}: {model.citation}")
    print(f"\n{_doc(model)}\n")
    rows = [
        [name, str(p.default), f"{p.range[0]:g}..{p.range[1]:g}", p.meaning]
        for name, p in model.parameters().items()
    ]
    _print_table(["parameter", "default", "range", "meaning"], rows, left=4)
    if propositions := model.propositions():
        print("\npropositions")
    for p in propositions:
        claims = f" ({', '.join(p.bears_on)})" if p.bears_on else ""
        print(f"  {p.name}{claims}: {p.statement}")


def claims(args: argparse.Namespace) -> None:
    """Prints the verdicts on the claims of the essay."""
    verdicts = _essay("claims").claims()
    if args.json:
        _print_json(verdicts)
        return
    rows = [
        [
            str(v["claim"]),
            str(v["finding"]),
            f"{v['share_every']:.0%}",
            f"{v['share_some']:.0%}",
            str(v["pivot"] or ""),
            f"{v['model']}: {v['statement']}",
        ]
        for v in verdicts
    ]
    heads = ["claim", "finding", "every", "some", "pivot", "model: statement"]
    _print_table(heads, rows, left=6)


def report(args: argparse.Namespace) -> None:
    """Writes the report on the essay to ``args.out`` and prints where it is."""
    script = _essay("report")
    written = script.report(args.out) if args.out else script.report()
    if args.json:
        _print_json({"report": str(written)})
    else:
        print(written)


def _essay(command: str) -> Any:
    """The script of the essay, found upward from here or beside the source of this package."""
    import importlib.util

    here, source = Path.cwd(), Path(__file__).resolve().parent.parent
    roots = (here, *here.parents, source)
    root = next((folder for folder in roots if (folder / ESSAY).is_file()), None)
    name = ".".join(ESSAY.with_suffix("").parts)
    spec = root and importlib.util.spec_from_file_location(name, root / ESSAY)
    if not root or not spec or not spec.loader:
        raise ValueError(
            f"{command}: papers/walt2025 is not here; run inside a checkout of the project"
        )
    if str(root) not in sys.path:
        sys.path.append(str(root))  # last: the installed package stays the one that is used
    script = importlib.util.module_from_spec(spec)
    sys.modules[name] = script  # worker processes find its functions by this name
    spec.loader.exec_module(script)
    return script


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, indent=2, allow_nan=False))


def _print_table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 0) -> None:
    """Prints columns wide enough for their cells, the first ``left`` flush left."""
    table = [list(heads), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        cells = (
            cell.ljust(width) if k < left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths))
        )
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    sys.exit(main())
