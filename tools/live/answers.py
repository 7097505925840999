"""What sources answer with, read strictly: what is not the answer asked for is an error, never nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from ingest.formats import Chunk, FormatError
from ingest.formats.element import Element
from ingest.formats.registry import HEAD_BYTES
from ingest.formats.xml_chunks import Cut, document, has_root, read_prolog
from medlit.errors import SourceUnavailable
from medlit.privacy.outbound import Response
from tools.live.source import NoAnswerError, TooManyError

T = TypeVar("T")


class _Failure(msgspec.Struct):
    """What NCBI says in JSON in the place of an answer."""

    error: str | None = None


def read_json(form: type[T]) -> Callable[[Response], T]:
    """A reader of JSON of this form."""

    def read(response: Response) -> T:
        body = usable(response).strip()
        try:
            failure = msgspec.json.decode(body, type=_Failure, strict=False).error if body[:1] == b"{" else None
            if failure is None:
                return msgspec.json.decode(body, type=form, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise NoAnswerError("answered with JSON that is cut off or not what was asked for") from None
        raise TooManyError if "rate limit" in failure.lower() else NoAnswerError("answered with an error")

    return read


def read_xml(response: Response, *roots: str) -> Element:
    """The root of an XML answer, which must have one of these names."""
    body = usable(response)
    try:
        prolog = read_prolog(body)
        # The parser sees no document type: what one could declare cannot happen.
        root = document(Chunk(body[prolog.start :], 1)) if prolog else None
    except FormatError:
        root = None
    if root is None:
        raise NoAnswerError("answered with XML that is cut off or not well-formed")
    if root.tag not in roots:
        raise NoAnswerError("answered with something else than was asked for")
    return root


def is_whole_xml(body: bytes, cuts: Mapping[bytes, Cut], ends: tuple[bytes, ...]) -> bool:
    """Whether a large XML answer begins with one of these roots and ends as it should; it is not parsed."""
    try:
        return has_root(body[:HEAD_BYTES], cuts) and body.rstrip().endswith(ends)
    except FormatError:
        return False


def usable(response: Response) -> bytes:
    """The body, unless it is a page for people or says that too much was asked."""
    kind = next((value.lower() for name, value in response.headers.items() if name.lower() == "content-type"), "")
    start = response.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"rate limit exceeded" in start:
        raise TooManyError
    if "text/html" in kind or start.startswith((b"<!doctype html", b"<html")):
        raise NoAnswerError("answered with a web page")
    if not start:
        raise NoAnswerError("answered with nothing")
    return response.body


def refused(name: str) -> SourceUnavailable:
    """The source understood the request and does not want to answer it; asking again is of no use."""
    return SourceUnavailable("could not make sense of the request", name, final=True)


def text_of(element: Element, name: str) -> str:
    """The text of the first child of this name, or nothing."""
    return next((child.text or "" for child in element if child.tag == name), "")
