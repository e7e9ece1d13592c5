"""`python -m broker start` is `colonies server start`."""

from broker.cli import server

if __name__ == "__main__":
    server()
