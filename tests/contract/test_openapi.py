"""The description of the API equals the code, the routes that are deployed, and the answers. A2, A7."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from infra.routes import ROUTES
from shared.http.problems import status_of
from shared.http.routes import Route
from tools import openapi

ROOT = Path(__file__).parents[2]
DECLARED = openapi.declared_routes()


def without_names(route_key: str) -> str:
    """Write a route key without the names of its parameters, which differ between the gateway and a signature."""
    return re.sub(r"\{\w+\}", "{}", route_key)


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("target", openapi.TARGETS, ids=lambda target: str(target.relative_to(ROOT)))
def test_a7_the_committed_document_is_the_generated_one(target: Path) -> None:
    assert target.read_text(encoding="utf-8") == openapi.rendered(openapi.document(DECLARED)), (
        "run: python -m tools.openapi"
    )


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_model_has_a_name_of_its_own(document: Any) -> None:
    """Powertools names models that share a name by their modules, which mean nothing to who generates a client."""
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_a7_the_declared_routes_are_the_deployed_ones() -> None:
    assert {without_names(route.key) for route in DECLARED} == {without_names(route.key) for route in ROUTES}


def test_a7_the_document_has_the_deployed_routes(document: Any) -> None:
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert {without_names(key) for key in described} == {without_names(route.key) for route in ROUTES}


@pytest.mark.parametrize("route", DECLARED, ids=lambda route: route.key)
def test_s1_every_caller_is_known_as_the_gateway_has_it(route: Route) -> None:
    (deployed,) = [one for one in ROUTES if without_names(one.key) == without_names(route.key)]
    known = "signature" if route.signed else "token" if route.scopes else "anyone"
    assert (deployed.caller, deployed.function) == (known, route.function.__module__.split(".")[1])


@pytest.mark.parametrize("route", DECLARED, ids=lambda route: route.key)
def test_every_declared_error_is_described(route: Route, document: Any) -> None:
    responses = document["paths"][route.template][route.method.lower()]["responses"]
    for error in route.errors:
        assert f"`{error.code}`" in responses[str(status_of(error))]["description"]


@pytest.mark.parametrize("route", DECLARED, ids=lambda route: route.key)
def test_every_route_says_what_it_does(route: Route, document: Any) -> None:
    operation = document["paths"][route.template][route.method.lower()]
    assert re.fullmatch(r"[A-Z].{10,100}\.", operation["summary"])
    assert operation["tags"] == [route.tag]


def test_money_moves_only_under_a_key_or_a_signature() -> None:
    """I10: every POST that spends or issues asks for an Idempotency-Key; a lookup or a quote moves no points.

    Enrolment has the token's subject for a key, a check-in its day, a claim its receipt, a decision what it decides on;
    an account that is frozen stays so.
    """
    free = {route.key for route in DECLARED if route.method == "POST" and not (route.idempotent or route.signed)}
    decided = ("completions/{completion_id}", "adjustments/{id}")
    decisions = {f"POST /v1/admin/{what}/{verb}" for what in decided for verb in ("approve", "reject")}
    decisions |= {f"POST /v1/admin/redemptions/{{id}}/{verb}" for verb in ("approve", "reject", "cancel")}
    decisions |= {"POST /v1/admin/rewards", "POST /v1/admin/rewards/{id}/archive"}
    lookups = {"POST /v1/members/lookup", "POST /v1/admin/members/search", "POST /v1/sales/quote"}
    states = {f"POST /v1/admin/members/{{id}}/{verb}" for verb in ("freeze", "unfreeze")}
    claims = {"POST /v1/me/receipt-claims", "POST /v1/admin/members/{id}/receipt-claims"}
    assert free == {"POST /v1/me", "POST /v1/me/check-ins", *lookups, *decisions, *states, *claims}
