"""`python -m cli.laptop up | down`: the project's AWS on this machine."""

import argparse
import sys

from cli.errors import CommandError
from cli.laptop.up import down, up


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m cli.laptop", description=__doc__)
    parser.add_argument("what", choices=("up", "down"))
    what = parser.parse_args().what
    try:
        if what == "up":
            up()
        else:
            down()
    except CommandError as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
