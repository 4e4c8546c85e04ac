#!/bin/sh
# Makes openssl.json: keys, mistakes, signatures and ciphertexts from the openssl command line, an implementation that shares no
# code with ours. Run by hand, wanted is OpenSSL 3 and node; every run makes new keys, so every value changes. Tests only read the JSON.
set -eu
out=$(cd "$(dirname "$0")" && pwd)/openssl.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
quiet() { "$@" 2>log || { cat log >&2; exit 1; }; }

# entry LIST NAME VALUE…: one object of the list; a value @FILE is that file's text.
entry() {
  node -e '
    const { appendFileSync, readFileSync } = require("node:fs");
    const [list, ...rest] = process.argv.slice(1);
    const entry = {};
    for (let i = 0; i < rest.length; i += 2) {
      entry[rest[i]] = rest[i + 1].startsWith("@") ? readFileSync(rest[i + 1].slice(1), "utf8") : rest[i + 1];
    }
    appendFileSync(`${list}.jsonl`, JSON.stringify(entry) + "\n");
  ' "$@"
}

# rsa NAME BITS: a key pair in the four forms that are accepted.
rsa() {
  quiet openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.pem"
  openssl rsa -in "$1.pem" -traditional -out "$1.pkcs1.pem" 2>/dev/null
  openssl pkey -in "$1.pem" -pubout -out "$1.pub.pem"
  openssl rsa -in "$1.pem" -RSAPublicKey_out -out "$1.pub.pkcs1.pem" 2>/dev/null
  entry keys name "$1" bits "$2" pkcs8 "@$1.pem" pkcs1 "@$1.pkcs1.pem" spki "@$1.pub.pem" publicPkcs1 "@$1.pub.pkcs1.pem"
}
rsa merchant 2048
rsa platform 2048
rsa long 4096

# certificate NAME KEY: what openssl reads in NAME.crt.
certificate() {
  entry certificates name "$1" key "$2" pem "@$1.crt" \
    serialNo "$(openssl x509 -in "$1.crt" -noout -serial | cut -d= -f2)" \
    notBefore "$(openssl x509 -in "$1.crt" -noout -startdate -dateopt iso_8601 | cut -d= -f2)" \
    notAfter "$(openssl x509 -in "$1.crt" -noout -enddate -dateopt iso_8601 | cut -d= -f2)"
}
subject='/CN=test only, protects nothing/O=微工卡'
openssl req -x509 -utf8 -key platform.pem -subj "$subject" -days 1825 \
  -set_serial 0x0C4AEF34B89340881BB2B25226393DC2E47F094B -out zero-nibble.crt
certificate zero-nibble platform
openssl req -x509 -utf8 -key platform.pem -subj "$subject" -days 36500 \
  -set_serial 0xF576575600ABCDEF0123456789ABCDEF01234567 -out sign-byte.crt
certificate sign-byte platform
openssl req -new -utf8 -key merchant.pem -subj "$subject" -out merchant.csr
quiet openssl x509 -req -in merchant.csr -signkey merchant.pem -set_serial 5 -days 30 -out version-1.crt
certificate version-1 merchant

# mistake NAME FILE: what people give instead.
mistake() { entry mistakes name "$1" pem "@$2"; }
for curve in P-256 P-384 SM2; do
  openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -out "$curve.pem"
  mistake "$curve" "$curve.pem"
  openssl pkey -in "$curve.pem" -pubout -out "$curve.pub.pem"
  mistake "$curve public" "$curve.pub.pem"
done
quiet openssl ecparam -genkey -name prime256v1 -out sec1.pem
mistake 'P-256 with parameters, SEC 1' sec1.pem
openssl req -x509 -key P-256.pem -subj '/CN=test only' -out ec.crt
mistake 'P-256 certificate' ec.crt
openssl genpkey -algorithm ED25519 -out ed25519.pem
mistake Ed25519 ed25519.pem
openssl pkey -in ed25519.pem -pubout -out ed25519.pub.pem
mistake 'Ed25519 public' ed25519.pub.pem
quiet openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 -out dsa.params
quiet openssl genpkey -paramfile dsa.params -out dsa.pem
mistake DSA dsa.pem
quiet openssl pkey -in dsa.pem -traditional -out dsa.traditional.pem
mistake 'DSA, traditional' dsa.traditional.pem
quiet openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem
mistake RSA-PSS pss.pem
quiet openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.pem
mistake 'RSA-1024' short.pem
openssl pkey -in short.pem -pubout -out short.pub.pem
mistake 'RSA-1024 public' short.pub.pem
quiet openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_primes:3 -out multi.pem
mistake 'RSA with three primes' multi.pem
openssl pkcs8 -topk8 -in merchant.pem -passout pass:secret -out encrypted.pem
mistake 'encrypted PKCS#8' encrypted.pem
openssl rsa -in merchant.pem -aes128 -traditional -passout pass:secret -out encrypted.pkcs1.pem 2>/dev/null
mistake 'encrypted PKCS#1' encrypted.pkcs1.pem
mistake CSR merchant.csr
# A .p12 as WeChat Pay hands it out, unpacked: bag attributes, the certificate, the key.
openssl pkcs12 -export -inkey merchant.pem -in version-1.crt -passout pass:1900000109 -out merchant.p12
quiet openssl pkcs12 -in merchant.p12 -passin pass:1900000109 -nodes -out unpacked.pem
mistake 'unpacked .p12' unpacked.pem

signed() { openssl dgst -sha256 -sign "$1" message | openssl base64 -A; }
# request METHOD URL TIMESTAMP NONCE BODY, reply TIMESTAMP NONCE BODY: what is signed is written here anew, from WeChat Pay's pages.
# payment APPID TIMESTAMP NONCE LINE: the second signature, whose last line differs between an App and all others.
request() {
  printf '%s\n%s\n%s\n%s\n%s\n' "$@" >message
  entry requests method "$1" target "$2" timestamp "$3" nonce "$4" body "$5" message @message signature "$(signed merchant.pem)"
}
reply() {
  printf '%s\n%s\n%s\n' "$@" >message
  entry replies timestamp "$1" nonce "$2" body "$3" message @message signature "$(signed platform.pem)"
}
payment() {
  printf '%s\n%s\n%s\n%s\n' "$@" >message
  entry payments appid "$1" timestamp "$2" nonce "$3" line "$4" message @message signature "$(signed merchant.pem)"
}
request POST /v3/payroll-card/authentications/pre-order 1667318400 5K8264ILTKCH16CQ2502SI8ZNMTM67VS \
  '{"openid":"onqOjjmo8wmTOOtSKwXtGjg9Gb58","sub_mchid":"1111111","project_name":"某项目","user_name":"张三 \"O’Neil\" 𠮷"}'
request GET '/v3/payroll-card/relations/onqOjjmo8wmTOOtSKwXtGjg9Gb58?sub_mchid=1111111&name=%E5%BC%A0%E4%B8%89&quote=%27%22%27&plus=a+b' \
  1667318400 593BEC0C930BF1AFEB40B4A08C8FB242 ''
request GET /v3/certificates 1 A ''
request POST '/v3/a|b?x=a|b&empty=&&=' 4102444800 0123456789abcdefghijklmnopqrstuv '{"ends":"in a line break"}
'
request DELETE '/v3/pay/a%2fb' 1667318400 593BEC0C930BF1AFEB40B4A08C8FB242 '
'
reply 1667318401 c5ac7061fccab6bf3e254dcf98995b8c '{"openid":"onqOjjmo8wmTOOtSKwXtGjg9Gb58","token":"abcdefghijklmnopqrstuvwxyz","expires_in":300}'
reply 1667318401 d824f2e086d3c1df967785d13fcd22ef ''
reply 1667318401 d824f2e086d3c1df967785d13fcd22ef '{ "message" : "微工卡核身 𠮷\u5f20" }
'
payment wx2421b1c4370ec43b 1554208460 593BEC0C930BF1AFEB40B4A08C8FB242 prepay_id=wx201410272009395522657a690389285100
payment wx2421b1c4370ec43b 1554208460 593BEC0C930BF1AFEB40B4A08C8FB242 wx201410272009395522657a690389285100

# oaep TEXT: for the platform key, SHA-1 in both places; random padding, so these are for decrypting.
oaep() {
  printf %s "$1" >plaintext
  entry oaep plaintext "$1" ciphertext "$(openssl pkeyutl -encrypt -pubin -inkey platform.pub.pem -in plaintext \
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1 | openssl base64 -A)"
}
oaep 张三
oaep '欧阳·娜娜 O’Neil 𠮷'
oaep 13800138000
oaep "$(printf '汉%.0s' $(seq 71))x" # 214 bytes, the most that 2048 bits hold

node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const [out, madeBy] = process.argv.slice(1);
  const list = (name) => readFileSync(`${name}.jsonl`, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const byName = (name) => Object.fromEntries(list(name).map(({ name, ...entry }) => [name, entry]));
  const mistakes = Object.fromEntries(list("mistakes").map(({ name, pem }) => [name, pem]));
  const vectors = {
    about: "TEST ONLY, PROTECTS NOTHING: every private key here is public. Made by make.sh with the openssl command line.",
    madeBy, keys: byName("keys"), certificates: byName("certificates"), mistakes,
    requests: list("requests"), replies: list("replies"), payments: list("payments"), oaep: list("oaep"),
  };
  writeFileSync(out, JSON.stringify(vectors, null, 2) + "\n");
' "$out" "$(openssl version)"
