"""Every route asks who is there and what they may do, and tells no more than they may know."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from zlib import crc32

import pytest
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from assaybook.api.access import Guard, needs, refuse_unguarded
from assaybook.api.app import PUBLIC, ROUTERS
from assaybook.api.openapi import api_routes
from assaybook.domain.principal import MATRIX, PERSONAL, Action, PrincipalKind, Role
from support.api import Caller, calling, headers_of
from support.stores import SteadyClock, registered

CANARY: Final = "Jane-Roe-1970-canary"


@pytest.fixture
def caller(sqlite_database: str) -> Iterator[Caller]:
    with calling(sqlite_database, headers={}, rate=1_000_000) as one:
        yield one


def _guarded() -> list[tuple[str, str, Action]]:
    """Return method, path and action of each route that asks who is there."""
    found: list[tuple[str, str, Action]] = []
    for route in api_routes(ROUTERS):
        guards = [one.call for one in route.dependant.dependencies if isinstance(one.call, Guard)]
        for guard in guards:
            found += [(method, route.path, guard.action) for method in route.methods or ()]
    return sorted(found)


def _path(path: str, system: str = "s") -> str:
    filled = path.replace("{system}", system)
    while "{" in filled:
        start, _, rest = filled.partition("{")
        filled = f"{start}0{rest.partition('}')[2]}"
    return filled


def test_every_action_but_none_else_is_asked_for_by_some_route() -> None:
    assert {action for _, _, action in _guarded()} == set(Action)


def test_each_route_lets_in_exactly_the_roles_of_the_table(caller: Caller) -> None:
    kinds: tuple[PrincipalKind, ...] = ("person", "pipeline")
    for kind in kinds:
        for role in Role:
            headers = headers_of(caller.service, f"{role}-{kind}", kind=kind, roles=[role])
            for method, path, action in _guarded():
                answer = caller.ask(method, _path(path), headers=headers)
                may = role in MATRIX[action] and (kind == "person" or action not in PERSONAL)
                refused = answer.status_code == 403 and answer.json()["code"] == "not-allowed"
                assert refused != may, (method, path, role, kind, answer.text)
                if refused:
                    assert all(one in answer.json()["hint"] for one in MATRIX[action])
                assert answer.status_code not in {401, 500}, (method, path, role, answer.text)


def test_no_route_answers_without_a_key_that_counts(caller: Caller) -> None:
    service = caller.service
    revoked = headers_of(service, "gone")
    key = revoked["Authorization"].split("_")[1]
    admin = headers_of(service, "admin", roles=["admin"])
    ended = caller.post(f"/v1/keys/{key}/revoke", headers=admin, json={"reason": "lost"})
    assert ended.status_code == 200, ended.text
    expired = headers_of(service, "late", life=timedelta(microseconds=1))
    good = headers_of(service)["Authorization"]
    last = "1" if good[-1] == "0" else "0"
    others: list[dict[str, str]] = [
        {},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer "},
        {"Authorization": good[:-1] + last},
        {"Authorization": f"Bearer {'a.' * 5000}"},
        revoked,
        expired,
    ]
    for method, path, _action in _guarded():
        for headers in others:
            answer = caller.ask(method, _path(path), headers=headers)
            assert answer.status_code == 401, (method, path, answer.text)
            assert answer.json()["code"] == "not-authenticated"
            assert "bearer" in answer.headers["www-authenticate"].lower()


def test_who_holds_a_key_that_ran_out_is_told_since_when_and_nobody_else_is(caller: Caller) -> None:
    late = headers_of(caller.service, "late", life=timedelta(microseconds=1))["Authorization"]
    answer = caller.get("/v1/whoami", headers={"Authorization": late})
    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")
    told = answer.json()["detail"]
    assert re.fullmatch(r"this key counted until \d{4}-\d\d-\d\d \d\d:\d\d UTC", told)
    guessed = late.split("_")
    text = f"assay_{guessed[1]}_{'x' * 43}"
    other = f"Bearer {text}{crc32(text.encode()):08x}"
    answer = caller.get("/v1/whoami", headers={"Authorization": other})
    assert answer.status_code == 401
    assert "until" not in answer.json()["detail"]


def test_who_asks_with_a_key_that_ends_soon_is_told_with_each_answer(caller: Caller) -> None:
    for days, told in ((13, True), (15, False)):
        headers = headers_of(caller.service, "some", life=timedelta(days=days))
        for path in ("/v1/whoami", "/v1/systems/nobody"):
            ends = caller.get(path, headers=headers).headers.get("assay-key-ends")
            assert (ends is not None) is told, path
        mine = caller.get("/v1/whoami", headers=headers).headers
        assert mine.get("assay-key-ends", "").endswith("Z" if told else "")
    assert "assay-key-ends" not in caller.get("/v1/health").headers


def test_a_revoked_key_ends_at_once_even_where_it_was_just_used(caller: Caller) -> None:
    admin, other = headers_of(caller.service, "admin"), headers_of(caller.service, "other")
    assert caller.get("/v1/whoami", headers=other).status_code == 200
    key = other["Authorization"].split("_")[1]
    caller.post(f"/v1/keys/{key}/revoke", headers=admin, json={"reason": "lost"})
    assert caller.get("/v1/whoami", headers=other).status_code == 401


def test_a_foreign_system_answers_like_one_that_is_not_there(caller: Caller) -> None:
    registered(caller.service.engine, SteadyClock(), systems=("mine", "theirs"))
    headers = headers_of(caller.service, "limited", systems=["mine"])
    for method, path, _action in _guarded():
        if "{system}" not in path:
            continue
        answers = [
            caller.ask(method, _path(path, system), headers=headers)
            for system in ("theirs", "nobody")
        ]
        assert len({one.status_code for one in answers}) == 1, (method, path)
        known = [
            {
                name: text.replace("nobody", "theirs")
                for name, text in one.json().items()
                if isinstance(text, str) and name != "request_id"
            }
            for one in answers
        ]
        assert known[0] == known[1], (method, path)


def test_a_key_reaches_no_further_than_the_key_of_who_made_it(caller: Caller) -> None:
    small = headers_of(caller.service, "small", roles=["admin"], systems=["mine"])
    large = headers_of(caller.service, "large")
    wanted = {"name": "x", "kind": "person", "roles": ["admin"]}
    assert caller.post("/v1/keys", headers=small, json=wanted).status_code == 403
    theirs = wanted | {"systems": ["mine", "theirs"]}
    assert caller.post("/v1/keys", headers=small, json=theirs).status_code == 403
    mine = wanted | {"systems": ["mine"]}
    assert caller.post("/v1/keys", headers=small, json=mine).status_code == 201
    listed = caller.get("/v1/keys", headers=small).json()["items"]
    assert {one["name"] for one in listed} == {"small", "x"}
    key = large["Authorization"].split("_")[1]
    ended = caller.post(f"/v1/keys/{key}/revoke", headers=small, json={"reason": "x"})
    assert (ended.status_code, ended.json()["code"]) == (404, "key-unknown")
    assert caller.get("/v1/whoami", headers=large).status_code == 200


def test_no_pipeline_makes_itself_a_person(caller: Caller) -> None:
    pipeline = headers_of(caller.service, "provisioner", kind="pipeline", roles=["admin"])
    wanted = {"name": "Ann", "kind": "person", "roles": ["approver"]}
    answer = caller.post("/v1/keys", headers=pipeline, json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    other = wanted | {"kind": "pipeline", "roles": ["submitter"]}
    assert caller.post("/v1/keys", headers=pipeline, json=other).status_code == 201


@pytest.mark.parametrize("name", ["Ann\u200b", "Ann\u202e", "Ann\n", "\x1b[31mAnn"])
def test_no_two_persons_have_names_that_look_alike_for_what_nobody_sees(
    caller: Caller, name: str
) -> None:
    wanted = {"name": name, "kind": "person", "roles": ["auditor"]}
    answer = caller.post("/v1/keys", headers=headers_of(caller.service), json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (422, "key-invalid")


def test_a_route_that_asks_for_nothing_or_for_two_things_does_not_start() -> None:
    router = APIRouter()

    @router.get("/open")
    def unguarded() -> None:
        """Answer anybody."""

    @router.get("/twice")
    def twice(
        one: Annotated[object, Depends(needs(Action.ASSESS))],
        two: Annotated[object, Depends(needs(Action.ATTEST))],
    ) -> None:
        """Ask for two actions."""
        del one, two

    for route in router.routes:
        assert isinstance(route, APIRoute)
        with pytest.raises(RuntimeError, match=r"has [02] guards"):
            refuse_unguarded([route], PUBLIC)


def test_no_key_and_no_personal_data_is_written_where_it_does_not_belong(
    sqlite_database: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    with calling(sqlite_database, headers={}, rate=1_000_000) as caller:
        known = headers_of(caller.service)
        wanted = {"name": "x", "kind": "person", "roles": ["admin"]}
        replayed = known | {"Idempotency-Key": "1"}
        refused = caller.post("/v1/keys", headers=replayed, json=wanted)
        assert refused.status_code == 400, refused.text
        made = caller.post("/v1/keys", headers=known, json=wanted).json()["text"]
        broken = f'{{"name": "{CANARY}"'
        for method, path, _action in _guarded():
            for headers in (known, {"Authorization": f"Bearer {CANARY}"}):
                answer = caller.ask(
                    method, _path(path), headers=headers, content=broken, params={"x": CANARY}
                )
                texts.append(answer.text)
        secrets = [made, known["Authorization"].removeprefix("Bearer ")]
    out, err = capfd.readouterr()
    texts += [out, err, *(one.getMessage() for one in caplog.records if one.name != "httpx")]
    folder = Path(sqlite_database.removeprefix("sqlite:///")).parent
    kept = b"".join(file.read_bytes() for file in folder.glob("assay.db*"))
    for secret in secrets:
        assert not any(secret in text or secret.split("_", 2)[2] in text for text in texts)
        assert secret.encode() not in kept
    assert [text for text in texts if CANARY in text] == []
    assert CANARY.encode() not in kept
