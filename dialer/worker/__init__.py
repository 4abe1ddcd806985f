"""The Celery side: ``celery -A dialer.worker worker`` and ``celery -A dialer.worker beat`` work as Celery users expect.

A message is a doorbell: it carries at most an id, may be lost or doubled, and the database says what is to be done.
"""

from dialer.worker.app import app

__all__ = ["app"]
