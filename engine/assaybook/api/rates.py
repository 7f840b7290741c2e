"""How often each caller may ask, counted in a table that forked processes share."""

import struct
from collections.abc import Callable
from math import ceil
from mmap import mmap
from time import monotonic
from typing import Final

from assaybook.api.problems import RateLimitedError

_BUCKET: Final = struct.Struct("=Qdd")
"""Whose it is (0: nobody's), how many requests it holds, and the second when it held them."""
_PLACES: Final = 8
"""Buckets of one row; of callers that share it, the one that was quiet longest is forgotten."""
_ROWS: Final = 2048
_ROW: Final = _BUCKET.size * _PLACES
_WHOSE: Final = 2**64 - 1
_SECONDS_IN_A_MINUTE: Final = 60.0


class Rates:
    """Token buckets: each caller may send so many requests a minute, and as many at once.

    Processes that are forked from the one that made it share it. Two that charge a caller in the
    same microsecond may count one request; nothing waits for that.

    Args:
        per_minute: requests.
        clock: seconds that never run backwards, the same ones in all processes.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._most = float(per_minute)
        self._per_second = per_minute / _SECONDS_IN_A_MINUTE
        self._clock = clock
        self._table = mmap(-1, _ROW * _ROWS)

    def refuse_spent(self, caller: str) -> None:
        """Refuse a caller that may send no more now.

        Raises:
            RateLimitedError: with the seconds until it may.
        """
        left = self._found(caller)[2]
        if left < 1.0:
            raise RateLimitedError(max(1, ceil((1.0 - left) / self._per_second)))

    def charge(self, caller: str) -> None:
        """Count a request of a caller."""
        place, whose, left, now = self._found(caller)
        # Put there in one piece: packing into the table itself empties the bucket first, and
        # another process that looks meanwhile would refuse a caller that has spent nothing.
        kept = _BUCKET.pack(whose, max(0.0, left - 1.0), now)
        self._table[place : place + _BUCKET.size] = kept

    def _found(self, caller: str) -> tuple[int, int, float, float]:
        """Return the place of a caller's bucket, whose it is, what it holds by now, and now."""
        # Seeded anew for each server, so that nobody can choose names that share a row.
        whose, now = hash(caller) & _WHOSE or 1, self._clock()
        row = whose % _ROWS * _ROW
        quiet, quietest = row, now
        for place in range(row, row + _ROW, _BUCKET.size):
            found, left, seen = _BUCKET.unpack_from(self._table, place)
            if found == whose:
                return place, whose, min(self._most, left + (now - seen) * self._per_second), now
            if not found:
                return place, whose, self._most, now
            if seen < quietest:
                quiet, quietest = place, seen
        return quiet, whose, self._most, now
