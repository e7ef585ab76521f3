"""What the function that plans sweeps is built from."""

from dataclasses import dataclass

from shared import names
from shared.runtime.aws import client
from shared.runtime.clock import Clock
from shared.runtime.settings import optional_setting, setting
from shared.runtime.surroundings import REAL, Surroundings
from shared.sweeps.queue import Queue
from shared.sweeps.tasks import AUDITS, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """`segments` is into how many parts a run is cut; `time_travel` lets the laptop run what has not come yet."""

    sweeps: Queue
    audits: Queue
    segments: int
    clock: Clock
    time_travel: bool

    def queue_of(self, kind: Kind) -> Queue:
        """Give the queue from which a kind is worked off."""
        return self.audits if kind in AUDITS else self.sweeps


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    sqs = client("sqs")
    return Dependencies(
        sweeps=Queue(client=sqs, url=setting(names.SWEEP_QUEUE)),
        audits=Queue(client=sqs, url=setting(names.AUDIT_QUEUE)),
        segments=int(setting(names.SWEEP_SEGMENTS)),
        clock=around.clock,
        time_travel=optional_setting(names.TIME_TRAVEL) == "1",
    )
