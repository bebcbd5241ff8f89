"""What a part of the nation found takes the place of what the night before found about the same records; the rest stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hub.duck import Connection
from hub.steps import Amendment, Step
from matching import outcome
from matching.link import ROUNDS_WITHOUT_CODES
from schemas.tables import CLUSTER, NEAR_PAIR, REVIEW_PAIR, SCORED_PAIR

# What ``spliced`` reads of what a part found.
LAID_OUT = (
    "rerouted", "displaced", "replaced_record", "spine_key", "found_cluster", "found_near", "found_scored", "found_review",
)  # fmt: skip


def lay_out(con: Connection) -> None:
    """Turn what the part found into rows by record key, for the records whose outcome it decides.

    Reads:   temp tables of ``matching.link`` for the part, decided, affected, superseded, cluster_then; base.cluster
    Leaves:  temp tables replaced_record, found_cluster, found_near, found_scored, found_review, spine_key
    """
    con.execute(
        """create or replace temp table replaced_record as
           select record_key from keyed_record semi join decided using (record_no) union from affected"""
    )
    con.execute(
        "create or replace temp table spine_key as select record_key from keyed_record semi join spine using (record_no)"
    )
    outcome.number_clusters(con)
    con.execute(f"create or replace temp table part_cluster as {outcome.cluster().sql}")
    con.execute(
        """create or replace temp table found_cluster as
           with claim as (
               select p.cluster_no as part_no, min(b.cluster_no) as cluster_no, min(p.record_key) as first_key
               from part_cluster as p join cluster_then as b using (record_key)
               where p.method_code = 'registry' and b.method_code = 'registry' group by p.cluster_no
           ),
           kept as (select * from claim qualify row_number() over (partition by cluster_no order by first_key) = 1),
           wanted as (
               select distinct cluster_no as part_no from part_cluster semi join replaced_record using (record_key)
           ),
           last_one as (select coalesce(max(cluster_no), -1) as cluster_no from base.cluster),
           named as (
               select part_no, cluster_no from kept
               union all
               select part_no, l.cluster_no + row_number() over (order by part_no)
               from wanted anti join kept using (part_no) cross join last_one as l
           )
           select p.record_key, n.cluster_no, p.method_code, p.match_weight
           from part_cluster as p join named as n on n.part_no = p.cluster_no
           semi join replaced_record as r using (record_key)"""
    )
    con.execute(f"create or replace temp table found_near as {outcome.near_pair().sql}")
    con.execute(f"create or replace temp table found_scored as {outcome.scored_pair().sql}")
    review = outcome.review_pair("person.previous_review_pair")
    con.execute(f"create or replace temp table found_review as {review.sql}", dict(review.params))
    con.execute("drop table part_cluster")


def spliced(base_folder: Path) -> Iterator[Amendment]:
    """What the part found, in its place among what the night before found.

    near_pair: pairs that decisions looked at; taken over where neither side has news.
    scored_pair, review_pair: a pair is the part's to say when both sides are decided, or one is and the other is a known
    person. cluster: clusters without news keep their number, as do those around a known person.
    """
    decided = "record_key_{0} in (from replaced_record) and record_key_{1} in (from replaced_record union from spine_key)"
    is_decided = f"({decided.format('a', 'b')} or {decided.format('b', 'a')})"
    is_gone = "(record_key_a in (from displaced) or record_key_b in (from displaced)) and not (" + (
        "record_key_a in (from touched_person) or record_key_b in (from touched_person))"
    )
    news = "record_key_l in (from superseded) or record_key_r in (from superseded)"
    anew = f"{news} or (is_known and record_key_l in (select record_key from rerouted))"
    over = " or ".join(  # what is linked has no part in further rounds
        f"(round_no > {round_no} and record_key_{side} in (select record_key from rerouted where round_no = {round_no}))"
        for side in ("l", "r")
        for round_no in range(ROUNDS_WITHOUT_CODES - 1)
    )
    for table, found, is_found, is_out in (
        (NEAR_PAIR, "found_near", anew, f"{anew} or {over}"),
        (SCORED_PAIR, "found_scored", is_decided, f"{is_decided} or ({is_gone})"),
        (REVIEW_PAIR, "found_review", is_decided, f"{is_decided} or ({is_gone})"),
    ):
        sql = f"select {', '.join(table.columns)} from {found} where {is_found}"
        yield Amendment(Step(table.name, table.grain, sql), base_folder / f"{table.name}.parquet", is_out)
    found = f"select {', '.join(CLUSTER.columns)} from found_cluster"
    then = "from cluster_then semi join replaced_record using (record_key)"
    yield Amendment(Step(CLUSTER.name, CLUSTER.grain, found), base_folder / f"{CLUSTER.name}.parquet", out_rows=then)
