"""What the columns of a conflict return mean, for people (a table) and for programs (CSV on the Web)."""

from __future__ import annotations

from typing import Any

from reports.return_columns import COLUMNS

_TYPES = {"conflict_no": "integer", "overlap_days": "integer", "from_date": "date", "to_date": "date", "due_date": "date"}


def dictionary() -> list[list[str]]:
    """Header and one line a column: name, Persian title, meaning in Persian and English."""
    header = ["column", "title_fa", "meaning_fa", "meaning_en"]
    return [header, *([column.name, column.title_fa, column.meaning_fa, column.meaning_en] for column in COLUMNS)]


def csv_metadata(file_name: str) -> dict[str, Any]:
    """The machine file described as tabular data.

    Source: W3C, Metadata Vocabulary for Tabular Data (2015).
    """
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fa"}],
        "url": file_name,
        "dialect": {"encoding": "utf-8", "delimiter": ",", "quoteChar": '"', "header": True, "lineTerminators": ["\n"]},
        "tableSchema": {
            "primaryKey": "conflict_no",
            "columns": [
                {
                    "name": column.name,
                    "titles": {"fa": column.title_fa},
                    "dc:description": {"fa": column.meaning_fa, "en": column.meaning_en},
                    "datatype": _TYPES.get(column.name, "string"),
                }
                for column in COLUMNS
            ],
        },
    }
