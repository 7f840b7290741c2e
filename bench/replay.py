"""Time a replay of a changed policy over a year beside judging each of its days, in one run.

`python bench/replay.py [DOCUMENTS]` submits documents about twelve releases over a year to a
temporary SQLite file, raises one floor of the shipped library, and prints one JSON object a line.
Seconds are the processor's, and ``ratio`` compares with the replay. Judging each day is measured
in two ways: the changed policy alone by the judge of the replay, from memory, and every release by
both bundles as commands would, which is measured on two days and reckoned up. Both miss what
changes within a day. A store of five times the documents says how the work grows. The exit status
is 1 where a longer period without changes costs more than twice as much, five times the documents
more than ten times, or where commands would be the quicker way.
"""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Final

from sqlalchemy import Engine

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutSubject, Coverage, Envelope, Producer
from assaybook.domain.facts import AnyFact, DataCheck, Metric
from assaybook.domain.policy import Severity
from assaybook.domain.replay import Replay
from assaybook.domain.subject import Release, System
from assaybook.evaluation.replay import course_of
from assaybook.language.overlay import load_overlay
from assaybook.language.source import read_text
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.register_system import register_release, register_system
from assaybook.service.replay import Asked, replay
from assaybook.service.replay_past import past_of
from assaybook.service.replay_side import Stretch, run_of, side_of
from assaybook.service.run_assessment import judge_recorded
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.engine import open_engine
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading, UnitOfWork

START: Final = datetime(2025, 1, 1, tzinfo=UTC)
DAYS: Final = 365
RELEASES: Final = 12
LONGER: Final = 10
MORE: Final = 5
LOOKED_AT: Final = (60, 300)
POLICY: Final = "quality.floor"
OVERLAY: Final = """\
overlay: stricter
set:
  - {policy: quality.floor, params: {floor: 0.9}}
"""


def document(number: int, at: datetime) -> tuple[Evidence, bytes]:
    """Return the document of a number: quality of a release, or checks of its data, in turn."""
    content = f"{number:016d}".encode()
    share = 0.7 + number % 29 / 100
    fact: AnyFact = Metric(
        pointer="/0",
        name="roc_auc",
        slice="",
        split="holdout",
        value=share,
        n=500,
        unit="ratio",
        direction="higher",
        kind="quality",
    )
    question = "metric/quality"
    if number % 2:
        fact = DataCheck(pointer="/0", check="rows", family="null", examined=100, failed=0)
        question = "data_check/null"
    envelope = Envelope(
        id=f"ev-{digest_of(content).removeprefix('sha256:')}",
        blob=digest_of(content),
        size=len(content),
        subject=AboutSubject(system="s", release=str(number // 2 % RELEASES)),
        format="bench",
        producer=Producer(tool="bench"),
        produced_at=at,
        received_at=at,
        adapter="bench",
    )
    covered = Coverage(question=question, examined=1, failed=0, errored=0, skipped=0)
    return Evidence(envelope=envelope, facts=(fact,), coverage=(covered,)), content


def filled(folder: Path, count: int) -> Engine:
    """Return a store of twelve releases and their documents, one received after the other."""
    engine = open_engine(f"sqlite:///{folder / 'replay.db'}")
    upgrade(engine)
    with UnitOfWork(engine, lambda: START) as work:
        register_system(work, System(id="s"))
        for number in range(RELEASES):
            register_release(work, "s", Release(version=str(number)))
    for number in range(count):
        at = START + timedelta(days=1) + number * timedelta(days=DAYS - 1) / count
        made, content = document(number, at)
        with UnitOfWork(engine, lambda at=at: at) as work:  # type: ignore[misc]
            submit_evidence(work, [made], {made.envelope.blob: content})
    return engine


def rulings() -> tuple[Ruling, Ruling]:
    """Return the shipped library, and the same with a higher floor."""
    old = read_ruling(BundleFiles())
    overlay = load_overlay(read_text(OVERLAY, "overlay"), policies=old.bundle.policies)
    digest = digest_of(OVERLAY.encode())
    return old, Ruling(replace(old.bundle, overlays=(overlay,), digest=digest), old.catalogs)


def replayed(engine: Engine, old: Ruling, new: Ruling, days: int) -> tuple[float, Replay]:
    """Replay over so many days; return the seconds and the answer."""
    until = START + timedelta(days=days)
    asked = Asked(ruling=new, in_force=old, since=START, until=until, now=until)
    begin = process_time()
    with Reading(engine) as reading:
        found = replay(reading, asked)
    return process_time() - begin, found


def in_memory(engine: Engine, sides: tuple[Ruling, Ruling]) -> float:
    """Return the seconds of judging the changed policy alone on every day, for both bundles."""
    until = START + timedelta(days=DAYS)
    days = [START + timedelta(days=number) for number in range(DAYS)]
    begin = process_time()
    with Reading(engine) as reading:
        past = past_of(reading, "s", since=START, until=until)
    for ruling in sides:
        for number in range(RELEASES):
            stretch = Stretch(past, str(number), until, until)
            run = run_of(side_of(ruling), POLICY, stretch)
            course_of(days, run.recall, run.judge)
    return process_time() - begin


def each_day(engine: Engine, sides: tuple[Ruling, Ruling]) -> float:
    """Return the seconds of judging every release by both bundles on one day, on average."""
    begin = process_time()
    for day in LOOKED_AT:
        for ruling in sides:
            for number in range(RELEASES):
                with Reading(engine) as reading:
                    at = START + timedelta(days=day)
                    fail_on = Severity.HIGH
                    judge_recorded(reading, "s", str(number), ruling, fail_on=fail_on, as_of=at)
    return (process_time() - begin) / len(LOOKED_AT)


def of_more(sides: tuple[Ruling, Ruling], count: int) -> float:
    """Return the seconds of a replay over so many documents in a store of their own."""
    with tempfile.TemporaryDirectory() as folder:
        engine = filled(Path(folder), count)
        took, _found = replayed(engine, *sides, DAYS)
        engine.dispose()
    return took


def main(count: int) -> int:
    """Print the timings and return the exit status."""
    old, new = rulings()
    with tempfile.TemporaryDirectory() as folder:
        engine = filled(Path(folder), count)
        took, found = replayed(engine, old, new, DAYS)
        longer, again = replayed(engine, old, new, DAYS * LONGER)
        alone = in_memory(engine, (old, new))
        daily = each_day(engine, (old, new)) * DAYS
        engine.dispose()
    more = of_more((old, new), count * MORE)
    flips = sum(one.flips for one in found.releases)
    line = {"documents": count, "releases": RELEASES, "flips": flips}
    say("replay a year", **line, instants=found.judged, cpu_seconds=took, ratio=1.0)
    growth = longer / took
    say("replay ten years, nothing new", instants=again.judged, cpu_seconds=longer, ratio=growth)
    say(
        "replay a year, more documents", documents=count * MORE, cpu_seconds=more, ratio=more / took
    )
    say("the policy on each day, from memory", cpu_seconds=alone, ratio=alone / took)
    say("each release on each day, by commands", days=DAYS, cpu_seconds=daily, ratio=daily / took)
    is_steady = growth <= 2 and more <= 2 * MORE * took  # noqa: PLR2004 - as said above
    return 0 if daily > took and is_steady else 1


def say(job: str, **figures: float) -> None:
    """Print one line."""
    rounded = {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps({"job": job, **rounded}), flush=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
