"""How much of a document is read: bounds that hold before anything is built."""

from assaybook.domain.record import record


@record
class Limits:
    """Bounds on one document.

    Attributes:
        size: bytes of the file, by default 64 MiB.
        depth: levels of nesting.
        items: list and mapping entries in all; commas in texts count too, so it is generous.
        facts: rows that may be read out of one document.
    """

    size: int = 64 * 1024 * 1024
    depth: int = 100
    items: int = 4_000_000
    facts: int = 200_000
