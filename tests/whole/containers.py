"""Every function of the product in containers of its own, built and called as Lambda does it."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_args

from infra.routes import UNKNOWN_PATHS_GO_TO, FunctionName
from shared.http.api import build_api
from shared.runtime.patience import Patience
from shared.runtime.surroundings import Surroundings
from tests.http_events import MEMBER_CLIENT, LambdaContext
from tools.openapi import routes_of

Container = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]
"""Answers an event, as the function's handler does."""

OF_THE_API: Final[tuple[str, ...]] = get_args(FunctionName)
BUILT: Final = frozenset(
    path.parent.name for path in Path(__file__).parents[2].joinpath("functions").glob("*/dependencies.py")
)
"""The functions that reach something outside themselves."""


def container(function: str, around: Surroundings) -> Container:
    """Build a function anew, with nothing remembered, from the environment as it is now."""
    built = import_module(f"functions.{function}.dependencies").build(around)
    if function in OF_THE_API:
        return _api(function, built)
    if function == "sweep_planner":
        start = import_module("functions.sweep_planner.start").start
        return lambda event, _context: dict(start(event, built))
    take_batch = import_module(f"functions.{function}.records").take_batch
    return lambda event, context: dict(
        take_batch(event["Records"], built, Patience(remaining_ms=context.get_remaining_time_in_millis))
    )


def _api(function: str, built: Any) -> Container:
    routes = list(routes_of(function))
    has_tokens = any(route.scopes for some in routes for route in some.declared)
    api = build_api(
        routes,
        built=built,
        member_client_id=MEMBER_CLIENT if has_tokens else "",
        elsewhere=built.document.methods_by_path if function == UNKNOWN_PATHS_GO_TO else None,
    )
    return api.resolve
