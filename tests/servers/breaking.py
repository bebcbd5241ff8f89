"""A line that breaks: bytes pass between a client and a server of loopback until too many have gone up, once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 1 << 15


class BreakingLine:
    """Where it listens, and how often it broke."""

    def __init__(self, server_port: int, after_bytes: int) -> None:
        self._server_port, self._after_bytes, self.broken = server_port, after_bytes, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                limit = None if self.broken else self._after_bytes
                threading.Thread(target=self._pass, args=(client, server, limit), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, None), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        gone = 0
        with suppress(OSError):
            while data := source.recv(CHUNK):
                target.sendall(data)
                gone += len(data)
                if limit is not None and gone > limit:
                    self.broken += 1
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._listener.close()


@contextmanager
def breaking_line(server_port: int, after_bytes: int) -> Iterator[BreakingLine]:
    """A line in front of a server while the block runs."""
    line = BreakingLine(server_port, after_bytes)
    try:
        yield line
    finally:
        line.close()
