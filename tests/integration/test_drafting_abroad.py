"""Files of other countries: their words for columns, letters for sexes, telephones with marks, births by year."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.contracts import load_feed
from tests.integration.drafting_world import ROWS, loaded, sample_of

PEOPLE = (("María del Carmen", "Hernández", "M"), ("José Luis", "de la Cruz", "H"), ("Ana Sofía", "García", "M"))
"""Given name, surname, and sex as Mexico writes it: mujer, hombre."""


def rows_of(header: str, *values: str) -> bytes:
    """A file whose lines are made of a number, a person and more values; ``{n}`` in them is the line's number."""
    lines = []
    for n in range(ROWS):
        given, surname, sex = PEOPLE[n % 3]
        told = {
            "n": n,
            "given": given,
            "surname": surname,
            "sex": sex,
            "born": f"{1 + n % 28:02d}/{1 + n % 12:02d}/{1930 + n}",
        }
        lines.append(",".join(value.format(**told) for value in values))
    return "\n".join([header, *lines]).encode()


HEADERS = {
    "Spanish": (
        "folio,nombre(s),primer_apellido,fec_nac,genero,domicilio,municipio",
        ["record_no", "given_name", "surname", "birth_date", "sex_code", "address", "city_name"],
    ),
    "Portuguese, with and without accents": (
        "prontuário,Nome,Sobrenome,Dt_Nascimento,gênero,Endereço,cidade",
        ["case_no", "given_name", "surname", "birth_date", "sex_code", "address", "city_name"],
    ),
    "Vietnamese": (
        "Mã BN,tên,họ,Ngày sinh,Giới tính,Địa chỉ,Tỉnh/Thành phố",
        ["case_no", "given_name", "surname", "birth_date", "sex_code", "address", "city_name"],
    ),
    "Vietnamese without its letters": (
        "MA_BN,ten,ho,ngay_sinh,gioi_tinh,dia_chi,tinh_thanh",
        ["case_no", "given_name", "surname", "birth_date", "sex_code", "address", "city_name"],
    ),
}


@pytest.mark.parametrize("language", HEADERS)
def test_headers_of_other_languages_are_known(tmp_path: Path, language: str) -> None:
    header, names = HEADERS[language]
    draft = sample_of(
        tmp_path, rows_of(header, "A{n:05d}", "{given}", "{surname}", "{born}", "{sex}", "Av. Juárez {n}", "Puebla")
    )
    assert list(loaded(tmp_path, draft).values()) == names


def test_a_mothers_name_is_not_the_persons(tmp_path: Path) -> None:
    draft = sample_of(tmp_path, rows_of("folio,nombre_madre,nombre,apellido", "A{n:05d}", "Rosa", "{given}", "{surname}"))
    assert loaded(tmp_path, draft)["nombre"] == "given_name"
    assert "nombre_madre" not in loaded(tmp_path, draft)


def test_m_beside_h_is_a_woman(tmp_path: Path) -> None:
    draft = sample_of(tmp_path, rows_of("folio,nombre,sexo", "A{n:05d}", "{given}", "{sex}"))
    assert loaded(tmp_path, draft)["sexo"] == "sex_code"
    column = next(each for each in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns if each.codes)
    assert column.codes == {"M": "female", "H": "male"}
    assert "CHECK M (40 rows) as female" in draft.text


@pytest.mark.parametrize("written", ["(614) 756-{n:04d}", "614.756.{n:04d}", "+1 614 756 {n:04d}"])
def test_a_telephone_tells_persons_apart_with_whatever_marks_it_is_written(tmp_path: Path, written: str) -> None:
    draft = sample_of(tmp_path, rows_of("unit,zip,phone", "A{n:05d}", "44{n:03d}", written))
    assert loaded(tmp_path, draft)["phone"] == "mobile_no"


def test_births_of_which_many_are_years_are_births(tmp_path: Path) -> None:
    """Each line in three is a year alone; such a birth is right, so the draft allows for no more wrong ones."""
    data = rows_of("unit,birth date", "A{n:05d}", "{born}").decode().splitlines()
    some = [line[:-10] + line[-4:] if n % 3 == 2 else line for n, line in enumerate(data)]
    draft = sample_of(tmp_path, "\n".join(some).encode())
    assert loaded(tmp_path, draft)["birth date"] == "birth_date"
    born = next(each for each in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns if each.name == "birth_date")
    assert born.date_format == "gregorian:dd/mm/yyyy"
    assert born.max_invalid_percent is not None
    assert born.max_invalid_percent < 10


def test_a_row_that_tells_no_part_of_an_address_or_name_keeps_its_place(tmp_path: Path) -> None:
    header = "folio,first name,middle name,last name,street,house no"
    rows = rows_of(header, "A{n:05d}", "{given}", "Josefa", "{surname}", "Av. Juárez", "{n}").decode().splitlines()
    some = [row.split(",")[0] + ",,,,," if n % 9 == 4 else row for n, row in enumerate(rows)]
    draft = sample_of(tmp_path, "\n".join(some).encode())
    assert list(loaded(tmp_path, draft).values()) == ["record_no", "given_name", "surname", "address"]
    joined = draft.sample.rows.column("street+house no")
    assert [joined[n].as_py() for n in range(2, 5)] == ["Av. Juárez 2", "", "Av. Juárez 4"]


@pytest.mark.parametrize("names", [("JOSÉ ÁNGEL", "NÚÑEZ"), ("Zoë Élodie", "Lefèvre"), ("João", "CONCEIÇÃO")])
def test_letters_with_accents_inside_latin_words_are_not_persian(tmp_path: Path, names: tuple[str, str]) -> None:
    lines = [f"A{n:05d};{names[0]};{names[1]};{1 + n % 28:02d}/03/{1930 + n}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["folio;nombres;apellido_paterno;fecha_nac", *lines]).encode("latin-1"))
    assert draft.sample.recognised.format.encoding == "cp1252"
    assert draft.sample.rows.column("nombres")[0].as_py() == names[0]


@pytest.mark.parametrize(
    ("telephone", "name"), [("07{n:08d}", "mobile_no"), ("+8490{n:07d}", "mobile_no"), ("0218{n:07d}", "phone_no")]
)
def test_a_telephone_that_is_none_of_iran_tells_persons_apart(tmp_path: Path, telephone: str, name: str) -> None:
    draft = sample_of(tmp_path, rows_of("unit,nombre,apellido,telefono", "A{n:05d}", "{given}", "{surname}", telephone))
    assert loaded(tmp_path, draft)["telefono"] == name


def test_a_personal_number_with_dots_is_one(tmp_path: Path) -> None:
    draft = sample_of(tmp_path, rows_of("unit,nome,sobrenome,CPF", "A{n:05d}", "{given}", "{surname}", "580.{n:03d}.833-96"))
    assert loaded(tmp_path, draft)["CPF"] == "foreign_id"


def test_a_number_is_one_of_a_house_only_side_by_side_with_a_street(tmp_path: Path) -> None:
    header = "unit,nome,sobrenome,{},logradouro,{},bairro"
    values = ("A{n:05d}", "{given}", "{surname}")
    beside = rows_of(header.format("x", "numero"), *values, "{born}", "Rua das Flores", "{n}", "Centro")
    draft = sample_of(tmp_path, beside)
    assert loaded(tmp_path, draft)["logradouro+numero+bairro"] == "address"
    apart = rows_of(f"numero,{header.format('x', 'y')}", "7{n}3", *values, "{born}", "Rua das Flores", "{born}", "Centro")
    assert "numero+" not in "".join(loaded(tmp_path, sample_of(tmp_path, apart)))


def test_a_column_that_another_one_makes_needless_is_said_to_be_so(tmp_path: Path) -> None:
    draft = sample_of(tmp_path, rows_of("unit,nombre,apellido,apellido 1", "A{n:05d}", "{given}", "{surname}", "{surname}"))
    assert "its values are none" not in draft.text
    assert "it looks like surname too, which apellido is by more evidence" in draft.text


def test_what_stands_beside_a_value_says_what_it_is(tmp_path: Path) -> None:
    """A patient as FHIR tells one."""
    records = [
        {
            "id": f"p{n}",
            "identifier": [{"type": {"text": "SSN"}, "value": f"{100 + n}-22-33{n:02d}"}],
            "name": [{"family": PEOPLE[n % 3][1], "given": [PEOPLE[n % 3][0]]}],
            "telecom": [
                {"system": "phone", "value": f"614-555-{1000 + n}"},
                {"system": "email", "value": f"a{n}@b.example"},
            ],
            "address": [{"line": [f"{n} Oak Street", f"Apt {n}"], "city": "Dayton"}],
        }
        for n in range(ROWS)
    ]
    names = loaded(tmp_path, sample_of(tmp_path, "\n".join(map(json.dumps, records)).encode(), "sample.jsonl"))
    assert names == {
        "id": "record_no",
        "identifier.0.value": "foreign_id",
        "name.0.family": "surname",
        "name.0.given.0": "given_name",
        "telecom.0.value": "mobile_no",
        "telecom.1.value": "email",
        "address.0.line.0+address.0.line.1": "address",
        "address.0.city": "city_name",
    }
