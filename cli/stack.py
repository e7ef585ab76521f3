"""What the deployed stack says about itself: its outputs, by name."""

import os

from cli.connection import Connection, NotConnectedError, make_client
from cli.laptop.places import STAGE
from shared import names


def outputs_of(connection: Connection) -> dict[str, str]:
    """Read the outputs of the service stack. Raises NotConnectedError where the stage is not known.

    On an account the stage is named by JIFEN_STAGE, as the functions have it.
    """
    stage = STAGE if connection.local else os.environ.get(names.STAGE, "")
    if not stage:
        raise NotConnectedError("JIFEN_STAGE is not set")
    return outputs_of_stack(f"Jifen-{stage}-Service", connection.endpoint_url, connection.region)


def outputs_of_stack(name: str, endpoint_url: str | None = None, region: str | None = None) -> dict[str, str]:
    """Read the outputs of a stack by name, on AWS unless an emulator's endpoint is given."""
    cloudformation = make_client("cloudformation", endpoint_url, region)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def stage_of(connection: Connection) -> str:
    return STAGE if connection.local else os.environ[names.STAGE]
