"""How fast everything is on this machine, and where the time goes."""
