"""What is counted of a running server, for Prometheus; one registry for each application."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from assaybook.service.submit_documents import Submitted

MEDIA: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STATES: Final = ("accepted", "duplicate", "refused")


class Metrics:
    """The counters of one application.

    Args:
        waiting: returns how many functions wait to be written.
        folder: where the processes of one server keep what each counts, so that each can tell the
            sums; None where there is one process.
    """

    def __init__(self, waiting: Callable[[], int], folder: Path | None = None) -> None:
        self._registry, self._folder, self._now_waiting = CollectorRegistry(), folder, waiting
        self._requests = Counter(
            "assay_http_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "assay_http_request_seconds",
            "Time from the first byte of a request to the end of its answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        documents = Counter(
            "assay_evidence_documents",
            "Submitted documents by what became of them.",
            ("state",),
            registry=self._registry,
        )
        self._documents = {state: documents.labels(state) for state in _STATES}
        self._waiting = Gauge(
            "assay_writer_waiting",
            "Functions that wait to be written.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is a template, so that there are few."""
        key = (method, route, status)
        found = self._counted.get(key)
        if found is None:
            found = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
            self._counted[key] = found
        found[0].inc()
        found[1].observe(seconds)
        self._waiting.set(self._now_waiting())

    def submitted(self, done: Submitted) -> None:
        """Count the documents of a submission by what became of them."""
        states = {
            "accepted": len(done.report.accepted),
            "duplicate": len(done.report.duplicates),
            "refused": len(done.problems) + len(done.unrecognised),
        }
        for state, number in states.items():
            if number:
                self._documents[state].inc(number)

    def text(self) -> bytes:
        """Return what Prometheus reads: the figures of all processes of this server."""
        self._waiting.set(self._now_waiting())
        if self._folder is None:
            return generate_latest(self._registry)
        summed = CollectorRegistry()
        MultiProcessCollector(summed, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(summed)
