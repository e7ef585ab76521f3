"""Every sample of what starts a sweep and of what its queue brings is taken."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from functions.auditor import dependencies as auditor
from functions.auditor.records import take_batch as audit_batch
from functions.sweep_planner.start import start
from functions.sweep_worker.records import take_batch
from shared.audit.look import Looking
from shared.runtime.patience import Patience
from tests.builders import shanghai
from tests.integration.sweeps.conftest import MakeSweeps
from tests.integration.sweeps.world import A_MINUTE_MS

EVENTS = Path(__file__).parents[3] / "events"


def samples(function: str) -> list[Path]:
    return sorted((EVENTS / function).glob("*.json"))


@pytest.mark.parametrize("path", samples("sweep_planner"), ids=lambda path: path.stem)
def test_the_planner_takes_every_sample(sweeps_of: MakeSweeps, path: Path) -> None:
    sweeps = sweeps_of(segments=4)
    sweeps.clock.now = shanghai("2027-01-01 00:05")
    assert start(json.loads(path.read_text("utf-8")), sweeps.planner)["segments"] == 4
    assert len(sweeps.sqs.waiting) == 4


@pytest.mark.parametrize("path", samples("auditor"), ids=lambda path: path.stem)
def test_the_auditor_takes_every_sample(sweeps_of: MakeSweeps, path: Path) -> None:
    sweeps = sweeps_of()
    records = json.loads(path.read_text("utf-8"))["Records"]
    looking = Looking(ledger=sweeps.till.ledger, programs=sweeps.till.earning.programs)
    built = replace(sweeps.worker, workers=auditor.workers_of(looking))
    answer = audit_batch(records, built, Patience(remaining_ms=lambda: A_MINUTE_MS))
    assert answer == {"batchItemFailures": []}


@pytest.mark.parametrize("path", samples("sweep_worker"), ids=lambda path: path.stem)
def test_the_worker_takes_every_sample(sweeps_of: MakeSweeps, path: Path) -> None:
    sweeps = sweeps_of()
    records = json.loads(path.read_text("utf-8"))["Records"]
    answer = take_batch(records, sweeps.worker, Patience(remaining_ms=lambda: A_MINUTE_MS))
    assert answer == {"batchItemFailures": []}
