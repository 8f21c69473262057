"""What a visit can end in: result_codes.yaml."""

from __future__ import annotations

from policies.catalogue.shapes import Source, Strict, Text


class ResultCode(Strict):
    """What a visit can end in; `cooldown_days` null means the alert is not suppressed afterwards."""

    code: Text
    zh: Text
    is_verified_need: bool | None
    cooldown_days: int | None
    meaning_zh: Text


class ResultCodeFile(Strict):
    """`result_codes.yaml`: what a visit may find."""

    source: Source
    result_codes: tuple[ResultCode, ...]
