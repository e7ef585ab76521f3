"""Nothing is paid for while nobody shops. P18."""

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


def test_p18_no_resource_is_billed_by_the_hour(every: Deployed) -> None:
    assert {one["Type"] for _, one in every.all} - PAID_BY_USE == set()


def test_p18_tables_are_paid_by_the_request(every: Deployed) -> None:
    for table in every.of("AWS::DynamoDB::Table").values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert "ProvisionedThroughput" not in table


def test_p18_no_function_is_kept_warm_or_put_into_a_network(every: Deployed) -> None:
    for function in every.functions().values():
        assert not {"VpcConfig", "SnapStart"} & set(function)


def test_functions_run_on_the_cheaper_processor_and_the_newest_python(prod: Deployed) -> None:
    kinds = {(one["Runtime"], *one["Architectures"]) for one in prod.functions().values()}
    assert kinds == {("python3.14", "arm64")}


def test_p19_a_successful_call_leaves_no_lines_of_the_platform(every: Deployed) -> None:
    levels = {
        (one["LoggingConfig"]["LogFormat"], one["LoggingConfig"]["SystemLogLevel"])
        for one in every.functions().values()
    }
    assert levels == {("JSON", "WARN")}
