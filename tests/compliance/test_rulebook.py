from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

import dialer
from dialer.compliance.hours import DAYS, MAX_GUARD_S, intersect
from dialer.compliance.rulebook import load_rulebook, read_window, required_rulebook, shipped_rulebook
from dialer.dialing import breaker
from dialer.errors import PolicyRefusal, UserError
from dialer.model.campaign import CampaignKind, Limits

TEXT = (resources.files("dialer.compliance") / "data" / "rulebook.toml").read_text(encoding="utf-8")
NINE, TEN, FIVE_PM, SIX_PM, EIGHT_PM = (hour * 3600 for hour in (9, 10, 17, 18, 20))


def test_the_shipped_book_has_the_base_windows() -> None:
    book = shipped_rulebook()
    for kind in (CampaignKind.PROMOTION, CampaignKind.SALES):
        rule = book.window_for(kind)
        assert rule.id == "HOURS-0"
        assert read_window(rule).days == (((NINE, EIGHT_PM),),) * 5 + (((TEN, FIVE_PM),), ())
    rule = book.window_for(CampaignKind.REMINDER)
    assert rule.id == "HOURS-1"
    assert read_window(rule).days == (((NINE, EIGHT_PM),),) * 6 + (((TEN, SIX_PM),),)


def test_the_shipped_caps_and_quiet_times() -> None:
    book = shipped_rulebook()
    for kind in CampaignKind:
        caps = {(rule.attempts, rule.period.total_seconds() / 3600) for rule in book.caps_for(kind) if not rule.region}
        assert caps == {(1, 24), (3, 168), (4, 720), (1, 4)}
    quiet = {(rule.after, rule.period.days) for rule in book.quiet_for(CampaignKind.SALES)}
    assert quiet == {("talk", 7), ("refusal", 60), ("abandoned", 3)}
    assert [(rule.id, rule.after) for rule in book.quiet_for(CampaignKind.REMINDER)] == [("FREQ-3", "abandoned")]


def test_the_shipped_consent_classes() -> None:
    book = shipped_rulebook()
    written = book.consent_for(CampaignKind.PROMOTION)
    assert (written.id, written.classes, written.may_be_attested) == ("CONSENT-1", ("written",), False)
    express = book.consent_for(CampaignKind.REMINDER)
    assert (express.id, set(express.classes), express.may_be_attested) == ("CONSENT-2", {"express", "written"}, True)


def test_places_narrow_or_bar_marketing_only() -> None:
    book = shipped_rulebook()
    sales, reminder = CampaignKind.SALES, CampaignKind.REMINDER
    assert [row.id for row in book.narrower_for(sales, "US", {"RI"})] == ["HOURS-2-US-RI"]
    assert [row.id for row in book.narrower_for(sales, "FR", {"75"})] == ["HOURS-2-FR"]
    assert book.narrower_for(sales, "US", ()) == book.narrower_for(reminder, "US", {"RI"}) == ()
    assert [row.id for row in book.barred_for(sales, "US", {"CA", "NV"})] == ["REG-2"]
    assert [row.id for row in book.barred_for(sales, "CN", ())] == ["REG-4"]
    assert book.barred_for(reminder, "US", {"CA"}) == book.barred_for(sales, "US", ()) == ()


def test_the_digest_names_the_exact_text() -> None:
    other = load_rulebook(TEXT + "\n# one more remark\n")
    assert other.digest != shipped_rulebook().digest == load_rulebook(TEXT).digest
    assert other.version == shipped_rulebook().version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "2026-11-21"', 'version = "2026-11-20'),
        ("attempts = 3", "attempts = 0"),
        ("attempts = 3", "attemps = 3"),
        ('period = "7d"', 'period = "a week"'),
        ('mon = ["10:00-21:00"]', 'mon = ["10:00-9pm"]'),
        ("checked_on = 2026-11-20", ""),
        ('confidence = "design"', 'confidence = "sure"'),
        ('kinds = ["reminder"]', 'kinds = ["debt"]'),
        ('id = "HOURS-1"\nkinds = ["reminder"]', 'id = "HOURS-1"\nkinds = ["reminder", "sales"]'),
        ('id = "HOURS-1"\nkinds = ["reminder"]', 'id = "HOURS-1"\nkinds = ["sales"]'),
        ('id = "CONSENT-2"\nkinds = ["reminder"]', 'id = "CONSENT-2"\nkinds = ["sales"]'),
        ('kinds = ["reminder", "promotion", "sales"]', 'kinds = ["reminder", "promotion"]'),
    ],
)
def test_a_rule_file_that_cannot_be_read_is_an_error(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(UserError, match="rule file") as caught:
        load_rulebook(TEXT.replace(old, new))
    assert caught.value.code == "bad_rulebook"


def test_no_place_is_wider_than_the_marketing_base_by_accident() -> None:
    for row in shipped_rulebook().narrower:
        assert any(getattr(row, day) for day in DAYS), f"{row.id} is closed all week"


def test_every_row_says_where_it_comes_from() -> None:
    rows = list(shipped_rulebook().rows())
    assert len(rows) > 60
    assert {"outer", "windows", "narrower", "numbers", "opening", "recording", "selling"} <= {section for section, _ in rows}
    for _, row in rows:
        assert row.source
        assert row.confidence in ("read", "secondary", "design")
        assert row.checked_on <= date(2026, 11, 21)


def test_the_figures_are_those_in_force_elsewhere() -> None:
    figures = {row.id: row.value for row in shipped_rulebook().figures}
    assert figures == {
        "ABAND-1": breaker.ABANDONED_SHARE,
        "ABAND-2": next(item.ge for item in Limits.model_fields["ring_s"].metadata if hasattr(item, "ge")),
        "HOURS-4": MAX_GUARD_S,
    }
    assert breaker.LIVE_ANSWERS == 50


def test_no_window_is_wider_than_the_outer_one() -> None:
    book = shipped_rulebook()
    outer = read_window(book.outer)
    for row in book.windows:
        assert intersect(read_window(row), outer).days == read_window(row).days, row.id


def test_a_shipped_book_that_does_not_parse_lets_nobody_be_called(tmp_path: Path) -> None:
    """A whole installation with a broken rule file: the commands refuse with a reason and exit code 3, and nothing rings."""
    package = Path(dialer.__file__).parent
    shutil.copytree(package, tmp_path / "dialer", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("migrations", "campaigns"):
        shutil.copytree(package.parent / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    broken = tmp_path / "dialer" / "compliance" / "data" / "rulebook.toml"
    broken.write_text(TEXT.replace("[[caps]]", "[[caps", 1), encoding="utf-8")
    environ = {"PYTHONPATH": str(tmp_path), "PATH": "", "DIALER_CLOCK_START": "2026-11-23T18:00:00Z"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dialer", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)

    assert run("db", "upgrade").returncode == 0
    refused = run("import", "solar-sales", "campaigns/solar-sales/contacts.csv")
    assert refused.returncode == 3, refused.stderr
    assert "the rule file cannot be read, so nothing is dialled" in refused.stderr
    assert not (tmp_path / "simulated-phones.jsonl").exists()


def test_rules_that_cannot_be_read_are_a_refusal() -> None:
    assert required_rulebook(TEXT) == shipped_rulebook()
    with pytest.raises(PolicyRefusal, match="so nothing is dialled") as caught:
        required_rulebook("[[")
    assert caught.value.exit_code == 3
