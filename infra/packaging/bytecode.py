"""Bytecode that a Lambda does not recompile.

Lambda's zip stamps every file 1980, so bytecode that is checked by time is stale on every cold start and imports take
twice as long. Unchecked bytecode is used as it is; it must come from exactly the runtime's minor version.
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path


@functools.cache
def interpreter_of(version: str) -> str | None:
    """Find a Python of that minor version on this machine; None where there is none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    candidates = (shutil.which(f"python{version}"), _found_by_uv(version))
    return next((found for found in candidates if found and _version_of(found) == version), None)


def compile_tree(tree: Path, *, interpreter: str, mounted_at: str) -> None:
    """Compile every module under `tree`; tracebacks will name the path where Lambda mounts it."""
    command = [interpreter, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    # Next to the modules, whatever this shell says about bytecode, and the same bytes every time.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(  # noqa: S603 an interpreter of this machine, on our own files
        [*command, "-s", str(tree), "-p", mounted_at, str(tree)],
        check=True,
        env=environment | {"PYTHONHASHSEED": "0"},
    )


def _version_of(interpreter: str) -> str | None:
    # A shim of a version manager may exist and still refuse to run.
    asked = subprocess.run(  # noqa: S603 an interpreter of this machine
        [interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=False,
        capture_output=True,
        text=True,
    )
    return asked.stdout.strip() if asked.returncode == 0 else None


def _found_by_uv(version: str) -> str | None:
    command = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", version]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 our own pinned tool
    return asked.stdout.strip() if asked.returncode == 0 else None
