"""Words that a fault is told with, said of something else: no cause is named, not even as possible."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose

INNOCENT = [
    # suspended, asleep, awake: a screen, a thread, a job, a program
    "After resuming from suspend the touchpad does not come back, Fedora 41, NVIDIA driver 560",
    "The screen stays black when I wake the laptop from sleep. RTX 4060, driver 550.120",
    "After suspend my Jupyter kernel loses the websocket connection. torch 2.4.1+cu121",
    "When the thread is suspended the GPU queue stops filling. torch 2.6.0+cu124, A100, driver 550.90",
    "vLLM: after sleep level 2 and wake up the weights are zeros. torch 2.7.0+cu126",
    "If the trial is suspended by Optuna it never resumes. torch 2.5.1",
    "We rmmod nvidia_uvm in our provisioning script before upgrading the driver, any better way? driver 550",
    # memory that one's own program keeps
    "memory is still allocated by the process according to memory_summary(). torch 2.4.0+cu121, RTX 3090, driver 550.54",
    "The memory is not released by my program until the traceback is cleared. torch 2.3.0+cu121",
    "The Python process still holds 3 GB of memory after gc.collect() on the CPU, torch 2.6.0+cpu",
    "When stopped with ctrl-c it still holds the lock on the memory mapped file. torch 2.5.1",
    "Once training is finished the GPU memory is not needed; how do I move the model to the CPU? torch 2.6.0+cu124",
    "There is no process using port 29500, still I get EADDRINUSE. torch 2.4.0+cu121, 2x A100",
    "OOM problems with a 7B model on a 12 GB card: what batch size should I take? torch 2.6.0+cu124, RTX 3060",
    # containers and pods that wait, end, or share
    "Pods cannot be scheduled on GPU nodes until restart of the cluster autoscaler",
    "The container can not keep two GPUs busy, after an hour throughput falls. torch 2.4.1+cu121, 2x RTX 3090, driver 550",
    "My training pod was lost when the GPU node was preempted after six hours; resuming gives KeyError: 'scheduler'",
    "Container stops after the training finishes, GPU is then free until the next job; is that intended?",
    "nvml init takes 200 ms, unknown why. pynvml 11.5, driver 550",
    # the CPU on purpose
    "How do I make torch use the CPU instead of the GPU for one layer? torch 2.6.0+cu124",
    "I want to run the model on CPU instead of GPU to debug an assert. torch 2.3.1+cu121, RTX 3060, driver 545",
    "Results differ: when I run on the CPU and not on the GPU the loss is 1e-7 lower. torch 2.5.1+cu124, RTX 3080, driver 560",
    "XGBoost trains on CPU instead of GPU: I forgot device='cuda'. xgboost 2.1.1",
    "JPEG decoding uses CPU instead of GPU unless nvjpeg is asked for. torchvision 0.19.1+cu121, torch 2.4.1+cu121",
    # shared memory and glibc as subjects
    "DataLoader needs shared memory for zero copies; can I both pin and share? torch 1.11.0 with CUDA 11.4, V100",
    "RFC: the new dataloader wants more shared memory and fewer processes",
    "Continue to support older glibc versions: the last release dropped the wheels for them",
    "Compiled with a glibc newer than 2.35, is there a way to build with an older glibc in cibuildwheel?",
    # boards, switches and libraries that are in order
    "jetson nano: model.predict returned False for an empty image, JetPack 4.6.1, torch 1.10.0",
    "We run without nvidia-fabricmanager on PCIe A100 cards, driver 550.54.15, all is well",
    "We delete the stub libcuda.so from the final docker image, is it needed? cuda 12.4",
    "cxx11_abi_FALSE wheels: which one do I take for torch 2.5.1+cu124? flash_attn-2.7.0",
    "ptxas info: Used 255 registers, does not spill on sm_86; how do I lower it?",
    "My Mac M2 Pro runs torch 2.5.1, we also build an x86_64 python wheel in CI for others; both work",
    "The cluster says all devices are busy or reserved; how long is the queue usually?",
]
TOLD = [
    ("cuda_unknown_error_uvm", "torch.cuda.is_available() gives False after my PC was suspended over night"),
    (
        "cuda_unknown_error_uvm",
        "Since I woke the desktop from hibernation the GPU is gone for pytorch, reloading nvidia_uvm helps",
    ),
    (
        "gpu_memory_held_by_other_process",
        "The program crashed, but VRAM is still occupied, 11 of 12 GB on my RTX 3060",
    ),
    (
        "container_gpu_cgroup_lost",
        "docker containers lose access to all GPUs after some days, a restart of the container helps",
    ),
    ("container_gpu_cgroup_lost", "The pod can no longer see its GPU after a while"),
    (
        "cpu_only_build",
        "I have a GTX 1660 and pytorch runs on the CPU rather than the GPU. pip install torch on Windows 10",
    ),
    ("glibc_too_old", "flash_attn does not import: our cluster's glibc is too old for it"),
    (
        "shm_too_small",
        "The dataloader dies with a bus error, there is not enough shared memory in the container",
    ),
]


@pytest.mark.parametrize("text", INNOCENT)
def test_nothing_is_suspected(text: str) -> None:
    assert [f.cause for f in diagnose([text]).findings if f.severity in ("error", "warning")] == []


@pytest.mark.parametrize(("cause", "text"), TOLD)
def test_what_is_meant_is_still_heard(cause: str, text: str) -> None:
    assert [finding.cause for finding in diagnose([text]).findings][:1] == [cause]
