"""What a problem says, in Chinese and English: the one source of the answers and of `docs/problems.md`.

A detail may name fields of its error in braces. Where the error came without them, the title speaks alone.
"""

from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

from shared.http.languages import Language, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemText:
    """The texts of one code: `title` for every case, `detail` with the fields of this one, `remedy` for the page."""

    title: Text
    detail: Text
    remedy: Text

    def detail_with(self, fields: dict[str, Any], language: Language) -> str:
        """Fill the fields in; give the title where one is missing."""
        template = self.detail.told(language)
        wanted = {name for _, name, _, _ in Formatter().parse(template) if name}
        if wanted - fields.keys():
            return self.title.told(language)
        return template.format_map(fields)


def _problem(title: tuple[str, str], detail: tuple[str, str], remedy: tuple[str, str]) -> ProblemText:
    return ProblemText(title=Text(*title), detail=Text(*detail), remedy=Text(*remedy))


PROBLEMS: Final[dict[str, ProblemText]] = {
    "malformed-json": _problem(
        ("请求体不是有效的 JSON", "The body is not valid JSON"),
        ("请求体无法解析为 JSON，或嵌套过深。", "The body cannot be read as JSON, or is nested too deeply."),
        ("发送一个 JSON 对象，嵌套不超过 32 层。", "Send one JSON object, nested at most 32 deep."),
    ),
    "not-utf8": _problem(
        ("请求体不是 UTF-8", "The body is not UTF-8"),
        ("请求体含有不是 UTF-8 的字节。", "The body holds bytes that are not UTF-8."),
        ("用 UTF-8 编码请求体。", "Encode the body as UTF-8."),
    ),
    "bad-cursor": _problem(
        ("游标无效", "The cursor is not valid"),
        ("游标已过期，或不属于这次查询。", "The cursor has expired, or belongs to another query."),
        ("不带 cursor 从第一页重新开始。", "Start again from the first page, without a cursor."),
    ),
    "idempotency-key-missing": _problem(
        ("缺少 Idempotency-Key", "The Idempotency-Key is missing"),
        (
            "请在 Idempotency-Key 请求头中发送 8 至 128 个可见的 ASCII 字符。",
            "Send 8 to 128 visible ASCII characters in the Idempotency-Key header.",
        ),
        (
            "每次操作生成一个新的键，重试时沿用同一个键。",
            "Make a new key for each operation and keep it when you try again.",
        ),
    ),
    "token-missing": _problem(
        ("需要登录", "A token is required"),
        ("请求没有可用的访问令牌。", "The request carries no usable access token."),
        ("在 Authorization 请求头中发送 Bearer 令牌。", "Send a bearer token in the Authorization header."),
    ),
    "signature-invalid": _problem(
        ("签名无效", "The signature is not valid"),
        (
            "签名、时间戳或标识与请求体不符。",
            "The signature, timestamp or id does not match the body.",
        ),
        (
            "用当前密钥对原始字节签名，并校准时钟（允许相差 300 秒）。",
            "Sign the raw bytes with a current secret, and correct the clock (300 seconds are allowed).",
        ),
    ),
    "scope-missing": _problem(
        ("没有权限", "Not allowed"),
        ("这个操作需要权限 {required}。", "This operation needs the scope {required}."),
        ("使用含有该权限的令牌。", "Use a token that has the scope."),
    ),
    "store-not-allowed": _problem(
        ("不允许代表这家门店", "Not allowed for this store"),
        ("您不能代表门店 {store_id} 操作。", "You may not act for the store {store_id}."),
        (
            "检查令牌或订阅所属的门店。",
            "Check which stores the token or the subscription is for.",
        ),
    ),
    "not-found": _problem(
        ("没有找到", "Not found"),
        ("没有这样的对象或路径，或者它不属于您。", "There is no such thing or path, or it is not yours."),
        ("检查路径和标识。", "Check the path and the id."),
    ),
    "member-not-found": _problem(
        ("没有找到会员", "No such member"),
        ("没有符合的会员。", "No member matches."),
        ("会员需要先注册；检查手机号、卡号或标识。", "The member must enrol first; check the phone, card or id."),
    ),
    "receipt-not-found": _problem(
        ("没有找到小票", "No such receipt"),
        (
            "没有号码和金额都相符、还没有会员的小票。",
            "No receipt without a member has this number and this total.",
        ),
        (
            "核对门店、小票号和金额；收银机可能还没有上传，稍后再试。",
            "Check store, number and total; the till may not have handed it in yet: try later.",
        ),
    ),
    "reward-not-found": _problem(
        ("没有找到奖品", "No such reward"),
        ("没有这样的奖品。", "There is no such reward."),
        ("重新读取奖品目录。", "Read the catalogue again."),
    ),
    "method-not-allowed": _problem(
        ("方法不允许", "The method is not allowed"),
        ("这个路径只接受 {allowed}。", "This path takes only {allowed}."),
        ("使用 Allow 响应头中的方法。", "Use a method that the Allow header names."),
    ),
    "conflict": _problem(
        ("与当前状态冲突", "In conflict with the present state"),
        ("当前状态下不能这样做。", "This cannot be done in the present state."),
        ("重新读取后再决定。", "Read again and decide."),
    ),
    "insufficient-points": _problem(
        ("积分不足", "Not enough points"),
        (
            "需要 {required} 积分，可用 {available} 积分，还差 {missing} 积分。",
            "{required} points are needed, {available} are available, {missing} are missing.",
        ),
        ("积累更多积分，或选择其他奖品。", "Collect more points, or choose another reward."),
    ),
    "out-of-stock": _problem(
        ("已兑完", "Out of stock"),
        ("这个奖品的库存不足。", "There is not enough of this reward left."),
        ("选择其他奖品；没有扣除积分。", "Choose another reward; no points were taken."),
    ),
    "limit-reached": _problem(
        ("已达兑换上限", "The limit is reached"),
        ("每个周期最多 {limit} 次。", "At most {limit} are allowed per period."),
        ("等到下一个周期。", "Wait for the next period."),
    ),
    "task-not-fulfilled": _problem(
        ("还没有达到要求", "Not what the task asks for"),
        (
            "提交的内容没有达到任务的要求，或次数已用完；lacking 里写明缺什么。",
            "It is not what the task asks for, or its limit is used up; `lacking` names what is missing.",
        ),
        ("补齐后再提交。", "Hand in what is lacking."),
    ),
    "completion-decided": _problem(
        ("已经处理过", "Decided already"),
        ("这次提交已经处理为 {status}。", "It was decided before: {status}."),
        ("刷新列表。", "Read the list again."),
    ),
    "adjustment-decided": _problem(
        ("已经处理过", "Decided already"),
        ("这次调整已经处理为 {decision}。", "It was decided before: {decision}."),
        ("刷新列表。", "Read the list again."),
    ),
    "daily-cap-reached": _problem(
        ("超过每日调整额度", "Too much for one day"),
        (
            "每人每天加减合计最多 {limit} 积分，这次需要 {required} 积分，今天的额度不够。",
            "One person may give and take {limit} points a day; this asks for {required}, more than is left of them.",
        ),
        ("明天再办，或请另一位同事提出。", "Do it tomorrow, or let somebody else ask for it."),
    ),
    "self-approval": _problem(
        ("不能给自己办理", "Nobody decides for themselves"),
        (
            "这是您自己的会员账户，或是您自己提出的申请。",
            "This is your own membership, or what you have asked for yourself.",
        ),
        ("请另一位同事办理。", "Ask another person."),
    ),
    "birthday-only": _problem(
        ("生日才能使用", "For the birthday only"),
        (
            "这项权益只在会员生日当天或当月可用。",
            "This benefit can be used only on the member's birthday, or in its month.",
        ),
        (
            "等到生日；没有填生日的，先在会员资料里填上。",
            "Wait for the birthday; a member without one can set it once.",
        ),
    ),
    "tier-required": _problem(
        ("会员等级不够", "A higher tier is required"),
        ("您的等级还不能兑换这个奖品。", "Your tier does not give access to this reward yet."),
        ("查看等级规则，了解还差多少。", "See the rules of the tiers for what is missing."),
    ),
    "reward-not-available": _problem(
        ("奖品目前不可兑换", "The reward is not available now"),
        ("这个奖品目前没有上架，或不在兑换时间内。", "This reward is not listed now, or its time is over."),
        ("重新读取奖品目录。", "Read the catalogue again."),
    ),
    "already-cancelled": _problem(
        ("已经取消", "Already cancelled"),
        ("这次兑换已经取消。", "This redemption has been cancelled."),
        ("无需再做任何事；积分已退回。", "Nothing is left to do; the points are back."),
    ),
    "rate-limited": _problem(
        ("试得太多", "Too many tries"),
        ("每天最多试 {limit} 次。", "At most {limit} tries a day are allowed."),
        ("明天再试，或请门店帮忙。", "Try again tomorrow, or ask the store."),
    ),
    "not-claimable": _problem(
        ("小票不能补登", "The receipt cannot be claimed"),
        (
            "这张小票太久以前，或早于积分规则，或退货太多（{reason}）。",
            "This receipt is too old, older than the rules, or has too many returns ({reason}).",
        ),
        ("请联系门店。", "Ask the store."),
    ),
    "already-used": _problem(
        ("已经使用", "Already used"),
        ("已经使用或领取，不能再次使用。", "It has been used or handed over and cannot be used again."),
        ("无法撤销；请联系门店。", "This cannot be undone; ask the store."),
    ),
    "already-approved": _problem(
        ("已经通过", "Approved already"),
        ("这次兑换已通过审核，或无需审核。", "This redemption has been approved, or needs no approval."),
        ("门店仍可取消；会员请联系门店。", "The store can still cancel it; a member asks the store."),
    ),
    "approval-required": _problem(
        ("还没有通过审核", "Not approved yet"),
        ("这次兑换要先由店员审核。", "The staff has to approve this redemption first."),
        ("审核通过后再交付。", "Hand it over once it is approved."),
    ),
    "already-exists": _problem(
        ("编号已被使用", "The id is taken"),
        ("已经有奖品“{reward_id}”，内容不同。", "There is already a reward `{reward_id}`, with other content."),
        ("换一个编号，或修改已有的奖品。", "Choose another id, or change the existing reward."),
    ),
    "if-match-required": _problem(
        ("缺少 If-Match", "The If-Match header is missing"),
        ("修改时要说明依据的是哪个版本。", "A change has to say which state it is based on."),
        ("先读取，把 ETag 放进 If-Match。", "Read it, and send its ETag as If-Match."),
    ),
    "member-frozen": _problem(
        ("会员已冻结", "The member is frozen"),
        ("这个会员账户已被冻结。", "This member's account is frozen."),
        ("请联系客服。", "Ask customer service."),
    ),
    "sale-conflict": _problem(
        ("小票内容不一致", "The receipt is known with other content"),
        (
            "同一小票号已经以不同的内容入账。",
            "This receipt has been recorded with other content.",
        ),
        (
            "不要重用小票号；更正请用退货。",
            "Do not use a receipt number twice; correct a sale by a refund.",
        ),
    ),
    "refund-exceeds-sale": _problem(
        ("退货超过原销售", "The refund exceeds the sale"),
        ("退货的数量或金额超过了剩余部分。", "The refund takes back more than is left of the sale."),
        ("核对原小票和以前的退货。", "Check the receipt and its earlier refunds."),
    ),
    "reference-taken": _problem(
        ("已被其他会员使用", "It belongs to another member"),
        ("这个手机号、卡号或标识属于另一位会员。", "This phone, card or id belongs to another member."),
        ("请到门店办理合并。", "Ask a store to merge the two."),
    ),
    "version-mismatch": _problem(
        ("版本已改变", "The version has changed"),
        ("在此期间有人做了修改。", "Somebody changed it in between."),
        ("重新读取，再提交修改。", "Read again and send the change again."),
    ),
    "body-too-large": _problem(
        ("请求体过大", "The body is too large"),
        ("请求体最多 {limit_bytes} 字节。", "The body may have at most {limit_bytes} bytes."),
        ("分成几个较小的请求。", "Send several smaller requests."),
    ),
    "media-type": _problem(
        ("不支持的媒体类型", "The media type is not supported"),
        ("请求体必须是 {required}。", "The body must be {required}."),
        ("设置 Content-Type 请求头。", "Set the Content-Type header."),
    ),
    "validation-failed": _problem(
        ("请求内容有误", "The request is not valid"),
        ("有字段不符合要求，见 errors。", "Some fields are not valid; see `errors`."),
        ("按 errors 中的 pointer 逐项改正。", "Correct what each `pointer` in `errors` names."),
    ),
    "idempotency-key-reused": _problem(
        ("Idempotency-Key 已用于其他请求", "The Idempotency-Key was used for another request"),
        ("同一个键曾用于不同的请求内容。", "The same key came with other content before."),
        ("为新的操作生成新的键。", "Make a new key for a new operation."),
    ),
    "consent-required": _problem(
        ("需要您的同意", "Your consent is required"),
        ("注册前需要同意必要的政策；没有保存任何信息。", "Enrolment needs your consent; nothing has been stored."),
        ("在 consents 中列出 required 的各项。", "List every item of `required` in `consents`."),
    ),
    "notice-too-short": _problem(
        ("公示期太短", "The notice is too short"),
        ("规则变更需要提前公示。", "A change of the rules must be announced earlier."),
        ("选择更晚的生效日期。", "Choose a later date."),
    ),
    "internal": _problem(
        ("内部错误", "Internal error"),
        ("我们这边出了问题。", "Something went wrong on our side."),
        (
            "用同一个 Idempotency-Key 重试；如仍失败，请提供 request_id。",
            "Try again with the same Idempotency-Key; if it keeps failing, tell us the request_id.",
        ),
    ),
    "busy-try-again": _problem(
        ("繁忙，请重试", "Busy, try again"),
        ("请求太多，这一次没有完成。", "There are too many requests; this one was not done."),
        (
            "等待 Retry-After 秒，再用同一个键重试。",
            "Wait as many seconds as Retry-After says, then send the same request with the same key.",
        ),
    ),
    "dependency-unavailable": _problem(
        ("暂时不可用", "Unavailable for the moment"),
        ("所依赖的服务没有回答。", "A service that is needed did not answer."),
        (
            "等待 Retry-After 秒，再用同一个键重试。",
            "Wait as many seconds as Retry-After says, then send the same request with the same key.",
        ),
    ),
}
