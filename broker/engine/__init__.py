"""What the broker does. One duty a module; `node` opens, wires and closes them. Knows neither sockets nor frames."""
