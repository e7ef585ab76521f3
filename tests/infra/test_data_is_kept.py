"""What must outlive mistakes: tables, key, secrets, logs. K6, T25."""

from tests.infra.deployed import Deployed, points_at

DATA = {
    "AWS::DynamoDB::Table": 3,
    "AWS::KMS::Key": 1,
    "AWS::SecretsManager::Secret": 3,
    "AWS::S3::Bucket": 1,
    "AWS::Cognito::UserPool": 1,
}


def test_k6_every_table_can_be_restored_to_any_second(every: Deployed) -> None:
    restorable = {
        name: one["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        for name, one in every.of("AWS::DynamoDB::Table").items()
    }
    assert list(restorable.values()) == [True, True, True]


def test_t25_in_prod_nobody_deletes_a_table_by_deleting_its_stack(prod: Deployed) -> None:
    assert [one["DeletionProtectionEnabled"] for one in prod.of("AWS::DynamoDB::Table").values()] == [True, True, True]
    assert [one["DeletionProtection"] for one in prod.of("AWS::Cognito::UserPool").values()] == ["ACTIVE"]


def test_t25_in_prod_all_that_holds_data_outlives_its_stack_and_its_replacement(prod: Deployed) -> None:
    for kind, count in DATA.items():
        kept = [one for _, one in prod.all if one["Type"] == kind]
        assert [(one["DeletionPolicy"], one["UpdateReplacePolicy"]) for one in kept] == [("Retain", "Retain")] * count


def test_tables_and_secrets_are_encrypted_with_our_key_which_is_rotated(every: Deployed) -> None:
    key, properties = every.named("AWS::KMS::Key", "Key")
    assert properties["EnableKeyRotation"] is True
    for table in every.of("AWS::DynamoDB::Table").values():
        encryption = table["SSESpecification"]
        assert (encryption["SSEEnabled"], encryption["SSEType"]) == (True, "KMS")
        assert points_at(encryption["KMSMasterKeyId"]) == key
    for secret in every.of("AWS::SecretsManager::Secret").values():
        assert points_at(secret["KmsKeyId"]) == key


def test_w14_what_could_not_be_used_is_private_encrypted_and_forgotten_after_ninety_days(every: Deployed) -> None:
    key, _ = every.named("AWS::KMS::Key", "Key")
    ((name, bucket),) = every.of("AWS::S3::Bucket").items()
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert points_at(encryption["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == key
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 90)
    assert {"Prefix", "TagFilters"}.isdisjoint(rule), "it speaks of every object"
    (policy,) = [one for one in every.of("AWS::S3::BucketPolicy").values() if points_at(one["Bucket"]) == name]
    assert denies_the_clear(policy["PolicyDocument"])
    assert {one["Effect"] for one in policy["PolicyDocument"]["Statement"]} == {"Deny"}


def test_every_topic_is_encrypted_with_our_key_and_takes_nothing_in_the_clear(every: Deployed) -> None:
    for name, topic in every.of("AWS::SNS::Topic").items():
        assert "KmsMasterKeyId" in topic
        policies = [one for one in every.of("AWS::SNS::TopicPolicy").values() if points_at(one["Topics"][0]) == name]
        (policy,) = policies
        assert denies_the_clear(policy["PolicyDocument"])


def test_q6_every_queue_is_encrypted_and_takes_nothing_in_the_clear(every: Deployed) -> None:
    for name, queue in every.of("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True
        (policy,) = [one for one in every.of("AWS::SQS::QueuePolicy").values() if points_at(one["Queues"][0]) == name]
        assert denies_the_clear(policy["PolicyDocument"])


def test_every_function_logs_to_a_group_that_forgets(prod: Deployed) -> None:
    groups = prod.of("AWS::Logs::LogGroup")
    assert {one["RetentionInDays"] for one in groups.values()} == {90}
    written = {points_at(one["LoggingConfig"]["LogGroup"]) for one in prod.functions().values()}
    assert len(written) == len(prod.functions())
    (access,) = [one["AccessLogSettings"] for one in prod.of("AWS::ApiGatewayV2::Stage").values()]
    assert written | {points_at(access["DestinationArn"])} == set(groups)


def denies_the_clear(document: dict[str, list[dict[str, object]]]) -> bool:
    """Say whether a resource policy refuses what comes without TLS."""
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    return any(one["Effect"] == "Deny" and one.get("Condition") == condition for one in document["Statement"])
