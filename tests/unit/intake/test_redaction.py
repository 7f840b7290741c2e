"""What is never kept: secrets and personal data, whatever the format."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.intake.copies import MARK
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed, parse
from assaybook.intake.redact import redact
from assaybook.intake.redact_places import Removed, planted
from assaybook.intake.redaction_rules import RULES, TOKEN_STARTS, TOKENS, Rule
from assaybook.intake.registry import BUILT_IN
from assaybook.intake.values import Json
from support.documents import opened

TOKEN = "ghp_" + "a1B2" * 9
KEY = "AKIA" + "ABCDEFGH12345678"
DASHES = "-" * 5  # written apart, so that no scanner takes this file for a key
PEM = f"{DASHES}BEGIN PRIVATE KEY{DASHES}\nMIIabc\n{DASHES}END PRIVATE KEY{DASHES}"


@pytest.mark.parametrize("secret", [TOKEN, KEY, PEM, "hf_" + "a" * 34, "glpat-" + "x" * 20])
def test_a_secret_that_is_known_by_its_form_is_removed_from_any_text(secret: str) -> None:
    card = f"---\nlicense: mit\n---\n# M\n## Contact\nuse {secret} to log in\n"
    found = opened(card, "README.md")
    said = found.kept.decode() + found.evidence[0].model_dump_json()
    assert secret not in said
    assert MARK in said


def test_a_secret_in_json_is_removed_and_the_places_stay() -> None:
    document = {"assaybook": "v1", "facts": [{"type": "review", "reference": f"x {KEY}"}]}
    found = opened(document)
    assert found.evidence[0].facts[0].model_dump()["reference"] == f"x {MARK}"
    assert json.loads(found.kept)["facts"][0]["reference"] == f"x {MARK}"
    assert found.evidence[0].envelope.redactions == ("aws-key: 1",)


@pytest.mark.parametrize("before", ["\n", "\t", "\r\n", "\u2028", '"', "\\", "/"])
def test_a_secret_in_json_is_removed_whatever_escape_stands_before_it(before: str) -> None:
    said = f"log in with{before}{KEY}{before}or not"
    facts = [{"type": "review", "reference": said}]
    found = opened({"assaybook": "v1", "facts": facts})
    assert KEY not in found.kept.decode() + found.evidence[0].model_dump_json()
    assert found.evidence[0].envelope.redactions == ("aws-key: 1",)


def test_a_document_without_secrets_is_kept_byte_for_byte() -> None:
    text = '{ "dependencies" :[], "fixes": []}\n'
    assert opened(text).kept == text.encode()


def test_a_redacted_document_is_read_again_to_the_same_facts() -> None:
    leaks = [
        {"RuleID": f"r{n}", "File": "f", "Secret": f"hunter{n}", "Match": "x"} for n in range(3)
    ]
    first = opened(leaks)
    again = opened(first.kept)
    assert again.evidence[0].facts == first.evidence[0].facts
    assert again.kept == first.kept


def test_lines_stay_lines_when_one_is_redacted() -> None:
    event = {"eventTime": "2026-11-20T00:00:00Z", "eventType": "COMPLETE", "run": {"runId": "r"}}
    event |= {"job": {"name": f"j {KEY}", "namespace": "n"}}
    found = opened(json.dumps(event) + "\n" + json.dumps(event) + "\n", "e.jsonl")
    assert found.kept.count(b"\n") == 2


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=4,
                        max_size=40).filter(lambda s: s.strip() == s and len(s.strip()) >= 4),
                min_size=1, max_size=5))  # fmt: skip
def test_no_secret_survives_anywhere(secrets: list[str]) -> None:
    leaks = [
        {
            "RuleID": "rule-7",
            "File": f"src/{one}.py",
            "StartLine": 1,
            "Secret": one,
            "Match": f"key={one}",
            "Fingerprint": f"c:{one}:rule",
            "Tags": [one],
        }
        for one in secrets
    ]
    found = opened(leaks)
    facts = [
        str(value)
        for fact in found.evidence[0].facts
        for name, value in fact.model_dump().items()
        if name in {"fingerprint", "location", "rule"}
    ]
    kept = [str(value) for one in json.loads(found.kept) for value in one.values()]
    innocent = {"[redacted]", "rule-7"}
    for secret in secrets:
        if not any(secret in word for word in innocent) and not any(
            secret in other for other in ("src/.py:1", "c::rule", "['[redacted]']")
        ):
            assert not any(secret in text.replace(MARK, "") for text in facts + kept)


def _finding(text: str, snippet: str, uri: str = "app.py") -> dict[str, object]:
    region = {"startLine": 3, "snippet": {"text": snippet}}
    place = {"artifactLocation": {"uri": uri}, "region": region}
    return {
        "ruleId": "B105",
        "message": {"text": text},
        "locations": [{"physicalLocation": place, "message": {"text": text}}],
    }


@pytest.mark.parametrize(
    ("text", "snippet", "secret"),
    [
        ("Possible password: 'hunter2 and more'", 'PASS = "hunter2 and more"\n', "hunter2"),
        ('found "it\'s hunter2"', 'x = "it\'s hunter2"', "hunter2"),
        ("token is hunter2hunter2", "TOKEN=hunter2hunter2", "hunter2"),
        ("key: hunter2hunter2 there", "key: hunter2hunter2", "hunter2"),
        ("hunter2hunter2", "hunter2hunter2", "hunter2"),
        ("hunter2", "\n".join(f"x = 'hunter{n}'" for n in range(300)), "hunter"),
    ],
)
def test_a_message_repeats_no_code_that_its_snippet_shows(
    text: str, snippet: str, secret: str
) -> None:
    run = {"tool": {"driver": {"name": "Bandit"}}, "results": [_finding(text, snippet)]}
    found = opened({"version": "2.1.0", "runs": [run]})
    assert secret not in found.kept.decode()
    assert opened(found.kept).evidence[0].facts == found.evidence[0].facts


def test_a_tool_that_looks_for_secrets_keeps_none_of_its_words() -> None:
    result = {**_finding("found https://me:hunter2@host", ""), "ruleId": "basic-auth"}
    run = {"tool": {"driver": {"name": "secretlint"}}, "results": [result]}
    found = opened({"version": "2.1.0", "runs": [run]})
    assert b"hunter2" not in found.kept
    assert found.evidence[0].envelope.redactions == ("quoted: 2",)
    again = opened(found.kept).evidence[0]
    assert (again.facts, again.envelope.redactions) == (found.evidence[0].facts, ())


def test_the_words_of_a_snippet_stay_where_they_are_innocent() -> None:
    results = [_finding("reads a file", 'open("app.py")'), _finding("not of it: app.py", "eval(x)")]
    run = {"tool": {"driver": {"name": "Bandit"}}, "results": results}
    found = opened({"version": "2.1.0", "runs": [run]})
    assert [fact.model_dump()["location"] for fact in found.evidence[0].facts] == ["app.py:3"] * 2
    assert found.evidence[0].envelope.redactions == ("snippet: 2",)


REPORT = """<testsuites>
<testsuite name="s" tests="5">
<properties><property name="db" value="hunter2"/><property name="assaybook.split" value="test"/>
<property name="env">hunter2</property></properties>
<testcase name="a"><failure message="hunter2
again &lt; > more" type="E"><![CDATA[hunter2 </failure> ]]> hunter2
</failure></testcase>
<testcase name="b"><error type='T' message='hunter2'/><system-out>hunter2</system-out></testcase>
<!-- <failure> --><testcase name="c"><failure/><flakyFailure><stackTrace>hunter2</stackTrace>
</flakyFailure></testcase><testcase name="d" message="stays"><skipped message=""/></testcase>
<system-err><!-- </system-err> hunter2 --></system-err>
</testsuite>
</testsuites>
"""


def test_what_tests_print_is_not_kept_and_each_element_stays_on_its_line() -> None:
    found = opened(REPORT, "r.xml")
    kept = found.kept.decode()
    assert "hunter2" not in kept
    assert 'message="stays"' in kept
    assert kept.count("\n") == REPORT.count("\n")
    again = opened(kept, "r.xml")
    assert again.evidence[0].facts == found.evidence[0].facts
    assert again.evidence[0].envelope.scope == found.evidence[0].envelope.scope
    assert (again.kept.decode(), again.evidence[0].envelope.redactions) == (kept, ())
    assert found.evidence[0].envelope.redactions == ("output: 8",)


@given(st.text(st.characters(codec="utf-8", categories=("L", "P", "S", "Zs")), max_size=40))
def test_no_output_survives_however_it_is_written(said: str) -> None:
    words = said.replace("]]>", "")
    case = f'<testcase name="a"><failure><![CDATA[hunter2{words}]]></failure></testcase>'
    report = f"<testsuite name='s'>{case}</testsuite>"
    assert "hunter2" not in opened(report, "r.xml").kept.decode()


def test_a_great_many_secrets_are_removed_in_good_time() -> None:
    leaks = [
        {"RuleID": "r", "File": f"f{n}", "StartLine": n, "Secret": f"s3cr3t-{n:06d}", "Tags": [
            f"s3cr3t-{n:06d}"]}
        for n in range(3000)
    ]  # fmt: skip
    assert b"s3cr3t" not in opened(leaks).kept


def test_every_rule_is_for_a_format_that_is_read() -> None:
    assert {rule.format for rule in RULES} <= {adapter.name for adapter in BUILT_IN}


@pytest.mark.parametrize("pattern", [one for _name, one in TOKENS], ids=[n for n, _one in TOKENS])
@settings(max_examples=20)
@given(data=st.data())
def test_every_token_begins_with_what_is_looked_for_first(
    pattern: re.Pattern[str], data: st.DataObject
) -> None:
    token = data.draw(st.from_regex(pattern.pattern.replace(",20000}", ",20}")))
    assert any(start in token for start in TOKEN_STARTS)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{KEY} " * 25_001, id="secrets"),
        pytest.param("eyJ-" * 100_001, id="what begins as one"),
        pytest.param("hf_ " * 100_001, id="what begins as another"),
    ],
)
def test_a_heap_of_secrets_is_refused_before_any_is_removed(text: str) -> None:
    with pytest.raises(SubmitterError) as refused:
        opened({"assaybook": "v1", "facts": [{"type": "review", "reference": text}]})
    assert refused.value.code == "document-too-large"


def test_a_secret_that_begins_within_what_another_begins_with_is_removed() -> None:
    kind = "PRIVATE KEY-----"
    key = f"-----BEGIN {kind}abc-----END {kind}"
    text = f"glpat{key} xoxb{key} AKI{KEY} {KEY}"
    fact = {"type": "review", "reference": text}
    kept = opened({"assaybook": "v1", "facts": [fact]})
    assert kept.evidence[0].envelope.redactions == ("aws-key: 1", "private-key: 2")
    assert b"abc" not in kept.kept


def test_a_removed_line_of_any_length_is_removed() -> None:
    leak = {"RuleID": "r", "File": "f", "Secret": "x", "Line": "\\n\u00e9" * 200_000, "Match": "m"}
    assert opened([leak]).evidence[0].envelope.redactions == ("line: 1", "match: 1", "secret: 1")


SAID = "what nobody may keep"


def _at(path: tuple[str, ...], step: str) -> Json:
    """Return a value with a text at the end of a path, where any key or item is one of a kind."""
    found: Json = SAID
    for each in reversed(path):
        anything: Json = [found] if step == "[]" else {step: found}
        found = anything if each == "*" else {each: found}
    return found


@pytest.mark.parametrize("step", ["[]", "x", "Messäge"])
def test_what_stands_at_the_place_of_any_rule_is_not_kept_whatever_else_is_there(step: str) -> None:
    for rule in RULES:
        text = json.dumps(_at(rule.path, step), ensure_ascii=False)
        for written in (text, json.dumps(json.loads(text)), json.dumps(json.loads(text), indent=1)):
            value = json.loads(text)
            redacted = redact(Parsed("a.json", "json", written, value), rule.format)
            assert SAID not in (redacted.kept or b"").decode(), rule
            assert redacted.removed == (f"{rule.name}: 1",), rule


@pytest.mark.parametrize(
    ("paths", "removed"),
    [
        ((("*", "a"), ("x", "a")), {"0": 1}),
        ((("x", "a"), ("*", "a")), {"0": 1}),
        ((("x",), ("x", "a")), {"0": 2}),
        ((("x", "a"), ("x",)), {"0": 1, "1": 1}),
        ((("x", "b"), ("x",), ("*", "a")), {"0": 1, "1": 1}),
        ((("*", "*"), ("x",)), {"0": 2}),
        ((("y",), ("*",)), {"1": 2}),
    ],
    ids=["any first", "any last", "outer first", "inner first", "between", "below", "elsewhere"],
)
def test_of_rules_that_lead_to_one_place_the_first_removes_it(
    paths: tuple[tuple[str, ...], ...], removed: dict[str, int]
) -> None:
    rules = tuple(Rule(str(number), "a", path) for number, path in enumerate(paths))
    found = Removed()
    left = planted(rules)({"x": {"a": "said", "b": "said"}}, found)
    assert +found.times == removed
    assert ("said" in str(left)) == (sum(removed.values()) < 2)


def test_what_holds_no_place_of_a_rule_stays_as_it_is() -> None:
    value: Json = {"x": [{"b": 1}], "y": ["said", [2], {"a": "said"}]}
    walk = planted((Rule("one", "a", ("x", "*", "a")), Rule("two", "a", ("*", "*", "*", "a"))))
    found = Removed()
    assert walk(value, found) == {"x": [{"b": 1}], "y": ["said", [2], {"a": "said"}]}
    assert not +found.times


def test_a_document_is_redacted_without_a_copy_of_it() -> None:
    leak = {"RuleID": "r", "File": "f", "Secret": "what nobody may keep", "Match": "m"}
    document = parse(json.dumps([leak]).encode(), "a.json", Limits())
    redacted = redact(document, "gitleaks")
    assert redacted.document.value is document.value
    assert document.value == [{**leak, "Secret": MARK, "Match": MARK}]


@pytest.mark.parametrize("key", ["message", "\\u006dessage", "m\\u0065ssage", "mes\\u0073age"])
@pytest.mark.parametrize("place", ["", '"properties": {{"{}": {{"text": "{}"}}}}, '])
def test_words_of_a_tool_that_looks_for_secrets_are_not_kept_wherever_they_stand(
    key: str, place: str
) -> None:
    result = f'{{{place.format(key, SAID)}"ruleId": "r", "{key}": {{"text": "{SAID}"}}}}'
    driver = '{"driver": {"name": "gitleaks"}}'
    log = f'{{"version": "2.1.0", "runs": [{{"tool": {driver}, "results": [{result}]}}]}}'
    found = opened(log, name="a.sarif")
    assert SAID not in found.kept.decode()
    assert found.evidence[0].envelope.redactions == (f"quoted: {log.count(SAID)}",)


def test_a_message_below_a_snippet_repeats_no_code() -> None:
    region = {"snippet": {"text": f"key = '{SAID}'", "notes": [{"message": {"text": [SAID]}}]}}
    result = {"ruleId": "r", "locations": [{"physicalLocation": {"contextRegion": region}}]}
    run = {"tool": {"driver": {"name": "Bandit"}}, "results": [result]}
    kept = opened({"version": "2.1.0", "runs": [run]}, name="a.sarif").kept
    assert SAID not in kept.decode()
