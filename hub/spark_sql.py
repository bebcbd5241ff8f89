"""DuckDB's SQL carried to Spark by sqlglot: each statement becomes what an engine whose tables cannot be changed can do.

Spark's temporary views are read-only, so changing a table is making its next version: ``insert`` appends a select;
``update`` and ``delete`` become a select of what the table holds afterwards. What sqlglot leaves as it is stands in
``CHANGES`` and ``FUNCTIONS``. A dotted table name becomes one word, because temporary views have no schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlglot
from sqlglot import exp

READ, WRITE = "duckdb", "spark"
CATALOG = "information_schema__tables"


class Act(Enum):
    """What to do with a statement's select."""

    READ = "read"
    MAKE = "make"
    MAKE_IF_MISSING = "make if missing"
    VIEW = "view"
    APPEND = "append"
    DROP = "drop"
    COPY = "copy"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Carried:
    """One statement for Spark: the act, the table or file that it is about, the select that gives its rows."""

    act: Act
    target: str = ""
    sql: str = ""


def carry(sql: str, columns: Callable[[str], Sequence[str]], parameters: Any = None) -> Iterator[Carried]:
    """The statements of a DuckDB text, one after the other.

    Args:
        columns: names of the columns of a table as it is when the statement before has been done.
        parameters: bound values, by name or in order.
    """
    for tree in sqlglot.parse(sql, read=READ):
        if tree is not None:
            yield _statement(_bound(tree, parameters), columns)


def carry_expression(sql: str) -> str:
    """One expression, as a comparison's condition."""
    return _text(sqlglot.parse_one(f"select {sql}", read=READ)).removeprefix("SELECT ")


def one_word(name: str) -> str:
    """The name under which Spark knows a table: ``linkage.cluster`` is ``linkage__cluster``."""
    return name.replace('"', "").replace(".", "__")


def _statement(tree: exp.Expr, columns: Callable[[str], Sequence[str]]) -> Carried:
    match tree:
        case exp.Create(kind="SCHEMA"):
            return Carried(Act.NOTHING)
        case exp.Create():
            return _create(tree)
        case exp.Drop():
            return Carried(Act.DROP, _name(tree.args["tables"][0]))
        case exp.Insert():
            return Carried(Act.APPEND, _name(tree.this), _text(tree.expression))
        case exp.Update():
            return Carried(Act.MAKE, _name(tree.this), _text(_updated(tree, columns(_name(tree.this)))))
        case exp.Delete():
            return Carried(Act.MAKE, _name(tree.this), _text(_remaining(tree)))
        case exp.Copy():
            return Carried(Act.COPY, tree.args["files"][0].name, _text(tree.this.unnest()))
        case _:
            return Carried(Act.READ, "", _text(tree))


def _create(tree: exp.Create) -> Carried:
    if isinstance(tree.this, exp.Schema):
        fields = (f"cast(null as {field.kind.sql(READ)}) as {field.name}" for field in tree.this.expressions)
        empty = sqlglot.parse_one(f"select {', '.join(fields)} where false", read=READ)
        return Carried(Act.MAKE, _name(tree.this.this), _text(empty))
    act = Act.VIEW if tree.kind == "VIEW" else Act.MAKE_IF_MISSING if tree.args.get("exists") else Act.MAKE
    return Carried(act, _name(tree.this), _text(tree.expression))


def _updated(tree: exp.Update, columns: Sequence[str]) -> exp.Expr:
    """The table after an update: each row joined to the one row that changes it, if there is one."""
    alias = tree.this.alias_or_name
    changed = {item.this.name: item.expression for item in tree.expressions}
    met = exp.column("is_met", table="met")
    met_row = exp.select(exp.alias_(exp.true(), "is_met")).subquery("met")
    source = tree.args.get("from_")
    others = source.this.copy() if source else None
    condition = tree.args["where"].this
    if others is None:
        right: exp.Expr = met_row
    else:
        others.append("joins", exp.Join(this=met_row, kind="CROSS"))
        right = exp.Paren(this=others) if not isinstance(others, exp.Paren) else others
    fields = [
        exp.alias_(exp.Case().when(met.copy(), changed[name].copy()).else_(exp.column(name, table=alias)), name)
        if name in changed
        else exp.column(name, table=alias)
        for name in columns
    ]
    return exp.select(*fields).from_(tree.this.copy()).join(right, on=condition.copy(), join_type="left")


def _remaining(tree: exp.Delete) -> exp.Expr:
    kept = exp.select("*").from_(tree.this.copy())
    where = tree.args.get("where")
    gone = exp.Coalesce(this=where.this.copy(), expressions=[exp.false()]) if where else exp.true()
    return kept.where(exp.not_(gone))


def _bound(tree: exp.Expr, parameters: Any) -> exp.Expr:
    if not parameters:
        return tree
    in_order = iter(parameters if not isinstance(parameters, Mapping) else ())

    def value(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Parameter) and isinstance(parameters, Mapping):
            return _constant(parameters[node.name])
        if isinstance(node, exp.Placeholder):
            return _constant(next(in_order) if node.name in ("", "?") else parameters[node.name])
        return node

    return tree.transform(value)


def _constant(value: Any) -> exp.Expr:
    constant = exp.convert(value)
    return exp.cast(constant, "double") if isinstance(value, float) else constant


def _name(node: exp.Expr) -> str:
    table = node if isinstance(node, exp.Table) else node.find(exp.Table)
    assert table is not None
    return one_word(".".join(part.name for part in table.parts))


def _text(tree: exp.Expr) -> str:
    spoken = tree.copy()
    for kind, change in CHANGES.items():
        for node in reversed(list(spoken.find_all(kind))):  # inner ones first, so that outer ones hold them changed
            node.replace(change(node))
    return spoken.sql(dialect=WRITE)


def _signed(kind: exp.DataType) -> exp.Expr:
    """Spark has no unsigned numbers; of hashes only equality counts."""
    return exp.DataType.build("bigint") if kind.this == exp.DType.UBIGINT else kind


def _one_word_table(table: exp.Table) -> exp.Expr:
    if table.args.get("db"):
        table.set("this", exp.to_identifier(one_word(f"{table.db}.{table.name}")))
        table.set("db", None)
    return table


def _numbered(node: exp.Window) -> exp.Expr:
    """``row_number() over ()`` counts rows as they come, which is the order of the subquery; Spark wants to be told it."""
    if isinstance(node.this, exp.RowNumber) and not node.args.get("order") and not node.args.get("partition_by"):
        select = node.parent_select
        assert select is not None
        node.set("order", select.args["from_"].this.this.args["order"].copy())
    return node


def _conditional(node: exp.Filter) -> exp.Expr:
    """``count(x) filter (where c)`` as ``count(case when c then x end)``: Spark has no filter over a window."""
    aggregate: exp.Expr = node.this
    condition: exp.Expr = node.expression.this
    counted = aggregate.find(exp.Distinct)
    place: exp.Expr = counted.expressions[0] if counted else aggregate.this
    value = exp.Literal.number(1) if isinstance(place, exp.Star) else place.copy()
    place.replace(exp.Case().when(condition.copy(), value))
    return aggregate


def _sorted_set(node: exp.ArrayAgg) -> exp.Expr:
    """``list(distinct x order by x)``; null when there is no value."""
    value = node.find(exp.Distinct)
    assert value is not None, "only list(distinct x order by x) has one result on every engine"
    values = exp.func("sort_array", exp.func("collect_set", value.expressions[0].copy()))
    return exp.Nullif(this=values, expression=exp.Array())


def _of_known(node: exp.ArgMin | exp.ArgMax) -> exp.Expr:
    """DuckDB's arg_min and arg_max pass over rows whose argument is null."""
    known = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.null()))
    node.set("expression", exp.Case().when(known, node.expression.copy()))
    return node


def _hashed(arguments: Sequence[exp.Expr]) -> exp.Expr:
    """DuckDB's hash tells a null from an absent argument; Spark's passes over nulls."""
    told = (part for value in arguments for part in (exp.Is(this=value.copy(), expression=exp.null()), value.copy()))
    return exp.func("xxhash64", *told)


def _named(node: exp.Anonymous) -> exp.Expr:
    change = FUNCTIONS.get(str(node.name).lower())
    return change(node.expressions) if change else node


def _bytes(value: exp.Expr) -> exp.Expr:
    """A text with one letter a byte: DuckDB's string distances count bytes."""
    return exp.func(
        "decode", exp.func("encode", value.copy(), exp.Literal.string("UTF-8")), exp.Literal.string("ISO-8859-1")
    )


FUNCTIONS: Mapping[str, Callable[[Sequence[exp.Expr]], exp.Expr]] = {
    "hash": _hashed,
    "damerau_levenshtein": lambda values: exp.func("damerau_levenshtein", *map(_bytes, values)),
}
CHANGES: Mapping[type[exp.Expr], Callable[[Any], exp.Expr]] = {
    exp.DataType: _signed,
    exp.Table: _one_word_table,
    exp.Filter: _conditional,
    exp.Window: _numbered,
    exp.ArrayAgg: _sorted_set,
    exp.JarowinklerSimilarity: lambda node: exp.func("jaro_winkler", node.this.copy(), node.expression.copy()),
    exp.ArrayOverlaps: lambda node: exp.func("arrays_overlap", node.this.copy(), node.expression.copy(), dialect=WRITE),
    exp.ArgMin: _of_known,
    exp.ArgMax: _of_known,
    exp.Anonymous: _named,
}
