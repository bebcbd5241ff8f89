"""A second try: a stage in which DuckDB itself failed runs again with plainer plans.

Stages are repeatable and keep their finished steps, so the second try goes on where the first one broke off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from hub.errors import EngineFault
from hub.settings import Settings

log = logging.getLogger("databank")
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def with_second_try(
    stage: Callable[Concatenate[Settings, Arguments], Result],
) -> Callable[Concatenate[Settings, Arguments], Result]:
    """The stage, run again with ``has_plain_plans`` when an engine failed inside it."""

    @wraps(stage)
    def tried(settings: Settings, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return stage(settings, *args, **kwargs)
        except EngineFault:
            log.warning("The engine failed inside the stage %s; it runs again, DuckDB with plainer plans.", stage.__name__)
            return stage(replace(settings, has_plain_plans=True), *args, **kwargs)

    return tried  # type: ignore[return-value]  # wraps() renames the first parameter
