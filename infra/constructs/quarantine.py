"""Where signed events wait that can never be used as they stand."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.tables import removal_policy
from infra.findings import acknowledge
from infra.stages import Stage

KEPT_FOR: Final = Duration.days(90)


class QuarantineBucket(s3.Bucket):
    """A private bucket under our key that forgets after ninety days: bodies may name a member by telephone."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, key: kms.IKey) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(expiration=KEPT_FOR, abort_incomplete_multipart_upload_after=Duration.days(1))
            ],
            removal_policy=removal_policy(stage),
        )
        acknowledge(
            self,
            "AwsSolutions-S1",
            reason="One function puts into it, and every line of that function's log names the key; a log of accesses "
            "would be a second bucket for some objects a year.",
        )
