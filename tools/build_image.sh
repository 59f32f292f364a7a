#!/bin/sh
# Builds deploy/Containerfile for real where its base image cannot be pulled: on a Debian made by debootstrap.
#   sudo tools/build_image.sh FOLDER      (needs buildah, debootstrap, some 700 MB in FOLDER; run by hand, not in CI)
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
image="buildah --root $folder/root --runroot $folder/run --storage-driver vfs"
debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates bookworm "$folder/debian" \
    ${DEBIAN:-}
[ ! -r /etc/pip.conf ] || cp /etc/pip.conf "$folder/debian/etc/pip.conf"
cp /etc/ssl/certs/ca-certificates.crt "$folder/debian/etc/ssl/certs/"
container=$($image from scratch)
$image add -q "$container" "$folder/debian" /
$image commit -q "$container" localhost/python-base
$image rm "$container"
$image bud --isolation chroot --network host --volume /etc/resolv.conf:/etc/resolv.conf:ro \
    --build-arg BASE=localhost/python-base -f deploy/Containerfile -t fwaudit .
container=$($image from localhost/fwaudit)
$image run --isolation chroot "$container" -- sh -c \
    '[ "$(id -u)" = 65534 ] && fwaudit preflight --profile ci-runner && ! python3 -c "import torch" 2>/dev/null'
$image images
