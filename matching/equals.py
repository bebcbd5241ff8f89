"""Equal evidence: records that tell the same are compared as one profile, but only enough evidence makes them one person.

Beside a registry, names and an address alone never are enough, since a father and his namesake son share both. Where there
is no registry nothing else may be told at all: there a profile is weighed against itself, as any other pair is.
"""

from __future__ import annotations

from hub.duck import Connection
from matching.comparisons import compared_columns, list_columns
from matching.decisions import joining_weight
from matching.facts import facts
from matching.model import Model
from matching.scorer import Rules, is_personal, weight_beside_relatives
from matching.weights import weigh
from schemas.tables import POPULATION

TELLS_LITTLE = """
    national_code is null and foreign_id is null and passport_no is null
    and (given_name_key is null or surname_key is null
         or (birth_date is null and mobile_no_key is null and email_key is null and birth_certificate_key is null))
"""


def find_sparse(con: Connection, model: Model, prior: float, rules: Rules) -> None:
    """Find the profiles whose records are not one person, though they tell the same.

    Reads:   temp tables profile, tf_<column>; linkage.population
    Leaves:  temp table sparse_profile (record_no)
    """
    con.execute(
        f"""create or replace temp table sparse_profile as
            select record_no from profile where record_count > 1 and {TELLS_LITTLE}"""
    )
    known, sparse = con.execute(
        f"select (select known_person_count from {POPULATION.name}), (select count(*) from sparse_profile)"
    ).fetchall()[0]
    if known or not sparse:
        return
    con.execute(
        f"""create or replace temp table sparse_record as
            select record_no, {", ".join(compared_columns())}, {list_columns("profile")}
            from profile semi join sparse_profile using (record_no)"""
    )
    con.execute(
        """create or replace temp table sparse_pair as
           select record_no as record_no_l, record_no as record_no_r from sparse_profile"""
    )
    weigh(con, model, prior, records="sparse_record", pairs="sparse_pair", least_weight=rules.review_weight)
    weight = weight_beside_relatives(rules, "told_weight")
    con.execute(
        f"""delete from sparse_profile where record_no in (
                select record_no_l
                from (
                    select record_no_l, {weight} as match_weight, {is_personal(rules)} as is_personal
                    from (
                        select w.record_no_l, w.match_weight as told_weight, {facts(is_personal(rules), weight)}
                        from weighed_pair as w join sparse_record as l on l.record_no = w.record_no_l
                        join sparse_record as r on r.record_no = w.record_no_r
                    ) as compared
                ) as w
                where match_weight >= {joining_weight(rules)})"""
    )
    con.execute("drop table sparse_record; drop table sparse_pair")
