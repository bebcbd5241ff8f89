"""An insurer's scorecard counts what it was told of, at each side, and its own last answer that was taken."""

from __future__ import annotations

from tests.tables import World
from warehouse import conflicts
from warehouse.scores import insurer_scores


def test_open_overdue_answered_and_reopened(world: World) -> None:
    world.given(
        "cover.conflict",
        """
        conflict_no | kind_code    | insurer_a | insurer_b | status_code | is_overdue | reported_date | reopened_count | is_under_review
        ------------+--------------+-----------+-----------+-------------+------------+---------------+----------------+----------------
        1           | two_basic    | IHIO-GOV  | SSO       | open        | true       | 2026-10-01    | 0              | false
        2           | two_basic    | IHIO-GOV  | SSO       | open        | true       | 2026-11-01    | 1              | false
        3           | same_insurer | SSO       | SSO       | resolved    | false      | 2026-10-01    | 0              | false
        4           | two_pensions | CSPF      | RNF       | open        | false      |               | 0              | false
        5           | deceased     | OIL       |           | open        | false      |               | 0              | true
        6           | benefit_while_employed | SSO | IHIO-UNI | open      | false      | 2026-11-01    | 0              | false
        """,  # noqa: E501
    )
    world.given(
        "cover.conflict_answer",
        """
        record_key | conflict_no | insurer_code | answer_code       | told_date  | answered_date | verdict_code
        -----------+-------------+--------------+-------------------+------------+---------------+-------------
        a:1        | 1           | SSO          | dispute           | 2026-10-01 | 2026-10-05    | taken
        a:2        | 1           | SSO          | agree             | 2026-10-01 | 2026-10-09    | taken
        a:3        | 2           | SSO          | agree             | 2026-10-20 | 2026-10-21    | taken
        a:4        | 3           | SSO          | already_cancelled | 2026-10-01 | 2026-10-02    | taken
        a:5        | 2           | IHIO-GOV     | dispute           | 2026-11-01 | 2026-11-02    | no_reason
        """,
    )
    world.when(conflicts.kinds(), insurer_scores(world.run.business_date))
    world.then(
        "cover.insurer_score",
        """
        insurer_code | open_count | overdue_count | agreed_count | disputed_count | cancelled_count | resolved_count | reopened_count | as_of_date
        -------------+------------+---------------+--------------+----------------+-----------------+----------------+----------------+-----------
        IHIO-GOV     | 2          | 2             | 0            | 0              | 0               | 0              | 1              | 2026-11-20
        SSO          | 3          | 1             | 2            | 0              | 1               | 1              | 1              | 2026-11-20
        """,  # noqa: E501
    )
