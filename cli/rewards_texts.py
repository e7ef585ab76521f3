"""What `jifen rewards` says, in Chinese and English."""

from typing import Final

from cli.program_texts import Say, speaker
from shared.errors import JifenError, OutOfStockError, VersionMovedError
from shared.program.messages import Language

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("将发布的奖品（修订 {revision}）", "rewards to publish (revision {revision})"),
    "reward": ("奖品", "reward"),
    "change": ("变化", "change"),
    "stock": ("库存增减", "stock"),
    "left": ("现有", "left now"),
    "new": ("上架", "new"),
    "changed": ("修改 {fields}", "changed {fields}"),
    "delisted": ("下架", "delisted"),
    "back": ("重新上架", "listed again"),
    "stock-only": ("补库存", "stock only"),
    "nothing": ("没有变化，不需要发布", "nothing differs, nothing to publish"),
    "at-once": ("首次发布，立即生效；库存立即变动", "the first publication: in force at once, and so is the stock"),
    "in-a-minute": (
        "奖品在发布 {seconds} 秒后生效，库存立即变动",
        "rewards are in force {seconds} seconds after publication, stock at once",
    ),
    "staff-changed": (
        "店员 {at} 改过“{reward}”（{fields}）：{fate}",
        "the staff changed `{reward}` at {at} ({fields}): {fate}",
    ),
    "undoes": ("这个文件会改回去", "this file undoes it"),
    "agrees": ("与文件一致", "the file agrees"),
    "staff-undone": (
        "没有发布：文件会改掉店员的修改。把它们写进文件，或加 --undo-staff",
        "nothing was published: the file would undo what the staff changed. Take it into the file, or add --undo-staff",
    ),
    "confirm": ("发布？", "publish?"),
    "declined": ("没有发布", "nothing was published"),
    "rewards-published": ("已发布奖品修订 {revision}，生效 {at}", "published revision {revision}, in force {at}"),
    "rewards-moved": (
        "有人先发布了（现在是修订 {current}）。请再运行一次，先看变化",
        "somebody published first (now revision {current}). Run it again and look at the changes",
    ),
    "too-little-left": (
        "“{reward_id}”要收回 {required} 件，只剩 {available} 件。请把文件里的 stock 改大",
        "`{reward_id}` would take back {required} pieces and only {available} are left. Raise its stock in the file",
    ),
    "field-name": ("名称", "name"),
    "field-points": ("积分", "points"),
    "field-cash_minor": ("现金", "cash"),
    "field-category": ("类别", "category"),
    "field-tiers": ("等级", "tiers"),
    "field-limit": ("限兑", "limit"),
    "field-stock": ("库存", "stock"),
    "field-low_stock": ("低库存提醒", "low_stock"),
    "field-shards": ("分片", "shards"),
    "field-hidden": ("隐藏", "hidden"),
    "field-review": ("审核", "review"),
    "field-listed": ("上架状态", "listing"),
    "field-to_tier": ("升到", "to_tier"),
    "field-type": ("类型", "type"),
}


def rewards_speaker(language: Language) -> Say:
    """Speak these texts, and those that all commands share."""
    shared = speaker(language)

    def say(name: str, **fields: object) -> str:
        if name in _TEXTS:
            return _TEXTS[name][0 if language == "zh" else 1].format(**fields)
        return shared(name, **fields)

    return say


def rewards_refusal(error: JifenError, say: Say) -> str:
    """Say what to do about a refused publication."""
    match error:
        case VersionMovedError():
            return say("rewards-moved", current=error.fields["current"])
        case OutOfStockError():
            return say("too-little-left", **error.fields)
        case _:
            return str(error)
