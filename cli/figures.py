"""What an operation uses, as the tests count it, and what AWS asks for it: the one place of both.

Units and calls are asserted on the engine by the tests that `counted_by` names. Durations are assumed: they are AWS's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PRICES_OF: Final = "us-east-1, list prices, November 2026"
# Dollars for a million of each, but logs: for a gigabyte, which is a million lines of a kilobyte.
WRITE_UNITS, READ_UNITS, REQUESTS, CALLS = 0.625, 0.125, 1.00, 0.20
EVENTS: Final = 1.00
GIGABYTE_SECONDS: Final = 13.3334
LOG_KILOBYTES, RARE_LOG_KILOBYTES = 0.50, 0.25
MEMORY_GB: Final = 0.5
GATEWAY_LOG_BYTES: Final = 130
"""A line of the gateway, at most, in a group of the class Infrequent Access (`infra/constructs/http_api.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one request uses. `elapsed_ms` is assumed; `log_bytes` is the function's line, at most (P19).

    `events` are put on the bus later: each entry is one.
    """

    write_units: float
    read_units: float
    elapsed_ms: int
    log_bytes: int
    events: int = 1
    counted_by: str

    @property
    def dollars_per_million(self) -> Mapping[str, float]:
        """Give what a million of them cost, by what is paid for."""
        return {
            "DynamoDB": self.write_units * WRITE_UNITS + self.read_units * READ_UNITS,
            "API Gateway": REQUESTS,
            "Lambda": CALLS + self.elapsed_ms / 1000 * MEMORY_GB * GIGABYTE_SECONDS,
            "CloudWatch Logs": (self.log_bytes * LOG_KILOBYTES + GATEWAY_LOG_BYTES * RARE_LOG_KILOBYTES) / 1000,
        }


EARN: Final = Use(
    write_units=5,
    read_units=0.5,
    elapsed_ms=20,
    log_bytes=250,
    counted_by="tests/integration/earning/test_figures.py",
)
RETURN: Final = Use(
    write_units=5,
    read_units=2,
    elapsed_ms=25,
    log_bytes=250,
    counted_by="tests/integration/earning/test_figures.py",
)
REDEEM: Final = Use(
    write_units=7,
    read_units=1,
    elapsed_ms=20,
    log_bytes=268,
    counted_by="tests/integration/redemption/test_redeem_reward.py",
)
BALANCE: Final = Use(
    write_units=0,
    read_units=1,
    elapsed_ms=10,
    log_bytes=206,
    events=0,
    counted_by="tests/integration/members/test_balance_figures.py",
)
CHECK_IN: Final = Use(
    write_units=5,
    read_units=1,
    elapsed_ms=20,
    log_bytes=216,
    counted_by="tests/integration/earning/test_activity_routes.py",
)
