"""What the product is made of is pinned by its content, looked over, and holds no secret. S9, T28."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PINNED: Final = sorted((ROOT / "requirements").glob("*.txt"))
WANTED: Final = sorted((ROOT / "requirements").glob("*.in"))
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PRODUCT: Final = ("shared", "functions", "infra")

SECRET: Final = re.compile(
    r"""
    \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                            # a key id of AWS
    | aws_secret_access_key\W{1,4}[A-Za-z0-9/+]{40}          # and its key
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \bwhsec_[A-Za-z0-9+/]{24,}                             # the secret of a webhook
    | \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}             # a token
    | \bgh[pousr]_[A-Za-z0-9]{36}\b | \bglpat-[\w-]{20}\b    # tokens of code hosts
    | \bsk_live_[A-Za-z0-9]{16,} | \bxox[abprs]-[\w-]{10,}   # of payment and chat services
    | \b[a-z]{3,}://[^\s/:@"'{}]+:[^\s/:@"'{}$]{6,}@(?!\S*\bexample\b)  # a password in an address
    """,
    re.VERBOSE,
)
PUBLISHED: Final = {
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # the example of the Standard Webhooks specification
}


def packages(path: Path) -> Iterator[tuple[str, str]]:
    """Give the name and the pin of each package that a file of requirements lists."""
    text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    for line in (line.split("#")[0].strip() for line in text.splitlines()):
        if line and not line.startswith("-r"):
            name, _, pin = line.partition("==")
            yield re.sub(r"[-_.]+", "-", name.split()[0].split("[")[0]).lower(), pin


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_s9_every_package_is_pinned_to_a_version_and_to_its_content(path: Path) -> None:
    listed = list(packages(path))
    assert listed
    assert [
        name for name, pin in listed if not re.fullmatch(r"\S+(?:\s*;.*?)?(?:\s+--hash=sha256:[0-9a-f]{64})+", pin)
    ] == []


@pytest.mark.parametrize("path", WANTED, ids=lambda path: path.name)
def test_s9_what_is_asked_for_is_what_is_pinned(path: Path) -> None:
    pinned = {name: pin.split()[0] for name, pin in packages(path.with_suffix(".txt"))}
    asked = dict(packages(path))
    assert asked.keys() <= pinned.keys()
    assert {name: pin for name, pin in asked.items() if pin and pinned[name] != pin} == {}


def test_s9_the_packages_of_node_are_pinned_by_their_content_too() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    theirs = {name: one for name, one in locked.items() if name}
    assert theirs
    assert [name for name, one in theirs.items() if not one.get("integrity", "").startswith("sha512-")] == []


def test_s9_whatever_is_installed_is_compared_with_what_is_pinned() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if re.search(r"pip (?:install|sync)|npm (?:ci|install)", line)]
    assert len(installs) > 3
    ours = [line for line in installs if "--editable ." in line]  # the project itself, and nothing it needs
    others = [line for line in installs if line not in ours]
    assert [line for line in ours if "--no-deps" not in line] == []
    assert [line for line in others if "--require-hashes" not in line and "npm ci" not in line] == []


def test_s9_the_rules_of_security_hold_for_the_whole_product() -> None:
    """Ruff knows bandit's rules as S: all are on, and what is excepted stands in the code with its reason."""
    lint = PROJECT["tool"]["ruff"]["lint"]
    assert lint["select"] == ["ALL"]
    assert [code for code in lint["ignore"] if re.match(r"S\d", code)] == []
    excepted = {place: codes for place, codes in lint["per-file-ignores"].items() if place.split("/")[0] in PRODUCT}
    assert [code for codes in excepted.values() for code in codes if re.match(r"S\d", code)] == []
    marks = [
        mark
        for folder in PRODUCT
        for path in (ROOT / folder).rglob("*.py")
        for mark in re.findall(r"# noqa: [A-Z0-9, ]*\bS\d+[A-Z0-9, ]*(.*)", path.read_text(encoding="utf-8"))
    ]
    assert [mark for mark in marks if len(mark.split()) < 2] == []


def test_s9_no_file_of_the_repository_holds_a_secret() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert len(paths) > 500
    found = {
        f"{path.relative_to(ROOT)}: {secret[:12]}…"
        for path in paths
        if path.is_file()
        for secret in SECRET.findall(path.read_text(encoding="utf-8", errors="replace"))
        if secret not in PUBLISHED
    }
    assert found == set()


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA" + "A1B2" * 4,
        "aws_secret_access_key = " + "aB3/" * 10,
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "whsec_" + "aB3+" * 8,
        "eyJhbGciOiJSUzI1" + ".eyJzdWIiOiJtZWkifQ" + ".c2lnbmF0dXJlLXNpZ25hdHVyZQ",
        "ghp_" + "a1B2" * 9,
        "postgres://jifen:" + "long-enough@db",
    ],
)
def test_s9_a_secret_would_be_found(secret: str) -> None:
    assert SECRET.search(f'VALUE = "{secret}"')
