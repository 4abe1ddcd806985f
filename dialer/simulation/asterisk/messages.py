"""Events and answers as Asterisk writes them: JSON objects."""

from datetime import UTC, datetime
from typing import Any

ASTERISK_ID = "02:42:ac:11:00:02"


def instant(at: datetime) -> str:
    """A time stamp: ``2026-11-21T03:00:00.000+0000``."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def channel(
    channel_id: str, name: str, state: str, caller: str, dialled: str, created_at: datetime, app: str, variables: dict[str, str]
) -> dict[str, Any]:
    """A snapshot of a channel; ``variables`` only where they are shown."""
    shown = {"channelvars": dict(variables)} if variables else {}
    return {
        "id": channel_id,
        "name": name,
        "state": state,
        "protocol_id": "",
        "caller": {"name": "", "number": dialled},
        "connected": {"name": "", "number": caller},
        "accountcode": "",
        "dialplan": {"context": "default", "exten": "s", "priority": 1, "app_name": "Stasis", "app_data": app},
        "creationtime": instant(created_at),
        "language": "en",
        **shown,
    }


def bridge(bridge_id: str, name: str, channels: list[str], created_at: datetime) -> dict[str, Any]:
    """A snapshot of a bridge."""
    return {
        "id": bridge_id,
        "technology": "simple_bridge" if len(channels) < 3 else "softmix",
        "bridge_type": "mixing",
        "bridge_class": "stasis",
        "creator": "Stasis",
        "name": name,
        "channels": list(channels),
        "video_mode": "none",
        "creationtime": instant(created_at),
    }


def recording(name: str, bridge_id: str, state: str) -> dict[str, Any]:
    """A live recording of a bridge."""
    return {"name": name, "format": "wav", "target_uri": f"bridge:{bridge_id}", "state": state}


def event(kind: str, app: str, at: datetime, **fields: Any) -> dict[str, Any]:
    """An event for an application."""
    return {"type": kind, "application": app, "timestamp": instant(at), "asterisk_id": ASTERISK_ID, **fields}


def info(version: str, at: datetime) -> dict[str, Any]:
    """The server about itself."""
    stamp = instant(at)
    return {
        "build": {"os": "Linux", "kernel": "6.1", "machine": "x86_64", "options": "", "date": stamp, "user": "root"},
        "system": {"version": version, "entity_id": ASTERISK_ID},
        "config": {"name": "", "default_language": "en", "setid": {"user": "asterisk", "group": "asterisk"}},
        "status": {"startup_time": stamp, "last_reload_time": stamp},
    }


def ping(at: datetime) -> dict[str, Any]:
    """The server's time."""
    return {"asterisk_id": ASTERISK_ID, "ping": "pong", "timestamp": instant(at)}


def module(name: str) -> dict[str, Any]:
    """A module that is loaded."""
    return {
        "name": name,
        "description": "Websocket Media Channel",
        "use_count": 0,
        "status": "Running",
        "support_level": "core",
    }


def endpoint(tech: str, resource: str, state: str) -> dict[str, Any]:
    """A trunk."""
    return {"technology": tech, "resource": resource, "state": state, "channel_ids": []}
