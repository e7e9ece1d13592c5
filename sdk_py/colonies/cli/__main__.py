"""`python -m colonies.cli` is `colonies`."""

from . import main

if __name__ == "__main__":
    main()
