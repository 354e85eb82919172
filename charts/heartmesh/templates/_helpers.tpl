{{- define "heartmesh.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "heartmesh.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "heartmesh.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | required "serviceAccount.name is needed when serviceAccount.create is false" -}}
{{- end -}}
{{- end -}}

{{/* The name is a constant: the exporter finds its own objects by it. */}}
{{- define "heartmesh.selectorLabels" -}}
app.kubernetes.io/name: heartmesh
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "heartmesh.labels" -}}
{{ include "heartmesh.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* The configuration, with the name of the peer Service and the pods of DNS filled in. */}}
{{- define "heartmesh.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $discovery := $config.discovery | default dict -}}
{{- if not (or $discovery.file $discovery.http) -}}
{{- $kubernetes := $discovery.kubernetes | default dict -}}
{{- $service := $kubernetes.service | default .Values.peerService.name -}}
{{- if ne $service .Values.peerService.name -}}
{{- fail (printf "config.discovery.kubernetes.service is %q, but the peer Service is %q: set peerService.name" $service .Values.peerService.name) -}}
{{- end -}}
{{- if ne ($kubernetes.namespace | default .Release.Namespace) .Release.Namespace -}}
{{- fail (printf "config.discovery.kubernetes.namespace is %q, but the peers are in %q" $kubernetes.namespace .Release.Namespace) -}}
{{- end -}}
{{- $discovery = merge (dict "kubernetes" (merge (dict "service" $service) $kubernetes)) $discovery -}}
{{- $_ := set $config "discovery" $discovery -}}
{{- end -}}
{{- with .Values.dnsPods -}}
{{- if .enabled -}}
{{- $server := printf "%s.%s.svc" (include "heartmesh.named" (list $ "dns-pods")) .namespace -}}
{{- $probe := dict "name" "dns-pods" "dns" (dict "server" $server "name" .question) -}}
{{- $_ := set $config "probes" (append ($config.probes | default list) $probe) -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Where the peers are kept on disk; empty: nowhere. A static mesh is on disk already. */}}
{{- define "heartmesh.cacheDir" -}}
{{- $discovery := .Values.config.discovery | default dict -}}
{{- if not (or $discovery.file $discovery.http) -}}
{{- .Values.discovery.cacheDir -}}
{{- end -}}
{{- end -}}

{{/* What of the configuration takes a restart: who the exporters are, and where their peers come from. */}}
{{- define "heartmesh.identity" -}}
{{- $config := include "heartmesh.config" . | fromYaml -}}
{{- $node := omit ($config.node | default dict) "zone" -}}
{{- $discovery := omit ($config.discovery | default dict) "interval" -}}
{{- toYaml (dict "mesh" ($config.mesh | default "default") "node" $node "discovery" $discovery) -}}
{{- end -}}

{{/* A name with an ending. One that would be too long is cut, and told apart by its hash. */}}
{{- define "heartmesh.named" -}}
{{- $name := include "heartmesh.fullname" (index . 0) -}}
{{- $ending := index . 1 -}}
{{- if gt (add (len $name) 1 (len $ending)) 63 -}}
{{- $name = printf "%s-%s" ($name | trunc (int (sub 53 (len $ending))) | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- end -}}
{{- printf "%s-%s" $name $ending -}}
{{- end -}}

{{/* For what belongs to the whole cluster, where another release may have the same name in another namespace. */}}
{{- define "heartmesh.clusterName" -}}
{{- $namespace := .Release.Namespace | trunc 24 | trimSuffix "-" -}}
{{- printf "%s-%s-%s" (include "heartmesh.fullname" . | trunc 28 | trimSuffix "-") $namespace (printf "%s/%s" .Release.Namespace (include "heartmesh.fullname" .) | sha256sum | trunc 8) -}}
{{- end -}}

{{/* "yes" when one of the channels after the root is not off. YAML 1.1 reads off as false. Nobody needs the API for a file. */}}
{{- define "heartmesh.anyChannel" -}}
{{- $root := index . 0 -}}
{{- $channels := $root.Values.config.channels | default dict -}}
{{- $discovery := $root.Values.config.discovery | default dict -}}
{{- $any := "" -}}
{{- if not (or $discovery.file $discovery.http) -}}
{{- range $name := rest . -}}
{{- $channel := index $channels $name | default dict -}}
{{- if not (and (hasKey $channel "mode") (has (toString $channel.mode) (list "off" "false"))) -}}
{{- $any = "yes" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $any -}}
{{- end -}}

{{/* A Service whose port is the responder's. Its name, then what comes before the selector of its spec. */}}
{{- define "heartmesh.service" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $service := index . 2 -}}
{{- $spec := index . 3 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "heartmesh.labels" $root | nindent 4 }}
  {{- with $service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- toYaml $spec | nindent 2 }}
  ipFamilyPolicy: {{ $root.Values.services.ipFamilyPolicy }}
  selector:
    {{- include "heartmesh.selectorLabels" $root | nindent 4 }}
  ports:
    - name: http
      port: 8873
      targetPort: http
      protocol: TCP
      {{- with $service.nodePort }}
      nodePort: {{ int . }}
      {{- end }}
{{- end -}}
