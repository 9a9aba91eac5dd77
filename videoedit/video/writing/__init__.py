"""From frames to a file: containers, encoders, rates, sizes, and joined segments."""
