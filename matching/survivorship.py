"""Survivorship: which record of a person supplies which value.

The registry's record speaks first on identity; for a person that the registry does not know, the best ranked feed's. What
it leaves open goes by the feeds' declared rank, then the freshest delivery, then the value that most records have, then the
smallest record key; so do all attributes when several records rank equally. An address is one record's, never parts of two.
What a registry record says of vital status and death is never filled from elsewhere, and no person claims a national code
that the registry gives to another.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.steps import Step
from schemas.delivery import Delivery
from schemas.feed import Feed

UNRANKED = 900  # rank of a feed whose contract declares none: the last to be asked

# name attribute -> what decides whether two records say the same; of the others, the value itself
KEY_OF = {"given_name": "given_name_key", "surname": "surname_key", "father_name": "father_name_key"}
PLAIN = (
    "national_code",
    "foreign_id",
    "sex_code",
    "nationality_code",
    "birth_certificate_no",
    "vital_status_code",
    "death_date",
)
REGISTRY_ONLY = ("vital_status_code", "death_date")


def source(feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> Step:
    """In which order the current deliveries are asked, for each family of attributes.

    Grain:   feed
    Columns: identity_order, address_order, contact_order: three digits, smaller is better, equal where nothing tells apart.
    """
    declared = {feed.name: feed for feed in feeds}
    current = sorted(deliveries, key=lambda each: each.feed)

    def rank(delivery: Delivery, family: str) -> int:
        return declared[delivery.feed].survivorship.get(family, UNRANKED)

    def age(delivery: Delivery) -> int:
        return -delivery.business_date.toordinal()

    columns: dict[str, list[str]] = {
        "feed": [each.feed for each in current],
        "identity_order": _places([(not declared[d.feed].is_registry, rank(d, "identity"), age(d)) for d in current]),
        "address_order": _places([(declared[d.feed].role != "address", rank(d, "address"), age(d)) for d in current]),
        "contact_order": _places([(False, age(d), rank(d, "contact")) for d in current]),
    }
    unnested = ", ".join(f"unnest(cast(${name} as varchar[])) as {name}" for name in columns)
    return Step("golden.source", ("feed",), f"select {unnested}", columns)


def source_json(record: str) -> str:
    """SQL of one provenance entry, from a row of linkage.person_record: the delivery in which it first came as it is.

    A delivery_id is ``<feed>-<business date>-<hash>``.
    """
    key = rf"""replace(replace({record}.record_key, '\', '\\'), '"', '\"')"""
    business_date = f"substr({record}.since_delivery_id, length({record}.feed) + 2, {len('yyyy-mm-dd')})"
    return (
        f"""concat('{{"feed": "', {record}.feed, '", "delivery_id": "', {record}.since_delivery_id, """
        f"""'", "business_date": "', {business_date}, '", "record_key": "', {key}, '"}}')"""
    )


def lead() -> Step:
    """The record that speaks first for each person: for identity, for the address, for the mobile.

    Reads:   person.crosswalk, linkage.person_record, golden.source
    Grain:   person_id
    Columns: is_settled: nobody ranks equal to the record that speaks first on identity, so what it says holds.
             A registry record whose code was cancelled comes after one in force; an address with a street or postal code
             before a mere province; a mobile of few people before one of many.
    """
    return Step(
        "golden.lead",
        ("person_id",),
        """
        select x.person_id, count(*) as record_count,
               max(case when r.is_registry then 1 else 0 end) = 1
                   or count(distinct s.identity_order) = count(*) as is_settled,
               substr(min(s.identity_order || case when r.vital_status_code = 'cancelled' then '1' else '0' end
                          || r.record_key), 5) as identity_record_key,
               substr(min(case when r.address is not null or r.postal_code is not null then '0'
                               when r.province_code is not null then '1' end
                          || s.address_order || r.record_key), 5) as address_record_key,
               substr(min(case when r.mobile_no_key is not null then '0' when r.mobile_no is not null then '1' end
                          || s.contact_order || r.record_key), 5) as mobile_record_key
        from person.crosswalk as x
        join linkage.person_record as r on r.record_key = x.record_key
        join golden.source as s on s.feed = r.feed
        group by x.person_id
        """,
    )


def choice() -> Step:
    """Values that the record speaking first leaves open, and all of them where several rank equally.

    Reads:   golden.lead, person.crosswalk, linkage.person_record, golden.source
    Grain:   person_id, attribute
    Columns: value as text; birth_date as 'date|Jalali year', so that both stay together; birth_year only from records
             without a date. A full date never contradicts the year that the first to speak knows.
    """
    values, opens = _candidates(), _open()
    wanted = " or ".join(f"(({opens[name]}) and ({value}) is not null)" for name, (value, _) in values.items())
    listed = ", ".join(
        f"{{'attribute': '{name}', 'value': case when {opens[name]} then {value} end, 'match_key': {key}}}"
        for name, (value, key) in values.items()
    )
    return Step(
        "golden.choice",
        ("person_id", "attribute"),
        f"""
        with speaker as (
            select l.person_id, l.is_settled, r.*
            from golden.lead as l join linkage.person_record as r on r.record_key = l.identity_record_key
        ),
        registered as (
            select r.national_code, min(x.person_id) as person_id
            from linkage.person_record as r join person.crosswalk as x on x.record_key = r.record_key
            where r.is_registry and r.national_code is not null
            group by r.national_code
        ),
        said as (
            select l.person_id, r.record_key, s.identity_order || r.record_key as preference, unnest([{listed}]) as said
            from person.crosswalk as x
            join speaker as l on l.person_id = x.person_id
            join linkage.person_record as r on r.record_key = x.record_key
            join golden.source as s on s.feed = r.feed
            left join registered as h on h.national_code = r.national_code and h.person_id <> x.person_id
            where {wanted}
        ),
        counted as (
            select person_id, said.attribute as attribute, said.match_key as match_key, count(*) as record_count,
                   min(preference) as preference, arg_min(said.value, preference) as value
            from said where said.value is not null
            group by person_id, said.attribute, said.match_key
        ),
        ranked as (
            select *, row_number() over (
                partition by person_id, attribute
                order by substr(preference, 1, 3), record_count desc, preference) as choice_rank
            from counted
        ),
        first as (
            select *, max(case when attribute = 'birth_date' then 1 else 0 end) over (partition by person_id) as is_dated
            from ranked where choice_rank = 1
        )
        select person_id, attribute, value, match_key, substr(preference, 4) as record_key
        from first where attribute <> 'birth_year' or is_dated = 0
        """,
    )


def identity() -> Step:
    """The identity attributes of every person, with the match keys that others are compared with.

    Reads:   golden.lead, golden.choice, linkage.person_record
    Grain:   person_id
    Columns: entries: provenance of identity, and of attributes that come from another record than the one that speaks first.
    """
    entry = f"""concat(', "', c.attribute, '": ', {source_json("r")})"""
    pivot = ", ".join(
        f"max(case when c.attribute = '{name}' then c.{column} end) as {alias}"
        for name, column, alias in [
            *((name, "value", name) for name in (*KEY_OF, *PLAIN, "birth_date", "birth_year")),
            ("given_name", "match_key", "given_name_key"),
            ("surname", "match_key", "surname_key"),
        ]
    )
    names = ", ".join(f"coalesce({_settled(_named(name))}, c.{name}) as {name}" for name in KEY_OF)
    keys = ", ".join(
        f"coalesce({_settled('r.' + KEY_OF[name])}, c.{KEY_OF[name]}) as {KEY_OF[name]}"
        for name in ("given_name", "surname")
    )
    plain = ", ".join(
        f"coalesce({_settled('r.' + name)}, c.{name}) as {name}"
        for name in PLAIN
        if name not in (*REGISTRY_ONLY, "national_code")
    )
    return Step(
        "golden.identity",
        ("person_id",),
        f"""
        with chosen as (
            select c.person_id, {pivot},
                   string_agg({entry}, '' order by c.attribute) filter (where c.record_key <> l.identity_record_key) as apart
            from golden.choice as c
            join golden.lead as l on l.person_id = c.person_id
            join linkage.person_record as r on r.record_key = c.record_key
            group by c.person_id
        ),
        settled as (
            select l.person_id, r.feed as identity_source, {names}, {keys}, {plain},
                   coalesce(case when r.is_registry then r.national_code end, c.national_code) as national_code,
                   case when r.is_registry and r.national_code is not null then 'registry'
                        when c.national_code is not null then 'claimed' else 'missing' end as national_code_status_code,
                   coalesce({_settled("r.birth_date")}, cast(split_part(c.birth_date, '|', 1) as date)) as birth_date,
                   coalesce({_settled("r.birth_year")}, try_cast(split_part(c.birth_date, '|', 2) as integer),
                            cast(c.birth_year as integer)) as birth_year,
                   coalesce({_settled("r.death_date")}, cast(c.death_date as date)) as death_date,
                   coalesce({_settled("r.vital_status_code")}, c.vital_status_code) as vital_status_code,
                   concat('"identity": ', {source_json("r")}, c.apart) as entries
            from golden.lead as l
            join linkage.person_record as r on r.record_key = l.identity_record_key
            left join chosen as c on c.person_id = l.person_id
        )
        select * replace (case when death_date is not null then 'dead' else vital_status_code end as vital_status_code)
        from settled
        """,
    )


def _places(keys: list[tuple[bool, int, int]]) -> list[str]:
    places = sorted(set(keys))
    return [f"{places.index(key):03d}" for key in keys]


def _settled(value: str) -> str:
    return f"case when l.is_settled then {value} end"


def _named(name: str) -> str:
    """A name as far as it is one: a placeholder has no match key."""
    return f"case when r.{KEY_OF[name]} is not null then r.{name} end"


def _candidates() -> dict[str, tuple[str, str]]:
    """Per attribute: SQL of a record's value as text, and of what it is counted by."""
    dated = "cast(r.birth_date as varchar) || '|' || coalesce(cast(r.birth_year as varchar), '')"
    values = {name: (_named(name), f"r.{key}") for name, key in KEY_OF.items()}
    values |= {name: (f"cast(r.{name} as varchar)", f"cast(r.{name} as varchar)") for name in PLAIN}
    values["national_code"] = ("case when h.person_id is null then r.national_code end", "r.national_code")
    fits = "not l.is_settled or l.birth_year is null or r.birth_year = l.birth_year"
    values["birth_date"] = (f"case when {fits} then {dated} end", "cast(r.birth_date as varchar)")
    values["birth_year"] = (
        "case when r.birth_date is null then cast(r.birth_year as varchar) end",
        "cast(r.birth_year as varchar)",
    )
    return values


def _open() -> dict[str, str]:
    """Per attribute: SQL of whether the record that speaks first leaves it open for this person."""
    opens = {name: f"not l.is_settled or l.{key} is null" for name, key in KEY_OF.items()}
    opens |= {name: f"not l.is_settled or l.{name} is null" for name in (*PLAIN, "birth_date", "birth_year")}
    opens["national_code"] = "not l.is_registry or l.national_code is null"  # an agency's code is a claim to be checked
    return opens | {name: f"not l.is_registry and ({opens[name]})" for name in REGISTRY_ONLY}
