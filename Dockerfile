# One service: docker build --build-arg SERVICE=book -t myticket-book .
# The images of the five differ in their last layers only.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim AS base
ENV LANG=C.UTF-8

FROM base AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# What installs stays behind: /opt/myticket has no pip.
RUN python -m venv tools && python -m venv --without-pip /opt/myticket
COPY requirements/ requirements/
RUN tools/bin/pip --python /opt/myticket/bin/python install --require-hashes -r requirements/run.txt
# hatchling and what it needs, as they are locked; one that is missing in this list stops the build.
RUN awk '/^[a-z]/ { keep = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } keep' requirements/dev.txt > build.txt \
 && tools/bin/pip install --require-hashes -r build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src/ src/
RUN tools/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir wheels . \
 && tools/bin/pip --python /opt/myticket/bin/python install --no-deps --no-index wheels/*.whl

FROM base
ENV PATH=/opt/myticket/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Everybody may write in /data: what is mounted there takes its mode, and some platforms choose another user. Nobody
# has a home, where PostgreSQL's client would look for keys.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin myticket \
 && install -d -o 10001 -g 10001 -m 1777 /data
COPY --from=build /opt/myticket /opt/myticket
# The only folder that is written to; nothing has to outlive the container there but pay's sandbox.
ENV MYTICKET_DATA=/data PORT=8080
# A number, so that a platform sees that it is not root.
USER 10001:10001
WORKDIR /data
EXPOSE 8080
LABEL org.opencontainers.image.title="myticket" \
      org.opencontainers.image.description="A service of the ticket-booking system myticket" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
port = os.environ.get('MYTICKET_PORT') or os.environ['PORT']; \
service = http.client.HTTPConnection('127.0.0.1', int(port), timeout=4); \
service.request('GET', '/livez'); \
sys.exit(service.getresponse().status != 200)"]
ARG SERVICE
ENV SERVICE=${SERVICE}
RUN python -c "import os, sys; from apps.places import SERVICES; \
os.environ['SERVICE'] in SERVICES or sys.exit(f'--build-arg SERVICE= has to be one of {SERVICES}')"
# exec: the service is process 1 and gets the SIGTERM. It listens outside only where it is said who lets people in.
CMD ["sh", "-c", "exec myticket serve \"$SERVICE\" --host 0.0.0.0"]
