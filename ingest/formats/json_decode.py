"""JSON values out of bytes, and where the bytes are none."""

from __future__ import annotations

import codecs
import re

import msgspec

# msgspec takes a high surrogate that stands alone for the end of the text.
_HALF_A_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_AT_BYTE = re.compile(r" \(byte (\d+)\)$")


class BrokenJson(Exception):
    """Bytes that are not JSON, with the place where that shows."""

    def __init__(self, reason: str, data: bytes, at: int) -> None:
        super().__init__(reason)
        self._reason = reason
        self._lines_before = data.count(b"\n", 0, at)
        self._column = len(data[data.rfind(b"\n", 0, at) + 1 : at].decode(errors="replace")) + 1

    def told(self, first_line: int) -> str:
        """The reason and the place, never the content."""
        return f"broken JSON at line {first_line + self._lines_before:,}, column {self._column:,}: {self._reason}"


def decode(data: bytes) -> object:
    """The value that the bytes are, in UTF-8 with or without byte order mark.

    Raises:
        BrokenJson: they are none.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise BrokenJson("it is nested too deeply", data, 0) from None
    except UnicodeDecodeError:
        raise _not_utf8(data) from None
    except msgspec.DecodeError as error:
        message = str(error)
        if "truncated" in message:
            if half := _HALF_A_PAIR.search(data):
                raise BrokenJson("half of a surrogate pair", data, half.start()) from None
            raise BrokenJson("it breaks off", data, len(data.rstrip())) from None
        place = _AT_BYTE.search(message)
        reason = _AT_BYTE.sub("", message.partition(" - at ")[0]).removeprefix("JSON is malformed: ")
        raise BrokenJson(reason[:1].lower() + reason[1:], data, int(place[1]) if place else 0) from None


def _not_utf8(data: bytes) -> BrokenJson:
    try:
        data.decode()
    except UnicodeDecodeError as error:  # its own place counts from the file's start, msgspec's from the string's
        return BrokenJson(f"it is not UTF-8: {error.reason}", data, error.start)
    return BrokenJson("it is not UTF-8", data, 0)
