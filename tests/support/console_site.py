"""A console over a small store with what is read, decided and proven, and those who look at it."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from assaybook.domain.canonical import digest_of
from assaybook.domain.policy import Severity
from assaybook.service.jobs import ask_for
from assaybook.store.assessments import list_assessments
from assaybook.store.engine import open_engine
from assaybook.store.jobs import JobKind, JobProblem, end_job, next_job
from assaybook.store.journal import entries_after
from assaybook.store.packs import PackRecord, save_pack
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.api import Caller, headers_of
from support.api_use import EVIDENCE
from support.console import EVIL, Browser
from support.governing import RELEASE, WAIVER, governed

PDF: Final = b"%PDF-1.7 of a test"
SLICE: Final = "<b>age</b>=66+"
REPORT: Final = json.dumps(
    {
        "assaybook": "v1",
        "tool": {"name": "<i>tool</i>", "version": "1"},
        "run": "1",
        "produced_at": "2026-01-02T03:04:05Z",
        "facts": [
            {"type": "metric", "name": "recall", "slice": SLICE, "split": "holdout", "value": 0.9},
            {"type": "metric", "name": "precision", "split": "holdout"},
        ],
    },
    indent=1,
).encode()
SECRET: Final = "AKIA" + "ABCDEFGH12345678"
CARD: Final = f"---\nlicense: mit\n---\n# Card\n## Contact\nuse {SECRET} to log in\n".encode()


@dataclass
class Site:
    """A console and those who look at it: as in ``governing``, and the administrator ``eve``.

    Attributes:
        evidence: ids by the ends of their names.
        pack: the id of a pack that was made; ``unmade`` is one that could not be.
    """

    caller: Caller
    who: dict[str, Browser]
    evidence: dict[str, str] = field(default_factory=dict[str, str])
    pack: str = ""
    unmade: str = ""

    def text(self, path: str, who: str = "dan") -> str:
        """Return the words of the main part of a page, once it is sound."""
        main = tree_of(self.who[who].shown(path)).find(".//main")
        return " ".join(" ".join(main.itertext()).split())

    def tree(self, path: str, who: str = "dan") -> Any:
        """Return a page as a tree, once it is sound."""
        return tree_of(self.who[who].shown(path))

    def give_up(self) -> None:
        """Take the work that waits, so that nothing is made of it."""
        service = self.caller.service
        with UnitOfWork(service.engine, service.clock) as work:
            if job := next_job(work, owner="test", hold=timedelta(seconds=60)):
                end_job(work, job.id, owner="test", came_to=JobProblem(code="x", message="x"))

    def reads(self) -> list[str]:
        """Return the names of what was read, in order."""
        with Reading(self.caller.service.engine) as store:
            entries = list(entries_after(store.connection, 0, limit=1_000))
        return [one.ref for one in entries if one.kind == "read"]


def tree_of(page: str) -> Any:
    """Return the elements of a page."""
    return import_module("tinyhtml5").parse(page, namespace_html_elements=False)


@contextmanager
def a_site(folder: Path) -> Generator[Site]:
    """Open a service over the release 1 of the systems ``s`` and ``t``.

    Of ``s``: a report whose texts are hostile, a card without a date from which something was
    removed, a refused file, waivers that ``ann`` asked for, an assessment and packs.
    """
    database = f"sqlite:///{folder / 'assay.db'}"
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    with governed(database, folder, recall=0.5) as found:
        admin = headers_of(found.caller.service, "eve", roles=("admin", "submitter"))
        site = Site(
            found.caller,
            {
                who: _browser(found.caller, said)
                for who, said in (found.who | {"eve": admin}).items()
            },
        )
        for name, content in {"report.json": REPORT, "card.md": CARD, "evil.bin": b"\x00"}.items():
            said = {"name": f"<b>&-{name}"}
            sent = found.caller.post(EVIDENCE, content=content, params=said, headers=admin)
            if sent.status_code == 201:
                site.evidence[name] = sent.json()["accepted"][0]["evidence"]
        for waiver in ("W-1", "W-2", "W-3"):
            wanted = {**WAIVER, "id": waiver, "reason": f"{EVIL} of {waiver}"}
            assert found.post("/v1/waivers", wanted, "ann").status_code == 201
        assert found.post("/v1/assessments", RELEASE, "ann").status_code == 201
        _pack(site)
        yield site


def _browser(caller: Caller, headers: dict[str, str]) -> Browser:
    return Browser(caller, headers["Authorization"].removeprefix("Bearer "))


def _pack(site: Site) -> None:
    """Record a pack of the release that was made, and one that could not be."""
    service = site.caller.service
    with Reading(service.engine) as store:
        (line,) = list_assessments(store, system="s", release="1", after=None, limit=1).items
    with UnitOfWork(service.engine, service.clock) as work:
        jobs: list[str] = []
        for came_to in (line.digest, JobProblem(code="pdf-failed", message="no room")):
            asked = ask_for(
                work,
                JobKind.PACK,
                "s",
                "1",
                service.ruling,
                fail_on=Severity.HIGH,
                as_of=work.now,
                organisation=f"Ward {len(jobs)}",
                person="dan",
            )
            next_job(work, owner="test", hold=timedelta(seconds=60))
            end_job(work, asked.id, owner="test", came_to=came_to)
            jobs.append(asked.id)
        site.pack, site.unmade = jobs
        pack = PackRecord(
            id=site.pack,
            system="s",
            release="1",
            as_of=line.as_of,
            assessment=line.digest,
            digest=digest_of(PDF),
            size=len(PDF),
        )
        save_pack(work, pack, PDF, person="dan")
