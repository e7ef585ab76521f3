"""Reading a body: its bytes, and its JSON, with every limit checked before anything is built from it."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from shared.errors import BodyTooLargeError, MalformedJsonError, NotUtf8Error
from shared.http.problems import MediaTypeError

LARGEST_JSON_BYTES: Final = 64 * 1024
LARGEST_WEBHOOK_BYTES: Final = 1024 * 1024
DEEPEST_NESTING: Final = 32
JSON_MEDIA_TYPE: Final = "application/json"


def raw_body(event: Mapping[str, Any], limit_bytes: int) -> bytes:
    """Give the bytes as they were sent: API Gateway hands them over in base64 or as text.

    Raises BodyTooLargeError, and MalformedJsonError for base64 that is none.
    """
    text: str = event.get("body") or ""
    if len(text) > limit_bytes * 2:  # longer than base64 of the largest body: not worth decoding
        raise BodyTooLargeError(limit_bytes=limit_bytes)
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise MalformedJsonError from None
    else:
        body = text.encode("utf-8", "surrogatepass")
    if len(body) > limit_bytes:
        raise BodyTooLargeError(limit_bytes=limit_bytes)
    return body


def json_body(event: Mapping[str, Any], content_type: str, limit_bytes: int = LARGEST_JSON_BYTES) -> Any:  # noqa: ANN401 JSON is of any kind
    """Give the parsed body of a route that reads JSON; None where there is none.

    Raises MediaTypeError, BodyTooLargeError, NotUtf8Error and MalformedJsonError.
    """
    body = raw_body(event, limit_bytes)
    if not body:
        return None
    if content_type.partition(";")[0].strip().lower() not in {"", JSON_MEDIA_TYPE}:
        raise MediaTypeError(required=JSON_MEDIA_TYPE)
    return parse_json(body)


def parse_json(body: bytes) -> Any:  # noqa: ANN401 JSON is of any kind
    """Parse JSON as RFC 8259 has it: UTF-8, no NaN, nested at most 32 deep.

    Raises NotUtf8Error and MalformedJsonError.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotUtf8Error from None
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # not JSON, a number of 5 000 digits, or brackets without end
        raise MalformedJsonError from None
    if text.count("[") + text.count("{") > DEEPEST_NESTING:
        _check_depth(value, DEEPEST_NESTING)
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def _check_depth(value: object, deepest: int) -> None:
    if deepest < 0:
        raise MalformedJsonError
    match value:
        case dict():
            for part in value.values():
                _check_depth(part, deepest - 1)
        case list():
            for part in value:
                _check_depth(part, deepest - 1)
        case _:
            pass


def _check_surrogates(value: object) -> None:
    """Refuse half of a surrogate pair: JSON can spell it, UTF-8 and DynamoDB cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotUtf8Error from None
