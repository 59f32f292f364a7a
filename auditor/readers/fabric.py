"""`ibstat` and `ibstatus`: the ports of InfiniBand and RoCE adapters."""

from __future__ import annotations

import re

from auditor.host.formats import ib
from auditor.model.fact import known
from auditor.readers.lines import Line
from auditor.readers.notes import Notes, seen

_MOST = 64  # lines of one adapter
_HEAD = re.compile(r"^\s{0,8}CA '\w{1,40}'|^Infiniband device '\w{1,40}' port \d{1,3} status", re.IGNORECASE)
_FIELD = re.compile(r"^\s{0,40}[\w ()-]{2,40}:|^\s{0,40}(?:Port \d{1,3}:|Number of ports)")
_TYPE = re.compile(r"^\s{0,40}CA type:\s{0,20}(\w{2,20})", re.IGNORECASE)


def read(lines: list[Line]) -> Notes:
    """Return the adapters, their models and their ports."""
    notes = Notes()
    starts = [index for index, line in enumerate(lines) if _HEAD.match(line.text)]
    ports, models = [], {}
    for start in starts:
        block = _block(lines, start)
        text = "\n".join(line.text for line in block)
        found = ib.parse_ibstat(text) or ib.parse_ibstatus(text)
        if not found:
            continue
        notes.take(*block)
        ports += [port for port in found if port.get("state")]
        model = next((named[1] for line in block if (named := _TYPE.match(line.text))), None)
        models[found[0]["device"]] = {"type": model}
    if ports:
        first = seen(lines[starts[0]])
        notes.put("ib.ports", known(ports, first))
        notes.put("ib.devices", known(sorted(models), first))
        notes.put("ib.device_info", known(models, first))
    return notes


def _block(lines: list[Line], start: int) -> list[Line]:
    """Return an adapter's lines, up to the next adapter or the first line that is no field of one."""
    block = [lines[start]]
    for line in lines[start + 1 : start + _MOST]:
        if _HEAD.match(line.text) or (line.words and not _FIELD.match(line.text)):
            break
        block.append(line)
    return block
