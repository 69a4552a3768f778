"""DRKF: optimised representation learning (ORL) and knowledge fusion (KF), a module per idea."""

from drkf.model.config import DRKFConfig, EncoderConfig
from drkf.model.drkf import DRKF
from drkf.model.voice import VoiceReference

__all__ = ["DRKF", "DRKFConfig", "EncoderConfig", "VoiceReference"]
