"""What functions import of the program stays free of pydantic, boto3, YAML and I/O, and light."""

import subprocess
import sys

import pytest

PURE = (
    "shared.program.model",
    "shared.program.currency",
    "shared.program.calendar",
    "shared.program.canonical",
    "shared.program.timeline",
    "shared.program.publication",
    "shared.program.catalog",
    "shared.program.stores",
    "shared.earning.sale",
    "shared.earning.conditions",
    "shared.earning.stacking",
    "shared.earning.explain",
    "shared.earning.calculate",
)
HEAVY = "{'pydantic', 'boto3', 'botocore', 'ruamel.yaml', 'typer', 'rich', 'urllib3', 'logging'}"


def imported(module: str, unwanted: str) -> str:
    code = f"import sys, {module}; print(sorted({unwanted} & sys.modules.keys()))"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_import_nothing_heavy(module: str) -> None:
    assert imported(module, HEAVY) == "[]"


def test_the_store_imports_neither_pydantic_nor_yaml() -> None:
    assert imported("shared.program.store", "{'pydantic', 'ruamel.yaml', 'typer', 'rich', 'boto3'}") == "[]"
