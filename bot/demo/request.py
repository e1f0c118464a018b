"""Reads what a call was given: from the address, a form, JSON, or several parts with files."""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from bot.demo.files import MB, MOST_UPLOAD_BYTES, Upload
from bot.demo.refusal import Refused, too_large

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Scope = MutableMapping[str, Any]

MOST_BODY_BYTES = MOST_UPLOAD_BYTES + MB  # room for the other fields
_PARAMETER = re.compile(r"""(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))""")


@dataclass(slots=True)
class Call:
    """A method and its parameters; the accessors raise Refused where a value is of no use.

    values: strings, or in a JSON body any JSON. files: uploads by the name of their part.
    """

    method: str
    values: dict[str, Any] = field(default_factory=dict)
    files: list[tuple[str, Upload]] = field(default_factory=list)

    @property
    def chat_id(self) -> int | str | None:
        """As the ledger shows it: a number wherever it is one."""
        given = self.text("chat_id")
        return int(given) if given.removeprefix("-").isdecimal() else given or None

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        value = self.values.get(name)
        try:
            return default if value in (None, "") else int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1", "yes", "t", "y")

    def json(self, name: str) -> Any:
        """A structure: JSON in a string, or already read; None where it is not given."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        return next((upload for part, upload in self.files if part == name), None)


async def read_body(receive: Receive, most: int = MOST_BODY_BYTES) -> bytes:
    """Raises Refused with 413 where it is longer than that many bytes.

    What is too long is read and thrown away, because most callers listen only when all is sent.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    return await _rest(bytearray(body), receive, most)


async def _rest(body: bytearray, receive: Receive, most: int) -> bytes:
    more, long = True, False
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            long = True
            body.clear()
    if long:
        raise too_large()
    return bytes(body)


def read_call(method: str, scope: Scope, body: bytes) -> Call:
    """Raises Refused."""
    call = Call(method)
    try:
        if query := scope["query_string"]:
            call.values.update(_form(query))
        if body:
            _fill(call, header(scope, b"content-type"), body)
    except ValueError:
        raise Refused("strings must be encoded in UTF-8") from None
    return call


def header(scope: Scope, name: bytes) -> str:
    """name: in small letters. "" where it is missing."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def _fill(call: Call, content_type: str, body: bytes) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        call.values.update(_form(body))
    elif kind == "application/json":
        call.values.update(_object(body))
    elif kind == "multipart/form-data":
        for name, part in parts(content_type, body):
            if isinstance(part, Upload):
                call.files.append((name, part))
            else:
                call.values[name] = part


def _form(encoded: bytes) -> dict[str, str]:
    pairs = (pair.partition(b"=") for pair in encoded.replace(b"+", b" ").split(b"&"))
    return {_unquoted(name): _unquoted(value) for name, _, value in pairs if name}


def _unquoted(value: bytes) -> str:
    return (unquote_to_bytes(value) if b"%" in value else value).decode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        raise Refused("can't parse request JSON object") from None
    if not isinstance(value, dict):
        raise Refused("can't parse request JSON object")
    json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is a ValueError
    return value


def parts(content_type: str, body: bytes) -> list[tuple[str, str | Upload]]:
    """The parts of a multipart/form-data body, by name. Raises Refused."""
    boundary = _parameters(content_type).get("boundary")
    if not boundary:
        raise Refused("can't find multipart boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))
    found = [_part(piece) for piece in pieces[1:] if not piece.startswith(b"--")]
    return [part for part in found if part]


def _part(piece: bytes) -> tuple[str, str | Upload] | None:
    head, _, content = piece.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode().split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    facts = _parameters(headers.get("content-disposition", ""))
    if "name" not in facts:
        return None
    if "filename" not in facts and "filename*" not in facts:
        return facts["name"], content.decode()
    mime = headers.get("content-type", "application/octet-stream")
    return facts["name"], Upload(_file_name(facts), mime, content)


def _parameters(value: str) -> dict[str, str]:
    found = _PARAMETER.findall(value)
    return {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare for name, quoted, bare in found}


def _file_name(facts: dict[str, str]) -> str:
    """Browsers and httpx write %22 for a quotation mark; others use filename*."""
    if "filename*" in facts:
        return unquote(facts["filename*"].partition("''")[2])
    return facts["filename"].replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
