"""`python -m cli.laptop up | down`: the project's AWS on this machine."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from cli.laptop import deploy
from cli.laptop.emulator import (
    Emulator,
    EmulatorFailedError,
    end_emulator,
    running_emulator,
    start_emulator,
    wait_until_healthy,
)

AfterDeploy = Callable[[dict[str, Any]], None]


def up(after_deploy: AfterDeploy | None = None) -> dict[str, Any]:
    """Deploy the stacks to the emulator, which is started where it does not run; return build/local.json.

    `after_deploy` is given the same once the stacks stand: the place to seed sample data.
    """
    started = time.monotonic()
    emulator = running_emulator()
    if emulator is None:
        emulator = _fresh_emulator(started)
    else:
        _say(started, f"the emulator runs at {emulator.endpoint}")
        deploy.finished(deploy.start_synth(emulator))
        _say(started, "synthesized")
    deploy.finished(deploy.start_deploy(emulator))
    local = deploy.write_local(emulator)
    _say(started, "deployed")
    if after_deploy is not None:
        after_deploy(local)
        _say(started, "seeded")
    print(f"API  {local['api_url']}")
    return local


def down() -> None:
    """End the emulator and drop what described it."""
    end_emulator()
    deploy.forget_deployment()


def _fresh_emulator(started: float) -> Emulator:
    deploy.forget_deployment()
    emulator = start_emulator()
    # The synthesis takes one core for longer than the start and the bootstrap together take the other.
    synth = deploy.start_synth(emulator)
    wait_until_healthy(emulator)
    _say(started, f"the emulator runs at {emulator.endpoint}")
    bootstrap = deploy.start_bootstrap(emulator)
    deploy.publish_issuer(emulator)
    deploy.finished(bootstrap)
    _say(started, "bootstrapped")
    deploy.finished(synth)
    _say(started, "synthesized")
    return emulator


def _say(started: float, what: str) -> None:
    print(f"{time.monotonic() - started:5.1f} s  {what}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m cli.laptop", description=__doc__)
    parser.add_argument("what", choices=("up", "down"))
    what = parser.parse_args().what
    try:
        if what == "up":
            up()
        else:
            down()
    except (EmulatorFailedError, deploy.DeployFailedError) as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
