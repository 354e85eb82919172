"""What one exporter asks of the API server: requests and bytes, both ways."""

import json
import os
import signal
import subprocess
import sys
import time

from common import HERE, Failed, free_port, start, stop

# With 4,700 the list of versions is a little too short for the API server to compress it.
PEERS = [10, 1000, 4700, 5000]
INTERVAL = 1  # Seconds: what a look costs does not depend on it.
LOOKS = 40
# At the default interval; its jitter evens out.
LOOKS_PER_MINUTE = 1
QUIET_BARS = {5000: 30_000}
QUIET_BAR = 150_000
ROLLOUT = 100
# So many of the peers are replaced between two looks: a DaemonSet that is rolled out in ten minutes.
STEP = 10


class Cluster:
    """An API server, and an exporter that can reach nothing else: the recorded addresses are somebody's.

    Its probes fail, once in an hour each: a few looks more.
    """

    def __init__(self, bench, peers):
        self.peers = peers
        port = free_port()
        # Both in one network namespace with nothing but loopback, where no probe gets anywhere.
        self.holder = start(
            "unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--net", "sh", "-c",
            "ip link set lo up && exec sleep infinity")
        self.inside = ["nsenter", "--target", str(self.holder.pid), "--net",
                       *([] if os.geteuid() == 0 else ["--user", "--preserve-credentials"])]
        self.wait_for_loopback()
        self.server = start(
            *self.inside, sys.executable, HERE / "api_server.py", port, peers, stdout=subprocess.PIPE, text=True)
        if self.server.stdout.readline() != "listening\n":
            raise Failed("the API server does not listen")
        self.url = f"http://127.0.0.1:{port}"
        kubeconfig = bench.folder / f"kubeconfig-{peers}"
        kubeconfig.write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: bench\n"
            "contexts: [{name: bench, context: {cluster: bench, user: bench}}]\n"
            f"clusters: [{{name: bench, cluster: {{server: '{self.url}'}}}}]\n"
            # As long as a service account's.
            f"users: [{{name: bench, user: {{token: '{'t' * 1000}'}}}}]\n")
        hour = "{interval: 1h}"
        channels = ", ".join(f"{name}: {hour}" for name in (
            "pod", "multus", "node", "cluster_ip", "hairpin", "node_port", "load_balancer", "ingress"))
        config = bench.folder / f"config-{peers}.yaml"
        config.write_text(
            f"discovery: {{interval: {INTERVAL}s, kubernetes: {{namespace: heartmesh, service: peers}}}}\n"
            f"channels: {{{channels}, api_server: {{mode: off}}, dns: {{mode: off}}}}\n")
        self.log = (bench.folder / f"log-{peers}").open("w+")
        self.exporter = start(
            *self.inside, bench.binary, "run", f"--config.file={config}", f"--kubeconfig={kubeconfig}",
            "--node.name=node-00001", "--web.listen-address=127.0.0.1:19873",
            "--responder.listen-address=127.0.0.1:18873", stdout=self.log, stderr=self.log)

    def wait_for_loopback(self):
        deadline = time.monotonic() + 10
        while subprocess.run([*self.inside, "ip", "addr", "show", "dev", "lo", "up"], capture_output=True
                             ).stdout.find(b"127.0.0.1") < 0:
            if self.holder.poll() is not None or time.monotonic() > deadline:
                raise Failed("no network namespace can be made here (as root, or with user namespaces)")
            time.sleep(0.05)

    def ask(self, what):
        result = subprocess.run(
            [*self.inside, sys.executable, "-c",
             f"import urllib.request; print(urllib.request.urlopen('{self.url}/bench/{what}').read().decode())"],
            capture_output=True, text=True)
        if result.returncode != 0:
            raise Failed(f"the API server has ended: {result.stderr}")
        return json.loads(result.stdout)

    def looks(self, count):
        """Waits for so many looks more."""
        end = self.ask("counts")["looks"] + count
        deadline = time.monotonic() + 30 + count * INTERVAL * 4
        while self.ask("counts")["looks"] < end:
            if self.exporter.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                raise Failed(f"the exporter does not look:\n{self.log.read()}")
            time.sleep(INTERVAL / 5)

    def stop(self):
        stop(self.exporter, signal.SIGINT)
        stop(self.server)
        stop(self.holder)
        self.log.close()


def measure(bench):
    print("\nOne exporter and the API server: requests, and KB both ways, without TLS\n"
          f"{'peers':>8} {'start':>9} {'a minute':>10} {'requests':>9}   {ROLLOUT} peers replaced, {STEP} between two looks",
          flush=True)
    for peers in PEERS:
        cluster = Cluster(bench, peers)
        try:
            cluster.looks(1)
            time.sleep(2)
            began = cluster.ask("take")
            # Until what the start has cost is evened out.
            cluster.looks(10)
            cluster.ask("take")
            cluster.looks(15 if bench.arguments.quick else LOOKS)
            quiet = cluster.ask("take")
            each = quiet["bytes"] / quiet["looks"] * LOOKS_PER_MINUTE
            requests = quiet["requests"] / quiet["looks"] * LOOKS_PER_MINUTE
            bar = QUIET_BARS.get(peers, QUIET_BAR)
            replaced = min(ROLLOUT, peers)
            for _ in range(0, replaced, STEP):
                cluster.ask(f"replace/{STEP}")
                cluster.looks(1)
            cluster.looks(2)
            rollout = cluster.ask("take")
            print(f"{peers:>8,} {began['bytes'] / 1000:>9.1f} {each / 1000:>10.1f} {requests:>9.1f}   "
                  f"{replaced}: {rollout['bytes'] / 1000:,.0f} KB, {rollout['requests']} requests in "
                  f"{rollout['looks']} looks   "
                  + bench.judge(None if each <= bar else f"more than {bar / 1000:g} KB"), flush=True)
        finally:
            cluster.stop()
