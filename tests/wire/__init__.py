"""The ground floor: identity, frames, errors, model, validation."""
