"""All reading and writing of video; PyAV is used nowhere else."""
