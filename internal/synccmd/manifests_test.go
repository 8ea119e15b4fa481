package synccmd

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
)

// manifest decodes one of the documents of a manifest. Unknown fields are errors.
func manifest[T any](t *testing.T, name, kind string) *T {
	t.Helper()
	for document := range strings.SplitSeq(readExample(t, "kubernetes/"+name), "\n---\n") {
		if !strings.Contains(document, "\nkind: "+kind+"\n") && !strings.Contains(document, "\nkind: "+kind+" #") {
			continue
		}
		into := new(T)
		if err := yaml.UnmarshalStrict([]byte(document), into); err != nil {
			t.Fatalf("%s, %s: %v", name, kind, err)
		}
		return into
	}
	t.Fatalf("%s does not contain a %s", name, kind)
	return nil
}

// wantPod checks what all pods of the examples have in common, and returns the options of the pod
// in a file.
func wantPod(t *testing.T, file string, pod *corev1.PodSpec) *options {
	t.Helper()
	if len(pod.Containers) != 1 || pod.TerminationGracePeriodSeconds == nil ||
		*pod.TerminationGracePeriodSeconds < 3*30+30 {
		t.Fatalf("got %+v", pod) // three requests with their deadlines, see the unit of systemd
	}
	c := &pod.Containers[0]
	if tag := c.Image[strings.LastIndex(c.Image, ":")+1:]; tag != newestRelease(t) {
		t.Errorf("got the image %s, want the newest release, %s", c.Image, newestRelease(t))
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken ||
		!*pod.SecurityContext.RunAsNonRoot ||
		pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault ||
		*c.SecurityContext.AllowPrivilegeEscalation ||
		!*c.SecurityContext.ReadOnlyRootFilesystem || !slices.Equal(c.SecurityContext.Capabilities.Drop,
		[]corev1.Capability{"ALL"}) {
		t.Errorf("the pod has more permissions than it needs: %+v, %+v", pod.SecurityContext, c.SecurityContext)
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero() ||
		c.Resources.Requests.Cpu().IsZero() || !c.Resources.Limits.Cpu().IsZero() {
		t.Errorf("got the resources %+v", c.Resources)
	}
	values := map[string]corev1.EnvVar{}
	for _, variable := range c.Env {
		values[variable.Name] = variable
	}
	token := values["NETBOX_API_TOKEN"]
	if token.Value != "" || token.ValueFrom == nil || token.ValueFrom.SecretKeyRef == nil {
		t.Fatalf("the token is not from a secret: %+v", token)
	}
	// Other users of the machine can read the arguments of a command.
	from := fmt.Sprintf("kubectl create secret generic %s --from-file=%s=/dev/stdin",
		token.ValueFrom.SecretKeyRef.Name, token.ValueFrom.SecretKeyRef.Key)
	for _, name := range []string{"README.md", "kubernetes/" + file} {
		if text := readExample(t, name); !strings.Contains(text, from) || strings.Contains(text, "--from-literal") {
			t.Errorf("%s does not say %q, or has a secret on a command line", name, from)
		}
	}
	if values["NETBOX_SERVER_URL"].Value == "" {
		t.Error("the pod has no URL of NetBox")
	}
	args := slices.Clone(c.Args)
	if name, found := values["POD_NAME"]; found {
		if name.ValueFrom == nil || name.ValueFrom.FieldRef == nil ||
			name.ValueFrom.FieldRef.FieldPath != "metadata.name" {
			t.Errorf("got the name %+v, want the pod's own", name)
		}
		for i := range args { // as Kubernetes does it
			args[i] = strings.ReplaceAll(args[i], "$(POD_NAME)", "hedgehog-sync-2")
		}
	}
	return wantParsed(t, args)
}

// newestRelease returns the version of the newest release, or of the first that will be one.
func newestRelease(t *testing.T) string {
	t.Helper()
	if found := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\]`).FindStringSubmatch(readExample(t,
		"../../CHANGELOG.md")); found != nil {
		return found[1]
	}
	return "0.1.0"
}

// In docker and in Kubernetes, the README's certificate files are where the variables say, and the
// image's group may read them. The commands for a CA certificate need no client certificate.
func TestManifests_filesThatAreMounted(t *testing.T) {
	text := readExample(t, "README.md")
	installed := regexp.MustCompile(`(?m)^install -m (0\d+) -g (\d+) (.*) (\S+)$`).FindAllStringSubmatch(text, -1)
	folder := regexp.MustCompile(`(?m)^install -d -m (0\d+) -g (\d+) (\S+)$`).FindStringSubmatch(text)
	mount := regexp.MustCompile(`-v (\S+):(\S+):ro`).FindStringSubmatch(text)
	if folder == nil || mount == nil || folder[3] != mount[1] {
		t.Fatalf("got the folder %q, but %q mounted", folder, mount)
	}
	var files []string
	for _, line := range installed {
		if got, want := strings.Join([]string{line[1], folder[1], line[2], folder[2], line[4]}, " "),
			"0640 0750 65532 65532 "+mount[1]; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		files = append(files, strings.Fields(line[3])...)
	}
	if len(installed) != 2 || len(files) != 3 || installed[0][3] != files[0] {
		t.Fatalf("got %q, want a CA certificate, and then a client certificate with its key", installed)
	}
	docker := map[string]string{}
	for _, found := range regexp.MustCompile(`-e (NETBOX_\w+)=(\S+)`).FindAllStringSubmatch(text, -1) {
		docker[found[1]] = found[2]
	}
	want := map[string]string{}
	for i, name := range []string{"NETBOX_CA_CERT_FILE", "NETBOX_CLIENT_CERT_FILE", "NETBOX_CLIENT_KEY_FILE"} {
		want[name] = mount[2] + "/" + files[i]
		if strings.Count(cli.Variables, name) == 0 || !strings.Contains(text, " --from-file="+files[i]) {
			t.Errorf("got the variable %s for %s", name, files[i])
		}
	}
	if pod := wantPatches(t, text, strings.NewReplacer()); len(pod.Containers[0].Env) != 1 ||
		pod.Containers[0].Env[0].Name != "NETBOX_CA_CERT_FILE" {
		t.Errorf("the patches need more than a CA certificate: %+v", pod.Containers[0].Env)
	}
	uncommented := strings.NewReplacer("# - name: NETBOX", "- name: NETBOX", "#   value:", "  value:")
	pod, kubernetes := wantPatches(t, text, uncommented), map[string]string{}
	for _, variable := range pod.Containers[0].Env {
		kubernetes[variable.Name] = variable.Value
	}
	if !maps.Equal(docker, want) || !maps.Equal(kubernetes, want) {
		t.Errorf("got %v for docker and %v for Kubernetes, want %v", docker, kubernetes, want)
	}
	volume, mounted := pod.Volumes[0], pod.Containers[0].VolumeMounts[0]
	if *pod.SecurityContext.FSGroup != 65532 || *volume.Secret.DefaultMode != 0o440 || mounted.Name != volume.Name ||
		mounted.MountPath != mount[2] || !strings.Contains(text, "secret generic "+volume.Secret.SecretName+" ") {
		t.Errorf("got %+v", pod)
	}
}

// wantPatches checks that the README's patches, after an edit, change all manifests in the same
// way, and returns the change of the pod.
func wantPatches(t *testing.T, readme string, edit *strings.Replacer) *corev1.PodSpec {
	t.Helper()
	pod := &patch[appsv1.Deployment](t, readme, "tls-patch.yaml", edit).Spec.Template.Spec
	ofJob := &patch[batchv1.CronJob](t, readme, "tls-patch-cronjob.yaml", edit).Spec.JobTemplate.Spec.Template.Spec
	if !reflect.DeepEqual(pod, ofJob) {
		t.Errorf("got different patches:\n%+v\n%+v", pod, ofJob)
	}
	for _, all := range [][]corev1.Container{ // a patch finds a container by its name
		pod.Containers,
		manifest[appsv1.Deployment](t, "deployment.yaml", "Deployment").Spec.Template.Spec.Containers,
		manifest[appsv1.StatefulSet](t, "statefulset.yaml", "StatefulSet").Spec.Template.Spec.Containers,
		manifest[batchv1.CronJob](t, "cronjob.yaml", "CronJob").Spec.JobTemplate.Spec.Template.Spec.Containers,
	} {
		if len(all) != 1 || all[0].Name != "sync" {
			t.Fatalf("got %+v", all)
		}
	}
	return pod
}

// patch decodes a patch that the README applies. Unknown fields are errors.
func patch[T any](t *testing.T, readme, name string, edit *strings.Replacer) *T {
	t.Helper()
	into := new(T)
	if err := yaml.UnmarshalStrict([]byte(edit.Replace(readExample(t, "kubernetes/"+name))), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !strings.Contains(readme, "hedgehog-sync --patch-file "+name) {
		t.Errorf("the README does not apply %s", name)
	}
	return into
}

// wantProbes checks that the probes use the paths and the port of the watch.
func wantProbes(t *testing.T, c *corev1.Container, o *options) {
	t.Helper()
	if !o.watch || len(c.Ports) != 1 || o.listen != ":"+strconv.Itoa(int(c.Ports[0].ContainerPort)) {
		t.Fatalf("got the ports %+v, want that of --listen %q", c.Ports, o.listen)
	}
	for path, probe := range map[string]*corev1.Probe{"/livez": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path ||
			probe.HTTPGet.Port.StrVal != c.Ports[0].Name {
			t.Errorf("%s: got the probe %+v", path, probe)
		}
	}
}

// The PodMonitor of the README selects the pods of the manifests, and names their port.
func TestManifests_podMonitorFindsThePods(t *testing.T) {
	var monitor struct {
		Spec struct {
			Selector            struct{ MatchLabels map[string]string }
			PodMetricsEndpoints []struct{ Port string }
		}
	}
	_, text, _ := strings.Cut(readExample(t, "README.md"), "kind: PodMonitor\n")
	text, _, _ = strings.Cut(text, "```")
	if err := yaml.Unmarshal([]byte(text), &monitor); err != nil {
		t.Fatal(err)
	}
	pods := manifest[appsv1.Deployment](t, "deployment.yaml", "Deployment").Spec.Template
	port, endpoints := pods.Spec.Containers[0].Ports[0].Name, monitor.Spec.PodMetricsEndpoints
	if !maps.Equal(monitor.Spec.Selector.MatchLabels, pods.Labels) || len(endpoints) != 1 || endpoints[0].Port != port {
		t.Errorf("got %+v for pods with %v and the port %s", monitor, pods.Labels, port)
	}
}

func TestManifests_cronJobRunsOnce(t *testing.T) {
	job := manifest[batchv1.CronJob](t, "cronjob.yaml", "CronJob")
	if job.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
		t.Errorf("got %+v", job.Spec)
	}
	if o := wantPod(t, "cronjob.yaml", &job.Spec.JobTemplate.Spec.Template.Spec); !o.once || o.output != outputJSON {
		t.Errorf("got %+v", o)
	}
}

func TestManifests_deploymentWatches(t *testing.T) {
	d := manifest[appsv1.Deployment](t, "deployment.yaml", "Deployment")
	o := wantPod(t, "deployment.yaml", &d.Spec.Template.Spec)
	wantProbes(t, &d.Spec.Template.Spec.Containers[0], o)
	if *d.Spec.Replicas != 1 || o.shard.of != 0 ||
		d.Spec.Selector.MatchLabels["app.kubernetes.io/name"] != d.Spec.Template.Labels["app.kubernetes.io/name"] {
		t.Errorf("got %+v, %+v", d.Spec, o.shard)
	}
}

// Each pod of the StatefulSet has a shard, and each shard has a pod.
func TestManifests_statefulSetSharesTheFabrics(t *testing.T) {
	set := manifest[appsv1.StatefulSet](t, "statefulset.yaml", "StatefulSet")
	o := wantPod(t, "statefulset.yaml", &set.Spec.Template.Spec)
	wantProbes(t, &set.Spec.Template.Spec.Containers[0], o)
	if set.Name != "hedgehog-sync" || o.shard != (shard{number: 2, of: int(*set.Spec.Replicas), numbered: true}) {
		t.Errorf("got %d replicas of %s: %+v", *set.Spec.Replicas, set.Name, o.shard)
	}
	service := manifest[corev1.Service](t, "statefulset.yaml", "Service")
	budget := manifest[policyv1.PodDisruptionBudget](t, "statefulset.yaml", "PodDisruptionBudget")
	const label = "app.kubernetes.io/name"
	for what, got := range map[string]string{
		"set": set.Spec.Selector.MatchLabels[label], "pods": set.Spec.Template.Labels[label],
		"service": service.Spec.Selector[label], "budget": budget.Spec.Selector.MatchLabels[label],
	} {
		if got != "hedgehog-sync" {
			t.Errorf("%s: got the label %q", what, got)
		}
	}
	if service.Name != set.Spec.ServiceName || service.Spec.ClusterIP != corev1.ClusterIPNone ||
		budget.Spec.MaxUnavailable.IntVal != 1 {
		t.Errorf("got %+v\n%+v", service, budget)
	}
}
