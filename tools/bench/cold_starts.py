"""P9 to P11: what a cold start costs, with code and layer as Lambda mounts them: files of 1980, bytecode beside them.

The measure of P9 is what nobody does without: `boto3.client("dynamodb")`, in turns with the functions, each time in a
fresh process.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from infra.packaging.code import stage_code
from infra.packaging.layer import ROOT, built_layer
from infra.routes import ROUTES
from infra.stages import STAGES
from tools.bench.figures import Figure, at_most, exactly
from tools.bench.size import scaled

FUNCTIONS: Final = sorted({route.function for route in ROUTES})
LONG_AGO: Final = 315_532_800
"""What Lambda's zip says of every file."""
PROCESSES: Final = 15
GOAL: Final = 1.60
# Powertools loads its own thin `tracing` with the package; the SDK behind it, which is what costs, stays away.
NEVER: Final = frozenset(
    {
        "aws_xray_sdk",
        "aws_lambda_powertools.utilities.idempotency",
        "boto3",
        "phonenumbers",
        "ruamel",
        "s3transfer",
        "standardwebhooks",
        "typer",
    }
)
_IMPORT: Final = """
import gc, importlib, importlib.machinery, json, sys
compiled = []
compile_source = importlib.machinery.SourceFileLoader.source_to_code
def noticed(self, data, path, *more, **named):
    compiled.append(str(path))
    return compile_source(self, data, path, *more, **named)
importlib.machinery.SourceFileLoader.source_to_code = noticed
for name in {modules!r}:
    importlib.import_module(name)
looks = sum(generation["collections"] for generation in gc.get_stats())
print(json.dumps([compiled, sorted(sys.modules), sys.modules["shared"].__path__[0], looks]))
"""
_BOTO3: Final = """
import time
before = time.process_time()
import boto3
boto3.client("dynamodb")
print(time.process_time() - before)
"""
# What a handler does when it is imported, but for the secrets that it reads and the clients beside DynamoDB's.
_START: Final = """
import time
before = time.process_time()
import importlib
modules = [importlib.import_module(name) for name in {modules!r}]
from shared.http.api import build_api
from shared.http.routes import Routes
from shared.runtime import aws
aws.client("dynamodb")
routes = [value for module in modules for value in vars(module).values() if isinstance(value, Routes)]
build_api(routes, built=None, member_client_id="client")
print(time.process_time() - before)
"""


class Mounted(NamedTuple):
    """The folders that Lambda mounts, of code and of packages."""

    code: Path
    packages: Path

    def run(self, program: str, *others: Path) -> Any:  # noqa: ANN401 JSON
        """Run a program in a fresh process that has nothing but these folders; read what it prints as JSON."""
        paths = [str(path) for path in (*self, *others)]
        # -S: none of the packages that are installed on this machine; -B: what is compiled is not kept for the next.
        ran = subprocess.run(  # noqa: S603 our own interpreter
            [sys.executable, "-S", "-B", "-c", f"import sys\nsys.path[:0] = {paths!r}\n{program}"],
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
            env={"AWS_DEFAULT_REGION": "us-east-1"},
        )
        return json.loads(ran.stdout)


class Imported(NamedTuple):
    """What a process compiled and loaded, where it found the project's own code, how often it looked for garbage."""

    compiled: list[str]
    loaded: list[str]
    code: str
    looks: int


def mount(folder: Path) -> Mounted:
    """Build code and layer for this machine's Python into a folder."""
    code, layer = folder / "task", folder / "opt"
    stage_code(code, stage=STAGES["local"])
    shutil.copytree(built_layer(STAGES["local"]), layer)
    for path in folder.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return Mounted(code, layer / "python")


def modules_of(function: str) -> list[str]:
    """Name all of a function but its handler, which reads secrets when it is imported."""
    return [
        f"functions.{function}.{path.stem}"
        for path in sorted((ROOT / "functions" / function).glob("*.py"))
        if path.stem not in {"handler", "__init__"}
    ]


def imported(mounted: Mounted, modules: Sequence[str], *others: Path) -> Imported:
    return Imported(*mounted.run(_IMPORT.format(modules=list(modules)), *others))


def figures() -> Iterator[Figure]:
    """Import every function of the API as it is deployed."""
    with TemporaryDirectory(prefix="jifen-lambda-") as folder:
        mounted = mount(Path(folder))
        yield from _loaded(mounted)
        yield from _processor(mounted)


def _loaded(mounted: Mounted) -> Iterator[Figure]:
    compiled, unwanted = 0, 0
    for function in FUNCTIONS:
        found = imported(mounted, [*modules_of(function), "shared.http.api", "botocore.session"])
        compiled += len(found.compiled)
        unwanted += len(NEVER.intersection(found.loaded))
    yield exactly("P10", compiled, 0, "source files compiled when a function of the API starts")
    yield exactly("P11", unwanted, 0, "modules loaded that no function of the API needs to start")


def _processor(mounted: Mounted) -> Iterator[Figure]:
    programs: dict[str, str] = {
        "boto3": _BOTO3,
        **{name: _START.format(modules=modules_of(name)) for name in FUNCTIONS},
    }
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(max(5, scaled(PROCESSES))):
        for name, program in programs.items():
            seconds[name].append(mounted.run(program))
    boto3 = statistics.median(seconds.pop("boto3"))
    for name, taken in seconds.items():
        ratio = round(statistics.median(taken) / boto3, 2)
        yield at_most(f"P9.{name}", ratio, GOAL, f"CPU of a cold start ÷ that of boto3's client, {name} (stretch 1.35)")
