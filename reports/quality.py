"""What the quality gate said of each delivery, read from the results that Great Expectations left in staging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.settings import Settings
from hub.storage import read_json
from reports.figures import DeliveryFigures

VALIDATION = "validation.json"


@dataclass(frozen=True)
class Check:
    """One limit on one figure of a column (or of the whole delivery, then ``column`` is empty), and what was found.

    ``least`` and ``most``: the bounds, None where there is none; ``is_strict``: ``most`` itself is already too much.
    """

    column: str
    figure_code: str
    figure: float | None
    least: float | None
    most: float | None
    is_passed: bool
    is_strict: bool = False

    @property
    def filled_ratio(self) -> float | None:
        """How much of an upper bound is used, at most 1; None without one."""
        if self.figure is None or not self.most:
            return None
        return min(1.0, max(0.0, self.figure / self.most))


@dataclass(frozen=True)
class DeliveryQuality:
    """The checks of one delivery. ``acceptance``: why a person let it pass in spite of a failed check."""

    delivery: DeliveryFigures
    checks: list[Check]
    acceptance: str | None

    @property
    def failed(self) -> list[Check]:
        """Checks that did not hold."""
        return [check for check in self.checks if not check.is_passed]


def delivery_quality(settings: Settings, deliveries: Sequence[DeliveryFigures]) -> list[DeliveryQuality]:
    """Results of the deliveries of a night, in order; a delivery without results has no checks."""
    return [_quality(settings, delivery) for delivery in deliveries]


def _quality(settings: Settings, delivery: DeliveryFigures) -> DeliveryQuality:
    path = settings.staging / delivery.feed / delivery.delivery_id / VALIDATION
    document = read_json(path) if path.exists() else {"results": []}
    checks = [_check(result) for result in document["results"]]
    return DeliveryQuality(
        delivery,
        sorted(checks, key=lambda check: (check.is_passed, check.column, check.figure_code)),
        _acceptance(document.get("acceptance")),
    )


def _check(result: dict[str, Any]) -> Check:
    config = result["expectation_config"]
    kwargs = config["kwargs"]
    column, _, figure_code = str(kwargs.get("column", config["type"])).rpartition(" ")
    figure = (result.get("result") or {}).get("observed_value")
    return Check(
        column=column,
        figure_code=figure_code,
        figure=None if figure is None else float(figure),
        least=kwargs.get("min_value"),
        most=kwargs.get("max_value"),
        is_passed=bool(result["success"]),
        is_strict=bool(kwargs.get("strict_max")),
    )


def _acceptance(value: Any) -> str | None:
    if not value:
        return None
    return str(value.get("reason", "")) if isinstance(value, dict) else str(value)
