import { orderWith, UNTRIED } from "./shared.js";
import { ORDER, type Snippet } from "./snippet.js";

export const java: Snippet = {
  id: "java",
  name: "Java",
  file: "Order.java",
  how: {
    zh: "wechatpay-java 0.2.17。把 apiclient_key.pem 和 pub_key.pem 放在旁边，并导出 .env 里的变量：set -a; . ./.env; set +a",
    en: "wechatpay-java 0.2.17. Put apiclient_key.pem and pub_key.pem beside it, and export the variables of .env: set -a; . ./.env; set +a",
  },
  code: (language) => `// ${UNTRIED[language]}: wechatpay-java 0.2.17
import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.http.*;
import java.util.Map;

public class Order {
  public static void main(String[] args) {
    Map<String, String> env = System.getenv();
    RSAPublicKeyConfig config =
        new RSAPublicKeyConfig.Builder()
            .merchantId(env.get("WECHATPAY_MCHID"))
            .merchantSerialNumber(env.get("WECHATPAY_SERIAL_NO"))
            .privateKeyFromPath("apiclient_key.pem")
            .publicKeyId(env.get("WECHATPAY_PLATFORM_KEY_ID"))
            .publicKeyFromPath("pub_key.pem")
            .apiV3Key(env.get("WECHATPAY_API_V3_KEY"))
            .build();
    // ${
      {
        zh: "业务类（如 JsapiService）的域名是写死的；HttpClient 的 URL 由你给出。",
        en: "The hosts of its services, such as JsapiService, are fixed; HttpClient takes the URL that you give.",
      }[language]
    }
    HttpClient client = new DefaultHttpClientBuilder().config(config).build();
    HttpHeaders headers = new HttpHeaders();
    headers.addHeader("Accept", "application/json");
    headers.addHeader("Content-Type", "application/json");
    String order =
        String.format(
            "${orderWith("%s", "sandbox%d").replaceAll('"', '\\"')}",
            env.get("WECHATPAY_MCHID"), System.currentTimeMillis());
    String url = env.get("WECHATPAY_BASE_URL") + "/v3/pay/transactions/jsapi";
    JsonRequestBody body = new JsonRequestBody.Builder().body(order).build();
    System.out.println(client.post(headers, url, body, Map.class).getServiceResponse());
  }
}
`,
};

export const go: Snippet = {
  id: "go",
  name: "Go",
  file: "main.go",
  how: {
    zh: "wechatpay-go 0.2.21。把 apiclient_key.pem 和 pub_key.pem 放在旁边，并导出 .env 里的变量：set -a; . ./.env; set +a",
    en: "wechatpay-go 0.2.21. Put apiclient_key.pem and pub_key.pem beside it, and export the variables of .env: set -a; . ./.env; set +a",
  },
  code: (language) => `// ${UNTRIED[language]}: wechatpay-go 0.2.21
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

func main() {
	ctx := context.Background()
	privateKey, err := utils.LoadPrivateKeyWithPath("apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	publicKey, err := utils.LoadPublicKeyWithPath("pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := core.NewClient(ctx, option.WithWechatPayPublicKeyAuthCipher(
		os.Getenv("WECHATPAY_MCHID"), os.Getenv("WECHATPAY_SERIAL_NO"), privateKey,
		os.Getenv("WECHATPAY_PLATFORM_KEY_ID"), publicKey))
	if err != nil {
		log.Fatal(err)
	}
	// ${
    {
      zh: "services 包的域名是写死的；client.Post 的 URL 由你给出。",
      en: "The hosts of its services are fixed; client.Post takes the URL that you give.",
    }[language]
  }
	result, err := client.Post(ctx, os.Getenv("WECHATPAY_BASE_URL")+"/v3/pay/transactions/jsapi", map[string]any{
		"appid":        "${ORDER.appid}",
		"mchid":        os.Getenv("WECHATPAY_MCHID"),
		"description":  "${ORDER.description}",
		"out_trade_no": fmt.Sprintf("sandbox%d", time.Now().UnixMilli()),
		"notify_url":   "${ORDER.notify_url}",
		"amount":       map[string]any{"total": 100},
		"payer":        map[string]any{"openid": "${ORDER.openid}"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Response.Status)
}
`,
};
