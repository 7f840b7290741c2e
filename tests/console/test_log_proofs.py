"""The log on its page: what is downloaded there is believed by who trusts the keys alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from assaybook.console import links
from assaybook.ledger.log import Receipt, check_proof, read_state
from assaybook.ledger.root import read_root
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.settings import now
from support.api import Caller
from support.api_use import EVIDENCE, a_report, a_server
from support.console import Browser, key_of
from support.roots import LOG

_RECEIPT = TypeAdapter(Receipt)


@pytest.fixture(scope="module")
def caller(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Yield a server with keys of its log."""
    folder = tmp_path_factory.mktemp("log")
    make_keys(folder / "keys", LOG, Change(now()))
    shutil.copy(sqlite_template, folder / "assay.db")
    with a_server(f"sqlite:///{folder / 'assay.db'}", keys=folder / "keys") as one:
        yield one


def test_the_proof_of_a_document_is_offered_on_its_page_and_holds(caller: Caller) -> None:
    receipt = caller.post(EVIDENCE, content=a_report()).json()["accepted"][0]
    auditor = Browser(caller, key_of(caller, roles=("auditor",)))
    page = auditor.shown(links.document(receipt["evidence"]))
    assert links.proof(receipt["seq"]) in page
    proof = auditor.get(links.proof(receipt["seq"]))
    named = f'attachment; filename="proof-{receipt["seq"]}.json"'
    assert proof.headers["content-disposition"] == named
    root = read_root(auditor.get(links.log_keys()).content)
    held = read_state(auditor.get(links.checkpoint()).text, root, now=now())
    found = _RECEIPT.validate_json(proof.content)
    assert check_proof(found, root, now=now()).checkpoint.size <= held.checkpoint.size
    assert receipt["evidence"] in found.entry
    assert LOG in auditor.shown(links.ledger())


def test_proofs_are_for_those_who_may_know_of_all_systems(caller: Caller) -> None:
    limited = Browser(caller, key_of(caller, "lim", roles=("auditor",), systems={"s"}))
    author = Browser(caller, key_of(caller, "ann", roles=("author",)))
    assert limited.get(links.proof(1)).status_code == 403
    assert limited.get(links.checkpoint()).status_code == 200
    assert author.get(links.checkpoint()).status_code == 403
    assert limited.get("/ledger/proofs/0.json").status_code == 403


@pytest.mark.parametrize("entry", ["0.json", "999.json", "1", "x.json"])
def test_what_is_no_entry_is_not_there(caller: Caller, entry: str) -> None:
    assert Browser(caller, key_of(caller)).get(f"/ledger/proofs/{entry}").status_code == 404
