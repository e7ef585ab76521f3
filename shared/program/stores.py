"""The stores of the chain: who may send sales, and which clock they live by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One store. Without a zone of its own it keeps the program's."""

    id: str
    name: str
    zone: str | None = None
    city: str | None = None
