import { constants, createHash, createHmac, createPublicKey, privateEncrypt, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSandbox, type ReceivedRequest, type SignatureCheck } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys, signText, verifyText } from "../../support/keys.js";
import { examples, NOW, PRE_ORDER } from "../../support/wechatpay.js";
import { ORIGIN, send, signedHeaders } from "../signed.js";

const sandbox = await createSandbox({ clock: () => NOW });
const { credentials } = sandbox;
const publicKey = String(createPublicKey(credentials.privateKey).export({ type: "spki", format: "pem" }));

/** What is sent, and what a right signature covers. */
const order = { ...examples.request, project_name: "甲/乙 <é>" };
const post = {
  method: "POST",
  url: PRE_ORDER,
  timestamp: String(NOW / 1000),
  nonce: "593BEC0C930BF1AFEB40B4A08C8FB242",
  body: JSON.stringify(order),
};
const get = { ...post, method: "GET", url: "/v3/certificates?b=x%20y%2Fz&a=%E6%9F%90", body: "" };
type Lines = typeof post;

const message = (lines: Lines) =>
  Object.values(lines)
    .map((line) => `${line}\n`)
    .join("");
const lined = (lines: unknown[]) => lines.map((line) => `${line}\n`).join("");
const sha256 = (text: string) => createHash("sha256").update(text).digest();

/** Sends a request with a signature of its own; what the sandbox says of it. */
async function check(sent: Lines, signature: string): Promise<SignatureCheck | undefined> {
  const { method, url: target, nonce, body } = sent;
  const seconds = { timestamp: sent.timestamp };
  const reply = await send(sandbox, { method, target, nonce, signature, body, ...seconds });
  const received = sandbox.requests.at(-1);
  expect([reply.status, received?.verdict]).toEqual([401, "wrong-signature"]);
  expectWords(received as ReceivedRequest);
  return received?.signature;
}

/** One short headline that stands alone in each language, what is right after it, and a diff without prose. */
function expectWords({ reason, fix, signature }: ReceivedRequest): void {
  expect(reason?.en).toMatch(/^[A-Z][^\p{Script=Han}]+\.$/u);
  expect(reason?.en.length).toBeLessThan(160);
  expect(reason?.zh).toMatch(/^[\p{Script=Han}“].*。$/u);
  expect(signature?.cause).toEqual({
    en: `${reason?.en} ${signature?.advice.en}`,
    zh: `${reason?.zh}${signature?.advice.zh}`,
  });
  if (fix !== undefined) expect(fix).toMatch(/^(?:[-+ ] [\x20-\x7e]+\n?)+$/);
}

/** Python's json.dumps(order, ensure_ascii=False): no text of the order has a mark in it. */
const pythonic = post.body.replace(/([,:])(?=["\d])/g, "$1 ");
const ascii = (text: string) =>
  text.replace(/[^ -~\n]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
const sorted = JSON.stringify(Object.fromEntries(Object.entries(order).sort()));
const reversed = JSON.stringify(Object.fromEntries(Object.entries(order).reverse()));
const { project_name: _, ...incomplete } = order;
const laidOut = { ...post, body: JSON.stringify(order, null, 2) };

const body = (text: string, sent = post): [Lines, string] => [sent, message({ ...sent, body: text })];
const url = (text: string, sent = get): [Lines, string] => [sent, message({ ...sent, url: text })];
const timestamp = (text: unknown): [Lines, string] => [post, message({ ...post, timestamp: String(text) })];
const nonce = (text: string): [Lines, string] => [post, message({ ...post, nonce: text })];

const signedAs = ([sent, signed]: [Lines, string]): [Lines, string] => [sent, signText(credentials.privateKey, signed)];

const mistakes: [what: string, sentAndSigned: [sent: Lines, signed: string], cause: RegExp][] = [
  ["the body was not signed", body(""), /body was not signed/],
  ["{} for no body", body("{}", get), /^Line 5 was signed as [{]}; it must be empty\./],
  ["null for no body", body("null", get), /^Line 5 was signed as null; it must be empty\./],
  ["undefined for no body", body("undefined", get), /^Line 5 was signed as undefined; it must be empty\./],
  ["the query for the body", body("b=x%20y%2Fz&a=%E6%9F%90", get), /query was signed as the body/],
  ["the query as JSON for the body", body('{"b":"x y/z","a":"某"}', get), /query was signed as the body/],
  ["the body was sent indented", body(JSON.stringify(order), laidOut), /serialized twice/],
  ["the body was signed indented", body(JSON.stringify(order, null, 2)), /serialized twice/],
  ["the body was signed with an indent of 4", body(JSON.stringify(order, null, 4)), /serialized twice/],
  ["Python's separators", body(pythonic), /serialized twice/],
  ["Python's json.dumps", body(ascii(pythonic)), /serialized twice/],
  ["Python's, and sent compact by another", [{ ...post, body: pythonic }, message(post)], /serialized twice/],
  ["escaped non-ASCII", body(ascii(post.body)), /serialized twice/],
  ["PHP's json_encode", body(ascii(post.body).replaceAll("/", "\\/")), /serialized twice/],
  ["escaped slashes", body(post.body.replaceAll("/", "\\/")), /serialized twice/],
  ["Go's escaped < and >", body(post.body.replace("<", "\\u003c").replace(">", "\\u003e")), /serialized twice/],
  ["the body was signed with an indent of 1", body(JSON.stringify(order, null, 1)), /serialized twice/],
  ["sorted keys", body(sorted), /fields in another order/],
  ["reversed keys", body(reversed), /fields in another order/],
  [
    "Python's sort_keys",
    body(ascii(JSON.stringify(JSON.parse(sorted)).replace(/([,:])(?=["\d])/g, "$1 "))),
    /fields in another order/,
  ],
  ["JSON of the JSON", body(JSON.stringify(post.body)), /another text of the object/i],
  [
    "JSON of the JSON was sent",
    [{ ...post, body: JSON.stringify(post.body) }, message(post)],
    /another text of the object/i,
  ],
  ["a form", body(String(new URLSearchParams(order as never))), /another text of the object/i],
  ["[object Object]", body("[object Object]"), /^Line 5 was signed as .object Object.; it must be the body/],
  ["Python's str(dict)", body(pythonic.replaceAll('"', "'")), /another text of the object/i],
  ["Java's Map.toString()", body(pythonic.replaceAll('"', "").replaceAll(": ", "=")), /another text of the object/i],
  ["a line feed after the body", body(`${post.body}\n`), /white space/],
  ["no line feed after the body", body(post.body, { ...post, body: `${post.body}\n` }), /white space/],
  ["CRLF in the body", body(laidOut.body.replaceAll("\n", "\r\n"), laidOut), /white space/],
  ["a byte order mark", body(`\uFEFF${post.body}`), /byte order mark/],
  ["ISO-8859-1 with ? for what it has not", body(post.body.replace(/[^ -~]/g, "?")), /character encoding/],
  ["UTF-8 that was read as ISO-8859-1", body(Buffer.from(post.body).toString("latin1")), /character encoding/],
  ["a field was added after signing", body(JSON.stringify(incomplete)), /without one of its fields/],
  ["the URL with the host", url(ORIGIN + get.url), /with its host/],
  ["the host without the scheme", url(ORIGIN.slice(8) + get.url), /with its host/],
  ["the path without the query", url("/v3/certificates"), /query string was not signed/],
  ["no slash at the start", url(get.url.slice(1)), /other slashes/],
  ["two slashes at the start", url(`/${get.url}`), /other slashes/],
  ["a slash after the path", url(get.url.replace("?", "/?")), /other slashes/],
  ["the path below /v3", url(PRE_ORDER.slice(3), post), /path is incomplete/],
  ["a lone ?", url(`${PRE_ORDER}?`, post), /other slashes/],
  ["the decoded URL", url("/v3/certificates?b=x y/z&a=某"), /another encoding/],
  ["the URL decoded as far as decodeURI goes", url("/v3/certificates?b=x y%2Fz&a=某"), /another encoding/],
  ["+ for %20", url(get.url.replace("%20", "+")), /another encoding/],
  ["escapes in lower case", url(get.url.replace(/%../g, (code) => code.toLowerCase())), /another encoding/],
  ["the URL encoded twice", url(get.url.replaceAll("%", "%25")), /another encoding/],
  ["&amp; for &", url(get.url.replace("&", "&amp;")), /another encoding/],
  ["sorted parameters", url("/v3/certificates?a=%E6%9F%90&b=x%20y%2Fz"), /another order/],
  ["a parameter was added after signing", url("/v3/certificates?b=x%20y%2Fz"), /without one of them/],
  ["the method in lower case", [post, message({ ...post, method: "post" })], /upper case/],
  ["another method", [get, message({ ...get, method: "POST" })], /method is signed as it is sent/],
  ["a timestamp of one second later", timestamp(NOW / 1000 + 1), /timestamp is not the one in Authorization/],
  ["a timestamp of four minutes before", timestamp(NOW / 1000 - 240), /timestamp is not the one in Authorization/],
  ["a timestamp of another time zone", timestamp(NOW / 1000 + 8 * 3600), /timestamp is not the one in Authorization/],
  ["a timestamp in ms", timestamp(NOW + 123), /in another form/],
  ["a timestamp as ISO 8601", timestamp(new Date(NOW).toISOString()), /in another form/],
  ["a timestamp of APIv2", timestamp("20190402203420"), /in another form/],
  ["the nonce in lower case", nonce(post.nonce.toLowerCase()), /nonce was signed in another form/],
  ["a UUID's hyphens in the nonce", nonce("593BEC0C-930B-F1AF-EB40-B4A08C8FB242"), /nonce was signed in another form/],
  ["no last line feed", [post, message(post).slice(0, -1)], /last line feed is missing/],
  ["no last line feed after an empty body", [get, message(get).slice(0, -1)], /last line feed is missing/],
  ["no line for an empty body", [get, message(get).trimEnd()], /last line feed is missing/],
  ["CRLF", [post, message(post).replaceAll("\n", "\r\n")], /lines end with CRLF/],
  ["\\n as two characters", [post, message(post).replaceAll("\n", "\\n")], /two characters, a backslash and an n/],
  ["no line feeds", [post, message(post).replaceAll("\n", "")], /no line feeds between/],
  ["a line feed too many at the end", [post, `${message(post)}\n`], /one line feed after/],
  ["lines joined by &", [post, Object.values(post).join("&")], /joined by "&"/],
  ["another order", [post, lined([post.url, post.timestamp, post.method, post.nonce, post.body])], /in another order/],
  ["a template's indent", [post, Object.values(post).join("\n    ").concat("\n")], /lines are indented/],
  ["a reply's lines", [post, lined([post.timestamp, post.nonce, post.body])], /three lines of a response/],
  [
    "nonce before timestamp",
    [post, lined([post.method, post.url, post.nonce, post.timestamp, post.body])],
    /lines of timestamp and nonce are swapped/,
  ],
  ["no nonce", [post, lined([post.method, post.url, post.timestamp, post.body])], /line of the nonce is missing/],
  ["the body alone", [post, post.body], /body alone was signed/],
  ["the URL alone", [get, get.url], /URL alone was signed/],
  ["an undefined nonce", nonce("undefined"), /nonce was signed as undefined/],
  ["the scheme in front", [post, `WECHATPAY2-SHA256-RSA2048\n${message(post)}`], /scheme was signed as a further line/],
  [
    "mchid among the lines",
    [post, message({ ...post, body: `${credentials.mchid}\n${post.body}` })],
    /mchid was signed as a further line/i,
  ],
  ["a hash in hex", [post, sha256(message(post)).toString("hex")], /was hashed or encoded/],
  ["a hash in base64", [post, sha256(message(post)).toString("base64")], /was hashed or encoded/],
  ["the message in base64", [post, Buffer.from(message(post)).toString("base64")], /was hashed or encoded/],

  ["two: CRLF and the host", [get, message({ ...get, url: ORIGIN + get.url }).replaceAll("\n", "\r\n")], /host.*CRLF/],
  ["two: indented, and in lower case", [post, message({ ...laidOut, method: "post" })], /twice.*upper case/],
  [
    "two: no query, no last line feed",
    [get, message({ ...get, url: "/v3/certificates" }).trimEnd()],
    /query.*line feed/,
  ],
  [
    "two: no body, and a second later",
    [post, message({ ...post, timestamp: `${NOW / 1000 + 1}`, body: "" })],
    /body.*timestamp/,
  ],
  [
    "two: a hash of a message without the host",
    [get, sha256(message({ ...get, url: get.url.slice(1) })).toString("hex")],
    /path.*hashed/,
  ],
];

describe("what was signed is found", () => {
  test.each(mistakes)("%s", async (_what, [sent, signed], cause) => {
    const signature = signText(credentials.privateKey, signed);
    const result = await check(sent, signature);
    expect(result?.signed).toBe(signed);
    expect(result?.expected).toBe(message(sent));
    expect(result?.cause.en).toMatch(cause);
    expect(result?.cause.zh).toMatch(/^[^。]+。私钥是对的。.+。$/);
    expect(sandbox.requests.at(-1)?.reason?.en).toMatch(/Your private key is right\.$/);
    expect(sandbox.requests.at(-1)?.fix).toMatch(/^\+ /m);
    expect(verifyText(publicKey, signed, signature)).toBe(true);
  });

  test("in words that name the cause first, then what is right, then the code", async () => {
    await check(get, signText(credentials.privateKey, message({ ...get, url: "/v3/certificates" })));
    expect(sandbox.requests.at(-1)).toMatchObject({
      reason: {
        en: "The query string was not signed. Your private key is right.",
        zh: "查询参数没有参与签名。私钥是对的。",
      },
      fix: "- sign(method, url.pathname, timestamp, nonce, body)\n+ sign(method, url.pathname + url.search, timestamp, nonce, body)",
      signature: {
        advice: {
          en: "Line 2 must be the path with ? and the query, exactly as sent.",
          zh: "签名串第二行应为路径、问号和完整的查询参数，与发送的完全一致。",
        },
      },
    });
    await check(post, signText(credentials.privateKey, message({ ...post, body: "" }).replaceAll("\n", "\r\n")));
    expect(sandbox.requests.at(-1)?.reason).toEqual({
      en: "The body was not signed, and the lines end with CRLF, not with one line feed each. Your private key is right.",
      zh: "请求体没有参与签名；签名串每行以 \\r\\n（CRLF）结尾，应为一个 \\n。私钥是对的。",
    });
  });

  test.each([
    ["undefined", 'String(body))\n+ sign(method, url, timestamp, nonce, body ?? "")'],
    ["{}", '"{}")\n+ sign(method, url, timestamp, nonce, "")'],
  ])("%s for no body is named, with a fix that cures it", async (text, fix) => {
    await check(...signedAs(body(text, get)));
    expect(sandbox.requests.at(-1)).toMatchObject({
      reason: { zh: `第五行签的是 ${text}，应为空。私钥是对的。` },
      fix: `- sign(method, url, timestamp, nonce, ${fix}`,
    });
  });

  test("with the place where it first differs", async () => {
    const { nonce } = post;
    const result = await check(
      post,
      signText(credentials.privateKey, message({ ...post, nonce: nonce.toLowerCase() })),
    );
    expect(result?.differsAt).toBe(message(post).indexOf(nonce) + nonce.search(/[A-Z]/));
    const cut = await check(post, signText(credentials.privateKey, message(post).slice(0, -1)));
    expect(cut?.differsAt).toBe(message(post).length - 1);
  });

  test("over HTTP with the sandbox's own host", async () => {
    const { url: origin, close } = await sandbox.listen();
    const signature = signText(credentials.privateKey, message({ ...get, url: origin + get.url }));
    const headers = signedHeaders(credentials, { timestamp: get.timestamp, signature });
    await fetch(origin + get.url, { headers });
    await close();
    expect(sandbox.requests.at(-1)?.signature?.signed).toContain(`GET\n${origin}/v3/certificates?`);
  });

  test("where a hash was signed that is no text, there is only the cause", async () => {
    const result = await check(post, signText(credentials.privateKey, sha256(message(post))));
    expect(result).toEqual({ expected: message(post), cause: expect.anything(), advice: expect.anything() });
    expect(result?.cause.en).toMatch(/hashed or encoded/);
  });
});

describe("what was signed cannot be found, but why", () => {
  const key = credentials.privateKey;
  const text = message(post);
  const good = signText(key, text);
  const other = (algorithm: string, options = {}) =>
    sign(algorithm, Buffer.from(text), { key, ...options }).toString("base64");
  const rawRsa = (signed: string) => {
    const block = Buffer.concat([Buffer.alloc(224), sha256(signed)]);
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block).toString("base64");
  };
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING };
  const causes: [what: string, signature: string, en: RegExp, zh: RegExp][] = [
    [
      "another key",
      signText(generateKeys().privateKey, text),
      /another private key, not this merchant's\. .*Without --keys, .* new keys/,
      /其他私钥.*每次启动都换新密钥/,
    ],
    [
      "a signature that is no number below the modulus",
      Buffer.alloc(256, 255).toString("base64"),
      /another private key/,
      /其他私钥/,
    ],
    ["MD5", other("md5"), /signed with MD5/, /使用了 MD5/],
    ["SHA-1", other("sha1"), /signed with SHA-1/, /使用了 SHA-1/],
    ["SHA-384", other("sha384"), /signed with SHA-384/, /SHA-384/],
    ["SHA-512", other("sha512"), /signed with SHA-512/, /SHA-512/],
    ["PSS", other("sha256", pss), /RSA-PSS/, /RSA-PSS/],
    ["PSS with a salt of 32 bytes", other("sha256", { ...pss, saltLength: 32 }), /RSA-PSS/, /RSA-PSS/],
    ["PSS without a salt", other("sha256", { ...pss, saltLength: 0 }), /RSA-PSS/, /RSA-PSS/],
    ["no padding", rawRsa(text), /without padding\. Your private key is right/, /没有使用填充/],
    [
      "the hash encrypted with the private key",
      privateEncrypt(key, sha256(text)).toString("base64"),
      /used to encrypt/,
      /加密/,
    ],
    ["hex", Buffer.from(good, "base64").toString("hex"), /in hex/, /十六进制/],
    ["base64url", Buffer.from(good, "base64").toString("base64url"), /base64url|no base64/, /base64/],
    ["no padding", good.replace(/=+$/, ""), /not base64/, /不是有效的 base64/],
    ["percent-encoding", encodeURIComponent(good), /percent-encoded/, /URL 编码/],
    ["base64 twice", btoa(good), /base64 twice/, /两次/],
    ["no base64 at all", "****", /not base64/, /不是有效的 base64/],
    ["the hash alone", sha256(text).toString("base64"), /32 bytes/, /32 字节/],
    [
      "APIv2's MD5",
      createHash("md5").update(text).digest("hex").toUpperCase(),
      /^The signature is the MD5 signature of APIv2/,
      /^签名值是 APIv2 的 MD5 签名/,
    ],
    [
      "APIv2's HMAC-SHA256",
      createHmac("sha256", credentials.apiV3Key).update(text).digest("hex"),
      /^The signature is the HMAC-SHA256 signature of APIv2/,
      /^签名值是 APIv2 的 HMAC-SHA256 签名/,
    ],
    ["half a signature", Buffer.alloc(128, 1).toString("base64"), /128 bytes/, /128 字节/],
    [
      "a nonce that was never sent",
      signText(key, message({ ...post, nonce: "another" })),
      /none of the usual mistakes/,
      /常见错误/,
    ],
  ];

  test.each(causes)("%s", async (_what, signature, en, zh) => {
    const result = await check(post, signature);
    const cause = { en: expect.stringMatching(en), zh: expect.stringMatching(zh) };
    expect(result).toEqual({ expected: text, cause, advice: expect.anything() });
  });

  test("a request without a body whose nonce was made twice: nothing is said of a body", async () => {
    const result = await check(get, signText(key, message({ ...get, nonce: "another" })));
    expect(result?.advice.en).toMatch(/^Most likely the nonce was made twice/);
    expect(result?.advice.zh).toMatch(/^最可能的原因：随机串生成了两次/);
    expect([result?.advice.en, result?.advice.zh].join()).not.toMatch(/body|请求体/);
    expect(sandbox.requests.at(-1)?.fix).toMatch(/^\+ const nonce = /m);
  });

  test("a signature of APIv2 is not blamed on the private key: its call is replaced", async () => {
    await check(post, createHash("md5").update(text).digest("hex"));
    expect(sandbox.requests.at(-1)?.fix).toBe(
      '- createHash("md5").update(sorted + "&key=" + apiKey).digest("hex")\n+ sign("sha256", message, privateKey).toString("base64")',
    );
  });

  test.each([
    ["no JSON", "a=b&c"],
    ["JSON's null", "null"],
    ["a number", "5"],
    ["a list", '["a", 1]'],
    ["an empty object", "{}"],
    ["half a character", '"\\ud800"'],
    ["JSON of ten thousand levels", "[".repeat(10_000) + "]".repeat(10_000)],
    ["a list of 20,000", JSON.stringify(Array(20_000).fill(1))],
    ["an object of 5,000 fields", JSON.stringify({ ...Array(5000).fill(1) })],
    ["2 MB", JSON.stringify({ text: "某/".repeat(500_000) })],
  ])("the body is %s", async (_what, sentBody) => {
    const sent = { ...post, body: sentBody };
    const unknown = await check(sent, signText(key, message({ ...sent, nonce: "another" })));
    expect(unknown?.cause.en).toMatch(/none of the usual mistakes/);
    const unsigned = await check(sent, signText(key, message({ ...sent, body: "" })));
    expect(unsigned?.signed).toBe(message({ ...sent, body: "" }));
  });

  test("the body was sent in GBK, and signed in UTF-8", async () => {
    const headers = { timestamp: post.timestamp, nonce: post.nonce, target: PRE_ORDER };
    await send(sandbox, { ...headers, body: '{"name":"中"}' }, { body: Buffer.from('{"name":"\xd6\xd0"}', "latin1") });
    const result = sandbox.requests.at(-1)?.signature;
    expect(result?.signed).toBe(message({ ...post, body: '{"name":"中"}' }));
    expect(result?.cause.en).toMatch(/character encoding/);
  });

  test("the URL cannot be decoded", async () => {
    const sent = { ...get, url: "/v3/certificates?a=100%&b=%E6" };
    expect((await check(sent, signText(key, message({ ...sent, url: "/v3/certificates" }))))?.cause.en).toMatch(
      /query/,
    );
  });
});

test("a request that is signed right, or has another fault, has none of it", async () => {
  await send(sandbox, { method: "GET", target: get.url });
  expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "accepted" });
  expect(sandbox.requests.at(-1)).not.toHaveProperty("signature");
  await send(sandbox, { method: "GET", target: get.url, mchid: "1900000110" });
  expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "unknown-mchid" });
  expect(sandbox.requests.at(-1)).not.toHaveProperty("signature");
});
