"""A plain post of evidence takes a quick way, on which it is answered as on the framework's."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Header
from sqlalchemy import event

from assaybook.api.access import guard_of, needs
from assaybook.api.idempotency import SUBMIT
from assaybook.api.openapi import api_routes
from assaybook.api.quick import Quick
from assaybook.api.routes import evidence
from assaybook.api.state import Service
from assaybook.domain.errors import UsageError
from assaybook.domain.principal import Action, Role
from assaybook.service.submit_documents import Origin, Recording, Sent, Submitted
from assaybook.store.unit_of_work import UnitOfWork
from support.api import Caller, a_service, headers_of
from support.api_use import EVIDENCE, NDJSON, a_report, code

SLOW = {"none": "such"}
"""A part of the query that no route asks for: the post is the framework's then."""
OF_ONE = frozenset({"date", "content-length", "x-request-id"})
ENVELOPE = {"Content-Type": "application/vnd.assaybook.envelope+json"}
REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "no JSON": (EVIDENCE, {"content": b"{"}),
    "nothing": (EVIDENCE, {"content": b""}),
    "no document of a known format": (EVIDENCE, {"content": b'{"a": 1}'}),
    "a release that nobody registered": (EVIDENCE.replace("/1/", "/2/"), {"content": b"{}"}),
    "a system that nobody registered": (EVIDENCE.replace("/s/", "/t/"), {"content": b"{}"}),
    "a system that none can be": (EVIDENCE.replace("/s/", "/%20/"), {"content": b"{}"}),
    "a release that none can be": (EVIDENCE.replace("/1/", "/..%2E/"), {"content": b"{}"}),
    "a slash in a name": (EVIDENCE.replace("/s/", "/s%2Fs/"), {"content": b"{}"}),
    "two slashes": (EVIDENCE.replace("/s/", "//s/"), {"content": b"{}"}),
    "a compressed body": (EVIDENCE, {"content": b"{}", "headers": {"Content-Encoding": "gzip"}}),
    "no envelope": (EVIDENCE, {"content": b"[]", "headers": ENVELOPE}),
    "no line": (EVIDENCE, {"content": b"\n", "headers": NDJSON}),
    "no key": (EVIDENCE, {"content": b"{}", "headers": {"Authorization": ""}}),
    "a wrong key": (EVIDENCE, {"content": b"{}", "headers": {"Authorization": "Bearer x"}}),
    "a key of another role": (
        EVIDENCE,
        {"content": b"{}", "headers": {"Authorization": "auditor"}},
    ),
    "a key of another system": (
        EVIDENCE,
        {"content": b"{}", "headers": {"Authorization": "other"}},
    ),
    "a body that is too large": (EVIDENCE, {"content": b" " * 70_000}),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    file = tmp_path_factory.mktemp("quick") / "assay.db"
    with a_service(f"sqlite:///{file}", max_body=65_536) as opened:
        yield opened


@pytest.fixture(scope="module")
def caller(service: Service) -> Iterator[Caller]:
    with Caller(service, headers_of(service)) as made:
        for path in ("/v1/systems/s", "/v1/systems/s/releases/1"):
            assert made.put(path, json={}).status_code == 201
        yield made


def _told(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    headers = {key: value for key, value in answer.headers.items() if key not in OF_ONE}
    said = answer.json()
    return answer.status_code, headers, {key: said[key] for key in said if key != "request_id"}


def _both(caller: Caller, path: str, how: dict[str, Any]) -> list[tuple[int, Any, Any]]:
    return [_told(caller.post(path, params=more, **how)) for more in (None, SLOW)]


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_in_the_same_words_on_both_ways(
    caller: Caller, case: str
) -> None:
    path, asked = REFUSED[case]
    how = dict(asked)
    named = how.get("headers", {}).get("Authorization")
    if named == "auditor":
        how["headers"] = headers_of(caller.service, "auditor", roles=[Role.AUDITOR])
    elif named == "other":
        how["headers"] = headers_of(caller.service, "other", systems=["t"])
    quick, slow = _both(caller, path, how)
    assert quick == slow
    assert quick[0] >= 400


def test_what_is_accepted_is_answered_alike_on_both_ways(caller: Caller) -> None:
    for n, more in enumerate((None, SLOW)):
        first = caller.post(EVIDENCE, params=more, content=a_report(f"alike-{n}"))
        again = caller.post(EVIDENCE, params=more, content=a_report(f"alike-{n}"))
        assert (first.status_code, again.status_code) == (201, 200)
        (receipt,) = first.json()["accepted"]
        assert again.json()["duplicates"] == [receipt]
        assert list(receipt) == ["evidence", "name", "received_at", "seq"]
        assert receipt["name"] == "document"


def test_both_ways_are_one_route_in_the_counts(caller: Caller) -> None:
    named = f'assay_http_requests_total{{method="POST",route="{SUBMIT}",status="200"}}'

    def counted() -> float:
        caller.post(EVIDENCE, content=a_report("counted"))
        caller.post(EVIDENCE, content=a_report("counted"), params=SLOW)
        lines = caller.get("/metrics").text.splitlines()
        return sum(float(one.rpartition(" ")[2]) for one in lines if one.startswith(named))

    before = counted()
    assert counted() == before + 2


@pytest.mark.parametrize("more", [None, SLOW], ids=["quick", "of the framework"])
def test_a_repeated_key_is_answered_as_the_first_time(caller: Caller, more: Any) -> None:
    run = f"once-{'slow' if more else 'quick'}"
    how = {"content": a_report(run), "headers": {"Idempotency-Key": run}, "params": more}
    first, again = (caller.post(EVIDENCE, **how) for _turn in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = caller.post(EVIDENCE, **how | {"content": a_report("another")})
    assert code(other, 422) == "idempotency-key-reused"
    assert code(caller.post(EVIDENCE, **how | {"headers": {"Idempotency-Key": " "}}), 400)


def test_the_answer_to_a_key_is_kept_in_the_commit_of_what_it_tells(service: Service) -> None:
    committed: list[object] = []

    def count(connection: object) -> None:
        committed.append(connection)

    with Caller(service, headers_of(service)) as caller:
        caller.post(EVIDENCE, content=a_report("known by now"))
        event.listen(service.engine, "commit", count)
        for turn in range(2):
            how = {"content": a_report("one commit"), "headers": {"Idempotency-Key": "commits"}}
            assert caller.post(EVIDENCE, **how).status_code == 201
            assert len(committed) == turn + 1
        event.remove(service.engine, "commit", count)


def test_a_refused_submission_is_answered_anew_under_its_key(caller: Caller) -> None:
    how = {"content": b"{", "headers": {"Idempotency-Key": "refused"}}
    for _turn in range(2):
        assert "idempotency-replayed" not in caller.post(EVIDENCE, **how).headers


def test_the_quick_way_asks_the_guard_that_the_route_names() -> None:
    (route,) = (one for one in api_routes([evidence.router]) if one.endpoint is evidence.submit)
    assert guard_of(route) == needs(Action.EVIDENCE_SUBMIT)


def test_a_route_that_asks_for_more_than_a_plain_post_says_keeps_the_server_from_starting() -> None:
    router = APIRouter(prefix="/v1")

    async def also(word: str = Header()) -> str:
        return word

    router.add_api_route(
        SUBMIT.removeprefix("/v1"),
        evidence.submit,
        methods=["POST"],
        dependencies=[Depends(also)],
    )
    with pytest.raises(RuntimeError, match="asks for more"):
        Quick(_nothing, routes=api_routes([router]))


async def _nothing(*_said: Any) -> None:
    """Answer nothing."""


def test_a_key_that_is_revoked_opens_nothing_from_then_on(caller: Caller) -> None:
    mine = headers_of(caller.service, "brief")
    assert caller.post(EVIDENCE, content=a_report("k"), headers=mine).status_code == 201
    key = mine["Authorization"].split("_")[1]
    assert caller.post(f"/v1/keys/{key}/revoke", json={"reason": "lost"}).status_code == 200
    assert code(caller.post(EVIDENCE, content=a_report("k"), headers=mine), 401)


def test_evidence_of_a_pipeline_with_a_key_is_not_called_asserted(caller: Caller) -> None:
    pipeline = headers_of(caller.service, "ci", kind="pipeline", roles=[Role.SUBMITTER])
    assert caller.put("/v1/systems/p", json={}).status_code == 201
    assert caller.put("/v1/systems/p/releases/1", json={}).status_code == 201
    for more in (None, SLOW):
        sent = caller.post(
            EVIDENCE.replace("/s/", "/p/"),
            content=a_report(str(more)),
            params=more,
            headers=pipeline,
        )
        (receipt,) = sent.json()["accepted"]
        envelope = caller.get(f"/v1/evidence/{receipt['evidence']}").json()["envelope"]
        assert (envelope["assurance"], envelope["authenticated"]) == ("ci", True)
    found = caller.post("/v1/assessments", json={"system": "p", "release": "1"})
    assert found.json()["assessment"]["asserted"] is False


def test_posts_about_nobodys_release_hold_up_no_other(service: Service, caller: Caller) -> None:
    assert caller.service is service

    def recording(release: str) -> Recording:
        made = Recording(Origin("s", release), (Sent("a", a_report("held")),), service.clock())
        made.prepare()
        return made

    with UnitOfWork(service.engine, service.clock) as work:
        first, unknown, again = Recording.together(
            work, [recording("1"), recording("nobodys"), recording("1")]
        )
    assert isinstance(unknown, UsageError)
    assert unknown.code == "release-unknown"
    assert isinstance(first, Submitted)
    assert isinstance(again, Submitted)
    assert (len(first.report.accepted), len(again.report.duplicates)) == (1, 1)


def test_posts_at_once_with_a_new_key_ask_the_database_once_whose_it_is(service: Service) -> None:
    asked: list[str] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT api_keys."):
            asked.append(statement)

    with Caller(service, headers_of(service, "many")) as fresh:
        event.listen(service.engine, "before_cursor_execute", seen)
        posts = [("POST", EVIDENCE, {"content": a_report(f"n{n}")}) for n in range(30)]
        answers = fresh.together(posts)
        event.remove(service.engine, "before_cursor_execute", seen)
    assert [one.status_code for one in answers] == [201] * 30
    assert len(asked) == 1
