"""A list of conda's tells who manages the environment, so that the fix takes away what conda put there by conda."""

from __future__ import annotations

from auditor.audit.diagnose import diagnose

LIST = """GPU: RTX 3060, driver 550.54.14, Linux
# packages in environment at /opt/conda/envs/t:
# Name                    Version                   Build  Channel
python                    3.10.14              h955ad1f_1
numpy                     1.26.4           py310h5f9d8c6_0
pytorch                   2.2.2               py3.10_cpu_0    pytorch
torchvision               0.17.2                py310_cpu    pytorch
torch.cuda.is_available(): False
"""


def test_a_build_of_condas_is_removed_by_conda() -> None:
    report = diagnose([LIST])
    finding = report.findings[0]
    assert finding.cause == "cpu_only_build"
    assert finding.remedy
    assert finding.remedy.commands[0] == "conda remove -p /opt/conda/envs/t pytorch torchvision"


def test_pythons_row_tells_that_conda_manages_it() -> None:
    assert diagnose([LIST]).facts["python.installer"].value == "conda"
    by_pip = LIST.replace("python                    3.10.14              h955ad1f_1\n", "")
    assert not diagnose([by_pip]).facts.get("python.installer")
