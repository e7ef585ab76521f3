"""Routes as declared: path, who may call, what it answers, which errors it raises.

    routes = Routes[Dependencies](tag="Members")

    @routes.get("/v1/me", scopes=("member",), errors=(MemberNotFoundError,))
    def read_me(built: Dependencies, call: Call) -> MemberView: ...

A function gets what its Lambda was built from, the call, and then its parameters, parsed by their annotations. The
declaration is the only place that says scope, status and errors: the API enforces and documents them from here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from shared.errors import JifenError
from shared.http.json_body import LARGEST_JSON_BYTES
from shared.http.principals import Scope

Method = Literal["GET", "POST", "PUT", "PATCH"]
Function = TypeVar("Function", bound=Callable[..., Any])
D = TypeVar("D")

_PARAMETER: Final = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One declared route. `path` writes parameters as `<id>`; `max_age_seconds` lets anybody cache the answer.

    `also` are other statuses of success, `reads` is what a signed route makes of its raw body: the documentation
    tells both. `limit_bytes` is the largest body of JSON that it reads.
    """

    method: Method
    path: str
    function: Callable[..., Any]
    tag: str
    scopes: tuple[Scope, ...]
    status: int
    errors: tuple[type[JifenError], ...]
    idempotent: bool
    signed: bool
    reads: Any
    also: tuple[int, ...]
    max_age_seconds: int | None
    limit_bytes: int

    @property
    def template(self) -> str:
        """The path as OpenAPI and API Gateway write it: `/v1/me/entries/{id}`."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def key(self) -> str:
        """The route key of API Gateway: `GET /v1/me`."""
        return f"{self.method} {self.template}"


class Routes(Generic[D]):
    """The routes of one function, built from a `D`."""

    def __init__(self, *, tag: str) -> None:
        self.declared: list[Route] = []
        self._tag = tag

    def get(
        self,
        path: str,
        *,
        scopes: tuple[Scope, ...] = (),
        errors: tuple[type[JifenError], ...] = (),
        max_age_seconds: int | None = None,
    ) -> Callable[[Function], Function]:
        """Declare a read. Without scopes anybody may call it."""
        return self._declare("GET", path, scopes=scopes, errors=errors, max_age_seconds=max_age_seconds)

    def post(  # noqa: PLR0913 a route has this many sides
        self,
        path: str,
        *,
        scopes: tuple[Scope, ...] = (),
        errors: tuple[type[JifenError], ...] = (),
        status: int = 200,
        idempotent: bool = False,
        signed: bool = False,
        reads: Any = None,  # noqa: ANN401 a model, or a union of models
        also: tuple[int, ...] = (),
        limit_bytes: int = LARGEST_JSON_BYTES,
    ) -> Callable[[Function], Function]:
        """Declare a POST.

        `idempotent` ones need an Idempotency-Key, `signed` ones read and verify the raw body. `also` are statuses of
        success besides `status`, `reads` is the model of a raw body; both are for the documentation.
        """
        return self._declare(
            "POST",
            path,
            scopes=scopes,
            errors=errors,
            status=status,
            idempotent=idempotent,
            signed=signed,
            reads=reads,
            also=also,
            limit_bytes=limit_bytes,
        )

    def put(
        self,
        path: str,
        *,
        scopes: tuple[Scope, ...],
        errors: tuple[type[JifenError], ...] = (),
        idempotent: bool = False,
    ) -> Callable[[Function], Function]:
        return self._declare("PUT", path, scopes=scopes, errors=errors, idempotent=idempotent)

    def patch(
        self,
        path: str,
        *,
        scopes: tuple[Scope, ...],
        errors: tuple[type[JifenError], ...] = (),
    ) -> Callable[[Function], Function]:
        return self._declare("PATCH", path, scopes=scopes, errors=errors)

    def _declare(  # noqa: PLR0913 a route has this many sides
        self,
        method: Method,
        path: str,
        *,
        scopes: tuple[Scope, ...],
        errors: tuple[type[JifenError], ...],
        status: int = 200,
        idempotent: bool = False,
        signed: bool = False,
        reads: Any = None,  # noqa: ANN401 a model, or a union of models
        also: tuple[int, ...] = (),
        max_age_seconds: int | None = None,
        limit_bytes: int = LARGEST_JSON_BYTES,
    ) -> Callable[[Function], Function]:
        def declare(function: Function) -> Function:
            self.declared.append(
                Route(
                    method=method,
                    path=path,
                    function=function,
                    tag=self._tag,
                    scopes=scopes,
                    status=status,
                    errors=errors,
                    idempotent=idempotent,
                    signed=signed,
                    reads=reads,
                    also=also,
                    max_age_seconds=max_age_seconds,
                    limit_bytes=limit_bytes,
                )
            )
            return function

        return declare
