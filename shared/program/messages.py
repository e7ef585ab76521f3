"""What the command says about a file, in Chinese and English: for each code a sentence and what to write instead.

Fields stand in braces. Where there is a suggestion, a code with `?` is used, else the suggestion is the remedy.
"""

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["zh", "en"]
_Pair = tuple[str, str]

_ZH: Final[dict[str, _Pair]] = {
    "bad-yaml": ("这里不是合格的 YAML：{problem}", "检查缩进、引号、冒号后的空格和括号是否成对"),
    "bad-character": ("这里有看不见的控制字符 {name}", "删去它"),
    "tab": ("这里是制表符（Tab），YAML 只认空格", "换成空格"),
    "full-width": ("这里是全角符号“{found}”", "改成英文的“{wanted}”"),
    "no-colon": ("这一行缺少冒号，或冒号后面没有空格", "写成“字段: 值”，用英文冒号，后面空一格"),
    "stray-colon": (
        "这里的冒号不合语法：缩进不对，或文字里有冒号却没加引号",
        "和同一级的行对齐；文字里有冒号就加引号；前面的引号要成对",
    ),
    "open-quote": ("从这里开始的引号没有结束", "补上另一个引号"),
    "after-quote": ("引号后面还有文字", "把整段放进引号，或去掉引号"),
    "extra-bracket": ("这里多出一个括号", "删去它，或补上与它成对的括号"),
    "open-bracket": ("从这里开始的括号没有结束", "补上成对的括号，各项之间用英文逗号"),
    "missing-comma": ("这里的上一项之后缺少逗号", "各项之间用英文逗号隔开"),
    "missing-item": ("这里缺少一项", "补上，或删去多余的逗号"),
    "bad-indent": ("这一行的缩进和上面同一级的行不一致", "和同一级的行对齐"),
    "stray-dash": ("“- ”要另起一行", "换行，或写成 [甲, 乙]"),
    "quote-it": ("文字不能以这个符号开头", "给这段文字加引号"),
    "two-documents": ("一个文件里只能有一份内容，这里又开始了一份", "删去“---”和多出的内容，或分成两个文件"),
    "empty-file": ("文件是空的", "可以从 config/program.yaml 抄一份改起"),
    "not-a-mapping": ("文件要由“字段: 值”组成", "第一行写 schema: 1"),
    "no-anchors": ("不能用锚点或引用（& *）：“{name}”", "把内容直接写在用到的地方"),
    "no-tags": ("不能用标签“{name}”", "去掉“{name}”"),
    "repeated-field": ("“{field}”在第 {first} 行已经写过", "两处合成一处"),
    "upgrade-needs-tier": ("升级奖励要写明升到哪一级", "加上 to_tier: 等级编号"),
    "tier-needs-upgrade": ("只有 type: tier_upgrade 的奖励可以写 to_tier", "改 type，或删去 to_tier"),
    "benefit-needs": ("可核销的权益还要写“{field}”", "写全 id、times、every，或只写名称"),
    "unsupported-field": ("这个版本的 Jifen 还不支持“{field}”", "请先删去这一项"),
    "unsupported-value": ("这个版本的 Jifen 还不支持“{field}: {value}”", "换成支持的，或先删去"),
    "unknown-field": ("不认识“{field}”。这里可以写：{allowed}", "改成可以写的字段，或删去"),
    "unknown-field?": ("不认识“{field}”。是不是想写“{suggestion}”？", "改成 {suggestion}"),
    "missing-field": ("缺少“{field}”", "加上 {field}"),
    "no-value": ("“{field}”后面没有值", "写上值，或删去这一行"),
    "grouped-digits": ("数字里有逗号", "去掉数字里的逗号，例如 5000"),
    "chinese-comma": ("“{value}”里是中文的逗号或顿号，成了一项", "改成 {suggestion}"),
    "not-an-option": ("“{value}”不能写在这里。可以写：{options}", "从可以写的里面选一个"),
    "not-an-option?": ("“{value}”不能写在这里。可以写：{options}。是不是想写 {suggestion}？", "改成 {suggestion}"),
    "only-option": ("“{value}”不能写在这里，现在只能写 {options}", "改成 {options}"),
    "not-a-list": ("这里要写列表，写成了“{value}”", "改成 {meant}"),
    "not-fields": ("这里要写“字段: 值”，写成了“{value}”", "可以写的字段：{allowed}"),
    "wrong-type": ("这里要写{wanted}，写成了“{value}”", "改成{wanted}"),
    "not-a-number": ("“{value}”不是数字", "写成数字，不加引号和单位"),
    "not-whole": ("“{value}”不是整数", "写成整数"),
    "too-small": ("“{value}”太小，至少是 {bound}", "写 {bound} 或更大的数"),
    "must-exceed": ("“{value}”太小，必须大于 {bound}", "写大于 {bound} 的数"),
    "too-large": ("“{value}”太大，最多是 {bound}", "写 {bound} 或更小的数"),
    "too-precise": ("“{value}”的小数位太多，最多 {digits} 位", "减少小数位"),
    "empty-list": ("列表是空的", "至少写一项；可有可无的字段也可以整个删去"),
    "empty-text": ("这里不能是空的", "写上文字"),
    "bad-id": ("编号“{value}”不合格", "用小写字母、数字、- 和 _，以字母开头，最多 40 个，例如 fresh-day"),
    "bad-store-id": ("门店编号“{value}”不合格", "用字母、数字、- 和 _，最多 32 个，例如 SH001"),
    "unknown-zone": ("不认识时区“{value}”，请写 IANA 时区名", "例如 Asia/Shanghai"),
    "unknown-zone?": ("不认识时区“{value}”。是不是想写“{suggestion}”？", "改成 {suggestion}"),
    "unknown-zone-china": ("不认识时区“{value}”，中国大陆请写 Asia/Shanghai", "改成 Asia/Shanghai"),
    "unknown-weekday": ("“{value}”不是星期几。请写 mon…sun 或 周一…周日", "例如 sat 或 周六"),
    "unknown-weekday?": (
        "“{value}”不是星期几。请写 mon…sun 或 周一…周日。是不是想写 {suggestion}？",
        "改成 {suggestion}",
    ),
    "bad-hours": ("“{value}”不是时段", '按 24 小时写，加引号，例如 "08:00-22:00"'),
    "empty-hours": ("时段“{value}”从头到尾没有时间", "全天就不用写 hours"),
    "bad-dates": ("“{value}”不是日期", "写 2027-06-12 或 2027-06-12..2027-06-18（含头含尾）"),
    "no-such-date": ("没有“{value}”这一天", "改成日历上有的日期"),
    "reversed-dates": ("结束日期 {last} 早于开始日期 {first}", "改成 {last}..{first}"),
    "bad-local-time": ("“{value}”不是时间", "写年-月-日 时:分，例如 2026-12-08 00:00"),
    "far-year": ("“{value}”的年份太远", "写 {first} 到 {last} 年之间的时间"),
    "bad-day-of-month": ("“{value}”不是每月的几号", "写 1 到 31；-1 是最后一天"),
    "bad-currency": ("“{value}”不是币种代码", "写三个大写字母，例如 CNY"),
    "give-one-thing": (
        "give 要给且只给一样：points、steps、multiply 或 extra_percent（现在有：{given}）",
        "留下一样，其余的另写一条规则",
    ),
    "give-nothing": ("give 里没有写给什么", "写上 points、steps、multiply 或 extra_percent 中的一样"),
    "per-amount-without-points": ("有 per_amount 却没有 points", "加上 points，例如 {{points: 1, per_amount: 10}}"),
    "count-without-per-amount": ("count 只和 per_amount 一起用", "加上 per_amount，或删去 count"),
    "duplicate-rule": ("规则编号“{id}”已在第 {first} 条规则用过，请换一个", "换一个没用过的编号"),
    "duplicate-level": ("等级编号“{id}”已在第 {first} 个等级用过，请换一个", "换一个没用过的编号"),
    "duplicate-reward": ("商品编号“{id}”已在第 {first} 个商品用过，请换一个", "换一个没用过的编号"),
    "duplicate-store": ("门店编号“{id}”已在第 {first} 家门店用过，请换一个", "换一个没用过的编号"),
    "unknown-tier": ("没有叫“{value}”的会员等级。现有：{known}", "改成现有的等级编号"),
    "no-tiers": ("没有叫“{value}”的会员等级：文件里没有 tiers", "写上 tiers，或删去这个条件"),
    "rollout-before-effective": ("全部门店（{all}）不能早于试点门店（{effective}）", "改成 {effective} 或更晚"),
    "first-level-not-zero": ("第一个等级人人都有，reach 要是 0，写成了 {value}", "改成 reach: 0"),
    "levels-not-rising": ("等级要从低到高写：{value} 不高于上一级的 {before}", "写大于 {before} 的数，或调换顺序"),
    "keep-above-reach": ("保级（{keep}）比升级（{reach}）还难", "写不大于 {reach} 的数"),
    "not-whole-measure": ("按{measure}评定时要写整数，写成了 {value}", "写成整数"),
    "no-base-rate": ("没有一条规则说消费多少元得几分", "加上一条 give: {{points: 1, per_amount: 10}}"),
    "full-units-alone": ("count: full_units 时只能有一条基础规则，现在有 {count} 条", "改成 proportional，或只留一条"),
    "steps-not-rising": ("分段要从小到大：{value} 不大于上一段的 {before}", "写大于 {before} 的数，或调换顺序"),
    "steps-falling": ("买得多不能倍率反而低：{value} 低于上一段的 {before}", "写不小于 {before} 的数"),
    "expire-needs": ("expire 的 mode 是 {mode} 时要写 {field}", "加上 {field}"),
    "expire-not-with": ("expire 的 mode 是 {mode} 时不能写 {field}", "删去 {field}"),
    "expire-of-multiplier": (
        "倍率本身不给积分，多出的积分跟着基础规则到期",
        "把 expire 写到给积分的规则上（points），或删去",
    ),
    "expire-against-activity": (
        "points.expire 是 extend_on_activity：有消费全部顺延，单条规则不能另写 expire",
        "删去这里的 expire，或换一个 mode",
    ),
    "halving-needs-notice": ("积分到期前贬值要提前告知顾客，文件里没有 notice", "写上 notice: 提前几天、怎么说"),
    "not-money": ("{currency} 没有“{value}”这么小的金额", "最多写 {digits} 位小数"),
    "map-missing": ("找不到文件“{file}”", "路径从本文件所在的文件夹算起"),
    "map-bad": ("“{file}”第 {line} 行：{problem}", "第一行写 sku,category，之后每行一个 SKU 和品类"),
    "dates-over": (
        "活动日期（{dates}）在这一版生效（{effective}）之前就结束了，这条规则永远不会生效",
        "改日期，或删去这条规则",
    ),
    "excluded-category": (
        "品类“{category}”不参与积分（eligible.exclude_categories），这个条件永远不会成立",
        "删去“{category}”",
    ),
    "category-not-in-map": (
        "SKU 对应表里没有品类“{category}”，只有收银机自己传这个品类时才会成立",
        "检查写法，或补进 {file}",
    ),
    "category-not-in-map?": ("SKU 对应表里没有品类“{category}”。是不是想写“{suggestion}”？", "改成 {suggestion}"),
    "tier-rate-falls": ("等级越高倍率反而低：{name} 是 {value}，低于上一级的 {before}", "写不小于 {before} 的数"),
    "short-months": ("{day} 号不是每个月都有，没有的月份就跳过", "要月底就写 -1"),
    "above-cap": ("倍率 {value} 超过总倍率封顶 {cap}，多出的部分永远不算", "提高 stacking.max_multiplier，或降低倍率"),
    "always-loses": ("“{winner}”条件更宽、给得不少，这条规则永远不会算上", "删去这条规则，或让它给得更多"),
    "low-stock-at-start": ("库存 {stock} 一开始就低于提醒线 {low_stock}", "提醒线写小一些"),
    "no-default-rate": ("每条基础规则都有条件，条件之外的消费不积分", "若不是本意，加一条没有 when 的基础规则"),
}

_EN: Final[dict[str, _Pair]] = {
    "bad-yaml": (
        "this is not valid YAML: {problem}",
        "check indentation, quotes, the space after colons, and brackets",
    ),
    "bad-character": ("here is an invisible control character {name}", "remove it"),
    "tab": ("this is a tab, YAML wants spaces", "write spaces"),
    "full-width": ("this is the full-width sign `{found}`", "write the ASCII one: `{wanted}`"),
    "no-colon": ("this line has no colon, or no space after it", "write `field: value`, with a space after the colon"),
    "stray-colon": (
        "this colon cannot stand here: the indentation is wrong, or a text with a colon has no quotes",
        "align the line with those of its level; quote a text with a colon; close the quotes before",
    ),
    "open-quote": ("the quote that begins here does not end", "add the other quote"),
    "after-quote": ("there is text after the closing quote", "put all of it into the quotes, or drop them"),
    "extra-bracket": ("one bracket too many", "remove it, or add its counterpart"),
    "open-bracket": ("the bracket that begins here does not end", "add its counterpart, and commas between items"),
    "missing-comma": ("there is no comma after the item before", "put commas between items"),
    "missing-item": ("an item is missing here", "add it, or remove the comma"),
    "bad-indent": (
        "this line is not aligned with those of its level above",
        "align it with the lines of its level",
    ),
    "stray-dash": ("`- ` begins a line of its own", "begin a new line, or write [a, b]"),
    "quote-it": ("a text cannot begin with this sign", "put quotes around the text"),
    "two-documents": (
        "a file has one content only, and here begins another",
        "remove `---` and what is too much, or make two files",
    ),
    "empty-file": ("the file is empty", "start from a copy of config/program.yaml"),
    "not-a-mapping": ("the file must consist of `field: value`", "begin with schema: 1"),
    "no-anchors": ("anchors and aliases (& *) are not allowed: `{name}`", "write the content where it is used"),
    "no-tags": ("the tag `{name}` is not allowed", "remove `{name}`"),
    "repeated-field": ("`{field}` was given on line {first} already", "make them one"),
    "upgrade-needs-tier": ("a `tier_upgrade` must say which tier it gives", "add `to_tier: id-of-the-tier`"),
    "tier-needs-upgrade": ("only a reward of type `tier_upgrade` gives a tier", "change `type`, or delete `to_tier`"),
    "benefit-needs": (
        "a benefit that is claimed at the till needs `{field}` too",
        "write `id`, `times` and `every`, or only a name",
    ),
    "unsupported-field": ("`{field}` is not supported by this version of Jifen yet", "take it out for now"),
    "unsupported-value": (
        "`{field}: {value}` is not supported by this version of Jifen yet",
        "use what is supported, or take it out for now",
    ),
    "unknown-field": ("unknown field `{field}`. Allowed here: {allowed}", "use an allowed field, or remove it"),
    "unknown-field?": ("unknown field `{field}`. Did you mean `{suggestion}`?", "write {suggestion}"),
    "missing-field": ("`{field}` is missing", "add {field}"),
    "no-value": ("`{field}` has no value", "give it a value, or remove the line"),
    "grouped-digits": ("there is a comma in a number", "take the comma out of the number: 5000"),
    "chinese-comma": ("`{value}` has a Chinese comma and is one item", "write {suggestion}"),
    "not-an-option": ("`{value}` is not allowed here. Allowed: {options}", "choose one that is allowed"),
    "not-an-option?": (
        "`{value}` is not allowed here. Allowed: {options}. Did you mean {suggestion}?",
        "write {suggestion}",
    ),
    "only-option": ("`{value}` is not allowed here, only {options} is so far", "write {options}"),
    "not-a-list": ("this must be a list, not `{value}`", "write {meant}"),
    "not-fields": ("this must be `field: value`, not `{value}`", "write one of the fields {allowed}"),
    "wrong-type": ("this must be {wanted}, not `{value}`", "write {wanted}"),
    "not-a-number": ("`{value}` is no number", "write a number without quotes or unit"),
    "not-whole": ("`{value}` is no whole number", "write a whole number"),
    "too-small": ("`{value}` is too small, at least {bound}", "write {bound} or more"),
    "must-exceed": ("`{value}` is too small, it must be more than {bound}", "write more than {bound}"),
    "too-large": ("`{value}` is too large, at most {bound}", "write {bound} or less"),
    "too-precise": ("`{value}` has too many decimals, at most {digits}", "use fewer decimals"),
    "empty-list": ("the list is empty", "give at least one item; an optional field may go altogether"),
    "empty-text": ("this must not be empty", "write a text"),
    "bad-id": (
        "`{value}` is no proper id",
        "lower-case letters, digits, - and _, a letter first, at most 40: fresh-day",
    ),
    "bad-store-id": ("`{value}` is no proper store id", "letters, digits, - and _, at most 32, for example SH001"),
    "unknown-zone": ("unknown time zone `{value}`, write the IANA name", "for example Asia/Shanghai"),
    "unknown-zone?": ("unknown time zone `{value}`. Did you mean `{suggestion}`?", "write {suggestion}"),
    "unknown-zone-china": ("unknown time zone `{value}`, mainland China is Asia/Shanghai", "write Asia/Shanghai"),
    "unknown-weekday": ("`{value}` is no weekday. Write mon…sun or 周一…周日", "for example sat or 周六"),
    "unknown-weekday?": (
        "`{value}` is no weekday. Write mon…sun or 周一…周日. Did you mean {suggestion}?",
        "write {suggestion}",
    ),
    "bad-hours": ("`{value}` is no window of hours", 'use 24 hours, in quotes: "08:00-22:00"'),
    "empty-hours": ("the window `{value}` has no time in it", "for the whole day leave out hours"),
    "bad-dates": ("`{value}` is no date", "write 2027-06-12 or 2027-06-12..2027-06-18 (both included)"),
    "no-such-date": ("there is no day `{value}`", "write a date of the calendar"),
    "reversed-dates": ("the end {last} is before the start {first}", "write {last}..{first}"),
    "bad-local-time": ("`{value}` is no time", "write year-month-day hour:minute: 2026-12-08 00:00"),
    "far-year": ("the year of `{value}` is too far away", "write a time from {first} to {last}"),
    "bad-day-of-month": ("`{value}` is no day of the month", "write 1 to 31; -1 is the last day"),
    "bad-currency": ("`{value}` is no currency code", "write three capital letters: CNY"),
    "give-one-thing": (
        "give exactly one of points, steps, multiply or extra_percent (given: {given})",
        "keep one, make another rule of the rest",
    ),
    "give-nothing": ("give says nothing to give", "write one of points, steps, multiply and extra_percent"),
    "per-amount-without-points": ("per_amount without points", "add points: {{points: 1, per_amount: 10}}"),
    "count-without-per-amount": ("count goes with per_amount only", "add per_amount, or remove count"),
    "duplicate-rule": ("rule id `{id}` is used by rule number {first} already", "choose an unused id"),
    "duplicate-level": ("level id `{id}` is used by level number {first} already", "choose an unused id"),
    "duplicate-reward": ("reward id `{id}` is used by reward number {first} already", "choose an unused id"),
    "duplicate-store": ("store id `{id}` is used by store number {first} already", "choose an unused id"),
    "unknown-tier": ("there is no tier `{value}`. There are: {known}", "write the id of a tier"),
    "no-tiers": ("there is no tier `{value}`: the file has no tiers", "add tiers, or remove the condition"),
    "rollout-before-effective": (
        "all stores ({all}) cannot begin before the pilot ({effective})",
        "write {effective} or later",
    ),
    "first-level-not-zero": ("everybody has the first level: reach must be 0, not {value}", "write reach: 0"),
    "levels-not-rising": (
        "levels go from low to high: {value} is not above {before}",
        "write more than {before}, or reorder",
    ),
    "keep-above-reach": ("keeping the level ({keep}) is harder than reaching it ({reach})", "write {reach} or less"),
    "not-whole-measure": ("measured by {measure} this must be a whole number, not {value}", "write a whole number"),
    "no-base-rate": ("no rule says how many points money earns", "add give: {{points: 1, per_amount: 10}}"),
    "full-units-alone": (
        "count: full_units allows one base rule only, there are {count}",
        "use proportional, or keep one",
    ),
    "steps-not-rising": (
        "steps go from small to large: {value} is not above {before}",
        "write more than {before}, or reorder",
    ),
    "steps-falling": ("buying more must not earn less: {value} is below {before}", "write {before} or more"),
    "expire-needs": ("expire with mode {mode} needs {field}", "add {field}"),
    "expire-not-with": ("expire with mode {mode} has no {field}", "remove {field}"),
    "expire-of-multiplier": (
        "a multiplier gives no points of its own: they expire with the base rule's",
        "set expire on a rule that gives points, or remove it",
    ),
    "expire-against-activity": (
        "points.expire is extend_on_activity: a purchase extends all points, no rule can differ",
        "remove this expire, or choose another mode",
    ),
    "halving-needs-notice": (
        "customers are told before points lose value, and the file has no notice",
        "add notice: how many days before, and what to say",
    ),
    "not-money": ("{currency} has no amount as small as `{value}`", "at most {digits} decimals"),
    "map-missing": ("there is no file `{file}`", "paths start from the folder of this file"),
    "map-bad": ("`{file}` line {line}: {problem}", "first line sku,category, then one SKU and its category per line"),
    "dates-over": (
        "the dates ({dates}) are over before this version begins ({effective}): the rule never applies",
        "change them, or remove the rule",
    ),
    "excluded-category": (
        "`{category}` earns no points (eligible.exclude_categories): this never holds",
        "remove `{category}`",
    ),
    "category-not-in-map": (
        "the SKU map has no category `{category}`: this holds only where tills send it",
        "check it, or add it to {file}",
    ),
    "category-not-in-map?": (
        "the SKU map has no category `{category}`. Did you mean `{suggestion}`?",
        "write {suggestion}",
    ),
    "tier-rate-falls": ("a higher level earns less: {name} has {value}, below {before}", "write {before} or more"),
    "short-months": ("not every month has a day {day}; those without are skipped", "for the last day write -1"),
    "above-cap": (
        "the factor {value} is above the cap {cap}: the rest never counts",
        "raise stacking.max_multiplier, or lower it",
    ),
    "always-loses": (
        "`{winner}` asks for no more and gives no less: this rule never counts",
        "remove it, or let it give more",
    ),
    "low-stock-at-start": (
        "the stock {stock} is below the low-stock line {low_stock} from the start",
        "lower the line",
    ),
    "no-default-rate": (
        "every base rule has a condition; other purchases earn nothing",
        "if not meant, add one without when",
    ),
}

_WRITE: Final[Mapping[Language, str]] = {"zh": "改成 {suggestion}", "en": "write {suggestion}"}
"""The remedy where there is a suggestion."""
TEXTS: Final[Mapping[Language, Mapping[str, _Pair]]] = {"zh": _ZH, "en": _EN}
WANTED: Final[Mapping[str, Mapping[Language, str]]] = {
    "text": {"zh": "文字", "en": "text"},
    "boolean": {"zh": " true 或 false", "en": "true or false"},
}


def texts(code: str, fields: Mapping[str, object], language: Language) -> _Pair:
    """Give the sentence and the remedy of a finding."""
    table = TEXTS[language]
    message, remedy = table[code]
    if fields.get("suggestion"):
        message, remedy = table.get(f"{code}?", (message, _WRITE[language]))
    return message.format(**fields), remedy.format(**fields)


def joined(values: object, language: Language) -> str:
    """Write a list of words as the language does."""
    words = [str(value) for value in values] if isinstance(values, list | tuple) else [str(values)]
    return ("、" if language == "zh" else ", ").join(words)
