"""Catalogs as OSCAL: ours read back as they were, others as far as they are understood."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assaybook.catalogs.load import load_catalogs
from assaybook.catalogs.oscal_in import Told, read_oscal
from assaybook.catalogs.oscal_keep import catalog_yaml
from assaybook.catalogs.oscal_out import catalog_oscal
from assaybook.domain.control import Catalog, Control, TextPolicy
from assaybook.domain.errors import AuthorError
from assaybook.reporting.oscal.integrity import integrity_faults
from support.assessing import a_catalog, a_control
from support.oscal import told_by_trestle

SHIPPED = tuple(load_catalogs())
TODAY = Told(retrieved="2026-11-21")
NAMES = "http://csrc.nist.gov/ns/oscal"
FOREIGN: dict[str, Any] = {
    "catalog": {
        "uuid": "11111111-1111-4111-8111-111111111111",
        "metadata": {
            "title": "House *controls*",
            "last-modified": "2026-01-01T00:00:00Z",
            "version": "5",
            "oscal-version": "1.1.2",
            "parties": [{"uuid": "x", "type": "organization", "name": "The house"}],
        },
        "groups": [
            {
                "id": "ac",
                "class": "family",
                "title": "Access",
                "controls": [
                    {
                        "id": "ac-1",
                        "class": "SP800-53",
                        "title": "Accounts",
                        "params": [
                            {"id": "ac-1_prm_1", "label": "period"},
                            {"id": "ac-1_prm_2", "select": {"choice": ["warn", "stop"]}},
                            {"id": "ac-1_prm_3"},
                        ],
                        "props": [
                            {"name": "label", "class": "zero-padded", "value": "AC-01"},
                            {"name": "label", "value": "AC-1"},
                        ],
                        "parts": [
                            {
                                "name": "statement",
                                "prose": "Look every {{ insert: param, ac-1_prm_1 }}.",
                                "parts": [
                                    {
                                        "name": "item",
                                        "props": [{"name": "label", "value": "a."}],
                                        "prose": "Then {{ insert: param, ac-1_prm_2 }}",
                                    },
                                    {"name": "item", "prose": "{{insert: param, ac-1_prm_3}}"},
                                ],
                            },
                            {"name": "guidance", "prose": "Accounts are many."},
                            {"name": "assessment-method", "prose": "Ask."},
                        ],
                        "controls": [
                            {
                                "id": "ac-1.1",
                                "title": "Old accounts",
                                "props": [
                                    {"name": "label", "ns": NAMES, "value": "AC-1(1)"},
                                    {"name": "status", "value": "withdrawn"},
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }
}


def _read(document: Any, told: Told = TODAY) -> Catalog:
    return read_oscal(json.dumps(document).encode(), "house.json", told)


def _changed(change: Callable[[Any], object]) -> Any:
    document = copy.deepcopy(FOREIGN)
    change(document["catalog"])
    return document


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_catalog_reads_back_from_oscal_as_it_was(name: str) -> None:
    catalog = load_catalogs()[name]
    assert read_oscal(catalog_oscal(catalog), name, TODAY) == catalog


@pytest.mark.parametrize("name", ["iso-27001-2022", "nist-ai-rmf-1.0", "mitre-atlas"])
def test_a_catalog_reads_back_from_its_file_as_it_was(name: str, tmp_path: Path) -> None:
    catalog = load_catalogs()[name]
    (tmp_path / name).mkdir()
    (tmp_path / name / "catalog.yaml").write_text(catalog_yaml(catalog), encoding="utf-8")
    assert load_catalogs(tmp_path)[name] == catalog


@pytest.mark.parametrize("name", ["iso-42001-2023", "nist-ai-rmf-1.0", "owasp-llm-top10"])
def test_a_catalog_is_valid_oscal(name: str) -> None:
    raw = catalog_oscal(load_catalogs()[name])
    assert raw == catalog_oscal(load_catalogs()[name])
    assert told_by_trestle(raw) == ""
    assert integrity_faults(raw) == ()


@pytest.mark.parametrize("name", [one for one in SHIPPED if one.startswith("iso-")])
def test_no_wording_of_iso_leaves_the_house(name: str) -> None:
    raw = catalog_oscal(load_catalogs()[name])
    assert b'"prose"' not in raw
    assert b'"parts"' not in raw


def test_a_catalog_of_somebody_else_is_read_with_its_labels_and_its_tree() -> None:
    found = _read(FOREIGN)
    assert (found.id, found.title, found.publisher) == (
        "house-controls",
        "House *controls*",
        "The house",
    )
    told = {
        one.id: (one.slug, one.alias, one.kind, one.parent, one.judgeable) for one in found.controls
    }
    assert told == {
        "ac": ("ac", None, "family", None, False),
        "AC-1": ("ac-1", None, "SP800-53", "ac", True),
        "AC-1(1)": ("ac-1-1", "ac-1.1", "withdrawn control", "AC-1", False),
    }


def test_wording_is_carried_only_where_a_person_says_that_it_may_be() -> None:
    assert all(one.text is None for one in _read(FOREIGN).controls)
    allowed = Told(
        retrieved="2026-11-21",
        catalog_id="house-5",
        source="https://example.org",
        licence="public domain",
        text_policy=TextPolicy.EXACT,
    )
    found = _read(FOREIGN, allowed)
    assert (found.id, found.source, found.licence) == (
        "house-5",
        "https://example.org",
        "public domain",
    )
    control = found.by_id["AC-1"]
    assert control.text == "Look every [period].\na. Then [Selection: warn; stop]\n[ac-1_prm_3]"
    assert control.about == "Accounts are many."
    assert b"Accounts are many" in catalog_oscal(found)
    assert read_oscal(catalog_oscal(found), "x", TODAY) == found


@pytest.mark.parametrize(
    "order", [("overview", "statement"), ("statement", "overview")], ids="|".join
)
def test_the_overview_of_a_control_never_stands_for_what_it_asks(order: tuple[str, ...]) -> None:
    document = copy.deepcopy(FOREIGN)
    group = document["catalog"]["groups"][0]
    group["parts"] = [{"name": "overview", "prose": "Who may come in."}]
    group["controls"][0]["parts"] = [{"name": one, "prose": f"The {one}."} for one in order]
    told = Told(
        retrieved="2026-11-21",
        source="https://example.org",
        licence="public domain",
        text_policy=TextPolicy.EXACT,
    )
    found = _read(document, told)
    assert found.by_id["ac"].text == "Who may come in."
    assert found.by_id["AC-1"].text == "The statement."


def _ac(body: Any) -> Any:
    return body["groups"][0]["controls"][0]


BROKEN: dict[str, tuple[Callable[[Any], object], str, str]] = {
    "a-version-that-is-not-known": (
        lambda b: b["metadata"].update({"oscal-version": "2.0.0"}),
        "oscal-unsupported",
        "/catalog/metadata/oscal-version",
    ),
    "a-key-that-is-not-known": (
        lambda b: _ac(b).update(overlays=[]),
        "oscal-unsupported",
        "/catalog/groups/0/controls/0/overlays",
    ),
    "a-control-without-id": (
        lambda b: _ac(b).pop("id"),
        "oscal-invalid",
        "/catalog/groups/0/controls/0",
    ),
    "a-control-without-title": (
        lambda b: _ac(b).pop("title"),
        "oscal-invalid",
        "/catalog/groups/0/controls/0",
    ),
    "one-label-for-two-controls": (
        lambda b: _ac(b)["controls"][0]["props"][0].update(value="AC-1"),
        "oscal-invalid",
        "/catalog/groups/0/controls/0/controls/0",
    ),
    "no-controls": (lambda b: b.pop("groups"), "oscal-invalid", "/catalog/metadata"),
    "an-empty-label": (
        lambda b: _ac(b)["props"][1].update(value=""),
        "oscal-invalid",
        "/catalog/groups/0/controls/0",
    ),
    "a-text-policy-that-is-none": (
        lambda b: b["metadata"].update(
            props=[{"name": "text-policy", "ns": "urn:assaybook:oscal:1", "value": "all"}]
        ),
        "oscal-invalid",
        "/catalog/metadata",
    ),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_what_is_not_understood_is_refused_with_its_place(
    case: tuple[Callable[[Any], object], str, str],
) -> None:
    change, code, place = case
    with pytest.raises(AuthorError) as refused:
        _read(_changed(change))
    assert (refused.value.code, refused.value.where) == (code, f"house.json#{place}")
    assert refused.value.message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "oscal-unreadable"),
        (b'{"catalog": {"groups": ' + b"[[" * 40 + b"]]" * 40 + b"}}", "oscal-unreadable"),
        (b'{"profile": {}}', "oscal-unsupported"),
        (b"{}", "oscal-unsupported"),
    ],
    ids=["no-json", "too-deep", "a-profile", "nothing"],
)
def test_a_file_that_is_no_catalog_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(AuthorError) as refused:
        read_oscal(raw, "house.json", TODAY)
    assert refused.value.code == code


def test_a_parameter_that_nobody_defines_is_refused() -> None:
    def lost(body: Any) -> None:
        del _ac(body)["params"]

    with pytest.raises(AuthorError) as refused:
        _read(_changed(lost), Told(retrieved="2026-11-21", text_policy=TextPolicy.EXACT))
    assert refused.value.where == "house.json#/catalog/groups/0/controls/0/parts/0"


def test_more_nodes_than_anybody_publishes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assaybook.catalogs.oscal_in.MOST_NODES", 2)
    with pytest.raises(AuthorError, match="more than 2 nodes"):
        _read(FOREIGN)


@pytest.mark.parametrize(
    "controls",
    [
        (a_control("A"), a_control("B", judgeable=False)),
        (a_control("A").model_copy(update={"slug": "other"}),),
    ],
    ids=["judged-by-no-rule-of-kinds", "token-of-its-own"],
)
def test_a_catalog_that_a_file_cannot_say_is_refused(controls: tuple[Control, ...]) -> None:
    with pytest.raises(AuthorError) as refused:
        catalog_yaml(a_catalog(*controls))
    assert refused.value.code == "oscal-unsupported"


def test_text_that_yaml_would_read_otherwise_reads_back_as_it_was(tmp_path: Path) -> None:
    odd = 'a\u2028b\x85c\ufeff "no" 1: - #é\t\\'
    catalog = a_catalog(a_control("A").model_copy(update={"title": odd}))
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "catalog.yaml").write_text(catalog_yaml(catalog), encoding="utf-8")
    assert load_catalogs(tmp_path)["house"] == catalog
