"""The child process of one replay that a server was asked for: limits first, then the work.

It reads its order from standard input as one line of JSON, only reads the database, and writes one
JSON object to standard output: the replay, or why there is none. When nobody waits for it any
more, it ends itself.
"""

import json
import sys
import traceback
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import IO, Any

from pydantic import JsonValue

from assaybook.domain.errors import AssayError, OperatorError, UsageError
from assaybook.domain.replay import Replay
from assaybook.domain.trust import Trust
from assaybook.language.bundle import bundle_json
from assaybook.service.bundle_files import bundle_within
from assaybook.service.bundles import Ruling, recorded_ruling
from assaybook.service.job_child import end_with_parent, limit
from assaybook.service.judge_apart import instant_here
from assaybook.service.replay import Asked, matching, replay
from assaybook.service.replay_apart import ReplayTold, ReplayWanted
from assaybook.service.store_access import reading_here, store_opened


def main(orders: IO[bytes], told: IO[str]) -> int:
    """Do one replay, say what came of it, and return the exit code."""
    order = json.loads(orders.readline())
    limit(order["cpu_seconds"], order["memory_bytes"])
    Thread(target=end_with_parent, args=(orders,), daemon=True).start()
    try:
        said = ReplayTold(replay=do(order))
    except AssayError as error:
        said = _problem(error)
    except MemoryError:
        said = _problem(UsageError("replay-too-long", "it needs more memory than it may take"))
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
        said = _defect(error)
    print(said.model_dump_json(), file=told, flush=True)
    return 0


def do(order: dict[str, Any]) -> Replay:
    """Replay what an order asks for.

    Raises:
        AssayError: it cannot be done; the code says why.
    """
    wanted = ReplayWanted.model_validate_json(json.dumps(order["wanted"]))
    clock = datetime.fromisoformat(order["now"])
    ruling = _ruling(wanted.bundle, "bundle")
    in_force = None if wanted.in_force is None else _ruling(wanted.in_force, "in_force")
    systems = order["systems"]
    with store_opened(order["database"]) as engine, reading_here(engine) as reading:
        asked = Asked(
            ruling,
            wanted.since,
            wanted.until,
            instant_here(reading, lambda: clock),
            in_force=in_force,
            system=wanted.system,
            release=wanted.release,
            globs=matching(ruling, wanted.policies),
            fail_on=wanted.fail_on,
            systems=None if systems is None else frozenset(systems),
        )
        return replay(reading, asked)


def _ruling(written: JsonValue, where: str) -> Ruling:
    found = bundle_within(json.dumps(written).encode(), where, Trust())
    return recorded_ruling(bundle_json(found.bundle))


def _problem(error: AssayError) -> ReplayTold:
    ours = isinstance(error, OperatorError)
    return ReplayTold(
        kind=next((one.__name__ for one in type(error).__mro__ if one.__base__ is AssayError), ""),
        code=error.code,
        message=error.message,
        # Where a server's own files and databases stand is nothing that a caller may know.
        where="" if ours else error.where,
        hint=error.hint,
    )


def _defect(error: Exception) -> ReplayTold:
    """Say where we failed, and nothing of what was read."""
    frames = traceback.extract_tb(error.__traceback__)
    return ReplayTold(
        code="internal-error",
        message=f"it failed with {type(error).__name__}; this is a fault of Assaybook",
        frames=tuple(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames),
    )


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout))
