"""Why two records are, or are not, one person, for people: the facts, the bars of a waterfall, and its page."""

from __future__ import annotations

from matching.explain import RULES_THAT_DECIDE, UNKNOWN, Explanation
from nights.labels import comparison_words, level_words, listed
from reports.waterfall import Bar, waterfall_page

RULES_FA = {
    "judged_same": "کارشناس: یک نفرند",
    "judged_apart": "کارشناس: دو نفرند",
    "code": "پیوند با کد ملی و شواهد دیگر",
    "score": "پیوند با وزن تطبیق",
    "cluster": "پیوند با وزن تطبیق، بیرون از ثبت احوال",
    "held": "پیوند پیشین مانده است",
    "others": "از راه رکوردهای دیگر یک نفرند",
    "constraint": "رد: قید قطعی",
    "review": "در انتظار بررسی کارشناس",
    "not_compared": "هرگز مقایسه نشده‌اند",
    "below": "وزن کافی نیست",
}


def facts_of(found: Explanation) -> list[tuple[str, str, str]]:
    """What decided, as Persian label, English label, value; no value of a person is among them."""
    rules = listed(found.blocking_rules) + (f"; capped: {listed(found.capped_rules)}" if found.capped_rules else "")
    code = f"yes, {found.corroboration or 'but nothing bears it out'}" if found.has_equal_code else "no"
    return [
        ("نتیجه", "outcome", "one person" if found.is_one else "two persons"),
        ("قاعده", "rule", f"{RULES_THAT_DECIDE[found.rule]} · {RULES_FA[found.rule]}"),
        ("قید قطعی", "hard constraint", found.constraint or "none"),
        ("کد ملی برابر", "equal national code", code),
        ("وزن", "weight now, bits", f"{found.weight:+.2f}"),
        ("وزن ثبت‌شده", "weight that linking kept", _bits(found.recorded_weight)),
        ("بهترین دیگری", "best other candidate", _bits(found.next_weight)),
        ("دلیل بررسی", "reason of review", found.review_reason or "none"),
        ("قاعده‌های یافتن", "blocking rules", rules),
    ]


def bars_of(found: Explanation) -> list[Bar]:
    """Start, one step for each comparison that says something, total."""
    steps = [
        Bar(f"{name_fa}: {level_fa}", f"{name_en}: {level_en}", each.weight)
        for each in found.parts
        if each.level != UNKNOWN
        for (name_fa, name_en), (level_fa, level_en) in [(comparison_words(each.comparison), level_words(each.level))]
    ]
    return [Bar("آغاز", "start", found.start_weight), *steps, Bar("وزن", "weight", found.weight, is_total=True)]


def page_of(found: Explanation) -> str:
    """The waterfall page of one pair."""
    return waterfall_page(
        "چرا این دو رکورد؟", f"{found.record_keys[0]} – {found.record_keys[1]}", bars_of(found), facts_of(found)
    )


def _bits(weight: float | None) -> str:
    return "not kept" if weight is None else f"{weight:+.2f}"
