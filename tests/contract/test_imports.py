"""What the functions of the API load when they start. P11."""

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

from tools.openapi import FUNCTIONS

# Powertools loads its own thin `tracing` with the package; the SDK behind it, which is what costs, stays away.
NEVER = {
    "aws_xray_sdk",
    "aws_lambda_powertools.utilities.idempotency",
    "boto3",
    "phonenumbers",
    "ruamel",
    "s3transfer",
    "standardwebhooks",
    "typer",
}

# What functions that answer no request do without: routes, validation, telephone numbers.
ONLY_FOR_ROUTES = {"aws_lambda_powertools", "pydantic", "shared.http.api", "shared.members", "shared.earning"}


def modules_of(function: str) -> list[str]:
    package = importlib.import_module(f"functions.{function}")
    return [module.name for module in pkgutil.iter_modules(package.__path__, f"functions.{function}.")]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p11_a_function_loads_nothing_that_it_does_not_need_to_start(function: str) -> None:
    """The handler's modules are loaded but nothing is built, so that no AWS is needed."""
    assert NEVER.isdisjoint(loaded_by(function, "shared.http.api"))


@pytest.mark.parametrize("function", ["publisher", "webhook_sender"])
def test_p11_who_publishes_and_who_sends_load_no_framework(function: str) -> None:
    assert (NEVER | ONLY_FOR_ROUTES).isdisjoint(loaded_by(function))


def test_p11_who_sends_webhooks_knows_nothing_of_the_ledger() -> None:
    assert [name for name in loaded_by("webhook_sender") if name.startswith(("shared.ledger", "shared.keys"))] == []


def loaded_by(function: str, *others: str) -> list[str]:
    """Name everything that is loaded once all modules of a function but its handler are."""
    modules = [name for name in modules_of(function) if not name.endswith(".handler")]
    program = f"import json, sys, {', '.join([*others, *modules])}\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return list(json.loads(ran.stdout))
