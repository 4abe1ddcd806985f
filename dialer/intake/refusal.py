"""The way out of a row that is refused."""


class Refused(Exception):
    """Not an error of the program: which column and value, the code of the row problem, a sentence, and what to do."""

    def __init__(self, column: str, value: str, code: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.column, self.value, self.code, self.message, self.fix = column, value, code, message, fix
