"""Hysteresis: joining asks for more than staying. Who was one person yesterday, as far as it matters tonight.

Only persons with a record that no registry code places are remembered; a code that its evidence bears out is stronger than
any yesterday. Yesterday comes from ``matching.identity.attach_previous``; without it nothing is held.

Leaves temp tables:
profile_person profile_no, person_id: persons whose records the profile stands for
person_member  person_id, record_no: all current records of these persons and of judged ones
held_pair      record_no_l (a profile), record_no_r (a known person, or a later profile): one person yesterday
"""

from __future__ import annotations

from hub.duck import Connection, table_or_empty
from schemas.tables import CROSSWALK, JUDGEMENT


def remember(con: Connection) -> None:
    """Look up yesterday's persons of the open profiles.

    Persons that an undone judgement touches hold nothing: undoing brings back what the evidence alone says (I04).

    Reads:   person.previous_membership, person.previous_judgement, person.judgement
    Leaves:  temp tables profile_person, person_member
    """
    membership = table_or_empty(con, "person.previous_membership", CROSSWALK.columns)
    before = table_or_empty(con, "person.previous_judgement", JUDGEMENT.columns)
    now = table_or_empty(con, JUDGEMENT.name, JUDGEMENT.columns)
    con.execute(
        f"""create or replace temp table undone_person as
            with undone as (select * from {before} anti join {now} using (judgement_id))
            select distinct person_id from {membership}
            where record_key in (select record_key_a from undone union all select record_key_b from undone)"""
    )
    con.execute(
        f"""create or replace temp table profile_person as
            with standing as (
                select record_no, profile_no from profile_member
                union all
                select c.record_no, m.profile_no from code_link as c join profile_member as m on m.record_no = c.node_no
            )
            select distinct s.profile_no, p.person_id
            from standing as s join keyed_record as r using (record_no) join {membership} as p using (record_key)
            where p.person_id not in (select person_id from undone_person)"""
    )
    con.execute(
        f"""create or replace temp table person_member as
            with wanted as (
                select person_id from profile_person
                union
                select p.person_id from {membership} as p join keyed_record as r using (record_key)
                where r.record_no in (select record_no from judged_record)
            )
            select p.person_id, r.record_no
            from (select * from {membership} semi join wanted using (person_id)) as p
            join keyed_record as r using (record_key)
            where p.person_id not in (select person_id from undone_person)"""
    )
    con.execute("drop table undone_person")


def pair_held(con: Connection, *, is_last_round: bool) -> None:
    """Pair each open profile with where its persons of yesterday are, and see to it that these pairs are weighed at last.

    A person is at its registry record; one that had none is where its other records are linked by now. Rounds before the
    last weigh only what rules bring: what they link tells about a person, and that must not depend on yesterday.

    Leaves:  temp table held_pair; in the last round adds to temp table candidate_pair what no blocking rule brought
             (rule_no null)
    """
    con.execute(
        """create or replace temp table held_pair as
           with own as (select m.person_id, s.record_no from person_member as m join spine as s using (record_no)),
           home as (
               select person_id, record_no from own
               union
               select m.person_id, a.node_no from person_member as m join attached as a using (record_no)
               where m.person_id not in (select person_id from own)
           ),
           open_person as (select * from profile_person semi join profile on profile.record_no = profile_no)
           select p.profile_no as record_no_l, h.record_no as record_no_r
           from open_person as p join home as h using (person_id)
           union
           select l.profile_no, r.profile_no
           from open_person as l join open_person as r on r.person_id = l.person_id and r.profile_no > l.profile_no"""
    )
    if not is_last_round:
        return
    con.execute(
        """insert into candidate_pair
           select record_no_l, record_no_r, null from held_pair anti join candidate_pair using (record_no_l, record_no_r)"""
    )
