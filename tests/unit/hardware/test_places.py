"""Disks, containers and schedulers."""

import pytest

from auditor.model.fact import Facts, known
from auditor.probes.container import PROBE as CONTAINER
from auditor.probes.disk import PROBE as DISK
from auditor.probes.orchestrator import PROBE as ORCHESTRATOR

SPACE = {"total_kib": 100, "free_kib": 40, "inodes_free": 7, "read_only": False}
MOUNTS = "1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:30 / /home rw - nfs4 server:/home rw\n"


def places(host, facts=None):
    return {place["role"]: place for place in DISK.collect(host, facts or Facts())["disk.places"].value}


def test_each_place_has_its_space_and_file_system(machine):
    calls = {f"statvfs:{path}": SPACE for path in ("/home/u", "/tmp", "/home")}
    host = machine(
        {"/proc/self/mountinfo": MOUNTS, "/home/u/x": "", "/tmp/x": ""}, calls=calls, env={"HOME": "/home/u"}
    )
    found = places(host, Facts({"request.cwd": known("/tmp")}))
    assert found["home"] == {"role": "home", "path": "/home/u", "filesystem": "nfs4", **SPACE}
    assert (found["tmp"]["filesystem"], found["cwd"]["path"]) == ("ext4", "/tmp")


def test_a_cache_that_is_yet_to_be_made_counts_as_the_folder_above(machine):
    host = machine(
        {"/home/u/x": ""}, calls={"statvfs:/home/u": SPACE, "statvfs:/tmp": SPACE}, env={"HOME": "/home/u"}
    )
    found = places(host)
    assert found["cache:torch"] == {
        "role": "cache:torch",
        "path": "/home/u/.cache/torch",
        "filesystem": None,
        **SPACE,
    }


def test_variables_move_the_caches(machine):
    host = machine(env={"HF_HOME": "/data/hf", "TMPDIR": "/scratch"})
    found = places(host)
    assert (found["cache:huggingface"]["path"], found["tmp"]["path"]) == ("/data/hf", "/scratch")
    assert "home" not in found


def test_a_place_that_cannot_be_measured_says_why(machine):
    place = places(machine(env={}))["tmp"]
    assert place["free_kib"] is None
    assert place["reason"]


def test_without_the_environment_the_places_are_unknown(machine):
    assert DISK.collect(machine(), Facts())["disk.places"].state == "unknown"


def container(host, facts=None):
    return CONTAINER.collect(host, facts or Facts({"os.wsl": known(False)}))["container.runtime"]


HERE = {
    "/proc/1/cgroup": "0::/init.scope\n",
    "/proc/self/cgroup": "0::/user.slice\n",
    "/proc/self/mountinfo": MOUNTS,
}


@pytest.mark.parametrize(
    ("files", "env", "runtime"),
    [
        ({}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "container": "oci"}, "kubernetes"),
        ({}, {"APPTAINER_CONTAINER": "/x.sif"}, "apptainer"),
        ({"/run/.containerenv": ""}, {}, "podman"),
        ({}, {"container": "lxc"}, "lxc"),
        ({"/proc/1/cgroup": "4:memory:/docker/0123\n"}, {}, "docker"),
        ({"/proc/self/cgroup": "0::/kubepods/burstable/pod1/abc\n"}, {}, "kubernetes"),
        (
            {
                "/proc/self/mountinfo": "9 8 0:5 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A\n"
            },
            {},
            "docker",
        ),
        (
            {"/proc/self/mountinfo": "9 8 0:5 /proc/cpuinfo /proc/cpuinfo rw - fuse.lxcfs lxcfs rw\n"},
            {},
            "lxc",
        ),
    ],
)
def test_marks_of_containers(machine, files, env, runtime):
    fact = container(machine({**HERE, **files}, env=env))
    assert fact.value == runtime
    assert fact.evidence


def test_wsl_is_told_by_the_kernel(machine):
    assert container(machine(HERE, env={}), Facts({"os.wsl": known(True)})).value == "wsl"


def test_a_host_that_runs_docker_is_no_container(machine):
    mounts = MOUNTS + "9 8 0:5 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n"
    fact = container(machine({**HERE, "/proc/self/mountinfo": mounts}, env={}))
    assert fact.value is None


def test_a_tree_without_environment_leaves_it_unknown(machine):
    assert container(machine(HERE)).state == "unknown"


def granted(env):
    def look(machine):
        return {
            key.removeprefix("orchestrator."): fact.value
            for key, fact in ORCHESTRATOR.collect(machine(env=env), Facts()).items()
        }

    return look


def test_slurm_tells_what_it_granted(machine):
    env = {
        "SLURM_JOB_ID": "42",
        "SLURM_CPUS_ON_NODE": "8",
        "SLURM_JOB_GPUS": "0,1",
        "SLURM_MEM_PER_CPU": "2000",
    }
    assert granted(env)(machine) == {
        "name": "slurm",
        "job_id": "42",
        "cpus": 8,
        "gpus": "0,1",
        "memory_mib": 16000,
    }


def test_slurms_short_form_for_several_nodes(machine):
    assert granted({"SLURM_JOB_ID": "1", "SLURM_JOB_CPUS_PER_NODE": "16(x2),8"})(machine)["cpus"] == 16


@pytest.mark.parametrize(
    ("env", "name", "cpus"),
    [
        ({"PBS_JOBID": "7.head", "PBS_NUM_PPN": "4"}, "pbs", 4),
        ({"LSB_JOBID": "9", "LSB_DJOB_NUMPROC": "12"}, "lsf", 12),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes", None),
        ({}, None, None),
    ],
)
def test_other_schedulers(machine, env, name, cpus):
    found = granted(env)(machine)
    assert (found["name"], found["cpus"]) == (name, cpus)


def test_a_grant_that_is_no_number_is_unknown(machine):
    facts = ORCHESTRATOR.collect(machine(env={"PBS_JOBID": "7", "PBS_NP": "many"}), Facts())
    assert facts["orchestrator.cpus"].state == "unknown"
