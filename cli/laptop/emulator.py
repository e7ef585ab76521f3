"""Start and end MiniStack, the AWS of the laptop."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cli.errors import CommandError
from cli.laptop.places import BUILD, LOOPBACK, REGION, ROOT, STATE, plain_environment

STARTED: Final = STATE / "emulator.json"
LOG: Final = STATE / "emulator.log"
SCRATCH: Final = STATE / "emulator"
PYTHON: Final = ROOT / ".venv-emulator" / "bin" / "python"
# What a developer finds again; an emulator in another place takes any port.
_PORTS: Final = (4566, 0) if STATE == BUILD else (0,)
_START_SECONDS: Final = 60
_END_SECONDS: Final = 2  # it has nothing to save, and waits for workers that wait for it


class EmulatorFailedError(CommandError):
    """MiniStack ended or never answered; its log says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A MiniStack that was started from here. Its process id is its process group's too."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


def running_emulator() -> Emulator | None:
    """Return the emulator that an earlier command started, if it is ours and still answers."""
    if not STARTED.exists():
        return None
    emulator = Emulator(**json.loads(STARTED.read_text("utf-8")))
    return emulator if _is_ours(emulator.pid) and _answers(emulator) else None


def start_emulator() -> Emulator:
    """Start MiniStack on a free port of this machine; return at once, see `wait_until_healthy`."""
    end_emulator()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    with LOG.open("wb") as log:
        process = subprocess.Popen(
            [str(PYTHON), "-m", "ministack"],
            cwd=SCRATCH,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its own group, so that ending it ends its workers
            env=plain_environment()
            | {
                "BIND_HOST": LOOPBACK,
                "GATEWAY_PORT": str(port),
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "LAMBDA_WARM_TTL_SECONDS": "86400",  # a function that has started stays started
                "LOG_LEVEL": "WARNING",
                "MINISTACK_REGION": REGION,
                "TMPDIR": str(SCRATCH),  # what its workers unpack goes when it goes
                "S3_DATA_DIR": str(SCRATCH / "s3"),
            },
        )
    emulator = Emulator(pid=process.pid, port=port)
    STARTED.write_text(json.dumps(asdict(emulator)), "utf-8")
    return emulator


def wait_until_healthy(emulator: Emulator) -> None:
    """Return as soon as it answers. Raise EmulatorFailedError when it ends or does not within a minute."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if _answers(emulator):
            return
        if _has_ended(emulator.pid):
            break
        time.sleep(0.1)
    raise EmulatorFailedError(f"the emulator did not start: see {LOG.relative_to(ROOT)}")


def end_emulator() -> None:
    """End the emulator that was started from here, with every worker of its group; none is fine."""
    if STARTED.exists():
        pid = int(json.loads(STARTED.read_text("utf-8"))["pid"])
        if _is_ours(pid):
            _end_group(pid)
        STARTED.unlink()
    shutil.rmtree(SCRATCH, ignore_errors=True)


def _end_group(pid: int) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, how)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + _END_SECONDS
        while time.monotonic() < deadline and _group_lives(pid):
            time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    """Tell whether it ended; where it is a child of this very process, collect it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return not _is_ours(pid)


def _group_lives(pid: int) -> bool:
    _has_ended(pid)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _is_ours(pid: int) -> bool:
    """Tell a live MiniStack from another process that was given the same id meanwhile."""
    command = Path(f"/proc/{pid}/cmdline")
    if command.parent.parent.is_dir() and Path("/proc/self").exists():
        return command.exists() and b"ministack" in command.read_bytes()
    asked = subprocess.run(["ps", "-p", str(pid), "-o", "command="], check=False, capture_output=True, text=True)  # noqa: S607
    return "ministack" in asked.stdout


def _answers(emulator: Emulator) -> bool:
    try:
        with urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health", timeout=2) as answer:  # noqa: S310 loopback
            return bool(answer.status == 200)  # noqa: PLR2004 OK
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its own last connections do not count
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmulatorFailedError("no port of this machine is free")
