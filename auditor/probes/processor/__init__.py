"""What the CPU probe is made of: readers of cpuinfo, of the topology in sysfs, of lscpu's text."""
