"""Person records of the staged deliveries in a folder of their own: to train on, or to try models on, beside any night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.current import CurrentDelivery
from hub.duck import connection, literal
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.steps import Runner
from hub.storage import passing_folder
from matching.model import current_model
from matching.standardise import EVIDENCE, standardise
from matching.together import heard
from nights.stages import staged_deliveries
from schemas.contracts import load_feeds
from schemas.tables import PERSON_RECORD

_SCRATCH = "trial-"


@dataclass(frozen=True)
class Records:
    """``linkage.person_record`` as a file, from these deliveries; gone when its block ends."""

    path: Path
    deliveries: tuple[CurrentDelivery, ...]

    @contextmanager
    def runner(self, settings: Settings, name: str, progress: Progress = quiet) -> Iterator[Runner]:
        """A runner with a new folder and connection that sees the records and nothing else; with a model on trial, as it
        hears names."""
        folder = self.path.parent / name
        folder.mkdir()
        path = folder / f"{PERSON_RECORD.name}.parquet"
        together = current_model(settings).together if settings.trial_model else {}
        if not together:
            path.hardlink_to(self.path)
        with connection(settings) as con:
            if together:
                rows = heard(f"from read_parquet({literal(self.path)})", together)
                con.execute(f"copy ({rows}) to {literal(path)} (format parquet, compression zstd)")
            runner = Runner(con, folder, name, progress)
            runner.attach_all()
            yield runner

    def without_codes(self, settings: Settings) -> Records:
        """The same records as if nobody but the registry knew national codes."""
        path = self.path.parent / "without_codes.parquet"
        evidence = f"hash({', '.join(EVIDENCE)})"
        with connection(settings) as con:
            con.execute(
                f"""copy (
                        select * replace ({evidence} as record_hash) from (
                            select * replace (case when is_registry then national_code end as national_code,
                                              null::varchar as national_code_claimed)
                            from read_parquet({literal(self.path)}))
                    ) to {literal(path)} (format parquet, compression zstd)"""
            )
        return Records(path, self.deliveries)


@contextmanager
def staged_records(settings: Settings, business_date: date, progress: Progress = quiet) -> Iterator[Records]:
    """Standardise what a night of this date would work with, in scratch space.

    Raises:
        DeliveryError: no feed has a staged delivery up to this date.
    """
    feeds = load_feeds(settings.contracts)
    deliveries = staged_deliveries(settings, feeds, business_date)
    with passing_folder(settings.scratch, _SCRATCH) as folder:
        progress("standardise", 0)
        with connection(settings) as con:
            runner = Runner(con, folder, "records", progress)
            standardise(runner, feeds, deliveries)
        yield Records(folder / f"{PERSON_RECORD.name}.parquet", tuple(deliveries))
