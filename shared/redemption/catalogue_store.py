"""Every DynamoDB call on the catalogue, and the copy that a container keeps of it."""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from shared import keys
from shared.errors import VersionMovedError
from shared.program.timeline import is_exact_for
from shared.redemption.catalogue import Catalogue, Content
from shared.redemption.catalogue_items import catalogue_item, catalogue_of
from shared.runtime.attributes import Item, decode, encode
from shared.runtime.clock import Clock
from shared.runtime.transactions import ConditionalWrite, put_if


class Read(NamedTuple):
    """A catalogue and the service's own instant at which it was read, in whole seconds."""

    catalogue: Catalogue
    at: datetime


class _Copy(NamedTuple):
    catalogue: Catalogue
    fetched_at: datetime


@dataclass(slots=True, kw_only=True)
class Catalogues:
    """Reads and writes the one item. The copy is used as long as it is exact (CAT-1)."""

    client: Any
    table: str
    clock: Clock
    _copy: _Copy | None = field(default=None, init=False)

    def in_force(self, at: datetime) -> Content:
        """Give the content in force at an instant."""
        if self._copy is None or not is_exact_for(self._copy.fetched_at, at):
            fetched_at = self.clock()
            catalogue = self.read().catalogue
            if not catalogue.contents:
                return catalogue.in_force(at)
            self._copy = _Copy(catalogue, fetched_at)
        return self._copy.catalogue.in_force(at)

    def read(self) -> Read:
        """Read the catalogue as it is now. AP-20."""
        answer = self.client.get_item(TableName=self.table, Key=encode(keys.CATALOGUE._asdict()), ConsistentRead=True)
        catalogue = catalogue_of(decode(answer["Item"])) if "Item" in answer else Catalogue()
        return Read(catalogue, _date_of(answer, self.clock))

    def replacing(self, base: Catalogue, catalogue: Catalogue) -> ConditionalWrite:
        """Make the write that publishes `catalogue` after `base`. It refuses with VersionMovedError. AP-21."""

        def moved(old: Item | None) -> Exception:
            return VersionMovedError(base=base.revision, current=old["rev"] if old else 0)

        return put_if(
            self.table,
            catalogue_item(catalogue),
            condition="rev = :base" if base.revision else "attribute_not_exists(pk)",
            values={":base": base.revision} if base.revision else None,
            refusal=moved,
        )


def _date_of(answer: dict[str, Any], clock: Clock) -> datetime:
    """Give the instant at which the service answered: its clock counts, not that of whoever publishes."""
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date) if date else clock()
