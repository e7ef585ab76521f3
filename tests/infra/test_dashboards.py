"""What the dashboards show is said by somebody, and names what is deployed."""

import json

from infra.constructs.dashboards import BUSINESS
from infra.packaging.layer import ROOT
from tests.infra.deployed import Deployed


def test_every_figure_of_the_business_is_counted_by_the_function_that_it_names() -> None:
    silent = []
    for metric, folder in (one for all_ in BUSINESS.values() for one in all_):
        said = "".join(path.read_text("utf-8") for path in (ROOT / "functions" / folder).rglob("*.py"))
        if f'"{metric}"' not in said:
            silent.append((metric, folder))
    assert silent == []


def test_two_dashboards_show_the_api_every_function_table_stream_and_queue(every: Deployed) -> None:
    bodies = [json.dumps(one["DashboardBody"]) for one in every.of("AWS::CloudWatch::Dashboard").values()]
    assert len(bodies) == 2
    assert not [one for one in every.of("AWS::CloudWatch::Dashboard").values() if "DashboardName" in one]
    (service,) = [body for body in bodies if "IteratorAge" in body]
    shown = [*every.functions(), *every.of("AWS::ApiGatewayV2::Api")]
    assert [name for name in shown if name not in service] == []
    taken = {name for name in every.of("AWS::SQS::Queue") if name.startswith("MessagesTaken")}
    assert [name for name in every.of("AWS::SQS::Queue") if name not in service and name not in taken] == []
    assert service.count("WriteThrottleEvents") >= len(every.of("AWS::DynamoDB::Table"))
