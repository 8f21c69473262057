"""What may be a schedule of `zhaoren serve`."""

from __future__ import annotations

import pytest

from flows.orchestration.server import check_cron
from zhaoren.errors import ZhaorenError


@pytest.mark.parametrize("cron", ["0 3 * * *", " */15 8-18 * * 1-5 "])
def test_five_parts_are_a_schedule(cron: str) -> None:
    check_cron(cron)


@pytest.mark.parametrize("cron", ["", "daily", "0 3 * *", "* * * * * 20"])
def test_anything_else_is_refused(cron: str) -> None:
    with pytest.raises(ZhaorenError, match="is no schedule") as refused:
        check_cron(cron)
    assert refused.value.where == "--cron"
