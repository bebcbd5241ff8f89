"""Decisions on weighed pairs: best known person with a margin, clusters of what no known person fits, reviews.

Leaves temp tables:
checked_pair  weighed pairs with the reason why they can never be one person, if there is one
decision      record_no_l, record_no_r, match_weight, rule_no, decision_code (link, review, reject), reason_code
membership    record_no, root_no, method_code, match_weight: every record once
refused_edge  edges that a constraint kept out of a cluster
"""

from __future__ import annotations

import pyarrow as pa

from hub.duck import Connection
from hub.engine import insert_rows
from matching.clustering import REFUSED_EDGE, Edge, agglomerate, components
from matching.facts import facts
from matching.reference import REFERENCE_RECORD
from matching.scorer import Rules, contradiction, is_personal, weight_beside_relatives
from schemas.tables import POPULATION

RECORD = """
    select s.*, l.record_hash, coalesce(f.given_name_count, 0) as given_name_count
    from {records} as s join link_record as l using (record_no)
    left join given_name_frequency as f on f.given_name_key = s.given_name_key
"""

# What rivals take away, in bits: both right, both wrong, or one of two.
_RIVALS_WEIGHT = "log2((1 + others * pow(2, again_weight)) / (1 + others))"


def count_given_names(con: Connection, population: str) -> None:
    """In how many families each compared given name is borne, in the registry where there is one.

    Leaves:  temp table given_name_frequency (given_name_key, given_name_count); what an earlier call counted stays
    """
    con.execute(
        """create temp table if not exists given_name_frequency as
           select given_name_key, cast(0 as bigint) as given_name_count from scored_record limit 0"""
    )
    con.execute(
        """create or replace temp table uncounted_name as
           select distinct given_name_key from scored_record anti join given_name_frequency using (given_name_key)
           where given_name_key is not null"""
    )
    if con.execute("select count(*) from uncounted_name").fetchall()[0][0]:
        con.execute(
            f"""insert into given_name_frequency
                with asked as (select given_name_key, hash(given_name_key) as name from uncounted_name),
                borne as (
                    select distinct hash(given_name_key) as name, hash(surname_key) as surname from {population}
                    where is_registry = (select coalesce(bool_or(is_registry), false) from {population})
                      and surname_key is not null and hash(given_name_key) in (select name from asked)
                )
                select given_name_key, coalesce(family_count, 0)
                from asked left join (select name, count(*) as family_count from borne group by name) as b using (name)"""
        )
    con.execute("drop table uncounted_name")


def decide(con: Connection, rules: Rules) -> None:
    """Check every weighed pair against the hard constraints, and weigh it against relatives, once.

    Reads:   temp table told_pair (``matching.habits``)
    """
    count_given_names(con, REFERENCE_RECORD)
    reason, weight = contradiction(rules), weight_beside_relatives(rules, "told_weight")
    # A registry tells births: whose birth is unknown there may be anybody's namesake.
    personal = f"case when is_known then {is_personal()} else {is_personal(rules)} end"
    con.execute(
        f"""create or replace temp table checked_pair as
            with record as ({RECORD.format(records="scored_record")}),
            compared as (
                select w.record_no_l, w.record_no_r, c.rule_no, w.match_weight as told_weight, r.is_known,
                       j.record_no_l is not null as is_judged, h.record_no_l is not null as was_one,
                       {facts(reason, personal, weight)}
                from told_pair as w
                join candidate_pair as c on c.record_no_l = w.record_no_l and c.record_no_r = w.record_no_r
                join record as l on l.record_no = w.record_no_l join record as r on r.record_no = w.record_no_r
                left join judged_apart as j on j.record_no_l = w.record_no_l and j.record_no_r = w.record_no_r
                left join held_pair as h on h.record_no_l = w.record_no_l and h.record_no_r = w.record_no_r
                where w.match_weight >= {rules.review_weight}
            ),
            checked as (
                select record_no_l, record_no_r, rule_no, {weight} as match_weight,
                       case when is_judged then 'judged' else {reason} end as reason_code, is_known,
                       {personal} as is_personal, was_one
                from compared
            )
            select * from checked where match_weight >= {rules.review_weight}"""
    )


def link_best(con: Connection, rules: Rules, *, round_no: int, is_last_round: bool) -> None:
    """Link each profile to the best known person, where that one is likelier than nobody and all others together.

    In the first round only where something agrees that relatives and namesakes do not share, and between the first and the
    last only what is surer than is asked for in the end, and of a feed one record a person: what those records tell about
    their persons, and of whom their feed holds one already, then decides about the rest.

    Records of one feed that want the same person are rivals, as far as their feed seldom holds anybody twice: at most one of
    them is right then, and each must be likelier than nobody, all other persons and all of its rivals together.

    Who was with a known person yesterday stays above the fracture threshold, unless another leads by the margin. In the
    last round only: what records tell about a person in the next round must not depend on yesterday, or a night without
    news would bring some.

    Reads:   temp tables checked_pair, profile, habit, attached
    Leaves:  temp table round_decision; its links are added to temp table decision
    """
    is_first_round = round_no == 0
    # Spelt out where it is used: Spark adds no frame to a window that has a name.
    strongest_first = "partition by record_no_l, reason_code is null order by match_weight desc, record_no_r"
    lead = f"case when next_weight >= {rules.relative_weight} then {rules.margin_weight} else {rules.known_link_weight} end"
    surer = "0" if is_last_round else f"case when is_personal then 0 else {rules.surer_weight} end"
    con.execute(
        f"""create or replace temp table round_decision as
            with weighed as (
                select *, max(match_weight) filter (where reason_code is null) over (partition by record_no_l) as best_weight
                from checked_pair where is_known
            ),
            standing as (
                select *, {is_last_round} and was_one and reason_code is null
                          and match_weight >= {rules.known_fracture_weight}
                          and match_weight > best_weight - {rules.margin_weight} as is_held
                from weighed
            ),
            ranked as (
                select *,
                       row_number() over (
                           partition by record_no_l
                           order by reason_code is not null, is_held desc, match_weight desc, record_no_r) as place,
                       lead(match_weight) over ({strongest_first}) as next_weight,
                       match_weight - log2(1 + coalesce(
                           sum(pow(2, match_weight)) over (
                               {strongest_first} rows between 1 following and unbounded following), 0)) as lead_weight
                from standing
            ),
            wanted as (
                select d.record_no_l, d.record_no_r, d.lead_weight, p.feed
                from ranked as d join profile as p on p.record_no = d.record_no_l
                anti join attached as a on a.node_no = d.record_no_r and a.feed = p.feed
                where d.place = 1 and d.reason_code is null and d.lead_weight >= {rules.known_link_weight}
            ),
            rivals as (
                select w.record_no_l, {_RIVALS_WEIGHT} as rival_weight
                from (
                    select *, sum(pow(2, lead_weight)) over (
                        partition by feed, record_no_r order by lead_weight, record_no_l
                        rows between unbounded preceding and unbounded following) - pow(2, lead_weight) as others
                    from wanted
                ) as w
                join (
                    select feed, sum(case habit_code when 'again' then weight else -weight end) as again_weight
                    from habit where round_no = {round_no} and habit_code in ('again', 'first') group by feed
                ) as h using (feed)
                where others > 0 and again_weight < 0
            )
            select record_no_l, record_no_r, match_weight, rule_no,
                   case when reason_code = 'judged' then 'reject'
                        when reason_code is not null then
                            case when match_weight >= {rules.link_weight}
                                      and (best_weight is null or best_weight < {rules.known_link_weight})
                                 then 'review' else 'reject' end
                        when place = 1 and is_held then 'link'
                        when place = 1 and match_weight = best_weight and (is_personal or not {is_first_round})
                             and lead_weight + coalesce(rival_weight, 0) >= {lead} + {surer} then 'link'
                        when match_weight >= best_weight - {rules.margin_weight} then 'review'
                        else 'reject' end as decision_code,
                   case when reason_code = 'twins' then 'twins'
                        when reason_code is not null then 'contradiction'
                        when place = 1 and rival_weight is not null then 'margin'
                        when place = 1 and (next_weight is null or match_weight - next_weight >= {rules.margin_weight})
                            then 'threshold'
                        when match_weight >= best_weight - {rules.margin_weight} then 'margin' end as reason_code
            from ranked left join rivals using (record_no_l)"""
    )
    if not is_first_round and not is_last_round:
        _let_one_claim(con)
    con.execute("update round_decision set reason_code = null where decision_code = 'link'")
    con.execute("create temp table if not exists decision as from round_decision limit 0")
    con.execute("insert into decision from round_decision where decision_code = 'link'")


def _let_one_claim(con: Connection) -> None:
    """Let one record of a feed be linked to a person in a round, the likeliest; the others wait for the next, in which the
    feed's habit tells how likely it holds that person again.

    Reads:   temp tables profile, round_decision
    Leaves:  temp table waiting_claim (record_no_l, record_no_r, feed, record_count); round_decision without links of theirs
    """
    con.execute(
        """create or replace temp table waiting_claim as
           select record_no_l, record_no_r, feed, record_count from (
               select d.record_no_l, d.record_no_r, p.feed, p.record_count,
                      row_number() over (
                          partition by p.feed, d.record_no_r order by d.match_weight desc, d.record_no_l) as place
               from round_decision as d join profile as p on p.record_no = d.record_no_l
               where d.decision_code = 'link' and p.feed is not null
           ) where place > 1"""
    )
    con.execute(
        """update round_decision set decision_code = 'review', reason_code = 'margin'
           where decision_code = 'link' and record_no_l in (select record_no_l from waiting_claim)"""
    )


def settle(con: Connection) -> None:
    """Give every record the person that codes and weights found, or none yet."""
    con.execute("insert into decision from round_decision where decision_code <> 'link'")
    con.execute(
        """create or replace temp table membership as
           select record_no, record_no as root_no, 'registry' as method_code, cast(null as double) as match_weight
           from spine
           union all
           select m.record_no, coalesce(d.record_no_r, m.profile_no),
                  case when d.record_no_r is null then 'single' else 'score' end, d.match_weight
           from profile_member as m
           left join (select * from decision where decision_code = 'link') as d on d.record_no_l = m.profile_no
           union all
           select record_no, node_no, 'code', null from code_link where is_known
           union all
           select c.record_no, coalesce(d.record_no_r, m.profile_no, c.node_no), 'code', null
           from (select * from code_link where not is_known) as c
           left join profile_member as m on m.record_no = c.node_no
           left join (select * from decision where decision_code = 'link') as d on d.record_no_l = m.profile_no"""
    )


def cluster_rest(con: Connection, rules: Rules) -> None:
    """Cluster the profiles that no known person fits, among themselves.

    Components without a contradiction are taken whole; the others are agglomerated edge by edge, strongest first. A record's
    weight is that of its strongest pair that would join tonight; only where none would, of what yesterday holds.

    Reads:   temp table sparse_profile (``matching.equals``)
    """
    con.execute(
        """create or replace temp table rest_pair as
           select p.* from checked_pair as p where not p.is_known
             and p.record_no_l not in (select record_no_l from decision where decision_code = 'link')
             and p.record_no_r not in (select record_no_l from decision where decision_code = 'link')"""
    )
    con.execute(
        f"""create or replace temp table rest_edge as
            select *, rule_no is not null and match_weight >= {joining_weight(rules)} as is_joining from rest_pair
            where reason_code is null and match_weight >= case when was_one then {staying_weight(rules)}
                                                               else {joining_weight(rules)} end"""
    )
    components(con, "rest_edge")
    _split_troubled(con, rules)
    con.execute(
        """update membership as m set root_no = c.root_no, match_weight = w.match_weight,
                  method_code = case when m.method_code = 'single' then 'cluster' else m.method_code end
           from component as c
           join (select record_no,
                        coalesce(max(match_weight) filter (where is_joining), max(match_weight)) as match_weight
                 from (select record_no_l as record_no, match_weight, is_joining from rest_edge
                       union all select record_no_r, match_weight, is_joining from rest_edge) group by record_no
           ) as w using (record_no)
           where m.root_no = c.record_no"""
    )
    _keep_sparse_apart(con)
    con.execute(
        f"""insert into decision
            select p.record_no_l, p.record_no_r, p.match_weight, p.rule_no,
                   case when l.root_no = r.root_no then 'link'
                        when p.reason_code is null or p.match_weight >= {rules.link_weight} then 'review'
                        else 'reject' end,
                   case when l.root_no = r.root_no then null when p.reason_code = 'twins' then 'twins'
                        when p.reason_code is not null then 'contradiction' else 'threshold' end
            from rest_pair as p
            join membership as l on l.record_no = record_no_l join membership as r on r.record_no = record_no_r
            where p.reason_code is distinct from 'judged'"""
    )
    con.execute("drop table rest_pair; drop table rest_edge; drop table component; drop table given_name_frequency")


def joining_weight(rules: Rules) -> str:
    """SQL of the weight from which a pair of the rest becomes one cluster."""
    return f"case when is_personal then {_by_registry(rules, 'link')} else {_by_registry(rules, 'impersonal_link')} end"


def staying_weight(rules: Rules) -> str:
    """SQL of the weight down to which a pair of the rest that was one yesterday stays one."""
    personal, impersonal = (_by_registry(rules, name) for name in ("fracture", "impersonal_fracture"))
    return f"case when is_personal then {personal} else {impersonal} end"


def _by_registry(rules: Rules, name: str) -> str:
    known, alone = getattr(rules, f"{name}_weight"), getattr(rules, f"alone_{name}_weight")
    return f"(select case when known_person_count > 0 then {known} else {alone} end from {POPULATION.name})"


def _split_troubled(con: Connection, rules: Rules) -> None:
    records = RECORD.format(records="(select * from scored_record semi join component using (record_no))")
    reason = contradiction(rules)
    con.execute(
        f"""create or replace temp table foe as
            with record as (select s.*, c.root_no from ({records}) as s join component as c using (record_no)),
            compared as (
                select l.root_no, l.record_no as record_no_l, r.record_no as record_no_r, {facts(reason)}
                from record as l join record as r on r.root_no = l.root_no and r.record_no > l.record_no
            )
            select root_no, record_no_l, record_no_r from compared where ({reason}) is not null
            union
            select l.root_no, j.record_no_l, j.record_no_r from judged_apart as j
            join component as l on l.record_no = j.record_no_l
            join component as r on r.record_no = j.record_no_r and r.root_no = l.root_no"""
    )
    troubled = f"""
        select root_no from foe
        union select root_no from component group by root_no having count(*) > {rules.largest_cluster}
    """
    edges = con.execute(
        f"""select record_no_l, record_no_r, match_weight, was_one from rest_edge
            where record_no_l in (select record_no from component where root_no in ({troubled}))"""
    ).fetchall()
    foes = con.execute("select record_no_l, record_no_r from foe").fetchall()
    clusters = agglomerate((Edge(*edge) for edge in edges), foes, largest=rules.largest_cluster)
    split = pa.table({"record_no": list(clusters.root), "root_no": list(clusters.root.values())}) if clusters.root else None
    if split is not None:
        con.register("split_component", split)
        con.execute(
            "update component as c set root_no = s.root_no from split_component as s where s.record_no = c.record_no"
        )
        con.unregister("split_component")
    con.execute(
        f"create or replace temp table refused_edge ({', '.join(f'{name} {kind}' for name, kind in REFUSED_EDGE.items())})"
    )
    refused = [(edge.record_no_l, edge.record_no_r, edge.weight, reason) for edge, reason in clusters.refused]
    insert_rows(con, "refused_edge", REFUSED_EDGE, refused)
    con.execute("drop table foe")


def _keep_sparse_apart(con: Connection) -> None:
    con.execute(
        """update membership as m set root_no = m.record_no
           from profile_member as p
           where p.record_no = m.record_no and m.root_no = p.profile_no and m.method_code = 'single'
             and p.profile_no in (select record_no from sparse_profile)"""
    )
    con.execute(
        """update membership as m set method_code = 'cluster'
           where m.method_code = 'single'
             and m.root_no in (select root_no from membership
                               where root_no in (select root_no from membership where method_code = 'single')
                               group by root_no having count(*) > 1)"""
    )
