"""Every sentence that a demo writes on a list or page is plain Chinese."""

from __future__ import annotations

from tests.helpers.homes import Made
from tests.helpers.sentences import not_plain, sentences


def test_every_sentence_on_the_demos_lists_is_plain(demo: Made) -> None:
    assert not_plain(demo.home.root) == {}
    shown = [where for where, _ in sentences(demo.home.root)]
    for sheet in (
        "走访名单",
        "本期变化",
        "重点人员",
        "填写说明",
        "后续办理",
        "各站",
        "要督办的",
        "待核实清单",
    ):
        assert any(where.endswith(sheet) for where in shown), sheet
    assert len(shown) > 500
