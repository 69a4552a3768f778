"""DRKF: emotion recognition from voice and words, with the evidence beside the answer.

The rule of imports, which ``make lint`` checks: a module imports only from what stands to the
right of it. Packages on one floor do not know each other, and siblings have no circles::

    cli  >  ui  >  workbench | experiments | hub  >  figures | training
      >  conversation | whatif | evaluation | classroom  >  batch  >  speakers  >  pipeline
      >  encoding | verdict  >  listening  >  words  >  explain  >  checkpoint
      >  model | data  >  audio | gallery | language  >  analysis  >  display
      >  extras  >  errors | files | labels | torchaudio_compat
"""

import os

from drkf import torchaudio_compat

__version__ = "0.1.0"

torchaudio_compat.install_finder()  # before anything imports transformers, which imports torchaudio

# ONNX Runtime, which finds speech in a recording, would tell its makers of every use.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
