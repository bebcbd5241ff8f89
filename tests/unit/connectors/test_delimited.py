"""Delimited files: every row untouched, every bad line set aside with its number, text and reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.mended_files import BadRow, write_rows
from connectors.readers import limits
from hub.errors import ContractBreach
from tests.unit.connectors.reading import NAMES, everything, fates, layout

CELLS = st.text(st.sampled_from("aب\"\n, 0\u200cی|~\\N'"), max_size=5)


def test_values_stay_as_written(tmp_path: Path) -> None:
    rows, rejects = everything(tmp_path / "f.csv", "code,name,town\n0012, علی ,\n1.50,NA,null\n".encode(), layout())
    assert rows == {2: ("0012", " علی ", None), 3: ("1.50", "NA", "null")}
    assert rejects == []


def test_columns_come_under_the_agency_s_names_in_any_order(tmp_path: Path) -> None:
    rows, _ = everything(tmp_path / "f.csv", b"town,extra,code,name\nQom,x,1,Ali\n", layout(ignored=("extra",)))
    assert rows == {2: ("Qom", "x", "1", "Ali")}


def test_without_a_header_columns_come_in_the_contract_s_order(tmp_path: Path) -> None:
    rows, _ = everything(tmp_path / "f.csv", b"1;Ali;Qom\n", layout(header=False, delimiter=";"))
    assert rows == {1: ("1", "Ali", "Qom")}


def test_D06_bad_lines_are_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    data = b'code,name,town\n1,Ali,Qom\n2,Reza\n3,a,b,c\n\xff4,Ali,Qom\n5,A\x00li,Qom\n\n7,"Ali,Qom\n8,Sara,Rey\n'
    rows, rejects = everything(tmp_path / "f.csv", data, layout())
    assert rows == {2: ("1", "Ali", "Qom"), 9: ("8", "Sara", "Rey")}
    assert fates(rejects) == {
        3: "cut_line",
        4: "extra_columns",
        5: "illegal_byte",
        6: "control_character",
        8: "open_quote",
    }
    assert next(each.raw_text for each in rejects if each.line_no == 3) == "2,Reza"


def test_a_quote_inside_a_value_is_only_a_sign(tmp_path: Path) -> None:
    rows, rejects = everything(tmp_path / "f.csv", b'code,name,town\n1,5" pipe,Qom\n2,Ali,Rey\n', layout())
    assert rows == {2: ("1", '5" pipe', "Qom"), 3: ("2", "Ali", "Rey")}
    assert rejects == []


def test_a_quoted_value_may_span_lines_and_later_lines_keep_their_numbers(tmp_path: Path) -> None:
    rows, _ = everything(tmp_path / "f.csv", b'code,name,town\n1,"Ali\nReza",Qom\n2,Sara,Rey\n', layout())
    assert rows == {2: ("1", "Ali\nReza", "Qom"), 4: ("2", "Sara", "Rey")}


def test_D06_two_stray_quotes_do_not_make_one_row_of_two_lines(tmp_path: Path) -> None:
    data = b'code,name,town\n1,"Ali,Qom\n2,"Reza,Rey\n3,Sara,Qom\n'
    rows, rejects = everything(tmp_path / "f.csv", data, layout())
    assert rows == {4: ("3", "Sara", "Qom")}
    assert fates(rejects) == {2: "open_quote", 3: "open_quote"}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system(tmp_path: Path, ends: str) -> None:
    data = ends.join(("code,name,town", "1,Ali,Qom", "2,Sara,Rey")) + "\x1a"
    rows, rejects = everything(tmp_path / "f.csv", data.encode(), layout())
    assert rows == {2: ("1", "Ali", "Qom"), 3: ("2", "Sara", "Rey")}
    assert rejects == []


def test_a_delimiter_of_two_characters(tmp_path: Path) -> None:
    rows, _ = everything(tmp_path / "f.csv", 'code||name||town\n1||علی||"a||b"\n'.encode(), layout(delimiter="||"))
    assert rows == {2: ("1", "علی", "a||b")}


@pytest.mark.parametrize("delimiter", ["~|~", "::", "،", "\t|\t", "|"])
def test_a_delimiter_of_any_characters(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (NAMES, ("1", "علی", ""), ("2", f'"a{delimiter}b"', "~ قم")))
    rows, rejects = everything(tmp_path / "f.csv", text.encode(), layout(delimiter=delimiter))
    assert rows == {2: ("1", "علی", None), 3: ("2", f"a{delimiter}b", "~ قم")}
    assert rejects == []


def test_another_quote_and_none_at_all(tmp_path: Path) -> None:
    data = b"code,name,town\n1,'Ali, Reza',\"Qom\n2,'O''Hara','\n'\n"
    assert everything(tmp_path / "f.csv", data, layout(quote="'"))[0] == {
        2: ("1", "Ali, Reza", '"Qom'),
        3: ("2", "O'Hara", "\n"),
    }
    rows, rejects = everything(tmp_path / "g.csv", b'code,name,town\n1,"Ali,Qom\n2,a"b,"\n', layout(quote=""))
    assert rows == {2: ("1", '"Ali', "Qom"), 3: ("2", 'a"b', '"')}
    assert rejects == []


@pytest.mark.parametrize(("quote", "delimiter"), [('"', ","), ("", ","), ('"', "||")])
def test_an_escape_makes_the_next_character_a_part_of_the_value(tmp_path: Path, quote: str, delimiter: str) -> None:
    lines = ["code,name,town", r"1,a\,b,\N", r"2,\\,N\No", "3,a\\", "b,c", r"4,\,\,,x\ny"]
    data = "\n".join(lines).replace("\\,", "\\\0").replace(",", delimiter).replace("\\\0", f"\\{delimiter}")
    rows, rejects = everything(tmp_path / "f.csv", data.encode(), layout(quote=quote, delimiter=delimiter, escape="\\"))
    assert rows == {
        2: ("1", f"a{delimiter}b", None),
        3: ("2", "\\", "NNo"),
        4: ("3", "a\nb", "c"),
        6: ("4", f"{delimiter}{delimiter}", "xny"),
    }
    assert rejects == []


def test_an_escaped_quote_does_not_end_a_value(tmp_path: Path) -> None:
    data = rb"""code,name,town
1,"a\"b, c",Qom
2,"over
lines\\",Rey
3,\"x,"a\
b"
"""
    rows, rejects = everything(tmp_path / "f.csv", data, layout(escape="\\"))
    assert rows == {2: ("1", 'a"b, c', "Qom"), 3: ("2", "over\nlines\\", "Rey"), 5: ("3", '"x', "a\nb")}
    assert rejects == []


def test_D06_lines_that_go_on_without_end_are_set_aside_together(tmp_path: Path) -> None:
    data = b"code,name,town\n" + b"1,a\\\n" * 30 + b"the end\n2,Ali,Qom\n3,b,c\\"
    rows, rejects = everything(tmp_path / "f.csv", data, layout(escape="\\"))
    assert rows == {33: ("2", "Ali", "Qom")}
    assert fates(rejects) == dict.fromkeys([*range(2, 33), 34], "open_quote")


def test_D05_a_missing_and_a_new_column_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContractBreach, match=r"lacks the column town.*neither mapped nor ignored: 'city'"):
        everything(tmp_path / "f.csv", b"code,name,city\n1,Ali,Qom\n", layout())


def test_D05_a_missing_header_names_no_person(tmp_path: Path) -> None:
    with pytest.raises(ContractBreach) as caught:
        everything(tmp_path / "f.csv", "0012345679,فاطمه,قم\n".encode(), layout())
    assert "0012345679" not in str(caught.value)
    assert "فاطمه" not in str(caught.value)


def test_D05_rows_of_another_layout_stop_the_file(tmp_path: Path) -> None:
    for line in (b"1,Ali,Qom,x\n", b"1,Ali\n", b'1,"Ali,Qom\n'):
        data = b"code,name,town\n" + line * (1 + limits.MIN_ROWS_FOR_LAYOUT)
        with pytest.raises(ContractBreach, match="No row"):
            everything(tmp_path / "f.csv", data, layout())


FORMS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", "||", "~|~", "ب"]),
        "quote": st.sampled_from(['"', "'"]),
        "escape": st.sampled_from(["", "\\"]),
    }
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30), block_bytes=st.integers(16, 400), form=FORMS
)
def test_what_is_written_comes_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    records: list[tuple[str, str, str]],
    block_bytes: int,
    form: dict[str, str],
) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", block_bytes)
    lay = layout(**form)
    write_rows(tmp_path / "written.csv", lay, [BadRow(1, None, "", dict(zip(NAMES, each, strict=True))) for each in records])
    rows, rejects = everything(tmp_path / "f.csv", (tmp_path / "written.csv").read_bytes(), lay)
    assert list(rows.values()) == [tuple(cell or None for cell in record) for record in records]
    assert rejects == []


def test_D06_a_value_over_lines_that_a_block_cuts_is_one_row_with_a_long_delimiter_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", 32)
    data = b"code||name||town\n" + b'1||"Ali||\nReza\nHasan"||Qom\n' * 9
    rows, rejects = everything(tmp_path / "f.csv", data, layout(delimiter="||"))
    assert list(rows.values()) == [("1", "Ali||\nReza\nHasan", "Qom")] * 9
    assert rejects == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b"\0", b"\xd8", b"\xa7", b"\\", b"\\N"]), max_size=120),
    escape=st.sampled_from(["", "\\"]),
)
def test_D08_every_line_of_any_file_has_exactly_one_fate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: list[bytes], escape: str
) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", 32)
    data = b"code,name,town\n" + b"".join(body)
    rows, rejects = everything(tmp_path / "f.csv", data, layout(escape=escape))
    reasons = fates(rejects)
    lines = {i for i, line in enumerate(data.replace(b"\r\n", b"\n").split(b"\n"), 1) if line.strip(b"\r")}
    spanned = {
        line
        for start, values in rows.items()
        for line in range(start, start + 1 + sum((value or "").count("\n") for value in values))
    }
    assert len(reasons) == len(rejects)
    assert not set(rows) & set(reasons)
    assert lines - {1} <= spanned | set(reasons)
