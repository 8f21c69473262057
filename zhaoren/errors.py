"""Errors that people read: what happened, where, why, and what to do about it."""

from __future__ import annotations


class ZhaorenError(Exception):
    """A problem a user can act on; shown without a traceback.

    `what` happened, `where` (file, line, column, table), `why`, and what `todo` about it.
    None of the four may hold an ID number, a name, a phone, an address or a bank card.

    `code` names the kind of error for machines, in snake_case, and stays when a sentence is reworded. It must
    be given where the error can reach a department: the Chinese words of its receipt are found by it.
    """

    def __init__(self, what: str, where: str = "", why: str = "", todo: str = "", *, code: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.todo, self.code = what, where, why, todo, code

    def __str__(self) -> str:
        named = (("", self.what), ("where: ", self.where), ("why: ", self.why), ("what to do: ", self.todo))
        return "\n".join(label + text for label, text in named if text)
