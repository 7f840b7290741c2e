"""``multipart/form-data`` in memory: bounded like any body, and whole or refused."""

from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from assaybook.domain.errors import UsageError

HINT: Final = "Send it whole; with curl: -F file=@report.json"


@dataclass(slots=True)
class Part:
    """One part: the name of its field, that of its file where there is one, and its bytes."""

    field: str = ""
    filename: str | None = None
    content: bytes = b""


@dataclass(slots=True)
class _Reader:
    """What the parser calls; it keeps the parts, and whether the end was seen."""

    parts: list[Part] = field(default_factory=list)
    ended: bool = False
    most: int = 0
    _name: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _content: bytearray = field(default_factory=bytearray)

    def on_part_begin(self) -> None:
        if len(self.parts) == self.most:
            raise _malformed(f"it has more than {self.most} parts")
        self.parts.append(Part())
        self._content.clear()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            _kind, options = parse_options_header(bytes(self._value))
            part = self.parts[-1]
            part.field = _text(options.get(b"name", b""))
            if b"filename" in options:
                part.filename = _text(options[b"filename"])
        self._name.clear()
        self._value.clear()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]

    def on_part_end(self) -> None:
        self.parts[-1].content = bytes(self._content)

    def on_end(self) -> None:
        self.ended = True


def parts_of(raw: bytes, content_type: str, *, most: int) -> list[Part]:
    """Return the parts of a body, in order.

    Raises:
        UsageError: ``body-malformed``: it is not whole, not of this form, or has too many parts.
    """
    _media, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise _malformed("its boundary is not named in Content-Type")
    reader = _Reader(most=most)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.on_part_begin,
                "on_part_data": reader.on_part_data,
                "on_part_end": reader.on_part_end,
                "on_header_field": reader.on_header_field,
                "on_header_value": reader.on_header_value,
                "on_header_end": reader.on_header_end,
                "on_end": reader.on_end,
            },
        )
        parser.write(raw)
        parser.finalize()
    except FormParserError as error:
        raise _malformed("it is no multipart/form-data") from error
    if not reader.ended:
        raise _malformed("it does not end with its boundary")
    return reader.parts


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _malformed(reason: str) -> UsageError:
    return UsageError("body-malformed", f"the body cannot be read: {reason}", hint=HINT)
