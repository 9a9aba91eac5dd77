"""The face detector's training: scenes, teachers, export, evaluation."""
