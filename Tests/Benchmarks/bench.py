#!/usr/bin/env python3
"""What Heartmesh costs: CPU for each probe, memory, and what discovery asks of the API server. See README.md."""

import argparse
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import discovery
import protocols
from common import HEARTMESH, HERE, Exporter, Failed, cpu_nanoseconds, free_port, start, stop, stop_all

RATES = [10, 100, 1000]
TARGETS = [10, 100, 1000]
RATIO_BAR = 1.25
RESIDENT_BAR = 24e6
PRIVATE_BAR = 8e6
SETTLING = 3.0  # Seconds: each target is probed, each handle made, before anything is counted.
SCRAPE_INTERVAL = 5.0


@dataclass
class Counts:
    probes: float
    failures: float
    cpu: float = 0  # Nanoseconds
    time: float = 0

    def __sub__(self, other):
        return Counts(
            self.probes - other.probes,
            self.failures - other.failures,
            self.cpu - other.cpu,
            self.time - other.time,
        )

    def __add__(self, other):
        return Counts(
            self.probes + other.probes,
            self.failures + other.failures,
            self.cpu + other.cpu,
            self.time + other.time,
        )

    @property
    def microseconds(self):
        return self.cpu / self.probes / 1000 if self.probes else float("nan")


class Floor:
    """The C program."""

    name = "floor"

    def __init__(self, bench, targets, interval, rate_factor=1.0):
        self.process = start(
            bench.folder / "floor", "--targets", targets, "--port", bench.port, "--rate",
            targets / interval * rate_factor, stdout=subprocess.PIPE, text=True)
        self.expected_rate = targets / interval * rate_factor

    def count(self):
        self.process.send_signal(signal.SIGUSR1)
        line = self.process.stdout.readline()
        if not line:
            raise Failed("floor has ended")
        report = json.loads(line)
        return Counts(report["probes"], report["failures"] + report["skipped"])

    def stop(self):
        stop(self.process)


class Heartmesh(Exporter):
    """The exporter, its peers being fake nodes that the responder stands for."""

    name = "heartmesh"

    def __init__(self, bench, targets, interval):
        self.expected_rate = targets / interval
        peers = []
        for node in range(1, targets + 1):
            address = f"127.1.{node // 256}.{node % 256}"
            peers.append({"node": f"node-{node}", "zone": f"z{node % 3 + 1}", "addresses": [address],
                          "port": bench.port})
        mesh = Path(tempfile.mkdtemp(dir=bench.folder)) / "mesh.yaml"
        mesh.write_text(json.dumps({"peers": peers, "services": []}))  # JSON is YAML.
        super().__init__(
            bench.binary, bench.folder,
            f"node: {{name: bench, zone: z1}}\n"
            f"discovery: {{file: {mesh}}}\n"
            f"peers: {{fullMeshLimit: 5000, warmup: 0s}}\n"
            f"channels: {{pod: {{interval: {interval}s, timeout: 4s, protocols: [http], large: {{mode: off}}}}, "
            f"dns: {{mode: off}}}}\n",
            f"--responder.listen-address=127.0.0.1:{free_port()}")

    def count(self):
        metrics = self.metrics()
        failures = metrics.total("heartmesh_probe_failures_total") + metrics.total("heartmesh_excluded_failures_total")
        return Counts(
            metrics.total("heartmesh_probes_total"), failures + metrics.total("heartmesh_probes_skipped_total"))

    def memory(self):
        """Resident bytes, and those of them that this process has written and shares with none."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        values = {key: int(size) * 1024 for key, size in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
        return values["Rss"], values["Private_Dirty"]


def measure(programs, seconds):
    """What each program does in the same so many seconds, once they have settled."""
    time.sleep(SETTLING)
    before, after = [], []
    # A scrape costs CPU: both of them stay outside of what is measured.
    for program in programs:
        counts = program.count()
        counts.cpu, counts.time = cpu_nanoseconds(program.process.pid), time.monotonic()
        before.append(counts)
    time.sleep(seconds)
    for program in programs:
        cpu, moment = cpu_nanoseconds(program.process.pid), time.monotonic()
        counts = program.count()
        counts.cpu, counts.time = cpu, moment
        after.append(counts)
    return [end - begin for begin, end in zip(before, after)]


class Bench:
    def __init__(self, arguments, folder):
        self.folder = folder
        self.binary = arguments.binary
        self.arguments = arguments
        self.missed = False
        for program, libraries in (("floor", ["-lcurl"]), ("responder", [])):
            command = [os.environ.get("CC", "cc"), "-O2", "-o", str(folder / program), str(HERE / f"{program}.c")]
            if subprocess.run(command + libraries).returncode != 0:
                raise Failed(f"{program}.c does not compile")
        self.port = free_port("0.0.0.0")
        self.responder = start(folder / "responder", self.port, stdout=subprocess.PIPE, text=True)
        if self.responder.stdout.readline() != "listening\n":
            raise Failed("the responder does not listen")

    def judge(self, problem):
        self.missed = self.missed or problem is not None
        return "ok" if problem is None else f"MISSED: {problem}"

    # CPU

    def rounds(self, rate):
        """The counts of floor and subject, round by round."""
        interval = 1
        # One per cent faster, so that the phases of the two drift through each other and neither of them always finds
        # the caches warm that the other one has left.
        makers = [lambda: Floor(self, rate, interval, 1.01), lambda: Heartmesh(self, rate, interval)]
        if self.arguments.floor_only:
            makers[1] = lambda: Floor(self, rate, interval)
        for number in range(self.arguments.rounds):
            order = [0, 1] if number % 2 == 0 else [1, 0]
            groups = [[index] for index in order] if self.arguments.alternate else [order]
            result = [None, None]
            for group in groups:
                programs = [makers[index]() for index in group]
                try:
                    samples = measure(programs, self.arguments.seconds)
                    for index, program, sample in zip(group, programs, samples):
                        self.check(program, sample)
                        result[index] = sample
                finally:
                    for program in programs:
                        program.stop()
            yield result

    def check(self, program, sample):
        """A probe that fails or is not made costs something else than a probe."""
        expected = program.expected_rate * sample.time
        if abs(sample.probes - expected) > max(0.03 * expected, 5):
            raise Failed(f"{program.name} made {sample.probes:.0f} probes instead of {expected:.0f}")
        if sample.failures > 0.01 * sample.probes:
            raise Failed(f"{sample.failures:.0f} probes of {program.name} failed or were skipped")

    def measure_cpu(self):
        subject = "floor again" if self.arguments.floor_only else "heartmesh"
        how = "one after the other" if self.arguments.alternate else "side by side"
        print(
            f"CPU for each probe in µs, {how}, {self.arguments.rounds} × {self.arguments.seconds:g} s each\n"
            f"{'probes/s':>8} {'floor':>9} {subject:>12} {'ratio':>7}   each round"
        )
        for rate in RATES:
            rounds = list(self.rounds(rate))
            floor = sum((pair[0] for pair in rounds[1:]), rounds[0][0])
            other = sum((pair[1] for pair in rounds[1:]), rounds[0][1])
            ratio = other.microseconds / floor.microseconds
            each = " ".join(f"{pair[1].microseconds / pair[0].microseconds:.3f}" for pair in rounds)
            line = f"{rate:>8,} {floor.microseconds:>9.1f} {other.microseconds:>12.1f} {ratio:>7.3f}   {each}"
            if rate >= 100 and not self.arguments.floor_only:
                line += "   " + self.judge(None if ratio <= RATIO_BAR else f"more than {RATIO_BAR}")
            print(line, flush=True)

    # Memory

    def measure_memory(self):
        seconds = self.arguments.memory_seconds
        print(
            f"\nMemory in MB after {seconds:g} s, interval 10 s, scraped every {SCRAPE_INTERVAL:g} s\n"
            f"{'targets':>8} {'resident':>9} {'private':>12}"
        )
        exporters = [Heartmesh(self, targets, 10) for targets in TARGETS]
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(max(0, min(SCRAPE_INTERVAL, end - time.monotonic())))
                counts = [exporter.count() for exporter in exporters]
            for targets, exporter, count in zip(TARGETS, exporters, counts):
                if count.failures > 0 or count.probes < targets * min(1, seconds / 20):
                    raise Failed(f"{count.probes:.0f} probes of {targets} targets, {count.failures:.0f} failed")
                resident, private = exporter.memory()
                line = f"{targets:>8,} {resident / 1e6:>9.1f} {private / 1e6:>12.1f}"
                if targets == 100:
                    problems = []
                    if resident > RESIDENT_BAR:
                        problems.append(f"more than {RESIDENT_BAR / 1e6:g} MB resident")
                    if private > PRIVATE_BAR:
                        problems.append(f"more than {PRIVATE_BAR / 1e6:g} MB private")
                    line += "   " + self.judge(", ".join(problems) or None)
                print(line, flush=True)
        finally:
            for exporter in exporters:
                exporter.stop()


def describe_machine():
    model = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    load = os.getloadavg()[0]
    print(f"{model[1] if model else platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
          f"load {load:.2f}\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, help="of each measurement of CPU (20)")
    parser.add_argument("--rounds", type=int, help="measurements at each rate (3)")
    parser.add_argument("--quick", action="store_true", help="one round of 10 s, 20 s for the memory: for a first look")
    parser.add_argument("--alternate", action="store_true", help="one after the other instead of side by side")
    parser.add_argument("--floor-only", action="store_true", help="the floor beside itself: how exact the ratio is")
    parser.add_argument("--only", choices=["cpu", "memory", "protocols", "discovery"], action="append", help="repeatable")
    parser.add_argument("--binary", type=Path, default=HEARTMESH, help="(.build/release/heartmesh)")
    arguments = parser.parse_args()
    arguments.seconds = arguments.seconds or (10 if arguments.quick else 20)
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 3)
    arguments.memory_seconds = 20 if arguments.quick else 60
    if not arguments.floor_only and not os.access(arguments.binary, os.X_OK):
        raise Failed(f"{arguments.binary} is missing: make release")

    describe_machine()
    with tempfile.TemporaryDirectory(prefix="heartmesh-bench-") as folder:
        bench = Bench(arguments, Path(folder))
        parts = {
            "cpu": bench.measure_cpu, "memory": bench.measure_memory,
            "protocols": lambda: protocols.measure(bench), "discovery": lambda: discovery.measure(bench)}
        try:
            for name in ["cpu"] if arguments.floor_only else arguments.only or parts:
                parts[name]()
        finally:
            stop_all()
    return 1 if bench.missed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
