"""What commands share that speak to a server in place of the store on this machine."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import typer

from assaybook.cli.progress import files_shown, transfer_shown
from assaybook.cli.report import leave_unread
from assaybook.cli.stored import tell
from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Assurance
from assaybook.service.check import CheckRequest
from assaybook.service.files import read_bytes
from assaybook.service.remote import Judged, check_at
from assaybook.service.remote_files import gather
from assaybook.service.remote_line import Line, connected, server_at
from assaybook.service.subjects import read_subject
from assaybook.settings import Settings

_NOTHING: Final = 4
_UNREAD: Final = 5


def server_named(option: str | None, database: str | None) -> str | None:
    """Return the server that an option, or else the environment, names.

    A database that an option names is nearer than a server that the environment names.

    Raises:
        UsageError: ``option-not-for-server``, both are named by options.
    """
    if option is not None:
        refuse_local({"--database": database})
        return option
    return None if database is not None else Settings.from_environment().server


def refuse_local(options: Mapping[str, object]) -> None:
    """Refuse options that a server decides by itself: what they say would not hold there.

    Raises:
        UsageError: ``option-not-for-server``.
    """
    given = [name for name, value in options.items() if value]
    if given:
        raise UsageError(
            "option-not-for-server",
            "the server decides this, and nothing said here would change it",
            where=", ".join(given),
            hint="Leave it out, or leave out --server and ASSAY_SERVER.",
        )


@contextmanager
def line_to(url: str, key_file: Path | None) -> Generator[Line]:
    """Open a line to a server with the key of a file or else of the environment.

    Raises:
        UsageError: the address, the key or its file cannot be used.
    """
    key = Settings.from_environment().api_key
    if key_file is not None:
        key = read_bytes(key_file).decode("utf-8", "replace")
    with connected(server_at(url, key, tell)) as line:
        yield line


def judged_at_server(
    url: str, key_file: Path | None, request: CheckRequest, *, as_of: datetime | None
) -> Judged:
    """Have the files of a check judged by a server.

    A file that cannot even be sent ends it: what a server does not see, its gate cannot count.

    Raises:
        AssayError: the line, a file or an option cannot be used, or the server refuses.
    """
    bundle = request.bundle
    refuse_local({"--policies": bundle.policies, "--policy": bundle.globs})
    refuse_local({"--overlay": bundle.overlays, "--scope": bundle.scope})
    refuse_local({"--waivers": request.waivers, "--trust": request.trust})
    refuse_local({"--assurance": request.assurance is not Assurance.SELF})
    subject = read_subject(request.system, request.release)
    with line_to(url, key_file) as line:
        with files_shown("reading", request.evidence) as seen:
            found = gather(
                request.evidence,
                manifest=request.manifest,
                declared_format=request.declared_format,
                received_at=request.as_of,
                seen=seen,
            )
        leave_unread(found.problems)
        if not found.parts:
            tell("there is no document to judge")
            raise typer.Exit(_NOTHING)
        with transfer_shown("judging"):
            return check_at(
                line,
                found,
                subject,
                as_of=as_of,
                fail_on=request.fail_on,
                baseline=request.baseline,
            )
