from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.expression import Expression, Literal_, MapOf, Node
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.functions import FUNCTIONS
from assaybook.domain.policy import About, Assurance, Attested, Need, Param, Rule
from assaybook.domain.types import STRING, ListType
from assaybook.language.checker import check
from assaybook.language.environment import params_environment, where_environment
from assaybook.language.parser import parse
from assaybook.language.sentence import (
    applies_sentence,
    enough_words,
    expression_words,
    need_sentence,
    rule_sentence,
)
from assaybook.language.sentence_shape import Said, both, joined
from assaybook.language.sentence_words import (
    ABOUT,
    NOUNS,
    number_words,
    singular,
    value_words,
)
from support.policy_parts import NEEDS, PARAMS, a_need, a_rule, typed
from support.situations import policies

FEMALE_AND_MALE = '("sex=female" and "sex=male")'
RECALL = "recall measurement on the holdout split"
RECALLS = "recall measurements on the holdout split"
TREND = "recall measurements in each of the newest 5 documents (oldest first)"


def said(text: str) -> str:
    return expression_words(typed(text).node, NEEDS, PARAMS)


def test_what_is_enough_for_a_whole_list_is_said_of_the_list() -> None:
    rule = a_rule("recall.all(m, m.value > 0.8)", enough="size(recall) >= 2")
    assert enough_words(rule, NEEDS, PARAMS) == f"the number of {RECALLS} is at least 2"


def test_the_rules_of_the_slice_floor_read_as_they_are_meant() -> None:
    complete = a_rule("params.slices.all(s, recall.exists(m, m.slice == s))")
    assert rule_sentence(complete, NEEDS, PARAMS) == (
        f"For every declared slice {FEMALE_AND_MALE}, there is at least one "
        f"{RECALL} whose slice is the declared slice."
    )
    floor = a_rule(
        "stats.wilson_lower(row.value, row.n, 0.95) >= params.floor",
        for_each="recall",
        where="row.slice in params.slices",
        at_least="size(params.slices)",
        enough="row.n >= params.min_n",
    )
    assert rule_sentence(floor, NEEDS, PARAMS) == (
        f"For each {RECALL} whose slice is among the declared slices {FEMALE_AND_MALE}: the "
        "lower end of the 95 % interval of its value over its number of trials is at least 0.80. "
        "Each is undecided unless its number of trials is at least 100. "
        "With fewer than 2 of them, it is undecided."
    )
    gap = a_rule(
        "math.greatest(known) - math.least(known) <= params.max_gap",
        let={
            "known": "recall.filter(m, m.slice in params.slices && m.n >= params.min_n)"
            ".map(m, m.value)"
        },
        enough="size(known) == size(params.slices)",
    )
    assert rule_sentence(gap, NEEDS, PARAMS) == (
        f'Take "known" to be the value of each ({RECALL} whose slice is among the declared slices '
        f"{FEMALE_AND_MALE} and whose number of trials is at least 100). "
        'The difference between the greatest and the least of "known" is at most 0.10. '
        'It is undecided unless the number of entries of "known" is 2.'
    )


def test_a_sentence_follows_the_params_in_force() -> None:
    rule = a_rule("recall.all(r, r.value >= params.floor && r.slice in params.slices)")
    assert "at least 0.80" in rule_sentence(rule, NEEDS, PARAMS)
    higher = {**PARAMS, "floor": replace(PARAMS["floor"], value=0.925)}
    assert "at least 0.925" in rule_sentence(rule, NEEDS, higher)
    unset = {name: replace(param, value=None) for name, param in PARAMS.items()}
    words = rule_sentence(rule, NEEDS, unset)
    assert "at least the floor (not set yet)" in words
    assert "among the declared slices (not set yet)" in words


def test_what_happens_without_an_answer_is_said() -> None:
    rule = a_rule("recall.all(r, r.n > 3)", on_unknown="fail")
    assert rule_sentence(rule, NEEDS, PARAMS).endswith(" What cannot be decided is a fail.")
    none = a_rule("!row.suppressed", for_each="secrets", at_least="0")
    assert rule_sentence(none, NEEDS, PARAMS) == (
        'There is no security finding with class "secret" that is suppressed. To prove it, the '
        "release must have been scanned completely, looking for secrets."
    )


def test_every_condition_on_a_row_has_its_own_pronoun() -> None:
    rule = a_rule(
        "row.n > 3",
        for_each="recall",
        where="row.n > 1 && row.n_rows > 2 && row.value > 0.5",
    )
    assert rule_sentence(rule, NEEDS, PARAMS) == (
        f"For each {RECALL} whose number of trials is more than 1, whose number of rows is more "
        "than 2 and whose value is more than 0.50: its number of trials is more than 3."
    )


def test_a_question_to_persons_is_said_with_role_number_and_time() -> None:
    days = check(parse("params.max_age"), params_environment(PARAMS))
    asked = Attested("Does the card describe the system?", "model-risk", 2, days)
    assert rule_sentence(Rule("a", None, attested=asked), NEEDS, PARAMS) == (
        'Two different persons with the role "model-risk", other than who asked for the release, '
        "have answered yes, within the last 90 days and with nobody's standing no, to: "
        '"Does the card describe the system?".'
    )
    alone = Rule("a", None, attested=replace(asked, people=1))
    assert rule_sentence(alone, NEEDS, PARAMS).startswith("One person with the role")


def test_a_rule_without_a_question_says_nothing() -> None:
    assert rule_sentence(Rule("a", None), NEEDS, PARAMS) == ""
    over = typed("recall")
    assert rule_sentence(Rule("a", None, for_each=over), NEEDS, PARAMS) == f"For each {RECALL}: ."


WORDS = (
    (
        "only(secrets, s, s.rule == 'a').suppressed",
        '(the one security finding with class "secret" whose rule is "a") is suppressed',
    ),
    (
        "size(params.nothing + ['y']) > 2",
        (
            'the number of entries of the nothing (none so far) together with the list "y" '
            "is more than 2"
        ),
    ),
    (
        "'x' in params.nothing + ['y']",
        '"x" is among the nothing (none so far) together with the list "y"',
    ),
    ("1 < 2.5 && 'a' == 'b'", ""),
    (
        "recall.all(a, recall.all(b, a.n == b.n))",
        (
            f"for every {RECALL} beside each, its number of trials is that of the first-named "
            "recall measurement"
        ),
    ),
    ("params.floor", "0.80"),
    ("params.factor", "2.5"),
    ("params.max_age", "90 days"),
    ("params.strict", "the setting strict is on (it is on)"),
    ("!params.strict", "the setting strict is not on (it is on)"),
    (
        "secrets.all(s, has(s.suppressed) && s.suppressed)",
        'for every security finding with class "secret", it is known to be suppressed',
    ),
    ("params.forbidden", "the forbidden (not set yet)"),
    ("params.nothing", "the nothing (none so far)"),
    ("params.slices", 'the declared slices ("sex=female" and "sex=male")'),
    ("size(params.forbidden)", "the number of forbidden (not set yet)"),
    ("recall", f"the {RECALLS}"),
    ("-params.factor", "minus 2.5"),
    ("-(params.factor + 1.0)", "minus (2.5 plus 1)"),
    ("(params.factor - 1.0) * 2.0 / 3.0", "(((2.5 less 1) times 2) divided by 3)"),
    ("7 % params.some", "the remainder of 7 divided by 3"),
    (
        "params.slices + ['x']",
        ('the declared slices ("sex=female" and "sex=male") together with the list "x"'),
    ),
    ("[] == params.slices", 'an empty list is the declared slices ("sex=female" and "sex=male")'),
    ("[1, 2, 3]", "the list 1, 2 and 3"),
    ("params.limits[0]", "number 1 of the declared limits (1 and 2.5)"),
    ("params.limits[params.some]", "number (3 plus 1) of the declared limits (1 and 2.5)"),
    ("trend[0].value", f"the value of number 1 of the {TREND}"),
    ("recall.coverage", "the examinations of recall"),
    ("recall.evidence", "the documents of recall"),
    ("release.artifacts", "the release's artifacts"),
    ("size(recall)", f"the number of {RECALLS}"),
    ("size('abc')", 'the number of characters of "abc"'),
    ("size([1, 2])", "the number of entries of the list 1 and 2"),
    ("size(recall.map(r, r.n))", f"the number of {RECALLS}"),
    ("math.least(1, 2.5)", "the least of 1 and 2.5"),
    ("math.abs(-2.5)", "-2.5 without its sign"),
    ("math.ceil(2.5) + math.floor(2.5)", "2.5 rounded up plus 2.5 rounded down"),
    (
        "stats.wilson_upper(0.5, 10, params.floor)",
        "the upper end of the 80 % interval of 0.5 over 10",
    ),
    (
        "stats.wilson_lower(0.5, 10, 1.0 - 0.1)",
        "the lower end of the (1 less 0.1) level interval of 0.5 over 10",
    ),
    ("stats.percentile([1.5], 95.0)", "the percentile 95 of the list 1.5"),
    ("stats.stddev([1.5, 2.5])", "the standard deviation of the list 1.5 and 2.5"),
    ("recall.map(r, 1.0 - r.value)", f"(1 less its value) for each {RECALL}"),
    ("age(release.released_at)", "the time since the release's time of release"),
    ("duration('36h')", "1 day and 12 hours"),
    ("duration(system.name)", "the length of time the system's name"),
    ("timestamp('2026-01-01T00:00:00Z')", "2026-01-01T00:00:00Z"),
    ("timestamp(system.name)", "the time the system's name"),
    ("release.released_at.getFullYear()", "the year of the release's time of release in UTC"),
    ("duration('36h').getHours()", "the hours of 1 day and 12 hours"),
    ("double('0.25')", '"0.25" as a number'),
    ("double(params.some)", "3"),
    ("math.round(2.5)", "2.5 rounded to the nearest whole number"),
    (
        "release.released_at.getHours('UTC')",
        ('the hours of the release\'s time of release in the time zone "UTC"'),
    ),
    ("string(3)", "3 as text"),
    ("system.name.contains('a') == true", 'the system\'s name contains "a"'),
    ("'a'.startsWith('b')", '"a" starts with "b"'),
    ("!'a'.endsWith('b')", '"a" does not end with "b"'),
    ("!'a'.matches('b')", '"a" holds no match of the pattern "b"'),
    ("['a'.contains('b')]", 'the list whether "a" contains "b"'),
    ("[1 < params.some]", "the list whether 1 is less than 3"),
    ("has(system.owner)", "the system's owner is known"),
    ("!has(system.owner)", "the system's owner is not known"),
    ("system.generative", "the system is generative"),
    ("system.edge == false", "the system is not run at the edge"),
    ("true == system.edge", "the system is run at the edge"),
    ("system.name == ''", "the system's name is empty"),
    ("system.name != 'a'", 'the system\'s name is not "a"'),
    ("!(system.name != 'a')", 'the system\'s name is "a"'),
    ("!(system.name == 'a')", 'the system\'s name is not "a"'),
    (
        "release.released_at > timestamp('2026-01-01T00:00:00Z')",
        ("the release's time of release is after 2026-01-01T00:00:00Z"),
    ),
    ("!(params.factor < 3.0)", "2.5 is not less than 3"),
    ("system.risk_tier in ['high']", 'the system\'s risk tier is "high"'),
    ("!(system.risk_tier in ['high'])", 'the system\'s risk tier is not "high"'),
    (
        "!(system.risk_tier in ['high', 'limited'])",
        ('the system\'s risk tier is neither "high" nor "limited"'),
    ),
    ("'eu' in system.tags", '"eu" is among the tags of the system'),
    ("!('eu' in system.tags)", '"eu" is not among the tags of the system'),
    (
        "has(system.owner) || system.edge || system.generative",
        (
            "at least one of these holds: (a) the system's owner is known; (b) the system is run "
            "at the edge; or (c) the system is generative"
        ),
    ),
    (
        "!(has(system.owner) && system.edge)",
        ("either the system's owner is not known or the system is not run at the edge"),
    ),
    (
        "has(system.owner) && (system.edge || !system.generative)",
        (
            "both the system's owner is known and either the system is run at the edge or "
            "the system is not generative"
        ),
    ),
    (
        "system.edge ? system.generative : has(system.owner)",
        (
            "if the system is run at the edge, then the system is generative, otherwise the "
            "system's owner is known"
        ),
    ),
    ("system.edge ? 1 : 2", "(1 if the system is run at the edge, otherwise 2)"),
    (
        "system.edge == system.generative",
        ("(the system is run at the edge) holds exactly where (the system is generative) holds"),
    ),
    (
        "system.edge != system.generative",
        ("exactly one of (the system is run at the edge) and (the system is generative) holds"),
    ),
    ("!recall.all(r, r.n > 3)", f"not for every {RECALL}, its number of trials is more than 3"),
    (
        "!secrets.exists(s, !s.suppressed)",
        ('there is no security finding with class "secret" that is not suppressed'),
    ),
    (
        "secrets.exists(s, s.suppressed != true && s.fixed_in != '')",
        (
            'there is at least one security finding with class "secret" that is '
            "not suppressed and whose version with the fix is not empty"
        ),
    ),
    (
        "secrets.filter(s, s.suppressed).filter(s, s.rule == 'a').exists(s, s.location == 'b')",
        (
            'there is at least one security finding with class "secret" that is suppressed'
            ', whose rule is "a" and whose location is "b"'
        ),
    ),
    (
        "only(recall, r, r.slice == '').value >= params.floor",
        (f"the value of (the one {RECALL} whose slice is empty) is at least 0.80"),
    ),
    (
        "size(recall.map(r, r.n > 3, r.value)) > 2",
        (f"the number of ({RECALLS} whose number of trials is more than 3) is more than 2"),
    ),
    (
        "[1, 2].exists(x, x > 1)",
        ("there is at least one entry of the list 1 and 2 for which the entry is more than 1"),
    ),
    (
        "recall.map(r, r.n).all(n, n > 3)",
        (f"for every entry of the number of trials of each {RECALL}, the entry is more than 3"),
    ),
    (
        "system.intended_uses.all(u, u.contains('a'))",
        ('for every intended use of the system, the intended use contains "a"'),
    ),
    (
        "params.nothing.all(s, s.contains('a'))",
        ('for every listed nothing entry (none so far), the listed nothing entry contains "a"'),
    ),
    (
        "secrets.coverage.all(c, c.examined > 3)",
        ("for every examination of secrets, its number examined is more than 3"),
    ),
    (
        "alerts.all(a, a.loaded)",
        (
            'for every operational control with kind "alert" of any release of the system, it '
            "is loaded"
        ),
    ),
    (
        "checks.all(c, c.status == 'pass')",
        (
            'for every data check whose family is either "null" or "range" and '
            'whose number failed is more than 0, its status is "pass"'
        ),
    ),
)


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_an_expression_reads_as_it_is_meant(text: str, words: str) -> None:
    if not words:
        words = 'both 1 is less than 2.5 and "a" is "b"'
        node = parse(text).node
        assert expression_words(node, {}, {}) == words
        return
    if text.startswith("(params.factor - 1.0)"):
        words = words[1:-1]
    assert said(text) == words


def test_it_is_never_a_row_named_earlier() -> None:
    assert said("recall.all(r, drift.exists(d, d.column == r.slice && d.value < 0.1))") == (
        f"for every {RECALL}, there is at least one drift statistic whose column is "
        "the recall measurement's slice and whose value is less than 0.1"
    )
    assert said("recall.all(r, recall.exists(o, o.slice == r.slice))") == (
        f"for every {RECALL}, there is at least one {RECALL} whose slice is that of the "
        "first-named recall measurement"
    )
    assert said("recall.exists(r, recall.exists(o, r.slice != o.slice && o.n < r.n))") == (
        f"there is at least one {RECALL} for which there is at least one {RECALL} whose slice is "
        "not that of the first-named recall measurement and whose number of trials is less than "
        "that of the first-named recall measurement"
    )
    assert said("recall.all(r, only(drift, d, d.column == r.slice).value < r.value)") == (
        f"for every {RECALL}, the value of (the one drift statistic whose column is the recall "
        "measurement's slice) is less than the first-named recall measurement's value"
    )


def test_a_scope_is_a_document() -> None:
    need = a_need("n", "pii", covers='scope.path == "src" || has(scope.dataset)')
    assert need.covers is not None
    assert expression_words(need.covers.node, {}, PARAMS) == (
        "either the document's path is \"src\" or the document's data set is known"
    )
    where = check(parse("row.count > 3"), where_environment(need, PARAMS))
    assert expression_words(where.node, {}, PARAMS, row="finding") == "its count is more than 3"
    assert expression_words(where.node, {}, PARAMS) == "the row's count is more than 3"


def test_a_condition_on_a_param_is_no_condition_on_the_row() -> None:
    params = {"mode": Param("mode", "string", "a")}
    where = check(
        parse('params.mode == "a" && row.entity == "email" && row.column == ""'),
        where_environment(Need("n", "pii"), params),
    )
    assert need_sentence(Need("n", "pii", where=where), params) == (
        'The findings of personal data with entity "email" for which "a" is "a" and whose '
        "column is empty, of any age, from anybody."
    )


@pytest.mark.parametrize(
    ("facts", "where", "words"),
    [
        (
            "metric",
            'row.name == params.metric && row.slice == "" && row.split == params.split',
            "ROC AUC measurements over all slices together on the test split",
        ),
        ("drift", 'row.column == ""', "drift statistics of the whole data set"),
        ("pii", 'row.column == ""', "findings of personal data whose column is empty"),
        ("metric", 'row.name == ""', "measurements whose name is empty"),
        (
            "metric",
            "row.name == params.unset && row.kind == 'quality'",
            'measurements with kind "quality" whose name is the unset (not set yet)',
        ),
        (
            "metric",
            'row.name == "f1" && row.direction == "higher"',
            "f1 measurements (more is better)",
        ),
        ("metric", 'row.direction == "lower"', "measurements (less is better)"),
    ],
)
def test_what_a_condition_fixes_is_folded_into_the_noun(facts: str, where: str, words: str) -> None:
    params = {
        "metric": Param("metric", "string", "roc_auc"),
        "split": Param("split", "string", "test"),
        "unset": Param("unset", "string"),
    }
    condition = check(parse(where), where_environment(Need("n", facts), params))
    need = Need("n", facts, where=condition)
    assert need_sentence(need, params) == f"The {words}, of any age, from anybody."


def test_an_entry_of_a_let_is_an_entry() -> None:
    over = typed("release.artifacts.filter(a, a.kind == 'model')")
    text = "few.all(f, recall.exists(r, r.slice == f.digest))"
    node = typed(text, few=over.node.type).node
    assert expression_words(node, NEEDS, PARAMS, lets={"few": over}) == (
        f'for every entry of "few", there is at least one {RECALL} whose slice is the entry\'s '
        "digest"
    )


def test_names_of_lets_are_quoted() -> None:
    over = typed("recall.filter(r, r.n > 3)")
    node = typed("few.all(f, f.n > size(few))", few=over.node.type).node
    assert expression_words(node, NEEDS, PARAMS, lets={"few": over}) == (
        'for every entry of "few", its number of trials is more than the number of entries of "few"'
    )


def test_what_a_need_takes_is_said() -> None:
    def params(text: str) -> Expression:
        return check(parse(text), params_environment(PARAMS))

    plain = a_need("n", "metric", 'row.name == "recall" && row.dataset == "d1"')
    assert need_sentence(plain, PARAMS) == (
        "The recall measurements on the data set d1, of any age, from anybody."
    )
    full = a_need(
        "n",
        "pii",
        "row.count > 3",
        covers='scope.path == "src"',
        fresh_for=params("params.max_age"),
        within=params('duration("1d")'),
        assurance=Assurance.CI,
        of=("pii/email", "pii/phone"),
        may_skip=params("params.slices"),
        min_examined=0.995,
        may_be_empty=True,
        about="dataset",
    )
    assert need_sentence(full, PARAMS) == (
        "The findings of personal data of any data set of the release whose count is more than 3, "
        "no older than 90 days, the oldest within 1 day, from an authenticated pipeline or better, "
        'examined for "pii/email" and "pii/phone", complete only where the document\'s path is '
        '"src", accepting as skipped the declared slices ("sex=female" and "sex=male"), '
        "with at least "
        "99.5 % examined, none at all where the examination is proven complete."
    )
    loose = Need("n", "pii", assurance=params("'ci'"), of=params("params.forbidden"))
    assert need_sentence(loose, PARAMS) == (
        'The findings of personal data, of any age, of at least the assurance "ci", examined for '
        "the forbidden (not set yet)."
    )


def test_every_fact_type_subject_and_function_has_words() -> None:
    assert set(NOUNS) == set(FACT_TYPES)
    assert set(ABOUT) == set(get_args(About))
    for name, function in FUNCTIONS.items():
        for signature in function.signatures:
            names = {f"a{place}": kind for place, kind in enumerate(signature.params)}
            args = [*names]
            text = f"{args[0]}.{name}({', '.join(args[1:])})"
            if function.called:
                text = f"{name}({', '.join(args)})"
            words = expression_words(check(parse(text), names).node, {}, {})
            assert all(f"a{place}" in words for place in range(len(args))), words


def test_a_map_and_values_without_words_are_shown_as_written() -> None:
    entry = (Literal_(start=0, end=1, value="a"), Literal_(start=0, end=1, value=1))
    assert expression_words(MapOf(start=0, end=1, entries=(entry,)), {}, {}) == 'the map {"a": 1}'
    assert value_words(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
    assert value_words(False) == "false"


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("slices", "slice"),
        ("entities", "entity"),
        ("classes", "class"),
        ("boxes", "box"),
        ("pii_topics", "pii topic"),
        ("loss", "loss entry"),
        ("forbidden", "forbidden entry"),
    ],
)
def test_one_element_of_a_list_has_a_name(name: str, one: str) -> None:
    assert singular(name) == one


def test_numbers_are_never_rounded() -> None:
    assert number_words(0.8, ratio=True) == "0.80"
    assert number_words(0.12345, ratio=True) == "0.12345"
    assert number_words(3.0) == "3"
    assert number_words(1e300) == "1e+300"
    assert number_words(0.1) == "0.1"
    assert number_words(0.000001) == "0.000001"
    assert number_words(1e-12) == "1e-12"
    assert number_words(7) == "7"
    assert joined(["a"], "and") == "a"
    assert both([Said("a"), Said("b")], either=True) == Said("either a or b", 1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_words_is_the_number(value: float) -> None:
    assert float(number_words(value)) == value
    assert float(number_words(value, ratio=True)) == value


def test_sentences_are_quick_enough_to_make_again() -> None:
    node: Node = typed("recall.all(r, r.value >= params.floor)").node
    params: Mapping[str, Param] = PARAMS
    assert len({expression_words(node, NEEDS, params) for _ in range(200)}) == 1


def test_a_list_of_rows_in_a_condition_is_named() -> None:
    kind = ListType(STRING)
    node = check(parse("'a' in known"), {"known": kind}).node
    assert expression_words(node, {}, {}, lets={"known": typed("params.slices")}) == (
        '"a" is among "known"'
    )


def test_for_which_systems_a_policy_is_is_said_where_it_is_not_for_all() -> None:
    floor, card = policies()["fairness.slice-floor"], policies()["documentation.model-card"]
    assert applies_sentence(floor) == (
        'The system\'s risk tier is one of "limited", "high" or "unacceptable".'
    )
    assert applies_sentence(card) is None


def test_what_a_rule_calls_enough_is_said_as_a_clause() -> None:
    floor = policies()["quality.floor"]
    said = enough_words(floor.rules[0], floor.needs, floor.params)
    assert said == "its number of trials is at least 50"
    asks_nothing = policies()["documentation.model-card"]
    assert not enough_words(asks_nothing.rules[0], asks_nothing.needs, asks_nothing.params)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("recall.all(r, r.n > 3)", True),
        ("params.strict && recall.all(r, r.n > 3)", True),
        ("recall.all(r, r.n > 3) && params.strict", True),
        ("recall.filter(r, r.n > 3).all(r, r.value > 0.5)", True),
        ("params.nothing.all(s, s != '') && params.strict", True),
        ("params.slices.all(s, recall.exists(r, r.slice == s))", False),
        ("secrets.all(s, s.suppressed)", False),
        ("[1, 2].all(x, x < params.some)", False),
        ("recall.exists(r, r.n > 3)", False),
        ("params.strict || recall.all(r, r.n > 3)", False),
    ],
)
def test_a_list_that_may_turn_out_empty_is_said_to_leave_all_of_it_undecided(
    condition: str,
    said: bool,  # noqa: FBT001
) -> None:
    sentence = rule_sentence(a_rule(condition), NEEDS, PARAMS)
    assert ("With none, it is undecided." in sentence) is said


@pytest.mark.parametrize(
    ("condition", "to_come"),
    [
        ("age(release.released_at) <= params.max_age", True),
        ("params.max_age > age(release.released_at)", True),
        ("age(release.released_at) >= params.max_age", False),
        ("!(age(release.released_at) < params.max_age)", False),
        ("params.max_age < age(release.released_at)", False),
        ("age(release.released_at) == params.max_age", False),
    ],
)
def test_a_time_that_is_still_to_come_counts_as_less_than_ago(
    condition: str,
    to_come: bool,  # noqa: FBT001
) -> None:
    assert said(condition).endswith(" (also where that is still to come)") is to_come


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ('row.document == "model"', "parts of the documentation of the model"),
        ('row.document == "dataset"', "parts of the documentation of the data set"),
    ],
)
def test_a_document_is_named_by_what_it_describes(where: str, words: str) -> None:
    condition = check(parse(where), where_environment(Need("n", "documentation"), {}))
    need = Need("n", "documentation", where=condition)
    assert need_sentence(need, {}) == f"The {words}, of any age, from anybody."
