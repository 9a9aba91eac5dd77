"""The networks, each as its paper or card describes it."""
