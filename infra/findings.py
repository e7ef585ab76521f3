"""Acknowledge a finding of cdk-nag, with the reason beside the construct that it is about."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, *findings: str, reason: str) -> None:
    """Accept these findings on this construct and what it contains."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=finding, reason=reason) for finding in findings))
