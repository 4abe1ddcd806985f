"""`dialer` as a process of its own for each command, without importing everything anew each time.

``python tests/support/ready_cli.py SOCKET`` imports once and waits. ``python tests/support/ready_cli.py SOCKET ARGUMENTS`` hands
its arguments, directory, environment and standard streams over; a forked process becomes the command there, and its exit code is
ours.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from pathlib import Path

_STREAMS = 3


def serve(path: str) -> None:
    """Fork a process for each command until we are ended."""
    import dialer
    from dialer.cli import main

    for module in pkgutil.walk_packages(dialer.__path__, "dialer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            near, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(near, main)
            near.close()


def _answer(near: socket.socket, main: object) -> None:
    """Run the command that comes in over ``near``, in a process of its own that dies by it, and say how it ended."""
    given, streams = _received(near)
    pid = os.fork()
    if pid:
        ending = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        near.sendall(json.dumps(ending).encode())
        os._exit(0)
    near.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(given["directory"])
    os.environ.clear()
    os.environ.update(given["environment"])
    sys.argv = ["dialer", *given["arguments"]]
    code = 1
    try:
        assert callable(main)
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _received(near: socket.socket) -> tuple[dict[str, object], list[int]]:
    """The whole message, up to its line's end, and the streams that came with its beginning."""
    streams = array.array("i")
    text, ancillary, _, _ = near.recvmsg(65536, socket.CMSG_LEN(_STREAMS * streams.itemsize))
    for _, _, data in ancillary:
        streams.frombytes(data)
    while not text.endswith(b"\n"):
        text += near.recv(65536)
    return json.loads(text), list(streams)


def ask(path: str, arguments: list[str]) -> int:
    """Have a command run; its exit code."""
    body = {"arguments": arguments, "directory": str(Path.cwd()), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as far:
        far.connect(path)
        line = json.dumps(body).encode() + b"\n"
        sent = far.sendmsg([line], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", range(_STREAMS)))])
        far.sendall(line[sent:])
        ending = int(json.loads(far.recv(64)))
    return ending if ending >= 0 else 128 - ending


if __name__ == "__main__":
    if sys.argv[2:]:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
    serve(sys.argv[1])
