"""Archives: what could escape, grow, or be taken for something else is refused with a code."""

import gzip
import io
import tarfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.intake.archive import ArchiveLimits, Budget, Gunzip, files
from support.archives import a_member, packed, packed_members

SMALL = ArchiveLimits(members=50, size=64 * 1024 * 1024)
X = b"x"


def _read(raw: bytes, limits: ArchiveLimits = SMALL) -> dict[str, bytes]:
    budget = Budget(limits, "a.tar")
    source = Gunzip(io.BytesIO(raw), budget) if raw[:2] == b"\x1f\x8b" else io.BytesIO(raw)
    found: dict[str, bytes] = {}
    for member in files(source, budget):
        parts: list[bytes] = []
        while part := member.read(1 << 16 if member.size > 10_000 else 7):
            parts.append(part)
        found[member.path] = b"".join(parts)
    return found


def _code(raw: bytes, limits: ArchiveLimits = SMALL) -> str:
    try:
        _read(raw, limits)
    except SubmitterError as error:
        return error.code if error.where == "a.tar" and error.hint else "no place or remedy"
    return "read"


def _link(kind: bytes, target: str) -> bytes:
    return packed_members((a_member("a", kind, linkname=target), b""))


def _two(one: str, other: str) -> bytes:
    return packed_members((a_member(one), X), (a_member(other), X))


def _with_header(kind: bytes, content: bytes) -> bytes:
    """Return a tar that begins with an extended header."""
    header = a_member("h", kind)
    header.size = len(content)
    return (
        header.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512) + packed({"a": X})
    )


def _changed(raw: bytes, at: int, to: bytes) -> bytes:
    """Return a tar with some bytes of its first header changed, and a check sum that agrees."""
    block = bytearray(raw[:512])
    block[at : at + len(to)] = to
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + raw[512:]


ONE = packed({"a": X})
HOSTILE = {
    "a name that leads out": (packed({"../a": X}), "archive-traversal"),
    "a name that leads out in the middle": (packed({"b/../../a": X}), "archive-traversal"),
    "an absolute name": (packed({"/etc/a": X}), "archive-traversal"),
    "a drive": (packed({"C:a": X}), "archive-traversal"),
    "a backslash": (packed({"b\\..\\a": X}), "archive-traversal"),
    "a line end in a name": (packed({"a\nb": X}), "archive-name"),
    "a name that turns its direction": (packed({"a\u202eb": X}), "archive-name"),
    "a name that is too long": (packed({"a" * 1_100: X}), "archive-name"),
    "a name that lies too deep": (packed({"a/" * 70 + "b": X}), "archive-name"),
    "a symbolic link": (_link(tarfile.SYMTYPE, "/etc/passwd"), "archive-link"),
    "a link with a long target": (
        packed_members(
            (a_member("a", tarfile.SYMTYPE, linkname="b" * 200), b""), form=tarfile.GNU_FORMAT
        ),
        "archive-link",
    ),
    "a hard link": (_link(tarfile.LNKTYPE, "a"), "archive-link"),
    "a character device": (_link(tarfile.CHRTYPE, ""), "archive-device"),
    "a block device": (_link(tarfile.BLKTYPE, ""), "archive-device"),
    "a pipe": (_link(tarfile.FIFOTYPE, ""), "archive-device"),
    "a sparse file": (_link(tarfile.GNUTYPE_SPARSE, ""), "archive-kind"),
    "a sparse file of pax": (
        _with_header(b"x", b"22 GNU.sparse.major=1\n"),
        "archive-kind",
    ),
    "an unknown kind": (_link(b"Z", ""), "archive-kind"),
    "a file twice": (_two("a", "a"), "archive-duplicate"),
    "a file twice by another way": (_two("a", "./a"), "archive-duplicate"),
    "names that differ in case": (_two("Readme", "README"), "archive-clash"),
    "folders that differ in case": (_two("a/x", "A/y"), "archive-clash"),
    "names that differ in composition": (_two("\u00e9", "e\u0301"), "archive-clash"),
    "a file that is a folder": (_two("a", "a/b"), "archive-clash"),
    "a folder that is a file": (_two("a/b", "a"), "archive-clash"),
    "a folder with content": (packed_members((a_member("a/"), X)), "archive-damaged"),
    "a name of other bytes": (_changed(ONE, 0, b"\xff"), "archive-name"),
    "a wrong check sum": (b"b" + ONE[1:], "archive-damaged"),
    "a size that is no number": (_changed(ONE, 124, b"9z"), "archive-damaged"),
    "a size without end": (_changed(ONE, 124, b"\x80" + b"\x7f" * 11), "archive-too-large"),
    "a size beyond its end": (_changed(ONE, 124, b"77777777777\0"), "archive-too-large"),
    "a file cut short": (packed({"a": b"x" * 2_000})[:1_500], "archive-truncated"),
    "no end": (ONE[:1_024], "archive-truncated"),
    "nothing": (b"", "archive-truncated"),
    "something after its end": (ONE + X, "archive-damaged"),
    "an extended header that is too long": (
        _with_header(b"x", b"x" * 70_000),
        "archive-damaged",
    ),
    "an extended header that cannot be read": (_with_header(b"x", b"9 a=b\n"), "archive-damaged"),
    "an extended header without a length": (_with_header(b"x", b"path=b\n"), "archive-damaged"),
    "a size in words": (_with_header(b"x", b"11 size=ab\n"), "archive-damaged"),
    "a name in two extended headers": (
        _with_header(b"L", b"b\0")[:1_024] + _with_header(b"x", b"10 path=c\n"),
        "archive-damaged",
    ),
    "a global header that names files": (_with_header(b"g", b"10 path=c\n"), "archive-damaged"),
    "an extended header alone": (
        _with_header(b"L", b"b\0")[:1_024] + bytes(1_024),
        "archive-damaged",
    ),
    "a gzip stream cut short": (gzip.compress(ONE)[:-9], "archive-truncated"),
    "a gzip stream without its check": (gzip.compress(ONE)[:-4], "archive-truncated"),
    "a gzip stream with a wrong check": (gzip.compress(ONE)[:-8] + bytes(8), "archive-damaged"),
    "something after a gzip stream": (gzip.compress(ONE) + b"PK", "archive-damaged"),
    "too many entries": (packed({f"f{n}": X for n in range(51)}), "archive-too-large"),
    "a file of zeros": (gzip.compress(packed({"a": bytes(32 * 1024 * 1024)})), "archive-bomb"),
    "an end without end": (gzip.compress(ONE + bytes(32 * 1024 * 1024)), "archive-bomb"),
}


@pytest.mark.parametrize(("raw", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_with_a_code(raw: bytes, code: str) -> None:
    assert _code(raw) == code


def test_an_archive_that_holds_too_many_bytes_is_refused() -> None:
    raw = gzip.compress(packed({"a": bytes(100_000)}))
    assert _code(raw, ArchiveLimits(size=50_000)) == "archive-too-large"


def test_a_plain_archive_is_read_whole_and_in_order() -> None:
    content = {"a/b.txt": b"1" * 1_000, "c": b"", "a/d": b"2", "é" * 80: b"3"}
    assert _read(packed(content)) == content
    assert list(_read(gzip.compress(packed(content)))) == list(content)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_as_each_kind_of_tar_writes_them(form: int) -> None:
    name = f"{'folder-' * 12}/{'file-' * 12}"
    assert _read(packed_members((a_member(name), X), form=form)) == {name: X}


def test_folders_may_stand_twice_and_the_root_may_be_named() -> None:
    folder = a_member("a", tarfile.DIRTYPE)
    root = a_member("./", tarfile.DIRTYPE)
    raw = packed_members((root, b""), (folder, b""), (a_member("a/b"), X), (folder, b""))
    assert _read(raw) == {"a/b": X}


def test_other_words_of_extended_headers_are_left() -> None:
    assert _read(_with_header(b"x", b"13 comment=\xff\n")) == {"a": X}
    assert _read(_with_header(b"g", b"13 comment=a\n")) == {"a": X}
    assert _read(_with_header(b"x", b"10 size=1\n")) == {"a": X}


def test_several_gzip_streams_in_a_row_are_one() -> None:
    raw = gzip.compress(ONE[:700]) + gzip.compress(ONE[700:]) + bytes(100)
    assert _read(raw) == {"a": X}


def test_a_stream_that_comes_out_in_small_pieces_is_whole() -> None:
    content = b"".join(b"%d" % number for number in range(100_000))
    reader = Gunzip(io.BytesIO(gzip.compress(content)), Budget(SMALL, "a"))
    found = b""
    while part := reader.read(999):
        found += part
    assert zlib.crc32(found) == zlib.crc32(content)


@given(st.binary(max_size=2_000), st.integers(0, 600), st.binary(max_size=12))
def test_any_bytes_are_read_or_refused(raw: bytes, at: int, change: bytes) -> None:
    changed = ONE[:at] + change + ONE[at + len(change) :]
    for one in (
        raw,
        gzip.compress(raw),
        changed,
        gzip.compress(changed),
        _changed(ONE, at % 500, change[: 500 - at % 500]),
    ):
        assert _code(one).startswith(("archive-", "read"))
