"""DuckDB's SQL for Spark. What the two engines make of it is compared in tests/integration/test_spark.py."""

from __future__ import annotations

import pytest

from hub.spark_sql import Act, Carried, carry, carry_expression

COLUMNS = {"person": ["record_no", "root_no"]}


def carried(sql: str, parameters: object = None) -> Carried:
    (statement,) = carry(sql, COLUMNS.__getitem__, parameters)
    return statement


def test_an_update_is_the_table_with_the_rows_that_another_table_changes() -> None:
    sql = "update person as p set root_no = o.root_no from other as o where o.record_no = p.record_no"
    assert carried(sql) == Carried(
        Act.MAKE,
        "person",
        "SELECT p.record_no, CASE WHEN met.is_met THEN o.root_no ELSE p.root_no END AS root_no FROM person AS p "
        "LEFT JOIN (other AS o CROSS JOIN (SELECT TRUE AS is_met) AS met) ON o.record_no = p.record_no",
    )


def test_a_delete_leaves_rows_of_which_nothing_is_known() -> None:
    assert carried("delete from person where root_no = 1") == Carried(
        Act.MAKE, "person", "SELECT * FROM person WHERE NOT COALESCE(root_no = 1, FALSE)"
    )


def test_an_insert_appends() -> None:
    assert carried("insert into person from other") == Carried(Act.APPEND, "person", "SELECT * FROM other")


def test_several_statements_come_one_by_one() -> None:
    assert [s.act for s in carry("drop table person; create schema if not exists linkage", COLUMNS.__getitem__)] == [
        Act.DROP,
        Act.NOTHING,
    ]


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("hash(a, 'x')", "XXHASH64(a IS NULL, a, 'x' IS NULL, 'x')"),
        ("list(distinct a order by a)", "NULLIF(SORT_ARRAY(COLLECT_SET(a)), ARRAY())"),
        ("max(a) filter (where b) over (partition by c)", "MAX(CASE WHEN b THEN a END) OVER (PARTITION BY c)"),
        ("count(*) filter (where b)", "COUNT(CASE WHEN b THEN 1 END)"),
        ("count(distinct a) filter (where b)", "COUNT(DISTINCT CASE WHEN b THEN a END)"),
        ("arg_min(a, b)", "MIN_BY(a, CASE WHEN NOT a IS NULL THEN b END)"),
        ("list_has_any(a, b)", "ARRAYS_OVERLAP(a, b)"),
        ("a // 10", "a DIV 10"),
        ("a::ubigint", "CAST(a AS BIGINT)"),
    ],
)
def test_what_spark_says_otherwise(duckdb: str, spark: str) -> None:
    assert carry_expression(duckdb) == spark


def test_rows_are_numbered_in_the_order_of_the_subquery() -> None:
    sql = "create temp table numbered as select row_number() over () as no, * from (select a from person order by a) as p"
    assert carried(sql) == Carried(
        Act.MAKE,
        "numbered",
        "SELECT ROW_NUMBER() OVER (ORDER BY a NULLS LAST) AS no, * FROM (SELECT a FROM person ORDER BY a NULLS LAST) AS p",
    )


def test_a_dotted_name_becomes_one_word() -> None:
    assert carried('create or replace view "linkage"."cluster" as select * from "linkage"."made"') == Carried(
        Act.VIEW, "linkage__cluster", "SELECT * FROM linkage__made"
    )


def test_values_are_bound_as_constants() -> None:
    assert carried("select $least as a, $name as b", {"least": 1.5, "name": "x'y"}).sql == (
        "SELECT CAST(1.5 AS DOUBLE) AS a, 'x\\'y' AS b"
    )
