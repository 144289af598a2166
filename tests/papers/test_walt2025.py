"""The essay's report: complete, self-contained, honest about what flips, quick the second time."""

import json
import re
from html.parser import HTMLParser

import pytest

import gametheory as gt
from gametheory.claims import Finding
from papers.walt2025 import reproduce
from papers.walt2025.page import overall

DRAWS = 10_000
DRAWN = {"C1", "C3", "C5", "C10", "C11", "C13"}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    reproduce.report(folder, draws=DRAWS, workers=1)
    return folder


@pytest.fixture(scope="module")
def rows(out):
    return json.loads((out / "verdicts.json").read_text())


def test_each_claim_with_a_figure_has_two_rival_models(out, rows):
    assert {r["claim"] for r in rows} >= DRAWN
    for claim in DRAWN:
        assert len({r["model"] for r in rows if r["claim"] == claim}) >= 2
    for name in DRAWN | {"poles"}:
        assert (out / "figures" / f"{name}.svg").stat().st_size > 5_000
        assert (out / "figures" / f"{name}.png").read_bytes()[:4] == b"\x89PNG"


def test_some_claim_is_challenged_or_flips_at_a_closed_form(rows):
    assert any(r["finding"] == "CHALLENGES" for r in rows)
    assert any(r["finding"] == "CONDITIONAL" and r["pivot"] and r["boundary"] for r in rows)


def test_all_but_full_matches_carry_a_counterexample_that_fails_when_run_again(rows):
    models = gt.load_models()
    for r in rows:
        if r["share_every"] == 1:
            assert r["counterexample"] is None
        else:
            again = getattr(models[r["model"]](**r["counterexample"]), r["proposition"])
            assert not again.holds().every


def test_a_printed_verdict_is_what_its_call_gives(rows):
    r = next(r for r in rows if r["proposition"] == "two_are_safer_than_three")
    again = gt.load_models()[r["model"]]().two_are_safer_than_three(DRAWS, seed=r["seed"])
    assert json.loads(json.dumps(again.rows()))[0] == {**r, "claim": "C10"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.open, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag not in {"script", "link", "iframe", "img"}
        for name in ("src", "href", "xlink:href"):
            assert attrs.get(name, "#").startswith("#"), attrs
        if "id" in attrs:
            self.ids.append(attrs["id"])

    def handle_data(self, data):
        self.text += " " + data


def test_the_page_needs_nothing_but_itself_and_says_what_was_not_examined(out, rows):
    text = (out / "report.html").read_text()
    page = Page()
    page.feed(text)
    assert len(page.ids) == len(set(page.ids))
    assert not re.search(r"url\((?!['\"]?#)", text)
    for claim in reproduce.essay():
        assert re.search(rf"\b{claim}\b", page.text), claim
    for r in rows:
        assert r["statement"] in page.text
        assert all(f"{p['share_every']:.1%}" in page.text for p in r["priors"])


def test_the_second_run_computes_nothing_unless_a_file_is_gone(out, monkeypatch):
    def never(*args):
        raise AssertionError("computed again")

    monkeypatch.setattr(reproduce, "compute", never)
    assert reproduce.report(out, draws=DRAWS, workers=1) == out / "report.html"
    (out / "figures" / "C1.png").unlink()
    with pytest.raises(AssertionError, match="computed again"):
        reproduce.report(out, draws=DRAWS, workers=1)


def test_figures_are_the_same_bytes_each_time(out, tmp_path):
    first = (out / "figures" / "C5.svg").read_bytes()
    reproduce.draw_figures(tmp_path)
    assert (tmp_path / "C5.svg").read_bytes() == first


def verdict(model, finding):
    return gt.Verdict(finding, 0, 0, (0, 1), None, None, None, "", (), 1, 0, model=model)


def test_rival_models_must_agree_and_one_alone_does_not_decide():
    M, C, D = Finding.MATCHES, Finding.CHALLENGES, Finding.CONDITIONAL
    assert overall([verdict("a", M), verdict("b", M)]) is M
    assert overall([verdict("a", C), verdict("b", C)]) is C
    assert overall([verdict("a", M), verdict("b", C)]) is D
    assert overall([verdict("a", M), verdict("a", M)]) is Finding.UNDECIDED
