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
    """The settings of one deployment. What follows a field is said of it."""

    name: str
    python: str
    """The minor version of the runtime."""
    architecture: Architecture
    retain: bool
    """Whether tables, keys and secrets stay when their stack is deleted, and no table can be deleted by mistake."""
    log_retention: Retention
    throttle_per_second: int
    throttle_burst: int
    """How many requests the whole API takes, per second and at one instant."""
    cors_origins: tuple[str, ...] = ()
    required_consents: tuple[str, ...] = ("privacy:1",)
    alarm_email: str | None = None
    issuer: Issuer | None = None
    """None: the stack has a Cognito user pool of its own."""
    restored: Restored = Restored()
    host_wheels: bool = False
    """Whether functions run on this machine, with its wheels."""
    zone: str = "Asia/Shanghai"
    """The IANA zone by which the schedules fire."""
    sweep_segments: int = 4
    """Into how many segments a sweep is cut."""
    sweep_workers: int = 2
    audit_workers: int = 2
    """How many segments are worked off at a time; 2 at least."""
    sweep_members_per_second: int = 100
    """How many members one worker handles a second, at most."""
    time_travel: bool = False
    """Whether a sweep may run for a day that has not come."""
    webhooks_to_loopback: bool = False
    """Whether outgoing webhooks may reach the machine itself, on any port and without TLS: a developer's."""
    most_points_an_hour: int = 1_000_000
    """More points than this, earned in an hour, raise an alarm."""
    sms_monthly_usd: int = 0
    """What the text messages of a month may cost; 0: none are sent, they go to the topic, for a provider of its own."""
    sms_max_price_usd: str = "0.05"
    """What one text message may cost."""
    reads_messages_back: bool = False
    """Whether a queue keeps what the topic was given, to look into."""

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
