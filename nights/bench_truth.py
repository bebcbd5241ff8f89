"""Of a synthetic nation's truth, as SQL: who is easily taken for a relative."""

from __future__ import annotations

from pathlib import Path

from hub.duck import literal


def alike_person(truth: Path) -> str:
    """Twins, and persons who share given name and surname with a parent, a grandparent or a sibling; both sides.

    Grain: true_person_id
    """
    return f"""
        with person as (select * from read_parquet({literal(truth / "person.parquet")})),
        parent as (
            select true_person_id, father_person_id as parent_id from person
            union all select true_person_id, mother_person_id from person
        ),
        relative as (
            select true_person_id, parent_id as other_id from parent where parent_id is not null
            union
            select c.true_person_id, p.parent_id from parent as c join parent as p on p.true_person_id = c.parent_id
            where p.parent_id is not null
            union
            select l.true_person_id, r.true_person_id from person as l join person as r using (mother_person_id)
            where l.true_person_id <> r.true_person_id
        ),
        alike as (
            select r.true_person_id, r.other_id
            from relative as r
            join person as l on l.true_person_id = r.true_person_id join person as o on o.true_person_id = r.other_id
            where (l.given_name = o.given_name and l.surname = o.surname)
               or (l.mother_person_id = o.mother_person_id and l.birth_date = o.birth_date)
        )
        select true_person_id from alike union select other_id from alike"""
