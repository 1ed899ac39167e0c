"""Why a proof is refused. The names are those that the node's own verifier uses for the same checks."""


class Refused(Exception):
    """A check failed. `check` is its name, `context` says where."""

    def __init__(self, check, context=""):
        super().__init__(f"{check}: {context}" if context else check)
        self.check = check
        self.context = context
