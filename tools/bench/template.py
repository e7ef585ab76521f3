"""P18: what the templates of each stage deploy that is paid for while nobody shops."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.stages import STAGES
from tests.infra.billing import billed_by_the_hour
from tests.infra.deployed import read_assembly, synthesize
from tools.bench.figures import Figure, exactly


def figures() -> Iterator[Figure]:
    """Synthesize every stage, and look at all of its resources."""
    with TemporaryDirectory(prefix="jifen-assembly-") as folder:
        for stage in sorted(STAGES):
            assembly = Path(folder) / stage
            synthesize(stage, assembly)
            found = billed_by_the_hour(read_assembly(stage, assembly))
            yield exactly(f"P18.{stage}", len(found), 0, f"resources billed by the hour, stage {stage}")
