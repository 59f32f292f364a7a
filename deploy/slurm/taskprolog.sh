#!/bin/sh
# Slurm TaskProlog: runs as the job's user, inside its cgroup, with its limits and environment, and only warns.
# slurm.conf: TaskProlog=/etc/slurm/taskprolog.d/50-fwaudit.sh. A line "print TEXT" goes to the job's output.
FWAUDIT=${FWAUDIT:-fwaudit}
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP
[ "${SLURM_LOCALID:-0}" = 0 ] || exit 0
command -v "$FWAUDIT" >/dev/null 2>&1 || exit 0
line=$(timeout -k 2 10 "$FWAUDIT" preflight --dialect posix --observe --profile "${FWAUDIT_JOB_PROFILE:-ci-runner}" 2>/dev/null | head -n 1)
case "$line" in fwaudit:*FWA*) echo "print $line" ;; esac
exit 0
