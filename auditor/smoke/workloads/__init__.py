"""One workload a file, run by the audited interpreter (Python >= 3.8); nothing here imports `auditor`.

Constants describe it, literals only, because they are read without running the file; they stand
before the first two blank lines:

ID          unique, "<framework>-<what>"
FRAMEWORK   pytorch, tensorflow or jax: whose child process runs it
SYSTEM      slug of the system of the comparison that it proves
CLAIM       what it shows, as the end of "it ..."
LEVEL       quick, standard or deep: the lowest level that runs it
NEEDS       names of modules that must be installed, else it is skipped
COST_S      rough seconds on a CPU; cheap ones run first
DEVICES     "every" (default), "accelerator", or "cpu" for what is bound to no device
INSTALL     the command that brings NEEDS, for the reason of the skip
DURATION_S  of sustained load: for how long, within COST_S; `--duration` takes its place
ALSO        frameworks whose child runs it where FRAMEWORK is not installed
ENDED       of a system that its makers ended: when, and what took its place

`run(device)` gets the framework's own name of a device ("cuda:0", "GPU:0", "gpu:0") and returns
metrics, JSON values with the unit in the name, among them `placed_on`: where the result really was.
It raises `Wrong("numbers: ...")`, `Wrong("placement: ...")` or `Wrong("training: ...")` where a
result is not right, `Skip("...")` where it cannot be tried, `Crashed("...")` or `Hung("...")` where a
process of its own was killed or stood still; an error's attribute `metrics` is kept, and a metric
`note` is what a passing result says. Classes of these names stand in the file itself, so that it runs alone: `python pytorch_matmul.py cuda:0`.
"""
