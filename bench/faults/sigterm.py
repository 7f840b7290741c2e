"""Ask the server to end while it is busy, again and again, and count what it dropped.

`python bench/faults/sigterm.py [TIMES]`, by default 50, on SQLite. Callers post evidence, ask the
gate and have the release assessed, on connections that they keep and on one for each request. One
JSON object. A request that was sent whole before SIGTERM must be answered whole; a later one may
find the door shut, but no answer may end half-way. The exit code is 1 when a promise is broken: a
request dropped, an answer cut, an acknowledged record lost, an exit that is slow or not 0, or a
fault in the ledger.
"""

import argparse
import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import serving

KEEPING: Final = 6
_ONCE: Final = 4
_EXIT_SECONDS: Final = 10.0
_LATEST: Final = 30.0
_PAD: Final = 100_000
_ASSESS: Final = json.dumps({"system": "s", "release": "1"}).encode()
_GATE: Final = "/v1/systems/s/releases/1/gate"


@dataclass
class Seen:
    """What the callers saw in one round; what broke off is kept with when it was sent."""

    answered: Counter[int] = field(default_factory=Counter)
    broken: list[tuple[str, str, float]] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    refused: int = 0


def request_of(caller: int, turn: int, name: str) -> tuple[str, str, bytes]:
    """Return the method, path and body of a request; most are evidence, one in eight is large."""
    if caller == 0:
        return "POST", "/v1/assessments", _ASSESS
    if caller == 1:
        return "GET", _GATE, b""
    body = serving.report(f"{name}-{caller}-{turn}")
    return "POST", serving.EVIDENCE, body + b" " * (_PAD if turn % 8 == 0 else 0)


class Sent(http.client.HTTPConnection):
    """A connection that knows when a request was handed over whole."""

    at = 0.0


def call(
    server: serving.Server, headers: dict[str, str], caller: int, name: str, seen: Seen
) -> None:
    """Send requests until the server is gone."""
    line: Sent | None = None
    turn = 0
    while True:
        turn += 1
        try:
            if line is None:
                line = Sent(server.host, server.port, timeout=_LATEST)
                line.connect()
        except ConnectionRefusedError:
            return
        except OSError:
            seen.refused += 1
            return
        line.at = 0.0
        sent = request_of(caller, turn, name)
        try:
            kept = ask(line, headers, sent, seen)
        except (OSError, http.client.HTTPException) as error:
            how = "cut" if isinstance(error, http.client.IncompleteRead) else type(error).__name__
            seen.broken.append((how, f"{sent[0]} {sent[1]}", line.at))
            line.close()
            line = None
            continue
        if not kept or caller >= KEEPING:
            line.close()
            line = None


def ask(line: Sent, headers: dict[str, str], sent: tuple[str, str, bytes], seen: Seen) -> bool:
    """Send one request, and return whether the connection is kept."""
    method, path, body = sent
    line.request(method, path, body, {"Content-Type": "application/json", **headers})
    line.at = time.monotonic()
    answer = line.getresponse()
    said = json.loads(answer.read())
    seen.answered[answer.status] += 1
    if path == serving.EVIDENCE and answer.status == http.HTTPStatus.CREATED:
        seen.receipts.extend(one["evidence"] for one in said["accepted"])
    return not answer.will_close


def round_of(
    server: serving.Server, headers: dict[str, str], name: str, seen: Seen
) -> tuple[int, float, list[str], int]:
    """End a busy server; return its code, its seconds, what it dropped, and what came too late."""
    callers = [
        threading.Thread(target=call, args=(server, headers, number, name, seen), daemon=True)
        for number in range(KEEPING + _ONCE)
    ]
    for caller in callers:
        caller.start()
    time.sleep(random.uniform(0.05, 0.6))  # noqa: S311 - no secret
    asked = time.monotonic()
    server.terminate()
    try:
        code = server.ended(_LATEST)
    finally:
        server.process.kill()
    seconds = time.monotonic() - asked
    for caller in callers:
        caller.join(_LATEST)
    dropped = [f"{how}: {what}" for how, what, at in seen.broken if how == "cut" or 0 < at < asked]
    return code, seconds, dropped, len(seen.broken) - len(dropped)


def play(database: str, times: int) -> bool:
    """End so many servers, print what came of it, and return whether all held."""
    headers = serving.key(database, "sigterm", "admin")
    answered: Counter[int] = Counter()
    codes: Counter[int] = Counter()
    dropped: list[str] = []
    receipts: list[str] = []
    slowest, late, unanswered = 0.0, 0, 0
    for number in range(times):
        seen = Seen()
        server = serving.Server(database)
        if not number:
            serving.register(server, headers)
        code, seconds, lost, after = round_of(server, headers, str(number), seen)
        codes[code] += 1
        answered.update(seen.answered)
        receipts.extend(seen.receipts)
        dropped.extend(lost)
        late += after
        unanswered += seen.refused
        slowest = max(slowest, seconds)
    recorded = {one for (one,) in serving.rows(database, "SELECT id FROM evidence")}
    line = {
        "fault": "SIGTERM",
        "times": times,
        "answered": {str(status): many for status, many in sorted(answered.items())},
        "dropped": len(dropped),
        "how": dropped[:5],
        "sent_after_and_not_answered": late,
        "connections_reset_before_sending": unanswered,
        "acknowledged": len(receipts),
        "lost": sum(one not in recorded for one in receipts),
        "exit_codes": {str(code): many for code, many in codes.items()},
        "slowest_exit_seconds": round(slowest, 2),
        "audit_faults": serving.audited(database)["faults"],
    }
    print(json.dumps(line), flush=True)
    failed = any(status >= http.HTTPStatus.INTERNAL_SERVER_ERROR for status in answered)
    wrong = dropped or line["lost"] or line["audit_faults"] or set(codes) != {0} or failed
    return not wrong and slowest <= _EXIT_SECONDS


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("times", type=int, nargs="?", default=50)
    with serving.sqlite_database() as database:
        return 0 if play(database, parser.parse_args().times) else 1


if __name__ == "__main__":
    sys.exit(main())
