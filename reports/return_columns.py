"""Columns of a conflict return, said once: for the machine file, the Persian sheet and the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.words import WORDS
from schemas.conflict_kinds import told_kinds


def _persian(family: str) -> dict[str, str]:
    return {code: words[0] for code, words in WORDS[family].items()}


@dataclass(frozen=True)
class ReturnColumn:
    """One column: its name in the machine file, its Persian header, what it means, its width in the sheet (characters).

    ``words_fa``: what its codes are called in the sheet; the machine file keeps the codes.
    """

    name: str
    title_fa: str
    meaning_fa: str
    meaning_en: str
    width: int = 14
    words_fa: Mapping[str, str] | None = None


COLUMNS = (
    ReturnColumn(
        "conflict_no",
        "شمارهٔ تعارض",
        "شمارهٔ پایدار تعارض؛ از شبی به شب دیگر عوض نمی‌شود.",
        "Lasting number of the conflict; the same from night to night.",
        12,
    ),
    ReturnColumn(
        "change_code",
        "تغییر",
        "opened: تازه؛ changed: دگرگون‌شده؛ reopened: بازگشوده؛ resolved: رفع‌شده. هر تغییر تنها یک بار اعلام می‌شود.",
        "opened, changed, reopened or resolved; each change is reported once.",
        11,
        _persian("change"),
    ),
    ReturnColumn(
        "kind_code",
        "کد گونه",
        "، ".join(told_kinds()),
        f"Kind: {', '.join(told_kinds())}.",
        18,
    ),
    ReturnColumn("kind_fa", "گونهٔ تعارض", "گونهٔ تعارض به فارسی", "The kind in Persian.", 26),
    ReturnColumn(
        "record_no",
        "شمارهٔ رکورد",
        "شناسهٔ همان رکورد در فایلی که خود شما فرستاده‌اید",
        "Key of the record in the file that you yourself delivered.",
    ),
    ReturnColumn("member_no", "شمارهٔ عضویت", "شمارهٔ عضویت نزد خود شما", "Your own membership number."),
    ReturnColumn("booklet_no", "شمارهٔ دفترچه", "شمارهٔ دفترچه نزد خود شما", "Your own booklet number."),
    ReturnColumn(
        "national_code", "کد ملی", "کد ملی عضو شما در بانک اطلاعات", "National code of your member in the databank.", 13
    ),
    ReturnColumn("given_name", "نام", "نام عضو شما", "Given name of your member."),
    ReturnColumn("surname", "نام خانوادگی", "نام خانوادگی عضو شما", "Surname of your member.", 18),
    ReturnColumn(
        "principal_name",
        "بیمه‌شدهٔ اصلی",
        "نام بیمه‌شدهٔ اصلی نزد شما، اگر عضو تبعی باشد",
        "Your principal, where the member is a dependant.",
        20,
    ),
    ReturnColumn(
        "other_principal_name",
        "بیمه‌شدهٔ اصلی دیگر",
        "تنها برای two_principals: نام دیگر کسی که این شخص تبعی او اعلام شده است، اگر ثبت احوال آن را تأیید کند",
        "Only for two_principals: the other principal of your member, where civil registration verifies the name.",
        20,
    ),
    ReturnColumn("from_date", "از تاریخ میلادی", "نخستین روز تعارض (ISO)", "First day of the conflict (ISO).", 12),
    ReturnColumn(
        "to_date",
        "تا پیش از تاریخ میلادی",
        "روز پس از واپسین روز تعارض (ISO)؛ خالی: ادامه دارد",
        "Day after the last day (ISO); empty while it goes on.",
        12,
    ),
    ReturnColumn("from_jalali", "از تاریخ", "نخستین روز تعارض، هجری شمسی", "First day, Jalali.", 12),
    ReturnColumn(
        "to_jalali",
        "تا پیش از تاریخ",
        "روز پس از واپسین روز تعارض، هجری شمسی؛ خالی: ادامه دارد",
        "Day after the last day, Jalali; empty while it goes on.",
        12,
    ),
    ReturnColumn(
        "overlap_days",
        "روزهای هم‌پوشانی",
        "شمار روزها؛ خالی: پایان ندارد یا هم‌پوشانی نیست",
        "Days in common; empty while open-ended.",
        10,
    ),
    ReturnColumn(
        "other_insurer_code",
        "کد بیمه‌گر دیگر",
        "کد بیمه‌گر دیگر؛ چیز دیگری از او نمی‌آید",
        "Code of the other insurer; nothing else of it is shown.",
        13,
    ),
    ReturnColumn("other_insurer_fa", "بیمه‌گر دیگر", "نام بیمه‌گر دیگر", "Name of the other insurer.", 30),
    ReturnColumn(
        "other_booklet_no",
        "دفترچهٔ دیگر نزد شما",
        "تنها اگر هر دو دفترچه نزد شماست: دفترچهٔ دوم",
        "Only where both booklets are your own: the second.",
    ),
    ReturnColumn(
        "outcome_code",
        "کد نتیجه",
        "keep، block، choose، case، inform",
        "For your booklet: keep, block, choose (the person decides), case (people decide), inform.",
        10,
    ),
    ReturnColumn("outcome_fa", "نتیجه برای دفترچهٔ شما", "نتیجه به فارسی", "The outcome in Persian.", 26),
    ReturnColumn("rule_code", "قاعده", "کد قاعده؛ خالی: قاعده‌ای ثبت نشده است", "Code of the rule; empty: none.", 8),
    ReturnColumn("reason_fa", "دلیل", "دلیل در یک جمله", "The reason in one Persian sentence.", 60),
    ReturnColumn(
        "reason_en",
        "دلیل به انگلیسی",
        "همان دلیل به انگلیسی؛ خالی: رفع‌شده یا بیماران خاص",
        "The same in English; empty for what is resolved and for special patients.",
        40,
    ),
    ReturnColumn("rule_source", "مأخذ قاعده", "آنچه قاعده بر آن استوار است", "What the rule rests on.", 24),
    ReturnColumn(
        "due_date",
        "مهلت پاسخ میلادی",
        "تا این روز پاسخ شما (موافق، معترض با دلیل، پیش‌تر لغوشده) چشم داشته می‌شود (ISO)؛ خالی: پاسخی لازم نیست",
        "Until when your answer (agree, dispute with a reason, already cancelled) is awaited (ISO); empty: none is.",
        12,
    ),
    ReturnColumn("due_jalali", "مهلت پاسخ", "مهلت پاسخ، هجری شمسی", "The same day, Jalali.", 12),
)

KINDS_FA = _persian("kind")
OUTCOMES_FA = _persian("own_outcome")
TEXT_NOTE_FA = "متنی که با = + - @ آغاز شود، با نشان ' در آغاز می‌آید تا صفحه‌گسترده آن را فرمول نپندارد."
