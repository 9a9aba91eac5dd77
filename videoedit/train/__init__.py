"""Trainings: data, losses, tasks, and the loop they share."""
