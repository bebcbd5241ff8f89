"""Whose identity is in question this night: everybody's, or only of those whose cluster is not as it was.

After every night each cluster is one person. Where tonight's clusters were taken over from the night before but for some,
the numbers of those that differ, then or now, name all records and persons to whom anything can happen, beside persons
whose record comes back after it was gone. All others stay who they are.

Leaves views:
identity.clustered  records of the clusters in question, as linkage.cluster
identity.member     yesterday's memberships of these records and persons, as person.previous_membership
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.duck import Connection
from hub.layers import Difference, difference
from hub.steps import Amendment, Runner, Step
from schemas.tables import CLUSTER

_TEMPORARY = ("moved_record", "moved_cluster", "clustered_record", "member_record", "issued_person")


@dataclass(frozen=True)
class Question:
    """What is in question. ``base_folder``: the run from which all else is taken over; None when everything is."""

    base_folder: Path | None

    def answer(self, runner: Runner, step: Step, then: str) -> None:
        """Let a step's rows stand for the whole table, or take the place of those that are in question.

        Args:
            then: table of the rows in question as they were.
        """
        if self.base_folder is None:
            runner.run(step)
        else:
            runner.amend(Amendment(step, self.base_folder / f"{step.table}.parquet", out_rows=f"from {then}"))

    def issued(self, con: Connection) -> str:
        """Name of a table of those of yesterday's persons about whom there is something to say.

        Reads:   person.previous_person, person.identity_event, identity.overlap
        """
        if self.base_folder is None:
            return "person.previous_person"
        con.execute(
            """create or replace temp table issued_person as
               select * from person.previous_person where person_id in (
                   select person_id from identity.member
                   union select person_id from identity.overlap
                   union select unnest([person_id, other_person_id]) from person.identity_event)"""
        )
        return "issued_person"

    def close(self, con: Connection) -> None:
        """Forget what was laid out."""
        con.execute("drop view identity.clustered")
        con.execute("drop view identity.member")
        for name in _TEMPORARY:
            con.execute(f"drop table if exists {name}")


def lay_out(runner: Runner, base_folder: Path | None) -> Question:
    """Find what is in question.

    Reads:   linkage.cluster, that of the live run, person.previous_membership, person.previous_former
    """
    con, name = runner.con, f"{CLUSTER.name}.parquet"
    con.execute("create schema if not exists identity")
    apart = difference(base_folder / name, runner.folder / name) if base_folder else None
    if base_folder is None or apart is None or con is not runner.files:
        con.execute("create or replace view identity.clustered as select * from linkage.cluster")
        con.execute("create or replace view identity.member as select * from person.previous_membership")
        return Question(None)
    runner.attach("base.cluster", base_folder / name)
    _find_moved(con, apart)
    con.execute("create or replace view identity.clustered as select * from clustered_record")
    con.execute("create or replace view identity.member as select * from member_record")
    return Question(base_folder)


def _find_moved(con: Connection, apart: Difference) -> None:
    con.execute(
        f"""create or replace temp table moved_record as
            with now as ({apart.now}), before as ({apart.before})
            (from now except from before) union all (from before except from now)"""
    )
    con.execute(
        """create or replace temp table moved_cluster as
           select distinct cluster_no from moved_record
           union
           select cluster_no from base.cluster where record_key in (
               select record_key from person.previous_membership where person_id in (
                   select person_id from person.previous_former
                   where reason_code = 'gone' and record_key in (select record_key from moved_record)))"""
    )
    con.execute(
        """create or replace temp table clustered_record as
           select * from linkage.cluster where cluster_no in (from moved_cluster)"""
    )
    # Who was in these clusters and is no more, moved.
    con.execute(
        """create or replace temp table member_record as
           select * from person.previous_membership where record_key in (
               select record_key from clustered_record union select record_key from moved_record)"""
    )
