"""Names that identify nobody, and names that are ordinary words in such reports."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# accounts and hosts that every image has: hiding them would only make reports harder to read
GENERIC = _words(
    "root user admin administrator ubuntu debian centos fedora rocky ec2-user azureuser opc jovyan vscode runner "
    "runneradmin appuser app nobody default guest test tester dev developer docker builder build worker coder "
    "localhost host localhost.localdomain localdomain local computer workstation desktop laptop server pc "
    "colab kaggle gpu node container vm"
)

# whole-word replacement of these would garble versions, packages and settings: they are hidden
# only where the context says that a name is meant (a folder of their own, name@, user=name)
ORDINARY = _words(
    "max min mark art will may ray rich jax don bill chip dale drew grace hopper ada lovelace ampere volta turing "
    "pascal kepler maxwell fermi tesla blackwell rubin cuda torch keras tensor tensorflow pytorch numpy pandas "
    "python pip conda uv nvidia amd intel apple google amazon azure aws linux windows mac darwin arch arm cpu gpus "
    "tpu npu mps rocm hip nccl model data train main work home lib bin usr opt src var tmp etc run dev proc sys mnt "
    "media srv share local cache config code project projects lab team research science ml ai dl deep learning "
    "vision lightning flask click black ruff dash hugo nova sage abel trio dill jack page link core base name none "
    "null true false yes no on off auto all any each error warning note pass fail skip crash unknown known absent "
    "file command call env version driver device memory total free used available kernel module path key value "
    "state reason level quick standard list open close read write mode type index size count port host hosts "
    "network net eth0 service system machine process thread job task queue batch node cluster login head master "
    "slurm compute storage power clock link rate time date day light dark red green blue black white gray brown"
)

# folders of a cluster's storage that are neither people's nor projects': people's lie below the first kind, not the second
PASSED = _words(
    "users user home homes people staff students student faculty groups group work works local sd fs fs0 fs1 fs01 vol vol0 "
    "vol1 gpfs lustre beegfs nvme ssd hdd fast slow projects project scratch u"
)
STORED = _words(
    "workspace workspaces shared share common public tmp temp cache caches data dataset datasets models model checkpoints ckpt "
    "runs run jobs job logs log output outputs results envs env venvs venv .venv conda miniconda miniconda3 anaconda anaconda3 "
    "miniforge3 mambaforge software sw apps app applications modules modulefiles spack easybuild containers images singularity "
    "apptainer slurm pbs lsf pip huggingface hub transformers wandb imagenet coco cifar10 mnist wikipedia bin lib lib64 "
    "include src site-packages torch tensorflow jax python python3 cuda rocm nccl build builds install opt usr etc "
    "archive backup backups default system root docker podman overlay2 kubernetes k8s pods volumes ray dask mpi ompi "
    "tests test examples notebooks downloads"
)
