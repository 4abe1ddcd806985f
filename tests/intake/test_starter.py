"""A new folder passes the check as it stands, without a warning."""

import io

import pytest

from dialer.intake.columns import map_columns
from dialer.intake.folder import examine
from dialer.intake.reader import open_table
from dialer.intake.rows import read_contacts
from dialer.intake.starter import starter
from dialer.model.campaign import CampaignKind
from dialer.model.contact import Contact


@pytest.mark.parametrize("kind", CampaignKind)
def test_a_new_campaign_is_fit(kind: CampaignKind) -> None:
    files = starter("spring", kind)
    table = open_table(io.BytesIO(files["contacts.csv"].encode()))
    found = examine(files["campaign.toml"], files["script.md"], table.header)
    assert [finding.said for finding in found.findings] == []
    assert found.campaign is not None
    assert (found.campaign.name, found.campaign.kind) == ("spring", kind)
    (contact,) = read_contacts(table, map_columns(table.header, found.campaign.variables), found.campaign)
    assert isinstance(contact, Contact)
    assert contact.variables
