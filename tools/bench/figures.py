"""Figures of `docs` and specification, measured here: one function per subject gives its figures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. `goal` None is one that is only told: a time of this machine, say."""

    id: str
    says: str
    value: float
    goal: float | None = None
    ok: bool = True

    def document(self) -> dict[str, object]:
        return {"id": self.id, "says": self.says, "value": self.value, "goal": self.goal, "ok": self.ok}


def at_most(figure_id: str, value: float, goal: float, says: str) -> Figure:
    return Figure(id=figure_id, says=says, value=value, goal=goal, ok=value <= goal)


def at_least(figure_id: str, value: float, goal: float, says: str) -> Figure:
    return Figure(id=figure_id, says=says, value=value, goal=goal, ok=value >= goal)


def exactly(figure_id: str, value: float, goal: float, says: str) -> Figure:
    return Figure(id=figure_id, says=says, value=value, goal=goal, ok=value == goal)


def told(figure_id: str, value: float, says: str) -> Figure:
    return Figure(id=figure_id, says=says, value=value)


Bench = Callable[[], Iterator[Figure]]
