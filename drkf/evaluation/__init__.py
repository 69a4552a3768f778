"""How good a checkpoint is: dev set, figures, calibration, faithfulness, model card."""
