"""Put the project's AWS on this machine up, and take it down."""

import time
from collections.abc import Callable
from typing import Any

from cli.laptop import deploy
from cli.laptop.emulator import Emulator, end_emulator, running_emulator, start_emulator, wait_until_healthy
from cli.laptop.seeding import SEEDS

Said = Callable[[str], None]


def up() -> dict[str, Any]:
    """Deploy the stacks to the emulator, started where it does not run, and seed them; return build/local.json."""
    say = _with_seconds()
    emulator = running_emulator()
    if emulator is not None and deploy.is_deployed(emulator):
        say("this code is deployed already")
        local = deploy.read_local()
    else:
        local = _deployed(emulator, say)
    print(f"API  {local['api_url']}")
    return local


def down() -> None:
    """End the emulator and drop what described it."""
    end_emulator()
    deploy.forget_deployment()


def _deployed(emulator: Emulator | None, say: Said) -> dict[str, Any]:
    fresh = emulator is None
    if emulator is None:
        deploy.forget_deployment()
        emulator = start_emulator()
    # Taken before the code is read: what changes meanwhile is deployed by the next `up`.
    deployed = deploy.fingerprint(emulator)
    # The synthesis takes one core for as long as start and bootstrap together take the other.
    synth = None if deploy.is_synthesized(emulator) else deploy.start_synth(emulator)
    wait_until_healthy(emulator)
    say(f"the emulator runs at {emulator.endpoint}")
    if fresh:
        bootstrap = deploy.start_bootstrap(emulator)
        deploy.publish_issuer(emulator)
        deploy.finished(bootstrap)
        say("bootstrapped")
    if synth is not None:
        process, made_of = synth
        deploy.finish_synth(process, made_of=made_of)
        say("synthesized")
    deploy.finished(deploy.start_deploy(emulator))
    say("deployed")
    local = deploy.described(emulator)
    for seed in SEEDS:
        local = seed(local)
        say(f"seeded: {seed.__module__}")
    deploy.remember(local, deployed=deployed)
    return local


def _with_seconds() -> Said:
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - started:5.1f} s  {what}", flush=True)

    return say
