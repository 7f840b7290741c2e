"""The command ``assay``: what a process does before and after it, so that a short one is quick."""

import gc
import os
import signal
import sys
from errno import EDQUOT, EFBIG, ENOENT, ENOSPC
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

if TYPE_CHECKING:
    from types import FrameType

_OBJECTS_BETWEEN_COLLECTIONS: Final = 200_000
_UNUSABLE: Final = 2
_DEFECT: Final = 5
_INTERRUPTED: Final = 130
"""As a shell tells the end by SIGINT, which is no verdict; 128 and the number of the signal."""
_SIGNALS: Final = 128
_NO_ROOM: Final = frozenset({ENOSPC, EDQUOT, EFBIG})
_AGAIN_SECONDS: Final = 0.02
_INTERRUPTIONS: Final[list[int]] = []
"""The signals by which a person asked for the end."""


def run() -> None:
    """Run the command with the arguments of this process.

    A defect of ours ends with its own words and 5, since the 1 of an uncaught exception would read
    as the verdict that a rule fails. Ctrl-C ends with one line and 130, however early it comes.
    """
    _listen()
    # A command makes many objects at once and ends soon: collecting garbage as often as a server
    # does would be a sixth of its start.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    # Nor does it need the plug-ins that pydantic would look for in every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # noqa: TID251 - written, not read
    _write_utf8()
    try:
        try:
            _run_command()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _end_interrupted()
    except SystemExit as ended:
        if ended.code == _INTERRUPTED and _INTERRUPTIONS:
            _end_interrupted()
        raise
    except BrokenPipeError:
        from assaybook.cli.words import UNREAD_PIPE

        _forget_output()
        sys.exit(UNREAD_PIPE)
    except OSError as error:
        _forget_output()
        told = _machine_refuses(error)
        _tell(told or _defect(error))
        sys.exit(_UNUSABLE if told else _DEFECT)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not look like a verdict
        if _INTERRUPTIONS:
            _end_interrupted()
        _tell(_defect(error))
        sys.exit(_DEFECT)
    finally:
        # What is left goes with the process; looking through it once more would be a tenth of it.
        gc.freeze()


def _run_command() -> None:
    """Run the command; what it raises is for the caller."""
    # Only now, since half of the start is importing.
    from assaybook.cli.assembly import assembled

    words = sys.argv[1:]
    if "_ASSAY_COMPLETE" in os.environ:  # noqa: TID251 - a shell asks, and waits for a person
        from assaybook.cli.completion import asked

        words = asked()
    assembled(words)(prog_name="assay")


def _listen() -> None:
    """Hear Ctrl-C also where a library turns it into an error of its own, or swallows it.

    One that loads its C parts does so, and the first second of a command is loading. A job that is
    cancelled ends by SIGTERM; it is heard alike, so that no temporary file stays.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
        sys.unraisablehook = _not_swallowed
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupted)


def _interrupted(number: int, _frame: "FrameType | None") -> NoReturn:
    _INTERRUPTIONS.append(number)
    raise KeyboardInterrupt


def _not_swallowed(what: "sys.UnraisableHookArgs") -> None:
    if what.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(what)
        return
    from threading import Timer, get_ident

    # Raised here, it would be swallowed once more.
    again = Timer(_AGAIN_SECONDS, signal.pthread_kill, (get_ident(), _INTERRUPTIONS[-1]))
    again.daemon = True
    again.start()


def _end_interrupted() -> NoReturn:
    """Say it in one line; what a command has to say of where it was, it said.

    Nothing interrupts from here on: the interpreter that ends would make another end of it.
    """
    for heard in (signal.SIGINT, signal.SIGTERM):
        signal.signal(heard, signal.SIG_IGN)
    number = _INTERRUPTIONS[-1] if _INTERRUPTIONS else signal.SIGINT
    _tell(f"stopped by {'Ctrl-C' if number == signal.SIGINT else signal.Signals(number).name}")
    sys.exit(_SIGNALS + number)


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _forget_output() -> None:
    """Let what nobody can be given go nowhere, so that the end of the process does not try."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_utf8() -> None:
    """Write UTF-8 whatever the locale says: the same assessment gives the same bytes.

    A stream that the caller closed is one that nobody reads.
    """
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _machine_refuses(error: OSError) -> str:
    """Return what is said where this machine, and no fault, is in the way; else nothing."""
    if error.errno in _NO_ROOM:
        where = error.filename or "stdout or a temporary file"
        hint = "Make room there; TMPDIR names the folder of temporary files."
        return f"error[output-unwritable] {where}: {error.strerror}\n  {hint}"
    if error.errno == ENOENT and "temporary directory" in str(error.strerror):
        hint = "Name a folder that can be written to in TMPDIR, such as a volume of the container."
        return f"error[temporary-folder-missing] TMPDIR: {error.strerror}\n  {hint}"
    return ""


def _defect(error: Exception) -> str:
    """Return what is said of an error that nobody foresaw: code, place, reason, remedy."""
    # Here, since nothing is loaded before Ctrl-C can be told in one line.
    import traceback
    from pathlib import Path

    from assaybook.cli.listing import harmless

    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    told = f"error[defect] {place}: {type(error).__name__}: {error}"
    return harmless(f"{told}\n  This is a fault of Assaybook and no verdict. Please report it.")
