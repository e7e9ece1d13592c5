"""The door: sockets and HTTP. Nothing else knows them."""
