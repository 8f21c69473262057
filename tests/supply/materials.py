"""The bill of materials, in CycloneDX 1.6: `python -m tests.supply.materials FILE`.

Made from requirements.lock alone, with each licence of docs/licences.md: the same lock gives the same bytes,
and no date, machine or address is in it. So it is made when asked for, and not kept in the repository.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import zhaoren
from tests.supply.licences import licence_of
from tests.supply.locks import PRODUCTION, Locked, locked

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component


def bill() -> str:
    """The bill as JSON."""
    from cyclonedx.output.json import JsonV1Dot6

    document = json.loads(JsonV1Dot6(_bom()).output_as_string())
    del document["metadata"]["timestamp"]  # the only thing that would differ from run to run
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def fault_of(text: str) -> str:
    """What the standard's own schema has against a bill; "" for a valid one."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return str(fault) if fault else ""


def _bom() -> Bom:
    from cyclonedx.model.bom import Bom

    parts = [_component(one) for one in locked()]
    serial = uuid.uuid5(uuid.NAMESPACE_OID, PRODUCTION.read_text(encoding="utf-8"))
    bom = Bom(components=parts, serial_number=serial)
    bom.metadata.component = _ourselves()
    bom.register_dependency(bom.metadata.component, parts)
    return bom


def _ourselves() -> Component:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.component import Component, ComponentType

    return Component(
        name="zhaoren",
        version=zhaoren.__version__,
        type=ComponentType.APPLICATION,
        bom_ref="zhaoren",
        licenses=[LicenseFactory().make_with_id("Apache-2.0")],
    )


def _component(one: Locked) -> Component:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{one.name}=={one.version}",
        purl=PackageURL("pypi", None, one.name, one.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in one.hashes],
        licenses=[LicenseFactory().make_from_string(licence_of(one.name))],
    )


if __name__ == "__main__":
    target, text = Path(sys.argv[1]), bill()
    if fault := fault_of(text):
        raise SystemExit(f"the bill of materials is not valid: {fault}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"{len(locked())} components: {target}")
