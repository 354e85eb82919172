#!/usr/bin/env python3
"""A Kubernetes API server made of recorded answers (Tests/Recordings), which counts what it is asked.

Run by discovery.py: `api_server.py PORT PEERS`. It is told what to do, and asked what it counted, below /bench/.
"""

import copy
import gzip
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

RECORDINGS = Path(__file__).resolve().parents[1] / "Recordings"
# As recorded: longer answers are compressed for those who take it.
COMPRESSED_FROM = 128 << 10
# The headers that every recorded answer had, beside those on its body.
HEADERS = {
    "Audit-Id": "6c2bce98-fff7-4091-a0bc-bb7e8307065e",
    "Cache-Control": "no-cache, private",
    "X-Kubernetes-Pf-Flowschema-Uid": "6b034995-246a-4989-8ef1-6a6584fb1b82",
    "X-Kubernetes-Pf-Prioritylevel-Uid": "2b790659-8a33-4a55-8ab9-b0aae42b1f76",
}


def recorded(path):
    data = (RECORDINGS / path).read_bytes()
    return json.loads(gzip.decompress(data) if path.endswith(".gz") else data)


def compact(document):
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def slices(peers):
    """The peer Service's slices: a recorded list, or what it has of its first nodes, in as few slices."""
    document = recorded("5000/endpointslices-of-service.json.gz" if peers > 1000
                        else "1000/list/endpointslices-of-service.json.gz")
    nodes = sorted({endpoint["nodeName"] for item in document["items"] for endpoint in item["endpoints"]})[:peers]
    kept = []
    for family in ("IPv4", "IPv6"):
        items = [item for item in document["items"] if item["addressType"] == family]
        endpoints = [endpoint for item in items for endpoint in item["endpoints"] if endpoint["nodeName"] in set(nodes)]
        for item in items[:(len(endpoints) + 99) // 100]:
            item["endpoints"], endpoints = endpoints[:100], endpoints[100:]
            kept.append(item)
    document["items"] = kept
    return document


class Cluster:
    def __init__(self, peers):
        self.lock = threading.Lock()
        self.slices = slices(peers)
        self.version = int(self.slices["metadata"]["resourceVersion"])
        self.service = recorded("100/get/service.json")
        self.ingress = recorded("100/get/ingress.json")
        self.node = recorded("100/get/node.json")
        self.pod = recorded("100/get/pod.json")
        self.replaced = 0
        self.clear()

    def clear(self):
        self.requests = 0
        self.bytes = 0
        self.looks = 0

    def listed(self, kind):
        if kind == "endpointslices":
            return "EndpointSliceList", "discovery.k8s.io/v1", self.slices["items"]
        if kind == "services":
            return "ServiceList", "v1", [self.service]
        if kind == "ingresses":
            return "IngressList", "networking.k8s.io/v1", [self.ingress]
        return None

    def replace(self, count):
        """So many peers more get new pods with new addresses, each in the slices of its families."""
        items = self.slices["items"]
        nodes = sorted({endpoint["nodeName"] for item in items for endpoint in item["endpoints"]})
        chosen = {nodes[(self.replaced + number) * 37 % len(nodes)] for number in range(count)}
        self.replaced += count
        for item in items:
            changed = [endpoint for endpoint in item["endpoints"] if endpoint["nodeName"] in chosen]
            for endpoint in changed:
                endpoint["targetRef"]["uid"] = f"{self.replaced:08x}" + endpoint["targetRef"]["uid"][8:]
                address = endpoint["addresses"][0]
                separator = "." if "." in address else ":"
                start, _, last = address.rpartition(separator)
                endpoint["addresses"] = [f"{start}{separator}{int(last or '0', 16) % 200 + 1}"]
            if changed:
                self.version += 1
                item["metadata"]["resourceVersion"] = str(self.version)
        self.slices["metadata"]["resourceVersion"] = str(self.version)

    def answer(self, target, accept):
        """The document, or nothing."""
        parts = urlsplit(target)
        path = parts.path.strip("/").split("/")
        if path[:3] == ["api", "v1", "nodes"]:
            node = copy.deepcopy(self.node)
            node["metadata"]["name"] = path[3]
            return node
        if "pods" in path:
            pod = copy.deepcopy(self.pod)
            pod["metadata"]["name"] = path[-1]
            return pod
        kind = next((kind for kind in ("endpointslices", "services", "ingresses") if kind in path), None)
        if kind is None:
            return None
        name, group, items = self.listed(kind)
        if path[-1] != kind:
            found = [item for item in items if item["metadata"]["name"] == path[-1]]
            singular = {"kind": name.removesuffix("List"), "apiVersion": group}
            return {**singular, **found[0]} if found else None
        if kind == "endpointslices":
            self.looks += 1
        if "continue" in parse_qs(parts.query):
            return None
        metadata = {"resourceVersion": str(self.version)}
        if "PartialObjectMetadataList" in accept:
            partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
            return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                    "items": [{**partial, "metadata": item["metadata"]} for item in items]}
        kept = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
        return {"kind": name, "apiVersion": group, "metadata": metadata, "items": kept}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster = None

    def do_GET(self):
        if self.path.startswith("/bench/"):
            return self.control()
        cluster = self.cluster
        with cluster.lock:
            document = cluster.answer(self.path, self.headers.get("Accept", ""))
            body = compact(document) if document else b"404 page not found\n"
            headers = dict(HEADERS)
            headers["Content-Type"] = "application/json" if document else "text/plain; charset=utf-8"
            headers["Date"] = "Sat, 21 Nov 2026 06:51:27 GMT"
            isLong = len(body) > 2048
            if len(body) > COMPRESSED_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 4)
                headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            if isLong:
                headers["Transfer-Encoding"] = "chunked"
                body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
            else:
                headers["Content-Length"] = str(len(body))
            status = "200 OK" if document else "404 Not Found"
            head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
            answer = head.encode() + body
            cluster.requests += 1
            asked = len(self.raw_requestline) + sum(len(name) + len(value) + 4 for name, value in self.headers.items())
            cluster.bytes += asked + 2 + len(answer)
        self.wfile.write(answer)

    def control(self):
        cluster = self.cluster
        with cluster.lock:
            if self.path.startswith("/bench/replace/"):
                cluster.replace(int(self.path.rpartition("/")[2]))
            counts = {"looks": cluster.looks, "requests": cluster.requests, "bytes": cluster.bytes}
            if self.path == "/bench/take":
                cluster.clear()
        body = json.dumps(counts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    Handler.cluster = Cluster(int(sys.argv[2]))
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    print("listening", flush=True)
    server.serve_forever()
