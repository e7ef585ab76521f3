"""Plain values to DynamoDB attribute values and back. Numbers are integers: nothing in the tables is a fraction."""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item as plain values: str, int, bool, bytes, list, dict."""

AttributeValue = dict[str, Any]


def encode_value(value: Any) -> AttributeValue:  # noqa: ANN401 attribute values are of any kind
    """Give the attribute value of a plain value. Raises TypeError for a float, None or anything else unknown."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": {name: encode_value(part) for name, part in value.items()}}
        case list() | tuple():
            return {"L": [encode_value(part) for part in value]}
        case _:
            raise TypeError(f"no attribute value for {type(value).__name__}")


def decode_value(attribute: AttributeValue) -> Any:  # noqa: ANN401 attribute values are of any kind
    """Give the plain value of an attribute value."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return int(value)
        case "M":
            return {name: decode_value(part) for name, part in value.items()}
        case "L":
            return [decode_value(part) for part in value]
        case _:
            return value


def encode(item: Mapping[str, Any]) -> dict[str, AttributeValue]:
    return {name: encode_value(value) for name, value in item.items()}


def decode(attributes: Mapping[str, AttributeValue]) -> Item:
    return {name: decode_value(value) for name, value in attributes.items()}
