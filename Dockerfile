# The build stage stays out of the image. Settings come from the environment; the image has no secrets.
FROM python:3.12.11-slim-bookworm AS build

WORKDIR /src
RUN python -m venv /opt/flipbook
ENV PATH="/opt/flipbook/bin:$PATH"

# Install the dependencies first, as they change less often than the code.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

# Building the wheel needs hatchling and Babel, which are not part of the image.
COPY requirements-build.txt pyproject.toml hatch_build.py README.md LICENSE ./
RUN python -m venv /opt/builder \
    && /opt/builder/bin/pip install --no-cache-dir --disable-pip-version-check \
       --require-hashes -r requirements-build.txt
COPY bot bot
COPY cogs cogs
COPY sandbox sandbox
RUN /opt/builder/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && pip install --no-cache-dir --disable-pip-version-check --no-deps /dist/*.whl \
    # The image installs nothing at run time.
    && pip uninstall --quiet --yes pip


FROM python:3.12.11-slim-bookworm

RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --no-create-home flipbook \
    && install -d -o flipbook -g flipbook -m 0700 /data /shared
COPY --from=build /opt/flipbook /opt/flipbook

ENV PATH="/opt/flipbook/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL="sqlite:////data/flipbook.db" \
    DATA_DIR="/data" \
    HEALTH_PORT="8081"

USER flipbook
WORKDIR /data
VOLUME /data
# The health port is reachable only inside the container, unless HEALTH_HOST is set.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"HEALTH_PORT\"]}/readyz')"]
# The bot ends within 20 s of SIGTERM, so start it with `docker run --stop-timeout 25`.
STOPSIGNAL SIGTERM
ENTRYPOINT ["flipbook"]
CMD ["run"]
