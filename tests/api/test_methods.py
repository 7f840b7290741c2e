"""What an address answers to a method that it does not take."""

from support.api import calling


def test_an_address_names_every_method_that_it_takes(sqlite_database: str) -> None:
    with calling(sqlite_database) as caller:
        refused = caller.ask("PATCH", "/v1/systems/s")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, PUT"
        refused = caller.delete("/v1/health")
        assert refused.headers["allow"] == "GET"
        docs = caller.post("/v1/openapi.json")
        assert (docs.status_code, docs.headers["allow"]) == (405, "GET, HEAD")
