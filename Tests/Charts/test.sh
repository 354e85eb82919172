#!/bin/sh
# Renders charts/heartmesh and checks the objects. Needs Debian's golang-go, golang-github-masterminds-sprig-dev,
# golang-k8s-sigs-yaml-dev, python3-yaml and python3-jsonschema; no network. The last line is "N passed, N failed".
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

(
    cd "$here"
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="${GOCACHE:-$work/cache}" go build -o "$work/render" render.go
)
# Debian's interpreter, because the modules are Debian's.
RENDER="$work/render" /usr/bin/python3 -B "$here/test_chart.py"
