"""Writes the description of the API, `docs/openapi.json`, from the routes as the functions declare them.

    python -m tools.openapi

Everything in it stands in the code once: paths, scopes, statuses and errors in the declaration of a route, fields in
its models, texts in the docstrings. The copy beside the public function is what the API serves.
"""

import importlib
import inspect
import json
import pkgutil
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from shared import errors
from shared.errors import JifenError
from shared.http.api import parameters_of
from shared.http.call import Answer
from shared.http.problems import InternalError, MediaTypeError, status_of
from shared.http.routes import Route, Routes
from shared.http.texts import PROBLEMS

ROOT: Final = Path(__file__).parent.parent
TARGETS: Final = (ROOT / "docs" / "openapi.json", ROOT / "functions" / "public" / "openapi.json")
FUNCTIONS: Final = ("webhooks", "members", "queries", "redemptions", "activities", "desk", "catalog", "public")
DESCRIPTION: Final = (
    "Loyalty points of a store or a chain. Amounts are integers in minor units, points are integers, times are "
    "RFC 3339 in UTC, days are YYYY-MM-DD. Errors are problems (RFC 9457) with a stable code; their texts follow "
    "Accept-Language (zh-CN, en). A field that is not described is refused; where no body is described, none is read. "
    "Texts are kept in the form NFC."
)
SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of the chain's OpenID provider. Scopes are written with the prefix `jifen/` in it.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: `v1,` and the base64 HMAC-SHA256 of `webhook-id.webhook-timestamp.body`.",
    },
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "8 to 128 visible ASCII characters, new for each operation, the same when it is tried again.",
    "schema": {"type": "string", "pattern": "^[!-~]{8,128}$"},
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `etag` of the state that is changed.",
    "schema": {"type": "string"},
}
SIGNED_HEADERS: Final = tuple(
    {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
    for name, text in (
        ("webhook-id", "The id of the delivery, the same when it is delivered again."),
        ("webhook-timestamp", "Seconds since 1970, within 300 of now."),
    )
)
_SCHEMA_REFERENCE: Final = "#/components/schemas/{model}"


class FieldProblem(BaseModel):
    """One wrong field."""

    pointer: Annotated[str, Field(description="A JSON pointer into the body, or `query:name`.", examples=["/phone"])]
    code: Annotated[str, Field(examples=["missing"])]
    detail: str


class Problem(BaseModel):
    """Why a request was not done (RFC 9457). More members belong to the code; see docs/problems.md."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(examples=["urn:problem-type:jifen:insufficient-points"])]
    title: str
    status: int
    detail: str
    instance: str
    code: Annotated[str, Field(description="Stable, never translated.", examples=["insufficient-points"])]
    request_id: str
    errors: list[FieldProblem] | None = None


def declared_routes() -> list[Route]:
    """Collect the routes of all functions."""
    return [route for function in FUNCTIONS for routes in routes_of(function) for route in routes.declared]


def routes_of(function: str) -> Iterator[Routes[Any]]:
    """Find what a function declares, in whatever modules; its handler is left alone, because it builds things."""
    package = importlib.import_module(f"functions.{function}")
    found: list[Routes[Any]] = []
    for module in pkgutil.iter_modules(package.__path__, f"functions.{function}."):
        if not module.name.endswith(".handler"):
            values = vars(importlib.import_module(module.name)).values()
            found += [value for value in values if isinstance(value, Routes) and value not in found]
    yield from found


def document(routes: list[Route]) -> dict[str, Any]:
    """Give the OpenAPI 3.1 document of the routes."""
    resolver = APIGatewayHttpResolver(enable_validation=True)
    for route in routes:
        resolver.route(
            route.path,
            route.method,
            summary=_summary(route),
            description=_description(route),
            operation_id=_operation_id(route),
            tags=[route.tag],
            responses=_responses(route),
            status_code=route.status,
        )(_as_documented(route))
    schema: dict[str, Any] = json.loads(
        resolver.get_openapi_json_schema(title="Jifen", version=_version(), description=DESCRIPTION)
    )
    schema.pop("servers", None)
    schema.setdefault("components", {})["securitySchemes"] = SECURITY
    for route in routes:
        _complete(schema, route)
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schema["components"]["schemas"].pop(unused, None)
    return schema


def rendered(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _as_documented(route: Route) -> Callable[..., None]:
    """Make a function that has nothing but the signature of the route's own."""

    def endpoint(**_: object) -> None: ...

    endpoint.__name__ = route.function.__name__
    endpoint.__signature__ = parameters_of(route)  # type: ignore[attr-defined]
    endpoint.__annotations__ = {}
    return endpoint


def _responses(route: Route) -> dict[int, Any]:
    model = _answer_of(route)
    content: dict[str, Any] = {"schema": {"type": "object"}} if model is str else {"model": model}
    responses: dict[int, Any] = {
        status: {"description": HTTPStatus(status).phrase, "content": {"application/json": content}}
        for status in (route.status, *route.also)
    }
    codes: dict[int, set[str]] = defaultdict(set)
    for error in (*route.errors, *_implied(route)):
        codes[status_of(error)].add(error.code)
    for status in sorted(codes):
        responses[status] = {
            "description": " · ".join(f"`{code}` {PROBLEMS[code].title.en}" for code in sorted(codes[status])),
            "content": {"application/problem+json": {"model": Problem}},
        }
    return responses


def _answer_of(route: Route) -> Any:  # noqa: ANN401 a model, a union of models, or str
    annotation = inspect.signature(route.function, eval_str=True).return_annotation
    return get_args(annotation)[0] if get_origin(annotation) is Answer else annotation


def _implied(route: Route) -> Iterator[type[JifenError]]:
    """Name the errors that follow from what a route declares."""
    yield InternalError
    if route.scopes:
        yield from (errors.TokenMissingError, errors.ScopeMissingError)
    if route.idempotent:
        yield errors.IdempotencyKeyMissingError
    if parameters_of(route).parameters:
        yield errors.InvalidFieldError
    if "<" in route.path:
        yield errors.NotFound
    if _reads_json(route):
        yield from (errors.MalformedJsonError, errors.NotUtf8Error, errors.BodyTooLargeError, MediaTypeError)


def _reads_json(route: Route) -> bool:
    annotations = (parameter.annotation for parameter in parameters_of(route).parameters.values())
    return any(inspect.isclass(annotation) and issubclass(annotation, BaseModel) for annotation in annotations)


def _security(route: Route) -> list[dict[str, list[str]]] | None:
    if route.signed:
        return [{"signature": []}]
    return [{"token": [scope]} for scope in route.scopes] or None


def _complete(schema: dict[str, Any], route: Route) -> None:
    """Add what Powertools has no word for: headers that the layer reads itself, and raw bodies."""
    operation = schema["paths"][route.template][route.method.lower()]
    operation.pop("deprecated", None)
    security = _security(route)
    if security:
        operation["security"] = security
    if not parameters_of(route).parameters and "422" in operation["responses"]:
        _drop_default_validation(operation, route)
    if route.max_age_seconds is not None:
        operation["responses"]["304"] = {"description": "Not changed since the ETag of If-None-Match"}
    headers = [IDEMPOTENCY_KEY] if route.idempotent else []
    headers += SIGNED_HEADERS if route.signed else []
    headers += [IF_MATCH] if errors.IfMatchRequiredError in route.errors else []
    if headers:
        operation["parameters"] = operation.get("parameters", []) + headers
    if route.reads is not None:
        body = TypeAdapter(route.reads).json_schema(ref_template=_SCHEMA_REFERENCE)
        schema["components"]["schemas"] |= body.pop("$defs", {})
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}


def _drop_default_validation(operation: dict[str, Any], route: Route) -> None:
    """Take back the 422 that Powertools gives every route, where nothing can be wrong with the request."""
    if status_of(errors.Rejected) not in {status_of(error) for error in route.errors}:
        del operation["responses"]["422"]


def _operation_id(route: Route) -> str:
    """Give a name that no other route has: method and path."""
    return re.sub(r"\W+", "_", f"{route.method.lower()}{route.template}").strip("_")


def _summary(route: Route) -> str:
    return (inspect.getdoc(route.function) or route.function.__name__).partition("\n")[0]


def _description(route: Route) -> str | None:
    scopes = f"Scope: {' or '.join(f'`{scope}`' for scope in route.scopes)}." if route.scopes else ""
    rest = (inspect.getdoc(route.function) or "").partition("\n")[2].strip()
    return "\n\n".join(part for part in (rest, scopes) if part) or None


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def main() -> None:
    text = rendered(document(declared_routes()))
    for target in TARGETS:
        target.write_text(text, encoding="utf-8")
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
