"""The version of this program, as its distribution says it."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("colonies-broker")
except PackageNotFoundError:  # run from a checkout that was never installed
    VERSION = "0+unknown"
