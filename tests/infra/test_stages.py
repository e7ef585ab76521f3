"""What differs between stages stands in `infra/stages.py`."""

import ast
import re
from collections.abc import Callable

from infra.packaging.layer import ROOT
from infra.stages import STAGES
from tests.infra.deployed import Deployed


def kinds(deployed: Deployed) -> set[tuple[str, str]]:
    """Give logical ids and types; where CDK writes the stack's name into an id, without it and its hash."""
    stack = re.compile(rf"Jifen{deployed.stage}Service|[0-9A-F]{{8,16}}(?=$|Jifen)")
    return {(stack.sub("", name), one["Type"]) for name, one in deployed.all}


def test_no_other_file_of_the_infrastructure_knows_a_stage_by_name() -> None:
    known = []
    for path in sorted((ROOT / "infra").rglob("*.py")):
        words = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
        known += [(path.relative_to(ROOT).as_posix(), word) for word in STAGES if word in words]
    assert sorted(known) == [
        ("infra/app.py", "dev"),  # what `cdk deploy` without a stage deploys
        ("infra/stages.py", "dev"),
        ("infra/stages.py", "local"),
        ("infra/stages.py", "prod"),
    ]


def test_dev_and_prod_deploy_the_same_resources(deployed: Callable[[str], Deployed]) -> None:
    assert kinds(deployed("dev")) == kinds(deployed("prod"))


def test_the_laptop_deploys_what_prod_does_and_a_queue_to_look_into(deployed: Callable[[str], Deployed]) -> None:
    local, prod = kinds(deployed("local")), kinds(deployed("prod"))
    assert prod - local == set()
    assert {kind for _, kind in local - prod} == {"AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::SNS::Subscription"}
