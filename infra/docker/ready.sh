#!/bin/bash
# Whether the ingress in this container serves requests; needs nothing but bash.
set -eu
exec 3<>/dev/tcp/127.0.0.1/8317
printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
