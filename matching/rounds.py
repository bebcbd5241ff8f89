"""Rounds of weighing: each takes over the weights of the one before, but for known persons of whom more is told since."""

from __future__ import annotations

from dataclasses import dataclass

from hub.duck import Connection
from matching.model import Model
from matching.profiles import gather_evidence, gather_further
from matching.reference import REFERENCE_RECORD
from matching.weights import term_frequencies, weigh

# So many bits below what a round asks for are kept as well: habits, which differ by round, may lift a pair in the next.
SPARE_WEIGHT = 4.0


@dataclass
class Rounds:
    """Weighs the candidates of one round after another by a model.

    Args:
        is_measuring: nothing is counted yet of how common values are.
        is_counted: all that pairs may share is counted.
    """

    model: Model
    prior: float
    is_measuring: bool
    is_counted: bool = False
    _kept_from: float | None = None

    def weigh(self, con: Connection, least_weight: float, *, is_last_round: bool) -> None:
        """Weigh the pairs of this round.

        Reads:   temp tables candidate_pair, profile, attached; after the first round linked_now
        Leaves:  temp tables scored_record; weighed_pair (record_no_l, record_no_r, match_weight), pairs of at least
                 ``least_weight`` bits
        """
        is_first_round = self._kept_from is None
        if is_first_round:
            gather_evidence(con)
        else:
            gather_further(con)
        if not self.is_counted:
            term_frequencies(con, "scored_record", REFERENCE_RECORD, is_first=self.is_measuring and is_first_round)
        if self._kept_from is None or self._kept_from > least_weight:
            self._kept_from = least_weight - SPARE_WEIGHT
            self._weigh(con, "candidate_pair")
        else:
            self._weigh_others(con)
        if not is_last_round:
            con.execute(
                """create or replace temp table kept_pair as
                   select record_no_l, record_no_r, w.match_weight
                   from candidate_pair left join weighed_pair as w using (record_no_l, record_no_r)"""
            )
        con.execute(f"delete from weighed_pair where match_weight < {least_weight}")

    def _weigh(self, con: Connection, pairs: str) -> None:
        assert self._kept_from is not None
        weigh(con, self.model, self.prior, records="scored_record", pairs=pairs, least_weight=self._kept_from)

    def _weigh_others(self, con: Connection) -> None:
        """Weigh the pairs that the round before did not, or did by less than is known now."""
        con.execute("delete from kept_pair where record_no_r in (select node_no from linked_now)")
        con.execute(
            """create or replace temp table other_pair as
               select record_no_l, record_no_r from candidate_pair anti join kept_pair using (record_no_l, record_no_r)"""
        )
        self._weigh(con, "other_pair")
        con.execute(
            """insert into weighed_pair
               select record_no_l, record_no_r, k.match_weight
               from candidate_pair join kept_pair as k using (record_no_l, record_no_r) where k.match_weight is not null"""
        )
        con.execute("drop table other_pair")
