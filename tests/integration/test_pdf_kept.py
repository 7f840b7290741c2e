"""Parts of packs that are kept: the bytes are the same, and nothing that others wrote is used."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assaybook.reporting.html import template_text
from assaybook.reporting.pdf import PdfLimits, Press, kept, write_pdf
from assaybook.reporting.pdf.child import our_fonts
from assaybook.reporting.pdf.kept import Kept
from assaybook.reporting.pdf.paint import PageText, Painted
from assaybook.reporting.pdf.parcel import packed, unpacked
from assaybook.reporting.pdf.split import Part, split

STYLE = template_text("tokens.css") + template_text("pack.css")
PART = Part("<p>One</p>")


def a_page(*sections: str, pack: str = "AB-1") -> str:
    body = "".join(
        f'<section><h1 data-run="{at}">Section {at}</h1>{each}</section>'
        for at, each in enumerate(sections, 1)
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{pack}</title><style>{STYLE}</style></head>'
        f'<body data-running="Running" data-pack="{pack}">{body}</body></html>'
    )


def a_painted() -> Painted:
    return Painted(
        objects=[b"", b"<</A \x011\x01>>", (b"<</Filter /FlateDecode", b"\x00e:\xff")],
        texts=[PageText(2, b"q", (b"0001", b"0002"), b"Q", 500, ((b"q", b"section-1"),))],
        pages=[1],
        parents=[(1, 2), ()],
        annotations=[1],
        elements=[1],
        bookmarks=[(1, -2)],
        adopted=1,
        targets=[(b"(a)", b"[\x011\x01]")],
        fonts=[(b"ABCDEF", -1)],
        root={"pages": 0},
        catalog={"Lang": b"(en)"},
        info=b"<<>>",
    )


def opened(folder: Path) -> Kept:
    found = Kept.opened(folder, our_fonts())
    assert found is not None
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def made(html: str, target: Path, cache: Path | None = None) -> bytes:
    write_pdf(html, target, limits=PdfLimits(), cache=cache)
    return target.read_bytes()


@pytest.mark.slow
def test_the_bytes_are_the_same_cold_warm_half_warm_and_without_a_cache(
    folder: Path, tmp_path: Path
) -> None:
    first, second = a_page("<p>a</p>", "<p>b</p>"), a_page("<p>a</p>", "<p>c</p>", pack="AB-2")
    cold = made(first, tmp_path / "cold.pdf", folder)
    held = {each.name: each.stat().st_ino for each in folder.iterdir()}
    assert made(first, tmp_path / "warm.pdf", folder) == cold
    assert {each.name: each.stat().st_ino for each in folder.iterdir()} == held
    half = made(second, tmp_path / "half.pdf", folder)
    new = {each.name for each in folder.iterdir()} - held.keys()
    assert len(new) == len(split(second).parts) + 1  # its first part, its other, and its head
    assert half == made(second, tmp_path / "plain.pdf")
    with Press(limits=PdfLimits()) as press:  # waits, and loads meanwhile
        while not list(press.folder.glob("part-*")):
            time.sleep(0.02)
        press.write(first, tmp_path / "early.pdf")
    assert (tmp_path / "early.pdf").read_bytes() == cold


@pytest.mark.slow
def test_a_section_that_another_pack_has_too_is_laid_out_once(folder: Path, tmp_path: Path) -> None:
    made(a_page("<p>cover</p>", "<p>same</p>", "<p>x</p>"), tmp_path / "a.pdf", folder)
    before = {each.name for each in folder.iterdir()}
    made(a_page("<p>other</p>", "<p>same</p>", "<p>x</p>", pack="AB-2"), tmp_path / "b.pdf", folder)
    assert len({each.name for each in folder.iterdir()} - before) == 2  # the cover and the head


def test_a_press_that_is_given_nothing_ends_and_leaves_nothing(folder: Path) -> None:
    with Press(limits=PdfLimits(), cache=folder) as press:
        assert press.folder.is_dir()
    assert not press.folder.exists()


def test_a_part_is_read_back_as_it_was_written() -> None:
    assert unpacked(packed(a_painted())) == a_painted()


def test_no_part_of_what_was_written_and_nothing_else_is_read_as_a_part() -> None:
    whole = packed(a_painted())
    for wrong in (b"", b"le", b"i1e", b"1:a", whole + b"e", whole + whole, b"l" * 9, b"i1", b"-1:"):
        with pytest.raises(ValueError, match=r".*"):
            unpacked(wrong)
    for end in range(len(whole)):
        with pytest.raises(ValueError, match=r".*"):
            unpacked(whole[:end])


@pytest.mark.parametrize("at", [0, 40, -1])
def test_an_entry_that_has_changed_by_one_bit_is_as_good_as_none(folder: Path, at: int) -> None:
    store = opened(folder)
    name = store.name(PART, STYLE)
    store.keep(name, a_painted())
    assert store.find(name) == a_painted()
    data = bytearray((folder / name).read_bytes())
    data[at] ^= 1
    (folder / name).write_bytes(data)
    assert store.find(name) is None


def test_an_entry_under_another_name_is_as_good_as_none(folder: Path) -> None:
    store = opened(folder)
    store.keep(store.name(PART, STYLE), a_painted())
    other = store.name(Part("<p>Two</p>"), STYLE)
    (folder / store.name(PART, STYLE)).rename(folder / other)
    assert store.find(other) is None


def _linked(entry: Path) -> None:
    entry.rename(entry.with_suffix(".moved"))
    entry.symlink_to(entry.with_suffix(".moved"))


def _written_by_all(entry: Path) -> None:
    entry.chmod(0o666)


def _read_by_the_group(entry: Path) -> None:
    entry.chmod(0o640)


def _emptied(entry: Path) -> None:
    entry.write_bytes(b"")


def _a_pipe(entry: Path) -> None:
    entry.unlink()
    os.mkfifo(entry, 0o600)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_written_by_all, id="others may write it"),
        pytest.param(_read_by_the_group, id="others may read it"),
        pytest.param(_linked, id="it is a link"),
        pytest.param(_a_pipe, id="it is a pipe"),
        pytest.param(_emptied, id="it is empty"),
    ],
)
def test_an_entry_that_this_user_alone_did_not_write_is_not_read(
    folder: Path, change: Callable[[Path], None]
) -> None:
    store = opened(folder)
    name = store.name(PART, STYLE)
    store.keep(name, a_painted())
    change(folder / name)
    assert store.find(name) is None


def test_a_folder_that_is_not_this_users_alone_is_not_used(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(mode=0o755)
    assert Kept.opened(folder, our_fonts()) is None
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(private)
    assert Kept.opened(tmp_path / "link", our_fonts()) is None
    assert Kept.opened(private / "new", our_fonts()) is not None
    assert stat.S_IMODE((private / "new").stat().st_mode) == 0o700
    (tmp_path / "file").touch()
    assert Kept.opened(tmp_path / "file" / "below", our_fonts()) is None


def test_nothing_is_kept_where_a_library_does_not_say_its_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kept.LIBRARIES, "pango", ("libno-such-library.so",))
    assert Kept.opened(folder, our_fonts()) is None


def test_the_name_of_an_entry_depends_on_all_that_its_bytes_depend_on(folder: Path) -> None:
    store = opened(folder)
    names = {
        store.name(PART, STYLE),
        store.name(PART, STYLE + " "),
        store.name(Part("<p>Two</p>"), STYLE),
        store.name(Part(PART.html, continues=True), STYLE),
        store.name(Part(PART.html, first=True), STYLE),
        store.name(Part(PART.html, kind="head"), STYLE),
        opened(folder).name(PART, STYLE),
    }
    assert len(names) == 6
    fewer = {name: data for name, data in our_fonts().items() if "mono" not in name}
    less = Kept.opened(folder, fewer)
    assert less is not None
    assert less.name(PART, STYLE) not in names


def test_what_was_not_used_for_the_longest_time_goes_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(folder)
    for name in ("a", "b", "c", "d"):
        store.keep(name, a_painted())
    size = (folder / "a").stat().st_size
    now = (folder / "d").stat().st_mtime
    for back, name in enumerate(("d", "c", "b", "a")):
        os.utime(folder / name, (now - back, now - back))
    monkeypatch.setattr(kept, "MOST_BYTES", 3 * size)
    store.tidy("d")
    assert sorted(each.name for each in folder.iterdir()) == ["b", "c", "d"]
    long_ago = now - kept.MOST_SECONDS - 1
    os.utime(folder / "c", (long_ago, long_ago))
    store.tidy("d")
    assert sorted(each.name for each in folder.iterdir()) == ["b", "d"]


def test_a_use_is_noted_so_that_what_is_used_stays(folder: Path) -> None:
    store = opened(folder)
    store.keep("a", a_painted())
    os.utime(folder / "a", (1, 1))
    assert store.find("a") == a_painted()
    assert (folder / "a").stat().st_mtime > 1


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(folder: Path) -> None:
    store = opened(folder)
    folder.rmdir()
    store.keep("a", a_painted())
    store.tidy("a")
    assert store.find("a") is None
