"""CPU for each probe of each protocol, all of them side by side in the same seconds."""

import subprocess
import time

from common import Exporter, cpu_nanoseconds, free_port, start, Failed

TARGETS = 100

# The benchmark's responder answers http, udp and tcp; nginx answers https; unbound answers DNS; the kernel answers ICMP.
PROTOCOLS = ["http", "tcp", "udp", "https", "dns udp", "dns tcp", "dns tls"]


def addresses():
    """As the benchmark's responder has them: node-1, node-2, …"""
    return [f"127.1.0.{number}" for number in range(1, TARGETS + 1)]


class Servers:
    """Those that answer, each on one port of all addresses."""

    def __init__(self, bench):
        self.folder = bench.folder
        self.certify()
        self.start_nginx()
        self.start_unbound()

    def run(self, *command):
        result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if result.returncode != 0:
            raise Failed(f"{command[0]}: {result.stderr}")

    def certify(self):
        """An authority, and a certificate of it for `bench.example`."""
        self.ca, key = self.folder / "ca.pem", self.folder / "ca.key"
        self.certificate, self.key = self.folder / "server.pem", self.folder / "server.key"
        request, extensions = self.folder / "server.csr", self.folder / "server.ext"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.run("openssl", "req", "-x509", *curve, "-keyout", key, "-out", self.ca, "-days", 2, "-subj", "/CN=bench CA")
        self.run("openssl", "req", *curve, "-keyout", self.key, "-out", request, "-subj", "/CN=bench.example")
        extensions.write_text("subjectAltName=DNS:bench.example\n")
        self.run("openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", key, "-out", self.certificate,
                 "-days", 2, "-extfile", extensions)

    def start_nginx(self):
        self.https = free_port("0.0.0.0")
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            f"daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;\n"
            "events { worker_connections 1024; }\n"
            f"http {{ access_log off; server {{ listen 0.0.0.0:{self.https} ssl;\n"
            f"ssl_certificate {self.certificate}; ssl_certificate_key {self.key};\n"
            'location / { default_type text/plain; return 200 "well"; } } }\n')
        start("nginx", "-c", configuration, stderr=subprocess.DEVNULL)

    def start_unbound(self):
        self.dns, self.dot = free_port("0.0.0.0"), free_port("0.0.0.0")
        configuration = self.folder / "unbound.conf"
        configuration.write_text(
            f'server:\n  username: ""\n  chroot: ""\n  directory: "{self.folder}"\n  pidfile: ""\n  use-syslog: no\n'
            f"  do-daemonize: no\n  interface: 0.0.0.0@{self.dns}\n  interface: 0.0.0.0@{self.dot}\n"
            f'  interface-automatic: yes\n  interface-automatic-ports: "{self.dns} {self.dot}"\n'
            f"  tls-port: {self.dot}\n"
            f'  tls-service-key: "{self.key}"\n  tls-service-pem: "{self.certificate}"\n'
            "  access-control: 127.0.0.0/8 allow\n"
            '  local-zone: "bench.example." static\n  local-data: "bench.example. A 192.0.2.1"\n')
        start("unbound", "-c", configuration, stderr=subprocess.DEVNULL)


def exporter(bench, servers, protocol):
    """One that probes all addresses once a second over this protocol, and nothing else."""
    off = "mode: off"
    pod, node, peers, probes = off, off, "", ""
    listed = ", ".join(addresses())
    if protocol in ("http", "udp"):
        pod = f"interval: 1s, protocols: [{protocol}], large: {{mode: off}}"
    if protocol in ("tcp", "icmp"):
        node = f"interval: 1s, protocols: [{protocol}], port: {bench.port}"
    if pod != node:
        peers = "".join(f"  - {{node: node-{number}, zone: z1, addresses: [{address}], port: {bench.port}, "
                        f"nodeAddresses: [{address}]}}\n" for number, address in enumerate(addresses(), 1))
    elif protocol == "https":
        probes = (
            "probes:\n"
            f"  - {{name: https, url: 'https://bench.example:{servers.https}/', resolve: [{listed}], interval: 1s, "
            f"tls: {{caFile: {servers.ca}}}}}\n")
    else:
        kind = protocol.split()[1]
        port = servers.dot if kind == "tls" else servers.dns
        tls = f", serverName: bench.example, caFile: {servers.ca}" if kind == "tls" else ""
        probes = "probes:\n" + "".join(
            f"  - {{name: dns-{number}, interval: 1s, dns: {{server: '{address}:{port}', protocol: {kind}, "
            f"name: bench.example{tls}}}}}\n" for number, address in enumerate(addresses()))
    mesh = bench.folder / f"mesh-{protocol.replace(' ', '-')}.yaml"
    mesh.write_text("peers:\n  - {node: bench, zone: z1, addresses: [127.0.0.1]}\n" + peers)
    return Exporter(
        bench.binary, bench.folder,
        f"node: {{name: bench}}\ndiscovery: {{file: {mesh}}}\npeers: {{fullMeshLimit: 5000, warmup: 0s}}\n"
        f"channels: {{pod: {{{pod}}}, node: {{{node}}}, dns: {{mode: off}}}}\n{probes}",
        f"--responder.listen-address=127.0.0.1:{free_port()}")


def read(program):
    metrics = program.metrics()
    failures = sum(metrics.total(name) for name in (
        "heartmesh_probe_failures_total", "heartmesh_excluded_failures_total", "heartmesh_probes_skipped_total"))
    return metrics.total("heartmesh_probes_total"), failures, metrics.text


def measure(bench):
    seconds = bench.arguments.seconds
    print(f"\nCPU for each probe by protocol, side by side: {TARGETS} targets at 1 s each, {seconds:g} s\n"
          f"{'protocol':>10} {'µs':>9} {'to http':>9}", flush=True)
    servers = Servers(bench)
    programs = [exporter(bench, servers, protocol) for protocol in PROTOCOLS]
    try:
        for protocol, program in zip(PROTOCOLS, programs):
            program.wait_for(f"{protocol} probes are made",
                             lambda metrics: metrics.total("heartmesh_probes_total") >= TARGETS, 20)
        before = [(read(program), cpu_nanoseconds(program.process.pid)) for program in programs]
        time.sleep(seconds)
        spent = [cpu_nanoseconds(program.process.pid) for program in programs]
        http = None
        for protocol, program, (start_counts, start_cpu), cpu in zip(PROTOCOLS, programs, before, spent):
            counts = read(program)
            probes, failures = counts[0] - start_counts[0], counts[1] - start_counts[1]
            if probes < 0.9 * TARGETS * seconds:
                raise Failed(f"{probes:.0f} probes over {protocol} instead of {TARGETS * seconds:.0f}")
            if failures > 0.01 * probes:
                raise Failed(f"{failures:.0f} of {probes:.0f} probes over {protocol} failed or were skipped")
            each = (cpu - start_cpu) / probes / 1000
            http = http or each
            print(f"{protocol:>10} {each:>9.1f} {each / http:>9.2f}", flush=True)
    finally:
        for program in programs:
            program.stop()
