"""How much of a document is read: bounds that hold before anything is built."""

from typing import Final

from assaybook.domain.record import record

LONGEST_KEY: Final = 10_000
"""Characters of a key or of the name of a column: each place below it repeats them."""
LONGEST_LIST: Final = 200_000
"""Entries of one list that are not numbers; objects of three keys can be no more in a document."""
MOST_ENTRIES: Final = 500_000
"""Entries of all lists that are not numbers: adapters look at each."""
LONGEST_TEXT: Final = 2_000_000
"""Characters of one text that is not all ASCII: each takes four times as much as it may be written
in, and every copy as much again."""


@record
class Limits:
    """Bounds on one document.

    Attributes:
        size: bytes of the file, by default 64 MiB.
        depth: levels of nesting.
        items: list and mapping entries in all; commas in texts count too, so it is generous.
        keys: keys of objects and cells of tables in all: what is built of them takes most of the
            time and of the memory.
        facts: rows that may be read out of one document; code hosts take as many results.
    """

    size: int = 64 * 1024 * 1024
    depth: int = 100
    items: int = 2_000_000
    keys: int = 500_000
    facts: int = 25_000
