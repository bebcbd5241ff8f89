"""Samples of agencies that nobody knows, and the contracts drafted from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connectors.drafting.draft import Draft, Wanted, draft_contract
from hub.settings import Settings
from schemas.contracts import load_feed
from tests.integration.staging_world import national_code

DAY = date(2026, 11, 20)
MEN, WOMEN = ("محمد", "علی", "حسین", "مهدی"), ("فاطمه", "زهرا", "مریم", "زینب")
SURNAMES = ("محمدی", "حسینی", "احمدی", "مرادی", "کریمی", "جعفری", "موسوی", "قاسمی", "صادقی", "شریفی", "رستمی")
ROWS = 60


def sample_of(folder: Path, data: bytes, name: str = "sample.csv", insurer_code: str = "") -> Draft:
    path = folder / name
    path.write_bytes(data)
    return draft_contract(
        Settings(home=folder, memory="1GB", threads=1), path, Wanted("new", insurer_code=insurer_code), [], DAY
    )


def loaded(folder: Path, draft: Draft) -> dict[str, str]:
    """Columns of the draft as any contract is loaded: the agency's name to ours."""
    path = folder / f"{draft.feed}.odcs.yaml"
    path.write_text(draft.provable, encoding="utf-8")
    return {column.source: column.name for column in load_feed(path).layouts[0].columns}


def person(n: int) -> dict[str, str]:
    """One row's values, by our names."""
    return {
        "national_code": national_code(1_230_000 + 41 * n),
        "given_name": (MEN, WOMEN)[n % 2][n // 2 % 4] + ("", "‌رضا", "‌نسا")[n % 3],
        "surname": SURNAMES[n % 11],
        "father_name": MEN[n % 4],
        "sex_code": ("مرد", "زن")[n % 2],
        "birth_date": f"{1320 + n}/{1 + n % 12:02d}/{1 + n % 28:02d}",
        "birth_certificate_no": str(100 + 7 * n),
        "mobile_no": f"0912{37 * n + 1000000:07d}",
        "phone_no": f"021{22000000 + 91 * n}",
        "postal_code": f"{1391713000 + 97 * n}",
        "city_name": ("قم", "یزد", "رشت")[n % 3],
        "street": ("خیابان آزادی", "بلوار کشاورز", "خیابان ولیعصر")[n % 3],
        "house": str(3 + 2 * n),
        "member_no": f"M{11 * n + 7:06d}",
        "case_no": f"A-{53 * n:06d}",
        "record_no": str(500_000 + 17 * n),
    }


def table(headers: dict[str, str], rows: int = ROWS, mark: str = ",") -> str:
    """Delimited text; ``headers``: the agency's header to our name of the value."""
    return "\n".join(
        mark.join(row) for row in (headers, *([person(n)[name] for name in headers.values()] for n in range(rows)))
    )
