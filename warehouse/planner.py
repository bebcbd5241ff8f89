"""The planner of outcomes: for each open conflict, what is proposed for the booklet on each side, and why.

It proposes only; what is blocked is in ``cover.booklet``, and what insurers answer moves the conflict. Kinds that tell of
somebody's health are left out: their conflicts are seen by those with that purpose only.
"""

from __future__ import annotations

from hub.steps import Step
from schemas.conflict_kinds import conflict_kinds, sensitive_kinds
from schemas.tables import PROPOSAL
from warehouse.found import PAIR_REASONS

IN_ENGLISH = {
    "under_review": "People are deciding who this person is; until then no booklet is blocked by itself.",
    "settled": "This overlap ends because one of the two booklets is blocked by another one of the same person.",
    "circle": "The rules for this person's booklets contradict each other; an official decides.",
    "no_rule": "No rule is known for these two insurers; an official decides.",
}


def proposals() -> Step:
    """What is proposed for each side of each open conflict, with one sentence of reason in Persian and one in English.

    Reads:   cover.conflict, cover.rule
    Grain:   conflict_no, insurer_code, booklet_no
    Columns: proposal: keep, block (its keeper is active on these days), choose (the person), case (people), inform (none).
             source, confidence: of the rule; null where no rule gives the reason.
    """
    sentences = {PAIR_REASONS[ground]: sentence for ground, sentence in IN_ENGLISH.items()}
    sentences |= {kind.reason_fa: kind.reason_en for kind in conflict_kinds().values() if kind.reason_fa}
    return Step(
        PROPOSAL.name,
        PROPOSAL.grain,
        """
        with undecided as (
            select * from cover.conflict
            where status_code = 'open' and kind_code not in (select unnest(cast($sensitive as varchar[])))
        ),
        side as (
            select conflict_no, insurer_a as insurer_code, coalesce(booklet_no_a, '') as booklet_no from undecided
            union
            select conflict_no, insurer_b, coalesce(booklet_no_b, '') from undecided where insurer_b is not null
        ),
        sentence as (select unnest(cast($sentences as struct(reason_fa varchar, reason_en varchar)[]), recursive := true)),
        rule as (select distinct on (rule_code, from_date) * from cover.rule order by insurer_a, insurer_b)
        select s.conflict_no, s.insurer_code, s.booklet_no, c.person_id, c.kind_code,
               case when c.outcome_code <> 'block' then c.outcome_code
                    when s.insurer_code = c.keeper_insurer_code then 'keep' else 'block' end as proposal_code,
               c.keeper_insurer_code, c.rule_code, c.from_date, c.to_date, c.reason_fa,
               coalesce(r.reason_en, e.reason_en) as reason_en, r.source, r.confidence, c.is_under_review
        from side as s
        join undecided as c using (conflict_no)
        left join rule as r
          on r.rule_code = c.rule_code and r.reason_fa = c.reason_fa
         and c.from_date >= r.from_date and c.from_date < r.to_date
        left join sentence as e on e.reason_fa = c.reason_fa
        """,
        {
            "sensitive": list(sensitive_kinds()),
            "sentences": [{"reason_fa": fa, "reason_en": en} for fa, en in sentences.items()],
        },
    )
