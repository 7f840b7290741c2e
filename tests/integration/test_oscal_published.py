"""What we write as OSCAL, judged by the metaschemas that NIST published with version 1.2.1."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.catalogs.load import load_catalogs
from assaybook.catalogs.oscal_out import catalog_oscal
from support import oscal

JUDGE: Final = """
import json, logging, socket, sys

def refuse(*_, **__):
    raise SystemExit("no network")

socket.getaddrinfo = socket.socket.connect = refuse
logging.disable(logging.CRITICAL)
from oscal import OSCAL

told = {}
for name, document in json.load(sys.stdin).items():
    read = OSCAL.loads(document)
    told[name] = [str(read.oscal_version), len(read.validation_errors), bool(read)]
print(json.dumps(told))
"""
"""It has the resolved metaschemas in its package, and lays them into the folder it runs in."""
Breaking = Callable[[Any], object]
BROKEN: Final[dict[str, Breaking]] = {
    "no uuid": lambda body: body.pop("uuid"),
    "a uuid that is none": lambda body: body.update(uuid="1"),
    "a date that is none": lambda body: body["metadata"].update({"last-modified": "today"}),
    "no start": lambda body: body["results"][0].pop("start"),
    "a state that is none": lambda body: body["results"][0]["findings"][0]["target"][
        "status"
    ].update(state="perhaps"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    documents = {
        "results": oscal.the_results(),
        "plan": oscal.the_plan(),
        "poam": oscal.the_poam(),
        **{name: catalog_oscal(catalog) for name, catalog in load_catalogs().items()},
    }
    for name, breaks in BROKEN.items():
        document = json.loads(oscal.the_results())
        breaks(document["assessment-results"])
        documents[name] = json.dumps(document).encode()
    folder: Path = tmp_path_factory.mktemp("judge")
    judged = subprocess.run(
        (sys.executable, "-c", JUDGE),
        input=json.dumps({name: raw.decode() for name, raw in documents.items()}),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    for file in sorted(folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    assert judged.returncode == 0, judged.stderr
    return json.loads(judged.stdout.splitlines()[-1])


def test_the_published_metaschemas_accept_every_document_and_every_catalog(told: Any) -> None:
    assert {name: said for name, said in told.items() if name not in BROKEN} == {
        name: ["v1.2.1", 0, True] for name in told if name not in BROKEN
    }


def test_the_published_metaschemas_do_refuse_what_is_broken(told: Any) -> None:
    assert {name for name, (_version, _faults, good) in told.items() if not good} == set(BROKEN)
