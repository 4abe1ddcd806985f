"""A page in a real browser: what it asks for, and what axe-core says of its accessibility.

Neither is a part of the product. axe comes with the development packages (``axe-core-python`` carries its script);
``DIALER_TEST_AXE`` names a newer one. The browser is looked for on PATH: a test that does not find one is listed as not run.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def browser() -> str:
    """A Chromium, or a skip that names what is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium on PATH")
    return found


def axe() -> str:
    """The text of axe-core."""
    own = os.environ.get("DIALER_TEST_AXE", "")
    script = Path(own) if own else files("axe_core_python") / "axe.min.js"
    return script.read_text(encoding="utf-8")


def dumped(page: Path, width: int = 1200) -> str:
    """The page's elements after its script has run."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--virtual-time-budget=20000"]
    command = [browser(), *options, f"--user-data-dir={page.parent / 'profile'}", "--dump-dom", page.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout


def asked(page: Path, script: str, *, width: int = 1200) -> Any:
    """What ``script`` (an expression, or a promise of one) says in a copy of the page without its policy."""
    text = _POLICY.sub("", page.read_text(encoding="utf-8"))
    told = (
        f"<script>{script}</script><script>Promise.resolve(window.answer()).then(function (found) {{"
        "var out = document.createElement('pre'); out.id = 'answer'; out.textContent = JSON.stringify(found);"
        "document.body.appendChild(out); });</script></body>"
    )
    copy = page.with_name("asked.html")
    head, _, tail = text.rpartition("</body>")
    copy.write_text(f"{head}{told}{tail}", encoding="utf-8")
    found = re.search(r'<pre id="answer">(.*?)</pre>', dumped(copy, width), re.DOTALL)
    assert found is not None, "the page gave no answer in time"
    return json.loads(html.unescape(found[1]))
