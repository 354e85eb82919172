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
ALL_ON = {"podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}
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


def render(values=None, **arguments):
    """The objects by kind. No chart of ours has two of one kind."""
    result = run(values, **arguments)
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    objects = [item for item in yaml.load_all(result.stdout, UniqueKeys) if item]
    kinds = [item["kind"] for item in objects]
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
            set(render()), {"ConfigMap", "DaemonSet", "Role", "RoleBinding", "Service", "ServiceAccount"}
        )

    def test_kinds_with_everything_on(self):
        self.assertEqual(set(render(ALL_ON)) - set(render()), {"PodMonitor", "PrometheusRule"})

    def test_toggles_remove_objects(self):
        self.assertEqual(set(render()) - set(render(sets=["rbac.create=false"])), {"Role", "RoleBinding"})
        objects = render(sets=["serviceAccount.create=false", "serviceAccount.name=mine"])
        self.assertEqual(set(render()) - set(objects), {"ServiceAccount"})
        self.assertEqual(pod_of(objects)["spec"]["serviceAccountName"], "mine")
        self.assertEqual(objects["RoleBinding"]["subjects"][0]["name"], "mine")

    def test_all_are_in_the_namespace_of_the_release(self):
        for kind, item in render(ALL_ON, namespace="elsewhere").items():
            self.assertEqual(item["metadata"]["namespace"], "elsewhere", kind)

    def test_common_labels(self):
        for kind, item in render(ALL_ON).items():
            labels = item["metadata"]["labels"]
            self.assertEqual(labels["app.kubernetes.io/name"], "heartmesh", kind)
            self.assertEqual(labels["app.kubernetes.io/managed-by"], "Helm", kind)

    def test_names_are_short_and_valid(self):
        for name in ("heartmesh", "a", "my-heartmesh", "x" * 53, "y" * 43 + "-" + "z" * 9):
            for kind, item in render(ALL_ON, name=name).items():
                self.assertRegex(item["metadata"]["name"], r"\A[a-z]([-a-z0-9]{0,61}[a-z0-9])?\Z", kind)
                for key, value in item["metadata"]["labels"].items():
                    self.assertTrue(LABEL_VALUE.fullmatch(value), (kind, key, value))

    def test_names_follow_the_release(self):
        self.assertEqual(render()["DaemonSet"]["metadata"]["name"], "heartmesh")
        self.assertEqual(render(name="prod")["DaemonSet"]["metadata"]["name"], "prod-heartmesh")
        objects = render(name="prod", sets=["fullnameOverride=beat"])
        for kind in set(objects) - {"Service"}:
            self.assertEqual(objects[kind]["metadata"]["name"], "beat", kind)
        self.assertEqual(objects["Service"]["metadata"]["name"], "heartmesh-peers")

    def test_notes(self):
        off, on = run(notes=True), run(ALL_ON, notes=True)
        self.assertEqual((off.returncode, on.returncode), (0, 0), off.stderr + on.stderr)
        self.assertIn("podMonitor.enabled=true", off.stdout)
        self.assertIn("prometheusRule.enabled=true", off.stdout)
        self.assertNotIn("enabled=true", on.stdout)


class Access(unittest.TestCase):
    def test_role_is_get_and_list_on_endpointslices_and_nothing_else(self):
        self.assertEqual(
            render()["Role"]["rules"],
            [{"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list"]}],
        )

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

    def test_nothing_for_the_whole_cluster_and_no_secrets(self):
        objects = render(ALL_ON)
        self.assertFalse([kind for kind in objects if kind.startswith("Cluster") or kind == "Secret"])
        for kind in ("Role", "RoleBinding", "DaemonSet", "Service", "ServiceAccount"):
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
            {port["name"]: port["containerPort"] for port in container["ports"]}, {"metrics": 9873, "http": 8873}
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
        (volume,) = pod_of(objects)["spec"]["volumes"]
        self.assertEqual(volume, {"name": "config", "configMap": {"name": objects["ConfigMap"]["metadata"]["name"]}})
        self.assertEqual(
            container["volumeMounts"], [{"name": "config", "mountPath": "/etc/heartmesh", "readOnly": True}]
        )
        self.assertIn("heartmesh.yaml", objects["ConfigMap"]["data"])

    def test_a_change_restarts_the_pods(self):
        def checksum(**arguments):
            return pod_of(render(**arguments))["metadata"]["annotations"]["checksum/config"]

        self.assertEqual(checksum(), checksum(name="prod"))
        self.assertNotEqual(checksum(), checksum(sets=["config.mesh=other"]))


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
