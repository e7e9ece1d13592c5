"""`python -m broker start` is `colonies server start`."""

from broker.cli import main

if __name__ == "__main__":
    main()
