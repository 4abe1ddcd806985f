"""The fleet file and the image: nothing runs as root, nothing secret is written down, calls get time to end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialer.carriers.asterisk_line import MEDIA_PATH
from dialer.config import Settings, variable_name

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
ONE_SHOT = {"migrate"}


def seconds(duration: str) -> int:
    """``6m`` -> 360."""
    number, unit = re.fullmatch(r"(\d+)([sm])", duration).groups()  # type: ignore[union-attr]  # another form is a failure
    return int(number) * (60 if unit == "m" else 1)


def settings_given() -> dict[str, str]:
    """The environment of our services."""
    return {name: str(value) for service in OURS for name, value in SERVICES[service]["environment"].items()}


def test_the_fleet_has_its_parts() -> None:
    assert set(SERVICES) - {"flower", "asterisk", "caddy"} == {"postgres", "redis", "migrate", "worker", "beat"}
    assert {"migrate", "worker", "beat"} == set(OURS)
    assert SERVICES["flower"]["profiles"] == ["flower"]
    assert SERVICES["asterisk"]["profiles"] == ["asterisk"]
    assert SERVICES["caddy"]["profiles"] == ["public"]


def test_asterisk_is_configured_here_and_reached_by_the_workers_alone() -> None:
    service = SERVICES["asterisk"]
    mounted = {entry["source"]: entry["target"].rpartition("/")[2] for entry in service["configs"]}
    assert set(mounted) == set(COMPOSE["configs"]) - {"caddyfile"}
    assert not [port for port in service["ports"] if "8088" in port]
    texts = {mounted[name]: entry["content"] for name, entry in COMPOSE["configs"].items() if name in mounted}
    assert "[trunk]\ntype = endpoint" in texts["pjsip.conf"]
    assert "Hangup(21)" in texts["extensions.conf"]
    assert f"/{MEDIA_PATH.strip('/')}\n" in texts["websocket_client.conf"]
    assert f"[{Settings().asterisk_media_client}]" in texts["websocket_client.conf"]
    assert Settings().asterisk_endpoint.endswith("@trunk")


@pytest.mark.parametrize("name", OURS)
def test_what_we_build_runs_without_privileges(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert f"USER {service['user']}" in DOCKERFILE
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_what_keeps_running_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_work_starts_after_the_migrations(name: str) -> None:
    conditions = {other: rule["condition"] for other, rule in SERVICES[name]["depends_on"].items()}
    assert conditions["migrate"] == "service_completed_successfully"
    assert conditions["postgres"] == conditions["redis"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


def test_a_draining_worker_is_not_killed_early() -> None:
    drain_s = Settings.model_fields["drain_s"].default
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > drain_s


def test_redis_keeps_its_messages() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_every_setting_that_is_given_exists() -> None:
    known = {variable_name(field) for field in Settings.model_fields}
    assert {name.removesuffix("_FILE") for name in settings_given()} - known == set()


def test_no_secret_is_written_down() -> None:
    secret = re.compile(r"PASSWORD|TOKEN|SECRET|API_KEY", re.IGNORECASE)
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if secret.search(key):
                assert str(value).startswith(("${", "/run/secrets/")), f"{name}: {key}"
            literal = re.sub(r"\$\{[^}]*\}", "", str(value))
            assert re.search(r"://[^/@:]*:[^/@]+@", literal) is None, f"{name}: {key}"
    assert re.search(r"^ENV .*(PASSWORD|TOKEN|API_KEY)", DOCKERFILE, flags=re.MULTILINE) is None


def test_every_secret_that_is_mounted_is_read() -> None:
    mounted = {f"/run/secrets/{name}" for name in COMPOSE["secrets"]}
    assert {value for name, value in settings_given().items() if name.endswith("_FILE")} == mounted
    assert all(secret["file"].startswith("${") for secret in COMPOSE["secrets"].values())
    assert all(set(SERVICES[name]["secrets"]) == set(COMPOSE["secrets"]) for name in OURS)


def test_nothing_is_open_to_the_network() -> None:
    ports = [port for name, service in SERVICES.items() for port in service.get("ports", []) if name not in ("asterisk", "caddy")]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_proxy_leads_carriers_to_the_lanes_of_workers_and_nowhere_else() -> None:
    assert SERVICES["caddy"]["ports"] == ["80:80", "443:443"]
    text = COMPOSE["configs"]["caddyfile"]["content"]
    found = re.search(r"path_regexp w (\S+)", text)
    assert found is not None
    port = str(Settings.model_fields["listen_port"].default)
    assert f"reverse_proxy {{re.w.1}}:{port[:-1]}{{re.w.2}}" in text
    assert re.match(found[1], "/w/0123456789ab/0/twilio/status/a1")
    for elsewhere in ("/w/postgres/0/x", "/w/0123456789ab/10/x", "/x/w/0123456789ab/0/", "/w/0123456789ab.evil/0/"):
        assert not re.match(found[1], elsewhere)


def test_asterisk_is_open_for_calls_only() -> None:
    assert all(re.fullmatch(r"(5060|10\d\d\d-10\d\d\d):\1/udp", port) for port in SERVICES["asterisk"]["ports"])


def test_the_image_installs_what_was_locked() -> None:
    assert "--require-hashes --requirement requirements.lock" in DOCKERFILE
    copied = {word for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE, flags=re.MULTILINE) for word in line.split()[:-1]}
    kept = {
        line.removeprefix("!").rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert copied == kept
