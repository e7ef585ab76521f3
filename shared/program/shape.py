"""What the schema allows at a place of the file: which fields, which options."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel


def fields_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """Name the fields that the part of the file at this location may have."""
    return list(fields_of(annotation_at(model, location)))


def options_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """Name the values that a field may have, of those that are a choice of a few."""
    return [
        str(option.value if isinstance(option, Enum) else option)
        for option in _options_in(annotation_at(model, location))
    ]


def annotation_at(model: type[BaseModel], location: Sequence[int | str]) -> Any:  # noqa: ANN401 a type
    annotation: Any = model
    for part in location:
        if isinstance(part, str):
            annotation = fields_of(annotation).get(part)
    return annotation


def fields_of(annotation: Any) -> dict[str, Any]:  # noqa: ANN401 a type
    """Give the fields of a part, or of the parts of a list, by their name in the file."""
    part = _model_in(annotation)
    return {field.alias or name: field.annotation for name, field in part.model_fields.items()} if part else {}


def homes_of(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """Name the other parts of the same rule that may have the field at this path: `when` for one that is in `give`."""
    item = next((at for at, part in enumerate(path) if isinstance(part, int)), len(path))
    parts = fields_of(annotation_at(model, path[: item + 1])) if item < len(path) else {}
    return [name for name, annotation in parts.items() if path[-1] in fields_of(annotation)]


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 a type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _options_in(annotation: Any) -> list[Any]:  # noqa: ANN401 a type
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return list(annotation)
    options: list[Any] = []
    for part in get_args(annotation):
        if isinstance(part, str | int) and not isinstance(part, bool):
            options.append(part)
        else:
            options.extend(_options_in(part))
    return options
