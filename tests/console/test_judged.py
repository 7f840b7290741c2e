"""Findings and controls as pages, over a store in which releases were judged."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from assaybook.catalogs.load import load_catalogs
from assaybook.console.pages import control as control_page
from assaybook.console.pages import finding as finding_page
from assaybook.console.pages import findings as findings_page
from support.judged import HOSTILE, SLICE, Judged, judged

_FAIL = "/findings/quality.floor/floor/s/1"


@pytest.fixture(scope="module")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """Serve a copy of the database."""
    folder = tmp_path_factory.mktemp("judged")
    file = folder / "assay.db"
    file.write_bytes(sqlite_template.read_bytes())
    with judged(f"sqlite:///{file}", folder / "policies") as served:
        yield served


def _words(page: str) -> str:
    """Return the main part of a page as running text."""
    main = page.partition("<main")[2].partition("</main>")[0]
    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())
    return re.sub(r" ([,.:;])", r"\1", words)


def _first_cells(page: str) -> list[str]:
    return re.findall(r'scope="row"><a href="[^"]*">([^<]*)</a>', page)


def test_findings_stand_worst_first_and_what_was_never_assessed_is_named(served: Judged) -> None:
    page = served.page("/findings")
    assert _first_cells(page) == [
        "quality.floor / floor",
        "quality.lost / measured",
        "quality.lost / measured",
        "quality.floor / floor",
    ]
    words = _words(page)
    assert "2 releases were never assessed" in words
    assert "assay assess --system s --release 2" in words
    assert "4 of 4 findings shown" in words


def test_a_title_from_a_policy_is_text_and_never_markup(served: Judged) -> None:
    page = served.page("/findings")
    assert "Recall &lt;b&gt;holds&lt;/b&gt;" in page
    assert "<b>holds" not in page


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("outcome=fail", 1, id="an outcome"),
        pytest.param("outcome=fail&outcome=pass", 2, id="two outcomes as boxes"),
        pytest.param("outcome=fail,inconclusive", 3, id="two outcomes in one value"),
        pytest.param("severity=low", 2, id="a severity"),
        pytest.param("system=t", 2, id="a system"),
        pytest.param("catalog=nist-ai-rmf-1.0&control=MEASURE+2.4", 2, id="a control"),
        pytest.param("policy=quality.floor&disposition=open", 2, id="a policy"),
        pytest.param("policy=%00", 422, id="a text that nothing has"),
        pytest.param("outcome=good", 422, id="an outcome that there is not"),
        pytest.param("releases=some", 422, id="a span that there is not"),
        pytest.param("cursor=9", 400, id="a cursor of no page"),
        pytest.param("as_of=yesterday", 422, id="no instant"),
        pytest.param("system=nobody", 404, id="a system that is not there"),
        pytest.param("system=s&release=9", 404, id="a release that is not there"),
    ],
)
def test_a_query_narrows_the_findings_or_is_refused_in_words(
    served: Judged, query: str, number: int
) -> None:
    answer = served.get(f"/findings?{query}")
    if number >= 400:
        assert answer.status_code == number
    else:
        assert answer.status_code == 200
        assert len(_first_cells(answer.text)) == number


def test_a_filter_that_nothing_meets_is_no_pass(served: Judged) -> None:
    assert "That is no pass" in _words(served.page("/findings?outcome=error"))


def test_pages_of_findings_lead_on_and_back(
    served: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_page, "_ON_A_PAGE", 3)
    first = served.page("/findings?severity=high,low")
    (link,) = re.findall(r'href="(/findings\?[^"]*cursor=[^"]*)"', first)
    second = served.page(link.replace("&amp;", "&"))
    assert [len(_first_cells(one)) for one in (first, second)] == [3, 1]
    assert "From the beginning" in second


def test_who_may_see_one_system_reads_nothing_of_another(served: Judged) -> None:
    page = served.page("/findings", "t")
    assert "/findings/quality.floor/floor/t/1" in page
    assert not re.search(r'(systems|floor|measured)/[su][/"?]|value="[su]"', page)
    for path in ("/findings?system=s", _FAIL, "/controls/nist-ai-rmf-1.0?system=s"):
        assert served.get(path, "t").status_code == 404
    for path in ("/controls/nist-ai-rmf-1.0", "/controls/nist-ai-rmf-1.0/MEASURE%202.3"):
        assert not re.search(r'systems/[su][/"?]', served.page(path, "t"))


def test_a_finding_tells_what_was_asked_what_was_seen_and_what_would_turn_it(
    served: Judged,
) -> None:
    words = _words(served.page(_FAIL))
    for told in (
        "1 of 2 rows pass",
        "at the same rate no number of trials would do",
        "The rule passes only when every row that decides has turned",
        "Retrain the model.",
        "No document was left out",
        "implements",
        "Nobody accepted it.",
        "evidence: a document is new, replaced or gone",
        "first assessment that is kept",
    ):
        assert told in words


def test_a_finding_leads_to_the_place_in_the_evidence_whatever_its_name(served: Judged) -> None:
    page = served.page(_FAIL)
    pointers = re.findall(r'href="(/evidence/ev-[0-9a-f]+\?pointer=[^"]+)"', page)
    assert pointers
    assert HOSTILE not in page
    assert served.get(pointers[0]).status_code == 200


def test_evidence_that_a_reader_may_not_open_is_named_and_never_a_link(
    served: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def readable_by(*_: object) -> frozenset[str]:
        return frozenset()

    monkeypatch.setattr(finding_page, "readable_by", readable_by)
    page = served.page(_FAIL)
    assert "/evidence/ev-" not in page
    assert "/facts/0" in page


def test_measured_rows_are_drawn_and_their_names_stay_text(served: Judged) -> None:
    page = served.page(_FAIL)
    assert "1 of 2 rows breaks the floor 0.8" in _words(page)
    assert "<title>" in page.partition("<main")[2]
    assert SLICE not in page
    assert page.count("&lt;i&gt;old&lt;/i&gt;") > 3


def test_an_earlier_finding_is_shown_by_its_assessment(served: Judged) -> None:
    page = served.page(_FAIL)
    links = re.findall(r'href="(/findings/quality.floor/floor/s/1\?assessment=[^"]+)"', page)
    assert len(links) == 2
    page = served.page(links[1])
    assert "As of now" not in page
    earlier = _words(page)
    assert "Why nobody can say" in earlier
    assert "the last assessment of it" in earlier


def test_a_release_that_nobody_judged_has_no_finding_and_says_so(served: Judged) -> None:
    words = _words(served.page("/findings/quality.floor/floor/s/2"))
    assert "never assessed" in words
    assert "That is no pass." in words


def test_a_finding_that_is_not_there_is_told_apart_from_one_that_is_open(served: Judged) -> None:
    other = re.findall(r"/assessments/(sha256[^\"?]*)", served.page("/findings?system=t"))[0]
    for path in (
        "/findings/quality.floor/nothing/s/1",
        "/findings/quality.floor/floor/s/9",
        "/findings/quality.floor/floor/nobody/1",
        f"{_FAIL}?assessment={other}",
        f"{_FAIL}?assessment=sha256:0",
    ):
        assert served.get(path).status_code == 404


def test_every_catalog_is_listed_and_tells_whether_anything_is_judged_by_it(
    served: Judged,
) -> None:
    page = served.page("/controls")
    assert len(_first_cells(page)) == len(load_catalogs())
    words = _words(page)
    assert "does not conform in 1" in words
    assert "no policy in force cites it" in words


@pytest.mark.parametrize("catalog", ["nist-ai-rmf-1.0", "iso-42001-2023", "owasp-llm-top10"])
def test_a_map_shows_every_control_that_can_be_judged(served: Judged, catalog: str) -> None:
    page = served.page(f"/controls/{catalog}")
    shown = set(re.findall(r'<a class="tile [^"]*" href="([^"]*)"', page))
    known = load_catalogs()[catalog].judgeable()
    assert shown == {f"/controls/{catalog}/{quote(one.id, safe='')}" for one in known}


def test_a_map_counts_what_is_not_covered_and_takes_the_worst_of_several_releases(
    served: Judged,
) -> None:
    every = served.page("/controls/nist-ai-rmf-1.0")
    assert 'title="MEASURE 2.3 Deployment-like performance: not met in 1, met in 1"' in every
    assert "not covered 70" in _words(every)
    one = served.page("/controls/nist-ai-rmf-1.0?system=t")
    assert 'title="MEASURE 2.3 Deployment-like performance: met"' in one


def test_a_map_is_narrowed_to_one_standing_and_says_what_it_leaves_out(served: Judged) -> None:
    path = "/controls/nist-ai-rmf-1.0"
    gaps = served.page(f"{path}?standing=not_covered")
    assert gaps.count('<a class="tile ') == 70
    words = _words(gaps)
    assert "Show every control" in words
    assert "not met 1" in words
    assert "No control stands so" in _words(served.page(f"{path}?standing=risk_accepted"))
    assert served.get(f"{path}?standing=good").status_code == 422


def test_a_map_without_an_assessment_says_not_assessed_and_never_met(served: Judged) -> None:
    words = _words(served.page("/controls/nist-ai-rmf-1.0?system=u"))
    assert "not assessed 72" in words
    assert "Never assessed" in words
    assert "72 met" not in words


def test_a_catalog_that_no_policy_cites_is_not_judged(served: Judged) -> None:
    words = _words(served.page("/controls/owasp-llm-top10"))
    assert "not judged 20" in words
    assert "does not speak about this catalog" in words


def test_a_control_shows_its_standing_in_each_release_and_its_rules(served: Judged) -> None:
    words = _words(served.page("/controls/nist-ai-rmf-1.0/MEASURE%202.3"))
    for told in ("not met", "0 of 1 pass", "1 of 1 pass", "implements", "no verdict crosses"):
        assert told in words
    assert "assay assess --system u --release 1" in words


def test_findings_that_do_not_fit_on_a_page_are_led_to_and_never_called_none(
    served: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_page, "_FINDINGS", 1)
    words = _words(served.page("/controls/nist-ai-rmf-1.0/MEASURE%202.3"))
    assert "see them apart: too many for one page" in words


def test_a_control_that_no_rule_bears_on_is_not_covered(served: Judged) -> None:
    words = _words(served.page("/controls/nist-ai-rmf-1.0/GOVERN%201.1"))
    assert "not covered: no policy in force bears on it" in words


def test_a_control_above_others_stands_by_them(served: Judged) -> None:
    words = _words(served.page("/controls/nist-ai-rmf-1.0/MEASURE%202"))
    assert "stands as the worst of them" in words
    assert "those of the controls under it" in words


def test_the_text_of_a_standard_is_not_shown_where_it_may_not_be(served: Judged) -> None:
    page = served.page("/controls/iso-42001-2023/a.6.2.4")
    assert "<blockquote" not in page
    assert "identifiers and our own short titles" in page
    assert "<blockquote" in served.page("/controls/nist-ai-rmf-1.0/MEASURE%202.3")


@pytest.mark.parametrize(
    "path", ["/controls/nothing", "/controls/nist-ai-rmf-1.0/NOTHING%201", "/controls/a/b/c"]
)
def test_a_control_that_is_not_there_is_not_found(served: Judged, path: str) -> None:
    assert served.get(path).status_code == 404


def test_pages_show_the_past_as_it_was(served: Judged) -> None:
    before = "2020-01-01T00:00:00Z"
    assert "No releases" in _words(served.page(f"/findings?as_of={before}"))
    assert "No release" in _words(
        served.page(f"/controls/nist-ai-rmf-1.0/MEASURE%202.3?as_of={before}")
    )
    assert "Nothing was assessed" in _words(served.page(f"/controls?as_of={before}"))
