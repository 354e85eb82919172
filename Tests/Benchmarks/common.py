"""What the benchmarks share: processes that end with them, ports, CPU time, reading /metrics."""

import atexit
import ctypes
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEARTMESH = HERE.parents[1] / ".build" / "release" / "heartmesh"

libc = ctypes.CDLL(None, use_errno=True)
processes = []


class Failed(Exception):
    """The benchmark could not be run, which says nothing of the bars."""


def start(*arguments, **options):
    """Starts a process that ends with this one, even if this one is killed."""

    def die_with_parent():
        PR_SET_PDEATHSIG = 1
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    process = subprocess.Popen([str(argument) for argument in arguments], preexec_fn=die_with_parent, **options)
    processes.append(process)
    return process


def stop(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()
    if process in processes:
        processes.remove(process)


@atexit.register
def stop_all():
    for process in processes[:]:
        stop(process)


def free_port(address="127.0.0.1"):
    """A port below the ephemeral ones, which the probes' own connections take by the thousand."""
    for port in range(free_port.next, 32000):
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind((address, port))
                datagrams.bind((address, port))
            except OSError:
                continue
            free_port.next = port + 1
            return port
    raise Failed("no free port")


free_port.next = 18873


def cpu_nanoseconds(pid):
    """CPU time of a whole process from the scheduler's own sum, as clock_getcpuclockid(3) finds it.

    The same number as the first of /proc/PID/schedstat, with threads that have ended and the time slice under way.
    User and system time of /proc/PID/stat come in ticks of 10 ms, which is a hundred probes.
    """
    CPUCLOCK_SCHED = 2
    return time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED)


class Metrics:
    """One scrape."""

    def __init__(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            self.text = response.read().decode()

    def total(self, name, **labels):
        """The sum of all series of this name that have these labels; 0 when there is none."""
        total = 0
        for text, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)", self.text, re.MULTILINE):
            if all(f'{key}="{wanted}"' in text.split(",") for key, wanted in labels.items()):
                total += float(value)
        return total


class Exporter:
    """`heartmesh run`, from its start until it serves metrics."""

    def __init__(self, binary, folder, configuration, *flags, command=()):
        self.port = free_port()
        config = folder / f"heartmesh-{self.port}.yaml"
        config.write_text(configuration)
        self.log = (folder / f"log-{self.port}").open("w+")
        self.process = start(
            *command, binary, "run", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{self.port}", *flags,
            stdout=self.log, stderr=self.log)
        self.wait_for("it serves /metrics", lambda metrics: True)

    def metrics(self):
        return Metrics(self.port)

    def wait_for(self, what, condition, seconds=10):
        deadline = time.monotonic() + seconds
        while True:
            error = "not so"
            try:
                if condition(self.metrics()):
                    return
            except OSError as thrown:
                error = thrown
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                raise Failed(f"waited in vain until {what} ({error}):\n{self.log.read()}")
            time.sleep(0.05)

    def stop(self):
        # At SIGTERM it says goodbye first.
        stop(self.process, signal.SIGINT)
        self.log.close()
