"""What the public function is built from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from shared.program.store import Programs
from shared.redemption.catalogue_store import Catalogues
from shared.runtime.aws import client
from shared.runtime.clock import Clock
from shared.runtime.settings import tables
from shared.runtime.surroundings import REAL, Surroundings

OPENAPI: Final = Path(__file__).with_name("openapi.json")


class Document:
    """The OpenAPI document that is packaged beside this module: its text, and what it says."""

    @cached_property
    def text(self) -> str:
        return OPENAPI.read_text(encoding="utf-8")

    @cached_property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.text)
        return content

    @property
    def version(self) -> str:
        return str(self._content["info"]["version"])

    def methods_by_path(self) -> Mapping[str, list[str]]:
        """Give every path template of the API and its methods."""
        return {path: [method.upper() for method in methods] for path, methods in self._content["paths"].items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    programs: Programs
    catalogues: Catalogues
    document: Document
    clock: Clock


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    dynamodb, ledger = client("dynamodb"), tables().ledger
    return Dependencies(
        programs=Programs(client=dynamodb, table=ledger, clock=around.clock),
        catalogues=Catalogues(client=dynamodb, table=ledger, clock=around.clock),
        document=Document(),
        clock=around.clock,
    )
