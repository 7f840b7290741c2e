"""``assay control`` on the shipped catalogs: data on stdout, talk on stderr."""

import csv
import json
from io import StringIO

import pytest
from typer.testing import CliRunner, Result

from assaybook.cli.control import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def rows_of(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0
    return list(csv.DictReader(StringIO(result.stdout)))


def test_without_a_catalog_the_catalogs_are_listed() -> None:
    listed = json.loads(run("list", "--format", "json").stdout)
    counts = {each["catalog"]: (each["nodes"], each["judgeable"]) for each in listed}
    assert counts["nist-ai-rmf-1.0"] == (95, 72)
    assert len(counts) == 13


def test_the_controls_of_a_catalog_are_listed_in_printed_order() -> None:
    rows = rows_of(run("list", "--catalog", "nist-ai-rmf-1.0", "--format", "csv"))
    assert [row["control"] for row in rows[:3]] == ["GOVERN", "GOVERN 1", "GOVERN 1.1"]
    assert len(rows) == 95


def test_a_listing_can_be_held_to_one_kind() -> None:
    rows = rows_of(
        run("list", "--catalog", "iso-42001-2023", "--kind", "control", "--format", "csv")
    )
    assert len(rows) == 38


def test_several_catalogs_can_be_listed_together() -> None:
    words = ("--catalog", "owasp-ml-top10-2023", "--catalog", "owasp-llm-top10")
    rows = rows_of(run("list", *words, "--format", "csv"))
    assert {row["catalog"] for row in rows} == {"owasp-ml-top10-2023", "owasp-llm-top10"}


@pytest.mark.parametrize("name", ["MEASURE 2.11", "measure-2.11", "MS-2.11"])
def test_a_control_is_shown_by_any_of_its_names(name: str) -> None:
    shown = json.loads(run("show", name, "--format", "json").stdout)
    assert shown["control"]["id"] == "MEASURE 2.11"
    assert shown["control"]["text"].startswith("Fairness and bias")
    assert [each["control"] for each in shown["parents"]] == ["MEASURE 2", "MEASURE"]


def test_related_controls_are_shown_with_relationship_basis_and_who_says_so() -> None:
    shown = json.loads(run("show", "GOVERN 1.1", "--format", "json").stdout)
    (first, *_) = shown["related"]
    assert first["relationship"] == "related"
    assert first["basis"] == "published"
    assert first["said_by"].startswith("Microsoft")
    assert first["reviewer"] == "not reviewed"


@pytest.mark.parametrize("style", ["table", "markdown"])
def test_the_page_of_a_control_has_its_text_chain_and_source(style: str) -> None:
    result = run("show", "MS-2.7", "--format", style)
    assert "AI system security and resilience" in result.stdout
    assert "MEASURE 2 Trustworthiness evaluation" in result.stdout
    assert "Said by" in result.stdout
    assert "no verdict" in result.stderr


def test_a_control_with_restricted_text_says_why_there_is_none() -> None:
    result = run("show", "A.6.2.4", "--catalog", "iso-42001-2023")
    assert "not carried" in result.stdout


def test_a_control_without_related_ones_is_still_shown() -> None:
    result = run("show", "risk:cbrn")
    assert result.exit_code == 0
    assert result.stderr == ""


def test_related_controls_alone_are_given_as_csv() -> None:
    rows = rows_of(run("show", "MS-2.7", "--format", "csv"))
    assert {row["basis"] for row in rows} == {"published", "own-judgement"}


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        pytest.param(("show", "MANAGE 4.4"), "control-unknown", "MANAGE 4.3", id="no such control"),
        pytest.param(
            ("show", "MANAGE 4.4", "--catalog", "nist-ai-rmf-1.0"),
            "control-unknown",
            "MANAGE 4.3",
            id="no such control in the catalog",
        ),
        pytest.param(
            ("show", "eu-ai-act/Art. 14(4)"),
            *("control-unknown", "show 'Art. 14(4)' --catalog eu-ai-act"),
            id="catalog and control as one name",
        ),
        pytest.param(("show", "zzzzzzzz"), "control-unknown", "search", id="nothing like it"),
        pytest.param(("show", "A.5.2"), "control-ambiguous", "--catalog", id="in two catalogs"),
        pytest.param(
            ("list", "--catalog", "nist-ai-rmf"), "catalog-unknown", "nist-ai-rmf-1.0", id="catalog"
        ),
        pytest.param(("list", "--kind", "contrl"), "kind-unknown", "control", id="no such kind"),
    ],
)
def test_what_is_not_there_exits_2_with_code_place_reason_and_what_comes_near(
    words: tuple[str, ...], code: str, hint: str
) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error[{code}] ")
    assert hint in result.stderr


def test_a_framework_stands_before_its_profiles() -> None:
    shown = json.loads(run("show", "GOVERN 1.1", "--format", "json").stdout)
    assert shown["catalog"]["id"] == "nist-ai-rmf-1.0"


def test_a_search_needs_every_word_and_gives_ids_first() -> None:
    rows = rows_of(run("search", "Data", "POISONING", "--format", "csv"))
    assert [row["found_in"] for row in rows] == sorted(
        (row["found_in"] for row in rows), key=["id", "title", "text"].index
    )
    assert {"ML02:2023", "LLM04:2025"} <= {row["control"] for row in rows}


def test_a_search_can_be_held_to_a_catalog() -> None:
    rows = rows_of(run("search", "privacy", "--catalog", "nist-ai-rmf-1.0", "--format", "csv"))
    assert {row["catalog"] for row in rows} == {"nist-ai-rmf-1.0"}


def test_a_search_without_a_hit_says_so() -> None:
    result = run("search", "zzzzzzzz", "--format", "json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "[]\n", "0 found\n")
