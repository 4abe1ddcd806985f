"""Make the pictures of README.md anew: a real run of the example campaigns, its report in a browser, and the view of `watch`.

Needs chromium on PATH:  python bench/pictures/make.py
"""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
from io import StringIO
from pathlib import Path

from rich.console import Console

from dialer import wiring
from dialer.cli.demo import lay_out
from dialer.cli.live import watch_view
from dialer.clock import wait_real
from dialer.operations import dispatch, folders, importing, report, scheduling, status, upkeep
from dialer.operations.parts import Parts
from dialer.operations.status import Snapshot
from dialer.store import migrate
from dialer.worker.embedded import embedded_worker

HERE = Path(__file__).resolve().parent
SHOWN, PHONE, CLINIC = "solar-sales", "market-promotion", "clinic-reminder"


def main() -> int:
    """Write ``watch.svg`` and the pictures of the reports beside this file."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.stderr.write("no chromium on PATH\n")
        return 4
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        settings = lay_out(home)
        migrate.upgrade(settings.database_url)
        parts = wiring.build(settings)
        best = run(parts, sorted(settings.campaigns_dir.iterdir()))
        draw(best)
        now = parts.clock.now()
        pages = {name: report.write_report(parts.store, name, home / name, now).page for name in (SHOWN, PHONE, CLINIC)}
        parts.store.close()
        photograph(browser, pages[SHOWN])
        shot(browser, pages[PHONE], "report-phone.png", (500, 1100))
        shot(browser, pages[CLINIC], "report-reminder.png", (1200, 1100))
    return 0


def run(parts: Parts, campaigns: list[Path]) -> Snapshot:
    """Run the campaigns and return the busiest moment that was seen."""
    for path in campaigns:
        folder = folders.read_folder(path)
        importing.import_contacts(parts, folder.campaign, folder.contacts_path, importing.ImportOptions(), path / "rejects.csv")
        scheduling.schedule(parts, folder.campaign.name, None, None)
    best = status.snapshot(parts)
    done = threading.Event()
    with embedded_worker(parts):
        while not done.is_set():
            now = status.snapshot(parts)
            best = max(best, now, key=lambda it: (sum(bool(call.words) for call in it.live), it.spent))
            if dispatch.is_all_done(parts):
                done.set()
            wait_real(0.02)
    upkeep.tidy(parts)
    return best


def draw(snapshot: Snapshot) -> None:
    """``watch.svg``."""
    console = Console(record=True, width=124, file=StringIO(), force_terminal=True, highlight=False)
    console.print(watch_view(snapshot, most=12))
    # The picture asks no other server for a font.
    picture = re.sub(r"@font-face \{[^}]*\}", "", console.export_svg(title="dialer watch"))
    # The export counts signs, not columns: a line with Chinese signs would be squeezed to half its width.
    wide = re.compile(r' textLength="[\d.]+"(?=[^<>]*>[^<]*[\u2e80-\uffef])')
    (HERE / "watch.svg").write_text(wide.sub("", re.sub(r"\n\s*\n+", "\n", picture)), encoding="utf-8")


def photograph(browser: str, page: Path) -> None:
    """The first screens of a page: wide, in the dark, and as it is printed."""
    shot(browser, page, "report.png", (1200, 1100))
    shot(browser, page, "report-dark.png", (1200, 1100), ("(prefers-color-scheme: dark)", "all"))
    # A screenshot knows no page margins.
    shot(browser, page, "report-print.png", (1000, 1300), ("@media print {", "@media all { html { margin: 40px } "))


def shot(browser: str, page: Path, name: str, size: tuple[int, int], medium: tuple[str, str] | None = None) -> None:
    """One picture; ``medium`` (what the style says, what it is to say) shows the page as it is there."""
    if medium is not None:
        # A changed style is not the one that the page's policy lets in, so this copy goes without the policy.
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
        page = page.with_name(f"{name}.html")
        page.write_text(text.replace(*medium), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
    window = f"--window-size={size[0]},{size[1]}"
    subprocess.run([browser, *options, window, f"--screenshot={HERE / name}", page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())
