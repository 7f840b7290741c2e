"""A stand-in for the OSV advisory service, for a network without one.

It answers `POST /v1/query` on this machine's loopback address as the real service does (package
and version in, matching advisories out) from `advisories/osv.json`. pip-audit itself is the real
tool. The file holds three old advisories: this shows how a scan goes, it secures nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from packaging.version import Version

LIMIT = 65_536  # bytes of one question; a package and a version need fewer


def affects(advisory: dict[str, Any], name: str, version: Version) -> bool:
    """Say whether one of the advisory's ranges holds the version of the package."""
    for affected in advisory["affected"]:
        if affected["package"] != {"ecosystem": "PyPI", "name": name}:
            continue
        for listed in affected["ranges"]:
            known = False
            for event in listed["events"]:
                if "introduced" in event and Version(event["introduced"]) <= version:
                    known = True
                if "fixed" in event and Version(event["fixed"]) <= version:
                    known = False
            if known:
                return True
    return False


@contextmanager
def service(file: Path) -> Iterator[str]:
    """Serve the advisories of a file while the block runs, and give the address to ask."""
    advisories = json.loads(file.read_text(encoding="utf-8"))

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            if self.path != "/v1/query" or not 0 < size <= LIMIT:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            question = json.loads(self.rfile.read(size))
            name, version = question["package"]["name"], Version(question["version"])
            found = [entry for entry in advisories if affects(entry, name, version)]
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet: stderr belongs to the tools."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
