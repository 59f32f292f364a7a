"""Two CUDA devices acted by the processor, so that every line of a CUDA branch runs where there is no GPU.

Put on PYTHONPATH. A tensor asked for on "cuda:N" lies in ordinary memory and bears a mark, which results inherit; a
graph records what is called and replays it; NCCL is gloo. What it shows is that the branch has no slip and that its
checks tell right from wrong, never that a GPU works. FAULT = "replay", "copy" or "peer" spoils what it names.
"""

import contextlib
import os

import torch
import torch.distributed
from torch.overrides import TorchFunctionMode

FAULT = ""
TO_HOST = ("cpu", "numpy", "tolist", "item")
GET_DEVICE, COPY = torch.Tensor.device.__get__, torch.Tensor.copy_


def plain(value):
    """Return a value with CUDA devices replaced, and the device that was meant."""
    text = str(value) if isinstance(value, (str, torch.device)) else ""
    return ("cpu", "cuda:0" if text == "cuda" else text) if text.startswith("cuda") else (value, "")


class OnProcessor(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if func == GET_DEVICE:
            return torch.device(getattr(args[0], "acted", "cpu"))
        if name in ("pin_memory", "is_pinned"):
            return args[0] if name == "pin_memory" else True
        kwargs.pop("pin_memory", None)
        asked = ""
        pairs = [plain(value) for value in args]
        args = tuple(value for value, _ in pairs)
        for key, value in kwargs.items():
            kwargs[key], meant = plain(value)
            asked = asked or meant
        asked = asked or next((meant for _, meant in pairs if meant), "")
        away = name in TO_HOST or (name == "to" and "cpu" in args and not asked)
        # torch gives back the very tensor where nothing is to be done; on a device it is another one
        out = func(*args, **kwargs)
        if name in ("to", "cpu") and isinstance(out, torch.Tensor) and out is args[0]:
            out = torch.clone(out)
            del_mark(out)
        if func == COPY and FAULT == "copy":
            out.view(-1)[3] += 1
        if name == "to" and FAULT == "peer" and asked == "cuda:1":
            out.view(-1)[3] += 1
        mark = asked or next(
            (a.acted for a in args if isinstance(a, torch.Tensor) and hasattr(a, "acted")), ""
        )
        if isinstance(out, torch.Tensor) and mark and not away and func != COPY:
            out.acted = mark
        if GRAPHS:
            GRAPHS[-1].append((func, args, kwargs, out))
        return out


GRAPHS = []


def del_mark(tensor):
    if hasattr(tensor, "acted"):
        del tensor.acted


class Graph:
    def __init__(self):
        self.calls = []

    def replay(self):
        if FAULT == "replay":
            return
        now = {}
        for func, args, kwargs, out in self.calls:
            fresh = func(*[now.get(id(a), a) for a in args], **kwargs)
            now[id(out)] = fresh
            if isinstance(out, torch.Tensor):
                out.detach().copy_(fresh)


@contextlib.contextmanager
def capture(graph):
    GRAPHS.append(graph.calls)
    try:
        yield
    finally:
        GRAPHS.pop()


class Stream:
    def __init__(self, *_):
        pass

    def wait_stream(self, _):
        pass


def act():
    """Replace what asks the driver."""
    nothing = lambda *_, **__: None  # noqa: E731
    answers = {
        "is_available": lambda: True, "device_count": lambda: 2, "synchronize": nothing, "set_device": nothing,
        "Stream": Stream, "current_stream": Stream, "stream": lambda _: contextlib.nullcontext(),
        "CUDAGraph": Graph, "graph": capture, "is_bf16_supported": lambda: True, "empty_cache": nothing,
        "get_device_capability": lambda *_: (9, 0), "can_device_access_peer": lambda *_: True,
        "memory_allocated": lambda *_: 0, "memory_reserved": lambda *_: 0,
        "mem_get_info": lambda *_: (3 << 30, 3 << 30), "get_per_process_memory_fraction": lambda *_: 0.1,
        "set_per_process_memory_fraction": nothing,
        "get_device_properties": lambda *_: type("Properties", (), {"total_memory": 1 << 60})(),
    }  # fmt: skip
    for name, answer in answers.items():
        setattr(torch.cuda, name, answer)
    torch.version.cuda = "12.8"
    generator, autocast = torch.Generator, torch.autocast
    torch.Generator = lambda device="cpu": generator()
    torch.autocast = lambda kind, **more: autocast("cpu", **more)
    right = torch.distributed.init_process_group
    torch.distributed.init_process_group = lambda backend, **k: right("gloo", **k)
    torch.distributed.is_nccl_available = lambda: True
    OnProcessor().__enter__()


if os.environ.get("STAND_IN"):
    act()
