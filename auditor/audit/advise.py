"""What to type here, or on a machine that is described or recorded: facts, goals and wishes -> a plan."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from auditor.audit import stages
from auditor.audit.request import Request
from auditor.engine.planning.wish import NOTHING, Wish, check_framework
from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, known
from auditor.model.recommendation import Plan, Recommendation

FRAMEWORKS = ("pytorch", "tensorflow", "jax", "both")
_OF_ACCELERATORS = ("gpu[", "nvidia.", "amd.", "intel.", "tpu.", "apple.", "accelerators.")
_OF_THE_ENVIRONMENT = ("python.", "torch.", "tensorflow.", "jax.", "components", "smoke.")


class Advice(msgspec.Struct, frozen=True):
    """The plan, the ranking where it chose the framework, and the facts that both rest on."""

    plan: Plan
    facts: Facts
    recommendation: Recommendation | None = None


def advise(
    request: Request,
    host: Host,
    tmpdir: str | None,
    framework: str = "",
    wish: Wish = NOTHING,
    form: str = "",
    index_check: bool = False,
) -> Advice:
    """Return the plan for a framework, or for the one that the goals rank first; `form` is how it is written out.

    `index_check` asks the index whether each file is there: the only use of the network.

    A live `host` is not touched where the assumptions describe a machine of their own.

    Raises:
        AssumptionError: an assumption that cannot be read, or two that cannot hold together.
        KnowledgeError: an unknown goal.
        WishError: a pin names what there is not.

    """
    framework = framework or wish.framework
    check_framework(wish, framework)
    aims = stages.aims(request, for_both=framework == "both")
    _check_kept(aims, framework)
    facts, assumed = _facts(request, host, tmpdir)
    if avoiding := [name for name in aims.asked if "gpu" in aims.goals[name].avoids]:
        facts = _on_the_processor(facts)
        assumed = (
            *assumed,
            f"the goal {avoiding[0]} does without accelerators: those that are here are left alone",
        )
    if framework:
        made = _decided(facts, framework, _with_companions(aims, wish, framework), index_check)
        plan = _on_the_index(_with_notes(made, aims, framework), facts, index_check)
        return Advice(_finished(plan, facts, assumed, form), facts)
    plans = {
        name: _decided(facts, name, _with_companions(aims, wish, name), index_check) for name in _ranked(aims)
    }
    from auditor.engine.recommend import recommend

    _, advice = recommend(
        facts,
        (),
        aims.criteria,
        aims.goals,
        aims.asked,
        basis=aims.basis,
        team=aims.team,
        kept=aims.kept,
        plans=plans,
    )
    chosen = _chosen(advice, plans, bool(aims.asked or aims.kept or aims.team))
    if not aims.asked and (aims.kept or aims.team):
        said = f"no --goal is given, so it is chosen for {advice.goals[0].goal}"
        chosen = msgspec.structs.replace(chosen, because=(said, *chosen.because))
    plan = _on_the_index(_with_notes(chosen, aims, chosen.framework), facts, index_check)
    return Advice(_finished(plan, facts, assumed, form), facts, advice)


def redacted_advice(advice: Advice, host: Host) -> Advice:
    """Return the advice as it may be made public."""
    from auditor.audit.redacted import redactor_for
    from auditor.redaction import redact_part

    redactor = redactor_for(host)
    return msgspec.structs.replace(advice, plan=redact_part(advice.plan, "plan", redactor))


def _facts(request: Request, host: Host, tmpdir: str | None) -> tuple[Facts, tuple[str, ...]]:
    """Return the machine's facts and what was taken for granted."""
    from auditor.audit.described import described, stands_alone
    from auditor.engine.derive import derive

    stated = stages.assumptions(request)
    if stands_alone(stated) and host.live:
        found = described(stated, _modules(request))
        return found.facts, found.assumed
    choice = stages.choose_target(request, host)
    facts, _ = stages.probe(stages.seed(request, host, choice), host, request, tmpdir)
    facts = stages.with_assumed(_without_environment(facts, stated), stated)
    return stages.with_assumed(facts.merged(derive(facts)), stated), ()


def _on_the_processor(facts: Facts) -> Facts:
    """Return the machine as one without accelerators."""
    left = {key: fact for key, fact in facts.items() if not key.startswith(_OF_ACCELERATORS)}
    return Facts({**left, "accelerators.vendors": known([])})


def _modules(request: Request) -> str:
    """Return the architecture that one of the stated cards brings along, empty where none does."""
    from auditor.audit.assume import CARDS
    from auditor.audit.assumed_cards import named_cards

    pairs = [text.partition("=")[::2] for text in request.assume]
    cards = named_cards([(key.strip(), value.strip()) for key, value in pairs if key.strip() in CARDS])
    return next((card.arch for card in cards if card.arch), "")


def _without_environment(facts: Facts, stated: Mapping[str, Fact]) -> Facts:
    """Forget what is installed where another Python is assumed: it is for this one."""
    if "python.version" not in stated or facts.value("python.version") == stated["python.version"].value:
        return facts
    version = ".".join(str(stated["python.version"].value).split(".")[:2])
    version += "t" if "python.free_threaded" in stated and stated["python.free_threaded"].value else ""
    kept = {key: fact for key, fact in facts.items() if not key.startswith(_OF_THE_ENVIRONMENT)}
    return Facts({**kept, "target.python": known(f"python{version}")})


def _with_companions(aims: stages.Aims, wish: Wish, framework: str) -> Wish:
    names = ("pytorch", "tensorflow") if framework == "both" else (framework,)
    wanted = [name for goal in aims.asked for of in names for name in aims.goals[goal].companions.get(of, ())]
    kept = [name for one in aims.kept for of in names for name in one.coping(of).companions]
    return msgspec.structs.replace(
        wish,
        companions=tuple(dict.fromkeys((*wish.companions, *wanted))),
        requirements=tuple(dict.fromkeys((*wish.requirements, *kept))),
    )


def _check_kept(aims: stages.Aims, framework: str) -> None:
    """Refuse a framework that cannot keep what must not change.

    Raises:
        KnowledgeError: it cannot; says what would allow it.

    """
    if not (aims.kept and framework):
        return
    from auditor.knowledge.kept import left_out
    from auditor.knowledge.words import KnowledgeError

    names = ("pytorch", "tensorflow") if framework == "both" else (framework,)
    for kept in aims.kept:
        out = left_out([kept])
        if all(name in out for name in names):
            raise KnowledgeError("--keep", "", f"{' and '.join(names)} asked for, but {out[names[0]]}")


def _with_notes(plan: Plan, aims: stages.Aims, framework: str) -> Plan:
    """Return the plan with what the user must know of the things kept."""
    names = ("pytorch", "tensorflow") if framework == "both" else (framework,)
    every = [(kept, kept.coping(name)) for kept in aims.kept for name in names]
    copings = [(kept, coping) for kept, coping in every if not coping.cannot]
    notes = [text for kept, coping in copings for text in (f"{kept.id}: {coping.says}", *coping.notes)]
    return msgspec.structs.replace(plan, because=tuple(dict.fromkeys((*plan.because, *notes))))


def _plan(facts: Facts, framework: str, wish: Wish) -> Plan:
    from auditor.engine.plan import plan
    from auditor.engine.planning.ambiguous import for_every_chip
    from auditor.engine.planning.both import both

    if framework == "both":
        return for_every_chip(facts, lambda one: both(one, wish, plan))
    return for_every_chip(facts, lambda one: plan(one, framework, wish))


def _decided(facts: Facts, framework: str, wish: Wish, index_check: bool) -> Plan:
    """Return the plan; with `index_check` the index's metadata decides on what comes along."""
    made = _plan(facts, framework, wish)
    if not (index_check and wish.requirements):
        return made
    from auditor.audit.together import decided

    return decided(made, wish, lambda another: _plan(facts, framework, another), facts, framework)


def _ranked(aims: stages.Aims) -> list[str]:
    """Return the frameworks that the goals rank, without those that cannot keep what must not change."""
    from auditor.knowledge.goals import USE_CASES

    goals = [aims.goals[name] for name in aims.asked or USE_CASES]
    ranked = list(dict.fromkeys(name for goal in goals for name in goal.frameworks))
    if not aims.kept:
        return ranked
    from auditor.knowledge.kept import left_out

    out = left_out(aims.kept)
    return [name for name in ranked if name not in out] or [
        name for name in FRAMEWORKS[:3] if name not in out
    ]


def _chosen(advice: Recommendation, plans: Mapping[str, Plan], asked: bool) -> Plan:
    """Return the plan of the best-ranked framework that can use this machine, and why it is not the first."""
    goal = advice.goals[0]
    order = [entry.framework for entry in goal.ranking] or list(plans)
    first = plans[order[0]]
    plan = next((plans[name] for name in order if plans[name].possible), first)
    why = [f"{goal.goal}: {goal.because}"] if asked else []
    why += [said for said in goal.kept if "is left out" in said]
    if plan is not first:
        why.append(f"{order[0]} ranks first for {goal.goal}, but {first.blocked_by[0]}")
    plan = msgspec.structs.replace(plan, because=(*why, *plan.because))
    return _without_its_need(plan, goal.blocked_by) if asked and goal.blocked_by else plan


def _without_its_need(plan: Plan, missing: tuple[str, ...]) -> Plan:
    """Return the plan as impossible: a hard requirement of the goal is not met; what fits is an alternative."""
    instead = f"for another goal: {' && '.join(plan.steps)}" if plan.steps else ""
    return msgspec.structs.replace(
        plan,
        possible=False,
        choices=(),
        steps=(),
        blocked_by=(*missing, *plan.blocked_by),
        alternatives=(*((instead,) if instead else ()), *plan.alternatives),
        expires="",
    )


def _on_the_index(plan: Plan, facts: Facts, asked: bool) -> Plan:
    if not asked:
        return plan
    from auditor.audit.index_check import checked
    from auditor.engine.planning.machine import machine_of

    return checked(plan, machine_of(facts))


def _finished(plan: Plan, facts: Facts, assumed: tuple[str, ...], form: str) -> Plan:
    """Put what was taken for granted, the tables' date and the form that was asked for beside the plan."""
    output = ""
    if form and plan.possible:
        from auditor.engine.planning.forms import written

        output = written(plan, facts, form)
    return msgspec.structs.replace(
        plan,
        assumed=assumed,
        because=tuple(dict.fromkeys((*plan.because, *assumed))),
        knowledge_date=stages.knowledge_date(),
        output=output,
    )
