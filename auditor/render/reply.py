"""The reply to a ticket, ready to post: the cause, what shows it in the author's own words, the fix, what to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.model.finding import Finding, Remedy
from auditor.model.report import Report
from auditor.render.fitting import Section, fitted
from auditor.render.markup.markdown import block, code, folded, link, text
from auditor.render.options import RenderOptions
from auditor.render.page import listed
from auditor.render.parts import closing, pasted, waived
from auditor.render.parts.problems import conditions, grouped, mendings
from auditor.render.parts.wording import is_command, sentence

_QUOTES = 4
_SURE = {"certain": "What you posted shows the cause", "likely": "The likely cause"}
_RULED_OUT = 12


def render(report: Report, options: RenderOptions) -> str:
    """Return Markdown of at most `max_chars` characters, the most important first."""
    tail = f"\n<sub>{text(closing.signature(report))}</sub>\n"
    return fitted(_sections(report), options.max_chars - len(tail)).lstrip("\n") + tail


def _sections(report: Report) -> list[Section]:
    groups = grouped([finding for finding in report.findings if not finding.explained_by])
    told = [group for group in groups if group[0].severity != "note"]
    possible = [group for group in told if group[0].confidence == "possible"]
    sure = [group for group in told if group[0].confidence != "possible"]
    pieces = [_nothing(report)] if not told else [_cause(report, sure[0])] if sure else []
    sections = [Section("the cause", "", pieces)] if pieces else []
    open_ones = [_possible(group, report.options.get("decides") or {}) for group in possible]
    sections += _listed("differences", "", [f"\n{text(words)}\n" for words in pasted.changed(report)])
    sections += _listed("causes that are possible", _OPEN[bool(sure)], open_ones)
    sections += _listed(
        "further findings", "\n**Apart from that:**\n", [_further(group) for group in sure[1:]]
    )
    sections.append(Section("questions", "", [_ask(report, bool(sure))]))
    notes = [f"- {_words(group[0])}\n" for group in groups if group[0].severity == "note"]
    sections += _listed("notes", "\n**Worth knowing:**\n\n", notes)
    known = [
        f"- {text(f.title + waived.about(f))}: {text(sentence(f.waiver))}\n" for f in waived.findings(report)
    ]
    sections += _listed("waived findings", f"\n**{waived.TITLE}:**\n\n", known)
    return [*sections, *_sources(sure or possible)]


_OPEN = {
    False: "\nNothing that you posted is certain proof. It may be one of these:\n",
    True: "\n**It may also be:**\n",
}


def _listed(noun: str, head: str, pieces: list[str]) -> list[Section]:
    return [Section(noun, head, pieces)] if pieces else []


def _nothing(report: Report) -> str:
    """Say that no cause was found, and what was looked at and is in order."""
    word, _, words = pasted.verdict(report)
    passed = list(dict.fromkeys(check.title for check in pasted.ruled_out(report)))
    if word == "NOTHING READ" or not passed:
        return f"\n{text(words)}\n"
    rows = "".join(f"- {text(title)}\n" for title in passed[:_RULED_OUT])
    more = f"- and {len(passed) - _RULED_OUT} more\n" if len(passed) > _RULED_OUT else ""
    return f"\n{text(words)}\n\n" + folded(f"Looked for and not found ({len(passed)})", rows + more)


def _cause(report: Report, group: Sequence[Finding]) -> str:
    first = group[0]
    out = f"\n{_SURE[first.confidence]}: **{text(first.title)}** ({code(first.id)})\n\n{_words(first)}\n"
    quotes = _quotes(first)
    out += f"\nWhat shows it:\n\n{quotes}" if quotes else ""
    out += _mendings(group)
    follows = list(dict.fromkeys(f.title for f in report.findings if first.cause in f.explained_by))
    return out + (f"\nThat explains this as well: {text(listed(follows))}.\n" if follows else "")


def _words(finding: Finding) -> str:
    """Return the finding in a sentence, which a site's card may leave out, and why it matters."""
    return " ".join(
        text(sentence(part)) for part in (_capital(finding.message), finding.why) if part
    ) or text(finding.title)


def _capital(words: str) -> str:
    """Return a sentence's beginning large, save where it is a name such as pytorch or torchvision."""
    first = words.partition(" ")[0]
    return words[:1].upper() + words[1:] if first.isalpha() and first in _COMMON else words


_COMMON = {
    "this",
    "the",
    "these",
    "a",
    "an",
    "it",
    "no",
    "of",
    "files",
    "memory",
    "threads",
    "port",
    "process",
}


def _quotes(finding: Finding) -> str:
    """Return the author's own lines, those first that hold a figure or name of the sentence about them."""
    rows = dict.fromkeys((p.ref, p.excerpt) for p in finding.evidence if p.kind == "paste" and p.excerpt)
    telling = [word.strip(".,:;") for word in finding.message.split() if any(map(str.isdigit, word))]
    ranked = sorted(rows, key=lambda row: not any(word in row[1] for word in telling))
    return "".join(f"- {text(where)}: {code(words)}\n" for where, words in ranked[:_QUOTES])


def _mendings(group: Sequence[Finding]) -> str:
    """Return each remedy once; where several differ, for whom each is."""
    out = ""
    for each in mendings(list(group)):
        out += f"\nFor {text(listed(each.subjects))}:\n" if each.subjects else ""
        out += f"\n{text(sentence(each.message))}\n" if each.message else ""
        out += _mending(each.remedy)
    return out


def _mending(remedy: Remedy) -> str:
    stated = conditions(remedy)
    out = f"\n**To mend it:** {text(sentence(remedy.summary))}{f' ({stated})' if stated else ''}\n"
    out += "\n" + block("\n".join(remedy.commands), "sh") if remedy.commands else ""
    out += _instruction("Meanwhile:", remedy.meanwhile) if remedy.meanwhile else ""
    return out + (
        _instruction("Afterwards this shows whether it is mended:", remedy.check) if remedy.check else ""
    )


def _instruction(label: str, words: str) -> str:
    return (
        f"\n{label}\n\n{block(words, 'sh')}" if is_command(words) else f"\n{label} {text(sentence(words))}\n"
    )


def _possible(group: Sequence[Finding], decides: Mapping[str, Sequence[str]]) -> str:
    first = group[0]
    out = f"\n- **{text(first.title)}** ({code(first.id)})" + (
        f": {text(sentence(first.why))}" if first.why else ""
    )
    rows = [f"- {where}" for where in _quotes(first).removeprefix("- ").split("\n- ") if where]
    asked = [line for line in decides.get(first.id, ()) if is_command(line)]
    rows += [f"- what would decide it: {', '.join(code(line) for line in asked)}"] if asked else []
    rows += [f"- what would mend it: {text(sentence(first.remedy.summary))}"] if first.remedy else []
    return out + "\n" + "".join(f"  {row.strip()}\n" for row in rows)


def _further(group: Sequence[Finding]) -> str:
    first = group[0]
    return (
        f"\n**{text(first.title)}** ({code(first.id)}). {_words(first)}\n{_quotes(first)}{_mendings(group)}"
    )


def _ask(report: Report, sure: bool) -> str:
    """Return what to post next: what decides between causes, or what to add where none was found."""
    commands = [str(line) for line in report.options.get("ask") or ()]
    prose = [line for line in commands if not is_command(line)]
    typed = [line for line in commands if is_command(line)]
    if sure and not commands:
        return (
            "\nIf that does not help, please post the whole error again and what the last command printed.\n"
        )
    out = "\n**Please post**" + (f" {text(listed(prose))}" if prose else "")
    if not typed:
        return (
            f"{out}.\n" if prose else "\n**Please post** the whole error, from its first line to its last.\n"
        )
    return f"{out}{' and' if prose else ''} what these print:\n\n{block(chr(10).join(typed), 'sh')}"


def _sources(groups: Sequence[Sequence[Finding]]) -> list[Section]:
    rows = [
        f"- {link(ref.title or ref.url, ref.url)} {text(ref.date)}\n" for group in groups[:3] for ref in group[0].references
    ]  # fmt: skip
    tables = [
        f"- {code(piece.ref)}\n" for group in groups[:3] for piece in group[0].evidence if piece.ref.startswith("rules/")
    ]  # fmt: skip
    content = "".join(dict.fromkeys([*rows, *tables]))
    return [Section("sources", "", ["\n" + folded("Sources", content)])] if content else []
