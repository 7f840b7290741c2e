import pytest

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Base, Quantifier
from assaybook.domain.functions import FUNCTIONS, NAMESPACES
from assaybook.domain.types import (
    ANY,
    BOOL,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    ListType,
    RecordType,
    ScalarType,
    Type,
)
from assaybook.language.checker import check
from assaybook.language.checker_relations import decided
from assaybook.language.environment import SYSTEM
from assaybook.language.kinds import (
    comparable,
    field_listing,
    fits,
    is_any,
    known,
    merged,
    range_words,
    spoken,
    units_clash,
)
from assaybook.language.parser import parse
from assaybook.language.suggest import did_you_mean, listing
from assaybook.language.text import walk
from support.policy_parts import ENVIRONMENT, FILE, typed

RECALL = "recall.all(r, {})"

SOUND = [
    ("params.slices.all(s, recall.exists(m, m.slice == s))", BOOL),
    (RECALL.format("stats.wilson_lower(r.value, r.n, 0.95) >= params.floor"), BOOL),
    ("recall.filter(m, m.slice in params.slices).map(m, m.value)", ListType(DOUBLE)),
    ("recall.map(m, m.n > 3, m.slice)", ListType(STRING)),
    ("math.greatest(recall.map(m, m.value)) - math.least(recall.map(m, m.value))", DOUBLE),
    ("math.least(1, 2, 3)", INT),
    ("math.least(1, 2.5)", DOUBLE),
    ("math.abs(-3)", INT),
    ("math.abs(-3.5) + math.round(2.5)", DOUBLE),
    ("stats.mean([1, 2])", DOUBLE),
    ("stats.slope(trend.map(t, t.value)) > 0.0", BOOL),
    ("stats.slope([1.0, 2.0])", DOUBLE),
    ("trend[0].value", DOUBLE),
    ("trend[0].at > timestamp('2026-01-01T00:00:00Z')", BOOL),
    ("age(release.released_at) < duration('90d')", BOOL),
    ("duration(system.name)", DURATION),
    ("release.released_at + duration('1h') - duration('30m')", TIMESTAMP),
    ("duration('1h') + release.released_at", TIMESTAMP),
    ("release.released_at - release.released_at", DURATION),
    ("duration('1h') + params.max_age - duration('1m')", DURATION),
    ("release.released_at.getFullYear() >= 2026", BOOL),
    ("release.released_at.getHours('Europe/Vienna')", INT),
    ("params.max_age.getHours()", INT),
    ("system.risk_tier in ['limited', 'high']", BOOL),
    ("'provider' in system.roles", BOOL),
    ("system.name + '!' == 'a!'", BOOL),
    ("system.name.contains('a') && matches(system.name, '^a+$')", BOOL),
    ("size(recall) >= 2 && 'abc'.size() == 3", BOOL),
    ("[1, 2] + [3]", ListType(INT)),
    ("[1, 2.5]", ListType(DOUBLE)),
    ("[] + ['a']", ListType(STRING)),
    ("[[1], [2.5]]", ListType(ListType(DOUBLE))),
    ("[1, 2] == [1, 3]", BOOL),
    ("params.strict ? 1 : 2.5", DOUBLE),
    ("params.strict ? params.slices : []", ListType(STRING)),
    ("!params.strict || params.strict != true", BOOL),
    ("only(recall, r, r.slice == '').value >= params.floor", BOOL),
    ("secrets.coverage.all(c, c.examined >= 10)", BOOL),
    ("secrets.evidence.exists(e, e.assurance in ['signed', 'verified'])", BOOL),
    ("recall.exists(r, has(r.n))", BOOL),
    ("-params.some * 2 + 1 > 3", BOOL),
    ("10 % 3", INT),
    ("1.5 / 2.0", DOUBLE),
    ("double(size(recall)) * 0.5 >= 1.0", BOOL),
    ("int('3') + int(2.5) > 1", BOOL),
    ("string(3) == '3' && bool('true')", BOOL),
    ("recall.all(r, (r.n > 3) == (r.n_rows > 4))", BOOL),
    ("params.slices[0]", STRING),
    ("release.artifacts.exists(a, a.kind == 'model')", BOOL),
    ("alerts.all(a, a.tested_at > release.released_at)", BOOL),
    ("drift.all(d, d.value < params.factor)", BOOL),
    ("2.5 in params.limits", BOOL),
    ("stats.percentile(recall.map(r, r.value), 95.0)", DOUBLE),
    ("params.slices.map(s, size(s)).all(n, n > 2)", BOOL),
]


@pytest.mark.parametrize(("text", "kind"), SOUND)
def test_a_sound_expression_has_its_type(text: str, kind: Type) -> None:
    assert fits(typed(text).node.type, kind)
    assert fits(kind, typed(text).node.type) or kind == DOUBLE


UNSOUND = [
    ("recal.all(r, true)", "unknown-name", "Did you mean recall?"),
    ("zzz", "unknown-name", "Known here: alerts"),
    (RECALL.format("r.valu > 0.5"), "unknown-field", "Did you mean value?"),
    (RECALL.format("r.zzzzzz > 0.5"), "unknown-field", "It has name"),
    ("params.flor", "unknown-field", "Did you mean floor?"),
    ("system.nam", "unknown-field", "Did you mean name?"),
    ("recall.value", "unknown-field", "recall.all(r, r.value"),
    ("params.slices.value", "unknown-field", ".exists(r, ...)"),
    ("params.floor.value", "unknown-field", ""),
    ("len(recall)", "unknown-function", "Write size(list)."),
    ("siz(recall)", "unknown-function", "Did you mean size?"),
    ("zzz(recall)", "unknown-function", ""),
    ("math.sum(recall)", "unknown-function", ""),
    ("size(3)", "expression-type", ""),
    ("size()", "expression-type", ""),
    ("size(recall, recall)", "expression-type", ""),
    ("math.least()", "expression-type", ""),
    ("math.least('a')", "expression-type", ""),
    ("recall", "expression-type", ""),
    ("secrets.exists(s, s.class == 'secrets')", "unknown-word", "Did you mean secret?"),
    ("secrets.exists(s, 'zzz' == s.severity)", "unknown-word", "It is critical, high"),
    ("secrets.exists(s, s.severity in ['critcal'])", "unknown-word", "Did you mean critical?"),
    ("'provder' in system.roles", "unknown-word", "Did you mean provider?"),
    (RECALL.format("r.split == 'train'"), "unknown-word", "It is holdout."),
    ("secrets.exists(s, s.severity >= 'high')", "order-of-words", "in [...]"),
    (RECALL.format("r.value >= 90"), "never-holds", "A ratio goes from 0 to 1."),
    (RECALL.format("r.value >= 0.0"), "always-holds", "ratio"),
    (RECALL.format("params.floor > r.n - r.n"), "unit-mismatch", ""),
    (RECALL.format("r.n < 0"), "never-holds", ""),
    (RECALL.format("r.value in [5.0, 6.0]"), "never-holds", ""),
    (RECALL.format("r.slice in []"), "never-holds", ""),
    ("size(recall) >= 0", "always-holds", ""),
    ("1 == 1.0", "always-holds", ""),
    ("1 != 2", "always-holds", ""),
    ("2 < 1", "never-holds", ""),
    ("system.name == system.name", "always-holds", ""),
    ("system.name != system.name", "never-holds", ""),
    ("system.risk_tier == system.lifecycle", "never-holds", ""),
    ("system.risk_tier != system.lifecycle", "always-holds", ""),
    (RECALL.format("r.n >= params.floor"), "unit-mismatch", "one unit"),
    (RECALL.format("r.value + r.value > double(r.n)"), "", ""),
    (RECALL.format("double(r.n) > 0.5 && r.n in [params.some]"), "", ""),
    ("recall.all(r, r.value in recall.map(m, double(m.n)))", "", ""),
    ("recall.all(r, r.n in recall.map(m, m.value))", "unit-mismatch", ""),
    (RECALL.format("math.least(r.value, r.n) > 0.5"), "unit-mismatch", ""),
    (RECALL.format("stats.wilson_lower(r.n, r.n, 0.95) > 0.5"), "unit-mismatch", ""),
    ("stats.wilson_lower(0.5, 10, 95.0) > 0.5", "argument-range", ""),
    ("1 < 'a'", "expression-type", ""),
    ("0.5 <= params.factor <= 3.0", "expression-type", "a <= x && x <= b"),
    ("system.tags == 'a'", "expression-type", "Use in"),
    ("'a' == system.tags", "expression-type", "Use in"),
    ("params.max_age > 90", "expression-type", 'duration("90d")'),
    ("90 < params.max_age", "expression-type", 'duration("90d")'),
    ("params.slices < params.slices", "expression-type", "size"),
    ("recall == recall", "expression-type", ""),
    ("trend == trend", "expression-type", ""),
    ("trend[0] == trend[1]", "expression-type", "Compare a field"),
    ("params.strict < params.strict", "expression-type", "== or !="),
    ("'a' in 'abc'", "expression-type", "contains"),
    ("3 in 3", "expression-type", ""),
    ("3 in params.slices", "expression-type", ""),
    ("'a' in recall", "expression-type", ".exists"),
    ("recall.exists(r, r in recall)", "expression-type", ".exists"),
    ("[params.slices] == [[1]]", "expression-type", ""),
    ("[1, 'a']", "expression-type", ""),
    ("params.strict && 1 == 1.5", "never-holds", ""),
    ("1 && params.strict", "expression-type", ""),
    ("!3", "expression-type", ""),
    ("true && params.strict", "constant-operand", "Leave it out."),
    ("params.some ? 1 : 2", "expression-type", ""),
    ("params.strict ? 1 : 'a'", "expression-type", ""),
    (RECALL.format("(params.strict ? r.value : r.n) > 3"), "expression-type", ""),
    ("recall.all(r, r.value)", "expression-type", ""),
    ("recall.map(r, r.value, r.n)", "expression-type", ""),
    ("params.floor.all(r, true)", "expression-type", ""),
    ("recall.all(row, row.n > 3)", "name-shadowed", ""),
    ("recall.all(recall, 1 > 3)", "name-shadowed", ""),
    ("recall.all(m, drift.exists(m, m.value > 0.5))", "name-shadowed", ""),
    ("recall.all(math, math.n > 3)", "name-shadowed", ""),
    ("recall[0].value", "index-unordered", "only("),
    ("trend['a'].value", "expression-type", ""),
    ("trend[-1].value", "expression-type", ""),
    ("params.floor[0]", "expression-type", ""),
    ("{'a': 1}", "map-literal", ""),
    ("null", "null-literal", "has(row.field)"),
    (RECALL.format("r.n == null"), "null-literal", ""),
    ("9007199254740993", "number-too-large", ""),
    ("-9007199254740993", "number-too-large", ""),
    (RECALL.format("has(r.name)"), "always-holds", ""),
    ("has(system.tags)", "always-holds", "size"),
    ("has(system.nam)", "unknown-field", "name"),
    (RECALL.format("r.n / 2 > 3"), "integer-division", "double(a) / double(b)"),
    (RECALL.format("r.value * 2 > 0.5"), "expression-type", "Write 2.0."),
    (RECALL.format("r.n * 0.5 > 0.5"), "expression-type", "Write double(r.n)."),
    ("1.5 % 2.5", "expression-type", ""),
    (RECALL.format("r.value + params.factor * r.value > 0.5"), "", ""),
    (RECALL.format("double(r.n) + 0.5 > 1.5"), "", ""),
    (RECALL.format("params.floor + r.value > 3.0"), "never-holds", ""),
    ("drift.all(d, d.n_current + drift.map(x, x.n_current)[0] > 1)", "index-unordered", ""),
    (RECALL.format("r.n - alerts.map(a, int(a.for_seconds)).size() > 1"), "", ""),
    ("alerts.all(a, a.for_seconds - params.floor > 1.0)", "unit-mismatch", ""),
    ("'a' - 'b'", "expression-type", ""),
    ("recall + 1", "expression-type", ""),
    ("params.slices - params.slices", "expression-type", ""),
    ("params.slices + [1]", "expression-type", ""),
    ("release.released_at + release.released_at", "expression-type", ""),
    ("-'a'", "expression-type", ""),
    ("-params.slices", "expression-type", ""),
    ("stats.slope(recall.map(m, m.value))", "list-unordered", "last"),
    ("'a'.matches('[')", "bad-literal", ""),
    ("duration('90x')", "bad-literal", ""),
    ("timestamp('yesterday')", "bad-literal", ""),
    ("timestamp('2026-01-01')", "bad-literal", ""),
    ("timestamp('2026-02-30T00:00:00Z')", "bad-literal", ""),
    ("timestamp('2026-01-30t00:00:00.5+01:00')", "", ""),
    ("timestamp(0)", "", ""),
]


@pytest.mark.parametrize(("text", "code", "hint"), UNSOUND)
def test_a_mistake_is_refused_with_its_place_and_a_remedy(text: str, code: str, hint: str) -> None:
    expected = BOOL if text == "recall" else ANY
    if not code:
        typed(text, expected)
        return
    with pytest.raises(AuthorError) as caught:
        typed(text, expected)
    error = caught.value
    assert error.code == code, str(error)
    assert hint in error.hint
    assert error.where.startswith(f"{FILE}:1:")
    assert error.message.splitlines()[-1].strip("^ ") == ""


def test_every_node_of_a_checked_tree_has_a_type() -> None:
    for text, _kind in SOUND:
        for node in walk(typed(text).node):
            assert isinstance(node, Base)
            assert not is_any(node.type) or text.startswith("[]")


def test_a_filter_is_still_rows_of_its_need() -> None:
    node = typed("secrets.filter(s, s.severity == 'high')").node
    assert isinstance(node, Quantifier)
    assert isinstance(node.type, ListType)
    assert node.type.need == "secrets"
    assert node.type.may_be_empty


def test_without_names_the_hint_is_empty() -> None:
    with pytest.raises(AuthorError) as caught:
        check(parse("a"), {})
    assert caught.value.hint == ""
    assert caught.value.where == "1:1"


def test_every_function_of_the_closed_list_can_be_called_as_it_says() -> None:
    for name, function in FUNCTIONS.items():
        assert function.doc
        assert function.called or function.method
        assert ("." not in name) or name.split(".")[0] in NAMESPACES
        assert name == function.name
        for signature in function.signatures:
            names = {f"a{place}": kind for place, kind in enumerate(signature.params)}
            args = [*names]
            text = (
                f"{name}({', '.join(args)})"
                if function.called
                else f"{args[0]}.{name}({', '.join(args[1:])})"
            )
            assert fits(check(parse(text), names).node.type, signature.result)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ScalarType("double", "ratio"), "a number in ratio"),
        (ListType(STRING), "a list (each a text)"),
        (SYSTEM, "a row of system"),
        (NULL, "null"),
        (ANY, "any value"),
    ],
)
def test_types_are_said_in_words(kind: Type, words: str) -> None:
    assert spoken(kind) == words


def test_types_join_and_compare() -> None:
    row = RecordType("a", ())
    assert comparable(row, row)
    assert not comparable(row, STRING)
    assert not comparable(ListType(STRING), STRING)
    assert fits(row, row)
    assert not fits(row, STRING)
    assert fits(ANY, STRING)
    assert not fits(DOUBLE, INT)
    assert merged(row, row) == row
    assert merged(ListType(INT, "a", may_be_empty=True), ListType(INT, "b")) == ListType(INT)
    words = ScalarType("string", words=("a",)), ScalarType("string", words=("b", "a"))
    assert merged(*words) == ScalarType("string", words=("a", "b"))
    assert merged(words[0], STRING) == STRING
    assert merged(ANY, INT) == INT
    assert merged(INT, ANY) == INT
    assert not units_clash(row, INT)
    assert known(ScalarType("int", nullable=True)) == INT
    assert field_listing(row) == "It has no fields."


def test_ranges_are_said_in_words() -> None:
    assert range_words(ScalarType("int", low=3, high=3)) == "exactly 3"
    assert range_words(ScalarType("int", high=3)) == "at most 3"
    assert range_words(ScalarType("int", low=3)) == "at least 3"
    assert range_words(ScalarType("int", low=0, high=3)) == "0 to 3"


def test_a_comparison_is_decided_only_where_every_pair_agrees() -> None:
    low, high = ScalarType("int", low=0, high=1), ScalarType("int", low=1, high=2)
    one = ScalarType("int", low=1, high=1)
    assert decided("<=", low, high) is True
    assert decided("<", low, high) is None
    assert decided(">", low, high) is False
    assert decided(">=", high, low) is True
    assert decided("<", high, low) is False
    assert decided("==", one, one) is True
    assert decided("!=", one, one) is False
    assert decided("==", low, high) is None
    assert decided("<=", high, ScalarType("int", low=-1, high=0)) is False
    assert decided(">=", ScalarType("int", low=-1, high=0), high) is False


def test_the_closest_word_is_offered_and_nothing_far() -> None:
    assert did_you_mean("treshold", ["threshold", "floor"]) == "Did you mean threshold?"
    assert did_you_mean("PII", ["pii"]) == "Did you mean pii?"
    assert did_you_mean("zzz", ["threshold"]) == ""
    assert listing([]) == "nothing"
    assert listing(["a"]) == "a"
    assert listing("abcd", most=2) == "a, b or 2 more"


def test_names_of_the_rule_are_all_known() -> None:
    assert {"recall", "params", "system", "release"} <= set(ENVIRONMENT)
