"""The list disk of social security as its two public layouts have it, read by the contract in the tree."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from connectors.readers import read
from hub.errors import DeliveryCorrupt
from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feed
from synthetic.dbf import table

LAYOUT = load_feed(CONTRACTS_IN_TREE / "sso_contributions.odcs.yaml").layouts[0]
TOTALS = ["DSK_NUM", "DSK_TDD", "DSK_TROOZ", "DSK_TMAH", "DSK_TMAZ", "DSK_TMASH", "DSK_TTOTL", "DSK_TBIME"]
KAR = [*["DSK_ID", "DSK_NAME", "DSK_FARM", "DSK_ADRS", "DSK_KIND", "DSK_YY", "DSK_MM", "DSK_LISTNO", "DSK_DISC"], *TOTALS]
KAR += ["DSK_TKOSO", "DSK_BIC", "DSK_RATE", "DSK_PRATE", "DSK_BIMH", "MON_PYM"]
SUMMED = ["DSW_DD", "DSW_ROOZ", "DSW_MAH", "DSW_MAZ", "DSW_MASH", "DSW_TOTL", "DSW_BIME"]
WOR = [
    "DSW_ID",
    "DSW_YY",
    "DSW_MM",
    "DSW_LISTNO",
    "DSW_ID1",
    "DSW_FNAME",
    "DSW_LNAME",
    "DSW_DNAME",
    "DSW_IDNO",
    "DSW_IDPLC",
    "DSW_IDATE",
    "DSW_BDATE",
]
WOR += [*["DSW_SEX", "DSW_NAT", "DSW_OCP", "DSW_SDATE", "DSW_EDATE"], *SUMMED, "DSW_PRATE", "DSW_JOB", "PER_NATCOD"]
LIST = {"DSK_ID": "77", "DSK_YY": "5", "DSK_MM": "7", "DSK_LISTNO": "01", "DSK_NUM": "2", "DSK_TDD": "51"}
WORKERS = {
    "DSW_ID": ["77"] * 2, "DSW_YY": ["5"] * 2, "DSW_MM": ["7"] * 2, "DSW_LISTNO": ["01"] * 2, "DSW_ID1": ["1", "2"],
    "DSW_LNAME": ["احمدی", "رضایی"], "DSW_DD": ["31", "20"],
}  # fmt: skip


def disk(path: Path, more: list[str], blank: str = "0", **totals: str) -> Path:
    """A disk; ``blank``: what its programs write where there is no number."""
    kar = {
        name: [(LIST | totals).get(name, blank if name in TOTALS else "")] for name in (*KAR, *(f"DSK_{m}" for m in more))
    }
    wor = {name: WORKERS.get(name, [blank if name in SUMMED else ""] * 2) for name in (*WOR, *(f"DSW_{m}" for m in more))}
    with zipfile.ZipFile(path / "DSK_14050829.zip", "w") as archive:
        archive.writestr("DSKWOR00.DBF", table(wor, encoding="cp1256", numeric=SUMMED))
        archive.writestr("DSKKAR00.DBF", table(kar, encoding="cp1256", numeric=TOTALS))
    return path / "DSK_14050829.zip"


@pytest.mark.parametrize("blank", ["0", ""], ids=["zeros", "blanks"])
@pytest.mark.parametrize("more", [[], ["INC", "SPOUSE"], ["KOSO", "BIME20"]], ids=["27", "29", "older"])
def test_all_public_layouts_are_read_by_field_name(tmp_path: Path, more: list[str], blank: str) -> None:
    (batch,) = read(disk(tmp_path, more, blank), LAYOUT)
    assert batch.rows.select(["DSW_ID1", "DSW_YY+DSW_MM", "DSW_DD"]).to_pylist() == [
        {"DSW_ID1": "1", "DSW_YY+DSW_MM": "57", "DSW_DD": "31"},
        {"DSW_ID1": "2", "DSW_YY+DSW_MM": "57", "DSW_DD": "20"},
    ]


@pytest.mark.parametrize(
    ("total", "said"), [*((total, "7") for total in TOTALS), ("DSK_TDD", ""), ("DSK_TDD", "*"), ("DSK_TROOZ", "*")]
)
def test_D04_every_total_is_proved(tmp_path: Path, total: str, said: str) -> None:
    with pytest.raises(DeliveryCorrupt, match=f"do not make their lists' totals: {total} of record 1 of DSKKAR00.DBF"):
        list(read(disk(tmp_path, [], **{total: said}), LAYOUT))
