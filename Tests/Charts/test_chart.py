"""Checks of the objects that charts/heartmesh renders to. Started by test.sh, which builds the renderer."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "heartmesh"
RULES = ROOT / "alerts" / "heartmesh.rules.yaml"
MONITORED = {"podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}
ALL_ON = {
    **MONITORED,
    "services": {"nodePort": {"enabled": True}, "loadBalancer": {"enabled": True}},
    "ingress": {"enabled": True, "host": "beat.example"},
}
INSIDE = {"Service", "Service/cluster_ip", "Service/hairpin"}
ACCESS = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
ENDPOINT_SLICES = {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list"]}
SERVICES = {"apiGroups": [""], "resources": ["services"], "verbs": ["get", "list"]}
INGRESSES = {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["get", "list"]}
PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
NODES = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


class UniqueKeys(yaml.SafeLoader):
    """Kubernetes refuses a key that is there twice; PyYAML alone would take the last one."""


def unique_mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    if len(keys) != len(set(keys)):
        raise yaml.YAMLError(f"a key twice, line {node.start_mark.line + 1}: {keys}")
    return loader.construct_mapping(node, deep=True)


UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique_mapping)


def run(values=None, sets=(), name="heartmesh", namespace="monitoring", notes=False):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values or {}, file)
        file.flush()
        command = [os.environ["RENDER"], "-name", name, "-namespace", namespace, "-f", file.name]
        for item in sets:
            command += ["-set", item]
        if notes:
            command.append("-notes")
        return subprocess.run(command + [str(CHART)], capture_output=True, text=True)


def key_of(item):
    """The kind; of Services with an address, also the channel that the exporter takes each for."""
    if item["kind"] == "Service" and item["metadata"]["name"].endswith("dns-pods"):
        return "Service/dns_pods"
    if item["kind"] != "Service" or item["spec"].get("clusterIP") == "None":
        return item["kind"]
    if item["spec"].get("internalTrafficPolicy") == "Local":
        return "Service/hairpin"
    return "Service/" + {"ClusterIP": "cluster_ip", "NodePort": "node_port", "LoadBalancer": "load_balancer"}[
        item["spec"]["type"]
    ]


def render(values=None, **arguments):
    """The objects by key. No two have the same."""
    result = run(values, **arguments)
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    objects = [item for item in yaml.load_all(result.stdout, UniqueKeys) if item]
    kinds = [key_of(item) for item in objects]
    assert len(kinds) == len(set(kinds)), kinds
    return dict(zip(kinds, objects))


def pod_of(objects):
    return objects["DaemonSet"]["spec"]["template"]


def container_of(objects):
    (container,) = pod_of(objects)["spec"]["containers"]
    return container


def config_of(objects):
    return yaml.load(objects["ConfigMap"]["data"]["heartmesh.yaml"], UniqueKeys)


class Objects(unittest.TestCase):
    def test_kinds_with_default_values(self):
        self.assertEqual(
            set(render()), {"ConfigMap", "DaemonSet", "ServiceAccount"} | ACCESS | INSIDE
        )

    def test_kinds_with_everything_on(self):
        self.assertEqual(set(render(MONITORED)) - set(render()), {"PodMonitor", "PrometheusRule"})
        self.assertEqual(
            set(render(ALL_ON)) - set(render(MONITORED)), {"Service/node_port", "Service/load_balancer", "Ingress"}
        )

    def test_toggles_remove_objects(self):
        self.assertEqual(set(render()) - set(render(sets=["rbac.create=false"])), ACCESS)
        objects = render(sets=["serviceAccount.create=false", "serviceAccount.name=mine"])
        self.assertEqual(set(render()) - set(objects), {"ServiceAccount"})
        self.assertEqual(pod_of(objects)["spec"]["serviceAccountName"], "mine")
        for kind in ("RoleBinding", "ClusterRoleBinding"):
            self.assertEqual(objects[kind]["subjects"][0]["name"], "mine")
        for name in ("clusterIP", "hairpin"):
            key = {"clusterIP": "Service/cluster_ip", "hairpin": "Service/hairpin"}[name]
            self.assertEqual(set(render()) - set(render(sets=[f"services.{name}.enabled=false"])), {key})

    def test_all_are_in_the_namespace_of_the_release(self):
        for kind, item in render(ALL_ON, namespace="elsewhere").items():
            namespace = None if kind.startswith("Cluster") else "elsewhere"
            self.assertEqual(item["metadata"].get("namespace"), namespace, kind)

    def test_common_labels(self):
        for kind, item in render(ALL_ON).items():
            labels = item["metadata"]["labels"]
            self.assertEqual(labels["app.kubernetes.io/name"], "heartmesh", kind)
            self.assertEqual(labels["app.kubernetes.io/managed-by"], "Helm", kind)

    def test_names_are_short_and_valid(self):
        for name in ("heartmesh", "a", "my-heartmesh", "x" * 53, "y" * 43 + "-" + "z" * 9):
            for kind, item in render(ALL_ON, name=name, namespace="n" * 63).items():
                self.assertRegex(item["metadata"]["name"], r"\A[a-z]([-a-z0-9]{0,61}[a-z0-9])?\Z", kind)
                for key, value in item["metadata"]["labels"].items():
                    self.assertTrue(LABEL_VALUE.fullmatch(value), (kind, key, value))

    def test_names_follow_the_release(self):
        self.assertEqual(render()["DaemonSet"]["metadata"]["name"], "heartmesh")
        self.assertEqual(render(name="prod")["DaemonSet"]["metadata"]["name"], "prod-heartmesh")
        objects = render(name="prod", sets=["fullnameOverride=beat"])
        others = {"Service": "heartmesh-peers", "Service/hairpin": "beat-hairpin"}
        for kind in objects:
            if not kind.startswith("Cluster"):
                self.assertEqual(objects[kind]["metadata"]["name"], others.get(kind, "beat"), kind)

    def test_services_have_distinct_names(self):
        for name in ("heartmesh", "x" * 53):
            for override in ("", "beat", "x" * 63, "x" * 55 + "-hairpin", "y" * 54 + "-z"):
                objects = render({**ALL_ON, "fullnameOverride": override}, name=name)
                names = [item["metadata"]["name"] for kind, item in objects.items() if kind.startswith("Service/")]
                names.append(objects["Service"]["metadata"]["name"])
                self.assertEqual((len(names), len(set(names))), (5, 5), names)
                for item in names:
                    self.assertRegex(item, r"\A[a-z]([-a-z0-9]{0,61}[a-z0-9])?\Z")
        for name in ("heartmesh", "heartmesh-hairpin"):
            result = run(sets=[f"peerService.name={name}"])
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("peerService.name", result.stderr)

    def test_names_in_the_cluster_are_one_for_each_release(self):
        long = "n" * 30
        places = [("heartmesh", "a"), ("heartmesh", "b"), ("prod", "a"), ("heartmesh", long), ("heartmesh", long + "n")]
        names = [render(name=name, namespace=space)["ClusterRole"]["metadata"]["name"] for name, space in places]
        self.assertEqual(len(set(names)), len(places), names)

    def test_notes(self):
        off, on = run(notes=True), run(MONITORED, notes=True)
        self.assertEqual((off.returncode, on.returncode), (0, 0), off.stderr + on.stderr)
        self.assertIn("podMonitor.enabled=true", off.stdout)
        self.assertIn("prometheusRule.enabled=true", off.stdout)
        self.assertNotIn("enabled=true", on.stdout)
        self.assertIn("services.loadBalancer.enabled; opens", on.stdout)
        self.assertNotIn(".enabled", run(ALL_ON, notes=True).stdout)
        self.assertIn("host beat.example", run(ALL_ON, notes=True).stdout)


class Access(unittest.TestCase):
    def test_role_is_get_and_list_and_nothing_else(self):
        self.assertEqual(render()["Role"]["rules"], [ENDPOINT_SLICES, SERVICES, INGRESSES, PODS])
        self.assertEqual(render()["ClusterRole"]["rules"], [NODES])

    def rules(self, *off, mode="off", **config):
        channels = {name: {"mode": mode} for name in off}
        objects = render({"config": {"channels": channels, **config}})
        cluster = objects["ClusterRole"]["rules"] if "ClusterRole" in objects else []
        self.assertEqual("ClusterRole" in objects, "ClusterRoleBinding" in objects)
        return objects["Role"]["rules"] + cluster

    def test_a_channel_that_is_off_takes_its_permission_away(self):
        services = ["cluster_ip", "hairpin", "node_port", "load_balancer"]
        for off in ("off", False):
            self.assertEqual(self.rules("multus", mode=off), [ENDPOINT_SLICES, SERVICES, INGRESSES, NODES])
            self.assertEqual(self.rules("ingress", mode=off), [ENDPOINT_SLICES, SERVICES, PODS, NODES])
            self.assertEqual(self.rules("node", "node_port", mode=off), [ENDPOINT_SLICES, SERVICES, INGRESSES, PODS])
            self.assertEqual(self.rules(*services, mode=off), [ENDPOINT_SLICES, INGRESSES, PODS, NODES])
            self.assertEqual(
                self.rules(*services, "node", "ingress", "multus", mode=off), [ENDPOINT_SLICES]
            )
        everything = self.rules()
        for name in services + ["node", "api_server", "pod"]:
            self.assertEqual(self.rules(name), everything, name)

    def test_a_channel_that_is_not_off_keeps_its_permission(self):
        everything = self.rules()
        for mode in ("auto", "on", True):
            self.assertEqual(self.rules("multus", "ingress", "node", "node_port", "cluster_ip", mode=mode), everything)
        channels = {"multus": {}, "ingress": {"interval": "1m"}, "node": {"protocols": ["tcp"]}}
        self.assertEqual(render({"config": {"channels": channels}})["Role"]["rules"], everything[:-1])

    def test_peers_from_a_file_need_no_more(self):
        self.assertEqual(self.rules(discovery={"file": "/etc/peers.yaml"}), [ENDPOINT_SLICES])

    def test_binding_ties_that_role_to_that_account(self):
        objects = render(namespace="elsewhere")
        binding = objects["RoleBinding"]
        self.assertEqual(
            binding["roleRef"],
            {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": objects["Role"]["metadata"]["name"],
            },
        )
        account = objects["ServiceAccount"]["metadata"]["name"]
        self.assertEqual(
            binding["subjects"], [{"kind": "ServiceAccount", "name": account, "namespace": "elsewhere"}]
        )
        self.assertEqual(pod_of(objects)["spec"]["serviceAccountName"], account)
        binding = objects["ClusterRoleBinding"]
        self.assertEqual(
            binding["roleRef"],
            {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": objects["ClusterRole"]["metadata"]["name"],
            },
        )
        self.assertEqual(
            binding["subjects"], [{"kind": "ServiceAccount", "name": account, "namespace": "elsewhere"}]
        )

    def test_no_watch_no_write_and_no_secrets(self):
        objects = render(ALL_ON)
        self.assertNotIn("Secret", objects)
        for kind in ("Role", "ClusterRole"):
            for rule in objects[kind]["rules"]:
                self.assertLessEqual(set(rule["verbs"]), {"get", "list"})
        for kind in ("DaemonSet", "Service", "ServiceAccount", *ACCESS):
            text = json.dumps(objects[kind]).lower()
            self.assertNotIn("secret", text, kind)
            self.assertNotIn('"*"', text, kind)

    def test_only_the_pod_mounts_the_token(self):
        objects = render()
        self.assertIs(objects["ServiceAccount"]["automountServiceAccountToken"], False)
        self.assertIs(pod_of(objects)["spec"]["automountServiceAccountToken"], True)


class Daemon(unittest.TestCase):
    def test_pod_security(self):
        spec = pod_of(render())["spec"]
        self.assertEqual(
            spec["securityContext"],
            {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "runAsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        )
        for key in ("hostNetwork", "hostPID", "hostIPC", "initContainers"):
            self.assertFalse(spec.get(key), key)
        for volume in spec["volumes"]:
            self.assertNotIn("hostPath", volume)

    def test_sysctls(self):
        sysctls = [{"name": "net.ipv4.ping_group_range", "value": "0 2147483647"}]
        context = pod_of(render({"sysctls": sysctls}))["spec"]["securityContext"]
        self.assertEqual(context["sysctls"], sysctls)
        self.assertIs(context["runAsNonRoot"], True)

    def test_container_security(self):
        container = container_of(render())
        self.assertEqual(
            container["securityContext"],
            {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
        )
        for port in container["ports"]:
            self.assertNotIn("hostPort", port)

    def test_arguments(self):
        arguments = [
            "run",
            "--config.file=/etc/heartmesh/heartmesh.yaml",
            "--web.listen-address=:9873",
            "--responder.listen-address=:8873",
            "--discovery.cache-dir=/var/cache/heartmesh",
        ]
        self.assertEqual(container_of(render())["args"], arguments)
        more = ["--log.format=json"]
        self.assertEqual(container_of(render({"extraArgs": more}))["args"], arguments + more)

    def test_environment(self):
        fields = {
            item["name"]: item["valueFrom"]["fieldRef"]["fieldPath"] for item in container_of(render())["env"]
        }
        self.assertEqual(
            fields,
            {
                "NODE_NAME": "spec.nodeName",
                "POD_UID": "metadata.uid",
                "POD_NAMESPACE": "metadata.namespace",
                "POD_IP": "status.podIP",
            },
        )

    def test_ports_and_probes(self):
        container = container_of(render())
        self.assertEqual(
            [(port["name"], port["containerPort"], port["protocol"]) for port in container["ports"]],
            [("metrics", 9873, "TCP"), ("http", 8873, "TCP"), ("beat", 8873, "UDP")],
        )
        self.assertEqual(container["livenessProbe"]["httpGet"], {"path": "/-/healthy", "port": "metrics"})
        self.assertEqual(container["readinessProbe"]["httpGet"], {"path": "/-/ready", "port": "metrics"})

    def test_resources_without_a_cpu_limit(self):
        self.assertEqual(
            container_of(render())["resources"],
            {"requests": {"cpu": "20m", "memory": "24Mi"}, "limits": {"memory": "64Mi"}},
        )

    def test_runs_on_every_node(self):
        spec = pod_of(render())["spec"]
        self.assertEqual(spec["tolerations"], [{"operator": "Exists"}])
        self.assertNotIn("nodeSelector", spec)
        self.assertNotIn("affinity", spec)

    def test_rollout(self):
        spec = render()["DaemonSet"]["spec"]
        self.assertEqual(
            spec["updateStrategy"], {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}}
        )
        self.assertGreater(spec["template"]["spec"]["terminationGracePeriodSeconds"], 15)

    def test_priority_class_is_optional(self):
        self.assertNotIn("priorityClassName", pod_of(render())["spec"])
        objects = render(sets=["priorityClassName=system-node-critical"])
        self.assertEqual(pod_of(objects)["spec"]["priorityClassName"], "system-node-critical")

    def test_image(self):
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
        self.assertEqual(container_of(render())["image"], f"ghcr.io/heartmesh/heartmesh:{version}")
        objects = render({"image": {"repository": "registry.local/beat", "tag": "1.10"}})
        self.assertEqual(container_of(objects)["image"], "registry.local/beat:1.10")

    def test_selectors_match_the_pod_labels(self):
        objects = render({**ALL_ON, "podLabels": {"team": "net"}}, name="prod")
        labels = pod_of(objects)["metadata"]["labels"]
        self.assertEqual(labels["team"], "net")
        for selector in (
            objects["DaemonSet"]["spec"]["selector"]["matchLabels"],
            objects["Service"]["spec"]["selector"],
            objects["PodMonitor"]["spec"]["selector"]["matchLabels"],
        ):
            self.assertEqual(
                selector, {"app.kubernetes.io/name": "heartmesh", "app.kubernetes.io/instance": "prod"}
            )
            self.assertLessEqual(selector.items(), labels.items())

    def test_a_new_chart_version_alone_restarts_no_pod(self):
        self.assertNotIn("helm.sh/chart", pod_of(render())["metadata"]["labels"])

    def test_optional_parts_of_the_pod(self):
        objects = render(
            {
                "imagePullSecrets": [{"name": "registry"}],
                "nodeSelector": {"kubernetes.io/os": "linux"},
                "affinity": {"nodeAffinity": {}},
                "tolerations": [],
                "podAnnotations": {"a": "b"},
                "serviceAccount": {"annotations": {"c": "d"}},
            }
        )
        pod = pod_of(objects)
        self.assertEqual(pod["spec"]["imagePullSecrets"], [{"name": "registry"}])
        self.assertEqual(pod["spec"]["nodeSelector"], {"kubernetes.io/os": "linux"})
        self.assertEqual(pod["spec"]["affinity"], {"nodeAffinity": {}})
        self.assertNotIn("tolerations", pod["spec"])
        self.assertEqual(pod["metadata"]["annotations"]["a"], "b")
        self.assertEqual(objects["ServiceAccount"]["metadata"]["annotations"], {"c": "d"})


class PeerService(unittest.TestCase):
    def test_headless_for_peers_ready_or_not(self):
        service = render(name="prod")["Service"]
        self.assertEqual(service["metadata"]["name"], "heartmesh-peers")
        spec = service["spec"]
        self.assertEqual(spec["clusterIP"], "None")
        self.assertIs(spec["publishNotReadyAddresses"], True)
        self.assertNotIn("type", spec)

    def test_port_is_the_responder_under_its_name(self):
        objects = render()
        self.assertEqual(
            objects["Service"]["spec"]["ports"],
            [{"name": "http", "port": 8873, "targetPort": "http", "protocol": "TCP"}],
        )
        self.assertIn("http", [port["name"] for port in container_of(objects)["ports"]])

    def test_installs_with_one_address_family_and_with_two(self):
        spec = render()["Service"]["spec"]
        self.assertEqual(spec["ipFamilyPolicy"], "PreferDualStack")
        self.assertNotIn("ipFamilies", spec)


class Services(unittest.TestCase):
    def test_all_lead_to_the_responder_of_pods_that_are_ready(self):
        objects = render(ALL_ON, name="prod")
        services = {kind: item for kind, item in objects.items() if kind.startswith("Service/")}
        self.assertEqual(len(services), 4)
        for kind, item in services.items():
            spec = item["spec"]
            self.assertEqual(
                spec["ports"], [{"name": "http", "port": 8873, "targetPort": "http", "protocol": "TCP"}], kind
            )
            self.assertLessEqual(spec["selector"].items(), pod_of(objects)["metadata"]["labels"].items())
            self.assertEqual(spec["ipFamilyPolicy"], "PreferDualStack")
            for key in ("publishNotReadyAddresses", "clusterIP", "ipFamilies", "sessionAffinity", "externalIPs"):
                self.assertNotIn(key, spec, kind)
            self.assertNotIn("annotations", item["metadata"])

    def test_the_responder_port_alone_is_opened(self):
        self.assertNotIn("9873", json.dumps([v for k, v in render(ALL_ON).items() if k.startswith(("Service", "Ing"))]))

    def test_found_by_their_label(self):
        for kind, item in render(ALL_ON, name="prod", sets=["fullnameOverride=beat"]).items():
            if kind.startswith("Service/") or kind == "Ingress":
                self.assertEqual(item["metadata"]["labels"]["app.kubernetes.io/name"], "heartmesh", kind)

    def test_inside_the_cluster_only_by_default(self):
        objects = render()
        self.assertEqual({kind for kind in objects if kind.startswith("Service")} - {"ServiceAccount"}, INSIDE)
        self.assertNotIn("Ingress", objects)
        self.assertEqual(objects["Service/cluster_ip"]["spec"]["type"], "ClusterIP")
        self.assertNotIn("internalTrafficPolicy", objects["Service/cluster_ip"]["spec"])

    def test_hairpin_stays_on_the_node(self):
        spec = render()["Service/hairpin"]["spec"]
        self.assertEqual((spec["type"], spec["internalTrafficPolicy"]), ("ClusterIP", "Local"))

    def test_node_port(self):
        spec = render({"services": {"nodePort": {"enabled": True, "nodePort": 30873}}})["Service/node_port"]["spec"]
        self.assertEqual((spec["type"], spec["externalTrafficPolicy"]), ("NodePort", "Cluster"))
        self.assertEqual(spec["ports"][0]["nodePort"], 30873)

    def test_load_balancer(self):
        spec = render(ALL_ON)["Service/load_balancer"]["spec"]
        self.assertEqual((spec["type"], spec["externalTrafficPolicy"]), ("LoadBalancer", "Cluster"))
        self.assertIs(spec["allocateLoadBalancerNodePorts"], True)
        self.assertNotIn("loadBalancerClass", spec)
        self.assertNotIn("loadBalancerSourceRanges", spec)
        options = {
            "enabled": True,
            "class": "example.com/internal",
            "sourceRanges": ["10.0.0.0/8"],
            "allocateNodePorts": False,
            "annotations": {"internal": "true"},
        }
        item = render({"services": {"loadBalancer": options}})["Service/load_balancer"]
        self.assertEqual(item["spec"]["loadBalancerClass"], "example.com/internal")
        self.assertEqual(item["spec"]["loadBalancerSourceRanges"], ["10.0.0.0/8"])
        self.assertIs(item["spec"]["allocateLoadBalancerNodePorts"], False)
        self.assertEqual(item["metadata"]["annotations"], {"internal": "true"})

    def test_one_address_family_for_all(self):
        objects = render({**ALL_ON, "services": {**ALL_ON["services"], "ipFamilyPolicy": "SingleStack"}})
        policies = {item["spec"]["ipFamilyPolicy"] for kind, item in objects.items() if kind.startswith("Service/")}
        self.assertEqual(policies, {"SingleStack"})

    def test_ingress(self):
        objects = render(ALL_ON, name="prod")
        spec = objects["Ingress"]["spec"]
        service = {"name": objects["Service/cluster_ip"]["metadata"]["name"], "port": {"name": "http"}}
        path = {"path": "/", "pathType": "Prefix", "backend": {"service": service}}
        self.assertEqual(spec, {"rules": [{"host": "beat.example", "http": {"paths": [path]}}]})

    def test_ingress_with_everything(self):
        options = {
            "enabled": True,
            "className": "nginx",
            "host": "beat.example",
            "path": "/beat",
            "pathType": "Exact",
            "tls": {"enabled": True, "secretName": "beat-tls"},
            "annotations": {"a": "b"},
        }
        item = render({"ingress": options})["Ingress"]
        self.assertEqual(item["metadata"]["annotations"], {"a": "b"})
        self.assertEqual(item["spec"]["ingressClassName"], "nginx")
        self.assertEqual(item["spec"]["tls"], [{"hosts": ["beat.example"], "secretName": "beat-tls"}])
        path = item["spec"]["rules"][0]["http"]["paths"][0]
        self.assertEqual((path["path"], path["pathType"]), ("/beat", "Exact"))
        del options["tls"]["secretName"]
        self.assertEqual(render({"ingress": options})["Ingress"]["spec"]["tls"], [{"hosts": ["beat.example"]}])

    def test_ingress_needs_a_host_and_its_service(self):
        result = run(sets=["ingress.enabled=true"])
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("ingress.host", result.stderr)
        result = run({**ALL_ON, "services": {"clusterIP": {"enabled": False}}})
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("services.clusterIP.enabled", result.stderr)


class DNSPods(unittest.TestCase):
    ON = {"dnsPods": {"enabled": True}}

    def test_off_by_default(self):
        self.assertEqual(set(render(self.ON)) - set(render()), {"Service/dns_pods"})

    def test_a_name_for_the_addresses_of_the_pods(self):
        service = render({"dnsPods": {**self.ON["dnsPods"], "namespace": "dns", "selector": {"app": "dns"}}})[
            "Service/dns_pods"
        ]
        self.assertEqual(service["metadata"]["namespace"], "dns")
        self.assertEqual(service["spec"]["clusterIP"], "None")
        self.assertEqual(service["spec"]["selector"], {"app": "dns"})
        self.assertEqual(render(self.ON)["Service/dns_pods"]["spec"]["selector"], {"k8s-app": "kube-dns"})
        ports = [(port["port"], port["protocol"]) for port in service["spec"]["ports"]]
        self.assertEqual(ports, [(53, "UDP"), (53, "TCP")])

    def test_that_name_is_probed(self):
        own = {"name": "out", "url": "https://example.com/"}
        for name in ("prod", "x" * 53):
            objects = render({**self.ON, "config": {"probes": [own]}}, name=name)
            service = objects["Service/dns_pods"]["metadata"]["name"]
            self.assertLessEqual(len(service), 63)
            server = f"{service}.kube-system.svc"
            probe = {"name": "dns-pods", "dns": {"server": server, "name": "kubernetes.default.svc.cluster.local"}}
            self.assertEqual(config_of(objects)["probes"], [own, probe])


class Configuration(unittest.TestCase):
    def test_default_names_the_peer_service_only(self):
        self.assertEqual(config_of(render()), {"discovery": {"kubernetes": {"service": "heartmesh-peers"}}})

    def test_service_name_is_one_for_both(self):
        objects = render(sets=["peerService.name=beats"])
        self.assertEqual(objects["Service"]["metadata"]["name"], "beats")
        self.assertEqual(config_of(objects)["discovery"]["kubernetes"]["service"], "beats")

    def test_contradictions_are_refused(self):
        for kubernetes in ({"service": "other"}, {"namespace": "other"}):
            result = run({"config": {"discovery": {"kubernetes": kubernetes}}})
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("other", result.stderr)
        self.assertNotEqual(run(sets=["serviceAccount.create=false"]).returncode, 0)

    def test_configuration_arrives_as_it_was_written(self):
        config = {
            "mesh": "production",
            "discovery": {"interval": "30s", "kubernetes": {"namespace": "monitoring"}},
            "peers": {"fullMeshLimit": 32, "watch": 16, "suspects": 8, "warmup": "30s"},
            "channels": {"pod": {"mode": "auto", "interval": "10s", "timeout": "4s", "protocols": ["http"]}},
            "probes": [{"name": "out: side", "url": "https://example.com/?a=#b"}],
            "limits": {"probesPerSecond": 1000000, "series": 2000},
        }
        expected = json.loads(json.dumps(config))
        expected["discovery"]["kubernetes"]["service"] = "heartmesh-peers"
        self.assertEqual(config_of(render({"config": config})), expected)

    def test_other_sources_of_peers_are_left_alone(self):
        for discovery in ({"file": "/etc/peers.yaml"}, {"http": {"url": "https://peers.example"}}):
            self.assertEqual(config_of(render({"config": {"discovery": discovery}})), {"discovery": discovery})

    def test_container_reads_that_config_map(self):
        objects = render(name="prod")
        container = container_of(objects)
        (volume, _) = pod_of(objects)["spec"]["volumes"]
        self.assertEqual(volume, {"name": "config", "configMap": {"name": objects["ConfigMap"]["metadata"]["name"]}})
        self.assertEqual(
            container["volumeMounts"][:1], [{"name": "config", "mountPath": "/etc/heartmesh", "readOnly": True}]
        )
        self.assertIn("heartmesh.yaml", objects["ConfigMap"]["data"])

    def test_the_peers_are_kept_in_a_folder_of_the_pod(self):
        def cache_of(values):
            objects = render(values)
            container = container_of(objects)
            return (
                [item for item in container["args"] if "cache" in item],
                [item for item in container["volumeMounts"] if item["name"] == "cache"],
                [item for item in pod_of(objects)["spec"]["volumes"] if item["name"] == "cache"],
            )

        volumes = [{"name": "cache", "emptyDir": {"sizeLimit": "64Mi"}}]
        for values, folder in (({}, "/var/cache/heartmesh"), ({"discovery": {"cacheDir": "/kept"}}, "/kept")):
            self.assertEqual(
                cache_of(values),
                ([f"--discovery.cache-dir={folder}"], [{"name": "cache", "mountPath": folder}], volumes),
            )
        self.assertEqual(cache_of({"discovery": {"cacheDir": ""}}), ([], [], []))
        # The exporter refuses it for a static mesh.
        self.assertEqual(cache_of({"config": {"discovery": {"file": "/peers.yaml"}}}), ([], [], []))

    def test_only_what_takes_a_restart_restarts_the_pods(self):
        def annotations(config=None, **arguments):
            return pod_of(render({"config": config or {}}, **arguments))["metadata"]["annotations"]

        plain = annotations()
        self.assertEqual(list(plain), ["checksum/identity"])
        self.assertEqual(plain, annotations(name="prod"))
        for config in (
            {"channels": {"pod": {"interval": "5s"}}},
            {"discovery": {"interval": "30s"}},
            {"node": {"zone": "z1"}},
            {"mesh": "default"},
            {"probes": [{"name": "a", "url": "http://a"}]},
        ):
            self.assertEqual(plain, annotations(config), config)
        for config in (
            {"mesh": "other"},
            {"node": {"name": "a"}},
            {"discovery": {"file": "/etc/peers.yaml"}},
            {"discovery": {"http": {"url": "https://peers.example"}}},
        ):
            self.assertNotEqual(plain, annotations(config), config)
        self.assertNotEqual(plain, annotations(sets=["peerService.name=peers"]))


class Monitoring(unittest.TestCase):
    def test_rules_are_those_of_alerts(self):
        spec = render(ALL_ON)["PrometheusRule"]["spec"]
        self.assertEqual(spec, yaml.load(RULES.read_text(), UniqueKeys))
        self.assertTrue(spec["groups"])

    def test_rules_in_the_chart_are_a_link(self):
        link = CHART / "rules" / RULES.name
        self.assertTrue(link.is_symlink())
        self.assertEqual(link.resolve(), RULES)
        self.assertFalse(os.path.isabs(os.readlink(link)))

    def test_pod_monitor_gives_the_labels_that_the_rules_need(self):
        (endpoint,) = render(ALL_ON)["PodMonitor"]["spec"]["podMetricsEndpoints"]
        self.assertEqual(endpoint["port"], "metrics")
        self.assertEqual((endpoint["interval"], endpoint["scrapeTimeout"]), ("15s", "10s"))
        node = {"sourceLabels": ["__meta_kubernetes_pod_node_name"]}
        self.assertEqual(
            endpoint["relabelings"],
            [
                {"targetLabel": "job", "replacement": "heartmesh"},
                {**node, "targetLabel": "node"},
                {**node, "targetLabel": "instance"},
                {"action": "labeldrop", "regex": "pod|container|endpoint"},
            ],
        )

    def test_labels_for_selection(self):
        objects = render(
            {
                "podMonitor": {"enabled": True, "labels": {"release": "a"}},
                "prometheusRule": {"enabled": True, "labels": {"release": "b"}},
            }
        )
        self.assertEqual(objects["PodMonitor"]["metadata"]["labels"]["release"], "a")
        self.assertEqual(objects["PrometheusRule"]["metadata"]["labels"]["release"], "b")


class Values(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads((CHART / "values.schema.json").read_text())
        cls.values = yaml.load((CHART / "values.yaml").read_text(), UniqueKeys)

    def refused(self, key, value):
        with self.assertRaises(jsonschema.ValidationError, msg=f"{key}: {value}"):
            jsonschema.validate({**self.values, key: value}, self.schema)

    def test_schema_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(self.schema)

    def test_default_values_conform(self):
        jsonschema.validate(self.values, self.schema)

    def test_schema_and_values_know_the_same_keys(self):
        self.assertEqual(set(self.schema["properties"]) - {"global"}, set(self.values))

    def test_mistakes_are_refused(self):
        self.refused("tolerance", [])
        self.refused("fullnameOverride", "No_Name")
        self.refused("fullnameOverride", "x" * 64)
        self.refused("config", {"channel": {}})
        self.refused("config", "mesh: production")
        self.refused("peerService", {"name": "", "ipFamilyPolicy": "PreferDualStack"})
        self.refused("podMonitor", {"enabled": "yes"})
        self.refused("podMonitor", {"interval": "15"})
        self.refused("updateStrategy", {"rollingUpdate": {"maxSurge": 1}})
        self.refused("extraArgs", "--log.level=debug")
        self.refused("discovery", {"cacheDir": "kept"})
        self.refused("discovery", {"cachedir": "/kept"})
        self.refused("services", {"clusterIp": {"enabled": True}})
        self.refused("services", {"clusterIP": {"enabled": "yes"}})
        self.refused("services", {"hairpin": {"type": "LoadBalancer"}})
        self.refused("services", {"nodePort": {"nodePort": 70000}})
        self.refused("services", {"loadBalancer": {"sourceRanges": "10.0.0.0/8"}})
        self.refused("services", {"ipFamilyPolicy": "DualStack"})
        self.refused("ingress", {"hosts": ["beat.example"]})
        self.refused("ingress", {"host": "https://beat.example"})
        self.refused("ingress", {"path": "beat"})
        self.refused("ingress", {"tls": [{"hosts": ["beat.example"]}]})
        self.refused("config", {"channels": {"node": {"mode": "never"}}})
        self.refused("config", {"channels": {"node": "off"}})

    def test_modes_are_words_or_what_yaml_makes_of_them(self):
        for mode in ("auto", "on", "off", True, False):
            jsonschema.validate({**self.values, "config": {"channels": {"node": {"mode": mode}}}}, self.schema)

    def test_values_with_everything_on_conform(self):
        jsonschema.validate({**self.values, **ALL_ON}, self.schema)

    def test_schema_knows_every_nested_value(self):
        def check(values, schema, path):
            for key, value in values.items():
                self.assertIn(key, schema["properties"], path)
                inner = schema["properties"][key]
                if "$ref" in inner:
                    inner = self.schema["definitions"][inner["$ref"].rsplit("/", 1)[1]]
                if isinstance(value, dict) and "properties" in inner:
                    self.assertEqual(set(inner["properties"]), set(value), f"{path}.{key}")
                    check(value, inner, f"{path}.{key}")

        for key in ("services", "ingress", "image", "podMonitor"):
            check({key: self.values[key]}, self.schema, "")


class Metadata(unittest.TestCase):
    def test_chart(self):
        chart = yaml.load((CHART / "Chart.yaml").read_text(), UniqueKeys)
        self.assertEqual((chart["apiVersion"], chart["name"]), ("v2", "heartmesh"))
        self.assertRegex(chart["version"], r"\A\d+\.\d+\.\d+\Z")
        self.assertIsInstance(chart["appVersion"], str)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    outcome = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(outcome.failures) + len(outcome.errors)
    print(f"{outcome.testsRun - failed} passed, {failed} failed")
    sys.exit(failed > 0 or outcome.testsRun == 0)
