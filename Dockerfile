# The demo in a container:  docker build -t drkf . && docker run --rm -p 7860:7860 drkf
FROM python:3.11-slim

WORKDIR /home/drkf/app
COPY packages.txt requirements.txt ./
RUN apt-get update \
    && xargs -a packages.txt apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/*
# A build without CUDA is a fraction of the size: point pip at one where it is kept, for example
# with --build-arg PIP_EXTRA_INDEX_URL=…
ARG PIP_EXTRA_INDEX_URL
RUN pip install --no-cache-dir -r requirements.txt \
    && useradd --create-home --uid 1000 drkf \
    && chown drkf:drkf /home/drkf/app

USER 1000
COPY --chown=drkf:drkf . .
# The speech recogniser's two halves are joined and checked now rather than at each start.
RUN python -c "from drkf.asr import find_model; find_model()"

ENV HOST=0.0.0.0 \
    PORT=7860 \
    PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=8)"]
CMD ["python", "app.py"]
