"""What stands around the code: documentation, image, compose file, make."""
