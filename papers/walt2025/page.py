"""The report as one HTML page that opens from disk: text, tables and figures, no network."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import gametheory as gt
from gametheory import Finding, Verdict
from gametheory.claims import CHALLENGE, MATCH

WORDS = {
    Finding.MATCHES: "matches",
    Finding.CHALLENGES: "challenges",
    Finding.CONDITIONAL: "conditional",
    Finding.UNDECIDED: "undecided",
}

E = html.escape


def overall(verdicts: Sequence[Verdict]) -> Finding:
    """What several rival models say together: their common finding, else conditional.

    A claim stands or falls with at least two models; one alone leaves it undecided.
    """
    findings = {v.finding for v in verdicts}
    if len({v.model for v in verdicts}) < 2 or findings == {Finding.UNDECIDED}:
        return Finding.UNDECIDED
    return findings.pop() if len(findings) == 1 else Finding.CONDITIONAL


def page(
    claims: Mapping[str, Mapping[str, str]],
    verdicts: Mapping[str, Sequence[Verdict]],
    equilibria: Mapping[tuple[str, str], str],
    figures: Mapping[str, tuple[Path, str]],
    provenance: Mapping[str, str],
) -> str:
    """The whole page. ``figures`` maps a claim (or "poles") to its SVG file and caption."""
    examined = [c for c in claims if verdicts.get(c)]
    first = {v: c for c in reversed(examined) for v in map(_anchor, verdicts[c])}
    return Template(TEMPLATE).substitute(
        count=len(examined),
        propositions=len({(v.model, v.proposition) for vs in verdicts.values() for v in vs}),
        models=len({v.model for vs in verdicts.values() for v in vs}),
        summary=_summary(claims, verdicts, examined),
        sections="".join(
            _section(c, claims[c], verdicts[c], first, equilibria, figures.get(c)) for c in examined
        ),
        poles=_figure("poles", *figures["poles"]),
        unexamined="".join(
            f"<li><b>{c}</b> {E(claims[c]['title'])}</li>" for c in claims if c not in examined
        ),
        models_used=_models({v.model for vs in verdicts.values() for v in vs}),
        provenance="".join(
            f"<tr><th>{E(k)}</th><td>{E(v)}</td></tr>" for k, v in provenance.items()
        ),
        match=f"{MATCH:.0%}",
        challenge=f"{CHALLENGE:.0%}",
    )


def _badge(finding: Finding) -> str:
    return f'<span class="badge {WORDS[finding]}">{WORDS[finding]}</span>'


def _summary(
    claims: Mapping[str, Mapping[str, str]],
    verdicts: Mapping[str, Sequence[Verdict]],
    examined: Sequence[str],
) -> str:
    rows = []
    for c in examined:
        lines = "".join(
            f"<li>{_badge(v.finding)} {E(v.statement)}"
            + (f" <small>Flips at {E(v.boundary)}.</small>" if v.boundary and v.share < 1 else "")
            + "</li>"
            for v in verdicts[c]
        )
        rows.append(
            f'<tr><td><a href="#{c}">{c}</a></td><td>{E(claims[c]["title"])}</td>'
            f"<td>{_badge(overall(verdicts[c]))}</td><td><ul class=plain>{lines}</ul></td></tr>"
        )
    return "".join(rows)


def _section(
    claim: str,
    text: Mapping[str, str],
    verdicts: Sequence[Verdict],
    first: Mapping[str, str],
    equilibria: Mapping[tuple[str, str], str],
    figure: tuple[Path, str] | None,
) -> str:
    shown = (
        _verdict(v, equilibria.get((v.model, v.proposition), ""))
        if first[_anchor(v)] == claim
        else _again(v, first[_anchor(v)])
        for v in verdicts
    )
    return (
        f'<section id="{claim}"><h2>{claim}. {E(text["title"])} {_badge(overall(verdicts))}</h2>'
        f"<p class=says>The essay: {E(text['says'])}</p>"
        + "".join(shown)
        + (_figure(claim, *figure) if figure else "")
        + "</section>"
    )


def _anchor(v: Verdict) -> str:
    return f"{v.model}.{v.proposition}"


def _head(v: Verdict) -> str:
    reading = getattr(gt.load_models()[v.model], v.proposition).__doc__ or ""
    return f"<h3>{_badge(v.finding)} {E(v.statement)}</h3><p class=reading>{E(reading)}</p>"


def _again(v: Verdict, claim: str) -> str:
    return f'<article>{_head(v)}<p>Shown <a href="#{_anchor(v)}">under {claim}</a>.</p></article>'


def _verdict(v: Verdict, equilibria: str) -> str:
    model = gt.load_models()[v.model]
    facts = [("Model", f"{E(model.__doc__.splitlines()[0])} <cite>{E(str(model.citation))}</cite>")]  # type: ignore[union-attr]
    facts.append(("Concept", E(model.concept)))
    facts.append(("Holds", _bars(v)))
    if v.pivot:
        weight = max(e.sobol[v.pivot] for e in v.evidence)
        meaning = model.parameters()[v.pivot].meaning
        facts.append(
            ("Pivot", f"<b>{E(v.pivot)}</b>: {E(meaning)}. First-order Sobol index {weight:.2f}")
        )
    if v.boundary:
        agree = min(e.agreement for e in v.evidence if e.agreement is not None)
        facts.append(("Flips at", f"<b>{E(v.boundary)}</b> (agrees with {agree:.1%} of the draws)"))
    if v.counterexample:
        point = ", ".join(f"{k}={_plain(x)}" for k, x in v.counterexample.items())
        facts.append(("Fails at", f"<code>{E(model.__name__)}({E(point)})</code>"))
    if equilibria:
        facts.append(
            ("Solved there" if v.counterexample else "Solved", f"<pre>{E(equilibria)}</pre>")
        )
    call = f"{model.__name__}().{v.proposition}(draws={v.draws}, seed={v.seed})"
    facts.append(("Run again", f"<code>{E(call)}</code>"))
    table = "".join(f"<tr><th>{k}</th><td>{x}</td></tr>" for k, x in facts)
    return f'<article id="{_anchor(v)}">{_head(v)}<table class="facts">{table}</table></article>'


def _plain(x: Any) -> str:
    if isinstance(x, list):
        return "[" + ", ".join(_plain(entry) for entry in x) + "]"
    return f"{x:g}" if isinstance(x, float) and x == float(f"{x:g}") else repr(x)


def _bars(v: Verdict) -> str:
    """One line a prior: a bar of the share, its interval, and the share in some equilibrium."""
    lines = []
    for e in v.evidence:
        low, high = e.interval
        some = f", in some equilibrium {e.some:.1%}" if e.some > e.every else ""
        lines.append(
            f"<div class=bar><span class=prior>{E(e.prior)}</span><span class=track>"
            f'<span class="fill {WORDS[v.finding]}" style="width:{100 * e.every:.2f}%"></span>'
            "</span>"
            f"<span>{e.every:.1%} <small>[{low:.1%}, {high:.1%}]{some}</small></span></div>"
        )
    return "".join(lines)


def _figure(name: str, svg: Path, caption: str) -> str:
    drawing = svg.read_text(encoding="utf-8")
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", drawing)  # ids are per page
    return f"<figure>{drawing}<figcaption>{E(caption)}</figcaption></figure>"


def _models(keys: set[str]) -> str:
    rows = []
    for key, model in gt.load_models().items():
        if key in keys:
            parameters = "".join(
                f"<li><code>{E(p.name)}</code> {E(p.meaning)}; "
                + (
                    f"drawn from {p.box[0]:g}..{p.box[1]:g}"
                    if p.box
                    else f"kept at {_plain(p.default)}"
                )
                + "</li>"
                for p in model.parameters().values()
            )
            rows.append(
                f"<h3>{E(model.__name__)}</h3><p>{E((model.__doc__ or '').splitlines()[0])} "
                f"<cite>{E(str(model.citation))}</cite></p><ul>{parameters}</ul>"
            )
    return "".join(rows)


TEMPLATE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
