"""The paper's protocol and what is compared with it: benchmark, size, baselines, ablation."""
