"""What runs in the programs of the load, one module for each plan; started as `python -m broker.bench.load`."""
