"""The body on standard input, the exit code counts, and nothing leaks beside it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from dialer.hooks.command import CommandHook
from dialer.wire.webhook import Answer, Message

MESSAGE = Message("msg_1", '{"phone":"+12125550123","name":"María"}'.encode())


def ran(*argv: str, limit_s: float = 10.0, message: Message = MESSAGE) -> Answer:
    """Try once."""
    return asyncio.run(CommandHook(argv, limit_s).send(message))


def python(code: str, *arguments: str) -> tuple[str, ...]:
    """A program of these lines."""
    return (sys.executable, "-c", code, *arguments)


def test_the_body_comes_on_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "got"
    program = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    assert ran(*python(program, str(path))) == Answer()
    assert path.read_bytes() == MESSAGE.body


def test_nothing_of_it_is_in_arguments_or_environment(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    program = "import os, sys; open(sys.argv[1], 'w').write(repr(sys.argv) + repr(dict(os.environ)))"
    assert ran(*python(program, str(path))) == Answer()
    assert "5550123" not in path.read_text()


def test_the_exit_code_counts() -> None:
    assert ran(*python("raise SystemExit(3)")) == Answer("exit code 3")


def test_there_is_no_shell(tmp_path: Path) -> None:
    path = tmp_path / "made"
    ran("echo", f"; touch {path}", f"$(touch {path})")
    assert not path.exists()


def test_a_program_may_leave_a_long_body_unread() -> None:
    assert ran(*python("pass"), message=Message("msg_1", b"x" * 1_000_000)) == Answer()


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    answer = ran(*python("import time; time.sleep(60)"), limit_s=0.3)
    assert answer == Answer("no end within 0.3 s", is_reachable=False)


def test_a_program_that_is_not_there_is_said() -> None:
    answer = ran("/nowhere/hook")
    assert answer.error == "/nowhere/hook cannot be started: No such file or directory"
    assert not answer.is_reachable
    assert "cannot be started" in ran("null\0byte").error
