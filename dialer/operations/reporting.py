"""When a report is written, and as of which instant: at a campaign's end, by a schedule, or when somebody asks."""

from datetime import datetime

from dialer.model.call import CampaignStatus
from dialer.model.ids import CampaignId
from dialer.operations import shared_time
from dialer.operations.parts import Parts
from dialer.operations.report import ReportPaths, write_report
from dialer.store import campaigns, overview, simulated_time
from dialer.store.engine import Tx
from dialer.telemetry import emit


def campaign_now(tx: Tx, parts: Parts) -> datetime:
    """The instant at which the campaigns of this database live, whoever looks: "overdue" and "by when" are judged by it.

    Campaigns that ran in a simulated time stay in it, also for a process whose own clock is that of the world.
    """
    reached = simulated_time.read(tx)
    if reached is None and not parts.clock.is_simulated:
        return parts.clock.now()
    own = parts.clock.now() if parts.clock.is_simulated else None
    return max(instant for instant in (own, reached, overview.last_dialed_at(tx)) if instant is not None)


def write_report_of(parts: Parts, campaign_id: CampaignId) -> ReportPaths:
    """Write the report of one campaign into its own folder under the reports directory; harmless twice."""
    shared_time.catch_up(parts)
    with parts.store.read() as tx:
        row = campaigns.get(tx, campaign_id)
        now = campaign_now(tx, parts)
    directory = parts.settings.reports_dir / row.name
    paths = write_report(parts.store, row.name, directory, now)
    with parts.store.write() as tx:
        campaigns.report_written(tx, campaign_id, row.updated_at, now)
    emit("report.written", campaign=row.name, directory=str(directory))
    return paths


def write_running(parts: Parts) -> list[ReportPaths]:
    """Write the report of every campaign that runs or is paused: what a schedule asks for."""
    with parts.store.read() as tx:
        going = [row.id for row in campaigns.listed(tx) if row.status in (CampaignStatus.ARMED, CampaignStatus.PAUSED)]
    return [write_report_of(parts, campaign_id) for campaign_id in going]
