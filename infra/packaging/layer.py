"""The layer of third-party wheels, built without Docker from the hash-pinned requirements.

Nothing is compiled from C: uv picks the wheels of the Lambda's platform and version
(`docs/decisions/0003-layer-without-docker.md`).
A finished layer is kept under `build/layers/` by the hash of what it was made from.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from infra.packaging.bytecode import compile_tree, interpreter_of
from infra.stages import Stage

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "requirements" / "runtime.txt"
LAYERS: Final = ROOT / "build" / "layers"

# botocore describes 400 services in 25 MB. These are the ones the functions and their credentials speak to.
SERVICES_KEPT: Final = frozenset({"dynamodb", "secretsmanager", "events", "sts", "sns", "sqs", "kms", "s3"})
# python-ulid reads its own version when it is imported; no other package looks at its metadata.
METADATA_KEPT: Final = ("python_ulid-",)
# Never imported by a function: tests, type stubs, scripts, and what only boto3's resources (never used) read.
FOLDERS_DROPPED: Final = ("bin", "boto3/data", "boto3/examples")
NAMES_DROPPED: Final = ("tests", "test", "__pycache__")
SUFFIXES_DROPPED: Final = (".pyi", ".md", ".rst")


def layer_hash(stage: Stage) -> str:
    """Name the layer by everything that decides its bytes."""
    compiler = interpreter_of(stage.python) is not None
    parts = (stage.python, stage.architecture, str(stage.host_wheels), str(compiler), REQUIREMENTS.read_text("utf-8"))
    folder = Path(__file__).parent
    recipe = [(folder / name).read_text("utf-8") for name in ("layer.py", "bytecode.py")]
    return hashlib.sha256("\n".join((*parts, *recipe)).encode()).hexdigest()


def built_layer(stage: Stage) -> Path:
    """Return the folder of the finished layer, building it where it is not there yet."""
    finished = LAYERS / layer_hash(stage)[:16]
    if finished.is_dir():
        return finished
    LAYERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LAYERS) as folder:
        # Installed aside and renamed: a build that was stopped half way is never taken for a layer.
        unfinished = Path(folder, "layer")
        packages = unfinished / "python"
        _install(packages, stage=stage)
        _prune(packages)
        interpreter = interpreter_of(stage.python)
        if interpreter is not None:
            compile_tree(packages, interpreter=interpreter, mounted_at="/opt/python")
        unfinished.rename(finished)
    return finished


def _install(packages: Path, *, stage: Stage) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(packages), "--no-deps"]
    pinned = ["--only-binary", ":all:", "--require-hashes", "--link-mode", "copy", "-r", str(REQUIREMENTS)]
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[stage.architecture]
    # Amazon Linux 2023 has glibc 2.34: wheels for 2.28 are the newest kind that it surely runs.
    lambdas = ["--python-platform", f"{machine}-manylinux_2_28", "--python-version", stage.python]
    platform = ["--python", sys.executable] if stage.host_wheels else lambdas
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run([*command, *platform, *pinned], check=True, env=environment)  # noqa: S603 our own pinned tool


def _prune(packages: Path) -> None:
    services = packages / "botocore" / "data"
    dropped = [folder for folder in services.iterdir() if folder.is_dir() and folder.name not in SERVICES_KEPT]
    dropped += [packages / folder for folder in FOLDERS_DROPPED]
    dropped += [folder for folder in packages.glob("*.dist-info") if not folder.name.startswith(METADATA_KEPT)]
    dropped += [folder for name in NAMES_DROPPED for folder in packages.rglob(name) if folder.is_dir()]
    for folder in dropped:
        shutil.rmtree(folder, ignore_errors=True)
    for path in [path for path in packages.rglob("*") if path.suffix in SUFFIXES_DROPPED and path.is_file()]:
        path.unlink()
