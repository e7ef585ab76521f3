"""What of a template is paid for by the hour, whether anybody shops or not. P18."""

from typing import Final

from tests.infra.deployed import Deployed

# Each is paid by use, by the month and the piece (alarms, keys, secrets), or not at all. Who adds a type here has read
# its price: what is billed by the hour (gateways into networks, caches, clusters, provisioned units) does not belong.
PAID_BY_USE: Final = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",  # three dollars a month each, after three of an account
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
}


def billed_by_the_hour(deployed: Deployed) -> list[str]:
    """Name the resources that cost while nobody shops: by type, or because they are kept ready."""
    types = [name for name, one in deployed.all if one["Type"] not in PAID_BY_USE]
    tables = [
        name
        for name, table in deployed.of("AWS::DynamoDB::Table").items()
        if table["BillingMode"] != "PAY_PER_REQUEST" or "ProvisionedThroughput" in table
    ]
    functions = [name for name, one in deployed.functions().items() if {"VpcConfig", "SnapStart"} & set(one)]
    return [*types, *tables, *functions]
