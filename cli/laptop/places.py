"""Where the laptop keeps what it makes, and the only endpoint it talks to."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build"
# One emulator and what is deployed in it are described in one folder. Tests have one of their own.
STATE: Final = Path(os.environ.get("JIFEN_LAPTOP_STATE", BUILD))
LOCAL: Final = STATE / "local.json"
REGION: Final = "us-east-1"
LOOPBACK: Final = "127.0.0.1"
# CDK remembers the account of an access key: this one must be nobody's.
ACCESS_KEY: Final = "jifen-laptop"
STAGE: Final = "local"


class NotLoopbackError(Exception):
    """Refuse to deploy the laptop's stage anywhere but to this machine."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"{endpoint} is not this machine; the laptop's stage is deployed nowhere else")


def aws_environment(endpoint: str) -> dict[str, str]:
    """Return this process' environment with AWS being the emulator at `endpoint`; raise NotLoopbackError."""
    if urlsplit(endpoint).hostname not in {LOOPBACK, "localhost", "::1"}:
        raise NotLoopbackError(endpoint)
    return plain_environment() | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # CDK's Python is 20 MB of modules: compiled once and kept, whatever this shell says about bytecode.
        "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }


def plain_environment() -> dict[str, str]:
    """Return this process' environment without anybody's AWS settings and without orders about bytecode."""
    refused = ("AWS_", "CDK_", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    return {name: value for name, value in os.environ.items() if not name.startswith(refused)}
