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


def modules_of(function: str) -> list[str]:
    package = importlib.import_module(f"functions.{function}")
    return [module.name for module in pkgutil.iter_modules(package.__path__, f"functions.{function}.")]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p11_a_function_loads_nothing_that_it_does_not_need_to_start(function: str) -> None:
    """The handler's modules are loaded but nothing is built, so that no AWS is needed."""
    modules = ", ".join(name for name in modules_of(function) if not name.endswith(".handler"))
    program = f"import json, sys, shared.http.api, {modules}\nprint(json.dumps(sorted(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert NEVER.isdisjoint(json.loads(loaded))
