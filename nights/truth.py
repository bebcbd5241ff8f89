"""A known truth, which record is whose: kept apart from the databank, read only to measure it."""

from __future__ import annotations

from pathlib import Path

from hub.duck import Connection, literal
from hub.errors import SettingsError

COLUMNS = ("record_key", "true_person_id")
TRUTH = "temp.truth"


def read_truth(con: Connection, truth: Path) -> None:
    """Read the truth; ``TRUTH`` names the table then.

    Args:
        truth: a folder with record.parquet, as `databank synth` writes it, or a Parquet or CSV file with the columns
            record_key (``feed:key``) and true_person_id.

    Leaves:  temp table truth (record_key, true_person_id), one row per record

    Raises:
        SettingsError: there is no such file, or it lacks a column.
    """
    file = truth / "record.parquet" if truth.is_dir() else truth
    if not file.is_file():
        raise _unusable(truth, "holds no record.parquet" if truth.is_dir() else "does not exist")
    reader = f"read_csv({literal(file)}, all_varchar = true)" if file.suffix == ".csv" else f"read_parquet({literal(file)})"
    found = [row[0] for row in con.execute(f"describe select * from {reader}").fetchall()]
    absent = [name for name in COLUMNS if name not in found]
    if absent:
        raise _unusable(file, f"lacks the column {' and '.join(absent)}")
    con.execute(
        f"""create or replace temp table truth as
            select record_key, min(true_person_id) as true_person_id from {reader} group by record_key"""
    )


def _unusable(truth: Path, why: str) -> SettingsError:
    return SettingsError(
        f"The truth {truth} {why}; nothing was measured.",
        hint="Give the folder that `databank synth` wrote beside the inbox, or a file with record_key and true_person_id: "
        "`databank evaluate --truth PATH`.",
    )
