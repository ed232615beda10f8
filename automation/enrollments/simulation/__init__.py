"""What a simulation is made of (simulate.py). It reads, and writes nothing."""
