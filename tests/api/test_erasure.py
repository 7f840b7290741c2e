"""Erasing over HTTP: a person who administrates does it, and whoever reads is told when and why."""

from support.api import headers_of
from support.api_use import EVIDENCE, a_report, a_server, problem


def test_bytes_that_were_erased_are_gone_with_the_reason_and_the_rest_is_there(
    sqlite_database: str,
) -> None:
    with a_server(sqlite_database) as caller:
        (receipt,) = caller.post(EVIDENCE, content=a_report()).json()["accepted"]
        at = f"/v1/evidence/{receipt['evidence']}"
        assert caller.get(at).json()["erased"] is None
        pipeline = headers_of(caller.service, "ci", kind="pipeline", roles=["admin"])
        said = {"reason": "a patient asked for it"}
        refused = caller.post(f"{at}/erase", json=said, headers=pipeline)
        assert problem(refused, 403)["code"] == "not-allowed"
        assert problem(caller.post(f"{at}/erase", json={"reason": " "}), 422)
        done = caller.post(f"{at}/erase", json=said)
        assert done.status_code == 200, done.text
        assert done.json()["evidence"] == [receipt["evidence"]]
        gone = problem(caller.get(f"{at}/blob"), 410)
        assert gone["code"] == "blob-erased"
        assert "by tester: a patient asked for it" in gone["detail"]
        assert caller.get(at).json()["erased"]["person"] == "tester"
        assert caller.get(f"{at}/facts").json()["facts"]
        assert problem(caller.post(f"{at}/erase", json=said), 410)["code"] == "blob-erased"
