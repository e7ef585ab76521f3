"""Who checks a file waits for what checks it, and not for AWS's SDK or the other commands."""

import json
import subprocess
import sys
from typing import Final

import typer

from cli.__main__ import COMMANDS, app
from infra.packaging.layer import ROOT

NOT_NEEDED: Final = {"aws_cdk", "boto3", "botocore.session", "cli.demo", "cli.ops", "moto"}
_LOADED: Final = """
import json, sys
sys.argv = ["jifen", "program", "validate", "config/program.yaml"]
from cli.__main__ import app
try:
    app()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def test_a_file_is_checked_without_the_sdk_and_the_other_commands() -> None:
    ran = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True, cwd=ROOT)
    assert NOT_NEEDED & set(json.loads(ran.stderr.splitlines()[-1])) == set()


def test_every_command_is_found_and_says_what_it_is_for() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    context = typer.Context(group)
    assert group.list_commands(context) == list(COMMANDS)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str()
    assert group.get_command(context, "nonsense") is None
