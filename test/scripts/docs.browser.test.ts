// @module-tag slow
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FILES } from "../../src/sandbox/console/files.js";
import { closeChromium, openPage, withChromium } from "../support/chromium.js";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "docs-browser-"));
  file = join(folder, "index.html");
  await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/docs.ts", "--output", file]);
});
afterAll(async () => {
  await closeChromium();
  await rm(folder, { recursive: true });
});

/** Opens the page at an address within it. */
const open = (hash = "", query = "?lang=en") => openPage(`${pathToFileURL(file)}${query}#${hash}`);
const headingOf = (page: Page) => page.locator("main > section:not([hidden]) h1");

describe.skipIf(!withChromium)("the docs page in a browser without a network", () => {
  test("asks for nothing, fails at nothing, and leads from the menu to every part", async () => {
    const { page, left, errors } = await open();
    const links = await page.locator("#menu a").all();
    expect(links.length).toBeGreaterThan(50);
    for (const link of links) {
      await link.click();
      expect(await link.getAttribute("aria-current")).toBe("page");
      const [name] = (await link.locator("span").last().innerText()).split("\n");
      await expect.poll(() => headingOf(page).innerText()).toContain(name);
    }
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test("has the first field of each operation within a screen of its heading", async () => {
    for (const language of ["zh", "en"]) {
      const { page } = await open("", `?lang=${language}`);
      await page.setViewportSize({ width: 1440, height: 900 });
      const ids = await page.locator("main > section[id^='operation/']").evaluateAll((all) => all.map(({ id }) => id));
      expect(ids).toHaveLength(40);
      for (const id of ids) {
        await page.goto(`${pathToFileURL(file)}?lang=${language}#${id}`);
        const [heading, field] = await Promise.all([
          headingOf(page).boundingBox(),
          page.locator("main > section:not([hidden]) .fields > li").first().boundingBox(),
        ]);
        expect((field?.y ?? 0) + (field?.height ?? 0) - (heading?.y ?? 0), `${language} ${id}`).toBeLessThan(900);
      }
    }
  });

  test("speaks one language at a time, keeps the place when it is changed, and remembers it", async () => {
    const { page } = await open("operation/preOrderAuthentication", "?lang=zh");
    await expect.poll(() => headingOf(page).innerText()).toBe("微工卡核身预下单");
    expect(await page.title()).toBe("微工卡核身预下单 · 微信支付 APIv3 接口文档");
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
    await page.getByRole("button", { name: "English" }).click();
    await expect.poll(() => headingOf(page).innerText()).toBe("Pre-order an identity verification");
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    expect(page.url()).toContain("?lang=en#operation/preOrderAuthentication");
    await page.goto(`${pathToFileURL(file)}#operation/preOrderAuthentication`);
    await expect.poll(() => headingOf(page).innerText()).toBe("Pre-order an identity verification");
  });

  test("shows no Chinese in English but names, values and the other language's button", async () => {
    const { page } = await open();
    const texts = await page.evaluate(() => {
      const seen: string[] = [];
      const visit = (node: Node): void => {
        if (node instanceof Element && /^(CODE|PRE|SCRIPT|STYLE)$/.test(node.tagName)) return;
        if (node instanceof Element && node.getAttribute("lang") === "zh-CN") return;
        if (node instanceof Element && node.id === "languages") return;
        if (node.nodeType === Node.TEXT_NODE) seen.push(node.nodeValue ?? "");
        else for (const inner of node.childNodes) visit(inner);
      };
      visit(document.body);
      return seen;
    });
    const chinese = texts.flatMap(
      (text) => text.replaceAll(/\([^()]*\)|"[^"]*"/g, "").match(/\p{Script=Han}+/gu) ?? [],
    );
    expect(chinese).toEqual([]);
    expect(texts.join("").length).toBeGreaterThan(50_000);
  });

  test.each([
    ["SIGN_ERROR", "SIGN_ERROR: why a signature is refused"],
    ["核身预下单", "Pre-order an identity verification"],
    ["pre-order", "Pre-order an identity verification"],
    ["createTransferBatch", "Start a batch of transfers"],
    ["/v3/certificates", "List the platform certificates"],
    ["transfer_remark", "Start a batch of transfers"],
  ])("a search for %s finds first %s, and opens it", async (text, heading) => {
    const { page, left, errors } = await open();
    await page.keyboard.press("/");
    await page.keyboard.type(text);
    await expect.poll(() => page.locator("#found a b").first().innerText()).toBe(heading);
    await page.keyboard.press("Enter");
    await expect.poll(() => headingOf(page).innerText()).toBe(heading);
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test("shows the chosen example in the chosen form, here and for the next operation", async () => {
    const { page } = await open("operation/createTransferBatch");
    const code = page.locator("main > section:not([hidden]) .panel").first().locator("pre:visible");
    await expect.poll(() => code.innerText()).toMatch(/transferBatches.*"INFORMATION_AUTHORIZATION_TYPE"/s);
    await page.getByRole("button", { name: "One transfer with the sub-merchant's money" }).click();
    await expect.poll(() => code.innerText()).toMatch(/transferBatches.*"FUND_AUTHORIZATION_TYPE"/s);
    await page.getByRole("button", { name: "cURL" }).first().click();
    await expect.poll(() => code.innerText()).toMatch(/openssl dgst.*--data-raw/s);
    await page.getByRole("link", { name: "List the platform certificates" }).first().click();
    await expect.poll(() => code.innerText()).toContain("URL=/v3/certificates");
  });

  test("cuts no sample, and scrolls nowhere sideways, on a screen, a tablet and a phone", async () => {
    const { page } = await open("operation/preOrderAuthentication");
    for (const width of [1440, 1100, 400]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => {
        const views = [...document.querySelectorAll<HTMLElement>("main > section:not([hidden]) pre")];
        const cut = views.filter((view) => view.scrollWidth > view.clientWidth).length;
        return { cut, page: document.documentElement.scrollWidth > document.documentElement.clientWidth };
      });
      expect(wide, String(width)).toEqual({ cut: 0, page: false });
    }
    await page.getByRole("button", { name: "Menu" }).click();
    await page.locator("#menu").getByText("Start a batch of transfers").click();
    await expect.poll(() => headingOf(page).innerText()).toBe("Start a batch of transfers");
    expect(await page.locator("#menu").isVisible()).toBe(false);
  });

  test("served by the sandbox, under its policy, sends the example that is shown", async () => {
    const policy = FILES.get("/console/docs")?.policy ?? "";
    const server = createServer(async (request, response) => {
      const isPage = request.url?.startsWith("/console/docs");
      response.writeHead(isPage ? 200 : 404, { "Content-Type": "text/html", "Content-Security-Policy": policy });
      response.end(isPage ? await readFile(file) : "");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { page, left, errors } = await openPage(`${origin}/console/docs?lang=en#operation/createToken`, {
      origins: [origin],
    });
    const link = page.locator("main > section:not([hidden]) a.send:visible");
    await expect.poll(() => link.innerText()).toBe("Send to the sandbox");
    expect(await link.getAttribute("href")).toBe("/#send=createToken.authorize");
    await page.getByRole("button", { name: "Required fields only" }).click();
    expect(await link.getAttribute("href")).toBe("/#send=createToken.minimal");
    expect({ left, errors }).toEqual({ left: [], errors: [] });
    server.close();
  });

  test("has no link to a sandbox in a file, and folds where the documents disagree", async () => {
    const { page } = await open("operation/preOrderAuthentication");
    expect(await page.locator("a.send:visible").count()).toBe(0);
    const folded = page.getByText("up to 12 in a community copy of 2021").first();
    expect(await folded.isVisible()).toBe(false);
    await page.locator("main > section:not([hidden])").getByText("Where the public documents disagree").last().click();
    await folded.waitFor();
  });

  test.each(["light", "dark"] as const)("has no fault that axe knows, %s", async (colorScheme) => {
    for (const query of ["?lang=zh", "?lang=en"]) {
      for (const hash of ["operation/createTransferBatch", "guide/sign-error", ""]) {
        const { page } = await open(hash, query);
        await page.emulateMedia({ colorScheme });
        // axe looks at all that there is, also where it is hidden.
        await page.evaluate(() => {
          for (const hidden of document.querySelectorAll("main > section[hidden]")) hidden.remove();
        });
        const { violations } = (await page.evaluate(`${axe.source}; axe.run()`)) as axe.AxeResults;
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
    }
  });

  test("is whole without its script", async () => {
    const plain = join(folder, "plain.html");
    const html = await readFile(file, "utf8");
    await writeFile(plain, html.replaceAll(/<script>.*?<\/script>/gs, ""));
    const { page } = await openPage(pathToFileURL(plain));
    await page.getByRole("heading", { level: 1, name: "发起批量转账" }).waitFor();
    expect(await page.locator("h1:visible").count()).toBeGreaterThan(50);
  });

  test("a page that runs or loads what is not its own is caught", async () => {
    const remote = join(folder, "remote.html");
    const html = await readFile(file, "utf8");
    const added = `<script>window.stranger = true;</script><script src="https://cdn.example.com/x.js"></script>`;
    await writeFile(remote, html.replace("</body>", `${added}</body>`));
    const { page, errors } = await openPage(pathToFileURL(remote));
    expect(await page.evaluate("window.stranger")).toBe(undefined);
    expect(errors).toHaveLength(2);
  });
});
