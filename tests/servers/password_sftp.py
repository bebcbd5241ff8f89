"""An SFTP server that takes a password: OpenSSH's own asks the system's users only, and a test may not make one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

USER, PASSWORD = "databank", "sftp-secret"


class _Door(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        return AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    root: Path

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        return [paramiko.SFTPAttributes.from_stat(each.stat(), each.name) for each in self.root.iterdir()]


@contextmanager
def password_server(folder: Path) -> Iterator[dict[str, object]]:
    """A running server that shows one folder; yields a connection that is let in."""
    key = paramiko.ECDSAKey.generate()
    _Folder.root = folder
    sessions: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                session = paramiko.Transport(client)
                sessions.append(session)
                session.add_server_key(key)
                session.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder)
                session.start_server(event=threading.Event(), server=_Door())

        threading.Thread(target=serve, daemon=True).start()
        host_key = f"{key.get_name()} {key.get_base64()}"
        where = {"host": "127.0.0.1", "port": listening.getsockname()[1], "host_key": host_key}
        yield where | {"user": USER, "password": PASSWORD}
        listening.shutdown(socket.SHUT_RDWR)
    for session in sessions:
        session.close()
