"""The log over HTTP: an auditor believes what is proven; a server without keys proves nothing."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from assaybook.domain.errors import OperatorError
from assaybook.ledger.log import Growth, Receipt, check_proof, read_state
from assaybook.ledger.root import read_root
from assaybook.service.ledger import LAST_NOTE
from assaybook.service.ledger_keys import Change, make_keys, rotate_key
from assaybook.settings import now
from assaybook.store.journal import last_place
from assaybook.store.unit_of_work import Reading
from support.api import Caller, a_service, calling, headers_of
from support.roots import LOG
from support.stores import SteadyClock, registered

_RECEIPT = TypeAdapter(Receipt)
_GROWTH = TypeAdapter(Growth)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    make_keys(folder, LOG, Change(now()))
    return folder


def _clock(caller: Caller) -> SteadyClock:
    """Return a clock that stays by the present, in which the keys of callers count."""
    return SteadyClock(caller.service.clock(), timedelta(microseconds=1))


@pytest.fixture
def caller(sqlite_database: str, keys: Path) -> Iterator[Caller]:
    with calling(sqlite_database, keys=keys) as one:
        registered(one.service.engine, _clock(one))
        yield one


def test_an_auditor_follows_the_log_and_believes_only_what_is_proven(
    caller: Caller, keys: Path
) -> None:
    root = read_root(caller.get("/v1/ledger/root").content)
    first = caller.get("/v1/ledger/checkpoint")
    assert first.headers["content-type"] == "text/plain; charset=utf-8"
    held = read_state(first.text, root, now=now())
    page = caller.get("/v1/ledger/entries?limit=2").json()
    rest = caller.get(f"/v1/ledger/entries?cursor={page['next']}").json()
    mine = caller.get("/v1/ledger/entries?system=s&limit=1").json()
    others = caller.get(f"/v1/ledger/entries?system=s&cursor={mine['next']}").json()
    about = [one for one in page["items"] + rest["items"] if one["system"] == "s"]
    assert mine["items"] + others["items"] == about
    assert [one["number"] for one in about] == [*range(1, len(about) + 1)]
    entries = page["items"] + rest["items"]
    assert [one["seq"] for one in entries] == list(range(1, held.checkpoint.size + 1))
    assert "root" in {one["kind"] for one in entries}
    for one in entries:
        for name in (one["seq"], one["digest"]):
            answer = caller.get(f"/v1/ledger/proof/{name}")
            receipt = _RECEIPT.validate_json(answer.content)
            assert check_proof(receipt, root, now=now()) == held
            assert receipt.entry == one["body"]
    rotate_key(keys, "checkpoint", Change(now()))
    later = _clock(caller)
    registered(caller.service.engine, later, systems=("t",))
    known = read_root(caller.get("/v1/ledger/root").content)
    asked = caller.get(f"/v1/ledger/consistency?from={held.checkpoint.size}")
    growth = _GROWTH.validate_json(asked.content)
    grown = check_proof(growth, known, first.text, now=now())
    assert grown.checkpoint.size > held.checkpoint.size
    assert grown.key_id != held.key_id


def test_an_entry_is_proven_as_soon_as_it_is_there(caller: Caller) -> None:
    size = int(caller.get("/v1/ledger/checkpoint").text.split("\n")[1])
    registered(caller.service.engine, _clock(caller), systems=("u",))
    answer = caller.get(f"/v1/ledger/proof/{size + 1}")
    assert answer.json()["size"] > size


def test_what_is_not_in_the_log_is_not_proven(caller: Caller) -> None:
    for path, status, code in (
        ("proof/999", 404, "entry-unknown"),
        (f"proof/sha256:{'0' * 64}", 404, "entry-unknown"),
        ("proof/0", 422, "request-invalid"),
        ("consistency?from=0", 422, "request-invalid"),
        ("consistency?from=999", 400, "size-invalid"),
        ("consistency", 422, "request-invalid"),
        ("entries?cursor=x", 400, "cursor-invalid"),
    ):
        answer = caller.get(f"/v1/ledger/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path


def test_who_may_not_know_of_every_system_reads_no_entry(caller: Caller) -> None:
    headers = headers_of(caller.service, "limited", systems=["s"])
    for path in ("entries", "proof/1"):
        answer = caller.get(f"/v1/ledger/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert caller.get("/v1/ledger/checkpoint", headers=headers).status_code == 200


def test_a_server_without_keys_shows_its_log_and_proves_nothing(sqlite_database: str) -> None:
    with calling(sqlite_database) as caller:
        assert caller.get("/v1/ledger/entries").status_code == 200
        for path in ("checkpoint", "root", "proof/1", "consistency?from=1"):
            answer = caller.get(f"/v1/ledger/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "checkpoint-unknown")


def test_a_server_does_not_start_with_keys_that_others_can_read(
    sqlite_database: str, keys: Path
) -> None:
    (file,) = keys.glob("checkpoint-*.pem")
    file.chmod(0o604)
    with pytest.raises(OperatorError) as caught, a_service(sqlite_database, keys=keys):
        pass
    assert caught.value.code == "key-exposed"


def test_a_server_signs_at_its_start_what_is_there_so_that_a_lost_end_is_noticed(
    sqlite_database: str, keys: Path
) -> None:
    with a_service(sqlite_database, keys=keys) as service:
        note = (keys / LAST_NOTE).read_text(encoding="utf-8")
        with Reading(service.engine) as reading:
            assert note.split("\n")[1] == str(last_place(reading.connection)[0])


def test_a_server_does_not_start_on_an_older_backup_and_writes_nothing_behind_it(
    sqlite_database: str, keys: Path, tmp_path: Path
) -> None:
    file, backup = tmp_path / "assay.db", tmp_path / "backup.db"
    with a_service(sqlite_database, keys=keys):
        pass
    shutil.copy(file, backup)
    with a_service(sqlite_database, keys=keys) as service:
        registered(service.engine, SteadyClock(now()))
    with a_service(sqlite_database, keys=keys):
        pass
    shutil.copy(backup, file)
    before = file.read_bytes()
    with pytest.raises(OperatorError) as caught, a_service(sqlite_database, keys=keys):
        pass
    assert caught.value.code == "log-cut"
    assert "Restore the newest backup" in caught.value.hint
    assert "move checkpoint.note" in caught.value.hint
    assert file.read_bytes() == before
    # Somebody wrote to it without the keys, until it was as long as what was lost.
    with a_service(sqlite_database) as service:
        registered(service.engine, SteadyClock(now()), systems=("t", "u", "v"))
    with pytest.raises(OperatorError) as caught, a_service(sqlite_database, keys=keys):
        pass
    assert caught.value.code == "log-rewritten"
    (keys / LAST_NOTE).rename(tmp_path / "lost.note")
    with a_service(sqlite_database, keys=keys):
        pass


def test_what_is_wrong_with_the_keys_of_a_server_is_nothing_that_a_caller_learns(
    caller: Caller, keys: Path
) -> None:
    (keys / "root.json").write_bytes(b"{}")
    for path in ("checkpoint", "root", "proof/1"):
        answer = caller.get(f"/v1/ledger/{path}")
        assert (answer.status_code, answer.json()["code"]) == (503, "root-unreadable")
        assert str(keys) not in answer.text
    (keys / "root.json").unlink()
    assert caller.get("/v1/ledger/checkpoint").json()["code"] == "file-missing"
