# syntax=docker/dockerfile:1
# One image for migrate, worker and beat: docker-compose.yml says which command runs.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /opt/dialer
# The dependencies have a layer of their own: it is built again only when the lock file changes.
COPY requirements.lock ./
RUN /opt/dialer/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY dialer dialer
COPY migrations migrations
COPY campaigns campaigns
RUN pip wheel --no-deps --wheel-dir /wheels . && /opt/dialer/bin/pip install --no-deps /wheels/dialer-*.whl

FROM python:3.13-slim-bookworm
RUN groupadd --system --gid 10001 dialer \
    && useradd --system --uid 10001 --gid dialer --home-dir /var/lib/dialer --create-home --shell /usr/sbin/nologin dialer \
    && install --directory --owner=dialer --group=dialer /var/lib/dialer/reports /var/lib/dialer/simulated
COPY --from=build /opt/dialer /opt/dialer
ENV PATH=/opt/dialer/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /var/lib/dialer
CMD ["dialer", "--help"]
