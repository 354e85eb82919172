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

{{/* The configuration, with the name of the peer Service filled in. */}}
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
{{- toYaml $config -}}
{{- end -}}
