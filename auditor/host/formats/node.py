"""A labelled tree: what an indented listing and its XML twin have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Node:
    """A value and labelled children, in order; a label may occur several times."""

    __slots__ = ("children", "value")

    def __init__(self, value: str = "") -> None:
        self.value = value
        self.children: list[tuple[str, Node]] = []

    def all(self, label: str) -> list[Node]:
        """Return the children with a label."""
        return [child for name, child in self.children if name == label]

    def find(self, path: str) -> Node | None:
        """Return the first node at a path such as "ecc_mode/current_ecc", or None."""
        node: Node | None = self
        for label in path.split("/"):
            node = next((child for name, child in node.children if name == label), None) if node else None
        return node

    def text(self, *paths: str) -> str | None:
        """Return the value at the first of the paths that is there, or None."""
        for path in paths:
            node = self.find(path)
            if node is not None:
                return node.value
        return None

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Return every descendant with its label, parents first."""
        for label, child in self.children:
            yield label, child
            yield from child.walk()


def slug(label: str) -> str:
    """Return a label as a word: "GPU T.Limit Temp" reads gpu_t_limit_temp."""
    return "_".join("".join(c if c.isalnum() else " " for c in label.lower()).split())


def from_indented(text: str) -> Node:
    """Return the tree of lines such as "    Bus Id   : 0000:01:00.0", nested by indentation.

    A line without " : " (or a final colon) opens a branch; one with a value may have children too.
    """
    root = Node()
    stack = [(-1, root)]
    for line in text.splitlines():
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip(" \t"))
        label, value = _split(line.strip())
        while stack[-1][0] >= indent:
            stack.pop()
        node = Node(value)
        stack[-1][1].children.append((slug(label), node))
        stack.append((indent, node))
    return root


def _split(line: str) -> tuple[str, str]:
    label, colon, value = line.partition(" : ")
    if not colon:
        label, colon, value = line.partition(": ")
    return (label.rstrip(" :"), value.strip()) if colon else (line.rstrip(" :"), "")


def from_xml(element: Element) -> Node:
    """Return the tree of an XML element; attributes become children."""
    node = Node((element.text or "").strip())
    node.children = [(name.lower(), Node(value)) for name, value in element.attrib.items()]
    node.children += [(child.tag.lower(), from_xml(child)) for child in element]
    return node
