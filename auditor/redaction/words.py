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
