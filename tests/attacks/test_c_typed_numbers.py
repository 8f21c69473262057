"""What is typed stands in the shell's history and, for every account, in the list of processes.

Found on the way to tried §8: on b97b271 `zhaoren id` took numbers from the command line alone.
"""

from __future__ import annotations

import json

from tests.helpers.attacks import command
from tests.helpers.id_numbers import made_number


def test_a_number_is_looked_at_without_being_typed() -> None:
    good, bad = made_number(1), made_number(1)[:-1]
    done = command("id", "--json", input=f"{good}\n\n {bad} \n")
    assert [(one["number"], one["valid"]) for one in json.loads(done.stdout)] == [(good, True), (bad, False)]
    assert done.returncode == 1
    assert command("id", input=f"{good}\n").returncode == 0
