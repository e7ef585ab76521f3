"""How many bytes DynamoDB counts for an item, by the rule that it publishes.

Names and texts count their UTF-8 bytes, binary its bytes, a number one byte for every two significant digits and one
more (and one for a minus), true and false one, a list or map three and one for every element.
"""

from collections.abc import Mapping
from typing import Any


def item_bytes(item: Mapping[str, Any]) -> int:
    """Count the bytes of an item given as plain values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Any) -> int:
    match value:
        case str():
            return len(value.encode())
        case bool():
            return 1
        case int():
            return _number_bytes(value)
        case bytes():
            return len(value)
        case Mapping():
            return 3 + len(value) + item_bytes(value)
        case _:
            return 3 + len(value) + sum(map(_value_bytes, value))


def _number_bytes(number: int) -> int:
    digits = len(str(abs(number)).rstrip("0"))
    return (digits + 1) // 2 + 1 + (number < 0)
