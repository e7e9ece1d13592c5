"""What can be asked: one file a family of methods, one function a method. Sockets are not known here."""
