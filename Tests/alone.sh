#!/bin/bash
# alone.sh COMMAND... - runs a command where it sees no other processes of the machine, and none of its own outlives it.
#
# The daemon looks for sockets in all processes that it sees, and doubts that one is gone while any of them lets a
# message with descriptors wait. So those of other programs, and of a second run of the tests, are kept from it.
set -euo pipefail

[ "$(id -u)" = 0 ] || exec "$@"
# The first process of a namespace is everybody's last parent: a shell reaps what others leave behind.
exec unshare --pid --fork --kill-child --mount-proc bash -c '"$@"; exit' alone "$@"
