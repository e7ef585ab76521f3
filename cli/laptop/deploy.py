"""Bootstrap the emulator and deploy the real stacks into it."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from botocore.session import get_session

from cli.errors import CommandError
from cli.laptop.emulator import Emulator
from cli.laptop.issuer import BUCKET, MEMBER_CLIENT_ID, STAFF_CLIENT_ID, issuer_url, public_documents
from cli.laptop.places import ACCESS_KEY, LOCAL, REGION, ROOT, STAGE, STATE, aws_environment

ASSEMBLY: Final = STATE / "cdk.local"
OUTPUTS: Final = STATE / "outputs.local.json"
SYNTHESIZED: Final = STATE / "synthesized.local"
DEPLOYED: Final = STATE / "deployed.local"
_CDK: Final = ROOT / "node_modules" / ".bin" / "cdk"
_DEPLOYED_FILES: Final = ("cdk.json", "requirements/runtime.txt", "infra/**/*.py", "functions/**/*", "shared/**/*")
_ACCOUNT: Final = "000000000000"


class DeployFailedError(CommandError):
    """A step of the deployment failed; its own words are in the message."""


def is_synthesized(emulator: Emulator) -> bool:
    """Tell whether templates and assets of just this code, for an emulator at this place, are there already."""
    there = ASSEMBLY.exists() and SYNTHESIZED.exists()
    return there and SYNTHESIZED.read_text("utf-8") == _fingerprint_of(emulator.endpoint)


def finish_synth(synth: subprocess.Popen[str], *, made_of: str) -> None:
    """Wait for the synthesis, and remember what it was made of. Raises DeployFailedError."""
    finished(synth)
    SYNTHESIZED.write_text(made_of, "utf-8")


def start_synth(emulator: Emulator) -> tuple[subprocess.Popen[str], str]:
    """Start to synthesize the stacks of the laptop's stage; give what `finish_synth` takes."""
    SYNTHESIZED.unlink(missing_ok=True)
    shutil.rmtree(ASSEMBLY, ignore_errors=True)
    made_of = _fingerprint_of(emulator.endpoint)
    context = {
        "stage": STAGE,
        "issuer": issuer_url(emulator.endpoint),
        "member_client_id": MEMBER_CLIENT_ID,
        "staff_client_id": STAFF_CLIENT_ID,
    }
    settings = [word for key, value in context.items() for word in ("-c", f"{key}={value}")]
    app = f"{sys.executable} -m infra.app"
    words = ("--quiet", "--app", app, "--output", str(ASSEMBLY), *settings)
    return _start_cdk(emulator, "synth", *words), made_of


def start_bootstrap(emulator: Emulator) -> subprocess.Popen[str]:
    """Start to make what CDK needs in an account: buckets and roles."""
    # The app is not synthesized for this: an account needs no app.
    return _start_cdk(emulator, "bootstrap", f"aws://{_ACCOUNT}/{REGION}", "--app", "")


def start_deploy(emulator: Emulator) -> subprocess.Popen[str]:
    """Start to deploy what was synthesized."""
    words = ("--all", "--app", str(ASSEMBLY), "--require-approval", "never", "--method", "direct")
    return _start_cdk(emulator, "deploy", *words, "--outputs-file", str(OUTPUTS), "--concurrency", "2")


def finished(process: subprocess.Popen[str]) -> None:
    """Wait for a started step; raise DeployFailedError with what it said."""
    said, _ = process.communicate()
    if process.returncode != 0:
        raise DeployFailedError(said)


def publish_issuer(emulator: Emulator) -> None:
    """Put the public documents of the laptop's OpenID provider where the authorizer will look for them."""
    s3 = client(emulator.endpoint, "s3")
    s3.create_bucket(Bucket=BUCKET)
    for path, document in public_documents(emulator.endpoint).items():
        body = json.dumps(document).encode()
        s3.put_object(Bucket=BUCKET, Key=path, Body=body, ContentType="application/json")


def is_deployed(emulator: Emulator) -> bool:
    """Tell whether just this code stands in this emulator already."""
    return LOCAL.exists() and DEPLOYED.exists() and DEPLOYED.read_text("utf-8") == fingerprint(emulator)


def read_local() -> dict[str, Any]:
    return dict(json.loads(LOCAL.read_text("utf-8")))


def remember(local: dict[str, Any], *, deployed: str) -> None:
    """Write `build/local.json`, which tells tests, demo and load where everything is, and what was deployed."""
    LOCAL.write_text(json.dumps(local, indent=2, ensure_ascii=False) + "\n", "utf-8")
    DEPLOYED.write_text(deployed, "utf-8")


def described(emulator: Emulator) -> dict[str, Any]:
    """Say where everything is that was deployed."""
    outputs: dict[str, str] = {}
    for stack in json.loads(OUTPUTS.read_text("utf-8")).values():
        outputs |= stack
    return {
        "api_url": f"{emulator.endpoint}/_aws/execute-api/{outputs['ApiId']}/$default",
        "region": REGION,
        "endpoint_url": emulator.endpoint,
        "tables": {
            "accounts": outputs["AccountsTable"],
            "ledger": outputs["LedgerTable"],
            "members": outputs["MembersTable"],
        },
        "secrets": {
            "subscriptions": outputs["SubscriptionsSecret"],
            "endpoints": outputs["EndpointsSecret"],
            "keys": outputs["KeysSecret"],
        },
        "quarantine_bucket": outputs["QuarantineBucket"],
        "event_bus": outputs["EventBusName"],
        "messages_queue": outputs["MessagesTakenQueue"],
        "subscriptions": read_local()["subscriptions"] if LOCAL.exists() else [],
        "issuer": outputs["IssuerUrl"],
        "client_id": outputs["MemberClientId"],
        "staff_client_id": outputs["StaffClientId"],
        "user_pool_id": outputs.get("UserPoolId"),
    }


def client(endpoint: str, service: str) -> Any:
    """Return a client of the emulator's AWS."""
    return get_session().create_client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
    )


def forget_deployment() -> None:
    """Drop what described an emulator that is gone; built layers and templates stay."""
    for path in (OUTPUTS, LOCAL, DEPLOYED):
        path.unlink(missing_ok=True)


def fingerprint(emulator: Emulator) -> str:
    """Name what a deployment is made of: the emulator, and every file that goes into the stacks."""
    return _fingerprint_of(f"{emulator.pid} {emulator.port}")


def _fingerprint_of(place: str) -> str:
    digest = hashlib.sha256(place.encode())
    for path in sorted(path for pattern in _DEPLOYED_FILES for path in ROOT.glob(pattern) if _is_source(path)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def _is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _start_cdk(emulator: Emulator, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(_CDK), *words, "--ci", "--no-notices", "--no-version-reporting", "--progress", "events"],
        cwd=ROOT,
        env=aws_environment(emulator.endpoint),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
