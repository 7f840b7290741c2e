"""Which evidence counts: each evidence situation, with the list that it must give."""

from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.domain.policy import Assurance
from assaybook.domain.subject import Artifact, Release
from assaybook.domain.waiver import Retirement
from assaybook.language.parser import parse
from support.evidence import (
    AS_OF,
    MODEL,
    TRAIN,
    a_document,
    a_fact,
    a_metric,
    a_subject,
    covered,
    days,
)
from support.rules import a_need, bound, codes, secrets

SECRET = a_fact("security", fingerprint="x", **{"class": "secret"})
VULNERABILITY = a_fact("security", fingerprint="y", **{"class": "vulnerability"})
SECRET_FREE = a_metric()
CLEAN = covered("security/secret")
HIT = covered("security/secret", failed=1)
OTHER = f"sha256:{'9' * 64}"


def _clean(**document: object) -> Evidence:
    return a_document(coverage=[CLEAN], **{"name": "clean.json", **document})  # type: ignore[arg-type]


def _dirty(**document: object) -> Evidence:
    return a_document(SECRET, coverage=[HIT], **{"name": "dirty.json", **document})  # type: ignore[arg-type]


def _gap(**counts: object) -> Evidence:
    return a_document(coverage=[covered("security/secret", **counts)], name="gap.json")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("documents", "rows", "open_"),
    [
        pytest.param([], 0, ["missing"], id="nothing was submitted"),
        pytest.param(
            [a_document(coverage=[covered("security/vulnerability")])],
            0,
            ["not_examined"],
            id="only another question was asked",
        ),
        pytest.param([_clean()], 0, [], id="a complete clean scan proves it empty"),
        pytest.param([_dirty()], 1, [], id="a complete scan with a hit"),
        pytest.param([_gap(examined=0)], 0, ["not_examined"], id="examined nothing"),
        pytest.param([_gap(examined=None)], 0, ["not_examined"], id="examined is unknown"),
        pytest.param([_gap(failed=None)], 0, ["not_examined"], id="failed is unknown"),
        pytest.param([_gap(errored=None)], 0, ["not_examined"], id="errored is unknown"),
        pytest.param([_gap(skipped=None)], 0, ["not_examined"], id="skipped is unknown"),
        pytest.param(
            [_gap(examined=1, skipped=99)], 0, ["not_examined", "skipped"], id="1 of 100 examined"
        ),
        pytest.param([_gap(errored=1)], 0, ["not_examined", "errored"], id="one file errored"),
        pytest.param(
            [_gap(failed=3)], 0, ["missing", "not_examined"], id="failures that it does not show"
        ),
        pytest.param([_clean(age=91)], 0, ["stale"], id="a stale clean scan"),
        pytest.param([_clean(age=None)], 0, ["undated"], id="an undated clean scan"),
        pytest.param([_clean(release="2")], 0, ["wrong_subject"], id="a scan of another release"),
        pytest.param([_clean(), _dirty(tool="b")], 1, [], id="two tools of which one is clean"),
        pytest.param(
            [_dirty(age=5, received=5), _clean()], 0, [], id="dirty last week and clean today"
        ),
        pytest.param(
            [_clean(age=5, received=5), _dirty()], 1, [], id="clean last week and dirty today"
        ),
        pytest.param(
            [_dirty(age=5, received=5), _gap(errored=3)],
            1,
            ["not_examined", "errored"],
            id="a newer incomplete rescan leaves the older hit",
        ),
        pytest.param(
            [_dirty(age=5, received=5), _gap(examined=None)],
            1,
            ["not_examined"],
            id="a newer rescan without counts leaves the older hit",
        ),
        pytest.param(
            [_dirty(submission="a", age=2), _clean(submission="a")],
            1,
            [],
            id="documents of one submission stand together",
        ),
        pytest.param([_dirty(), _clean()], 1, [], id="documents of one instant stand together"),
        pytest.param(
            [_clean(age=3, received=3), _dirty(age=None)],
            0,
            ["undated"],
            id="a newer undated dirty one beside an older clean one",
        ),
        pytest.param(
            [_clean(age=3, received=3), _dirty(age=None, received=4)],
            0,
            [],
            id="an undated one received before the clean one was made",
        ),
        pytest.param(
            [_clean(), _dirty(tool="b", age=91)],
            0,
            ["stale"],
            id="a source that once found something and is silent since",
        ),
    ],
)
def test_a_list_that_may_be_empty_is_closed_only_by_proof(
    documents: list[Evidence], rows: int, open_: list[str]
) -> None:
    found = bound(secrets(), *documents)
    assert (found.use.rows, sorted(set(codes(found)))) == (rows, sorted(open_))
    assert found.use.proven_empty == (rows == 0 and not open_)


def test_forty_shards_of_one_run_count_together() -> None:
    shards = [
        a_document(
            a_fact("security", fingerprint=str(number), **{"class": "secret"}),
            coverage=[HIT],
            name=f"{number}.json",
            submission="run",
        )
        for number in range(40)
    ]
    assert bound(secrets(), *shards).use.rows == 40


def test_the_newest_run_without_the_row_is_an_answer() -> None:
    older = a_document(a_metric(), age=5, received=5)
    newer = a_document(a_metric("accuracy"))
    found = bound(a_need(where='row.name == "recall"'), older, newer)
    assert (found.use.rows, codes(found)) == (0, ["no_match"])
    assert [one.code for one in found.left_out] == ["superseded"]


def test_that_another_document_answers_in_its_place_is_no_reason_for_an_unknown() -> None:
    older = a_document(a_metric(), age=100, received=100)
    newer = a_document(a_metric(), age=95, received=95)
    found = bound(a_need(), older, newer)
    assert sorted(set(codes(found))) == ["stale"]
    assert {one.code for one in found.left_out} == {"stale", "superseded"}


def test_a_switch_to_another_method_leaves_the_old_one_behind() -> None:
    psi = a_document(a_fact("drift", column="a", method="psi", value=0.01), age=3, received=3)
    ks = a_document(a_fact("drift", column="a", method="ks", value=0.001))
    found = bound(a_need("drift", where='row.method == "psi"'), psi, ks)
    assert (found.use.rows, codes(found)) == (0, ["no_match"])


def test_a_weaker_newer_document_is_said_and_does_not_count() -> None:
    strong = _dirty(age=5, received=5)
    weak = _clean(assurance=Assurance.SELF)
    found = bound(secrets(assurance=Assurance.CI), strong, weak)
    assert found.use.rows == 1
    assert [one.code for one in found.left_out] == ["low_assurance"]
    assert "its assurance is self, ci is asked" in found.use.notes[0]


def test_evidence_that_is_too_weak_is_the_reason_where_there_is_no_other() -> None:
    found = bound(secrets(assurance=Assurance.CI), _clean(assurance=Assurance.SELF))
    assert codes(found) == ["low_assurance"]


def test_a_signed_file_with_counts_of_an_unsigned_manifest_is_as_weak_as_the_manifest() -> None:
    mixed = _clean(assurance=Assurance.SIGNED, declared=("coverage",))
    assert codes(bound(secrets(assurance=Assurance.CI), mixed)) == ["low_assurance"]


def test_without_a_digest_a_signature_is_worth_no_more_than_ci() -> None:
    need = secrets(assurance=Assurance.SIGNED)
    found = bound(need, _clean(assurance=Assurance.SIGNED))
    assert codes(found) == ["low_assurance"]
    why = "it is signed, and no digest in it is one of the release"
    assert {one.message for one in found.use.open} == {why}
    about = [AboutArtifact(digest=MODEL)]
    assert codes(bound(need, _clean(assurance=Assurance.SIGNED, artifacts=about))) == []


def test_skips_that_were_accepted_by_name_leave_the_list_closed() -> None:
    row = covered("security/secret", skipped=1, skipped_items=("ours",))
    scan = a_document(coverage=[row])
    need = secrets(may_skip="params.ours")
    assert codes(bound(secrets(), scan)) == ["not_examined", "skipped"]
    assert bound(need, scan, params={"ours": ("ours",)}).use.proven_empty
    assert bound(need, scan, params={"ours": ("ours",)}).use.coverage[0].accepted_skips == ("ours",)


def test_a_share_may_be_left_unexamined_where_the_need_says_so() -> None:
    need = secrets(min_examined=0.9)
    assert bound(need, _gap(examined=95, skipped=5)).use.proven_empty
    assert not bound(need, _gap(examined=80, skipped=20)).use.proven_empty


def test_an_ordinary_need_is_open_while_something_was_skipped() -> None:
    one = a_document(a_metric(), coverage=[covered("metric/quality", 1, skipped=99)])
    found = bound(a_need(where='row.name == "recall"'), one)
    assert (found.use.rows, codes(found)) == (1, ["skipped"])


def test_every_question_that_a_need_names_must_be_answered() -> None:
    email = a_document(coverage=[covered("pii/email")])
    need = a_need("pii", of=("pii/email", "pii/phone"), may_be_empty=True)
    assert codes(bound(need, email)) == ["not_examined"]
    assert bound(need, email, a_document(coverage=[covered("pii/phone")])).use.proven_empty


def test_every_data_set_must_be_scanned() -> None:
    two = (
        Artifact(name="d1", kind="dataset", digest=TRAIN),
        Artifact(name="d2", kind="dataset", digest=OTHER),
    )
    subject = a_subject(release={"artifacts": two})
    need = a_need("pii", of=("pii/email",), may_be_empty=True, about="dataset")
    scan = a_document(coverage=[covered("pii/email")], artifacts=[AboutArtifact(digest=TRAIN)])
    assert codes(bound(need, scan, subject=subject)) == ["missing"]
    other = a_document(coverage=[covered("pii/email")], artifacts=[AboutArtifact(digest=OTHER)])
    assert bound(need, scan, other, subject=subject).use.proven_empty


def test_a_scan_that_did_not_ask_is_said_and_not_the_scan_of_the_other_data_set() -> None:
    two = (
        Artifact(name="d1", kind="dataset", digest=TRAIN),
        Artifact(name="d2", kind="dataset", digest=OTHER),
    )
    subject = a_subject(release={"artifacts": two})
    need = a_need("pii", of=("pii/email", "pii/phone"), may_be_empty=True, about="dataset")
    less, both = (
        a_document(
            coverage=[covered(question) for question in asked],
            artifacts=[AboutArtifact(digest=digest)],
        )
        for asked, digest in ((("pii/email",), TRAIN), (("pii/email", "pii/phone"), OTHER))
    )
    found = bound(need, less, both, subject=subject)
    assert [(one.code, one.path) for one in found.use.open] == [
        ("not_examined", "pii/phone of dataset d1")
    ]
    assert not found.left_out


_CHECKED = a_fact("data_check", check="not_null", family="null", column="age", status="pass")


@pytest.mark.parametrize(
    ("second", "open_"),
    [
        pytest.param([], [("missing", "found of dataset d2")], id="nobody says anything"),
        pytest.param(
            [a_document(_CHECKED, artifacts=[AboutArtifact(digest=OTHER)])], [], id="as good"
        ),
        pytest.param(
            [a_document(SECRET_FREE, artifacts=[AboutArtifact(digest=OTHER)])],
            [("missing", "found of dataset d2")],
            id="of another kind",
        ),
        pytest.param(
            [
                a_document(
                    coverage=[covered("data_check/unique")],
                    artifacts=[AboutArtifact(digest=OTHER)],
                )
            ],
            [("not_examined", "found of dataset d2")],
            id="something else was looked for",
        ),
        pytest.param(
            [a_document(_CHECKED, age=91, artifacts=[AboutArtifact(digest=OTHER)])],
            [("stale", "data_check/null in file.json")],
            id="too old",
        ),
    ],
)
def test_one_data_set_that_was_looked_at_does_not_speak_for_the_other(
    second: list[Evidence], open_: list[tuple[str, str]]
) -> None:
    two = (
        Artifact(name="d1", kind="dataset", digest=TRAIN),
        Artifact(name="d2", kind="dataset", digest=OTHER),
    )
    need = a_need("data_check", about="dataset", where='row.family == "null"')
    first = a_document(_CHECKED, artifacts=[AboutArtifact(digest=TRAIN)])
    found = bound(need, first, *second, subject=a_subject(release={"artifacts": two}))
    assert [(one.code, one.path) for one in found.use.open] == open_


def test_a_release_without_a_registered_data_set_proves_nothing() -> None:
    need = a_need("pii", of=("pii/email",), may_be_empty=True, about="dataset")
    scan = a_document(coverage=[covered("pii/email")])
    found = bound(need, scan, subject=a_subject(release={"artifacts": ()}))
    assert codes(found) == ["missing"]


def test_a_scan_of_the_wrong_place_does_not_cover() -> None:
    need = secrets(covers='scope.path == "."')
    assert bound(need, _clean(scope=Scope(path="."))).use.proven_empty
    assert codes(bound(need, _clean(scope=Scope(path="src")))) == ["not_examined"]
    assert "null" in codes(bound(need, _clean()))


def test_a_row_whose_condition_is_unknown_stays_possible() -> None:
    loose = a_document(a_metric(split=None), coverage=[covered("metric/quality")])
    found = bound(a_need(where='row.split == "holdout"'), loose)
    assert (found.use.rows, found.use.possible, codes(found)) == (0, 1, ["null"])


def test_a_value_of_a_need_that_nobody_has_set_opens_the_list() -> None:
    need = secrets(fresh_for="params.max_age")
    assert codes(bound(need, _clean(age=0), params={"max_age": None})) == ["param_unset"]
    assert bound(need, _clean(), params={"max_age": days(2)}).use.proven_empty


def test_a_need_with_a_term_that_nobody_has_set_shows_no_row_as_sure() -> None:
    """With an age of its own another document may count, and what it says may disagree."""
    need = a_need(fresh_for="params.max_age")
    today = a_document(a_metric(), age=0, coverage=[covered("metric/quality")])
    assert bound(need, today, params={"max_age": days(2)}).use.rows == 1
    unset = bound(need, today, params={"max_age": None})
    assert (unset.use.rows, unset.bag.members, codes(unset)) == (0, (), ["param_unset"])
    for one in unset.bag.extra.values():
        assert (one.members, one.ghost) == ((), unset.bag.ghost)


def test_questions_assurance_and_skips_can_be_params() -> None:
    need = secrets(of=parse("params.of"), assurance=parse("params.least"))
    params = {"of": ("security/secret",), "least": "ci"}
    assert bound(need, _clean(), params=params).use.proven_empty
    assert "low_assurance" in codes(bound(need, _clean(), params={**params, "least": "odd"}))
    unset = bound(need, _clean(), params={**params, "of": None})
    assert codes(unset) == ["param_unset"]


def test_age_is_not_asked_where_evidence_never_ages() -> None:
    need = secrets(fresh_for=None)
    assert bound(need, _clean(age=None)).use.proven_empty
    assert bound(need, _clean(age=4000, received=4000)).use.proven_empty


def test_what_was_received_later_is_not_seen() -> None:
    assert codes(bound(secrets(), _clean(received=-1))) == ["missing"]


def test_a_retired_source_no_longer_keeps_the_list_open() -> None:
    silent = _dirty(tool="b", age=91, received=91)
    gone = Retirement(format="tool", tool="b", reason="replaced", person="lead", at=AS_OF - days(1))
    found = bound(secrets(), _clean(), silent, retirements=(gone,))
    assert found.use.proven_empty
    assert [one.code for one in found.left_out] == ["retired"]


def test_a_source_that_answers_after_its_retirement_counts_again() -> None:
    again = _dirty(tool="b")
    gone = Retirement(format="tool", tool="b", reason="replaced", person="lead", at=AS_OF - days(2))
    assert bound(secrets(), _clean(), again, retirements=(gone,)).use.rows == 1


def test_a_document_of_which_only_a_part_could_be_read_opens_the_list() -> None:
    assert "malformed" in codes(bound(secrets(), _clean(malformed=True)))


def test_a_pass_expires_when_its_oldest_document_grows_stale() -> None:
    found = bound(secrets(), _clean(age=10), _clean(age=3, tool="b"))
    assert found.expires_at == AS_OF - days(10) + days(90)


def test_a_condition_on_the_kind_asks_only_the_questions_that_it_allows() -> None:
    vulnerable = a_document(VULNERABILITY, coverage=[covered("security/vulnerability", skipped=9)])
    secret = a_document(SECRET, coverage=[HIT], tool="b")
    found = bound(a_need("security", where='row.class == "secret"'), vulnerable, secret)
    assert (found.use.rows, codes(found)) == (1, [])


def test_coverage_and_documents_can_be_read_by_rules() -> None:
    bag = bound(secrets(), _clean()).bag
    assert len(bag.extra["coverage"].members) == 1
    assert len(bag.extra["evidence"].members) == 1


@pytest.mark.parametrize(
    ("age", "rows"),
    [pytest.param(5, 1, id="while it is fresh"), pytest.param(91, 0, id="until it is stale")],
)
def test_a_weaker_newer_document_never_takes_the_place_of_a_stronger_one(
    age: float, rows: int
) -> None:
    strong = _dirty(age=age, received=age, assurance=Assurance.CI)
    found = bound(secrets(), strong, _clean(assurance=Assurance.SELF))
    assert (found.use.rows, found.use.proven_empty) == (rows, rows == 0)


def test_a_stronger_newer_document_takes_the_place_of_a_weaker_one() -> None:
    weak = _dirty(age=5, received=5, assurance=Assurance.SELF)
    assert bound(secrets(), weak, _clean(assurance=Assurance.CI)).use.proven_empty


def test_a_question_with_unknown_counts_and_no_rows_is_not_answered() -> None:
    need = a_need("data_check", of=("data_check/null", "data_check/label"))
    nulls = a_fact("data_check", check="c", family="null", status="pass")
    told = [covered("data_check/null"), covered("data_check/label", examined=None)]
    assert codes(bound(need, a_document(nulls, coverage=told))) == ["not_examined"]


@pytest.mark.parametrize("age", [91, None])
def test_a_source_that_never_looked_does_not_keep_the_list_open(age: float | None) -> None:
    nothing = covered("security/secret", 0)
    silent = a_document(SECRET_FREE, coverage=[nothing], tool="b", age=age)
    assert bound(secrets(), _clean(), silent).use.proven_empty


@pytest.mark.parametrize("age", [91, None])
def test_a_source_that_never_looked_proves_nothing_by_itself(age: float | None) -> None:
    nothing = covered("security/secret", 0)
    found = bound(secrets(), a_document(SECRET_FREE, coverage=[nothing], tool="b", age=age))
    assert codes(found) == ["not_examined"]


def test_a_metric_by_a_name_that_nobody_reports_is_told_beside_the_names_that_are() -> None:
    found = bound(a_need(where='row.name == "AUC"'), a_document(a_metric("roc_auc")))
    assert codes(found) == ["no_match"]
    assert found.use.open[0].message == 'no metric row has row.name == "AUC" (name is "roc_auc")'
    assert codes(bound(a_need(where='row.name == "AUC"'), a_document())) == ["missing"]


TWO_MODELS = a_subject(
    release={
        "artifacts": (
            Artifact(name="m", kind="model", digest=MODEL),
            Artifact(name="o", kind="model", digest=OTHER),
        )
    }
)


@pytest.mark.parametrize(
    ("named", "open_"),
    [
        pytest.param([[MODEL]], ["missing"], id="one of two models"),
        pytest.param([[MODEL], [OTHER]], [], id="each by a document of its own"),
        pytest.param([[MODEL, OTHER]], [], id="both by one document"),
        pytest.param([[MODEL], []], [], id="one, and the release as a whole"),
        pytest.param(list[list[str]]([[]]), [], id="the release as a whole"),
    ],
)
def test_what_was_measured_of_one_model_says_nothing_of_another(
    named: list[list[str]], open_: list[str]
) -> None:
    documents = [
        a_document(
            a_metric(),
            name=f"{number}.json",
            tool=f"{number}",
            artifacts=[AboutArtifact(digest=digest, kind="model") for digest in digests],
        )
        for number, digests in enumerate(named)
    ]
    found = bound(a_need(), *documents, subject=TWO_MODELS)
    assert codes(found) == open_
    assert found.use.rows == 1


@pytest.mark.parametrize(
    ("undecided", "errored", "open_"),
    [(90, 0, ["errored"]), (0, 0, []), (None, 0, []), (90, 90, ["errored"])],
)
def test_attempts_that_nobody_decided_leave_a_list_open(
    undecided: int | None, errored: int, open_: list[str]
) -> None:
    fact = a_fact(
        "attack", name="p", family="jailbreak", attempts=100, rate=0.0, undecided=undecided
    )
    document = a_document(fact, coverage=[covered("attack/jailbreak", errored=errored)])
    assert codes(bound(a_need("attack"), document)) == open_


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (12, {"examined": 400, "failed": 3}, True),
        (396, {"examined": 400, "failed": 3}, True),
        (397, {"examined": 400, "failed": 3}, False),
        (400, {"examined": 400, "failed": 3}, False),
        (12, {"examined": 400, "failed": 0}, False),
        (12, {"examined": None, "failed": 3}, False),
    ],
    ids=["much less", "one less", "less what was mended", "as much", "clean before", "unknown"],
)
def test_a_clean_rescan_that_looked_at_less_still_counts_and_says_so(
    now: int,
    before: dict[str, Any],
    told: bool,  # noqa: FBT001
) -> None:
    question = "security/secret"
    old = a_document(coverage=[covered(question, **before)], age=5, received=5, name="old.json")
    new = a_document(coverage=[covered(question, now)])
    found = bound(secrets(), old, new)
    assert found.use.proven_empty
    words = f"old.json examined 400 for {question}, found 3, and was replaced by an answer that"
    assert found.use.notes == ((f"{words} examined {now}",) if told else ())


def test_what_is_about_the_release_is_missing_for_its_baseline_and_not_wrong() -> None:
    old = Release(version="0", artifacts=(Artifact(name="m", kind="model", digest=OTHER),))
    subject = a_subject(release={"baseline": "0"}, baseline=old)
    need = a_need(about="baseline")
    found = bound(need, a_document(a_metric()), subject=subject)
    assert (codes(found), found.left_out) == (["missing"], ())
    found = bound(need, a_document(a_metric(), release="7"), subject=subject)
    assert codes(found) == ["wrong_subject"]
    found = bound(need, a_document(a_metric(), release="0"), subject=subject)
    assert codes(found) == []
