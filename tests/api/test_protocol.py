"""Answers on the wire: in as few pieces as there can be, and always whole."""

import asyncio
from typing import Any, cast

import pytest

pytest.importorskip("httptools", reason="without the quick parser nothing is joined")

from assaybook.api.protocol import Joined

HEAD = b"HTTP/1.1 201 Created\r\n\r\n"
LARGE = b"x" * 20_000


class _Wire:
    """Takes down what is sent, and when it was closed."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.sent.append(b"closed")

    def is_closing(self) -> bool:
        return b"closed" in self.sent

    def get_extra_info(self, name: str) -> str:
        return name


def _sent(*pieces: bytes, closed: bool = False) -> list[bytes]:
    wire = _Wire()

    async def send() -> None:
        joined = Joined(cast("Any", wire), asyncio.get_running_loop())
        for piece in pieces:
            joined.write(piece)
        if closed:
            joined.close()
            assert joined.is_closing()
        assert joined.get_extra_info("socket") == "socket"
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(send())
    return wire.sent


def test_head_and_body_of_a_small_answer_leave_in_one_piece() -> None:
    assert _sent(HEAD, b"{}") == [HEAD + b"{}"]


def test_a_head_alone_leaves_when_the_loop_has_its_next_turn() -> None:
    assert _sent(HEAD) == [HEAD]


def test_a_large_piece_is_not_copied_and_comes_after_what_waits() -> None:
    assert _sent(HEAD, LARGE, b"rest") == [HEAD, LARGE, b"rest"]


def test_what_waits_is_sent_before_the_connection_is_closed() -> None:
    assert _sent(HEAD, closed=True) == [HEAD, b"closed"]
    assert _sent(HEAD, b"{}", closed=True) == [HEAD + b"{}", b"closed"]


def test_answers_that_follow_one_another_in_one_turn_keep_their_order() -> None:
    assert b"".join(_sent(HEAD, b"1", HEAD, b"2", HEAD)) == HEAD + b"1" + HEAD + b"2" + HEAD
