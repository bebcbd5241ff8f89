"""Codes in words for the pages: Persian and English, said once."""

from __future__ import annotations

Words = dict[str, tuple[str, str]]

WORDS: dict[str, Words] = {
    "kind": {
        "two_basic": ("دو دفترچهٔ پایه نزد دو بیمه‌گر", "Two basic booklets at two insurers"),
        "same_insurer": ("دو دفترچه نزد یک بیمه‌گر", "Two booklets at one insurer"),
        "two_pensions": ("دو صندوق بازنشستگی (آگاهی)", "Two pension funds (information)"),
        "deceased": ("پوشش پس از درگذشت", "Cover after a registered death"),
        "unknown_to_registry": ("کد ملی ناشناس در ثبت احوال", "Code unknown to civil registration"),
        "code_of_other": ("کد ملی شخص دیگر", "Code issued to someone else"),
    },
    "outcome": {
        "block": ("یکی می‌ماند، دیگری مسدود", "One keeps, the other is blocked"),
        "choose": ("شخص برمی‌گزیند", "The person chooses"),
        "case": ("کارشناس تصمیم می‌گیرد", "People decide"),
        "inform": ("با تعارض دیگری پایان می‌یابد", "Settled with another conflict"),
    },
    "method": {
        "registry": ("خود ثبت احوال", "Civil registration itself"),
        "code": ("کد ملی با گواه", "National code, corroborated"),
        "score": ("امتیاز پیوند", "Match weight"),
        "cluster": ("خوشه", "Cluster"),
        "judgement": ("رأی کارشناس", "Judgement"),
        "single": ("تنها", "On its own"),
    },
    "event": {
        "mint": ("شخص تازه", "Persons minted"),
        "join": ("پیوستن رکورد", "Records joined"),
        "leave": ("جداشدن رکورد", "Records left"),
        "merge": ("یکی‌شدن دو شخص", "Merges"),
        "split": ("جداشدن دو شخص", "Splits"),
        "judge": ("رأی کارشناس", "Judgements"),
    },
    "review": {
        "margin": ("نزدیکی به نامزد دیگر", "Another candidate is as near"),
        "threshold": ("وزن نزدیک آستانه", "Weight near the threshold"),
        "contradiction": ("ناسازگاری شواهد", "Evidence contradicts"),
        "twins": ("شاید دوقلو", "Perhaps twins"),
        "cluster_too_large": ("خوشهٔ بیش از اندازه بزرگ", "Cluster too large"),
    },
    "change": {
        "opened": ("تازه", "Opened"),
        "changed": ("دگرگون‌شده", "Changed"),
        "resolved": ("رفع‌شده", "Resolved"),
    },
    "status": {
        "active": ("فعال", "Active"),
        "contested": ("در اختلاف", "Contested"),
        "blocked": ("مسدود", "Blocked"),
    },
    "fate": {
        "received": ("دریافت", "Received"),
        "accepted": ("تازه یا تغییریافته", "New or changed"),
        "unchanged": ("بی‌تغییر", "Unchanged"),
        "quarantined": ("قرنطینه", "Quarantined"),
        "superseded": ("جایگزین‌شده", "Superseded"),
    },
    "state": {"held": ("نگه‌داشته", "Held"), "refused": ("ردشده", "Refused"), "late": ("دیررسیده", "Late")},
    "figure": {
        "null_percent": ("خالی، درصد", "empty, percent"),
        "invalid_percent": ("نادرست، درصد", "invalid, percent"),
        "quarantined_percent": ("ردیف‌های قرنطینه، درصد", "rows in quarantine, percent"),
        "changed_percent": ("ردیف‌های تازه یا دگرگون، درصد", "new or changed rows, percent"),
        "row_count_change_percent": ("تغییر شمار ردیف‌ها، درصد", "change of the number of rows, percent"),
        "received_count": ("شمار ردیف‌ها", "number of rows"),
    },
}


def word(family: str, code: str, *, is_persian: bool) -> str:
    """A code in words; the code itself where nobody has put it into words yet."""
    words = WORDS[family].get(code)
    return code if words is None else words[0 if is_persian else 1]
