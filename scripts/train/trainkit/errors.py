"""Errors that a user can mend: one clear line, and an exit status."""


class UserError(Exception):
    """Shown as one line on standard error. `status` follows sysexits(3)."""

    def __init__(self, message: str, status: int = 65):
        super().__init__(message)
        self.status = status


class MissingInput(UserError):
    """A data set, configuration or checkpoint that is not there."""

    def __init__(self, message: str):
        super().__init__(message, status=66)
