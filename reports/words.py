"""Codes in words for the pages: Persian and English, said once."""

from __future__ import annotations

from schemas.conflict_kinds import conflict_kinds

Words = dict[str, tuple[str, str]]

WORDS: dict[str, Words] = {
    "kind": {code: (kind.name_fa, kind.name_en) for code, kind in conflict_kinds().items()},
    "outcome": {
        "block": ("یکی می‌ماند، دیگری مسدود", "One keeps, the other is blocked"),
        "choose": ("شخص برمی‌گزیند", "The person chooses"),
        "case": ("کارشناس تصمیم می‌گیرد", "People decide"),
        "inform": ("با تعارض دیگری پایان می‌یابد", "Settled with another conflict"),
    },
    "own_outcome": {
        "keep": ("دفترچهٔ شما می‌ماند", "Your booklet stays"),
        "block": ("دفترچهٔ شما مسدود می‌شود", "Your booklet is blocked"),
        "choose": ("شخص باید یکی را برگزیند", "The person must choose"),
        "case": ("نیازمند بررسی کارشناس", "People decide"),
        "inform": ("برای آگاهی", "For information"),
    },
    "group": {
        "other": ("دیگر", "Other"),
        "none": ("–", "–"),
        "unknown": ("نامعلوم", "Unknown"),
    },
    "score": {
        "open": ("باز", "Open"),
        "overdue": ("دیرکرده", "Overdue"),
        "agreed": ("موافق", "Agreed"),
        "disputed": ("معترض", "Disputed"),
        "cancelled": ("پیش‌تر لغوشده", "Cancelled before"),
        "resolved": ("رفع‌شده", "Resolved"),
        "reopened": ("بازگشوده", "Reopened"),
    },
    "method": {
        "registry": ("خود ثبت احوال", "Civil registration itself"),
        "code": ("کد ملی با گواه", "National code, corroborated"),
        "score": ("وزن تطبیق", "Match weight"),
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
        "reopened": ("بازگشوده", "Reopened"),
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
    "receipt": {
        "landed": ("در صف", "Waiting"),
        "accepted": ("پذیرفته", "Accepted"),
        "late": ("دیررسیده", "Late"),
        "superseded": ("جایگزین‌شده", "Superseded"),
        "held": ("نگه‌داشته", "Held"),
        "refused": ("ردشده", "Refused"),
        "retracted": ("پس‌گرفته", "Retracted"),
    },
    "receipt_meaning": {
        "accepted": ("داده‌های این تحویل به کار می‌رود.", "The data of this delivery are in use."),
        "late": (
            "پس از تحویلِ روزی تازه‌تر رسید؛ نگه‌داری می‌شود و به کار نمی‌رود.",
            "It came after the delivery of a later day: kept as evidence, not used.",
        ),
        "superseded": (
            "تحویلی تازه‌تر برای همان روز جای آن را گرفت.",
            "A correction for the same day has taken its place.",
        ),
        "held": (
            "بیرون از حدهای قرارداد است و در انتظار تصمیم کارشناس؛ تا آن هنگام تحویل پیشین به کار می‌رود.",
            "It is outside the contract's limits and waits for a person; until then the delivery before stays in use.",
        ),
        "refused": (
            "هیچ سطری از آن گرفته نشد؛ تحویل پیشین به کار می‌رود.",
            "No row of it was taken over; the delivery before stays in use.",
        ),
        "retracted": (
            "از کار برداشته شد، چنان که گویی نیامده بود.",
            "It was taken out of use, as if it had never come.",
        ),
    },
    "refusal": {
        "DeliveryCorrupt": (
            "فایل بریده است، یا با آنچه همراه آن اعلام شد نمی‌خواند.",
            "The file is cut, or is not what was announced with it.",
        ),
        "ContractBreach": (
            "ستون‌ها یا نام فایل با قرارداد داده نمی‌خواند.",
            "Its columns, or its name, are not what the contract says.",
        ),
        "VolumeBreach": (
            "شمار سطرها، سطرهای نادرست یا خانه‌های خالی بیرون از حدهای قرارداد است.",
            "The number of rows, of wrong rows or of empty cells is outside the contract's limits.",
        ),
    },
    "quarantine": {
        "missing": ("خانهٔ ضروری خالی است", "A required cell is empty"),
        "bad_key": ("کلید رکورد خوانا نیست", "The record key cannot be read"),
        "duplicate_key": ("کلید رکورد تکراری است", "The record key comes twice"),
        "bad_date": ("تاریخ نادرست", "Wrong date"),
        "no_such_day": ("چنین روزی نیست", "There is no such day"),
        "future": ("تاریخ آینده", "A date to come"),
        "partial": ("تاریخ ناکامل", "Incomplete date"),
        "placeholder": ("مقدار ساختگی", "Placeholder"),
        "bad_month": ("ماه نادرست", "Wrong month"),
        "bad_number": ("عدد نادرست", "Wrong number"),
        "bad_flag": ("بله یا خیر نیست", "Neither yes nor no"),
        "no_person": (
            "سطر شخص حقوقی است، نه حقیقی؛ اصلاحی نمی‌خواهد",
            "The row is of an organisation, no person; nothing to mend",
        ),
        "unknown_code": ("کدی که در قرارداد نیست", "A code that the contract does not list"),
        "check_digit": ("رقم کنترل درست نیست", "Wrong check digit"),
        "dummy": ("شمارهٔ ساختگی", "Dummy number"),
        "length": ("شمار رقم‌ها درست نیست", "Wrong number of digits"),
        "not_digits": ("نویسهٔ غیر رقم", "Not digits"),
        "lost_digits": ("رقم‌های ازدست‌رفته", "Lost digits"),
        "shape": ("شکل نادرست", "Wrong shape"),
        "cut_line": ("سطر بریده", "Cut line"),
        "extra_columns": ("خانهٔ زیادی", "Too many cells"),
        "unmapped_text": ("متن بیرون از ستون‌ها", "Text outside the columns"),
        "illegal_byte": ("بایت ناخوانا", "Illegal byte"),
        "other_encoding": ("کدگذاری دیگر", "Another encoding"),
        "control_character": ("نویسهٔ کنترلی", "Control character"),
        "open_quote": ("نقل‌قول بسته‌نشده", "Quote that never ends"),
        "too_long": ("سطر بسیار بلند", "Line too long"),
        "not_json": ("JSON نیست", "No JSON"),
        "not_an_object": ("شیء JSON نیست", "No JSON object"),
        "repeated_key": ("نام تکراری در شیء", "A name twice in an object"),
    },
    "stage": {
        "opened": ("باز شده", "Opened"),
        "reported": ("اعلام شده", "Reported"),
        "answered": ("پاسخ داده شده", "Answered"),
        "resolved": ("رفع شده", "Resolved"),
        "reopened": ("باز شده، دوباره", "Reopened"),
    },
    "answer_verdict": {
        "not_yours": ("این تعارض از آنِ بیمه‌گر دیگری است", "The conflict is another insurer's"),
        "unknown_number": ("چنین شماره‌ای اعلام نشده است", "No conflict of that number was told"),
        "stale": ("تعارض پس از آن برگشت تغییر کرده یا رفع شده است", "The conflict has changed or ended since that return"),
        "no_reason": ("اختلاف بی‌ذکر دلیل است", "A dispute without a reason"),
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
