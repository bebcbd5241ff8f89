"""What comparisons, levels and attributes are called for people: Persian and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def comparison_words(name: str) -> tuple[str, str]:
    """A comparison in Persian and English; its name where nobody has put it into words yet."""
    return COMPARISONS.get(name, (name, name))


def level_words(label: str) -> tuple[str, str]:
    """A comparison level in Persian and English; its label where nobody has put it into words yet."""
    return LEVELS.get(label, label), label


def listed(names: Iterable[str]) -> str:
    """Names in one line; none where there is nothing."""
    return ", ".join(names) or "none"
