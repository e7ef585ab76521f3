"""CDK assets that are made on this machine: the layer and the code."""

import shutil
from collections.abc import Callable
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.packaging.bytecode import interpreter_of
from infra.packaging.code import code_hash, stage_code
from infra.packaging.layer import ROOT, built_layer, layer_hash
from infra.stages import Stage


@jsii.implements(ILocalBundling)
class _OnThisMachine:
    """Fill the folder of an asset by calling a function; Docker is never asked."""

    def __init__(self, fill: Callable[[Path], None]) -> None:
        self._fill = fill

    def try_bundle(self, output_dir: str, options: BundlingOptions) -> bool:  # noqa: ARG002 jsii passes both
        self._fill(Path(output_dir))
        return True


def layer_asset(stage: Stage) -> lambda_.Code:
    """Return the layer of third-party wheels; on the laptop, a pointer to it."""

    def fill(folder: Path) -> None:
        layer = built_layer(stage)  # only where the asset is asked for: a template alone needs its name, no more
        if stage.host_wheels:
            _point_to(layer, folder=folder, python=stage.python)
        else:
            shutil.copytree(layer, folder, dirs_exist_ok=True)

    return _asset(ROOT / "requirements", fill=fill, content_hash=layer_hash(stage))


def code_asset(stage: Stage) -> lambda_.Code:
    """Return `functions/` and `shared/`."""

    def fill(folder: Path) -> None:
        stage_code(folder, stage=stage)

    return _asset(ROOT / "functions", fill=fill, content_hash=code_hash(stage))


def bytecode_warning(stage: Stage) -> str | None:
    """Say what is missing where the bytecode of this stage cannot be made here."""
    if interpreter_of(stage.python) is not None:
        return None
    return (
        f"no Python {stage.python} on this machine: the functions ship without bytecode and start cold twice as "
        f"slowly. `uv python install {stage.python}` mends it."
    )


def _point_to(layer: Path, *, folder: Path, python: str) -> None:
    """Write a layer whose one file puts the built layer of this machine on the import path.

    The emulator unpacks every layer for every process it starts, all under one interpreter lock: 20 calls at once took
    46 s to start with the packages inside and take 9 s with the pointer.
    """
    site_packages = folder / "python" / "lib" / f"python{python}" / "site-packages"
    site_packages.mkdir(parents=True)
    packages = str(layer / "python")
    (site_packages / "packages.pth").write_text(f"import sys; sys.path.insert(0, {packages!r})\n", "utf-8")


def _asset(source: Path, *, fill: Callable[[Path], None], content_hash: str) -> lambda_.Code:
    bundling = BundlingOptions(
        image=DockerImage.from_registry("never-pulled"),  # required by CDK; the local bundling always answers first
        local=_OnThisMachine(fill),  # type: ignore[arg-type]  # jsii hands over one object
    )
    return lambda_.Code.from_asset(
        str(source), asset_hash=content_hash, asset_hash_type=AssetHashType.CUSTOM, bundling=bundling
    )
