"""Attacks on the bytes of a signed PDF: its signature, what that covers, and what follows it."""

from collections.abc import Callable


def at_hex(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the digits of the signature."""

    def changed(raw: bytes) -> bytes:
        start = raw.index(b"/Contents <3082") + len(b"/Contents <")
        end = raw.index(b">", start)
        return raw[:start] + change(raw[start:end]) + raw[end:]

    return changed


def upper(digits: bytes) -> bytes:
    return digits[:40] + digits[40:].upper()


def later_revision(raw: bytes) -> bytes:
    return raw + b"1 0 obj\n<< >>\nendobj\nstartxref\n0\n%%EOF\n"


def second_range(raw: bytes) -> bytes:
    return raw + b"1 0 obj\n<< /ByteRange [0 1 2 3] >>\nendobj\n%%EOF\n"


def moved_range(raw: bytes) -> bytes:
    start = raw.index(b"/ByteRange [0 ")
    end = raw.index(b"]", start)
    numbers = [int(number) for number in raw[start + 12 : end].split()]
    numbers[2] += 2
    numbers[3] -= 2
    told = b"/ByteRange [" + b" ".join(b"%d" % number for number in numbers)
    return raw[:start] + told.ljust(end - start) + raw[end:]
