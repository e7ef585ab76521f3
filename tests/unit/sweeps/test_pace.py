"""A worker's pace: evenly, and never faster to make up for slower members."""

from shared.sweeps.pace import Pace


class Time:
    """A clock that only sleep moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_members_are_let_through_evenly() -> None:
    time = Time()
    pace = Pace(4, monotonic=lambda: time.now, sleep=time.sleep)
    for _ in range(4):
        pace.wait()
    assert time.slept == [0.25, 0.25, 0.25]


def test_a_slow_member_is_not_made_up_for() -> None:
    time = Time()
    pace = Pace(4, monotonic=lambda: time.now, sleep=time.sleep)
    pace.wait()
    time.now += 10
    pace.wait()
    pace.wait()
    assert time.slept == [0.25]


def test_what_takes_longer_than_the_pace_never_waits() -> None:
    time = Time()
    pace = Pace(100, monotonic=lambda: time.now, sleep=time.sleep)
    for _ in range(5):
        pace.wait()
        time.now += 0.02
    assert time.slept == []
