"""The days of a release in a store of its own: registered, submitted, judged, waived, approved."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from pypdf import PdfReader

from assaybook.domain.ids import written
from assaybook.settings import now
from support.commands import Done, assay, refused
from support.example import outcomes
from support.small import OVERLAY, POLICY, SYSTEM, WAIVERS, Small, a_document

ABOUT: Final = ("--system", "triage", "--release", "1")
RULE: Final = "quality.floor/floor-is-held"
APPROVAL: Final = """\
policy: approval.one-person
version: 1
title: One person has approved the release
why: Nobody puts a model into use alone.
severity: critical
controls:
  nist-ai-rmf-1.0: {MANAGE 1.1: implements}
rules:
  - id: approved
    attested:
      question: Do you approve this release?
      role: release-approver
      people: 1
      valid_for: 90d
"""


class Store:
    """A small system with a database, and the commands on it."""

    def __init__(self, small: Small) -> None:
        """Register the system and let its policy not grow stale while it is tested."""
        self.small = small
        self.small.write("policies/quality/floor.yaml", POLICY.replace("90d", "never"))
        assert self.run("system", "add", "system.yaml").code == 0

    def run(self, *words: object) -> Done:
        """Run a command in the folder."""
        return assay(*words, inside=self.small.folder)

    def submit(self, name: str, *more: object) -> list[dict[str, Any]]:
        """Submit a file and return what became of it."""
        done = self.run("submit", name, *ABOUT, *more, "--format", "json")
        assert done.code == 0, done.err
        return list(done.value)

    def assess(self, *more: object) -> Done:
        """Judge the release."""
        words = ("assess", *ABOUT, "--policies", "policies", *more, "--format", "json")
        return self.run(*words)

    def key(self, person: str, *roles: str) -> str:
        """Make a key and return the trust entry of its person."""
        given = [word for role in roles for word in ("--role", role)]
        done = self.run("trust", "key", "--person", person, "-o", f"{person}.pem", *given)
        assert done.code == 0, done.err
        return done.out


@pytest.fixture
def store(small: Small) -> Store:
    """Return a store in which the small system is registered."""
    return Store(small)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("submit", "evidence", *ABOUT), id="submit"),
        pytest.param(("assess", *ABOUT), id="assess"),
        pytest.param(("system", "release", "system.yaml"), id="release"),
        pytest.param(("key", "revoke", "k", "--reason", "lost"), id="revoke"),
    ],
)
def test_what_is_about_a_registered_thing_makes_no_database(
    small: Small, words: tuple[str, ...]
) -> None:
    before = sorted(small.folder.iterdir())
    said = refused(assay(*words, inside=small.folder), 2, "database-missing")
    assert "assay system add FILE" in said
    assert sorted(small.folder.iterdir()) == before


def test_a_submission_without_a_document_exits_4_and_is_no_success(store: Store) -> None:
    store.small.write("empty/notes.txt", "a note")
    done = store.run("submit", "empty", *ABOUT)
    assert done.code == 4
    assert "No document was found where the evidence should be" in done.err


def test_a_release_goes_from_registration_to_a_verdict(store: Store) -> None:
    assert store.assess().code == 4
    (first,) = store.submit("evidence")
    assert first["state"] == "accepted"
    done = store.assess()
    assert (done.code, outcomes(done.value)) == (0, {RULE: "pass"})


def test_submitting_the_same_file_twice_is_one_record_and_changes_no_verdict(store: Store) -> None:
    (first,) = store.submit("evidence")
    before = store.assess().value
    (second,) = store.submit("evidence")
    assert (second["state"], second["evidence"]) == ("duplicate", first["evidence"])
    after = store.assess().value
    assert after["assessment"]["evidence_set"] == before["assessment"]["evidence_set"]
    assert outcomes(after) == outcomes(before)


def test_each_file_of_a_submission_is_told_with_the_id_that_it_became(store: Store) -> None:
    first = store.small.write("evidence/metrics.json", a_document(0.9)).read_bytes()
    store.small.write("evidence/a copy.json", first)
    (one, other) = store.submit("evidence")
    assert [(row["file"], row["state"]) for row in (one, other)] == [
        ("evidence/a copy.json", "accepted"),
        ("evidence/metrics.json", "duplicate"),
    ]
    assert one["evidence"] == other["evidence"]
    again = store.run("submit", "evidence", "-", *ABOUT)
    told = {line.split("  ")[0].strip() for line in again.out.splitlines()}
    assert {"evidence/a copy.json", "evidence/metrics.json", "stdin"} <= told


def test_as_of_an_earlier_instant_the_earlier_answer_is_given_byte_for_byte(store: Store) -> None:
    store.submit("evidence")
    then = written(now())
    before = store.assess("--as-of", then)
    assert before.code == 0
    store.small.write("evidence/metrics.json", a_document(0.4, produced_at="2026-11-19T10:00:00Z"))
    store.submit("evidence")
    assert store.assess().code == 1
    again = store.assess("--as-of", then)
    assert (again.code, again.out) == (0, before.out)


def test_an_instant_to_come_cannot_be_judged(store: Store) -> None:
    refused(store.assess("--as-of", "2999-01-01T00:00:00Z"), 2, "as-of-in-the-future")


def test_a_waiver_counts_from_a_verified_approval_until_it_is_revoked(store: Store) -> None:
    small = store.small
    small.write("waivers.yaml", WAIVERS.replace("2027-01-01", "2099-01-01"))
    people = store.key("ann", "waiver-approver") + _entry(store.key("bea", "waiver-approver"))
    small.write("trust.yaml", people)
    small.write("evidence/metrics.json", a_document(0.4))
    store.submit("evidence")
    options = ("--waivers", "waivers.yaml", "--trust", "trust.yaml")
    assert _waived(store.assess(*options)) == (1, "fail", "open", "pending")
    itself = store.run(
        "waiver", "approve", "waivers.yaml", "W-1", "--person", "ann", "--key", "ann.pem"
    )
    refused(itself, 2, "waiver-self-approved")
    sign = ("waiver", "approve", "waivers.yaml", "W-1", "--person", "bea", "--key", "bea.pem")
    assert store.run(*sign).code == 0
    listed = store.run(
        "waiver", "list", "waivers.yaml", "--trust", "trust.yaml", "--format", "json"
    )
    assert listed.value[0]["state"] == "in_force"
    done = store.assess(*options)
    assert _waived(done)[1:] == ("fail", "waived", "in_force")
    assert done.code not in {0, 1}, "a waived fail alone proves nothing"
    untold = store.assess("--waivers", "waivers.yaml")
    assert _waived(untold)[3] == "in_force", "what was verified when it was recorded stays so"
    assert store.run(*sign, "--answer", "no").code == 0
    assert _waived(store.assess(*options)) == (1, "fail", "open", "revoked")


def _entry(trust: str) -> str:
    return trust.removeprefix("persons:\n")


def _waived(done: Done) -> tuple[int, str, str, str]:
    (finding,) = done.value["findings"]
    (waiver,) = done.value["waivers"]
    return done.code, finding["outcome"], finding["disposition"], waiver["state"]


def test_an_approval_that_somebody_else_signed_does_not_count(store: Store) -> None:
    store.small.write("trust.yaml", store.key("bea", "waiver-approver"))
    store.key("eve", "waiver-approver")
    store.small.write("evidence/metrics.json", a_document(0.4))
    store.submit("evidence")
    words = ("waiver", "approve", "waivers.yaml", "W-1", "--person", "bea", "--key", "eve.pem")
    assert store.run(*words).code == 0
    done = store.assess("--waivers", "waivers.yaml", "--trust", "trust.yaml")
    assert _waived(done) == (1, "fail", "open", "pending")


def test_an_attested_yes_counts_until_its_person_says_no(store: Store) -> None:
    small = store.small
    small.write("policies/approval/one-person.yaml", APPROVAL)
    small.write("trust.yaml", store.key("bea", "release-approver"))
    (small.folder / "policies/quality/floor.yaml").unlink()
    sign = ("attest", "approval.one-person/approved", "--system", "system.yaml", "--release", "1")
    signer = ("--person", "bea", "--key", "bea.pem", "--policies", "policies")
    for answer, outcome in (("yes", "pass"), ("no", "fail")):
        done = store.run(*sign, *signer, "--answer", answer, "-o", f"{answer}.json")
        assert done.code == 0, done.err
        assert "Do you approve this release?" in done.err
        store.submit(f"{answer}.json", "--trust", "trust.yaml")
        assert set(outcomes(store.assess().value).values()) == {outcome}


def test_who_asked_for_a_release_is_told_that_an_own_answer_does_not_count(store: Store) -> None:
    small = store.small
    small.write("policies/approval/one-person.yaml", APPROVAL)
    store.key("bea", "release-approver")
    said = (small.folder / "system.yaml").read_text(encoding="utf-8")
    asked = said.replace("- version: '1'", "- version: '1'\n    requested_by: Bea")
    asked = asked.replace('- version: "1"', '- version: "1"\n    requested_by: Bea')
    small.write("asked.yaml", asked)
    sign = ("attest", "approval.one-person/approved", "--release", "1", "--policies", "policies")
    signer = ("--person", "bea", "--key", "bea.pem", "-o", "yes.json")
    own = store.run(*sign, *signer, "--system", "asked.yaml")
    assert (own.code, "bea asked for the release 1" in own.err) == (0, True)
    other = store.run(*sign, *signer, "--system", "system.yaml")
    assert "asked for the release" not in other.err


def test_an_attestation_of_an_untrusted_person_proves_nothing(store: Store) -> None:
    small = store.small
    small.write("policies/approval/one-person.yaml", APPROVAL)
    (small.folder / "policies/quality/floor.yaml").unlink()
    store.key("eve", "release-approver")
    sign = ("attest", "approval.one-person/approved", "--system", "system.yaml", "--release", "1")
    done = store.run(
        *sign, "--person", "eve", "--key", "eve.pem", "--policies", "policies", "-o", "yes.json"
    )
    assert done.code == 0, done.err
    store.submit("yes.json", "--trust", "trust.yaml")
    assert set(outcomes(store.assess().value).values()) == {"inconclusive"}


@pytest.mark.parametrize(
    "rule", ["approval.two-people/approved", "quality.floor/floor-is-held", "x"]
)
def test_nobody_attests_what_is_not_asked(rule: str, store: Store) -> None:
    store.key("bea")
    words = ("--system", "system.yaml", "--release", "1", "--person", "bea", "--key", "bea.pem")
    done = store.run("attest", rule, *words, "-o", "yes.json")
    refused(done, 2)
    assert not (store.small.folder / "yes.json").exists()


@pytest.mark.slow
def test_the_pack_of_a_recorded_release_is_of_the_assessment_of_that_instant(store: Store) -> None:
    store.submit("evidence")
    then = written(now())
    store.small.write("evidence/metrics.json", a_document(0.4, produced_at="2026-11-19T10:00:00Z"))
    store.submit("evidence")
    words = ("--policies", "policies", "--scope", "scope.yaml", "--as-of", then)
    done = store.run("pack", "build", *ABOUT, *words, "-o", "pack.pdf")
    assert (done.code, done.out) == (0, ""), done.err
    judged = store.run("assess", *ABOUT, *words, "--format", "json")
    assert judged.code == 0
    pages = PdfReader(store.small.folder / "pack.pdf").pages[:3]
    text = "".join("".join(page.extract_text().split()) for page in pages)
    assert judged.value["assessment"]["digest"].removeprefix("sha256:") in text


COMMANDS: Final = {
    "submit": ("submit", "evidence", *ABOUT),
    "assess": ("assess", *ABOUT, "--policies", "policies"),
    "pack": ("pack", "build", *ABOUT, "--policies", "policies", "-o", "pack.pdf"),
    "add": ("system", "add", "system.yaml"),
    "show": ("system", "show", "triage"),
}


@pytest.mark.parametrize("command", ["submit", "assess", "pack"])
def test_an_unknown_system_or_release_is_refused_and_records_nothing(
    command: str, store: Store
) -> None:
    words = list(COMMANDS[command])
    words[words.index("triage")] = "triaje"
    refused(store.run(*words), 2, "system-unknown")
    words = list(COMMANDS[command])
    words[words.index("1")] = "9"
    refused(store.run(*words), 2, "release-unknown")
    assert not (store.small.folder / "pack.pdf").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_no_database_is_refused_by_every_command(
    command: str, store: Store
) -> None:
    store.small.write("assaybook.db", b"this is no database, and longer than a header of one\n" * 9)
    refused(store.run(*COMMANDS[command]), 2)
    assert (store.small.folder / "assaybook.db").read_bytes().startswith(b"this is no database")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_a_newer_engine_is_left_alone(command: str, store: Store) -> None:
    with sqlite3.connect(store.small.folder / "assaybook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    said = refused(store.run(*COMMANDS[command]), 2, "database-newer")
    assert "nstall" in said


@pytest.fixture
def locked(store: Store) -> Iterator[Store]:
    """Lend a store that another process is writing to and does not let go of."""
    database = sqlite3.connect(store.small.folder / "assaybook.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    yield store
    database.execute("ROLLBACK")
    database.close()


@pytest.mark.slow
def test_a_locked_database_is_waited_for_and_then_refused(locked: Store) -> None:
    refused(locked.run(*COMMANDS["submit"]), 2, "database-locked")


def test_a_missing_database_is_made_to_write_and_refused_to_read(store: Store) -> None:
    elsewhere = ("--database", "sqlite:///nowhere/other.db")
    refused(store.run(*COMMANDS["show"], *elsewhere), 2, "database-missing")
    refused(store.run(*COMMANDS["add"], *elsewhere), 2)
    refused(store.run(*COMMANDS["show"], "--database", "no address"), 2)
    made = store.run(*COMMANDS["add"], "--database", "sqlite:///other.db")
    assert made.code == 0
    assert "made the database" in made.err


def test_a_broken_file_leaves_the_database_as_it_was_but_for_what_was_refused(
    store: Store,
) -> None:
    kept = store.small.folder / "assaybook.db"
    before = _rows(kept)
    store.small.write("system.yaml", SYSTEM.replace("risk_tier: high", "risk_tier: hihg"))
    refused(store.run(*COMMANDS["add"]), 5)
    store.small.write("overlay.yaml", OVERLAY.replace("floor", "flor"))
    refused(store.assess("--overlay", "overlay.yaml"), 5)
    assert _rows(kept) == before
    store.small.write("evidence/metrics.json", b"{")
    for _again in range(2):
        refused(store.run(*COMMANDS["submit"]), 5, "json-malformed")
        new = {name: many - before[name] for name, many in _rows(kept).items()}
        assert {name: many for name, many in new.items() if many} == {"entries": 1, "refusals": 1}


def _rows(path: Path) -> dict[str, int]:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    database = sqlite3.connect(copy)
    names = [
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    counted = {
        name: database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    }
    database.close()
    return counted


def test_a_source_that_a_person_retires_no_longer_counts_and_says_so(store: Store) -> None:
    store.submit("evidence")
    said = ("--person", "lena", "--reason", "The tool was replaced.")
    source = ("--as", "assaybook", "--tool", "trainer")
    done = store.run("evidence", "retire", "--system", "triage", *source, *said)
    assert done.code == 0, done.err
    after = store.assess()
    assert after.code == 3
    (finding,) = [one for one in after.value["findings"] if one["left_out"]]
    assert [one["code"] for one in finding["left_out"]] == ["retired"]
    assert "lena: The tool was replaced." in finding["left_out"][0]["message"]


def test_only_a_source_that_is_known_can_be_retired(store: Store) -> None:
    store.submit("evidence")
    said = ("--person", "lena", "--reason", "The tool was replaced.")
    done = store.run("evidence", "retire", "--system", "triage", "--as", "gitleaks", *said)
    refused(done, 2, "source-unknown")
