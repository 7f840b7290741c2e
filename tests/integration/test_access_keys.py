"""Keys and the record of who read what, on either database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import Role
from assaybook.service.keys import (
    LONGEST_LIFE,
    Made,
    Wanted,
    create_key,
    find_by_text,
    new_secret,
    principal_of,
)
from assaybook.service.reads import record_read
from assaybook.store.journal import entries_after
from assaybook.store.keys import find_key, list_keys, note_use, revoke_key
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.stores import SteadyClock, a_work

ANN = Wanted("Ann", "person", (Role.AUDITOR, Role.APPROVER), ("b", "a"))


def _made(engine: Engine, clock: SteadyClock, wanted: Wanted = ANN) -> Made:
    with a_work(engine, clock) as work:
        return create_key(work, wanted, new_secret(), person="operator")


def _refused(engine: Engine, clock: SteadyClock, act: Callable[[UnitOfWork], object]) -> str:
    with pytest.raises((UsageError, OperatorError)) as caught, a_work(engine, clock) as work:
        act(work)
    return caught.value.code


def test_a_key_is_known_by_its_text_and_the_database_holds_no_part_of_its_secret(
    engine: Engine, clock: SteadyClock
) -> None:
    made = _made(engine, clock)
    with Reading(engine) as reading:
        state = find_by_text(reading, made.text, clock())
        rows = repr(reading.connection.execute(text("SELECT * FROM api_keys")).all())
    principal = principal_of(state.key)
    assert (principal.id, principal.name) == (f"key:{made.key.id}", "Ann")
    assert principal.systems == frozenset({"a", "b"})
    assert made.text.split("_", 2)[2] not in rows


def test_a_key_ends_at_its_instant_and_a_wrong_one_never_counts(
    engine: Engine, clock: SteadyClock
) -> None:
    made, other = _made(engine, clock), new_secret()
    before = made.key.expires_at - timedelta(microseconds=1)
    with Reading(engine) as reading:
        assert find_by_text(reading, made.text, before).key == made.key
        for wrong, at in (
            (made.text, made.key.expires_at),
            (made.text[:-1], before),
            (made.text.upper(), before),
            (f"{made.text}\n", before),
            (other, before),
        ):
            with pytest.raises(UsageError) as caught:
                find_by_text(reading, wrong, at)
            assert caught.value.code == "not-authenticated"


def test_a_revoked_key_stays_revoked_and_both_acts_are_in_the_journal(
    engine: Engine, clock: SteadyClock
) -> None:
    made = _made(engine, clock)
    for reason in ("lost", "again"):
        with a_work(engine, clock) as work:
            revoke_key(work, made.key.id, person="bob", reason=reason)
    with Reading(engine) as reading:
        entries = list(entries_after(reading.connection, 0, limit=10))
        with pytest.raises(UsageError):
            find_by_text(reading, made.text, made.key.made_at)
    assert [(one.kind, one.ref) for one in entries] == [
        ("key", made.key.id),
        ("key-revoked", made.key.id),
    ]
    assert '"person":"bob","reason":"lost"' in entries[1].body
    unknown = _refused(
        engine, clock, lambda work: revoke_key(work, "00000000", person="", reason="")
    )
    assert unknown == "key-unknown"


@pytest.mark.parametrize(("person", "reason"), [("bob", " "), ("bob", "\u200b"), ("", "lost")])
def test_a_key_is_revoked_by_a_person_for_a_reason_and_else_still_counts(
    engine: Engine, clock: SteadyClock, person: str, reason: str
) -> None:
    made = _made(engine, clock)
    said = _refused(
        engine, clock, lambda work: revoke_key(work, made.key.id, person=person, reason=reason)
    )
    assert said == "reason-missing"
    with Reading(engine) as reading:
        assert find_by_text(reading, made.text, made.key.made_at).key == made.key


def test_when_a_key_was_last_used_is_kept_and_makes_no_entry(
    engine: Engine, clock: SteadyClock
) -> None:
    made = _made(engine, clock)
    with a_work(engine, clock) as work:
        note_use(work, made.key.id)
    with a_work(engine, clock) as work:
        note_use(work, made.key.id)
        used = work.now
    with Reading(engine) as reading:
        (state,) = list_keys(reading)
        assert state.used_at == used
        assert len(list(entries_after(reading.connection, 0, limit=10))) == 1


@pytest.mark.parametrize(
    ("life", "assurance", "code"),
    [
        (LONGEST_LIFE + timedelta(seconds=1), Assurance.SELF, "key-life-invalid"),
        (timedelta(), Assurance.SELF, "key-life-invalid"),
        (LONGEST_LIFE, Assurance.CI, "key-invalid"),
    ],
)
def test_a_key_that_lives_too_long_or_claims_too_much_is_not_made(
    engine: Engine, clock: SteadyClock, life: timedelta, assurance: Assurance, code: str
) -> None:
    wanted = Wanted("x", "person", (Role.ADMIN,), None, assurance, life)
    refused = _refused(engine, clock, lambda w: create_key(w, wanted, new_secret(), person=""))
    assert refused == code
    with Reading(engine) as reading:
        assert list_keys(reading) == ()


def test_keys_revocations_and_reads_cannot_be_changed_or_removed(
    engine: Engine, clock: SteadyClock
) -> None:
    made = _made(engine, clock)
    with a_work(engine, clock) as work:
        revoke_key(work, made.key.id, person="bob", reason="lost")
        record_read(work, principal_of(made.key), "blob", "sha256:0", "request-1")
    with Reading(engine) as reading:
        last = list(entries_after(reading.connection, 0, limit=10))[-1]
        rows = reading.connection.execute(text("SELECT principal, what, ref, request FROM reads"))
        assert list(map(tuple, rows)) == [(f"key:{made.key.id}", "blob", "sha256:0", "request-1")]
    assert (last.kind, last.ref) == ("read", "sha256:0")
    for table, column in (
        ("api_keys", "body"),
        ("api_key_revocations", "reason"),
        ("reads", "principal"),
    ):
        for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):  # noqa: S608

            def act(work: UnitOfWork, said: str = statement) -> object:
                return work.connection.execute(text(said))

            assert _refused(engine, clock, act) == "record-immutable", statement
    with Reading(engine) as reading:
        assert find_key(reading, made.key.id) is not None
