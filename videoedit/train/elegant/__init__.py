"""ELEGANT's trainings: as published, and the modern one that makes what ships."""
