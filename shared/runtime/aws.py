"""AWS clients: built once per process, with time-outs that fit inside a Lambda's own: four times two seconds.

The SDK may repeat a request whose answer was lost: reads are harmless, and a transaction carries a client token
that botocore makes per call, so that its repetition within the call has one effect. Everything beyond one call is
decided in `transactions`.
"""

from functools import cache
from typing import Any

import botocore
from botocore.config import Config
from botocore.session import Session, get_session

CONNECT_TIMEOUT_SECONDS = 1
READ_TIMEOUT_SECONDS = 2
ATTEMPTS = 4

_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    parameter_validation=False,
    # Said in advance: what botocore says of itself is put together anew for each call, in a sixth of the call's CPU.
    user_agent=f"jifen Botocore/{botocore.__version__}",
)


@cache
def _session() -> Session:
    return get_session()


@cache
def client(service: str) -> Any:  # noqa: ANN401 botocore makes its clients' classes at run time
    """Give the low-level client of a service. Endpoint, region and credentials come from the environment."""
    return _session().create_client(service, config=_CONFIG)
