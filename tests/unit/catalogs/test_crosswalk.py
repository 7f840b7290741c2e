"""Crosswalk rows resolve in both catalogs, say who says so, and carry no verdict."""

from collections.abc import Mapping

import pytest

from assaybook.catalogs.crosswalk import Related, load_crosswalks, related
from assaybook.catalogs.load import load_catalogs
from assaybook.domain.control import Basis, Crosswalk
from assaybook.domain.errors import AuthorError
from support.controls import a_catalog, a_crosswalk, a_folder

NAME = "house--garden"


def files(text: str, name: str = f"{NAME}.yaml") -> dict[str, str | bytes]:
    return {
        "house/catalog.yaml": a_catalog(),
        "garden/catalog.yaml": a_catalog("garden"),
        f"crosswalks/{name}": text,
    }


def load(text: str) -> Crosswalk:
    return load_crosswalks(a_folder(files(text)))[NAME]


def beside(catalog: str, control: str, given: Mapping[str, str | bytes]) -> tuple[Related, ...]:
    folder = a_folder(given)
    catalogs = load_catalogs(folder)
    return related(catalog, control, load_crosswalks(folder, catalogs), catalogs)


def test_every_row_has_a_basis_with_its_author_and_reviewer() -> None:
    crosswalk = load(a_crosswalk())
    (row,) = crosswalk.rows
    assert (row.basis, row.reviewer) == (Basis.OWN_JUDGEMENT, "A reader")
    assert crosswalk.provenance[row.basis].author == "The house"


def test_the_reviewer_of_a_row_stands_before_that_of_its_basis() -> None:
    row = "relationship: subset, basis: own-judgement"
    text = a_crosswalk().replace(row, f"{row}, reviewer: Another")
    assert load(text).rows[0].reviewer == "Another"


@pytest.mark.parametrize(
    ("old", "new", "words", "line"),
    [
        pytest.param("source: RULE 1.1", "source: RULE 9", "no control", 11, id="no such source"),
        pytest.param("target: RULE 1.2", "target: RULE 9", "no control", 11, id="no such target"),
        pytest.param("relationship: subset, ", "", "relationship", 11, id="no relationship"),
        pytest.param(", basis: own-judgement", "", "basis", 11, id="no basis"),
        pytest.param(
            "basis: own-judgement", "basis: published", "no provenance", 11, id="nobody says so"
        ),
        pytest.param("relationship:", "verdict: met, relationship:", "not known", 11, id="verdict"),
        pytest.param("own-judgement: 1", "own-judgement: 2", "2 declared", 9, id="a row lost"),
        pytest.param("reviewer: A", "reviewr: A", "provenance.own-judgement", 8, id="misspelt"),
        pytest.param("id: house--garden", "id: garden--house", "file name", 2, id="another id"),
    ],
)
def test_a_crosswalk_that_does_not_fit_is_refused_at_its_line(
    old: str, new: str, words: str, line: int
) -> None:
    text = a_crosswalk()
    assert old in text
    with pytest.raises(AuthorError) as caught:
        load(text.replace(old, new))
    assert caught.value.where == f"controls/crosswalks/{NAME}.yaml:{line}"
    assert words in caught.value.message


def test_a_row_that_nearly_names_a_control_is_answered_with_it() -> None:
    with pytest.raises(AuthorError) as caught:
        load(a_crosswalk().replace("source: RULE 1.1", "source: RULE 1.3"))
    assert "RULE 1.1" in caught.value.hint


def test_a_pair_may_stand_only_once() -> None:
    text = a_crosswalk().replace("own-judgement: 1", "own-judgement: 2")
    again = (
        "  - {source: RULE 1.1, target: RULE 1.2, relationship: related, basis: own-judgement}\n"
    )
    with pytest.raises(AuthorError, match="joined twice"):
        load(text + again)


def test_a_crosswalk_of_an_unknown_catalog_is_refused() -> None:
    given = files(a_crosswalk("house", "moon"), "house--moon.yaml")
    with pytest.raises(AuthorError, match="no catalog 'moon'"):
        _ = load_crosswalks(a_folder(given))["house--moon"]


def test_a_file_with_the_wrong_suffix_is_named_and_not_passed_over() -> None:
    with pytest.raises(AuthorError, match=r"house--garden\.yml"):
        load_crosswalks(a_folder(files(a_crosswalk(), "house--garden.yml")))


def test_a_folder_without_crosswalks_has_none() -> None:
    assert list(load_crosswalks(a_folder({"house/catalog.yaml": a_catalog()}))) == []


def test_a_row_reads_both_ways_with_its_words_turned_round() -> None:
    (forth,) = beside("house", "RULE 1.1", files(a_crosswalk()))
    (back,) = beside("garden", "RULE 1.2", files(a_crosswalk()))
    assert (forth.catalog, forth.control, forth.relationship) == ("garden", "RULE 1.2", "subset")
    assert (back.catalog, back.control, back.relationship) == ("house", "RULE 1.1", "superset")


def test_a_threat_is_addressed_by_its_control() -> None:
    text = a_crosswalk().replace("relationship: subset", "relationship: addresses")
    (back,) = beside("garden", "RULE 1.2", files(text))
    assert back.relationship == "addressed by"


def test_a_control_without_rows_has_nothing_beside_it() -> None:
    assert beside("house", "RULE 1.2", files(a_crosswalk())) == ()


def test_a_crosswalk_of_other_catalogs_is_not_read() -> None:
    given = files(a_crosswalk()) | {"crosswalks/sun--moon.yaml": "torn: ["}
    assert len(beside("house", "RULE 1.1", given)) == 1


def test_what_is_published_stands_before_own_judgement() -> None:
    text = a_crosswalk().replace("{own-judgement: 1}", "{own-judgement: 1, published: 1}")
    text = text.replace("  provenance:\n", "  provenance:\n    published: {author: A body}\n")
    row = "  - {source: RULE 1.1, target: RULE 1.1, relationship: related, basis: published}\n"
    found = beside("house", "RULE 1.1", files(text + row))
    assert [each.basis for each in found] == [Basis.PUBLISHED, Basis.OWN_JUDGEMENT]
