# syntax=docker/dockerfile:1

# Everything becomes a wheel here, so that the image that runs holds no compiler and asks no network.
FROM python:3.12-slim AS wheels
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY broker broker
COPY sdk_py sdk_py
COPY sdk_js/dist sdk_js/dist
COPY examples examples
COPY web_dashboard/index.html web_dashboard/icon.svg web_dashboard/
COPY web_dashboard/css web_dashboard/css
COPY web_dashboard/src web_dashboard/src
COPY web_dashboard/vendor web_dashboard/vendor
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[broker]'

FROM python:3.12-slim
LABEL org.opencontainers.image.title="Colonies Broker" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl \
    && useradd --system --uid 10001 --home-dir /data --create-home colonies

# The store, and the server owner's key where none is given by COLONIES_OWNER.
ENV COLONIES_STORE=sqlite:/data/broker.db \
    COLONIES_CONFIG_HOME=/data/config \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080

HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('COLONIES_PORT', '8080') + '/healthz', timeout=2)"]

# SIGTERM drains: nothing more is given out, answers leave, sockets close. Give it longer than COLONIES_DRAIN.
STOPSIGNAL SIGTERM
ENTRYPOINT ["colonies"]
CMD ["server", "start", "--host", "0.0.0.0"]
