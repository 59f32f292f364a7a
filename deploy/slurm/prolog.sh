#!/bin/sh
# Slurm Prolog: may a job start on this node? slurm.conf: Prolog=/etc/slurm/prolog.d/50-fwaudit.sh
#
# slurmd drains the node on any exit code but 0, so only a failure that fwaudit proved and printed leaves
# with 1. Whatever else goes wrong (no fwaudit, a bad profile, a time limit) lets the job start, and is
# logged. No Slurm command is called here: a prolog that waits for the controller can block it.
FWAUDIT=${FWAUDIT:-fwaudit}
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP
PROFILE=${FWAUDIT_PROFILE:-/etc/fwaudit/profile.toml}
LIMIT=${FWAUDIT_LIMIT:-10}
REASONS=${FWAUDIT_REASONS:-/run/fwaudit}

command -v "$FWAUDIT" >/dev/null 2>&1 || { logger -t fwaudit "not installed: the node is not judged" 2>/dev/null; exit 0; }
set -- preflight --dialect slurm --budget 2s
if [ -r "$PROFILE" ]; then set -- "$@" --profile "$PROFILE"
else logger -t fwaudit "no profile $PROFILE: only what is never acceptable is judged" 2>/dev/null; fi
line=$(timeout -k 2 "$LIMIT" "$FWAUDIT" "$@" 2>/dev/null)
code=$?

case "$code:$line" in
    1:fwaudit:FWA*)
        # the HealthCheckProgram, which may call scontrol, puts this into the drain reason
        mkdir -p "$REASONS" 2>/dev/null && printf '%s\n' "$line" > "$REASONS/${SLURMD_NODENAME:-node}"
        logger -t fwaudit "$line" 2>/dev/null
        echo "$line" >&2
        exit 1 ;;
esac
[ "$code" -eq 0 ] || logger -t fwaudit "preflight ended with $code: the node is not judged" 2>/dev/null
exit 0
