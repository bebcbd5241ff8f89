"""The data dictionary as a page: every declared table, column and field. ``python -m schemas.dictionary`` writes it."""

from __future__ import annotations

from pathlib import Path

from schemas.fields import field_dictionary
from schemas.tables import TABLES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data_dictionary.md"


def data_dictionary() -> str:
    """The page's text, from declarations alone."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `schemas/tables.py` and `schemas/fields.yaml` by `make docs`; do not edit.",
        "",
        "## Fields of deliveries",
        "",
        "| field | type | unit | sensitivity | meaning |",
        "|---|---|---|---|---|",
    ]
    for field in field_dictionary().values():
        lines.append(f"| `{field.name}` | {field.type} | {field.unit or ''} | {field.sensitivity} | {field.meaning} |")
    for table in TABLES.values():
        lines += ["", f"## {table.name}", "", table.meaning, "", f"One row per {', '.join(table.grain)}.", ""]
        lines += ["| column | type |", "|---|---|"]
        lines += [f"| `{name}` | {kind} |" for name, kind in table.columns.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(data_dictionary(), encoding="utf-8")
