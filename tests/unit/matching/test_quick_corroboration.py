"""The quick sign of corroboration never says more than corroboration itself."""

from __future__ import annotations

import duckdb

from matching.codes import HASHED
from matching.facts import facts
from matching.scorer import corroboration, names_corroborate

GIVEN, SURNAME, FATHER = ("علی", "رضا", None), ("کریمی", "احمدی", None), ("حسن", "حسین", None)
BIRTHS = ((1360, 1, 1), (1361, 1, 1), (1362, 5, 9), (1370, 1, 1), (1360, None, None), (None, None, None))


def _values(column: str, values: tuple[object, ...]) -> str:
    told = ", ".join("(null)" if value is None else f"('{value}')" for value in values)
    return f"(values {told}) as {column}({column}_key)"


def test_what_hashes_corroborate_is_corroborated_by_the_texts() -> None:
    births = ", ".join(f"({', '.join('null' if part is None else str(part) for part in birth)})" for birth in BIRTHS)
    forms = ", ".join(
        f"{name}_key as {name}_{form}"
        for name in ("given_name", "surname", "father_name")
        for form in ("phonetic", "letters")
    )
    with duckdb.connect() as con:
        con.execute(
            f"""create table record as
                select *, {forms}, '1' as sex_code, '1' as national_code,
                       hash(given_name_key, surname_key, father_name_key, birth_year, birth_month, birth_day) as record_hash,
                       make_date(birth_year + 621, birth_month + 3, birth_day) as birth_date,
                       {", ".join(f"{sql} as {name}" for name, sql in HASHED.items())}
                from {_values("given_name", GIVEN)}, {_values("surname", SURNAME)}, {_values("father_name", FATHER)},
                     (values {births}) as birth(birth_year, birth_month, birth_day)"""
        )
        sure, wrong, doubtful = con.execute(
            f"""select count(*) filter (where is_sure), count(*) filter (where is_sure and rule is null),
                       count(*) filter (where not is_sure and rule is not null)
                from (select is_sure, {corroboration()} as rule
                      from (select {names_corroborate()} as is_sure, {facts(corroboration())}
                            from record as l cross join record as r))"""
        ).fetchall()[0]
    assert wrong == 0
    assert sure > 0
    assert doubtful > 0  # some is told only by the texts
