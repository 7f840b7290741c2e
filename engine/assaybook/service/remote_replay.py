"""A replay of a server: what it holds is judged there, by bundles that are sent along."""

import json

from pydantic import JsonValue

from assaybook.domain.replay import Replay
from assaybook.service.bundle_files import written_bundle
from assaybook.service.bundles import Ruling
from assaybook.service.remote_answers import object_of, record_of
from assaybook.service.remote_line import Line, posted
from assaybook.service.replay import Asked
from assaybook.service.replay_apart import ReplayWanted


def replay_at(line: Line, asked: Asked) -> Replay:
    """Have a server replay over the systems that the key may see; its clock says what is now.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    wanted = ReplayWanted(
        bundle=_sent(asked.ruling),
        since=asked.since,
        until=asked.until,
        in_force=None if asked.in_force is None else _sent(asked.in_force),
        system=asked.system,
        release=asked.release,
        policies=asked.globs,
        fail_on=asked.fail_on,
    )
    reply = posted(line, "/v1/replays", json=wanted.model_dump(mode="json"))
    return record_of(line, Replay, object_of(line, reply))


def _sent(ruling: Ruling) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = json.loads(written_bundle(ruling.bundle))
    return found
