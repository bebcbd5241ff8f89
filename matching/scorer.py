"""The one place that says which evidence suffices and what can never be one person; every path of linking uses it.

All conditions are SQL over two records under the aliases ``l`` and ``r`` with the columns of linkage.person_record.

Hard constraints, by reason:
two_codes     different national codes, both verified by the registry; different valid codes and no equal given name
sex_birth     sex and birth both contradict
generations   parent and child; grandson named after his grandfather
twins         born on one day, different given names, however alike; the registry's own spelling is no typed error
relatives     given names of two people; one is called as the other's father; a document that only one of them can own
birth         same names, births that cannot be one
An equal document, or an equal code that other evidence bears out, outweighs the last four; a judgement all but the first.
Where a model was taught by its data that given names, or births, of one person differ often, they are no constraint there:
only the weights tell then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matching.comparisons import DIFFERS, KNOWN_PARTS, SHORTEST_PART, SWAPPED, TWO_PARTS, near, same_part, typed_error
from matching.model import Model


@dataclass(frozen=True)
class Rules:
    """Numbers that decide.

    Units: weights in bits (log2 of the odds); years Jalali.
    link_weight: for records that the registry does not know.
    known_link_weight: for a known person, of the odds against nobody and all other known persons together: twice as likely
    as not.
    relative_weight, margin_weight: a known person of at least this weight who is not the best shares more with the record
    than a name, as relatives do; the best must lead by the margin then.
    surer_weight: so much more is asked for between the first and the last round when nothing agrees that relatives do not
    share.
    impersonal_link_weight: for unknown ones when nothing agrees that relatives do not share.
    *fracture_weight: a record that was in a person yesterday leaves only below these; or when another known person leads by
    the margin that joining asks for, because then the registry contradicts.
    alone_*: the same where there is no registry at all: to be unknown to it is then no sign of a mistake, and less suffices.
    frequency_ratio, established_surnames: a given name at least this frequent beside a similar one, and borne in so many
    families, is a name of its own and no typed error of it.
    steady_differs: where more of one person's records differ in the given name, or in the birth, it is not steady.
    """

    link_weight: float = 6.0
    fracture_weight: float = 3.0
    known_link_weight: float = 1.0
    known_fracture_weight: float = 0.0
    impersonal_link_weight: float = 12.0
    impersonal_fracture_weight: float = 8.0
    alone_link_weight: float = 4.0
    alone_fracture_weight: float = 1.0
    alone_impersonal_link_weight: float = 8.0
    alone_impersonal_fracture_weight: float = 5.0
    surer_weight: float = 6.0
    review_weight: float = 0.0
    relative_weight: float = 12.0
    margin_weight: float = 3.0
    generation_years: int = 12
    corroborating_years: int = 2
    frequency_ratio: float = 0.005
    established_surnames: int = 3
    largest_cluster: int = 50
    steady_differs: float = 0.03
    is_name_steady: bool = True
    is_birth_steady: bool = True


RULES = Rules()
# Comparisons of what relatives do not share, beside given names.
PERSONAL = ("birth", "father_name", "national_code", "foreign_id", "passport", "birth_certificate")
SHORTEST_PIECE = 2  # letters of a name that suffice beside an equal code
_SIDED = re.compile(r"\b(\w+)_([lr])\b")


def rules_under(model: Model, rules: Rules = RULES) -> Rules:
    """The rules as they hold under a model: what it has learnt to differ often in one person is no constraint, and where
    nobody told anything that relatives do not share, nothing more is asked for than elsewhere."""
    odds = model.odds

    def is_steady(name: str) -> bool:
        return name not in odds or odds[name][DIFFERS].m <= rules.steady_differs

    under = replace(rules, is_name_steady=is_steady("given_name"), is_birth_steady=is_steady("birth"))
    if not set(model.training.get("assumed", ())) >= set(PERSONAL):
        return under
    return replace(
        under,
        alone_impersonal_link_weight=rules.alone_link_weight,
        alone_impersonal_fracture_weight=rules.alone_fracture_weight,
    )


def aliased(sql: str) -> str:
    """A comparison's condition over ``column_l`` as one over ``l.column``."""
    return _SIDED.sub(r"\2.\1", sql)


def _true(sql: str) -> str:
    return _any(sql)


def _unknown(column: str) -> str:
    return f"(l.{column} is null or r.{column} is null)"


def _any(*conditions: str) -> str:
    # A case looks at the next condition only for the rows that still need it; an or computes all of them for every row.
    return f"case {' '.join(f'when {aliased(sql)} then true' for sql in conditions)} else false end"


def similar_name(name: str) -> str:
    """The same name, spelt, sounding, shortened or typed otherwise."""
    equal = (f"{name}_key_l = {name}_key_r", f"{name}_phonetic_l = {name}_phonetic_r")
    return _any(*equal, same_part(name), typed_error(name), near(name))


def same_name(name: str) -> str:
    """The same name, spelt, sounding or shortened otherwise; no letter is wrong."""
    return _any(f"{name}_key_l = {name}_key_r", f"{name}_phonetic_l = {name}_phonetic_r", same_part(name))


def whole_name(name: str) -> str:
    """The same name, where a part that was dropped is long enough to be a name: سام is not short for سامان."""
    left, right = (f"length({name}_key_{side})" for side in "lr")
    is_cut = f"(abs({left} - {right}) >= {SHORTEST_PART} or least({left}, {right}) = 1) and {same_part(name)}"
    return _any(f"{name}_key_l = {name}_key_r", f"{name}_phonetic_l = {name}_phonetic_r", is_cut)


def _piece(name: str) -> str:
    """One name begins or ends with the other, be that so short that it fits many."""
    short = f"least(length({name}_key_l), length({name}_key_r)) >= {SHORTEST_PIECE}"
    ends = " or ".join(f"{f}({name}_key_{a}, {name}_key_{b})" for f in ("starts_with", "ends_with") for a, b in ("lr", "rl"))
    return _true(f"{short} and ({ends})")


BIRTH_AGREES = _true(f"birth_date_l = birth_date_r or ({KNOWN_PARTS}) or {TWO_PARTS}")
SAME_DOCUMENT = _true("foreign_id_l = foreign_id_r") + " or " + _true("passport_no_l = passport_no_r")


def corroboration(rules: Rules = RULES) -> str:
    """Name of the rule by which other evidence bears out an equal national code; null when none does (L01, L02)."""
    given, surname, father = (
        f"({similar_name(name)} or {_piece(name)})" for name in ("given_name", "surname", "father_name")
    )
    whole_given = same_name("given_name")
    is_far = _true(f"abs(birth_year_l - birth_year_r) > {rules.corroborating_years}") + f" and not {BIRTH_AGREES}"
    same = " and ".join(f"{name}_l = {name}_r" for name in ("given_name_key", "surname_key", "birth_date"))
    father_differs = f"not {_unknown('father_name_key')} and not {father}"
    return f"""
        case when l.record_hash = r.record_hash then 'identical'
             when {_true(same)} then 'names_birth'
             when {given} and {surname} and {father} then 'names_father'
             when {is_far} then null
             when {given} and {surname} and not ({_unknown("birth_year")} and {father_differs}) then 'names'
             when {_true(SWAPPED)} then 'names_swapped'
             when {given} and {BIRTH_AGREES} then 'given_birth'
             when {whole_given} and {father} then 'given_father'
             when {whole_given} and {_unknown("birth_year")} and not {_true("sex_code_l <> sex_code_r")}
                  and not ({father_differs}) then 'given'
             when {_unknown("given_name_key")} and {surname} and {BIRTH_AGREES} then 'surname_birth'
             when {_unknown("given_name_key")} and {surname} and {_unknown("birth_year")}
                  and not {_true("sex_code_l <> sex_code_r")} and not ({father_differs}) then 'surname'
             when {_unknown("given_name_key")} and {_unknown("surname_key")} and {_true("birth_date_l = birth_date_r")}
                  and not {_true("sex_code_l <> sex_code_r")} then 'birth'
        end
    """


def names_corroborate(rules: Rules = RULES) -> str:
    """Quick sign of corroboration, by hashes: true only where ``corroboration`` names a rule; else texts must be read.

    Reads:   record_hash, names_hash (given name and surname), father_hash, birth_year
    """
    return f"""
        case when l.record_hash = r.record_hash then true
             when l.names_hash = r.names_hash
                  then coalesce(abs(l.birth_year - r.birth_year) <= {rules.corroborating_years},
                                l.father_hash = r.father_hash, true)
             else false
        end
    """


def contradiction(rules: Rules = RULES) -> str:
    """Reason why two records cannot be one person; null when they can.

    Reads beside the columns of linkage.person_record: ``is_verified``, ``is_registry`` and ``given_name_count`` (families,
    by surname, with that key, in the registry where there is one).
    """
    given_known = f"not {_unknown('given_name_key')}"
    name_speaks = given_known if rules.is_name_steady else "false"
    rarer, commoner = (f"{f}(l.given_name_count, r.given_name_count)" for f in ("least", "greatest"))
    two_names = f"({rarer} >= {rules.established_surnames} and {rarer} >= {rules.frequency_ratio} * {commoner})"
    is_same = f"({whole_name('given_name')} or {_true(SWAPPED)})"
    is_meant = f"({similar_name('given_name')} or {_true(SWAPPED)})"
    is_exact = _true("given_name_key_l = given_name_key_r")
    is_parents = f"({_true('given_name_key_l = father_name_key_r')} or {_true('father_name_key_l = given_name_key_r')})"
    # A code that the registry knows of nobody is mostly a wrong one: it does not speak against a name with a typed error.
    codes_speak = f"not (l.is_verified <> r.is_verified and {similar_name('given_name')})"
    years = "abs(l.birth_year - r.birth_year)"
    born_apart = f"not {_unknown('birth_year')} and not {BIRTH_AGREES}"
    birth_speaks = born_apart if rules.is_birth_steady else "false"
    return f"""
        case when {_true("is_verified_l and is_verified_r and national_code_l <> national_code_r")} then 'two_codes'
             when {_true("sex_code_l <> sex_code_r")} and {born_apart} then 'sex_birth'
             when {SAME_DOCUMENT} then null
             when {_true("national_code_l = national_code_r")}
                 then case when ({corroboration(rules)}) is null then 'relatives' end
             when {given_known} and {_true("national_code_l <> national_code_r")} and not {is_exact} and {codes_speak}
                  then 'two_codes'
             when {given_known} and l.is_registry and r.is_registry and not {is_exact} then 'twins'
             when {given_known} and not {is_exact} and not {BIRTH_AGREES} and {is_parents} then 'relatives'
             when {name_speaks} and not {is_exact} and {_true("foreign_id_l <> foreign_id_r")}
                  and not ({is_meant} and {BIRTH_AGREES}) then 'relatives'
             when {birth_speaks} and {years} >= {rules.generation_years} then 'generations'
             when {name_speaks} and not {is_same} and (not {similar_name("given_name")} or {two_names})
                  and {_true("birth_date_l = birth_date_r")} then 'twins'
             when {name_speaks} and not {is_same} and (not {similar_name("given_name")} or {two_names} and {born_apart})
                  then 'relatives'
             when {birth_speaks} and {years} > 1 then 'birth'
        end
    """


def is_personal() -> str:
    """Whether something agrees that relatives do not share: names and an address alone fit a father and his namesake son."""
    return (
        f"{BIRTH_AGREES} or {similar_name('father_name')} or {SAME_DOCUMENT} "
        f"or {_true('national_code_l = national_code_r')} or {_true('birth_certificate_key_l = birth_certificate_key_r')}"
    )
