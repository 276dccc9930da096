# Ginkgo's report -> one line for each spec: "ok", "listed" (does not pass here, with its reason) or "not ok".
# $expected: cri-expected.json; $lacks: what this machine has not. A spec's name is all of its texts, as Ginkgo
# prints it; $title stands before it. $left_out: why specs outside of the focus were not run, or empty where all were to.

# Does a group of the list hold here?
def holds: . as $group
  | ($group.engines | index($engine)) != null
    and ($group.when == null or ($lacks[0] | index($group.when)) != null)
    and ($group.runtime == null or $group.runtime == $runtime);

([$expected[0][] | select(holds) | .why as $why | .specs[] | {key: ., value: $why}] | from_entries) as $listed
| [.[0].SpecReports[] | select(.LeafNodeType == "It")
    | {name: (.ContainerHierarchyTexts + [.LeafNodeText] | join(" ")), state: .State, attempts: .NumAttempts,
       message: (.Failure.Message // "" | gsub("\\s+"; " ") | .[0:600])}
    | select(.name | contains("benchmark") | not)] as $specs
| ($specs[] | if .state == "passed" then
      if $listed[.name] then "not ok \($title): \(.name): status passed, but listed: \($listed[.name])" else "ok \($title): \(.name)" end
    elif .state == "skipped" and .message == "" and $left_out != "" and $listed[.name] == null then "listed \($title): \(.name): left out: \($left_out)"
    elif $listed[.name] then "listed \($title): \(.name): \(.state): \($listed[.name])"
    else "not ok \($title): \(.name): status \(.state), \(.message)" end),
  ($specs[] | select(.state == "passed" and .attempts > 1) | "# \($title): \(.name): passed at attempt \(.attempts)"),
  (($listed | keys) - [$specs[].name] | .[] | "not ok \($title): \(.): status absent, but listed")
