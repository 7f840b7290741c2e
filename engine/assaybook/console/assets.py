"""Style, fonts and favicon: shipped files, each under an address that changes when they do."""

from functools import cache
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import links
from assaybook.domain.errors import UsageError
from assaybook.domain.record import record
from assaybook.shelf import shelf

_FILES: Final = {
    "console.css": ("console", "text/css; charset=utf-8"),
    "favicon.svg": ("console", "image/svg+xml"),
    "assay-sans-400.ttf": ("pack/fonts", "font/ttf"),
    "assay-sans-600.ttf": ("pack/fonts", "font/ttf"),
    "assay-mono-400.ttf": ("pack/fonts", "font/ttf"),
    "assay-marks.ttf": ("pack/fonts", "font/ttf"),
}
"""Each with its folder among the templates, and its media type."""
_DIGITS: Final = 16
_KEPT: Final = "public, max-age=31536000, immutable"


@record
class _Asset:
    content: bytes
    media: str
    tag: str


def asset(request: Request) -> Response:
    """Return a shipped file; nobody is asked who they are.

    Raises:
        UsageError: ``not-found``, there is no such file, or not any more.
    """
    name, digest = request.path_params["name"], request.path_params["digest"]
    if name not in _FILES or digest != _digest():
        raise UsageError("not-found", "there is nothing at this address")
    found = _assets()[name]
    headers = {"ETag": found.tag, "Cache-Control": _KEPT}
    if found.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media, headers=headers)


def asset_link(name: str) -> str:
    """Return the address of a shipped file; what a style names stands beside it."""
    return links.asset(_digest(), name)


@cache
def _assets() -> dict[str, _Asset]:
    found: dict[str, _Asset] = {}
    for name, (folder, media) in _FILES.items():
        place = shelf("templates")
        for part in (*folder.split("/"), name):
            place = place.joinpath(part)
        content = place.read_bytes()
        found[name] = _Asset(content, media, f'"{sha256(content).hexdigest()[:_DIGITS]}"')
    return found


@cache
def _digest() -> str:
    """Return what changes when one of the files does."""
    tags = "".join(one.tag for one in _assets().values())
    return sha256(tags.encode()).hexdigest()[:_DIGITS]
