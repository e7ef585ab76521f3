"""What a cold start does with the code as it is deployed. P10."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from infra.packaging.code import stage_code
from infra.packaging.layer import ROOT, built_layer
from infra.routes import ROUTES
from infra.stages import STAGES

FUNCTIONS: Final = sorted({route.function for route in ROUTES})
# What Lambda's zip says of every file.
LONG_AGO: Final = 315_532_800
_PROGRAM: Final = """
import importlib, importlib.machinery, json, sys
compiled = []
compile_source = importlib.machinery.SourceFileLoader.source_to_code
def noticed(self, data, path, *more, **named):
    compiled.append(str(path))
    return compile_source(self, data, path, *more, **named)
importlib.machinery.SourceFileLoader.source_to_code = noticed
sys.path[:0] = {paths!r}
for name in {modules!r}:
    importlib.import_module(name)
print(json.dumps([compiled, sys.modules["shared"].__path__[0], sys.modules["botocore"].__path__[0]]))
"""


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the folders that Lambda would mount for code and layer, every file of them from 1980."""
    folder = tmp_path_factory.mktemp("lambda")
    code, layer = folder / "task", folder / "opt"
    stage_code(code, stage=STAGES["local"])
    shutil.copytree(built_layer(STAGES["local"]), layer)
    for path in folder.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return code, layer / "python"


def imported(mounted: tuple[Path, Path], modules: list[str]) -> list[object]:
    """Import modules in a fresh process that has nothing but the mounted folders; give what it compiled."""
    program = _PROGRAM.format(paths=[str(path) for path in mounted], modules=modules)
    # -S: none of the packages that are installed on this machine; -B: what is compiled is not kept for the next.
    ran = subprocess.run(
        [sys.executable, "-S", "-B", "-c", program], check=True, capture_output=True, text=True, cwd="/", env={}
    )
    return list(json.loads(ran.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p10_a_cold_start_compiles_no_source_file(function: str, mounted: tuple[Path, Path]) -> None:
    # All of a function but its handler, which builds clients when it is imported.
    modules = [
        f"functions.{function}.{path.stem}"
        for path in sorted((ROOT / "functions" / function).glob("*.py"))
        if path.stem not in {"handler", "__init__"}
    ]
    compiled, code, packages = imported(mounted, [*modules, "shared.http.api", "botocore.session"])
    assert compiled == []
    assert (Path(str(code)).parent, Path(str(packages)).parent) == mounted


def test_p10_ordinary_bytecode_would_be_compiled_again(mounted: tuple[Path, Path], tmp_path: Path) -> None:
    """The measurement sees what it is for: a module without bytecode beside it."""
    (tmp_path / "plain.py").write_text("VALUE = 1\n", "utf-8")
    compiled, *_ = imported((*mounted, tmp_path), ["shared.http.api", "botocore.session", "plain"])  # type: ignore[arg-type]
    assert compiled == [str(tmp_path / "plain.py")]


def test_bytecode_is_never_checked_against_its_source(mounted: tuple[Path, Path]) -> None:
    flags = {path.read_bytes()[4] for folder in mounted for path in folder.rglob("*.pyc")}
    assert flags == {1}
    assert next((mounted[0] / "shared").rglob("*.pyc")).read_bytes()[:4] == importlib.util.MAGIC_NUMBER
