"""What the desk function is built from."""

from dataclasses import dataclass

from shared import names
from shared.http.cursors import Cursors
from shared.runtime.aws import client
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.trail.store import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    trail: Trail
    cursors: Cursors


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError and DependencyUnavailableError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    keys = load_keys(client("secretsmanager"), setting(names.KEYS_SECRET))
    return Dependencies(
        trail=Trail(client=dynamodb, table=names_of_tables.ledger),
        cursors=Cursors(key=keys.key_for("cursors"), clock=around.clock),
    )
