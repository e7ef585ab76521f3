"""What is wrong with a field of a request, in Chinese and English, by the codes of pydantic and of our own."""

from typing import Any, Final

from shared.http.languages import Language, Text

FIELD_ERRORS: Final[dict[str, Text]] = {
    "missing": Text("必须填写", "is required"),
    "extra_forbidden": Text("未知字段", "is not a known field"),
    "string_type": Text("必须是文本", "must be text"),
    "string_too_short": Text("至少 {min_length} 个字符", "must have at least {min_length} characters"),
    "string_too_long": Text("最多 {max_length} 个字符", "must have at most {max_length} characters"),
    "string_pattern_mismatch": Text("格式不正确", "has the wrong form"),
    "int_type": Text("必须是整数", "must be an integer"),
    "int_parsing": Text("必须是整数", "must be an integer"),
    "int_from_float": Text("必须是整数", "must be an integer"),
    "int_parsing_size": Text("数字太大", "is too large"),
    "bool_type": Text("必须是 true 或 false", "must be true or false"),
    "greater_than": Text("必须大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": Text("不能小于 {ge}", "must be at least {ge}"),
    "less_than": Text("必须小于 {lt}", "must be less than {lt}"),
    "less_than_equal": Text("不能大于 {le}", "must be at most {le}"),
    "too_short": Text("至少 {min_length} 项", "must have at least {min_length} items"),
    "too_long": Text("最多 {max_length} 项", "must have at most {max_length} items"),
    "list_type": Text("必须是数组", "must be an array"),
    "dict_type": Text("必须是对象", "must be an object"),
    "model_type": Text("必须是对象", "must be an object"),
    "model_attributes_type": Text("必须是对象", "must be an object"),
    "literal_error": Text("必须是 {expected} 之一", "must be one of {expected}"),
    "enum": Text("必须是 {expected} 之一", "must be one of {expected}"),
    "date_from_datetime_parsing": Text("必须是日期 YYYY-MM-DD", "must be a date YYYY-MM-DD"),
    "date_parsing": Text("必须是日期 YYYY-MM-DD", "must be a date YYYY-MM-DD"),
    "datetime_parsing": Text("必须是 RFC 3339 时间", "must be an RFC 3339 time"),
    "datetime_from_date_parsing": Text("必须是 RFC 3339 时间", "must be an RFC 3339 time"),
    "timezone_aware": Text("必须带时区偏移", "must have a UTC offset"),
    "before-the-program": Text("早于会员计划开始之时", "is before the program began"),
    "out-of-range": Text("必须在 {least} 和 {most} 之间", "must be from {least} to {most}"),
    "phone_invalid": Text("不是有效的手机号", "is not a valid phone number"),
    "phone_unproven": Text("邀请码只用于手机号已验证的登录", "counts only where the token proves a phone number"),
    "referral_code_unknown": Text("没有这个邀请码", "is nobody's code"),
    "exactly_one": Text("必须且只能填写其中一项", "takes exactly one of its fields"),
    "set_once": Text("只能填写一次", "can be set only once"),
    "not_provable": Text("需要先验证", "has to be verified first"),
    "zero": Text("不能是 0", "must not be 0"),
    "unknown-store": Text("没有这家门店", "is not a store of the chain"),
    "already-over": Text("不能早于今天", "must be today or later"),
    "only-for-credits": Text("扣减积分时不填", "is for points that are given"),
    "unknown-tier": Text("没有这个等级", "is not a tier of the program in force"),
    "wrong-day": Text(
        "最低等级不写截止日；其他等级的截止日不能早于今天",
        "must be left out for the lowest tier, and be today or later for every other one",
    ),
    "header_invalid": Text("请求头格式不正确", "is not a valid header"),
}
UNLISTED_FIELD_ERROR: Final = Text("不符合要求", "is not as required")


def field_error_detail(code: str, context: dict[str, Any], language: Language) -> str:
    """Say what is wrong with a field, without repeating what was sent. `context` holds the limits it broke."""
    text = FIELD_ERRORS.get(code, UNLISTED_FIELD_ERROR)
    try:
        return text.told(language).format_map(context)
    except KeyError:
        return UNLISTED_FIELD_ERROR.told(language)
