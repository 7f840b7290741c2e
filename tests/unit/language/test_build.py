import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.control import Catalog
from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Expression, Literal_
from assaybook.domain.policy import Assurance, ControlLink
from assaybook.language.build import References, build_policy
from assaybook.language.document_problems import ProblemsError, problems_of
from assaybook.language.source import read_source, source_of
from support.policies import SOUND, faults, policy, references, source

DATA = Path(__file__).resolve().parents[2] / "data" / "policies"
REFUSED = sorted((DATA / "refused").glob("*.yaml"))
EXPECTED = re.compile(r"# refused: (\S+) at (\d+:\d+): (.+)")
JARGON = re.compile(r"Input should|pydantic|NoneType|dict|str\b|validation error")


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_an_unsound_policy_is_refused_for_what_is_wrong_at_its_place(path: Path) -> None:
    raw = path.read_bytes()
    expected = EXPECTED.findall(raw.decode())
    assert expected
    with pytest.raises(AuthorError) as caught:
        build_policy(read_source(raw, path.name), references())
    found = [
        (each.code, each.where.removeprefix(f"{path.name}:"), each.message.splitlines()[0])
        for each in problems_of(caught.value)
    ]
    assert found == expected


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_a_refusal_speaks_in_words_of_the_author(path: Path) -> None:
    with pytest.raises(AuthorError) as caught:
        build_policy(read_source(path.read_bytes(), path.name), references())
    assert [str(each) for each in problems_of(caught.value) if JARGON.search(str(each))] == []


def test_a_need_can_say_all_that_it_may() -> None:
    raw = (DATA / "sound" / "demo" / "every-need.yaml").read_bytes()
    built = build_policy(read_source(raw, "x.yaml"), references(), policy_id="demo.every-need")
    secrets, hits, trend = built.needs["secrets"], built.needs["hits"], built.needs["trend"]
    assert isinstance(secrets.of, Expression)
    assert isinstance(secrets.assurance, Expression)
    assert (secrets.about, secrets.min_examined, secrets.may_be_empty) == ("system", 0.9, True)
    assert secrets.may_skip is not None
    assert secrets.covers is not None
    assert (hits.of, hits.fresh_for, hits.assurance) == (("pii/email",), None, Assurance.SELF)
    assert (trend.last, literal(trend.within)) == (5, timedelta(days=10))
    assert literal(trend.fresh_for) == timedelta(days=7)


def test_what_a_rule_reads_is_known_through_its_lets() -> None:
    raw = (DATA / "sound" / "demo" / "every-need.yaml").read_bytes()
    built = build_policy(read_source(raw, "x.yaml"), references())
    needs = {rule.id: rule.needs for rule in built.rules}
    assert needs == {
        "no-secret": ("secrets",),
        "no-hit": ("hits",),
        "kept": ("trend",),
        "approved": (),
        "reviewed": (),
    }


def test_a_rule_over_rows_wants_at_least_one_unless_it_says_otherwise() -> None:
    floor, complete = policy().rules
    assert literal(floor.at_least) == 1
    assert complete.at_least is None


def test_a_control_is_kept_by_its_printed_id() -> None:
    built = policy(SOUND.replace("MEASURE 2.3", "ms-2.3"))
    assert built.controls == (ControlLink("nist-ai-rmf-1.0", "MEASURE 2.3", "supports"),)


def test_a_param_without_a_value_is_unset() -> None:
    params = policy().params
    assert params["slices"].value is None
    assert (params["floor"].value, params["floor"].minimum, params["floor"].maximum) == (0.5, 0, 1)


def test_every_rule_has_a_sentence() -> None:
    assert [rule.sentence for rule in policy().rules if not rule.sentence] == []


def test_an_expression_knows_its_place_in_the_file() -> None:
    where = policy().needs["recall"].where
    assert where is not None
    assert (where.file, where.line, where.column) == ("demo.yaml", 13, 34)


def test_the_id_must_be_the_path() -> None:
    wrong = faults(lambda: build_policy(source(SOUND), references(), policy_id="demo.other"))
    assert wrong == [("policy-path", "demo.yaml:1:9")]


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("recall", "Name the folder that demo/ stands in, or rename one of the two."),
        ("other", "Rename one of the two."),
    ],
)
def test_a_folder_named_too_far_down_is_told_so(path: str, remedy: str) -> None:
    with pytest.raises(ProblemsError) as refused:
        build_policy(source(SOUND), references(), policy_id=path)
    assert [one.hint for one in refused.value.problems] == [remedy]


def test_a_need_that_no_adapter_can_meet_is_refused() -> None:
    known = References(references().catalogs, produced=frozenset({"drift"}))
    wrong = faults(lambda: build_policy(source(SOUND), known))
    assert wrong == [("facts-unproduced", "demo.yaml:13:19")]


def test_a_policy_kept_as_json_builds_to_the_same_policy() -> None:
    built = policy()
    again = build_policy(source_of(dict(source(SOUND).values()), "bundle"), references())
    assert again.source == built.source
    assert [rule.sentence for rule in again.rules] == [rule.sentence for rule in built.rules]


def test_all_faults_are_told_at_once_and_the_first_stands_for_them() -> None:
    text = SOUND.replace("severity: low", "severity: lo").replace("version: 1", "version: 0")
    with pytest.raises(ProblemsError, match="and 1 more problem") as caught:
        policy(text)
    assert caught.value.where == "demo.yaml:2:10"
    assert len(caught.value.problems) == 2


def test_a_document_that_is_no_mapping_is_told_so() -> None:
    assert faults(lambda: policy("[a]")) == [("wrong-type", "demo.yaml:1:1")]


def test_an_error_without_a_place_stays_as_it_is() -> None:
    nowhere = AuthorError("a", "b", where="demo.yaml")
    assert ProblemsError([nowhere]).problems == (nowhere,)


PIECES = st.sampled_from(
    [
        *("", "~", "[", "]", "{", "}", "'", '"', ": ", "\n", "  ", "- ", "#", "|", ">-\n  ", "&a "),
        *(
            "params.",
            "row",
            "recall",
            "1e9",
            "0",
            "-1",
            "true",
            "null",
            "[]",
            "{}",
            "all(",
            "x",
            "!",
        ),
        *(
            " || ",
            " && ",
            " == ",
            " in ",
            "size(",
            ")",
            "\\",
            "\u00e9",
            "\u202e",
            "{row.",
            "90d",
            "/",
        ),
    ]
)
TEXTS = [SOUND, (DATA / "sound" / "demo" / "every-need.yaml").read_text(encoding="utf-8")]


@settings(max_examples=300)
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 12), PIECES), max_size=3),
)
def test_a_garbled_policy_builds_or_is_refused_and_never_crashes(
    text: str, edits: list[tuple[int, int, str]]
) -> None:
    for at, cut, piece in edits:
        start = at % len(text)
        text = text[:start] + piece + text[start + cut :]
    for code, where in faults(lambda: policy(text)):
        assert re.fullmatch(r"[a-z_]+([-_][a-z_]+)*", code)
        assert where.startswith("demo.yaml")


def literal(expression: Expression | None) -> object:
    assert expression is not None
    assert isinstance(expression.node, Literal_)
    return expression.node.value


def test_a_control_of_the_index_is_cited_without_reading_its_catalog() -> None:
    class Unread(dict[str, Catalog]):
        def __missing__(self, name: str) -> Catalog:
            pytest.fail(f"{name} was read")

        def __contains__(self, name: object) -> bool:
            return True

    cited = {(one.catalog, one.control) for one in policy().controls}
    homes = {home for home, _ in cited}
    index = {home: frozenset(id_ for at, id_ in cited if at == home) for home in homes}
    known = References(Unread(), references().metrics, citable=index)
    built = build_policy(source(SOUND), known)
    assert {(one.catalog, one.control) for one in built.controls} == cited
