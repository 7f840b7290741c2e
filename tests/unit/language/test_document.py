from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from pydantic import BaseModel, JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Param, ParamKind
from assaybook.domain.subject import Release, System
from assaybook.language.build_expressions import Reading
from assaybook.language.build_params import read_param_value, written_value
from assaybook.language.document_cases import CaseEvidence
from assaybook.language.document_problems import problems_of
from assaybook.language.document_subject import load_subject, subject_of
from assaybook.language.document_trust import load_trust
from assaybook.language.document_words import FORMS
from assaybook.language.durations import PATTERN
from assaybook.language.schema import DOCUMENTS
from assaybook.language.source import source_of
from assaybook.language.waiver_file import load_waivers
from support.policies import SOUND, faults, policy, source

KEY = "ab" * 32
OTHER_KEY = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
DIGEST = f"sha256:{'a' * 64}"
SYSTEM = f"""\
system: {{id: credit, risk_tier: high, tags: [eu]}}
releases:
  - {{version: "1", artifacts: [{{name: m, kind: model, digest: "{DIGEST}"}}], baseline: "0"}}
  - {{version: "0", artifacts: [{{name: m, kind: model, path: m.bin}}], requested_by: ada}}
"""
TRUST = f"""\
persons:
  - {{id: ada, name: Ada, roles: [model-risk], key: {KEY}}}
  - {{id: bob, name: Bob, roles: [model-risk, audit], key: {"cd" * 32},
     valid_from: 2026-01-01T00:00:00Z, valid_until: 2027-01-01T00:00:00+01:00}}
"""
WAIVER = """\
waivers:
  - id: W-1
    policy: demo.recall
    rule: floor
    system: credit
    rows: [slice=a]
    reason: Small slice.
    requester: ada
    approver: bob
    approved_at: 2026-11-01T00:00:00Z
    expires: 2027-01-01T00:00:00Z
"""


def test_a_need_may_be_named_like_a_key_and_still_gets_its_keys_suggested() -> None:
    text = SOUND.replace("recall: {facts: metric, where", "where: {facts: metric, where_")
    with pytest.raises(AuthorError) as caught:
        policy(text)
    assert problems_of(caught.value)[0].hint == "Did you mean where?"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title: Recall is good", "title: {a: b}", "title must be text, not a mapping"),
        ("title: Recall is good", "title: [a]", "title must be text, not a list of 1"),
        ("title: Recall is good", "title: true", "title must be text, and true is not"),
        ("title: Recall is good", f"title: {'a' * 301}", "title must be at most 300 characters"),
        ("version: 1", "version: 1.5", "version must be a whole number, not 1.5"),
        ("version: 1", f"version: {'x' * 90}", "x..."),
        ("params:", "params: [a]\nneedles:", "params must be a mapping of keys to values"),
        ("rules:", "rules: 3\nruls:", "rules must be a list, not 3"),
        ("fresh_for: 90d", "fresh_for: 90d, min_examined: 0", "must be more than 0, not 0"),
        ("fresh_for: 90d", "fresh_for: 90d, min_examined: 2", "must be at most 1, not 2"),
        ("fresh_for: 90d", "fresh_for: 90d, min_examined: 'x'", "must be a number, not the text"),
        ("fresh_for: 90d", "fresh_for: 90d, may_be_empty: on", "true or false, not the text 'on'"),
        ("fresh_for: 90d", "fresh_for: 90d, may_be_empty: Off", "true or false, not the text 'Off"),
        ("fresh_for: 90d", "fresh_for: 90d, may_be_empty: 1", "must be true or false, not 1"),
        ("fresh_for: 90d", "fresh_for: 90d, of: [1]", "of must be a list of questions"),
        ("fresh_for: 90d", "fresh_for: 90d, of: []", "of must be a list of questions"),
        ("severity: low", "severity: [low]", "severity must be low, medium"),
    ],
)
def test_a_misfit_is_said_in_plain_words(old: str, new: str, words: str) -> None:
    with pytest.raises(AuthorError) as caught:
        policy(SOUND.replace(old, new))
    assert any(words in each.message for each in problems_of(caught.value))


def patterns_of(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {found for each in cast("list[object]", schema) for found in patterns_of(each)}
    if not isinstance(schema, dict):
        return set()
    held = cast("dict[str, object]", schema)
    below = {found for each in held.values() for found in patterns_of(each)}
    own = held.get("pattern")
    return below | ({own} if isinstance(own, str) else set())


MODELS = (
    *DOCUMENTS.values(),
    System,
    Release,
    CaseEvidence,
    *(t.model for t in FACT_TYPES.values()),
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_form_that_a_document_asks_for_is_said_in_words(model: type[BaseModel]) -> None:
    assert patterns_of(model.model_json_schema()) - {PATTERN} - FORMS.keys() == set()


def test_a_list_may_not_be_longer_than_its_limit() -> None:
    rules = "".join(f"  - {{id: r{n}, pass_when: size(recall) > 1}}\n" for n in range(201))
    with pytest.raises(AuthorError, match="rules must be a list of at most 200"):
        policy(f"{SOUND.partition('rules:')[0]}rules:\n{rules}")


@pytest.mark.parametrize(
    ("kind", "written", "hint"),
    [
        ("bool", "yes", "Write true or false."),
        ("string", 9.1, "Put it in quotes."),
        ("string", ["a"], ""),
        ("list<string>", ["a", True], "Put items that look like numbers, true or false in quotes."),
        ("list<string>", "a", ""),
        ("list<number>", "a", ""),
        ("list<number>", [1, "a"], ""),
        ("list<number>", [True], ""),
        ("int", True, ""),
        ("int", 1.5, ""),
        ("number", "1", "Write digits with a point, without quotes: 0.8."),
        ("duration", 90, ""),
        ("duration", "ninety", ""),
    ],
)
def test_a_value_of_another_type_is_never_taken_for_a_params(
    kind: ParamKind, written: object, hint: str
) -> None:
    with pytest.raises(AuthorError) as caught:
        read_param_value(Param("p", kind), written, source("a: b"), ("a",))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert (caught.value.code, caught.value.hint) == ("param-type", hint)


def test_a_value_outside_its_bounds_is_refused_in_the_params_own_unit() -> None:
    param = Param("age", "duration", minimum=86_400, maximum=864_000)
    with pytest.raises(AuthorError, match="at most 10d, not 11d"):
        read_param_value(param, "11d", source("a: b"), ("a",))
    with pytest.raises(AuthorError, match="at least 1d, not 12h"):
        read_param_value(param, "12h", source("a: b"), ("a",))
    assert read_param_value(param, "5d", source("a: b"), ("a",)) == timedelta(days=5)


def test_values_are_shown_as_a_policy_writes_them() -> None:
    values = (None, True, False, timedelta(days=90), ("a", "b"), 0.8, 100, "x")
    shown = [written_value(value) for value in values]
    assert shown == ["not set", "true", "false", "90d", "[a, b]", "0.8", "100", "x"]


def test_an_error_that_stands_elsewhere_keeps_its_place() -> None:
    reading = Reading(source("a: b + c"), [])
    for where in ("other.yaml:9:9", "demo.yaml", "demo.yaml:7:7", "demo.yaml:1:2"):
        error = AuthorError("x", "y", where=where)
        assert reading.placed(error, ("a",), ()).where == where


def test_a_file_of_a_system_gives_its_subject_with_the_digests_of_its_files() -> None:
    document = load_subject(source(SYSTEM))
    subject = subject_of(document, "1", lambda path: f"sha256:{path}", where="system.yaml")
    assert (subject.system.id, subject.release.version, subject.asserted) == ("credit", "1", True)
    assert subject.release.artifacts[0].digest == DIGEST
    assert subject.baseline is not None
    assert subject.baseline.artifacts[0].digest == "sha256:m.bin"
    assert (
        subject_of(document, "0", lambda _path: "sha256:bb", where="system.yaml").baseline is None
    )


def test_a_release_that_the_file_does_not_have_is_told_with_what_comes_near() -> None:
    document = load_subject(source(SYSTEM))
    with pytest.raises(AuthorError) as caught:
        subject_of(document, "2", str, where="system.yaml")
    assert (caught.value.code, caught.value.hint) == ("release-unknown", "There are 1, 0.")


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ('version: "0"', 'version: "1"', "release-twice", "4:15"),
        ('version: "1"', "version: 1.10", "wrong-type", "3:15"),
        ('baseline: "0"', 'baseline: "1"', "baseline-itself", "3:150"),
        ('baseline: "0"', 'baseline: "9"', "release-unknown", "3:150"),
        (", path: m.bin", "", "artifact-digest", "4:32"),
        ("path: m.bin", 'path: m.bin, digest: "sha256:aa"', "artifact-digest", "4:32"),
        ("path: m.bin}", "path: m.bin}, {name: m, kind: model, path: n}", "artifact-twice", "4:69"),
        ("id: credit", "id: credit, risk: high", "unknown-key", "1:22"),
        ("risk_tier: high", "risk_tier: hihg", "not-a-choice", "1:33"),
        (f'digest: "{DIGEST}"', "digest: aa", "bad-form", "3:63"),
        (DIGEST, DIGEST[:20], "artifact-digest", "3:32"),
        (DIGEST, f"{DIGEST}aa", "artifact-digest", "3:32"),
        (DIGEST, "md5:aa", "artifact-digest", "3:32"),
    ],
)
def test_an_unsound_file_of_a_system_is_refused(old: str, new: str, code: str, place: str) -> None:
    wrong = faults(lambda: load_subject(source(SYSTEM.replace(old, new))))
    assert (code, f"demo.yaml:{place}") in wrong


def test_a_signer_is_known_by_ed25519_or_by_the_key_of_a_file() -> None:
    pem = "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n"
    written: dict[str, JsonValue] = {
        "signers": [{"id": "build", "key": KEY}, {"id": "vendor", "key": pem}]
    }
    build, vendor = load_trust(source_of(written, "trust")).signers
    assert (build.key_bytes, vendor.key_bytes) == (bytes.fromhex(KEY), pem.encode())


@pytest.mark.parametrize("key", ["ab", "-----BEGIN PUBLIC KEY-----", "x" * 30_000])
def test_a_signer_without_a_key_is_refused(key: str) -> None:
    written: dict[str, JsonValue] = {"signers": [{"id": "build", "key": key}]}
    wrong = faults(lambda: load_trust(source_of(written, "trust")))
    assert wrong == [("bad-key", "trust:1:1")]


def test_persons_are_trusted_by_their_keys_within_their_time() -> None:
    ada, bob = load_trust(source(TRUST)).persons
    assert ada.key_bytes == bytes.fromhex(KEY)
    assert bob.valid_until == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_a_person_who_changed_keys_stands_twice_under_one_id_and_name() -> None:
    written = TRUST.replace("id: bob, name: Bob", "id: ada, name: Ada")
    assert {one.id for one in load_trust(source(written)).persons} == {"ada"}


def test_a_key_may_be_written_as_base64() -> None:
    (ada, _) = load_trust(source(TRUST.replace(KEY, OTHER_KEY))).persons
    assert ada.key_bytes == bytes.fromhex(KEY)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (KEY, "abc", "bad-key"),
        (KEY, "YWJj", "bad-key"),
        (KEY, "ä" * 44, "bad-key"),
        ("cd" * 32, KEY, "trust-key-twice"),
        ("cd" * 32, OTHER_KEY, "trust-key-twice"),
        ("name: Bob", "name: ADA", "trust-person-twice"),
        ("id: bob", "id: ADA", "trust-person-twice"),
        ("2027-01-01T00:00:00+01:00", "2025-01-01T00:00:00Z", "trust-never-valid"),
        ("2027-01-01T00:00:00+01:00", "2027-01-01", "bad-instant"),
        ("2027-01-01T00:00:00+01:00", "2027-13-01T00:00:00Z", "bad-instant"),
        ("2027-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00", "bad-instant"),
        ("2027-01-01T00:00:00+01:00", "1798761600", "bad-instant"),
        ("2027-01-01T00:00:00+01:00", "1066-01-01T00:00:00Z", "bad-instant"),
        ("2027-01-01T00:00:00+01:00", "9999-01-01T00:00:00Z", "bad-instant"),
        ("2027-01-01T00:00:00+01:00", "2027-01-01T00:00:00", "bad-instant"),
        ("id: ada", "id: ''", "bad-form"),
        ("roles: [model-risk]", "roles: []", "out-of-range"),
    ],
)
def test_an_unsound_trust_file_is_refused(old: str, new: str, code: str) -> None:
    wrong = faults(lambda: load_trust(source(TRUST.replace(old, new))))
    assert [found for found, _ in wrong] == [code]


def test_a_waiver_in_a_file_has_an_approval_that_nobody_has_verified() -> None:
    (waiver,) = load_waivers(source(WAIVER))
    assert waiver.approval is not None
    assert (waiver.approval.person, waiver.approval.verified) == ("bob", False)
    assert waiver.rows == ("slice=a",)


def test_a_waiver_may_wait_for_its_approval() -> None:
    text = WAIVER.replace("    approver: bob\n    approved_at: 2026-11-01T00:00:00Z\n", "")
    (waiver,) = load_waivers(source(text))
    assert waiver.approval is None


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("    rows: [slice=a]\n", "", "waiver-names-nothing", "2:5"),
        (
            "    rows: [slice=a]\n",
            "    rows: [slice=a]\n    releases: []\n",
            "out-of-range",
            "7:15",
        ),
        ("rows: [slice=a]", "rows: [slice=a]\n    whole: true", "waiver-names-both", "6:11"),
        ("approver: bob", "approver: ada", "waiver-self-approved", "9:15"),
        ("    approver: bob\n", "", "waiver-approval-incomplete", "9:18"),
        ("    approved_at: 2026-11-01T00:00:00Z\n", "", "waiver-approval-incomplete", "9:15"),
        ("expires:", "starts: 2027-01-01T00:00:00Z\n    expires:", "waiver-never-holds", "12:14"),
        (
            "reason:",
            "compensating: demo.recall/floor\n    reason:",
            "waiver-compensates-itself",
            "7:19",
        ),
        ("    expires: 2027-01-01T00:00:00Z\n", "", "missing-key", "2:5"),
        ("reason: Small slice.", "reason: ''", "out-of-range", "7:13"),
        ("id: W-1", "id: W 1", "bad-form", "2:9"),
        ("rule: floor", "rule: Floor", "bad-form", "4:11"),
        ("approver: bob", "approver: bob\n    verified: true", "unknown-key", "10:5"),
    ],
)
def test_an_unsound_waiver_is_refused(old: str, new: str, code: str, place: str) -> None:
    wrong = faults(lambda: load_waivers(source(WAIVER.replace(old, new))))
    assert wrong == [(code, f"demo.yaml:{place}")]


def test_two_waivers_may_not_have_one_id() -> None:
    twice = WAIVER + WAIVER.removeprefix("waivers:\n")
    assert faults(lambda: load_waivers(source(twice))) == [("waiver-id-twice", "demo.yaml:12:9")]
