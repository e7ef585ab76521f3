"""The project's own code, `functions/` and `shared/`, as one plain asset with its bytecode."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.packaging.bytecode import compile_tree, interpreter_of
from infra.packaging.layer import ROOT
from infra.stages import Stage

PACKAGES: Final = ("functions", "shared")
_NOT_CODE: Final = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})


def code_hash(stage: Stage) -> str:
    """Name the asset by the content of its files and the version that compiles them."""
    compiler = interpreter_of(stage.python) is not None
    digest = hashlib.sha256(f"{stage.python} {compiler}".encode())
    for path in _files():
        digest.update(f"\n{path.relative_to(ROOT).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stage_code(target: Path, *, stage: Stage) -> None:
    """Copy the packages into `target` and compile them for the runtime of the stage."""
    for path in _files():
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    interpreter = interpreter_of(stage.python)
    if interpreter is not None:
        compile_tree(target, interpreter=interpreter, mounted_at="/var/task")


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and not _NOT_CODE.intersection(path.parts):
                yield path
