"""Who may sign in where the chain brings no OpenID provider of its own: a Cognito user pool."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.tables import removal_policy
from infra.findings import acknowledge
from infra.stages import Issuer, Stage

RESOURCE_SERVER: Final = "jifen"
STAFF_SCOPES: Final = {
    "pos:write": "post sales",
    "pos:redeem": "redeem at the counter",
    "staff:read": "look members up",
    "staff:pii": "see phones in full",
    "staff:adjust": "adjust points",
    "staff:approve": "approve what another proposed",
    "staff:catalog": "edit rewards and stock",
    "staff:reports": "read reports",
    "program:write": "draft rules",
    "program:publish": "publish rules",
    "ops": "operate",
}
STORES_ATTRIBUTE: Final = "stores"


class Identity(Construct):
    """A pool for members and staff, an app client for each, and the scopes of staff.

    Members sign up themselves, by phone or e-mail. What a member of staff may do is the groups an administrator puts
    them in, named like the scopes, and the attribute `custom:stores`, which no client may write:
    `functions/token_claims` puts both into the token and takes out every scope that was asked for without its group.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, token_claims: lambda_.IFunction) -> None:
        super().__init__(scope, construct_id)
        self.pool = _user_pool(self, stage=stage)
        self.pool.add_trigger(
            cognito.UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, token_claims, cognito.LambdaVersion.V2_0
        )
        for name in STAFF_SCOPES:
            group_id = "".join(part.title() for part in name.split(":"))
            cognito.UserPoolGroup(self, f"{group_id}Group", user_pool=self.pool, group_name=name)
        scopes = [
            cognito.ResourceServerScope(scope_name=name, scope_description=description)
            for name, description in STAFF_SCOPES.items()
        ]
        server = self.pool.add_resource_server("Jifen", identifier=RESOURCE_SERVER, scopes=scopes)
        member = _client(self.pool, "MemberApp", scopes=[])
        staff = _client(
            self.pool, "StaffConsole", scopes=[cognito.OAuthScope.resource_server(server, scope) for scope in scopes]
        )
        self.issuer = Issuer(
            url=self.pool.user_pool_provider_url,
            member_client_id=member.user_pool_client_id,
            staff_client_id=staff.user_pool_client_id,
        )


def _user_pool(scope: Construct, *, stage: Stage) -> cognito.UserPool:
    pool = cognito.UserPool(
        scope,
        "Pool",
        self_sign_up_enabled=True,
        sign_in_aliases=cognito.SignInAliases(phone=True, email=True),
        auto_verify=cognito.AutoVerifiedAttrs(phone=True, email=True),
        keep_original=cognito.KeepOriginalAttrs(phone=True, email=True),
        custom_attributes={STORES_ATTRIBUTE: cognito.StringAttribute(mutable=True, max_len=1_024)},
        password_policy=cognito.PasswordPolicy(
            min_length=10, require_lowercase=True, require_uppercase=True, require_digits=True, require_symbols=True
        ),
        mfa=cognito.Mfa.OPTIONAL,
        mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
        account_recovery=cognito.AccountRecovery.PHONE_WITHOUT_MFA_AND_EMAIL,
        feature_plan=cognito.FeaturePlan.ESSENTIALS,  # the least plan whose access tokens can be given claims
        deletion_protection=stage.retain,
        removal_policy=removal_policy(stage),
    )
    acknowledge(
        pool,
        "AwsSolutions-COG2",
        reason="Customers collect points: a second factor is offered, not forced. A chain forces it for its staff.",
    )
    acknowledge(
        pool,
        "AwsSolutions-COG8",
        reason="Threat protection needs the Plus plan, paid per active member; API throttles and alarms stand in.",
    )
    acknowledge(
        pool,
        "AwsSolutions-IAM5[Resource::*]",
        reason="A text message goes to a telephone number, which is no resource that a policy could name.",
    )
    return pool


def _client(pool: cognito.UserPool, name: str, *, scopes: list[cognito.OAuthScope]) -> cognito.UserPoolClient:
    own_attributes = cognito.ClientAttributes().with_standard_attributes(phone_number=True, email=True)
    return pool.add_client(
        name,
        generate_secret=False,
        auth_flows=cognito.AuthFlow(user_srp=True),
        prevent_user_existence_errors=True,
        enable_token_revocation=True,
        access_token_validity=Duration.hours(1),
        id_token_validity=Duration.hours(1),
        refresh_token_validity=Duration.days(30),
        read_attributes=own_attributes.with_custom_attributes(STORES_ATTRIBUTE),
        write_attributes=own_attributes,
        o_auth=cognito.OAuthSettings(
            flows=cognito.OAuthFlows(authorization_code_grant=True),
            scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.PHONE, *scopes],
            callback_urls=["https://localhost/signed-in"],
        ),
    )
