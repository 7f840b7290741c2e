"""Pages about policies: all that they ask, nothing that acts, and no other file."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from assaybook.service.bundles import BundleFiles
from assaybook.service.policy_docs import policy_pages, write_policy_pages

HOSTILE: Final = """\
policy: demo.recall
version: 1
title: "<script>alert(1)</script>"
why: "\\"><img src=x onerror=alert(1)>"
severity: critical
controls: {nist-ai-rmf-1.0: {MEASURE 2.3: implements}, iso-42001-2023: {A.6.2.4: supports}}
params:
  floor: {type: ratio, default: 0.8, stricter: higher, description: "</td><b>x"}
  name: {type: string, default: recall}
needs:
  recall: {facts: metric, where: 'row.name == params.name', fresh_for: 90d}
  leaks: {facts: security, fresh_for: 90d, of: [security/secret], may_be_empty: true}
rules:
  - {id: floor, for_each: recall, pass_when: row.value >= params.floor, fix: "a & b"}
  - {id: none, pass_when: '!leaks.exists(x, x.class == "secret")'}
"""
OVERLAY: Final = """\
overlay: loose
set: [{policy: demo.recall, params: {floor: 0.5}, allow_relax: true, reason: A trial.}]
"""
SCOPE: Final = """\
scope: house
frameworks:
  nist-ai-rmf-1.0:
    applies: none
    reason: Only <one> counts.
    controls: [{control: MEASURE 2.3, applies: true}]
  iso-42001-2023: {applies: all}
"""


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("house")
    (folder / "policies" / "demo").mkdir(parents=True)
    (folder / "policies" / "demo" / "recall.yaml").write_text(HOSTILE)
    (folder / "overlay.yaml").write_text(OVERLAY)
    (folder / "scope.yaml").write_text(SCOPE)
    overlays, scope = (folder / "overlay.yaml",), folder / "scope.yaml"
    files = BundleFiles((folder / "policies",), (), overlays, scope)
    return policy_pages(files, "Our <house>")


def _read(text: str) -> _Tags:
    found = _Tags()
    found.feed(text)
    assert found.open == []
    return found


def test_there_is_a_page_for_each_policy_an_index_and_the_controls(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["controls.html", "demo.recall.html", "index.html"]


@pytest.mark.parametrize("name", ["controls.html", "demo.recall.html", "index.html"])
def test_a_page_is_whole_by_itself_and_nothing_in_it_acts(pages: dict[str, str], name: str) -> None:
    found = _read(pages[name])
    tags = {tag for tag, _attributes in found.seen}
    assert not tags & {"script", "img", "link", "iframe", "object", "form"}
    for _tag, attributes in found.seen:
        assert not [key for key in attributes if key.startswith("on")]
        href = attributes.get("href")
        assert href is None or href.startswith("#") or href.partition("#")[0] in pages
    assert not re.search(r"url\(|@import|https?://", pages[name])
    assert {"lang": "en"} in [attributes for tag, attributes in found.seen if tag == "html"]


def test_a_policy_page_says_all_that_is_asked(pages: dict[str, str]) -> None:
    words = " ".join(" ".join(_read(pages["demo.recall.html"]).words).split())
    for said in (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "is at least 0.80",
        "If it fails: a & b",
        "0.5 for every system (overlay loose, relaxed: A trial.)",
        "gitleaks",
        "fairlearn",
        "AI system performance or assurance criteria",
        "Its text is copyrighted and not carried here",
        "To every release.",
    ):
        assert said in words, said


def test_the_matrix_shows_gaps_and_folds_away_what_does_not_apply(pages: dict[str, str]) -> None:
    words = " ".join(" ".join(_read(pages["controls.html"]).words).split())
    assert "1 of 1 controls have a rule; 1 can be met, 0 supported at most" in words
    assert "71 controls do not apply, by the scope Only <one> counts." in words
    assert words.count("no rule") > 60


def test_pages_are_written_beside_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("x")
    (tmp_path / "index.html").write_text("old")
    named = write_policy_pages(BundleFiles(globs=("quality.floor",)), tmp_path, "Ours")
    assert named == ("controls.html", "index.html", "quality.floor.html")
    assert "in which rules pass" in (tmp_path / "quality.floor.html").read_text()
    assert (tmp_path / "kept.txt").exists()
    assert "1 policy with 1 rule" in (tmp_path / "index.html").read_text()
