"""The HTTP side of a function: admits a call, runs its route, and renders whatever comes of it.

    api = build_api([routes], built=dependencies, member_client_id=…)
    def handler(event, context): return api.resolve(event, context)

An `Api` is not thread-safe, as the resolver inside it is not: one process serves one request at a time.
"""

import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any, Final, TypeVar, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from shared.errors import (
    DependencyUnavailableError,
    JifenError,
    NotFound,
    SaleConflictError,
    SignatureInvalidError,
    Unavailable,
)
from shared.http.call import Answer, Call
from shared.http.idempotency import REPLAYED_HEADER
from shared.http.json_body import json_body
from shared.http.problems import (
    PROBLEM_JSON,
    InternalError,
    MethodNotAllowedError,
    headers_of,
    invalid_field,
    invalid_fields,
    problem_body,
    problem_document,
    status_of,
)
from shared.http.routes import Route, Routes
from shared.ledger.account import ImpossibleMovementError
from shared.runtime import telemetry

JSON: Final = "application/json"
NOT_STORED: Final = {"Cache-Control": "no-store"}
NOT_MODIFIED: Final = 304

_COUNTED: Final[dict[type[Exception], telemetry.Metric]] = {
    SignatureInvalidError: "SignaturesRefused",
    SaleConflictError: "SaleConflicts",
    ImpossibleMovementError: "LedgerMismatch",
}
_TRANSIENT_CODES: Final = frozenset(
    {
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
    }
)
_SERVER_ERROR: Final = 500

D = TypeVar("D")
KnownPaths = Callable[[], Mapping[str, Iterable[str]]]
"""Gives path templates of OpenAPI and the methods of each."""


def build_api(
    routes: Sequence[Routes[D]], *, built: D, member_client_id: str, elsewhere: KnownPaths | None = None
) -> "Api":
    """Build the API of one function from its routes and from what they are given.

    `elsewhere` names the paths of other functions, for the one function that answers what no route takes: such a
    path exists with other methods, which is 405 and not 404.
    """
    return Api([route for some in routes for route in some.declared], built, member_client_id, elsewhere)


class Api:
    def __init__(
        self, routes: Sequence[Route], built: object, member_client_id: str, elsewhere: KnownPaths | None
    ) -> None:
        self.routes = routes
        self._built = built
        self._member_client_id = member_client_id
        self._elsewhere = elsewhere
        self._call = Call({}, None, member_client_id="")
        self._resolver = self._build_resolver()

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 Lambda's context has no type
        """Answer an HTTP API event (payload 2.0), whatever happens, and write one log line about it."""
        started_at = perf_counter()
        telemetry.forget()
        self._call = Call(event, context, member_client_id=self._member_client_id)
        try:
            answer = self._resolver.resolve(event, context)
        except Exception as error:  # noqa: BLE001 the entry point: nothing may leave it but an answer
            answer = _as_event(self._refused(error))
        self._log(int(answer["statusCode"]), round((perf_counter() - started_at) * 1000))
        return answer

    def _build_resolver(self) -> APIGatewayHttpResolver:
        resolver = APIGatewayHttpResolver(enable_validation=True)
        declared = {}
        for route in self.routes:
            endpoint = self._endpoint(route)
            declared[endpoint] = route
            resolver.route(route.path, route.method, operation_id=route.function.__name__)(endpoint)
        # Powertools validates before any middleware of ours could run, and reads forms where JSON is wanted. Putting
        # our own step in the place of its own is the one way to ask for the scope before the body is looked at.
        resolver._request_validation_middleware = _Admission(self, declared)  # noqa: SLF001
        # Answers are rendered from their models here, so the step that would validate them has nothing to do.
        del resolver._response_validation_middleware  # noqa: SLF001
        resolver.exception_handler(NotFoundError)(self._no_route)
        resolver.exception_handler(RequestValidationError)(self._invalid)
        resolver.exception_handler(Exception)(self._refused)
        return resolver

    def _endpoint(self, route: Route) -> Callable[..., Response[str]]:
        def endpoint(**parameters: object) -> Response[str]:
            answer = route.function(self._built, self._call, **parameters)
            return _answered(route, answer if isinstance(answer, Answer) else Answer(body=answer), self._call)

        endpoint.__name__ = route.function.__name__
        endpoint.__signature__ = parameters_of(route)  # type: ignore[attr-defined]
        endpoint.__annotations__ = {}
        return endpoint

    def admit(self, route: Route | None) -> None:
        """Let a call in before anything of it is read. Raises TokenMissingError, ScopeMissingError and others."""
        if route is None:
            return
        call = self._call
        call.route, call.limit_bytes = route.key, route.limit_bytes
        if route.scopes:
            call.principal.require(*route.scopes)
        if route.idempotent:
            _ = call.idempotency_key

    def read_json(self, content_type: str) -> dict[str, Any] | None:
        """Read the body of the present call, which is one object. Raises what `json_body` raises."""
        body = json_body(self._call.event, content_type, self._call.limit_bytes)
        if body is not None and not isinstance(body, dict):
            raise invalid_field("", "model_type")
        self._call.body = body
        return body

    def _no_route(self, _: NotFoundError) -> Response[str]:
        """Answer what no route takes: a path that has it yet names something with signs that no id has is 404."""
        allowed = self._methods_of(self._call.path)
        if not allowed or self._call.method in allowed:
            return self._refused(NotFound())
        return self._refused(MethodNotAllowedError(allowed=", ".join(sorted(allowed))))

    def _methods_of(self, path: str) -> set[str]:
        """Give the methods with which a path exists."""
        known: list[tuple[str, Iterable[str]]] = [(route.template, (route.method,)) for route in self.routes]
        if self._elsewhere is not None:
            known += self._elsewhere().items()
        return {method for template, methods in known if _pattern(template).fullmatch(path) for method in methods}

    def _invalid(self, error: RequestValidationError) -> Response[str]:
        return self._refused(invalid_fields(error.errors(), self._call.body))

    def _refused(self, error: Exception) -> Response[str]:
        """Answer with a problem. What nobody foresaw is 500, and is the only error whose place is logged."""
        call = self._call
        problem = _meaning(error)
        language = call.language
        document = problem_document(problem, language=language, instance=call.path, request_id=call.request_id)
        telemetry.note(code=problem.code)
        if metric := _COUNTED.get(type(error)):
            telemetry.count(metric)
        call.failure = error if isinstance(problem, InternalError | Unavailable) else None
        headers = headers_of(problem, language)
        if problem.replayed:
            headers[REPLAYED_HEADER] = "true"
            telemetry.note(replayed=True)
        return Response(document["status"], PROBLEM_JSON, problem_body(document), headers=headers)

    def _log(self, status: int, elapsed_ms: int) -> None:
        call = self._call
        telemetry.note(route=call.route, status=status, elapsed_ms=elapsed_ms, request_id=call.request_id)
        if status == status_of(InternalError):
            telemetry.write_line("request failed", level="error", error=call.failure)
        elif status == status_of(Unavailable):
            telemetry.write_line("request postponed", level="warning", error=call.failure)
        else:
            telemetry.write_line("answered")


class _Admission(OpenAPIRequestValidationMiddleware):
    """Powertools' validation of parameters, after the caller was admitted, with our reading of JSON."""

    def __init__(self, api: Api, declared: Mapping[Callable[..., Any], Route]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._api = api
        self._declared = declared

    def handler(self, app: ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[Any]:
        self._api.admit(self._declared.get(app.context["_route"].func))
        return super().handler(app, next_middleware)

    def _get_body(self, app: ApiGatewayResolver) -> dict[str, Any]:
        body = self._api.read_json(app.current_event.headers.get("content-type", ""))
        return cast("dict[str, Any]", body)


def parameters_of(route: Route) -> inspect.Signature:
    """Give the signature of a route's function without what it is built from and the call."""
    signature = inspect.signature(route.function, eval_str=True)
    own = list(signature.parameters.values())[2:]
    return signature.replace(parameters=own, return_annotation=inspect.Signature.empty)


def _answered(route: Route, answer: Answer[Any], call: Call) -> Response[str]:
    body = answer.body.model_dump_json() if isinstance(answer.body, BaseModel) else answer.body
    headers = {**(NOT_STORED if route.max_age_seconds is None else {}), **answer.headers}
    if answer.replayed:
        headers[REPLAYED_HEADER] = "true"
        telemetry.note(replayed=True)
    status = answer.status or route.status
    if route.max_age_seconds is not None:
        tag = f'"{hashlib.sha256((body or "").encode()).hexdigest()[:32]}"'
        headers |= {
            "Cache-Control": f"public, max-age={route.max_age_seconds}",
            "ETag": tag,
            "Vary": "Accept-Language",
        }
        if tag in {known.strip().removeprefix("W/") for known in call.headers.get("if-none-match", "").split(",")}:
            return Response(NOT_MODIFIED, headers=headers, body="")
    return Response(status, JSON, body, headers=headers)


def _as_event(response: Response[str]) -> dict[str, Any]:
    """Give a response as Lambda hands it to API Gateway, where the resolver itself could not."""
    return {
        "statusCode": response.status_code,
        "headers": dict(response.headers),
        "body": response.body,
        "isBase64Encoded": False,
        "cookies": [],
    }


def _meaning(error: Exception) -> JifenError:
    """Say what an exception means to the caller: a business error itself, a silent service 503, all else 500."""
    match error:
        case JifenError():
            return error
        case BotoCoreError():
            return DependencyUnavailableError()
        case ClientError():
            failed = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR
            throttled = error.response.get("Error", {}).get("Code") in _TRANSIENT_CODES
            return DependencyUnavailableError() if failed or throttled else InternalError()
        case _:
            return InternalError()


def _pattern(template: str) -> re.Pattern[str]:
    """Give the pattern of the paths that a template of OpenAPI means."""
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in _parts(template)))


def _parts(template: str) -> list[str]:
    return re.split(r"(\{\w+\})", template)
