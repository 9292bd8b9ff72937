#!/usr/bin/env bash
# Makes the certificates beside this file anew: two CAs that know nothing of each other, a server and a client of the first, a
# client of the second, and a server of the first for another host. They protect nothing; the tests of TLS use them. Valid for a
# hundred years.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }

# ca NAME
ca() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -days 36500 -subj "/CN=weir test $1" -out "$1.pem"
}

# signed NAME CA ALTERNATIVE_NAMES
signed() {
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=weir test $1" |
    openssl x509 -req -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 36500 -out "$1.pem" \
      -extfile <(echo "subjectAltName=$3") 2>/dev/null
}

ca ca
ca other_ca
signed server ca IP:127.0.0.1,DNS:localhost
signed elsewhere ca DNS:elsewhere.example
signed client ca DNS:client
signed other_client other_ca DNS:client
rm -f ca.key other_ca.key ./*.srl
