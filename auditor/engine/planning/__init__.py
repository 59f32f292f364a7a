"""The parts of `engine.plan`: the machine as a plan sees it, the published builds, and what each needs."""
