"""A catalog is refused rather than half read, and read only when it is asked for."""

import pytest

from assaybook.catalogs.load import citable, find_catalog, load_catalogs, load_index
from assaybook.domain.control import Catalog
from assaybook.domain.errors import AuthorError, UsageError
from support.controls import NODES, a_catalog, a_folder


def load(text: str, name: str = "house") -> Catalog:
    return load_catalogs(a_folder({f"{name}/catalog.yaml": text}))[name]


def refused(text: str, name: str = "house") -> AuthorError:
    with pytest.raises(AuthorError) as caught:
        load(text, name)
    return caught.value


def with_node(line: str) -> str:
    return a_catalog(nodes=f"{NODES}  - {line}\n".replace("control: 2", "control: 3"))


def line_of(text: str, part: str) -> str:
    numbered = [n for n, line in enumerate(text.splitlines(), start=1) if part in line]
    return f"controls/house/catalog.yaml:{numbered[-1]}"


def test_the_folder_names_are_the_index_and_no_file_is_read_for_it() -> None:
    catalogs = load_catalogs(a_folder({"one/catalog.yaml": "no: yaml: at all", "two/x": ""}))
    assert list(catalogs) == ["one", "two"]
    assert len(catalogs) == 2
    assert "one" in catalogs
    assert "three" not in catalogs


def test_one_broken_catalog_does_not_keep_another_from_being_read() -> None:
    catalogs = load_catalogs(
        a_folder({"house/catalog.yaml": a_catalog(), "torn/catalog.yaml": "catalog: ["})
    )
    assert catalogs["house"].id == "house"
    with pytest.raises(AuthorError, match="cannot be read"):
        _ = catalogs["torn"]


def test_a_folder_without_a_catalog_is_named_and_not_passed_over() -> None:
    catalogs = load_catalogs(a_folder({"house/catalog.yml": a_catalog()}))
    with pytest.raises(AuthorError, match=r"controls/house/catalog\.yaml"):
        _ = catalogs["house"]


def test_a_catalog_that_is_not_there_is_a_missing_key() -> None:
    with pytest.raises(KeyError):
        _ = load_catalogs(a_folder({"house/catalog.yaml": a_catalog()}))["garden"]


def test_a_catalog_is_read_once() -> None:
    catalogs = load_catalogs(a_folder({"house/catalog.yaml": a_catalog()}))
    assert catalogs["house"] is catalogs["house"]


def test_crosswalks_and_hidden_folders_are_no_catalogs() -> None:
    folder = a_folder({"crosswalks/a--b.yaml": "", ".git/x": "", "SOURCES.md": ""})
    assert list(load_catalogs(folder)) == []


def test_slug_and_judgeability_are_worked_out() -> None:
    house = load(a_catalog())
    assert [(each.slug, each.judgeable) for each in house.controls] == [
        ("clause-1", False),
        ("clause-1.1", False),
        ("rule-1.1", True),
        ("rule-1.2", True),
    ]


def test_a_clause_is_judged_only_where_nothing_stands_under_it() -> None:
    text = a_catalog(nodes=f"{NODES}  - {{id: '2', kind: clause, title: Second}}\n")
    house = load(text.replace("clause: 2", "clause: 3"))
    assert [each.id for each in house.judgeable()] == ["RULE 1.1", "RULE 1.2", "2"]


def test_a_node_without_a_title_is_called_by_its_first_words() -> None:
    text = with_node(f"{{id: RULE 2, kind: control, text: '{'All doors, ' * 20}'}}")
    assert load(text.replace("policy: titles", "policy: exact")).find("RULE 2").title == (
        "All doors, All doors, All doors, All doors, All doors, All doors, All doors, "
        "All doors \u2026"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("{id: RULE 1.1, kind: control, title: Again}", "used twice", id="an id twice"),
        pytest.param(
            "{id: RULE 3, alias: RL-1.1, kind: control, title: Third}",
            "would name both",
            id="an alias twice",
        ),
        pytest.param(
            "{id: rule-1.1, kind: control, title: Third}",
            "would name both",
            id="an id that is the slug of another",
        ),
        pytest.param(
            "{id: RULE 3, kind: control, title: Third, parent: RULE 9}",
            "does not stand before",
            id="a parent that is not there",
        ),
        pytest.param(
            "{id: RULE 3, kind: control, title: Third, parent: RULE 3}",
            "does not stand before",
            id="its own parent",
        ),
        pytest.param(
            "{id: RULE 3, kind: control, title: Third, groups: ['9']}",
            "refers to '9'",
            id="a group that is not there",
        ),
        pytest.param(
            "{id: RULE 3, kind: control, title: Third, risks: [fire]}",
            "refers to 'fire'",
            id="a risk that is not there",
        ),
        pytest.param(
            "{id: RULE 3, kind: control, title: Third, tilte: x}", "not known", id="an unknown key"
        ),
        pytest.param("{id: RULE 3, kind: control}", "title", id="neither title nor text"),
        pytest.param("{id: 3, kind: control, title: x}", "id", id="a number for an id"),
        pytest.param(
            "{id: RULE 3, kind: control, title: x, judgeable: true}",
            "worked out",
            id="judgeable on a node",
        ),
        pytest.param("RULE 3", "a mapping", id="no mapping"),
        pytest.param(
            "{id: RULE 3, kind: control, title: x, remarks: [good, 7]}",
            "remarks.1",
            id="a number among texts",
        ),
    ],
)
def test_a_node_that_does_not_fit_is_refused_at_its_line(line: str, words: str) -> None:
    text = with_node(line)
    error = refused(text)
    assert (error.code, error.where) == ("catalog-invalid", line_of(text, line))
    assert words in error.message


@pytest.mark.parametrize("policy", ["own-titles", "titles"])
@pytest.mark.parametrize("key", ["text", "about", "earlier_wording"])
def test_a_catalog_whose_text_is_restricted_may_not_carry_any(policy: str, key: str) -> None:
    text = with_node(f"{{id: RULE 3, kind: control, title: Third, {key}: The words}}")
    error = refused(text.replace("policy: titles", f"policy: {policy}"))
    assert "carries text" in error.message


def test_text_that_is_public_may_be_carried() -> None:
    text = with_node("{id: RULE 3, kind: control, title: Third, text: The words}")
    assert load(text.replace("policy: titles", "policy: exact")).find("rule 3").text == "The words"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("id: house", "id: home", "differs from the folder", id="another id"),
        pytest.param("  version: '1'\n", "", "version", id="no version"),
        pytest.param("  licence: none needed\n", "", "licence", id="no licence"),
        pytest.param("policy: titles", "policy: some", "text_policy", id="unknown text policy"),
        pytest.param("2026-01-31", "yesterday", "retrieved", id="no day"),
        pytest.param("version: '1'", "version: 1", "version", id="a number for the version"),
        pytest.param("publisher:", "publischer:", "not known", id="a misspelt key"),
        pytest.param("clause: 2, ", "clause: 3, ", "3 declared, 2 found", id="a node lost"),
        pytest.param("clause: 2, ", "", "no count declared", id="a kind not counted"),
        pytest.param("clause: leaf", "clause: maybe", "always", id="an unknown rule"),
        pytest.param("clause: leaf", "claus: leaf", "no node", id="a rule for no node"),
        pytest.param("nodes:", "nodse:", "not known", id="no nodes"),
        pytest.param("  judgeable: {control: always, clause: leaf}\n", "", "missing", id="no rule"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(old: str, new: str, words: str) -> None:
    text = a_catalog()
    assert old in text
    error = refused(text.replace(old, new))
    assert error.code == "catalog-invalid"
    assert error.where.startswith("controls/house/catalog.yaml:")
    assert words in error.message


def test_a_file_cut_off_after_its_header_is_refused() -> None:
    assert "'nodes' is missing" in refused(a_catalog().split("nodes:")[0]).message


def test_nodes_that_are_no_list_are_refused() -> None:
    assert "a list" in refused(a_catalog().split("nodes:")[0] + "nodes: none\n").message


def test_an_unknown_catalog_is_answered_with_what_comes_near() -> None:
    catalogs = load_catalogs(a_folder({"house/catalog.yaml": a_catalog()}))
    assert find_catalog(catalogs, "HOUSE").id == "house"
    with pytest.raises(UsageError) as caught:
        find_catalog(catalogs, "hause")
    assert (caught.value.code, caught.value.hint) == ("catalog-unknown", "Did you mean house?")
    with pytest.raises(UsageError) as caught:
        find_catalog(catalogs, "xyz")
    assert caught.value.hint == "There are house."


def test_the_index_holds_the_controls_that_a_rule_may_cite_and_no_other() -> None:
    catalogs = load_catalogs()
    assert load_index() == {name: citable(catalog) for name, catalog in catalogs.items()}
    assert all(not load_index()[name] - set(catalog.by_id) for name, catalog in catalogs.items())
