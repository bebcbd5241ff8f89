"""Every kind of conflict is whole: a page, words, a spec, and a case in the synthetic nation with its truth."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hub.errors import ContractError
from hub.settings import CONTRACTS_IN_TREE
from reports.words import WORDS
from schemas import conflict_kinds as kinds
from schemas.conflict_kinds import conflict_kinds, sensitive_kinds
from schemas.contracts import load_feeds
from synthetic.nation import generate
from synthetic.options import NationOptions
from tests.house.tree import PROJECT

PAGES = PROJECT / "docs" / "conflicts"
HEADINGS = ["Meaning", "Evidence", "Outcome", "Who acts"]
by_kind = pytest.mark.parametrize("kind_code", conflict_kinds())


@by_kind
def test_a_kind_has_a_page_with_its_words_and_its_declaration(kind_code: str) -> None:
    kind = conflict_kinds()[kind_code]
    page = (PAGES / f"{kind_code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {kind.name_en} / {kind.name_fa}\n")
    assert re.findall(r"^## (.*)$", page, re.M) == HEADINGS
    deadline = f"{kind.deadline_days} days" if kind.is_told else "none"
    assert f"deadline {deadline} · severity {kind.severity}" in page
    assert ("tells of health" in page) == kind.is_sensitive
    assert WORDS["kind"][kind_code] == (kind.name_fa, kind.name_en)
    assert f"[`{kind_code}`]({kind_code}.md) | {kind.name_en} | {kind.name_fa} |" in (PAGES / "README.md").read_text("utf-8")


@by_kind
def test_a_kind_is_found_in_a_spec(kind_code: str) -> None:
    page = (PAGES / f"{kind_code}.md").read_text(encoding="utf-8")
    (spec,) = re.findall(r"\]\(\.\./\.\./(tests/spec/\w+\.py)\)", page)
    assert kind_code in (PROJECT / spec).read_text(encoding="utf-8")


def test_no_page_is_left_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} - {"README"} == set(conflict_kinds())


def test_the_synthetic_nation_has_a_case_of_each_kind(tmp_path: Path) -> None:
    generate(NationOptions(persons=10_000, seed=6), tmp_path, load_feeds(CONTRACTS_IN_TREE))
    assert set(pq.read_table(tmp_path / "truth" / "conflict.parquet")["kind_code"].to_pylist()) == set(conflict_kinds())


def test_C15_no_mart_reads_conflicts_that_tell_of_health() -> None:
    assert sensitive_kinds()
    for path in (PROJECT / "warehouse" / "marts").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert "special." not in text, path.name
        assert ("cover.conflict" in text) <= ("is_sensitive" in text or "kind_code in ('two_" in text), path.name


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"told": "NOBODY-KNOWN"}, "no insurer"),
        ({"severity": "dire"}, "severity"),
        ({"deadline_days": "0"}, "no day to answer"),
        ({"deadline_days": "soon"}, "soon"),
        ({"is_sensitive": "perhaps"}, "perhaps"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_line(
    row: dict[str, str], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"kind_code": "k", "name_fa": "ک", "name_en": "k", "told": "sides", "deadline_days": "3", "severity": "low",
            "is_sensitive": "no", "reason_fa": "", "reason_en": ""}  # fmt: skip
    monkeypatch.setattr(kinds, "read_rows", lambda name: [good, good | row])
    with pytest.raises(ContractError, match=rf"conflict_kinds\.csv:3 .*{wrong}"):
        conflict_kinds.__wrapped__()
