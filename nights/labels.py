"""What comparisons, levels, attributes and rules are called for people: Persian and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matching.explain import RULES_THAT_DECIDE, Explanation
from reports.waterfall import Bar, waterfall_page

Words = Mapping[str, tuple[str, str]]

ATTRIBUTES: Words = {
    "national_code_claimed": ("کد ملی", "national code"),
    "foreign_id": ("کد فراگیر", "foreigner's code"),
    "passport_no": ("شماره گذرنامه", "passport number"),
    "given_name": ("نام", "given name"),
    "surname": ("نام خانوادگی", "surname"),
    "father_name": ("نام پدر", "father's name"),
    "sex_code": ("جنسیت", "sex"),
    "birth_date": ("تاریخ تولد", "birth date"),
    "birth_certificate_no": ("شماره شناسنامه", "certificate number"),
    "nationality_code": ("تابعیت", "nationality"),
    "vital_status_code": ("وضعیت حیات", "vital status"),
    "death_date": ("تاریخ فوت", "death date"),
    "province_code": ("استان", "province"),
    "address": ("نشانی", "address"),
    "postal_code": ("کد پستی", "postal code"),
    "mobile_no": ("تلفن همراه", "mobile"),
    "email": ("رایانامه", "e-mail"),
    "city_key": ("شهر", "city"),
}
COMPARISONS: Words = {
    "given_name": ATTRIBUTES["given_name"],
    "surname": ATTRIBUTES["surname"],
    "father_name": ATTRIBUTES["father_name"],
    "birth": ("تولد", "birth"),
    "sex": ATTRIBUTES["sex_code"],
    "national_code": ("کد ملی", "national code"),
    "foreign_id": ATTRIBUTES["foreign_id"],
    "passport": ("گذرنامه", "passport"),
    "birth_certificate": ("شناسنامه", "birth certificate"),
    "mobile": ATTRIBUTES["mobile_no"],
    "email": ATTRIBUTES["email"],
    "residence": ("محل سکونت", "residence"),
    "province": ATTRIBUTES["province_code"],
    "city": ATTRIBUTES["city_key"],
    "nationality": ATTRIBUTES["nationality_code"],
    "feed": ("سازمان", "feed"),
    "relatives": ("خویشاوندان", "relatives"),
}
LEVELS = {
    "same": "یکسان",
    "swapped": "جابه‌جا",
    "same sound": "هم‌آوا",
    "part dropped": "بخشی افتاده",
    "typed error": "خطای نگارشی",
    "near": "نزدیک",
    "same date": "همان تاریخ",
    "known parts agree": "بخش‌های معلوم یکسان",
    "wrong digit": "یک رقم اشتباه",
    "two parts agree": "دو بخش یکسان",
    "same year": "همان سال",
    "next year": "یک سال اختلاف",
    "same postal code": "همان کد پستی",
    "same address": "همان نشانی",
    "near address": "نشانی نزدیک",
    "same postal route": "همان مسیر پستی",
    "has one already": "رکوردی از او دارد",
    "has none yet": "رکوردی از او ندارد",
    "same home, another given name": "همان خانه، نام دیگر",
    "differs": "متفاوت",
    "unknown": "نامعلوم",
}
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


def comparison_words(name: str) -> tuple[str, str]:
    """A comparison in Persian and English; its name where nobody has put it into words yet."""
    return COMPARISONS.get(name, (name, name))


def level_words(label: str) -> tuple[str, str]:
    """A comparison level in Persian and English; its label where nobody has put it into words yet."""
    return LEVELS.get(label, label), label


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
        if each.level != "unknown"
        for (name_fa, name_en), (level_fa, level_en) in [(comparison_words(each.comparison), level_words(each.level))]
    ]
    return [Bar("آغاز", "start", found.start_weight), *steps, Bar("وزن", "weight", found.weight, is_total=True)]


def page_of(found: Explanation) -> str:
    """The waterfall page of one pair."""
    return waterfall_page(
        "چرا این دو رکورد؟", f"{found.record_keys[0]} – {found.record_keys[1]}", bars_of(found), facts_of(found)
    )


def listed(names: Iterable[str]) -> str:
    """Names in one line; none where there is nothing."""
    return ", ".join(names) or "none"


def _bits(weight: float | None) -> str:
    return "not kept" if weight is None else f"{weight:+.2f}"
