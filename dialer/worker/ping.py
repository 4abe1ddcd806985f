"""Does the broker answer? Asked by ``dialer doctor``."""

from celery.exceptions import OperationalError

from dialer.config import mask_url
from dialer.errors import BrokerError
from dialer.worker.app import app

_LIMIT_S = 3.0


def ping_broker(url: str) -> str:
    """Connect to the broker at ``url`` and say what it is. Raises ``BrokerError`` when it does not answer in a few seconds."""
    try:
        with app.connection_for_write(url, connect_timeout=_LIMIT_S) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_LIMIT_S)
            return f"{mask_url(url)} ({connection.transport.driver_type})"
    except (OperationalError, OSError, KeyError, ValueError) as error:
        raise BrokerError(f"the broker {mask_url(url)} does not answer: {error}") from error
