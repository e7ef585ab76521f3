"""Errors as answers: one table from family to status, one renderer, RFC 9457 documents.

JifenError (shared.errors)            status by family, along the MRO
└── raised by this layer alone
    ├── MethodNotAllowedError   405   the path exists with other methods
    ├── MediaTypeError          415   the body is not what the route reads
    └── InternalError           500   nothing that was foreseen
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared import errors
from shared.errors import JifenError
from shared.http.field_texts import field_error_detail
from shared.http.languages import Language
from shared.http.texts import PROBLEMS

PROBLEM_JSON: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:problem-type:jifen:"
RETRY_AFTER_SECONDS: Final = 1
LONGEST_INSTANCE: Final = 256
MOST_FIELD_ERRORS: Final = 20


class MethodNotAllowedError(JifenError):
    """Fields: allowed, the methods of the path, comma-separated."""

    code = "method-not-allowed"


class MediaTypeError(JifenError):
    """Fields: required, the media type that the route reads."""

    code = "media-type"


class InternalError(JifenError):
    code = "internal"


STATUSES: Final[dict[type[JifenError], int]] = {
    errors.Malformed: 400,
    errors.NotAuthentic: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    MethodNotAllowedError: 405,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.BodyTooLargeError: 413,
    MediaTypeError: 415,
    errors.Rejected: 422,
    errors.RateLimitedError: 429,
    errors.PreconditionRequired: 428,
    InternalError: 500,
    errors.Unavailable: 503,
}

Pointer = tuple[str | int, ...]
"""Where in a request something is wrong: `body`, `query`, `path` or `header`, then the way down."""


def status_of(error: type[JifenError]) -> int:
    """Give the HTTP status of an error: that of its nearest listed ancestor."""
    for ancestor in error.__mro__:
        if ancestor in STATUSES:
            return STATUSES[ancestor]
    return STATUSES[InternalError]


def problem_document(error: JifenError, *, language: Language, instance: str, request_id: str) -> dict[str, Any]:
    """Give the members of the problem: those of RFC 9457, `code`, `request_id`, and the fields of the error."""
    text = PROBLEMS[error.code]
    document = {
        "type": TYPE_PREFIX + error.code,
        "title": text.title.told(language),
        "status": status_of(type(error)),
        "detail": text.detail_with(error.fields, language),
        "instance": instance[:LONGEST_INSTANCE],
        "code": error.code,
        "request_id": request_id,
    }
    told = {name: value for name, value in error.fields.items() if name not in document}
    if "errors" in told:
        told["errors"] = field_problems(told["errors"], language)
    return document | told


def problem_body(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)


def headers_of(error: JifenError, language: Language) -> dict[str, str]:
    """Give the headers that an error's answer carries besides its media type."""
    headers = {"Cache-Control": "no-store", "Content-Language": language}
    match error:
        case errors.Unavailable():
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        case errors.RateLimitedError():
            headers["Retry-After"] = str(error.fields["retry_after"])
        case errors.TokenMissingError():
            headers["WWW-Authenticate"] = "Bearer"
        case MethodNotAllowedError():
            headers["Allow"] = str(error.fields["allowed"])
        case _:
            pass
    return headers


def field_problems(errors: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Say of the first wrong fields where they are and what is wrong; an error has at most twenty of them to tell."""
    return [_with_detail(one, language) for one in errors[:MOST_FIELD_ERRORS]]


def _with_detail(one: Mapping[str, Any], language: Language) -> dict[str, Any]:
    detail = one.get("detail") or field_error_detail(one["code"], one.get("context", {}), language)
    return {"pointer": one["pointer"], "code": one["code"], "detail": detail}


def invalid_field(pointer: str, code: str, **context: object) -> errors.InvalidFieldError:
    """Make the error of one wrong field; `code` is listed in `texts.FIELD_ERRORS`, `context` fills its text."""
    return errors.InvalidFieldError(errors=[{"pointer": pointer, "code": code, "context": context}])


def invalid_fields(found: Sequence[Mapping[str, Any]], body: object) -> errors.InvalidFieldError:
    """Make the error of what pydantic found, given the body that it looked at.

    Of pydantic's findings only type, place and limits are used: its messages and inputs quote what was sent.
    """
    return errors.InvalidFieldError(
        errors=[
            {
                "pointer": json_pointer(tuple(one["loc"]), body, missing=one["type"] == "missing"),
                "code": one["type"],
                "context": _limits(one.get("ctx", {})),
            }
            for one in found
        ]
    )


def _limits(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in context.items() if isinstance(value, int | str) and name != "error"}


def json_pointer(loc: Pointer, body: object, *, missing: bool) -> str:
    """Turn pydantic's place into an RFC 6901 pointer into the body, or `query:limit` for what is not in the body.

    Places also name the branches of unions, which are nowhere in the body: a part that leads nowhere is skipped,
    unless it is the last one of something missing.
    """
    where, *parts = loc or ("body",)
    if where != "body":
        return ":".join(str(part) for part in loc)
    pointer = ""
    for position, part in enumerate(parts, start=1):
        inside, found = _step(body, part)
        if found:
            body = inside
        if found or (missing and position == len(parts)):
            pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return pointer


def _step(value: object, part: str | int) -> tuple[object, bool]:
    match value:
        case dict() if part in value:
            return value[part], True
        case list() if isinstance(part, int) and part < len(value):
            return value[part], True
        case _:
            return value, False
