"""Checkpoints: what a log's key has signed, and nothing else."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.ledger.checkpoint import (
    Checkpoint,
    LogKey,
    log_key,
    read_checkpoint,
    read_log_key,
    signed_checkpoint,
)
from assaybook.ledger.merkle import EMPTY_ROOT

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
NAME = "assay.example/log"
HERE = Checkpoint(NAME, 12, EMPTY_ROOT)
NOTE = signed_checkpoint(HERE, KEY)
DASH = "\N{EM DASH} "


def test_a_signed_checkpoint_reads_back() -> None:
    assert read_checkpoint(NOTE, log_key(KEY, NAME)) == HERE
    assert NOTE.startswith(HERE.body() + "\n" + DASH + NAME + " ")


def test_a_key_reads_back_from_what_is_printed() -> None:
    key = log_key(KEY, NAME)
    assert read_log_key(f" {key.text()}\n") == key


def test_signatures_of_witnesses_stand_beside() -> None:
    witness = f"{DASH}witness.example AAAAAAAA\n"
    body, lines = NOTE.split("\n\n")
    key = log_key(KEY, NAME)
    assert read_checkpoint(f"{body}\n\n{witness}{lines}", key) == HERE
    assert read_checkpoint(f"{NOTE}{witness}", key) == HERE


@pytest.mark.parametrize(
    "note",
    [
        pytest.param("", id="nothing"),
        pytest.param(NOTE.replace("\n12\n", "\n012\n"), id="a size in another form"),
        pytest.param(NOTE.replace("\n12\n", "\n-1\n"), id="a size under nothing"),
        pytest.param(NOTE.replace("\n12\n", f"\n{'9' * 30}\n"), id="a size beyond counting"),
        pytest.param(NOTE.replace("=\n\n", "=\nmore\n\n"), id="another line"),
        pytest.param(NOTE.replace("\n\n", "\n"), id="no empty line"),
        pytest.param(NOTE[:-1], id="no end"),
        pytest.param(NOTE + "x" * 20_000 + "\n", id="too long"),
        pytest.param(NOTE.replace("FU=\n\n", "FV=\n\n"), id="a root in another form"),
        pytest.param(f"{NAME}\n1\nAAAA\n\n{DASH}x y\n", id="a short root"),
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(SubmitterError) as caught:
        read_checkpoint(note, log_key(KEY, NAME), "held.note")
    assert (caught.value.code, caught.value.where) == ("checkpoint-unreadable", "held.note")


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(NOTE.replace("\n12\n", "\n13\n"), id="another size"),
        pytest.param(NOTE.replace(NAME, "other.example/log"), id="another log"),
        pytest.param(NOTE.replace(f"{DASH}{NAME}", f"{DASH}other"), id="another name"),
        pytest.param(NOTE.replace(DASH, "- "), id="another dash"),
        pytest.param(f"{HERE.body()}\n\n", id="no signature"),
        pytest.param(f"{HERE.body()}\n{DASH}{NAME} !\n", id="no base64"),
        pytest.param(
            signed_checkpoint(HERE, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)),
            id="another key",
        ),
        pytest.param(
            f"{HERE.body()}\n" + f"{DASH}w AAAA\n" * 16 + NOTE.split("\n\n")[1],
            id="behind too many others",
        ),
    ],
)
def test_what_the_key_of_the_log_did_not_sign_is_refused(note: str) -> None:
    with pytest.raises(SubmitterError) as caught:
        read_checkpoint(note, log_key(KEY, NAME))
    assert caught.value.code == "checkpoint-unsigned"


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_log_needs_a_name_that_a_note_can_carry(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        log_key(KEY, name)
    assert caught.value.code == "log-name-invalid"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        f"{NAME}+00000000+AAAA",
        log_key(KEY, NAME).text().replace(NAME, "other"),
        "+" + log_key(KEY, NAME).text().partition("+")[2],
    ],
)
def test_what_is_no_key_of_a_log_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_log_key(text)
    assert caught.value.code == "log-key-invalid"


RAW = base64.b64decode(log_key(KEY, NAME).text().split("+", 2)[2])


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x04" + RAW[1:], id="of another algorithm"),
        pytest.param(RAW[:-1], id="a byte short"),
        pytest.param(RAW + b"\x00", id="a byte more"),
    ],
)
def test_a_key_that_is_no_ed25519_is_refused_though_its_id_is_right(raw: bytes) -> None:
    right = LogKey(NAME, raw[1:]).key_id.hex()
    with pytest.raises(UsageError) as caught:
        read_log_key(f"{NAME}+{right}+{base64.b64encode(raw).decode()}")
    assert "Ed25519" in caught.value.message


def test_the_notes_of_the_vectors_come_out_as_they_say(vectors: Path) -> None:
    found = json.loads((vectors / "signed-note-and-dsse.json").read_text(encoding="utf-8"))
    key = read_log_key(found["verifier_key"])
    for one in found["notes"]:
        try:
            read_checkpoint(one["note"], key)
            held = True
        except SubmitterError:
            held = False
        assert held is (one["expect"] == "valid"), one.get("why")
    assert len(found["notes"]) >= 10
