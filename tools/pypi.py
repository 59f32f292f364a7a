"""What the tools ask of PyPI: a project's files, and parts of a wheel without fetching it."""

from __future__ import annotations

import html
import io
import re
import urllib.request

from pip._internal.models.index import PyPI  # the index as pip knows it

PARTIAL = 206


class RemoteWheel(io.RawIOBase):
    """A wheel on the index, of which only the parts that are read are fetched."""

    def __init__(self, url: str) -> None:
        """Ask how long it is."""
        self.url, self.at = url, 0
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=60) as answer:
            self.size = int(answer.headers["Content-Length"])

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any part can be read."""
        return True

    def tell(self) -> int:
        """Return where the next read begins."""
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset."""
        self.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        return self.at

    def read(self, count: int = -1) -> bytes:
        """Fetch the next bytes."""
        end = self.size if count < 0 else min(self.at + count, self.size)
        if end <= self.at:
            return b""
        asked = urllib.request.Request(self.url, headers={"Range": f"bytes={self.at}-{end - 1}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            if answer.status != PARTIAL:
                raise OSError(f"{self.url}: the index does not serve parts of files")
            found = bytes(answer.read())
        self.at += len(found)
        return found


def files(package: str) -> list[tuple[str, str, str]]:
    """Return (url, file name, Requires-Python) of each file that was not withdrawn."""
    with urllib.request.urlopen(f"{PyPI.simple_url}/{package}/", timeout=60) as answer:
        page = answer.read().decode()
    found = []
    for attributes, name in re.findall(r"<a ([^>]*)>([^<]+)</a>", page):
        if "data-yanked" not in attributes:
            url = html.unescape(re.findall(r'href="([^"#]+)', attributes)[0])
            python = re.findall(r'data-requires-python="([^"]*)"', attributes)
            found.append((url, name, html.unescape(python[0]) if python else ""))
    return found
