#!/bin/bash
# container.sh DESTDIR COMMAND... - boots systemd in a throw-away container with this source tree at its usual path, and
# runs the command in it as root. DESTDIR is a whole root file system, which stays as it is, or an installation that is
# laid over the host's /usr and /etc; then it is the host's systemd. Ends with the
# command's exit status; shows the journal if that is not 0. 125: systemd did not come up.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
time_limit_seconds=180

# Outside: a cgroup of its own in every hierarchy that the host has, and namespaces that end with us.
if [ -z "${ODM_CONTAINER-}" ]; then
    [ "$(id -u)" = 0 ] || { echo 'container.sh: a container needs root' >&2; exit 77; }
    export ODM_CONTAINER=odm-test-$$
    groups=()
    for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
        [ -e $hierarchy/cgroup.procs ] || continue
        mkdir "$hierarchy/$ODM_CONTAINER"
        groups+=("$hierarchy/$ODM_CONTAINER")
    done
    tidy() {
        local group tries
        for group in "${groups[@]}"; do
            for tries in {1..40}; do
                find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || :
                [ -d "$group" ] || break
                sleep 0.05
            done
        done
    }
    trap tidy EXIT
    trap 'exit 130' INT TERM HUP
    (
        for group in "${groups[@]}"; do echo 0 > "$group/cgroup.procs"; done
        exec setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child \
            --mount-proc --net --ipc --uts -- "$0" "$@"
    ) &
    status=0
    wait $! || status=$?
    exit $status
fi

# Inside.
destination=$(realpath "$1"); shift
mount -t tmpfs -o mode=755 tmpfs /run
root=/run/root etc=/run/root/etc output=/run/output journal=/run/journal
mkdir -p $root $output $journal

# A root file system of the host's /usr and an /etc that has only what systemd needs.
make_root() {
    mkdir -p $root/{etc/systemd/system,var/log/journal,run,tmp,dev,proc,sys,root,usr,output}
    for link in bin sbin lib lib32 lib64; do
        [ ! -L /$link ] || ln -s usr/$link $root/$link
    done
    mount -t overlay overlay -o "lowerdir=$destination/usr:/usr" $root/usr
    cp -a /etc/ld.so.cache /etc/ld.so.conf* /etc/nsswitch.conf /etc/alternatives $etc
    cp /usr/lib/os-release $etc/
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n' > $etc/passwd
    printf 'root:x:0:\nnogroup:x:65534:\n' > $etc/group
    cp -a "$destination/etc/." $etc/
}

# A copy, as far as it is written to.
borrow_root() {
    mkdir -p /run/changes /run/work
    mount -t overlay overlay -o "lowerdir=$destination,upperdir=/run/changes,workdir=/run/work" $root
    mkdir -p $root/output $root/var/log/journal
}

if [ -e "$destination/usr/lib/os-release" ]; then borrow_root; else make_root; fi
systemd-id128 new > $etc/machine-id
for unit in getty.target console-getty.service systemd-logind.service systemd-timesyncd.service \
    systemd-firstboot.service systemd-update-utmp.service; do
    ln -sf /dev/null $etc/systemd/system/$unit
done

cat > $etc/systemd/system/test.service <<UNIT
[Unit]
Requires=basic.target
After=basic.target
SuccessAction=exit
FailureAction=exit

[Service]
Type=oneshot
WorkingDirectory=$top
Environment=LC_ALL=C.UTF-8 HOME=/root PYTHONDONTWRITEBYTECODE=1
ExecStartPre=touch /output/began
ExecStart=$*
TimeoutStartSec=$time_limit_seconds
StandardOutput=append:/output/command
StandardError=inherit
UNIT

touch $output/command
tail -f -n +1 $output/command & follower=$!
umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
# systemd mounts one on a machine, and none in a container.
mkdir /run/bpf && mount -t bpf bpf /run/bpf
status=0
timeout $((time_limit_seconds + 30)) systemd-nspawn --quiet --register=no --keep-unit \
    --machine="$ODM_CONTAINER" --directory=$root \
    --private-network --capability=CAP_BPF,CAP_PERFMON --system-call-filter=bpf \
    --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
    --bind=/run/bpf:/sys/fs/bpf --bind=$output:/output --bind=$journal:/var/log/journal --bind-ro="$top" \
    --boot systemd.unit=test.service systemd.show_status=no < /dev/null > $output/console 2>&1 || status=$?
sleep 0.1
kill $follower
[ -e $output/began ] || status=125
if [ $status != 0 ]; then
    { echo '--- console'; cat $output/console; echo '--- journal'
      journalctl --no-pager --directory=$journal --output=short-monotonic; } >&2
fi
exit $status
