import { orderWith, UNTRIED } from "./shared.js";
import { ORDER, type Snippet } from "./snippet.js";

export const curl: Snippet = {
  id: "curl",
  name: "curl + openssl",
  file: "order.sh",
  how: { zh: "把 .env 放在旁边。运行：sh order.sh", en: "Put .env beside it. Run: sh order.sh" },
  code: (language) => `set -eu
. ./.env
method=POST
path=/v3/pay/transactions/jsapi
body='${orderWith("'$WECHATPAY_MCHID'", "sandbox'$(date +%s)'")}'
timestamp=$(date +%s)
nonce=$(openssl rand -hex 16)

# ${
    {
      zh: "待签名串共五行，每行末尾都有换行符，最后一行也不例外。",
      en: "The message: five lines, each of which ends in a line feed, the last one too.",
    }[language]
  }
key=$(mktemp)
trap 'rm -f "$key"' EXIT
printf '%s' "$WECHATPAY_PRIVATE_KEY" > "$key"
signature=$(printf '%s\\n' "$method" "$path" "$timestamp" "$nonce" "$body" | openssl dgst -sha256 -sign "$key" | openssl base64 -A)

curl --silent --show-error --include --request "$method" "$WECHATPAY_BASE_URL$path" \\
  --header "Authorization: WECHATPAY2-SHA256-RSA2048 mchid=\\"$WECHATPAY_MCHID\\",nonce_str=\\"$nonce\\",timestamp=\\"$timestamp\\",serial_no=\\"$WECHATPAY_SERIAL_NO\\",signature=\\"$signature\\"" \\
  --header "Accept: application/json" --header "Content-Type: application/json" --data "$body"
`,
};

export const php: Snippet = {
  id: "php",
  name: "PHP",
  file: "order.php",
  how: {
    zh: "composer require wechatpay/wechatpay。把 apiclient_key.pem 和 pub_key.pem 放在旁边，并导出 .env 里的变量：set -a; . ./.env; set +a",
    en: "composer require wechatpay/wechatpay. Put apiclient_key.pem and pub_key.pem beside it, and export the variables of .env: set -a; . ./.env; set +a",
  },
  code: (language) => `<?php // ${UNTRIED[language]}: wechatpay/wechatpay 1.4.12
require 'vendor/autoload.php';

use WeChatPay\\Builder;
use WeChatPay\\Crypto\\Rsa;

$instance = Builder::factory([
    'mchid' => getenv('WECHATPAY_MCHID'),
    'serial' => getenv('WECHATPAY_SERIAL_NO'),
    'privateKey' => Rsa::from('file://' . __DIR__ . '/apiclient_key.pem', Rsa::KEY_TYPE_PRIVATE),
    'certs' => [
        getenv('WECHATPAY_PLATFORM_KEY_ID') => Rsa::from('file://' . __DIR__ . '/pub_key.pem', Rsa::KEY_TYPE_PUBLIC),
    ],
    'base_uri' => getenv('WECHATPAY_BASE_URL') . '/',
]);

$response = $instance->chain('v3/pay/transactions/jsapi')->post(['json' => [
    'appid' => '${ORDER.appid}',
    'mchid' => getenv('WECHATPAY_MCHID'),
    'description' => '${ORDER.description}',
    'out_trade_no' => 'sandbox' . time(),
    'notify_url' => '${ORDER.notify_url}',
    'amount' => ['total' => 100],
    'payer' => ['openid' => '${ORDER.openid}'],
]]);
echo $response->getBody(), PHP_EOL;
`,
};

export const python: Snippet = {
  id: "python",
  name: "Python",
  file: "order.py",
  how: {
    zh: "pip install wechatpayv3。把 apiclient_key.pem 和 pub_key.pem 放在旁边，并导出 .env 里的变量：set -a; . ./.env; set +a",
    en: "pip install wechatpayv3. Put apiclient_key.pem and pub_key.pem beside it, and export the variables of .env: set -a; . ./.env; set +a",
  },
  code: (language) => `# ${UNTRIED[language]}: wechatpayv3 2.0.2
import os
import time
from pathlib import Path
from wechatpayv3 import WeChatPay, WeChatPayType

wxpay = WeChatPay(
    wechatpay_type=WeChatPayType.JSAPI,
    mchid=os.environ["WECHATPAY_MCHID"],
    private_key=Path("apiclient_key.pem").read_text(),
    cert_serial_no=os.environ["WECHATPAY_SERIAL_NO"],
    apiv3_key=os.environ["WECHATPAY_API_V3_KEY"],
    appid="${ORDER.appid}",
    notify_url="${ORDER.notify_url}",
    public_key=Path("pub_key.pem").read_text(),
    public_key_id=os.environ["WECHATPAY_PLATFORM_KEY_ID"],
)
# ${
    {
      zh: "它没有设置域名的选项，只有这个内部属性。",
      en: "It has no option for the host, only this attribute of its own.",
    }[language]
  }
wxpay._core._gate_way = os.environ["WECHATPAY_BASE_URL"]

code, message = wxpay.pay(
    description="${ORDER.description}",
    out_trade_no=f"sandbox{time.time_ns() // 1_000_000}",
    amount={"total": 100},
    payer={"openid": "${ORDER.openid}"},
)
print(code, message)
`,
};
