"""The one place that says which evidence suffices and what can never be one person; every path of linking uses it.

All conditions are SQL over the facts of a pair (``matching.facts``), which the select that they stand in reads from one with
``facts``.

Hard constraints, by reason:
two_codes     different national codes, both verified by the registry; different valid codes and no equal given name
sex_birth     sex and birth both contradict
generations   parent and child; grandson named after his grandfather
twins         born on one day, different given names, however alike; the registry's own spelling is no typed error
relatives     given names of two people; another given name and sex; one is called as the other's father; a document that
              only one of them can own
birth         same names, births that cannot be one
An equal document, or an equal code that other evidence bears out, outweighs the last four; a judgement all but the first.
Where a model was taught by its data that given names, or births, of one person differ often, they are no constraint there:
only the weights tell then. But years of birth, where one record tells no more, still part generations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from math import log2

from matching.comparisons import DIFFERS
from matching.facts import BirthLevel, NameLevel
from matching.model import Model


@dataclass(frozen=True)
class AgainstRelatives:
    """Odds, in bits, for one person against two relatives: with another given name, and with one that is not told."""

    other_name: float
    untold_name: float


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
    are_namesakes_rare: of relatives hardly any share a given name, so that it is as personal as a birth that is not told.
    steady_differs: where more of one person's records differ in the given name, or in the birth, it is not steady.
    relatives_weight: of two records of one home, so much is asked for of the odds against two relatives.
    relatives, of_one_birth: these odds, where nothing agrees but what a family shares; where a birth agrees as well.
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
    are_namesakes_rare: bool = False
    relatives_weight: float = 1.0
    relatives: AgainstRelatives | None = None
    of_one_birth: AgainstRelatives | None = None


RULES = Rules()
# Comparisons of what relatives do not share, beside given names.
PERSONAL = ("birth", "father_name", "national_code", "foreign_id", "passport", "birth_certificate")

# The code's holder by surname, father and birth, under another given name.
FAMILY_BIRTH = "family_birth"


def rules_under(model: Model) -> Rules:
    """The rules as they hold under a model: what it has learnt to differ often in one person is no constraint, and where
    nobody told anything that relatives do not share, nothing more is asked for than elsewhere. Namesakes are rare where,
    of one name and home, so few are father and son that the link weight's odds allow for them."""
    odds = model.odds

    def is_steady(name: str) -> bool:
        return name not in odds or odds[name][DIFFERS].m <= RULES.steady_differs

    namesakes = model.training.get("namesakes", 1.0)
    under = replace(
        RULES,
        is_name_steady=is_steady("given_name"),
        is_birth_steady=is_steady("birth"),
        relatives=_against_relatives(model, "relatives"),
        of_one_birth=_against_relatives(model, "relatives_of_one_birth"),
        are_namesakes_rare=namesakes <= 1 / (1 + 2**RULES.alone_link_weight),
    )
    if not set(model.training.get("assumed", ())) >= set(PERSONAL):
        return under
    return replace(
        under,
        alone_impersonal_link_weight=RULES.alone_link_weight,
        alone_impersonal_fracture_weight=RULES.alone_fracture_weight,
    )


def _against_relatives(model: Model, kind: str) -> AgainstRelatives | None:
    if not (pairs := model.training.get(kind)):
        return None
    untold = -log2(pairs)
    return AgainstRelatives(untold + model.odds["given_name"][DIFFERS].weight, untold)


def same_name(name: str) -> str:
    """The same name, spelt, sounding or shortened otherwise; no letter is wrong."""
    return f"{name}_level <= {NameLevel.PART:d}"


def similar_name(name: str) -> str:
    """The same name, spelt, sounding, shortened or typed otherwise."""
    return f"{name}_level <= {NameLevel.MISTYPED:d}"


def _is(level: IntEnum, attribute: str) -> str:
    return f"{attribute}_level = {level:d}"


BIRTH_AGREES = f"birth_level <= {BirthLevel.AGREES:d}"
BORN_APART = f"(years_apart is not null and {_is(BirthLevel.OTHER, 'birth')})"
SAME_DOCUMENT = "coalesce(is_same_foreign_id or is_same_passport, false)"

HAS_DOCUMENT = f"coalesce({SAME_DOCUMENT} or is_same_code or is_same_certificate, false)"


def corroboration(rules: Rules = RULES) -> str:
    """Name of the rule by which other evidence bears out an equal national code; null when none does (L01, L02)."""
    given, surname, father = (f"{name}_level <= {NameLevel.PIECE:d}" for name in ("given_name", "surname", "father_name"))
    whole_given, given_unknown = same_name("given_name"), _is(NameLevel.UNKNOWN, "given_name")
    names_same = f"{_is(NameLevel.SAME, 'given_name')} and {_is(NameLevel.SAME, 'surname')}"
    father_differs = _is(NameLevel.OTHER, "father_name")
    nothing_differs = f"years_apart is null and coalesce(is_same_sex, true) and not {father_differs}"
    return f"""
        case when is_same_record then 'identical'
             when {names_same} and {_is(BirthLevel.SAME, "birth")} then 'names_birth'
             when {given} and {surname} and {father} then 'names_father'
             when years_apart > {rules.corroborating_years} and not {BIRTH_AGREES} then null
             when {given} and {surname} and not (years_apart is null and {father_differs}) then 'names'
             when is_swapped then 'names_swapped'
             when is_crossed and {surname} and {BIRTH_AGREES} then 'names_crossed'
             when {given} and {BIRTH_AGREES} then 'given_birth'
             when {whole_given} and {father} then 'given_father'
             when {whole_given} and {nothing_differs} then 'given'
             when {given_unknown} and {surname} and {BIRTH_AGREES} then 'surname_birth'
             when {given_unknown} and {surname} and {nothing_differs} then 'surname'
             when {given_unknown} and {_is(NameLevel.UNKNOWN, "surname")} and {_is(BirthLevel.SAME, "birth")}
                  and coalesce(is_same_sex, true) then 'birth'
        end
    """


def code_rule() -> str:
    """As ``corroboration``; ``FAMILY_BIRTH`` where all but the given name fits: somebody whom an agency calls otherwise, or
    a twin. What others tell of the family tells which (``matching.twins``)."""
    surname, father_differs = similar_name("surname"), _is(NameLevel.OTHER, "father_name")
    fits = f"{surname} and {_is(BirthLevel.SAME, 'birth')} and coalesce(is_same_sex, true) and not {father_differs}"
    return f"coalesce(({corroboration()}), case when {fits} then '{FAMILY_BIRTH}' end)"


def names_corroborate() -> str:
    """Quick sign of corroboration, by hashes: true only where ``corroboration`` names a rule; else texts must be read.

    Reads:   record_hash, names_hash (given name and surname), father_hash, birth_year
    """
    return f"""
        case when l.record_hash = r.record_hash then true
             when l.names_hash = r.names_hash
                  then coalesce(abs(l.birth_year - r.birth_year) <= {RULES.corroborating_years},
                                l.father_hash = r.father_hash, true)
             else false
        end
    """


def contradiction(rules: Rules = RULES) -> str:
    """Reason why two records cannot be one person; null when they can."""
    given_known = f"not {_is(NameLevel.UNKNOWN, 'given_name')}"
    name_speaks = given_known if rules.is_name_steady else "false"
    rarer, commoner = "rarer_name_count", "commoner_name_count"
    two_names = f"({rarer} >= {rules.established_surnames} and {rarer} >= {rules.frequency_ratio} * {commoner})"
    # Grandfather and grandson bear each other's names too, but never one birth.
    is_exchanged = f"(is_swapped or is_crossed and {BIRTH_AGREES})"
    is_same = f"(given_name_level <= {NameLevel.SHORTENED:d} or {is_exchanged})"
    is_meant = f"({similar_name('given_name')} or {is_exchanged})"
    is_exact = _is(NameLevel.SAME, "given_name")
    # A code that the registry knows of nobody is mostly a wrong one: it does not speak against a name with a typed error.
    codes_speak = f"not (is_one_verified and {similar_name('given_name')})"
    birth_speaks = BORN_APART if rules.is_birth_steady else "false"
    # A date may be another's altogether; a year alone, as ages give it, is wrong by a few years or by a digit.
    year_speaks = f"{BORN_APART} and not are_days_told and years_apart % 10 <> 0"
    generation_speaks = birth_speaks if rules.is_birth_steady else year_speaks
    return f"""
        case when are_verified and not is_same_code then 'two_codes'
             when not is_same_sex and {BORN_APART} then 'sex_birth'
             when {SAME_DOCUMENT} then null
             when is_same_code then case when ({corroboration(rules)}) is null then 'relatives' end
             when {given_known} and not is_same_code and not {is_exact} and {codes_speak} then 'two_codes'
             when {given_known} and are_registered and not {is_exact} then 'twins'
             when {given_known} and not {is_exact} and not {BIRTH_AGREES} and is_parents_name then 'relatives'
             when {name_speaks} and not {is_exact} and not is_same_foreign_id and not ({is_meant} and {BIRTH_AGREES})
                  then 'relatives'
             when {generation_speaks} and years_apart >= {rules.generation_years} then 'generations'
             when {name_speaks} and not {is_same} and (not {similar_name("given_name")} or {two_names})
                  and {_is(BirthLevel.SAME, "birth")} then 'twins'
             when {name_speaks} and not {is_same} and (not {similar_name("given_name")} or {two_names} and {BORN_APART})
                  then 'relatives'
             when not is_same_sex and {_is(NameLevel.OTHER, "given_name")} and not {is_exchanged} then 'relatives'
             when {birth_speaks} and years_apart > 1 then 'birth'
        end
    """


def is_personal(rules: Rules = RULES) -> str:
    """Whether something agrees that relatives do not share: names and an address alone fit a father and his namesake son."""
    name_tells = f"years_apart is null and {similar_name('given_name')} or " if rules.are_namesakes_rare else ""
    return f"coalesce({name_tells}{BIRTH_AGREES} or {similar_name('father_name')} or {HAS_DOCUMENT}, false)"


def weight_beside_relatives(rules: Rules, weight: str) -> str:
    """SQL of a pair's weight against strangers and against relatives: two records of one home, phone or e-mail may be of one
    family, where the given name does not say otherwise."""
    untold = _is(NameLevel.UNKNOWN, "given_name")
    other = f"given_name_level in ({NameLevel.PIECE:d}, {NameLevel.OTHER:d}) and not is_swapped"
    cases = []
    for alike, odds in ((f"not {BIRTH_AGREES}", rules.relatives), (BIRTH_AGREES, rules.of_one_birth)):
        for told, most in ((untold, odds.untold_name), (other, odds.other_name)) if odds else ():
            if most < rules.relatives_weight:
                cases.append(f"when is_same_home and {alike} and {told} then least({weight}, {most}::double)")
    return f"case when {HAS_DOCUMENT} then {weight} {' '.join(cases)} else {weight} end" if cases else weight
