"""The doctor finds what a server would stumble over, and says how to mend it."""

from datetime import timedelta
from pathlib import Path

import pytest

from assaybook.service.doctor import Check, Chosen, examine
from assaybook.service.ledger import LAST_NOTE, sign_log
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.settings import now
from assaybook.shelf import shelf
from assaybook.store.engine import open_engine
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading
from support.roots import LOG
from support.stores import SteadyClock, registered


def _said(chosen: Chosen, *, later: timedelta = timedelta()) -> dict[str, Check]:
    return {one.what: one for one in examine(chosen, lambda: now() + later)}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    make_keys(folder, LOG, Change(now()))
    return folder


def test_what_is_chosen_and_sound_is_told_as_such(database: str, keys: Path) -> None:
    chosen = Chosen(
        database, scope=Path(str(shelf("examples"))) / "diabetes" / "scope.yaml", keys=keys
    )
    found = _said(chosen)
    assert {one.state for one in found.values()} == {"ok"}
    assert {"database", "policies of the server", "keys of the log"} <= set(found)


def test_a_database_that_is_not_made_yet_is_no_fault_and_a_folder_that_is_not_there_is(
    tmp_path: Path,
) -> None:
    found = _said(Chosen(f"sqlite:///{tmp_path / 'new.db'}"))["database"]
    assert (found.state, "none yet" in found.detail) == ("ok", True)
    assert not (tmp_path / "new.db").exists()
    found = _said(Chosen(f"sqlite:///{tmp_path / 'gone' / 'new.db'}"))["database"]
    assert (found.state, "there is no folder" in found.detail) == ("broken", True)


def test_a_clock_behind_the_last_record_is_found_before_a_server_is(database: str) -> None:
    engine = open_engine(database)
    registered(engine, SteadyClock(now() + timedelta(hours=1)))
    engine.dispose()
    found = _said(Chosen(database))["database"]
    assert (found.state, "the clock says" in found.detail) == ("broken", True)
    assert "Mend the clock" in found.remedy


def test_a_file_beside_which_nothing_can_be_written_is_no_database_that_is_not_made_yet(
    sqlite_database: str,
) -> None:
    Path(f"{sqlite_database.removeprefix('sqlite:///')}-wal").mkdir()  # as on a read-only medium
    found = _said(Chosen(sqlite_database))["database"]
    assert (found.state, "write to its folder" in found.remedy) == ("broken", True)


def test_a_file_that_a_server_reads_at_its_start_is_read(
    sqlite_database: str, tmp_path: Path
) -> None:
    (tmp_path / "odd.yaml").write_text("odd: 1\n", encoding="utf-8")
    odd = tmp_path / "odd.yaml"
    found = _said(Chosen(sqlite_database, scope=odd, trust=odd, oidc=odd, overlays=(odd,)))
    for what in ("policies of the server", "trusted persons", "issuers of tokens"):
        assert (found[what].state, "odd.yaml" in found[what].detail) == ("broken", True), what


def test_keys_of_the_log_that_end_soon_or_have_ended_are_told(
    sqlite_database: str, keys: Path
) -> None:
    chosen = Chosen(sqlite_database, keys=keys)
    soon = _said(chosen, later=timedelta(days=1_080))["keys of the log"]
    assert (soon.state, "assay ledger keys rotate" in soon.remedy) == ("soon", True)
    ended = _said(chosen, later=timedelta(days=1_100))["keys of the log"]
    assert (ended.state, "assay ledger keys rotate" in ended.remedy) == ("broken", True)
    (keys / "root.json").unlink()
    assert _said(chosen)["keys of the log"].state == "broken"


def test_a_log_that_lacks_what_its_keys_signed_is_found(sqlite_database: str, keys: Path) -> None:
    engine = open_engine(sqlite_database)
    with Reading(engine) as reading:
        sign_log(reading, keys, now())
    note = (keys / LAST_NOTE).read_text(encoding="utf-8")
    registered(engine, SteadyClock(now() - timedelta(minutes=1)))
    with Reading(engine) as reading:
        sign_log(reading, keys, now())
    engine.dispose()
    chosen = Chosen(sqlite_database, keys=keys)
    assert _said(chosen)["keys of the log"].state == "ok"
    assert (keys / LAST_NOTE).read_text(encoding="utf-8") != note
    file = Path(sqlite_database.removeprefix("sqlite:///"))
    file.unlink()
    made = open_engine(sqlite_database)
    upgrade(made)
    made.dispose()
    found = _said(chosen)["keys of the log"]
    assert (found.state, "Restore the newest backup" in found.remedy) == ("broken", True)
