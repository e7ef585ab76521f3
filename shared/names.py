"""Names that the code and the infrastructure must agree on: tables, indexes, environment variables, functions.

`infra` imports this module and nothing else of `shared`. Every name stands here once.
"""

from typing import Final

# Indexes
ENTRIES_BY_MEMBER: Final = "entries_by_member"

# Attribute names that keys, indexes, filters and policies speak of
PARTITION_KEY: Final = "pk"
SORT_KEY: Final = "sk"
ACCOUNT_KEY: Final = "id"
MEMBER_ATTRIBUTE: Final = "m"
POSTED_ATTRIBUTE: Final = "t"
TIER_CHANGED_ATTRIBUTE: Final = "tc"
ENTRY_SUMMARY_ATTRIBUTES: Final = ("k", "p", "pp", "b", "s", "o", "x", "q")

# Environment variables
ACCOUNTS_TABLE: Final = "JIFEN_ACCOUNTS_TABLE"
LEDGER_TABLE: Final = "JIFEN_LEDGER_TABLE"
MEMBERS_TABLE: Final = "JIFEN_MEMBERS_TABLE"
SUBSCRIPTIONS_SECRET: Final = "JIFEN_SUBSCRIPTIONS_SECRET"  # noqa: S105 the name of a variable
ENDPOINTS_SECRET: Final = "JIFEN_ENDPOINTS_SECRET"  # noqa: S105 the name of a variable
KEYS_SECRET: Final = "JIFEN_KEYS_SECRET"  # noqa: S105 the name of a variable
QUARANTINE_BUCKET: Final = "JIFEN_QUARANTINE_BUCKET"
EVENT_BUS: Final = "JIFEN_EVENT_BUS"
PUT_ASIDE_QUEUE: Final = "JIFEN_PUT_ASIDE_QUEUE"
WEBHOOK_QUEUE: Final = "JIFEN_WEBHOOK_QUEUE"
WEBHOOKS_TO_LOOPBACK: Final = "JIFEN_WEBHOOKS_TO_LOOPBACK"
MEMBER_CLIENT_ID: Final = "JIFEN_MEMBER_CLIENT_ID"
REQUIRED_CONSENTS: Final = "JIFEN_REQUIRED_CONSENTS"
STAGE: Final = "JIFEN_STAGE"
SWEEP_QUEUE: Final = "JIFEN_SWEEP_QUEUE"
AUDIT_QUEUE: Final = "JIFEN_AUDIT_QUEUE"
SWEEP_SEGMENTS: Final = "JIFEN_SWEEP_SEGMENTS"
SWEEP_MEMBERS_PER_SECOND: Final = "JIFEN_SWEEP_MEMBERS_PER_SECOND"
TIME_TRAVEL: Final = "JIFEN_TIME_TRAVEL"
MESSAGE_TOPIC: Final = "JIFEN_MESSAGE_TOPIC"
MESSAGES_LATER_QUEUE: Final = "JIFEN_MESSAGES_LATER_QUEUE"
SMS_PER_MONTH: Final = "JIFEN_SMS_PER_MONTH"
SMS_MAX_PRICE_USD: Final = "JIFEN_SMS_MAX_PRICE_USD"

SERVICE: Final = "POWERTOOLS_SERVICE_NAME"

# The namespace of all metrics in CloudWatch
METRICS_NAMESPACE: Final = "Jifen"

# Who tells the events of the bus
EVENT_SOURCE: Final = "jifen"

# Outputs of the stack: the planner; prefixes of queues, of those of what was put aside, and of who reads streams
SWEEP_PLANNER: Final = "SweepPlannerName"
QUEUE: Final = "Queue"
DEAD_LETTERS: Final = "DeadLetters"
READER: Final = "Reader"
SWEEP_TASKS: Final = "SweepTasks"
SWEEP_RUNS: Final = "SweepRuns"
AUDIT_TASKS: Final = "AuditTasks"

# What the planner is told by a schedule, and the word that EventBridge Scheduler replaces by the instant
RUN_KIND: Final = "kind"
RUN_AT: Final = "at"
SCHEDULED_TIME: Final = "<aws.scheduler.scheduled-time>"

# Where events that cannot be used wait in their bucket
QUARANTINE_WAITING: Final = "waiting/"

# Partitions of entries, in the table `ledger`
ACTION_PREFIX: Final = "ACTION#"
REFERRAL_PREFIX: Final = "REFERRAL#"
MEMBER_PREFIX: Final = "MEMBER#"  # in the table `members` too: profile and settings
TIER_SETTING_PREFIX: Final = "TIERSET#"
ADJUSTMENT_PREFIX: Final = "ADJUSTMENT#"  # in the table `members` too: what staff wrote about it

# Partitions of the table `ledger` that hold no entries, and are put but never updated
TRAIL_PREFIX: Final = "TRAIL#"  # what the staff did
CATALOGUE_PARTITION: Final = "CATALOGUE"
STOCK_LOW_PREFIX: Final = "STOCKLOW#"

# Partitions of the table `ledger` that hold no entries, and may be updated
STOCK_PREFIX: Final = "STOCK#"
BUDGET_PREFIX: Final = "BUDGET#"
MESSAGES_PREFIX: Final = "MESSAGES#"  # a message is marked once it is sent
SMS_COUNT_PREFIX: Final = "SMSCOUNT#"  # how many text messages a month has seen

# Partitions of the table `members`
REFERENCE_PREFIX: Final = "REF#"  # what leads to a member
COMPLETION_PREFIX: Final = "COMPLETION#"  # what members say they did
CLAIM_TRIES_PREFIX: Final = "CLAIMTRIES#"  # how often they claimed a receipt
WAITING_PARTITION: Final = "WAITING"  # completions that wait for the staff
REQUESTS_PARTITION: Final = "REQUESTS"  # redemptions that wait for the staff
ADJUSTMENTS_PARTITION: Final = "ADJUSTMENTS"  # those that wait for a second person
ADJUSTED_BY_PREFIX: Final = "ADJUSTEDBY#"  # how many points a person adjusted on a day
