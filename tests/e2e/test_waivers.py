"""A governance lead accepts fails for a time: proposes, has signed, checks, and adopts."""

from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.api.app import create_app
from support.api import a_service, headers_of, served
from support.commands import Done, assay, refused
from support.small import AS_OF, WAIVERS, Small, a_document, a_small_system

ASKED: Final = ("--requester", "ada", "--expires", "2036-01-01T00:00:00Z")
SIGNED: Final = ("--person", "mara", "--key", "mara.pem", "--at", AS_OF)
PEOPLE: Final = ("--trust", "people.yaml")


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Return a small system that fails, what a check of it found, and a person who signs."""
    made = a_small_system(tmp_path / "small")
    made.write("evidence/metrics.json", a_document(0.1))
    made.write("findings.json", made.check("--format", "json").out)
    key = ("trust", "key", "--person", "mara", "--role", "waiver-approver", "-o", "mara.pem")
    made.write("people.yaml", _waive(made, *key).out)
    return made


def _waive(small: Small, *words: object) -> Done:
    return assay(*words, inside=small.folder)


def _gate(small: Small, *more: object) -> Any:
    return small.check("--format", "json", *more).value["gate"]


def test_a_baseline_that_another_person_signed_tells_old_fails_from_new(small: Small) -> None:
    named = ("--findings", "findings.json", "--reason", "Adopting")
    written = _waive(small, "waiver", "baseline", *named, *ASKED)
    assert (written.code, "1 fail of 1 rule: baseline.yaml" in written.err) == (0, True)
    baseline = ("--baseline", "baseline.yaml", *PEOPLE)
    look = ("waiver", "check", "baseline.yaml", *PEOPLE, "--format", "json")
    waiting = _waive(small, *look, "--as-of", AS_OF)
    assert (waiting.code, waiting.value[0]["note"]) == (0, "nobody has approved it")
    pending = small.check(*baseline)
    assert (pending.code, "nobody has approved it" in pending.out) == (1, True)
    sign = _waive(small, "waiver", "approve", "baseline.yaml", "triage", *SIGNED)
    assert sign.code == 0
    accepted = small.check(*baseline)
    assert accepted.code == 4  # what is accepted is no pass
    assert "Fail, baselined" in accepted.out
    assert "1 baselined" in accepted.out
    small.write("evidence/metrics.json", a_document(0.05))
    worse = small.check("--format", "markdown", *baseline)
    assert (worse.code, "worse" in worse.out) == (1, True)
    small.write("evidence/metrics.json", a_document(0.9))
    mended = small.check(*baseline)
    assert (mended.code, "mended: take it out" in mended.out) == (0, True)
    small.write("now.json", small.check("--format", "json", *baseline).out)
    standing = _waive(small, *look, "--findings", "now.json").value
    assert [(one["state"], one["note"]) for one in standing] == [("in_force", "1 mended")]
    late = _waive(small, *look, "--as-of", "2036-01-01T00:00:00Z")
    assert (late.code, "error[waiver-expired] baseline.yaml" in late.err) == (1, True)
    again = _waive(small, "waiver", "baseline", *named, *ASKED)
    assert (again.code, "error[file-exists]" in again.err) == (2, True)


def test_a_server_takes_a_baseline_with_a_check_and_tells_whose_signatures_count(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = ("--findings", "findings.json", "--reason", "Adopting")
    _waive(small, "waiver", "baseline", *named, *ASKED)
    policies, trust = small.folder / "policies", small.folder / "people.yaml"
    database = f"sqlite:///{tmp_path / 'assay.db'}"
    assert assay("db", "upgrade", "--database", database).code == 0
    with a_service(database, policies=(policies,), trust=trust) as service:
        key = headers_of(service)["Authorization"].removeprefix("Bearer ")
        monkeypatch.setenv("ASSAY_API_KEY", key)
        with served(create_app(service)) as url:
            words = ("check", "evidence", "--release", "1", "--server", url, "--as-of", AS_OF)
            accept = (*words, "--format", "json", "--baseline", "baseline.yaml")
            pending = assay(*accept, inside=small.folder)
            _waive(small, "waiver", "approve", "baseline.yaml", "triage", *SIGNED)
            accepted = assay(*accept, inside=small.folder)
            plain = assay(*words, inside=small.folder)
    here = small.check("--format", "json", "--baseline", "baseline.yaml", *PEOPLE)
    assert (pending.code, accepted.code, plain.code) == (1, here.code, 1)
    assert accepted.value["baseline"] == here.value["baseline"]
    assert accepted.value["baseline"]["approver"] == "mara"
    assert accepted.value["gate"]["counts"] == here.value["gate"]["counts"]


def test_a_baseline_is_linted_and_every_fault_of_it_is_told(small: Small) -> None:
    named = ("--findings", "findings.json", "--reason", "Adopting", "--id", "B 1")
    refused = _waive(small, "waiver", "baseline", *named, "--requester", "a b", *ASKED[2:])
    assert (refused.code, refused.err.count("error[bad-form]")) == (5, 2)
    _waive(small, "waiver", "baseline", *named[:4], *ASKED)
    assert _waive(small, "policy", "lint", "baseline.yaml").code == 0


def test_waivers_and_baselines_in_place_of_one_another_are_told_as_what_they_are(
    small: Small,
) -> None:
    small.write("waivers.yaml", WAIVERS)
    small.write("baseline.yaml", "baseline: b\n")
    listed = refused(_waive(small, "waiver", "list", "baseline.yaml"), 2, "waivers-are-baseline")
    assert "assay waiver check baseline.yaml" in listed
    refused(small.check("--waivers", "baseline.yaml"), 2, "waivers-are-baseline")
    assert "--waivers" in refused(
        small.check("--baseline", "waivers.yaml"), 2, "baseline-is-waivers"
    )


def test_a_signature_that_does_not_count_shows_as_unverified_and_changes_no_gate(
    small: Small,
) -> None:
    small.write("waivers.yaml", WAIVERS)
    named = ("waiver", "approve", "waivers.yaml", "W-1", "--person", "cy", "--key", "cy.pem")
    assert "assay trust key" in refused(_waive(small, *named), 2, "file-missing")
    small.write("cy.yaml", _waive(small, "trust", "key", "--person", "cy", "-o", "cy.pem").out)
    assert _waive(small, *named).code == 0
    trusted = ("--trust", "cy.yaml", "--format", "json")
    listed = _waive(small, "waiver", "list", "waivers.yaml", *trusted)
    assert [(one["state"], one["approver"]) for one in listed.value] == [("pending", "cy")]
    small.write("evidence/metrics.json", a_document(0.4))
    done = small.check("--waivers", "waivers.yaml", *trusted)
    (waiver,) = done.value["waivers"]
    assert (done.code, waiver["state"], waiver["approver_verified"]) == (1, "pending", False)
    assert "not verified" in waiver["note"]
    small.write("waivers.approvals.jsonl", "{}\n")
    unread = small.check("--waivers", "waivers.yaml", *trusted)
    assert "waivers.approvals.jsonl:1: " in refused(unread, 5, "envelope-unreadable")


def test_a_proposal_is_filled_in_signed_and_checked(small: Small) -> None:
    rule = ("waiver", "propose", "quality.floor/floor-is-held", "--findings", "findings.json")
    done = _waive(small, *rule, *ASKED, "-o", "mine.yaml", "--reason", "The next release mends it")
    name = next(line for line in done.out.splitlines() if " id: " in line).split()[-1]
    signed = f"another person signs it: assay waiver approve mine.yaml {name} --person"
    assert (done.code, signed in done.err) == (0, True)
    check = ("waiver", "check", "mine.yaml", "--policies", "policies", *PEOPLE)
    assert _waive(small, *check, "--as-of", AS_OF).code == 0
    assert _gate(small, "--waivers", "mine.yaml", *PEOPLE)["counts"]["fail"] == 1
    assert _waive(small, "waiver", "approve", "mine.yaml", name, *SIGNED).code == 0
    assert _gate(small, "--waivers", "mine.yaml", *PEOPLE)["counts"]["waived"] == 1
    late = _waive(small, *check, "--as-of", "2036-01-01T00:00:00Z", "--format", "json")
    assert (late.code, late.value[0]["refused"]) == (1, ["waiver-expired"])
    assert "error[waiver-expired] mine.yaml" in late.err
    lost = _waive(small, *check, "--findings", "findings.json", "missing.yaml")
    assert (lost.code, "error[file-missing]" in lost.err) == (5, True)
