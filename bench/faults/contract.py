"""Hold a real server to its own OpenAPI document, for each role and for nobody.

`python bench/faults/contract.py [CASES]`, on SQLite. Schemathesis makes requests, good and bad, for
every operation; one half of the names in paths is that of something recorded, so that requests come
past "unknown". For an administrator it also walks from answer to request. Without a number it is
5000 cases, and the bounds of every parameter and every other method, about 1700 more. One JSON
object for each role, one for all. The exit code is 1 when anything is answered with 5xx, with
a status, a media type or a body that the document does not tell of, when a body that breaks its
schema is accepted, or when a route answers a caller without a key that needs one.
"""

import argparse
import http.client
import json
import math
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
import serving
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

ROLES: Final = ("submitter", "author", "approver", "auditor", "admin", "")
CASES: Final = 5000
_DOCUMENT: Final = "/v1/openapi.json"
_STATEFUL: Final = 4
# A request that fits its schema may still be refused for what is recorded, and is, with 404 or 422.
_UNCHECKED: Final = ("positive_data_acceptance", "missing_required_header")
_SHOWN: Final = 20


@dataclass
class Count:
    """What was asked and answered for one role."""

    cases: int = 0
    unanswered: int = 0
    answered: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    shown: dict[str, str] = field(default_factory=dict)
    errors: set[str] = field(default_factory=set)


def config(
    headers: dict[str, str], examples: int, *, walks: bool, bounds: bool
) -> SchemathesisConfig:
    """Return how Schemathesis shall ask."""
    return SchemathesisConfig.from_dict(
        {
            "headers": headers,
            "seed": 1,
            "suppress-health-check": ["all"],
            "continue-on-failure": True,
            "request-timeout": 30,
            "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
            "checks": {name: {"enabled": False} for name in _UNCHECKED},
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": bounds},
                "fuzzing": {"enabled": True},
                "stateful": {
                    "enabled": walks,
                    "generation": {"max-examples": _STATEFUL * examples},
                },
            },
        }
    )


def known_names(known: dict[str, str]) -> Callable[[Any, Any], Any]:
    """Return a hook that puts names of what is recorded into every other path."""
    turn = 0

    def map_path_parameters(_context: Any, parameters: Any) -> Any:  # noqa: ANN401 - of the library
        nonlocal turn
        turn += 1
        if turn % 2 and parameters:
            return {name: known.get(name, value) for name, value in parameters.items()}
        return parameters

    return map_path_parameters


def ask(server: serving.Server, settings: SchemathesisConfig, known: dict[str, str]) -> Count:
    """Ask everything for one role."""
    url = f"http://{server.host}:{server.port}{_DOCUMENT}"
    schema = schemathesis.openapi.from_url(url, config=settings)
    schema.hook(known_names(known))
    count = Count()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            take(event.recorder, count)
        elif isinstance(event, events.NonFatalError):
            count.errors.add(f"{event.label}: {event.info.format()}"[:300])
        elif isinstance(event, events.FatalError):
            count.errors.add(repr(event.exception)[:300])
    return count


def take(recorder: Any, count: Count) -> None:  # noqa: ANN401 - of the library
    """Take what a scenario has recorded."""
    for case in recorder.interactions.values():
        count.cases += 1
        if case.response is None:
            count.unanswered += 1
        else:
            count.answered[case.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is not Status.FAILURE:
                continue
            count.broken[check.name] += 1
            case = recorder.interactions.get(case_id)
            status = case.response.status_code if case and case.response else None
            where = f"{check.name} {status} {recorder.label}"
            failure = check.failure_info.failure if check.failure_info else ""
            count.shown.setdefault(where, f"{case and case.request.uri} {failure!r}"[:700])


def recorded(server: serving.Server, headers: dict[str, str]) -> dict[str, str]:
    """Record something of each kind, and return its names as paths call them."""
    serving.register(server, headers)
    _status, sent = server.asked("POST", serving.EVIDENCE, headers, serving.report("1"))
    subject = json.dumps({"system": "s", "release": "1"}).encode()
    _status, judged = server.asked("POST", "/v1/assessments", headers, subject)
    _status, policies = server.asked("GET", "/v1/policies?limit=1", headers)
    return {
        "system": "s",
        "version": "1",
        "evidence": sent["accepted"][0]["evidence"],
        "digest": judged["assessment"],
        "policy": policies["items"][0]["policy"],
    }


def line_of(role: str, count: Count) -> dict[str, object]:
    """Return what is printed of a role."""
    return {
        "fault": "contract",
        "role": role or "no key",
        "cases": count.cases,
        "answered": {str(status): many for status, many in sorted(count.answered.items())},
        "unanswered": count.unanswered,
        "server_errors": sum(
            many
            for status, many in count.answered.items()
            if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR
        ),
        "undocumented_codes": count.broken["status_code_conformance"],
        "broken": dict(count.broken),
        "errors": sorted(count.errors)[:_SHOWN],
    }


def play(database: str, cases: int, *, bounds: bool) -> bool:
    """Ask so many cases in all, print what came of it, and return whether all held."""
    every = Count()
    keys = {role: serving.key(database, f"contract-{role}", role) for role in ROLES if role}
    server = serving.Server(database)
    try:
        known = recorded(server, keys["admin"])
        document = server.asked("GET", _DOCUMENT, {})[1]
        operations = sum(map(len, document["paths"].values()))
        examples = max(1, math.ceil(cases / operations / len(ROLES)))
        for role in ROLES:
            walks = role == "admin"
            settings = config(keys.get(role, {}), examples, walks=walks, bounds=walks and bounds)
            count = ask(server, settings, known)
            print(json.dumps(line_of(role, count)), flush=True)
            every.cases += count.cases
            every.unanswered += count.unanswered
            for mine, total in ((count.answered, every.answered), (count.broken, every.broken)):
                total.update(mine)
            every.errors |= count.errors
            every.shown |= count.shown
        alive = server.process.poll() is None
    finally:
        server.kill()
    for where, what in sorted(every.shown.items())[:_SHOWN]:
        print(json.dumps({"broken": where, "by": what}))
    line = line_of("all", every) | {"operations": operations, "defects_in_the_log": defects(server)}
    print(json.dumps(line))
    quiet = not (line["server_errors"] or line["broken"] or line["defects_in_the_log"])
    return alive and quiet and not every.unanswered and not every.errors


def defects(server: serving.Server) -> int:
    """Return how often the log of the server tells of an error that nobody foresaw."""
    return sum('"event": "defect"' in line for line in server.said)


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int, nargs="?")
    given: int | None = parser.parse_args().cases
    with serving.sqlite_database() as database:
        return 0 if play(database, given or CASES, bounds=given is None) else 1


if __name__ == "__main__":
    sys.exit(main())
