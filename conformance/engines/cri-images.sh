# The images that critest names, made here of busybox and of a few programs of the test image: no registry is asked.
# Sourced after common.sh. make_cri_images FUNCTION calls FUNCTION with each image's archive (an OCI layout, for
# `ctr images import` and `podman load`).
# shellcheck shell=sh

e2e=registry.k8s.io/e2e-test-images
staging=gcr.io/k8s-staging-cri-tools
roots=/tmp/cri-roots

# copy_program ROOT PROGRAM: with the libraries it is linked with, to the same paths.
copy_program() {
  for file in "$2" $(ldd "$2" | grep -o '/[^ ]*'); do
    mkdir -p "$1${file%/*}"
    [ -e "$1$file" ] || cp -L "$file" "$1$file"
  done
}

make_base_root() {
  root=$roots/base
  mkdir -p $root/bin $root/sbin $root/usr/bin $root/etc $root/tmp $root/root $root/run $root/var/run $root/var/tmp $root/home
  chmod 1777 $root/tmp $root/var/tmp
  # Debian's dynamic busybox: the shell of the static one runs its own ls, not /bin/ls, which critest masks.
  copy_program $root /opt/busybox/usr/bin/busybox
  mv $root/opt/busybox/usr/bin/busybox $root/bin/busybox
  rm -r "${root:?}/opt"
  # Hard links as in upstream's image: a mask of /bin/ls must mask only that.
  for applet in $(/opt/busybox/usr/bin/busybox --list); do
    [ "$applet" = busybox ] || ln $root/bin/busybox "$root/bin/$applet"
  done
  # Upstream's busybox has these, Debian's has not.
  copy_program $root /usr/bin/ipcs
  copy_program $root /usr/bin/pgrep
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n' > $root/etc/passwd
  printf 'root:x:0:\nnobody:x:65534:\nwww-data:x:33:\n' > $root/etc/group
}

# A root of the base's files; links, because nothing is written into a root after it was packed.
derive_root() {
  cp -al $roots/base "$roots/$1"
  for file in passwd group; do cp --remove-destination "$roots/base/etc/$file" "$roots/$1/etc/$file"; done
}

# A web server that is, for those who ask, an nginx: its pid file, its name, the title of its first process. A shell
# bears them (a copy of dash, which does not look at its own name) and waits for busybox' server.
make_web_root() {
  derive_root "$1"
  mkdir -p "$roots/$1/www"
  echo "<h1>Welcome to $1</h1>" > "$roots/$1/www/index.html"
  copy_program "$roots/$1" /usr/bin/dash
  mv "$roots/$1/usr/bin/dash" "$roots/$1/bin/nginx"
  cat > "$roots/$1/bin/serve" <<'SERVE'
#!/bin/sh
# serve NAME PORT
echo "$1: listening on $2"
echo $$ > /var/run/nginx.pid
exec -a "$1: master process" /bin/nginx -c "trap 'exit 0' TERM QUIT; httpd -f -p $2 -h /www & wait"
SERVE
  chmod +x "$roots/$1/bin/serve"
}

make_cri_roots() {
  make_base_root
  make_web_root nginx
  make_web_root httpd
  derive_root nonewprivs
  copy_program $roots/nonewprivs /usr/bin/id
  chmod u+s $roots/nonewprivs/usr/bin/id
  derive_root predefined-group
  echo 'default-user:x:1000:1000::/home:/bin/sh' >> $roots/predefined-group/etc/passwd
  printf 'default-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n' >> $roots/predefined-group/etc/group
}

# move_blob LAYOUT FILE: to its digest's name, which is printed.
move_blob() {
  digest=$(sha256sum "$2" | cut -d' ' -f1)
  mv "$2" "$1/blobs/sha256/$digest"
  echo "$digest"
}

# make_archive NAME ROOT CONFIG: an OCI layout with one image as /tmp/cri-image.tar; CONFIG is the `config` of the
# image's configuration. [image-spec: image-layout.md, config.md]
make_archive() {
  layout=/tmp/cri-layout
  mkdir -p $layout/blobs/sha256
  tar -C "$roots/$2" -cf /tmp/cri-blob .
  layer_size=$(stat -c %s /tmp/cri-blob)
  layer=$(move_blob $layout /tmp/cri-blob)
  architecture=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
  jq -cn --arg layer "sha256:$layer" --arg architecture "$architecture" --argjson config "$3" '{architecture: $architecture,
    os: "linux", config: ({Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]} + $config),
    rootfs: {type: "layers", diff_ids: [$layer]}}' > /tmp/cri-blob
  config_size=$(stat -c %s /tmp/cri-blob)
  config=$(move_blob $layout /tmp/cri-blob)
  jq -cn --arg layer "sha256:$layer" --argjson layer_size "$layer_size" --arg config "sha256:$config" \
    --argjson config_size "$config_size" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size},
    layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layer_size}]}' > /tmp/cri-blob
  manifest_size=$(stat -c %s /tmp/cri-blob)
  manifest=$(move_blob $layout /tmp/cri-blob)
  jq -cn --arg manifest "sha256:$manifest" --argjson size "$manifest_size" --arg name "$1" '{schemaVersion: 2, manifests: [{
    mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $manifest, size: $size,
    annotations: {"io.containerd.image.name": $name, "org.opencontainers.image.ref.name": $name}}]}' > $layout/index.json
  echo '{"imageLayoutVersion": "1.0.0"}' > $layout/oci-layout
  tar -C $layout -cf /tmp/cri-image.tar .
  rm -r $layout
}

# make_cri_images FUNCTION
make_cri_images() {
  make_cri_roots
  while IFS='|' read -r name root config; do
    make_archive "$name" "$root" "$config"
    "$1" /tmp/cri-image.tar > /dev/null
    rm /tmp/cri-image.tar
  done <<IMAGES
registry.k8s.io/pause:3.8|base|{"Entrypoint": ["sh", "-c", "trap 'exit 0' TERM INT; tail -f /dev/null & wait"]}
registry.k8s.io/pause:3.10|base|{"Entrypoint": ["sh", "-c", "trap 'exit 0' TERM INT; tail -f /dev/null & wait"]}
$e2e/busybox:1.29-2|base|{"Cmd": ["sh"]}
$e2e/nginx:1.14-2|nginx|{"Cmd": ["serve", "nginx", "80"]}
$e2e/httpd:2.4.39-4|httpd|{"Cmd": ["serve", "httpd", "80"]}
$staging/hostnet-nginx-amd64:latest|nginx|{"Cmd": ["serve", "nginx", "12003"]}
$staging/hostnet-nginx-arm64:latest|nginx|{"Cmd": ["serve", "nginx", "12003"]}
$e2e/nonewprivs:1.3|nonewprivs|{"Cmd": ["sh", "-c", "echo \"Effective uid: \$(/usr/bin/id -u)\""]}
$staging/test-image-predefined-group:latest|predefined-group|{"User": "1000"}
IMAGES
}
