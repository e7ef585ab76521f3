"""Log lines: one per invocation, metrics in it, nothing personal. S7, P19."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.runtime import telemetry

NOW = datetime(2026, 12, 16, 2, 21, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_noted_before() -> None:
    """Forget what another test of the same process has noted and never written."""
    telemetry.forget()


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = capsys.readouterr().err.splitlines()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_line_carries_its_metrics_in_cloudwatchs_format(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.note(member_id="mem_1")
    telemetry.count("PointsEarned", 10)
    telemetry.count("PointsEarned", 5)
    telemetry.write_line("answered", clock=lambda: NOW)
    line = written(capsys)
    assert (line["level"], line["member_id"], line["PointsEarned"]) == ("INFO", "mem_1", 15)
    assert line["_aws"] == {
        "Timestamp": 1797387660000,
        "CloudWatchMetrics": [
            {
                "Namespace": "Jifen",
                "Dimensions": [["service"]],
                "Metrics": [{"Name": "PointsEarned"}],
            }
        ],
    }
    assert line["service"]


def test_a_line_without_metrics_is_a_log_line_only(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.write_line("answered", clock=lambda: NOW)
    assert "_aws" not in written(capsys)


def test_s7_fields_that_are_not_listed_are_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.note(phone="13812345678", store_id="SH001")  # type: ignore[call-arg]
    telemetry.write_line("answered", clock=lambda: NOW)
    line = written(capsys)
    assert line["store_id"] == "SH001"
    assert "phone" not in line


def test_s7_an_exception_is_told_by_type_cause_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            int("13812345678x")
        except ValueError as cause:
            raise RuntimeError("王小明") from cause
    except RuntimeError as error:
        telemetry.write_line("request failed", level="error", error=error, clock=lambda: NOW)
    line = written(capsys)
    assert (line["exception"], line["caused_by"]) == ("RuntimeError", ["ValueError"])
    assert line["trace"][-1].startswith("test_telemetry.py:")
    assert not any(text in json.dumps(line, ensure_ascii=False) for text in ("王小明", "13812345678"))


def test_what_was_noted_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.note(member_id="mem_1")
    telemetry.write_line("answered", clock=lambda: NOW)
    capsys.readouterr()
    telemetry.write_line("answered", clock=lambda: NOW)
    assert "member_id" not in written(capsys)


def test_what_one_thread_noted_is_no_other_threads(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests and the laptop let threads stand for containers."""
    telemetry.note(member_id="mem_1")
    with ThreadPoolExecutor(1) as other:
        other.submit(telemetry.write_line, "request answered", clock=lambda: NOW).result()
    assert "member_id" not in written(capsys)
    telemetry.write_line("request answered", clock=lambda: NOW)
    assert written(capsys)["member_id"] == "mem_1"
