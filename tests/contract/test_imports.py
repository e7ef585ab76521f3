"""What the functions of the API load when they start. P11."""

import json
import subprocess
import sys

import pytest

from tools.bench.cold_starts import NEVER, modules_of
from tools.openapi import FUNCTIONS

# What functions that answer no request do without: routes, validation, telephone numbers.
ONLY_FOR_ROUTES = {"aws_lambda_powertools", "pydantic", "shared.http.api", "shared.members", "shared.earning"}


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
    program = f"import json, sys, {', '.join([*others, *modules_of(function)])}\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return list(json.loads(ran.stdout))
