"""The CDK app: `cdk deploy --all -c stage=prod`.

Context: `stage` (dev), `alarm_email`, `cors_origins` (a comma between two), and for an OpenID provider of one's own
`issuer`, `member_client_id` and `staff_client_id`.
"""

from typing import Any

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.data_stack import DataStack
from infra.service_stack import ServiceStack
from infra.stages import Issuer, Stage, stage_named


def build_app(app: App, *, stage: Stage) -> tuple[DataStack, ServiceStack]:
    """Put the two stacks of the stage into the app, under the rules of AWS Solutions."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    data = DataStack(app, f"Jifen-{stage.name}-Data", stage=stage)
    service = ServiceStack(app, f"Jifen-{stage.name}-Service", stage=stage, data=data)
    Tags.of(app).add("jifen:stage", stage.name)
    return data, service


def _stage_of(app: App) -> Stage:
    def context(key: str) -> str | None:
        value: Any = app.node.try_get_context(key)
        return str(value) if value else None

    url = context("issuer")
    issuer = None
    if url is not None:
        issuer = Issuer(
            url=url,
            member_client_id=context("member_client_id") or "jifen-member",
            staff_client_id=context("staff_client_id") or "jifen-staff",
        )
    origins = context("cors_origins")
    return stage_named(
        context("stage") or "dev",
        cors_origins=None if origins is None else tuple(origins.split(",")),
        alarm_email=context("alarm_email"),
        issuer=issuer,
    )


if __name__ == "__main__":
    application = App()
    build_app(application, stage=_stage_of(application))
    application.synth()
