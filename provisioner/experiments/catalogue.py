"""Every experiment, in the order of execution."""

from __future__ import annotations

from provisioner.experiments import channels, deployments, uploads
from provisioner.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = (*uploads.EXPERIMENTS, *channels.EXPERIMENTS, *deployments.EXPERIMENTS)
BY_NAME = {each.name: each for each in EXPERIMENTS}
