"""The shipped catalogs and crosswalks: whole, exact, and open about who says what."""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import pytest

from assaybook.catalogs.crosswalk import load_crosswalks
from assaybook.catalogs.load import load_catalogs
from assaybook.domain.control import Basis, Catalog, Crosswalk, Relationship, TextPolicy, token
from assaybook.shelf import shelf
from support.golden import Golden

CATALOGS: Final = load_catalogs(shelf("controls"))
CROSSWALKS: Final = load_crosswalks(shelf("controls"), CATALOGS)
RMF: Final = {
    "GOVERN": (7, 3, 2, 3, 2, 2),
    "MAP": (6, 3, 5, 2, 2),
    "MEASURE": (3, 13, 3, 3),
    "MANAGE": (4, 4, 2, 3),
}
"""Subcategories of each category of NIST AI RMF 1.0, in order."""
ISO_42001: Final = {
    "A.2": (2, 3, 4),
    "A.3": (2, 3),
    "A.4": (2, 3, 4, 5, 6),
    "A.5": (2, 3, 4, 5),
    "A.6.1": (2, 3),
    "A.6.2": (2, 3, 4, 5, 6, 7, 8),
    "A.7": (2, 3, 4, 5, 6),
    "A.8": (2, 3, 4, 5),
    "A.9": (2, 3, 4),
    "A.10": (2, 3, 4),
}
"""Numbers of the controls under each objective of ISO/IEC 42001:2023 Annex A."""
ISO_27001: Final = {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34}
SIZES: Final = {
    "eu-ai-act": 253,
    "iso-23894-2023": 54,
    "iso-27001-2022": 138,
    "iso-42001-2023": 92,
    "iso-ai-supporting": 67,
    "mitre-atlas": 221,
    "nist-ai-100-2-e2025": 30,
    "nist-ai-600-1": 273,
    "nist-ai-rmf-1.0": 95,
    "nist-ai-rmf-playbook": 967,
    "nist-sp-800-53-r5-ai-subset": 126,
    "owasp-llm-top10": 20,
    "owasp-ml-top10-2023": 10,
}
ROWS: Final = {
    "iso-42001-2023--eu-ai-act": 33,
    "mitre-atlas--mitre-atlas": 244,
    "nist-ai-100-2-e2025--mitre-atlas": 40,
    "nist-ai-rmf-1.0--eu-ai-act": 93,
    "nist-ai-rmf-1.0--iso-23894-2023": 45,
    "nist-ai-rmf-1.0--iso-27001-2022": 47,
    "nist-ai-rmf-1.0--iso-42001-2023": 210,
    "nist-ai-rmf-1.0--owasp-llm-top10": 24,
    "nist-ai-rmf-1.0--owasp-ml-top10-2023": 28,
    "nist-sp-800-53-r5-ai-subset--iso-27001-2022": 159,
    "nist-sp-800-53-r5-ai-subset--nist-ai-100-2-e2025": 21,
    "owasp-llm-top10--owasp-llm-top10": 10,
    "owasp-ml-top10-2023--nist-ai-100-2-e2025": 20,
}
ISO: Final = ["iso-23894-2023", "iso-27001-2022", "iso-42001-2023", "iso-ai-supporting"]


def ids(catalog: Catalog, kind: str) -> list[str]:
    return [control.id for control in catalog.controls if control.kind == kind]


def test_every_catalog_ships_with_all_its_nodes() -> None:
    assert {name: len(catalog.controls) for name, catalog in CATALOGS.items()} == SIZES


def test_every_crosswalk_ships_with_all_its_rows() -> None:
    assert {name: len(crosswalk.rows) for name, crosswalk in CROSSWALKS.items()} == ROWS


def test_ai_rmf_has_its_4_functions_19_categories_and_72_subcategories() -> None:
    rmf = CATALOGS["nist-ai-rmf-1.0"]
    categories = [(f, n, size) for f, sizes in RMF.items() for n, size in enumerate(sizes, 1)]
    assert ids(rmf, "function") == list(RMF)
    assert ids(rmf, "category") == [f"{f} {n}" for f, n, _ in categories]
    assert ids(rmf, "subcategory") == [
        f"{f} {n}.{m}" for f, n, size in categories for m in range(1, size + 1)
    ]
    assert [sum(sizes) for sizes in RMF.values()] == [19, 18, 22, 13]
    assert (len(categories), sum(map(sum, RMF.values()))) == (19, 72)


def test_the_heat_map_of_ai_rmf_is_function_category_subcategory() -> None:
    rmf = CATALOGS["nist-ai-rmf-1.0"]
    drawn = [
        (group.top.id, group.group.id, len(group.controls))
        for group in rmf.heat_map()
        if group.top and group.group
    ]
    assert drawn == [(f, f"{f} {n}", s) for f, sizes in RMF.items() for n, s in enumerate(sizes, 1)]


@pytest.mark.parametrize("name", ["nist-ai-rmf-1.0", "nist-ai-600-1"])
def test_every_alias_of_ai_rmf_follows_from_the_printed_id(name: str) -> None:
    short = {"GOVERN": "GV", "MAP": "MP", "MEASURE": "MS", "MANAGE": "MG"}
    for control in CATALOGS[name].controls:
        function, _, number = control.id.partition(" ")
        if control.kind in {"function", "category", "subcategory"}:
            assert control.alias == "-".join(filter(None, (short[function], number)))


def test_ai_600_1_has_its_212_actions_under_subcategories_of_ai_rmf() -> None:
    profile = CATALOGS["nist-ai-600-1"]
    actions = ids(profile, "action")
    assert Counter(each[:2] for each in actions) == {"GV": 58, "MP": 39, "MS": 72, "MG": 43}
    subcategories = set(ids(profile, "subcategory"))
    assert len(subcategories) == 49
    assert subcategories <= set(ids(CATALOGS["nist-ai-rmf-1.0"], "subcategory"))
    for action in actions:
        parent = profile.by_id[action].parent
        assert parent is not None
        assert profile.by_id[parent].alias == action.rpartition("-")[0]


def test_ai_600_1_has_its_12_risks_with_the_tags_of_each() -> None:
    profile = CATALOGS["nist-ai-600-1"]
    tags = Counter(risk for control in profile.controls for risk in control.risks)
    assert [tags[risk] for risk in ids(profile, "risk")] == [
        31, 18, 31, 29, 4, 57, 58, 73, 51, 28, 14, 36,
    ]  # fmt: skip


def test_every_point_of_the_eu_ai_act_says_whom_it_binds_and_from_when() -> None:
    act = CATALOGS["eu-ai-act"]
    assert [one.id for one in act.controls if not one.actors] == []
    undated = [
        one.id for one in act.controls if not any("As published, " in each for each in one.remarks)
    ]
    assert undated == []
    binds = {name: act.by_id[name].actors for name in ("Art. 15(1)", "Art. 26(1)", "Art. 50(3)")}
    assert binds == {
        "Art. 15(1)": ("provider",),
        "Art. 26(1)": ("deployer",),
        "Art. 50(3)": ("deployer",),
    }
    assert "2 February 2025" in act.by_id["Art. 5(1)(c)"].remarks[-1]
    assert "2 August 2025" in act.by_id["Art. 53(1)(d)"].remarks[-1]
    assert "2 August 2026" in act.by_id["Art. 50(1)"].remarks[-1]
    assert any("digital omnibus" in note for note in act.notes)


def test_a_use_sorts_a_system_and_a_power_binds_nobody_so_neither_is_judged() -> None:
    act = CATALOGS["eu-ai-act"]
    assert {one.judgeable for one in act.controls if one.kind in {"use_case", "provision"}} == {
        False
    }
    assert [one.id for one in act.children("Annex III")] == [f"Annex III({n})" for n in range(1, 9)]
    assert [one.id for one in act.children("Art. 53(1)")] == [f"Art. 53(1)({x})" for x in "abcd"]
    numbers = [int(one.id.split()[1]) for one in act.roots() if one.id.startswith("Art.")]
    assert numbers == sorted(numbers)


def test_the_playbook_has_an_entry_for_every_subcategory() -> None:
    playbook = CATALOGS["nist-ai-rmf-playbook"]
    applied = [each.applies_to for each in playbook.controls if each.kind == "entry"]
    assert applied == ids(CATALOGS["nist-ai-rmf-1.0"], "subcategory")
    assert len(ids(playbook, "suggested_action")) == 601
    assert len(ids(playbook, "documentation_question")) == 294


def test_iso_42001_has_its_38_controls_under_9_objectives() -> None:
    iso = CATALOGS["iso-42001-2023"]
    assert ids(iso, "control") == [f"{o}.{n}" for o, ns in ISO_42001.items() for n in ns]
    assert len(ids(iso, "control")) == 38
    top = [each for each in iso.roots() if each.kind == "objective"]
    assert [each.id for each in top] == [f"A.{n}" for n in range(2, 11)]


def test_iso_27001_has_its_93_controls() -> None:
    iso = CATALOGS["iso-27001-2022"]
    assert ids(iso, "control") == [
        f"{t}.{n}" for t, s in ISO_27001.items() for n in range(1, s + 1)
    ]
    assert len(ids(iso, "control")) == 93


@pytest.mark.parametrize("name", CATALOGS)
def test_no_two_nodes_of_a_catalog_answer_to_one_name(name: str) -> None:
    controls = CATALOGS[name].controls
    names = [
        each
        for control in controls
        for each in {token(n) for n in (control.id, control.slug, control.alias) if n}
    ]
    assert [each for each, times in Counter(names).items() if times > 1] == []
    assert len({control.slug for control in controls}) == len(controls)


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_stands_in_the_order_in_which_it_is_read(name: str) -> None:
    catalog = CATALOGS[name]

    def read(parent: str | None) -> list[str]:
        below = catalog.by_parent.get(parent, ())
        return [each for one in below for each in (one.id, *read(one.id))]

    assert [each.id for each in catalog.controls] == read(None)


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_says_where_it_comes_from_and_how_far_it_was_checked(name: str) -> None:
    catalog = CATALOGS[name]
    assert catalog.source.startswith("https://")
    assert len(catalog.verification) > 20
    assert catalog.judgeable()


@pytest.mark.parametrize("name", CATALOGS)
def test_only_public_domain_text_is_carried(name: str) -> None:
    catalog = CATALOGS[name]
    if any(each.text or each.about or each.earlier_wording for each in catalog.controls):
        assert catalog.text_policy is TextPolicy.EXACT
        assert "Public domain" in catalog.licence


@pytest.mark.parametrize("name", ISO)
def test_iso_catalogs_hold_no_text(name: str) -> None:
    catalog = CATALOGS[name]
    assert catalog.text_policy is TextPolicy.OWN_TITLES
    raw = (shelf("controls") / name / "catalog.yaml").read_text(encoding="utf-8")
    assert [key for key in ("  text:", "about:", "earlier_wording:") if key in raw] == []


def test_every_iso_catalog_is_held_to_the_rule_on_its_text() -> None:
    assert [name for name, each in CATALOGS.items() if "ISO" in each.publisher] == ISO


@pytest.mark.golden
def test_every_nist_statement_is_the_one_that_was_checked(golden: Golden) -> None:
    statements = [
        f"{sha256(control.text.encode()).hexdigest()}  {name}/{control.id}\n"
        for name, catalog in CATALOGS.items()
        for control in catalog.controls
        if control.text is not None
    ]
    assert len(statements) == 95 + 273 + 897
    golden("nist-statements.sha256", "".join(statements))


def test_33_subcategories_keep_the_earlier_wording_and_none_shows_it_as_text() -> None:
    earlier = [each for each in CATALOGS["nist-ai-rmf-1.0"].controls if each.earlier_wording]
    assert len(earlier) == 33
    assert [each.id for each in earlier if each.earlier_wording == each.text] == []


@pytest.mark.parametrize("name", CROSSWALKS)
def test_every_row_resolves_and_says_relationship_and_basis(name: str) -> None:
    crosswalk = CROSSWALKS[name]
    for row in crosswalk.rows:
        assert row.source in CATALOGS[crosswalk.source].by_id
        assert row.target in CATALOGS[crosswalk.target].by_id
        assert row.relationship in Relationship
        assert row.basis in Basis
        assert crosswalk.provenance[row.basis].author


@pytest.mark.parametrize("name", CROSSWALKS)
def test_no_crosswalk_is_called_reviewed_before_anybody_reviewed_it(name: str) -> None:
    assert [row for row in CROSSWALKS[name].rows if row.reviewer is not None] == []


def _pairs(crosswalks: Mapping[str, Crosswalk]) -> dict[str, set[str]]:
    return {name: {row.source for row in each.rows} for name, each in crosswalks.items()}


def test_every_subcategory_of_ai_rmf_is_related_to_iso_42001() -> None:
    sources = _pairs(CROSSWALKS)["nist-ai-rmf-1.0--iso-42001-2023"]
    assert sources == set(ids(CATALOGS["nist-ai-rmf-1.0"], "subcategory"))


def test_the_notices_of_mitre_and_owasp_ship() -> None:
    sources = (shelf("controls") / "SOURCES.md").read_text(encoding="utf-8")
    assert "Copyright The MITRE Corporation, Apache License 2.0" in sources
    assert "CC BY-SA 4.0" in sources
