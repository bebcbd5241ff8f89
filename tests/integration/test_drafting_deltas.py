"""A sample that brings only what changed is drafted so: taken for a snapshot, it would end everybody it does not name."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.drafting.draft import Draft
from schemas.contracts import load_feed
from tests.integration.drafting_world import ROWS, loaded, person, sample_of

TOLD = {"MEMBER_NO": "member_no", "CODE_MELI": "national_code", "NAM": "given_name", "FAMIL": "surname"}


def draft_of(folder: Path, header: str, codes: tuple[str, ...]) -> Draft:
    """A draft of rows each of which begins with one of these codes."""
    rows = [(header, *TOLD), *((codes[n % len(codes)], *(person(n)[name] for name in TOLD.values())) for n in range(ROWS))]
    return sample_of(folder, "\n".join(map(",".join, rows)).encode(), "sample_20261120.csv")


@pytest.mark.parametrize(
    ("header", "codes"),
    [("OP", ("I", "U", "U")), ("نوع عملیات", ("درج", "ویرایش", "حذف")), ("FLAG", ("I", "U", "D"))],
)
def test_rows_that_say_what_they_do_are_drafted_as_a_delta(tmp_path: Path, header: str, codes: tuple[str, ...]) -> None:
    draft = draft_of(tmp_path, header, codes)
    assert loaded(tmp_path, draft) == {header: "operation_code", **TOLD}
    (layout,) = load_feed(tmp_path / f"{draft.feed}.odcs.yaml").layouts
    assert layout.delta is not None
    assert [column.name for column in layout.keys] == ["member_no"]
    assert f"# {header} says what each row does to its record" in draft.text
    assert "full snapshot" not in draft.text


@pytest.mark.parametrize(("header", "codes"), [("FLAG", ("I", "D", "D")), ("عملیات", ("1", "2", "3"))])
def test_codes_that_may_mean_anything_make_no_delta(tmp_path: Path, header: str, codes: tuple[str, ...]) -> None:
    draft = draft_of(tmp_path, header, codes)
    assert loaded(tmp_path, draft) == TOLD
    assert ("(`kind: delta`)" in draft.text) == (header != "FLAG"), "what its header says is a question to the agency"


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("TRANSACTION_TYPE", ("D", "D", "D", "D", "C")),
        ("ACTION", ("D", "R", "U")),
        ("نوع عملیات", ("واریز", "برداشت", "حذف")),
    ],
)
def test_what_banks_do_ends_nobody(tmp_path: Path, header: str, codes: tuple[str, ...]) -> None:
    """A debit is no deletion: of those whom such a draft took for deleted nobody would be left."""
    draft = draft_of(tmp_path, header, codes)
    assert "operation_code" not in loaded(tmp_path, draft).values()
    assert "{property: delivery, value: snapshot}" in draft.text
