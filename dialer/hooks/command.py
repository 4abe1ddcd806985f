"""A receiver that is a program: the body on its standard input, exit code 0 for success.

It is started without a shell. Nothing of the message is in its arguments or its environment, where other users of the machine
could read it.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process

from dialer.hooks.base import LIMIT_S
from dialer.wire.webhook import Answer, Message


class CommandHook:
    """Runs ``argv`` once per try."""

    def __init__(self, argv: tuple[str, ...], limit_s: float = LIMIT_S) -> None:
        self._argv = argv
        self._limit_s = limit_s

    async def send(self, message: Message) -> Answer:
        """Try once; a program that takes too long is killed."""
        try:
            process = await asyncio.create_subprocess_exec(*self._argv, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            return Answer(f"{self._argv[0]} cannot be started: {said}", is_reachable=False)
        try:
            async with asyncio.timeout(self._limit_s):
                await process.communicate(message.body)
        except TimeoutError:
            return Answer(f"no end within {self._limit_s:g} s", is_reachable=False)
        finally:
            await _ended(process)
        return Answer(f"exit code {process.returncode}" if process.returncode else "")


async def _ended(process: Process) -> None:
    """Leave no process behind, whatever the reason for leaving it."""
    if process.returncode is None:
        process.kill()
        await process.wait()
