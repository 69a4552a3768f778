"""torchaudio and what transformers builds on it import beside any build of torch."""

import os
import subprocess
import sys
from pathlib import Path

import torch

USE_EVERYTHING_NAMED = """
import torch, torchaudio
from torchaudio.compliance import kaldi
tone = torch.sin(torch.arange(16000) * 0.1)[None]
assert torchaudio.transforms.Resample(16000, 8000)(tone).shape == (1, 8000)
assert torchaudio.transforms.MelSpectrogram(16000)(tone).isfinite().all()
assert kaldi.fbank(tone).shape[1] == 23
assert torchaudio.functional.lowpass_biquad(tone, 16000, 300.0).isfinite().all()
assert torchaudio.functional.detect_pitch_frequency(tone, 16000).median() > 200
torchaudio.functional.vad(tone, 16000)
from transformers import RobertaModel, Wav2Vec2Model, WhisperModel, pipeline
"""


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )


def test_importing_drkf_makes_torchaudio_and_transformers_importable() -> None:
    """In this process, whose first import was drkf's (tests/conftest.py)."""
    exec(USE_EVERYTHING_NAMED, {})


def test_works_after_an_import_that_failed() -> None:
    result = run_python(
        "try:\n    import torchaudio\n"
        "except OSError:\n    print('failed without the cure')\n"
        "import drkf\n" + USE_EVERYTHING_NAMED
    )
    assert result.returncode == 0, result.stderr
    if torch.version.cuda is None:  # once torchaudio imports by itself here, the cure can go
        assert "failed without the cure" in result.stdout


def test_another_cuda_version_is_no_obstacle() -> None:
    """torchaudio compares the CUDA versions of its own build and torch's, and raises."""
    result = run_python(
        "import drkf, torch, torchaudio._extension as extension\n"
        "from types import SimpleNamespace\n"
        "torch.ops = SimpleNamespace("
        "_torchaudio=SimpleNamespace(cuda_version=lambda: 13000))\n"
        "torch.version.cuda = '99.9'\n"
        "assert extension._check_cuda_version() is None\n"
        "torch.version.cuda = '13.0'\n"
        "assert extension._check_cuda_version() == 13000\n"
    )
    assert result.returncode == 0, result.stderr


def test_importing_drkf_is_cheap() -> None:
    result = run_python(
        "import drkf, sys\n"
        "heavy = {'torch', 'torchaudio', 'transformers', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    assert result.returncode == 0, result.stderr


def test_one_that_cannot_be_loaded_is_no_obstacle_to_what_does_not_use_it(tmp_path: Path) -> None:
    (tmp_path / "torchaudio").mkdir()
    (tmp_path / "torchaudio" / "__init__.py").write_text("raise OSError('undefined symbol')")
    result = run_python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import drkf\n"
        "from transformers import RobertaModel, Wav2Vec2Model, WhisperModel, pipeline\n"
        "from drkf.pipeline import EmotionPipeline\n"
        "try:\n    from torchaudio import transforms\n"
        "except ImportError as error:\n    print(error)\n"
    )
    assert result.returncode == 0, result.stderr
    assert "torchaudio cannot be loaded: undefined symbol" in result.stdout


def test_transformers_may_be_imported_first() -> None:
    """Its parts load torchaudio only when they are asked for."""
    result = run_python("import transformers, drkf\n" + USE_EVERYTHING_NAMED)
    assert result.returncode == 0, result.stderr
