"""JSON and XML documents: records anywhere inside, values by their paths, nothing hostile expanded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.readers import limits
from hub.errors import ContractBreach, DeliveryCorrupt
from tests.unit.connectors.reading import everything, fates, layout

PATHS = ("id", "name.first", "address")
JSON = layout("json", PATHS, ("contact",), record="data.members")
XML = layout("xml", ("@id", "name/first", "town", "."), ("contact",), record="list/person")


def document(*members: object) -> bytes:
    """A document with records inside."""
    return json.dumps({"as_of": [1, {"a": 2}], "data": {"members": members, "count": 1}}, ensure_ascii=False).encode()


def test_json_values_by_their_paths(tmp_path: Path) -> None:
    one = {"id": 12345678901234567890, "name": {"first": "علی"}, "address": {"town": "قم", "no": 1.50}}
    data = document(one, {"id": True, "name": None, "contact": {"phones": ["1", "2"]}}, {"id": "", "name": {}})
    rows, rejects = everything(tmp_path / "f.json", data, JSON)
    assert rows == {
        1: ("12345678901234567890", "علی", '{"town": "قم", "no": "1.5"}', None),
        2: ("true", None, None, '{"phones": ["1", "2"]}'),
        3: (None, None, None, None),
    }
    assert rejects == []


def test_json_numbers_keep_their_digits_and_encodings_are_known(tmp_path: Path) -> None:
    data = '[{"code": 1.50, "name": "علی", "town": 0}]'
    for written in ("utf-8", "utf-8-sig"):
        rows, _ = everything(tmp_path / "f.json", data.encode(written), layout("json"))
        assert rows == {1: ("1.50", "علی", "0")}
    assert everything(tmp_path / "f.json", data.encode("utf-16"), layout("json", encoding="utf-16"))[0] == rows
    with pytest.raises(DeliveryCorrupt, match="declared as utf-8 but is utf-16"):
        everything(tmp_path / "f.json", data.encode("utf-16"), layout("json"))


def test_json_lines_have_paths_too(tmp_path: Path) -> None:
    data = b'{"id": 1, "name": {"first": "Ali"}, "address": [1]}\n{"id": 2, "name.first": "a", "name": {"first": "b"}}\n'
    rows, rejects = everything(tmp_path / "f.jsonl", data, layout("jsonl", PATHS))
    assert rows == {1: ("1", "Ali", '["1"]')}
    assert fates(rejects) == {2: "repeated_key"}


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_a_place_in_a_list_is_a_step_of_a_path(tmp_path: Path, kind: str) -> None:
    """Places that no column names are left out where the list is ignored; else the contract must say what they are."""
    records: list[dict[str, object]] = [
        {"name": [{"family": "Rad", "given": ["Ali", "Reza"]}, {"family": "Old"}], "phones": ["1", "2", "3"]},
        {"name": [], "phones": None},
        {"name": [{"given": ["Sara"]}]},
    ]
    text = json.dumps(records) if kind == "json" else "\n".join(map(json.dumps, records))
    names = ("name.0.family", "name.0.given.1", "phones.0")
    rows, rejects = everything(tmp_path / "f", text.encode(), layout(kind, names, ("name", "phones")))
    assert {number: row[:3] for number, row in rows.items()} == {
        1: ("Rad", "Reza", "1"),
        2: (None, None, None),
        3: (None, None, None),
    }
    assert rejects == []
    with pytest.raises(ContractBreach, match=r"neither mapped nor ignored: 'phones\.1', 'phones\.2'"):
        everything(tmp_path / "f", text.encode(), layout(kind, names, ("name",)))
    with pytest.raises(ContractBreach, match="neither mapped nor ignored: 'name'"):
        everything(tmp_path / "f", text.encode(), layout(kind, ("phones.0",), ("phones",)))


def test_D06_what_is_no_record_is_set_aside(tmp_path: Path) -> None:
    data = document({"id": 1}, 5, {"id": 3}, [{}], {"id": 5})
    data = data.replace(b'{"id": 3}', b'{"id": 3, "id": 4}')
    rows, rejects = everything(tmp_path / "f.json", data, JSON)
    assert list(rows) == [1, 5]
    assert fates(rejects) == {2: "not_an_object", 3: "repeated_key", 4: "not_an_object"}


def test_D05_a_path_that_nobody_maps_and_a_document_of_another_shape_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContractBreach, match=r"neither mapped nor ignored: 'name\.last'"):
        everything(tmp_path / "f.json", document({"id": 1, "name": {"last": "x"}}), JSON)
    with pytest.raises(ContractBreach) as caught:
        everything(tmp_path / "f.json", document({"id": 1, "children": {"0012345679": {"no": 1}}}), JSON)
    assert "0012345679" not in str(caught.value), "records may be named by people's codes"
    with pytest.raises(ContractBreach, match=r"has no list data\.members"):
        everything(tmp_path / "f.json", b'{"data": {"people": []}}', JSON)
    assert everything(tmp_path / "f.json", document(), JSON) == ({}, [])
    required = replace(JSON, columns=tuple(replace(column, is_required=True) for column in JSON.columns))
    with pytest.raises(ContractBreach, match="has address"):
        everything(tmp_path / "f.json", document({"id": 1, "name": {"first": "x"}}), required)


def test_D04_a_cut_document_is_refused(tmp_path: Path) -> None:
    data = document({"id": 1}, {"id": 2})
    for cut in (data[:-20], data + b"{", b"code,name\n1,2\n", b"[\xff]"):
        with pytest.raises(DeliveryCorrupt, match="no JSON or is cut"):
            everything(tmp_path / "f.json", cut, JSON)


def test_D14_a_record_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_RECORD_BYTES", 200_000)
    with pytest.raises(DeliveryCorrupt, match="record without end"):
        everything(tmp_path / "f.json", b'[{"code": "' + b"x" * 500_000, layout("json"))
    with pytest.raises(DeliveryCorrupt, match="record without end"):
        everything(tmp_path / "f.xml", b"<list><person>" + b"x" * 500_000, XML)
    many = b"[" + b",".join([b'{"code": 1, "name": "%s"}' % (b"x" * 90)] * 10_000) + b"]"
    assert len(everything(tmp_path / "g.json", many, layout("json"))[0]) == 10_000


def test_D14_depth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryCorrupt, match="nests more than"):
        everything(tmp_path / "f.json", b'[{"code": ' + b"[" * 1_000_000, layout("json"))
    text = json.dumps([{"code": '[[{\\"[' * 30_000, "name": "\\"}]).encode()
    assert len(everything(tmp_path / "f.json", text, layout("json"))[0]) == 1
    with pytest.raises(DeliveryCorrupt, match="nests more than"):
        everything(tmp_path / "f.xml", b"<list>" + b"<a>" * 1_000, XML)


def test_xml_values_by_their_paths(tmp_path: Path) -> None:
    text = """<?xml version="1.0" encoding="{}"?>
<p:list xmlns:p="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><as-of>1405</as-of>
  <p:person id="1"><name><first>علي &amp; رضا</first></name><town>قم</town><contact kind="a"><no>1</no></contact></p:person>
  <p:person id="2">سعيد<name/><town xsi:nil="true"/><contact>1</contact><contact>2</contact></p:person>
  <person id="3"><name><first><![CDATA[<a>]]></first></name></person>
</p:list>"""
    for encoding in ("utf-8", "windows-1256", "utf-16"):
        rows, rejects = everything(tmp_path / "f.xml", text.format(encoding).encode(encoding), XML)
        assert rows == {
            1: ("1", "علي & رضا", "قم", None, None),
            2: ("2", None, None, "سعيد", None),
            3: ("3", "<a>", None, None, None),
        }
        assert rejects == []


def test_D06_a_record_with_two_values_in_one_place_is_set_aside(tmp_path: Path) -> None:
    data = b'<list><person id="1"><town>a</town><town>b</town></person><person id="2"><town>c</town></person></list>'
    rows, rejects = everything(tmp_path / "f.xml", data, XML)
    assert rows == {2: ("2", None, "c", None, None)}
    assert fates(rejects) == {1: "repeated_key"}


@pytest.mark.parametrize(
    ("inside", "found"),
    [("<name><last>a</last></name>", "name/last"), ("<town kind='a'>b</town>", "town/@kind"), ("<name>a</name>", "name")],
)
def test_D05_an_element_or_attribute_that_nobody_maps_is_named(tmp_path: Path, inside: str, found: str) -> None:
    data = f"<list><person><name><first>x</first></name></person><person>{inside}</person></list>"
    with pytest.raises(ContractBreach, match=f"neither mapped nor ignored: '{found}'"):
        everything(tmp_path / "f.xml", data.encode(), XML)


def test_D05_xml_of_another_shape_is_told_from_an_empty_list(tmp_path: Path) -> None:
    assert everything(tmp_path / "f.xml", b"<list/>", XML) == ({}, [])
    with pytest.raises(ContractBreach, match="has no element list/person"):
        everything(tmp_path / "f.xml", b"<people><person/></people>", XML)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE list [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><list><person id="1">&b;</person></list>',
        b'<!DOCTYPE list [<!ENTITY f SYSTEM "file:///etc/passwd">]><list><person id="1">&f;</person></list>',
        b'<!DOCTYPE list SYSTEM "http://127.0.0.1/list.dtd"><list><person id="1"/></list>',
    ],
)
def test_D14_a_document_type_is_refused_and_with_it_every_entity(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DeliveryCorrupt, match="declares a document type"):
        everything(tmp_path / "f.xml", data, XML)


def test_D04_xml_that_is_cut_or_not_well_formed_is_refused(tmp_path: Path) -> None:
    data = b'<list><person id="1"/></list>'
    for spoilt in (
        data[:-3],
        data + b"<list/>",
        b"\xff\xff",
        b"<list>&a;</list>",
        b"<?xml version='1.0' encoding='no'?><a/>",
    ):
        with pytest.raises(DeliveryCorrupt, match="no well-formed XML or is cut"):
            everything(tmp_path / "f.xml", spoilt, XML)
