// @module-tag slow
// The picture in README: what the console shows of a refused signature. `PICTURES=write npx vitest run <this file>` makes it anew.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, expect, test } from "vitest";
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import { closeChromium, openPage, withChromium } from "../../support/chromium.js";
import { startConsole } from "../../support/console.js";
import { examples, PRE_ORDER } from "../../support/wechatpay.js";
import { signedHeaders } from "../signed.js";

const SIZE = { width: 1200, height: 720 };
const { openid, sub_mchid } = examples.request;

afterAll(closeChromium);

test.skipIf(!withChromium)("README's picture shows why a signature was refused, in light and in dark", async () => {
  const { url, credentials, close } = await startConsole();
  await makeScene(url, credentials);
  for (const colorScheme of ["light", "dark"] as const) {
    const file = `guide/console-${colorScheme}.png`;
    const { page, errors } = await openPage(`${url}/#/requests/7`, { origins: [url] });
    await page.setViewportSize(SIZE);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const detail = page.getByRole("region", { name: "Details" });
    for (const shown of [
      detail.getByRole("heading", { name: "The query string was not signed. Your private key is right." }),
      detail.getByRole("list", { name: "Checks" }).getByText("signature"),
      detail.getByText("url.pathname + url.search"),
      detail.locator("ins", { hasText: `?openid=${openid}` }),
      page.getByRole("region", { name: "Requests" }).getByText("attempt 3 of 3"),
    ]) {
      await shown.waitFor();
      const box = await shown.boundingBox();
      expect(box && box.y + box.height, `${shown} is in the picture`).toBeLessThanOrEqual(SIZE.height);
    }
    await page.evaluate(async () => {
      const logo = Object.assign(new Image(), { src: "/console/icon.svg" });
      await logo.decode();
    });
    const picture = await page.screenshot({ scale: "css" });
    if (process.env.PICTURES === "write") await writeFile(file, picture);
    expect(sizeOf(await readFile(file)), `${file} is of another size`).toEqual(SIZE);
    expect(errors).toEqual([]);
    await page.context().close();
  }
  await close();
});

/** An afternoon with the sandbox: the last request was signed without its query. */
async function makeScene(url: string, credentials: Awaited<ReturnType<typeof startConsole>>["credentials"]) {
  const retry = { repeats: 2, baseDelay: 1, maxDelay: 1 };
  const wechatpay = createWeChatPayClient({ ...credentials, baseUrl: url, backupUrl: false, retry });
  const act = (action: object) =>
    fetch(`${url}/console/actions`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(action),
    });
  unwrap(await wechatpay.POST(PRE_ORDER, { body: examples.request }));
  await act({ action: "authenticate", number: examples.request.authenticate_number, state: "AUTHENTICATE_SUCCESS" });
  await act({ action: "fail", fault: "system-error", times: 2 });
  unwrap(await wechatpay.GET("/v3/certificates"));
  const { value } = openapi.components.examples["createToken.authorize.request"];
  unwrap(await wechatpay.POST("/v3/payroll-card/tokens", { body: value as never }));
  await wechatpay.POST(PRE_ORDER, { body: { ...examples.request, project_name: "" } });
  const path = "/v3/payroll-card/authentications";
  const query = new URLSearchParams({ openid, sub_mchid, authenticate_date: today(), offset: "0", limit: "10" });
  await fetch(`${url}${path}?${query}`, { headers: signedHeaders(credentials, { method: "GET", target: path }) });
}

/** In Beijing. */
const today = () => new Date(Date.now() + 28_800_000).toISOString().slice(0, 10);

/** As the header of a PNG says. */
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });
