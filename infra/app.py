"""The CDK app: `cdk deploy --all -c stage=prod`.

Context: `stage` (dev), `alarm_email`, `cors_origins` (a comma between two), for an OpenID provider of one's own
`issuer`, `member_client_id` and `staff_client_id`, and for restored tables `accounts_table`, `ledger_table` with
`ledger_stream`, `members_table`. What every deployment of a stage must be given stands in `cdk.json`, in an object
`stage:prod`; the command line comes first.
"""

from typing import Any

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.data_stack import DataStack
from infra.service_stack import ServiceStack
from infra.stages import Issuer, Restored, Stage, stage_named


def build_app(app: App, *, stage: Stage) -> tuple[DataStack, ServiceStack]:
    """Put the two stacks of the stage into the app, under the rules of AWS Solutions."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    data = DataStack(app, f"Jifen-{stage.name}-Data", stage=stage)
    service = ServiceStack(app, f"Jifen-{stage.name}-Service", stage=stage, data=data)
    Tags.of(app).add("jifen:stage", stage.name)
    return data, service


def stage_of(app: App) -> Stage:
    """Give the stage that the context asks for. Raises UnknownStageError and StreamMissingError."""
    name = app.node.try_get_context("stage") or "dev"
    lasting: Any = app.node.try_get_context(f"stage:{name}") or {}

    def context(key: str) -> str | None:
        value: Any = app.node.try_get_context(key) or lasting.get(key)
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
        name,
        cors_origins=None if origins is None else tuple(origins.split(",")),
        alarm_email=context("alarm_email"),
        issuer=issuer,
        restored=Restored(
            accounts=context("accounts_table"),
            ledger=context("ledger_table"),
            ledger_stream=context("ledger_stream"),
            members=context("members_table"),
        ),
    )


if __name__ == "__main__":
    application = App()
    build_app(application, stage=stage_of(application))
    application.synth()
