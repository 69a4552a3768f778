"""Lets ``import torchaudio`` succeed beside a torch build that its compiled part does not fit.

torchaudio ends at 2.11.0, and its Linux wheel is compiled against CUDA. Beside a CPU build of
torch (or one for another CUDA version) ``import torchaudio`` raises OSError (RuntimeError), and
transformers then cannot import WhisperModel, RobertaModel or Wav2Vec2Model, because it imports
torchaudio wherever it is installed.

torchaudio itself runs without its compiled part: it treats a missing library as "not available",
and only ``rnnt_loss``, ``forced_align`` and the CUDA decoder need it. So a library that cannot be
loaded is reported as missing. No installed file is changed, and a build that fits is left alone.

A torchaudio that cannot be imported at all becomes an empty module, since only training uses it:
what asks it for something gets an ImportError with the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_EXTENSION_UTILS = "torchaudio._extension.utils"  # defines the loader of the compiled libraries


def install_finder() -> None:
    """Install the import hook for this process; it costs nothing until torchaudio is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    # A failed import of torchaudio leaves this one module behind, with the strict loader in it.
    if "torchaudio" not in sys.modules and _EXTENSION_UTILS in sys.modules:
        del sys.modules[_EXTENSION_UTILS]


class _Finder(MetaPathFinder):
    """Finds the modules to change, where Python would find them, with the loaders below."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in ("torchaudio", _EXTENSION_UTILS):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or spec.loader is None:
            return None
        if fullname == _EXTENSION_UTILS:
            spec.loader = _Loader(fullname, spec.origin)
        else:
            spec.loader = _OrEmpty(spec.loader)
        return spec


class _OrEmpty(Loader):
    """Loads torchaudio, or leaves it empty with the reason why."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        try:
            self.loader.exec_module(module)
        except (ImportError, OSError, RuntimeError, AttributeError) as error:
            reason = f"torchaudio cannot be loaded: {error}"

            def missing(name: str) -> object:
                if name.startswith("__"):
                    raise AttributeError(name)
                raise ImportError(reason)

            module.__getattr__ = missing  # type: ignore[method-assign]


class _Loader(SourceFileLoader):
    """Loads the module as it is, then makes its two checks report failure instead of raising."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        load_lib, check_cuda_version = module._load_lib, module._check_cuda_version

        def load_lib_if_it_fits(lib: str) -> bool:
            try:
                return load_lib(lib)
            except OSError:
                return False

        def cuda_version_if_it_fits() -> int | None:
            try:
                return check_cuda_version()
            except RuntimeError:
                return None

        module._load_lib = load_lib_if_it_fits  # type: ignore[attr-defined]
        module._check_cuda_version = cuda_version_if_it_fits  # type: ignore[attr-defined]
