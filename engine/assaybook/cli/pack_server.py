"""``assay pack build --server``: the pack of a release that a server made."""

from collections.abc import Mapping
from pathlib import Path

from assaybook.cli.remote import line_to, refuse_local
from assaybook.cli.stored import tell
from assaybook.service.files import make_room, write_bytes
from assaybook.service.remote_pack import PackWanted, pack_at


def build_there(
    url: str, key_file: Path | None, wanted: PackWanted, out: Path, ours: Mapping[str, object]
) -> None:
    """Have a server make a pack and write it; ``ours`` are options that the server decides.

    Raises:
        AssayError: an option, the line or the file cannot be used, or the server refuses.
    """
    refuse_local(ours)
    make_room(out)
    with line_to(url, key_file) as line:
        content = pack_at(line, wanted)
    write_bytes(out, content)
    tell(f"audit pack: {out} (made by the server)")
