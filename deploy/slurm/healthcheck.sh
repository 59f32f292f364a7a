#!/bin/sh
# Slurm HealthCheckProgram: drains this node with fwaudit's reason, and never resumes one.
#
#   HealthCheckProgram=/etc/slurm/fwaudit-healthcheck.sh
#   HealthCheckInterval=300
#   HealthCheckNodeState=ANY
#
# A reason that an administrator gave stays; only an empty one, slurmd's own "Prolog error" and fwaudit's
# are replaced. Every call of the controller has a time limit.
FWAUDIT=${FWAUDIT:-fwaudit}
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP
PROFILE=${FWAUDIT_PROFILE:-/etc/fwaudit/profile.toml}
LIMIT=${FWAUDIT_LIMIT:-20}
REASONS=${FWAUDIT_REASONS:-/run/fwaudit}
NODE=${SLURMD_NODENAME:-$(hostname -s)}

command -v "$FWAUDIT" >/dev/null 2>&1 || exit 0
set -- preflight --dialect slurm --budget 15s
if [ -r "$PROFILE" ]; then set -- "$@" --profile "$PROFILE"
else logger -t fwaudit "no profile $PROFILE: only what is never acceptable is judged" 2>/dev/null; fi
line=$(timeout -k 2 "$LIMIT" "$FWAUDIT" "$@" 2>/dev/null)
code=$?

case "$code:$line" in
    1:fwaudit:FWA*) ;;
    *)  # nothing is proved now (any other code is no proof): what the prolog saw still explains a node that it drained
        code=0
        [ -r "$REASONS/$NODE" ] || exit 0
        read -r line < "$REASONS/$NODE"
        case "$line" in fwaudit:FWA*) ;; *) exit 0 ;; esac ;;
esac

shown=$(timeout 10 scontrol show node "$NODE" 2>/dev/null) || exit 0
reason=$(printf '%s\n' "$shown" | sed -n 's/^ *Reason=\(.*\) \[.*$/\1/p')
drained=$(printf '%s\n' "$shown" | grep -c 'State=[^ ]*DRAIN')
case "$reason" in
    ""|"Prolog error"*) ;;
    fwaudit:*) [ "$drained" -gt 0 ] && exit 0 ;;
    *) exit 0 ;;                                    # an administrator's: hands off
esac
[ "$code" -eq 1 ] || [ "$drained" -gt 0 ] || { rm -f "$REASONS/$NODE"; exit 0; }
timeout 10 scontrol update NodeName="$NODE" State=DRAIN Reason="$line" && rm -f "$REASONS/$NODE"
exit 0
