"""Every alarm leads to what to do, and every alarm that the pages describe exists; it listens to what is said."""

import re
from fnmatch import fnmatchcase
from typing import Final, get_args

from infra.packaging.layer import ROOT
from shared.runtime.telemetry import Metric
from tests.contract.test_docs import anchors_of
from tests.infra.deployed import Deployed, Resource

PAGES: Final = ROOT / "docs" / "operations"
PLACE: Final = re.compile(r": docs/operations/(\w+)\.md#([\w-]+)$")
SECTION: Final = re.compile(r"^## Alarms\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def described() -> dict[str, list[str]]:
    """Give what the first columns of the alarms' tables name, by page; `*Errors` are all alarms that end so."""
    pages = {}
    for path in PAGES.glob("*.md"):
        rows = [row.split("|")[1] for section in SECTION.findall(path.read_text("utf-8")) for row in rows_of(section)]
        pages[path.stem] = [name for row in rows for name in re.findall(r"`([\w*]+)`", row)]
    return pages


def rows_of(section: str) -> list[str]:
    return [line for line in section.splitlines() if line.startswith("|")]


def alarms_of(deployed: Deployed) -> dict[str, Resource]:
    """Give the alarms by the names of their constructs."""
    alarms = deployed.of("AWS::CloudWatch::Alarm")
    return {logical.removeprefix("Alarms")[:-8]: alarm for logical, alarm in alarms.items()}


def test_every_alarm_names_a_section_that_is_there_and_describes_it(every: Deployed) -> None:
    lost = []
    for name, alarm in alarms_of(every).items():
        place = PLACE.search(alarm["AlarmDescription"])
        assert place, name
        page, anchor = place.groups()
        there = anchor in anchors_of((PAGES / f"{page}.md").read_text("utf-8"))
        if not there or not any(fnmatchcase(name, pattern) for pattern in described()[page]):
            lost.append(f"{name}: {page}#{anchor}")
    assert lost == []


def test_every_alarm_that_a_page_describes_exists_and_leads_there(every: Deployed) -> None:
    alarms = {name: PLACE.findall(alarm["AlarmDescription"])[0][0] for name, alarm in alarms_of(every).items()}
    unknown = [
        f"{page}: {pattern}"
        for page, patterns in described().items()
        for pattern in patterns
        if not any(fnmatchcase(name, pattern) and of == page for name, of in alarms.items())
    ]
    assert unknown == []


def test_what_an_alarm_listens_to_is_counted_by_the_function_that_it_names(every: Deployed) -> None:
    silent = []
    for name, alarm in alarms_of(every).items():
        if alarm.get("Namespace") == "Jifen":
            (dimension,) = alarm["Dimensions"]
            folders = [ROOT / "functions" / dimension["Value"], ROOT / "shared"]
            said = "".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))
            known = alarm["MetricName"] in get_args(Metric)
            # Once in the list of all metrics, and once where it is counted.
            if not known or said.count(f'"{alarm["MetricName"]}"') < 2:
                silent.append(name)
    assert silent == []
