"""The child process that does one job: limits first, then the work, then files in one folder.

It reads its order from standard input as one line of JSON, only reads the database, and writes
``assessment.json`` and, for a pack, ``pack.pdf``. To standard output it writes one JSON object: how
much of the journal it has seen, or a problem. Standard input stays open as long as somebody waits
for it; when nobody does any more, it ends itself and whatever it started.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import IO, Any, Final

from assaybook.domain.errors import AssayError, OperatorError
from assaybook.domain.trust import Trust
from assaybook.reporting.pdf import PdfLimits, Press
from assaybook.service.bundles import recorded_ruling
from assaybook.service.judge import Judgement
from assaybook.service.pack_contents_store import stored_sources
from assaybook.service.pack_sources import PackSources
from assaybook.service.packs import Edition, write_pack
from assaybook.service.run_assessment import judge_recorded
from assaybook.service.store_access import reading_here, store_opened
from assaybook.store.assessments import load_bundle_text
from assaybook.store.jobs import JobKind, Task
from assaybook.store.journal import last_place
from assaybook.store.unit_of_work import Reading

ASSESSMENT: Final = "assessment.json"
PACK: Final = "pack.pdf"


def main(orders: IO[bytes], told: IO[str]) -> int:
    """Do one job and return the exit code."""
    order = json.loads(orders.readline())
    # What it writes for a moment goes with the folder of the job, however it ends itself.
    tempfile.tempdir = order["folder"]
    limit(order["cpu_seconds"], order["memory_bytes"])
    Thread(target=end_with_parent, args=(orders,), daemon=True).start()
    try:
        seen = do(Task.model_validate(order["task"], strict=False), order)
    except AssayError as error:
        print(json.dumps(_problem(error)), file=told, flush=True)
        return 1
    except MemoryError:
        message = "it needs more memory than a job may take"
        print(json.dumps({"code": "job-too-large", "message": message}), file=told, flush=True)
        return 1
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
        print(json.dumps(_defect(error)), file=told, flush=True)
        return 1
    print(json.dumps({"seen": seen}), file=told, flush=True)
    return 0


def limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Bound this process; what it starts has bounds of its own and may be given more memory."""
    for kind, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_AS, memory_bytes)):
        _soft, hard = resource.getrlimit(kind)
        resource.setrlimit(
            kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
        )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def do(task: Task, order: dict[str, Any]) -> int:
    """Do a task, and return the last place of the journal that was seen.

    Raises:
        AssayError: it cannot be done; the code says why.
    """
    if task.kind is not JobKind.PACK:
        return _do(task, order, None)
    cache = order.get("cache")
    with Press(limits=PdfLimits(), cache=Path(cache) if cache else None) as press:
        return _do(task, order, press)


def _do(task: Task, order: dict[str, Any], press: Press | None) -> int:
    """Do a task; what is to be laid out goes to ``press``."""
    folder = Path(order["folder"])
    with store_opened(order["database"]) as engine, reading_here(engine) as reading:
        ruling = recorded_ruling(json.loads(load_bundle_text(reading, task.bundle)))
        found = judge_recorded(
            reading,
            task.system,
            task.release,
            ruling,
            fail_on=task.fail_on,
            as_of=task.as_of,
        )
        seen, _at = last_place(reading.connection)
        sources = _sources(reading, found, order) if press else PackSources()
    text = found.assessment.model_dump_json(by_alias=True)
    (folder / ASSESSMENT).write_text(text, encoding="utf-8")
    if press:
        edition = Edition(task.organisation)
        write_pack(found, folder / PACK, edition, press=press, sources=sources)
    return seen


def _sources(reading: Reading, found: Judgement, order: dict[str, Any]) -> PackSources:
    """Return what the store adds to a pack; without keys it is signed by nobody."""
    keys, now = order.get("keys"), order.get("now")
    return stored_sources(
        reading,
        found,
        keys=Path(keys) if keys else None,
        now=datetime.fromisoformat(now) if now else found.assessment.assessment.as_of,
        trust=Trust(),
    )


def _problem(error: AssayError) -> dict[str, object]:
    ours = isinstance(error, OperatorError)
    return {
        "code": error.code,
        "message": error.message,
        # Where a server's own files and databases stand is nothing that a caller may know.
        "where": "" if ours else error.where,
        "hint": error.hint,
        "passing": ours and error.code.startswith("database-"),
    }


def _defect(error: Exception) -> dict[str, object]:
    """Say where we failed, and nothing of what was read."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "code": "job-failed",
        "message": f"it failed with {type(error).__name__}; this is a fault of Assaybook",
        "hint": "Tell the operator: the log of the server says where.",
        "frames": [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames],
    }


def end_with_parent(orders: IO[bytes]) -> None:
    """Wait until nobody holds the other end any more, and end this group of processes."""
    # Past the buffer, whose lock a thread that waits would keep from the end of the interpreter.
    while os.read(orders.fileno(), 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout))
