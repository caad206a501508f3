"""Ports for servers that tests start."""

import socket


def free_port() -> int:
    """A loopback port that nobody listens on, nor on the next two: a sandbox's worlds are neighbours."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
            try:
                for neighbour in (port + 1, port + 2):
                    socket.create_server(("127.0.0.1", neighbour)).close()
            except OSError:
                continue
            return port
