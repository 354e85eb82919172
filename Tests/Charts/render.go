// Command render prints the manifests of a Helm chart, for machines without Helm. It knows as much of Helm 3 as the
// charts of this project use: text/template with sprig, Helm's own functions, values merged from files and --set, and
// the objects .Values, .Chart, .Release, .Capabilities, .Files and .Template. Subcharts and hooks are not known.
//
// It needs only what Debian packages: golang-go, golang-github-masterminds-sprig-dev, golang-k8s-sigs-yaml-dev, with
// GO111MODULE=off GOPATH=/usr/share/gocode.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

type values = map[string]interface{}

func main() {
	var files, sets list
	name := flag.String("name", "heartmesh", "name of the release")
	namespace := flag.String("namespace", "default", "namespace of the release")
	notes := flag.Bool("notes", false, "print NOTES.txt instead of the manifests")
	flag.Var(&files, "f", "file of values; later ones win")
	flag.Var(&sets, "set", "key.path=value, after all files")
	flag.Parse()
	if flag.NArg() != 1 {
		fail(errors.New("usage: render [-name NAME] [-namespace NS] [-f FILE]... [-set KEY=VALUE]... [-notes] CHART"))
	}
	out, err := render(flag.Arg(0), *name, *namespace, files, sets, *notes)
	if err != nil {
		fail(err)
	}
	fmt.Print(out)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "render:", err)
	os.Exit(1)
}

func render(chart, name, namespace string, overrides, sets []string, notes bool) (string, error) {
	files, err := load(chart)
	if err != nil {
		return "", err
	}
	meta, vals := values{}, values{}
	if err := yaml.Unmarshal(files["Chart.yaml"], &meta); err != nil {
		return "", fmt.Errorf("Chart.yaml: %w", err)
	}
	if err := yaml.UnmarshalStrict(files["values.yaml"], &vals); err != nil {
		return "", fmt.Errorf("values.yaml: %w", err)
	}
	for _, file := range overrides {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		over := values{}
		if err := yaml.UnmarshalStrict(data, &over); err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		merge(vals, over)
	}
	for _, set := range sets {
		if err := assign(vals, set); err != nil {
			return "", err
		}
	}

	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	others := chartFiles{}
	var names []string
	for file, data := range files {
		if !strings.HasPrefix(file, "templates/") {
			if file != "Chart.yaml" && file != "values.yaml" && file != "values.schema.json" {
				others[file] = data
			}
			continue
		}
		if _, err := root.New(file).Parse(string(data)); err != nil {
			return "", err
		}
		names = append(names, file)
	}
	sort.Strings(names)
	context := values{
		"Values": vals,
		"Files":  others,
		"Chart":  capitalise(meta),
		"Release": values{
			"Name": name, "Namespace": namespace, "Service": "Helm",
			"IsInstall": true, "IsUpgrade": false, "Revision": 1,
		},
		"Capabilities": values{
			"KubeVersion": values{"Version": "v1.30.0", "GitVersion": "v1.30.0", "Major": "1", "Minor": "30"},
			"APIVersions": apiVersions{},
			"HelmVersion": values{"Version": "v3.15.0"},
		},
	}

	var out strings.Builder
	for _, file := range names {
		base := path.Base(file)
		if strings.HasPrefix(base, "_") || (base == "NOTES.txt") != notes {
			continue
		}
		context["Template"] = values{"Name": file, "BasePath": "templates"}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, file, context); err != nil {
			return "", err
		}
		// As in Helm, a value that is not there prints nothing.
		result := strings.ReplaceAll(text.String(), "<no value>", "")
		if notes {
			out.WriteString(result)
		} else if strings.TrimSpace(result) != "" {
			fmt.Fprintf(&out, "---\n# Source: %s/%s\n%s\n", meta["name"], file, strings.TrimSpace(result))
		}
	}
	return out.String(), nil
}

// load reads all files of a chart by their path in it, and follows symbolic links as Helm does.
func load(chart string) (map[string][]byte, error) {
	files := map[string][]byte{}
	var walk func(dir, prefix string) error
	walk = func(dir, prefix string) error {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			from, to := filepath.Join(dir, entry.Name()), path.Join(prefix, entry.Name())
			info, err := os.Stat(from)
			if err != nil {
				return err
			}
			if info.IsDir() {
				if err := walk(from, to); err != nil {
					return err
				}
			} else if files[to], err = os.ReadFile(from); err != nil {
				return err
			}
		}
		return nil
	}
	return files, walk(chart, "")
}

// merge puts the values of src over those of dst: maps key by key, null removes a key, anything else replaces.
func merge(dst, src values) {
	for key, value := range src {
		if value == nil {
			delete(dst, key)
			continue
		}
		over, isMap := value.(values)
		under, wasMap := dst[key].(values)
		if isMap && wasMap {
			merge(under, over)
		} else {
			dst[key] = value
		}
	}
}

// assign sets one "a.b.c=value", with Helm's typing of the value: null, booleans and integers, otherwise a string.
func assign(vals values, set string) error {
	parts := strings.SplitN(set, "=", 2)
	if len(parts) != 2 {
		return fmt.Errorf("-set %s: no =", set)
	}
	var value interface{} = parts[1]
	switch number, err := strconv.ParseInt(parts[1], 10, 64); {
	case err == nil:
		value = number
	case parts[1] == "true" || parts[1] == "false":
		value = parts[1] == "true"
	case parts[1] == "null":
		value = nil
	}
	keys := strings.Split(parts[0], ".")
	over := values{keys[len(keys)-1]: value}
	for i := len(keys) - 2; i >= 0; i-- {
		over = values{keys[i]: over}
	}
	merge(vals, over)
	return nil
}

// capitalise gives the keys of Chart.yaml the names that .Chart has in templates: appVersion is .Chart.AppVersion.
func capitalise(meta values) values {
	out := values{}
	for key, value := range meta {
		out[strings.ToUpper(key[:1])+key[1:]] = value
	}
	if out["ApiVersion"] != nil {
		out["APIVersion"] = out["ApiVersion"]
		delete(out, "ApiVersion")
	}
	return out
}

func functions(root *template.Template) template.FuncMap {
	funcs := sprig.TxtFuncMap()
	delete(funcs, "env")
	delete(funcs, "expandenv")
	depth := 0
	funcs["include"] = func(name string, data interface{}) (string, error) {
		if depth++; depth > 1000 {
			return "", fmt.Errorf("include %q: no end in sight", name)
		}
		defer func() { depth-- }()
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	funcs["tpl"] = func(source string, data interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		clone.Funcs(functions(clone))
		parsed, err := clone.New("tpl").Parse(source)
		if err != nil {
			return "", err
		}
		var text strings.Builder
		err = parsed.Execute(&text, data)
		return strings.ReplaceAll(text.String(), "<no value>", ""), err
	}
	funcs["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	funcs["lookup"] = func(string, string, string, string) values { return values{} }
	funcs["toYaml"] = func(value interface{}) string {
		data, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(data), "\n")
	}
	funcs["fromYaml"] = func(text string) values {
		out := values{}
		if err := yaml.Unmarshal([]byte(text), &out); err != nil {
			out["Error"] = err.Error()
		}
		return out
	}
	funcs["fromYamlArray"] = func(text string) []interface{} {
		out := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &out); err != nil {
			out = []interface{}{err.Error()}
		}
		return out
	}
	funcs["toJson"] = func(value interface{}) string {
		data, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(data)
	}
	funcs["fromJson"] = func(text string) values {
		out := values{}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			out["Error"] = err.Error()
		}
		return out
	}
	return funcs
}

// chartFiles is .Files: what lies in the chart beside the templates.
type chartFiles map[string][]byte

func (f chartFiles) Get(name string) string      { return string(f[name]) }
func (f chartFiles) GetBytes(name string) []byte { return f[name] }
func (f chartFiles) Lines(name string) []string  { return strings.Split(string(f[name]), "\n") }

func (f chartFiles) Glob(pattern string) (chartFiles, error) {
	out := chartFiles{}
	for name, data := range f {
		matches, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if matches {
			out[name] = data
		}
	}
	return out, nil
}

func (f chartFiles) AsConfig() (string, error) {
	out := map[string]string{}
	for name, data := range f {
		out[path.Base(name)] = string(data)
	}
	data, err := yaml.Marshal(out)
	return strings.TrimSuffix(string(data), "\n"), err
}

func (f chartFiles) AsSecrets() (string, error) {
	out := map[string]string{}
	for name, data := range f {
		out[path.Base(name)] = base64.StdEncoding.EncodeToString(data)
	}
	data, err := yaml.Marshal(out)
	return strings.TrimSuffix(string(data), "\n"), err
}

type apiVersions struct{}

func (apiVersions) Has(string) bool { return true }
