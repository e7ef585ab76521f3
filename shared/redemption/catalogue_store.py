"""Every DynamoDB call on the catalogue, and the copy that a container keeps of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
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


class CatalogueRead(NamedTuple):
    """The catalogue and the instant at which DynamoDB answered, by its own clock (whole seconds)."""

    catalogue: Catalogue
    answered_at: datetime


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
        """Give the content in force at an instant. AP-31."""
        if self._copy is None or not is_exact_for(self._copy.fetched_at, at):
            fetched_at = self.clock()
            catalogue = self.read().catalogue
            if not catalogue.contents:
                return catalogue.in_force(at)
            self._copy = _Copy(catalogue, fetched_at)
        return self._copy.catalogue.in_force(at)

    def read(self) -> CatalogueRead:
        """Read the catalogue as it is now. AP-31."""
        answer = self.client.get_item(TableName=self.table, Key=encode(keys.CATALOGUE._asdict()), ConsistentRead=True)
        catalogue = catalogue_of(decode(answer["Item"])) if "Item" in answer else Catalogue()
        answered_at = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
        return CatalogueRead(catalogue, answered_at)

    def replacing(self, base: Catalogue, catalogue: Catalogue) -> ConditionalWrite:
        """Make the write that publishes `catalogue` after `base`. It refuses with VersionMovedError. AP-32."""

        def moved(old: Item | None) -> Exception:
            return VersionMovedError(base=base.revision, current=old["rev"] if old else 0)

        return put_if(
            self.table,
            catalogue_item(catalogue),
            condition="rev = :base" if base.revision else "attribute_not_exists(pk)",
            values={":base": base.revision} if base.revision else None,
            refusal=moved,
        )
