"""A set of records from another country, for tests of what does not depend on this one: English names, no national code, no
registry, two agencies with their own column names and dates, heavy typing errors, and the truth apart. Seeded."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub.settings import Settings
from tests.nation import Home

BUSINESS_DATE = "2026-11-20"
WOMEN = "Olivia Emily Grace Chloe Ruby Sophie Charlotte Jessica Mia Lily Hannah Amelia Zoe Sarah Emma Lucy Kate Anna Claire"
MEN = "Jack Joshua Thomas William James Daniel Benjamin Samuel Ethan Luke Liam Jacob Ryan Oliver Henry Max Harry Jean-Paul"
SURNAMES = (
    "Smith Jones Williams Brown Wilson Taylor Johnson White Martin Anderson Thompson Nguyen Walker Harris King Robinson "
    "Campbell Clarke Wright Mitchell Young Allen Scott Green Baker Adams Nelson Roberts Phillips Evans Parker Collins "
    "Murphy Rogers Cooper Bailey Kelly Richardson Watson Brooks Bennett Hughes Foster Sullivan Russell Jenkins Henderson "
    "O'Brien MacDonald Fitzgerald Papadopoulos Rossi Schmidt Kowalski Singh Patel Chen Haddad Okafor Silva Fernandez Novak"
)
STREETS = (
    "Church High Park George Victoria Station Mill River Bridge Forest Hill Lake Garden Wattle Banksia Flinders Menzies"
)
KINDS = "Street Road Avenue Place Crescent Close"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Row:
    """What an agency wrote down about a person."""

    given_name: str
    surname: str
    sex: str
    born: date | None
    address: str


@dataclass(frozen=True)
class Agency:
    """A feed's own names, in the order given_name, surname, sex, born, address; how it writes dates."""

    feed: str
    columns: tuple[str, ...]
    delimiter: str
    date_format: str
    written: str


AGENCIES = (
    Agency("clinic", ("first_name", "last_name", "gender", "dob", "street"), ",", "gregorian:yyyymmdd", "%Y%m%d"),
    Agency("taxes", ("PRENOM", "NOM", "SEXE", "NAISSANCE", "ADRESSE"), "|", "gregorian:yyyy/mm/dd", "%Y/%m/%d"),
)


def foreign_home(folder: Path, *, persons: int, seed: int) -> Home:
    """A state folder whose inbox holds both agencies' deliveries, with their contracts; truth.csv lies in it."""
    inbox, contracts = folder / "nation" / "inbox", folder / "contracts"
    contracts.mkdir(parents=True)
    truth = []
    rows = population(persons, random.Random(seed))
    for place, agency in enumerate(AGENCIES):
        (inbox / agency.feed).mkdir(parents=True)
        (contracts / f"{agency.feed}.odcs.yaml").write_text(_contract(agency), encoding="utf-8")
        with (inbox / agency.feed / f"{agency.feed}_{BUSINESS_DATE}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=agency.delimiter)
            writer.writerow(("no", *agency.columns))
            for number, (person, row) in enumerate(rows[place :: len(AGENCIES)]):
                born = row.born.strftime(agency.written) if row.born else ""
                writer.writerow((f"r{number}", row.given_name, row.surname, row.sex, born, row.address))
                truth.append((f"{agency.feed}:r{number}", person))
    home = Home(folder / "state", folder / "nation")
    home.settings = Settings(home=home.settings.home, contracts=contracts, memory="2GB")
    with (home.settings.home / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("record_key", "true_person_id"), *truth])
    return home


def population(persons: int, chance: random.Random) -> list[tuple[int, Row]]:
    rows: list[tuple[int, Row]] = []
    for person in range(persons):
        sex = chance.choice("MF")
        row = Row(
            chance.choice((MEN if sex == "M" else WOMEN).split()),
            chance.choice(SURNAMES.split()),
            sex,
            date(1930, 1, 1) + timedelta(days=chance.randrange(29_000)),
            _address(chance),
        )
        rows.append((person, row))
        rows += [(person, spoilt(row, chance)) for _ in range(chance.choice((0, 0, 1, 1, 2)))]
    chance.shuffle(rows)
    return rows


def spoilt(row: Row, chance: random.Random) -> Row:
    for _ in range(chance.randint(1, 3)):
        kind = chance.choice(("given_name", "surname", "address", "born", "move", "missing", "swap"))
        if kind in ("given_name", "surname", "address"):
            typed: dict[str, Any] = {kind: _mistyped(getattr(row, kind), chance)}
            row = replace(row, **typed)
        elif kind == "born" and row.born:
            row = replace(row, born=row.born.replace(day=chance.randint(1, 28)))
        elif kind == "move":
            row = replace(row, address=_address(chance))
        elif kind == "missing":
            row = replace(row, **chance.choice(({"given_name": ""}, {"born": None}, {"address": ""})))
        elif kind == "swap":
            row = replace(row, given_name=row.surname, surname=row.given_name)
    return row


def _mistyped(text: str, chance: random.Random) -> str:
    if len(text) < 3:
        return text
    place, letter = chance.randrange(1, len(text)), chance.choice(LETTERS)
    return text[:place] + chance.choice((letter, "", letter + text[place:][:1])) + text[place + 1 :]


def _address(chance: random.Random) -> str:
    return f"{chance.randint(1, 120)} {chance.choice(STREETS.split())} {chance.choice(KINDS.split())}"


def _contract(agency: Agency) -> str:
    given, surname, sex, born, address = agency.columns
    return f"""
apiVersion: v3.2.0
kind: DataContract
id: {agency.feed}
version: 1.0.0
name: {agency.feed}
status: active
domain: health
description: {{purpose: "People whom {agency.feed} knows.", usage: "Linkage.", limitations: "None."}}
servers: [{{server: inbox, type: local, path: "inbox/{agency.feed}/{agency.feed}_*.csv", format: csv}}]
team: {{name: {agency.feed}, description: Answers for the feed}}
customProperties:
  - {{property: titleFa, value: {agency.feed}}}
  - {{property: agency, value: {agency.feed}}}
  - {{property: role, value: support}}
  - {{property: files, value: "{agency.feed}_*.csv"}}
  - property: businessDate
    value: {{pattern: '^{agency.feed}_(?P<y>\\d{{4}})-(?P<m>\\d{{2}})-(?P<d>\\d{{2}})\\.csv$', calendar: gregorian}}
  - {{property: survivorship, value: {{identity: 1, address: 1}}}}
  - {{property: isOurLayout, value: true}}
schema:
  - name: {agency.feed}
    physicalName: "{agency.feed}_*.csv"
    physicalType: file
    customProperties:
      - {{property: format, value: {{kind: delimited, encoding: utf-8, delimiter: "{agency.delimiter}", header: true}}}}
      - {{property: delivery, value: snapshot}}
    properties:
      - {{name: case_no, physicalName: "no", logicalType: string, primaryKey: true, classification: restricted}}
      - {{name: given_name, physicalName: {given}, logicalType: string, classification: restricted}}
      - {{name: surname, physicalName: {surname}, logicalType: string, classification: restricted}}
      - {{name: sex_code, physicalName: {sex}, logicalType: string, classification: restricted,
         enum: [{{value: M, description: male}}, {{value: F, description: female}}]}}
      - {{name: birth_date, physicalName: {born}, logicalType: date, classification: restricted,
         logicalTypeOptions: {{format: "{agency.date_format}"}}}}
      - {{name: address, physicalName: {address}, logicalType: string, classification: restricted}}
"""
