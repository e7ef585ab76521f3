"""What differs between stages, all of it. A chain that needs another stage adds one here."""

import dataclasses
import platform
import sys
from decimal import Decimal
from typing import Final, Literal

Architecture = Literal["arm64", "x86_64"]
Retention = Literal["ONE_DAY", "ONE_WEEK", "THREE_MONTHS"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An OpenID provider that signs the tokens in place of the user pool of the stack."""

    url: str
    member_client_id: str
    staff_client_id: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """Names of restored tables, which take the place of those that the stack would make; the ledger has a stream."""

    accounts: str | None = None
    ledger: str | None = None
    ledger_stream: str | None = None
    members: str | None = None


class StreamMissingError(Exception):
    """A restored ledger was named without its stream, by which messages and notices leave."""

    def __init__(self) -> None:
        super().__init__("ledger_table needs ledger_stream: docs/operations/restore.md")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The settings of one deployment.

    `python` is the minor version of the runtime; `retain` keeps tables, keys and secrets when their stack goes and
    refuses to delete a table; the throttles bound the whole API, per second and at one instant; `issuer` None makes a
    Cognito user pool; `restored` names tables to use in place of the stack's own; more than `most_points_an_hour`
    wake somebody. Text messages stop for the month at
    `sms_monthly_usd`, each costing `sms_max_price_usd` at most; 0 sends none: they go to the topic, where the chain's
    own provider may listen. `reads_messages_back` keeps what the topic was given in a queue to look into. By `zone`
    (IANA) the schedules fire; a sweep is cut into `sweep_segments`, of which `sweep_workers` (2 at least) work at a
    time, each with at most `sweep_members_per_second`, and `audit_workers` audit; `time_travel` lets a sweep run for a
    day that has not come.
    `webhooks_to_loopback` lets outgoing webhooks reach the machine itself, on any port and without TLS: a developer's.
    """

    name: str
    python: str
    architecture: Architecture
    retain: bool
    log_retention: Retention
    throttle_per_second: int
    throttle_burst: int
    cors_origins: tuple[str, ...] = ()
    required_consents: tuple[str, ...] = ("privacy:1",)
    alarm_email: str | None = None
    issuer: Issuer | None = None
    restored: Restored = Restored()
    host_wheels: bool = False
    zone: str = "Asia/Shanghai"
    sweep_segments: int = 4
    sweep_workers: int = 2
    audit_workers: int = 2
    sweep_members_per_second: int = 100
    time_travel: bool = False
    webhooks_to_loopback: bool = False
    most_points_an_hour: int = 1_000_000
    sms_monthly_usd: int = 0
    sms_max_price_usd: str = "0.05"
    reads_messages_back: bool = False

    @property
    def sms_per_month(self) -> int:
        return int(self.sms_monthly_usd / Decimal(self.sms_max_price_usd))


NEWEST_PYTHON: Final = "3.14"

STAGES: Final = {
    stage.name: stage
    for stage in (
        Stage(
            name="dev",
            python=NEWEST_PYTHON,
            architecture="arm64",
            retain=False,
            log_retention="ONE_WEEK",
            throttle_per_second=100,
            throttle_burst=200,
            sms_monthly_usd=1,  # what an account may spend before it asks for more
        ),
        Stage(
            name="prod",
            python=NEWEST_PYTHON,
            architecture="arm64",
            retain=True,
            log_retention="THREE_MONTHS",
            throttle_per_second=5_000,
            throttle_burst=5_000,
            # Ten workers write 2 000 units a second to each table at most: half of what a table takes that is new.
            sweep_segments=64,
            sweep_workers=10,
            audit_workers=4,
            sms_monthly_usd=100,
        ),
        # The laptop's emulator runs a function on its own interpreter, which is the host's: so are version and wheels.
        Stage(
            name="local",
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            architecture="arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
            retain=False,
            log_retention="ONE_DAY",
            throttle_per_second=1_000,
            throttle_burst=1_000,
            cors_origins=("http://127.0.0.1:8080", "http://localhost:8080"),
            host_wheels=True,
            time_travel=True,
            webhooks_to_loopback=True,
            sms_monthly_usd=5,
            reads_messages_back=True,
        ),
    )
}


class UnknownStageError(Exception):
    """No stage has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no stage {name!r}; the stages are {', '.join(STAGES)}")


def stage_named(
    name: str,
    *,
    cors_origins: tuple[str, ...] | None = None,
    alarm_email: str | None = None,
    issuer: Issuer | None = None,
    restored: Restored | None = None,
) -> Stage:
    """Return the stage of that name with what only its owner knows; raise UnknownStageError, StreamMissingError."""
    if name not in STAGES:
        raise UnknownStageError(name)
    if restored and restored.ledger and not restored.ledger_stream:
        raise StreamMissingError
    stage = STAGES[name]
    return dataclasses.replace(
        stage,
        cors_origins=stage.cors_origins if cors_origins is None else cors_origins,
        alarm_email=alarm_email,
        issuer=issuer,
        restored=restored or stage.restored,
    )
