"""Who asks is taken from --by, ZHAOREN_BY or the login, and is never a number or a story."""

from __future__ import annotations

import pytest

from warehouse.queries.asker import Asker, asker
from zhaoren.errors import ZhaorenError


def test_the_option_goes_before_the_setting_and_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "login")
    monkeypatch.delenv("ZHAOREN_BY", raising=False)
    assert asker() == Asker("login")
    monkeypatch.setenv("ZHAOREN_BY", "Chen")
    assert asker(None, "run") == Asker("Chen", "run")
    assert asker("Li") == Asker("Li")


@pytest.mark.parametrize("name", ["440103199001011234", "138 0013 8000", "a" * 61, "two\nlines"])
def test_what_may_be_a_person_is_refused(name: str) -> None:
    with pytest.raises(ZhaorenError) as refused:
        asker(name)
    assert name not in str(refused.value)
