"""What a cold start does with the code as it is deployed. P9, P10."""

import importlib.util
from pathlib import Path

import pytest

from tools.bench.cold_starts import FUNCTIONS, Mounted, imported, modules_of, mount


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Mounted:
    return mount(tmp_path_factory.mktemp("lambda"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p10_a_cold_start_compiles_no_source_file(function: str, mounted: Mounted) -> None:
    found = imported(mounted, [*modules_of(function), "shared.http.api", "botocore.session"])
    assert found.compiled == []
    assert Path(found.code).parent == mounted.code


def test_p9_a_cold_start_does_not_look_for_garbage_again_and_again(mounted: Mounted) -> None:
    modules = [*modules_of("members"), "shared.http.api", "botocore.session"]
    assert imported(mounted, modules).looks <= 20
    assert imported(mounted, [*modules[-1:], "shared.http.api"]).looks > 100, "as Python does it"


def test_p10_ordinary_bytecode_would_be_compiled_again(mounted: Mounted, tmp_path: Path) -> None:
    """The measurement sees what it is for: a module without bytecode beside it."""
    (tmp_path / "plain.py").write_text("VALUE = 1\n", "utf-8")
    found = imported(mounted, ["shared.http.api", "botocore.session", "plain"], tmp_path)
    assert found.compiled == [str(tmp_path / "plain.py")]


def test_bytecode_is_never_checked_against_its_source(mounted: Mounted) -> None:
    flags = {path.read_bytes()[4] for folder in mounted for path in folder.rglob("*.pyc")}
    assert flags == {1}
    assert next((mounted.code / "shared").rglob("*.pyc")).read_bytes()[:4] == importlib.util.MAGIC_NUMBER
