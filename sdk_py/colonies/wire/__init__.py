"""The language that brokers and clients speak: identity, frames, messages, model, errors.

Pure: no sockets, no stores, no event loop. Brokers and SDKs stand on it.
"""
