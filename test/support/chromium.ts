import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const programs = "Google/Chrome/Application/chrome.exe";
const places = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  `${process.env.PROGRAMFILES}/${programs}`,
  `${process.env.LOCALAPPDATA}/${programs}`,
];
const executablePath = places.find((path) => path && existsSync(path));

/** Whether tests with a browser run: where one is installed, and always in CI, which fails without one. */
export const withChromium = executablePath !== undefined || Boolean(process.env.CI);

/** A page, and what it did since it was opened. */
export interface Visit {
  page: Page;
  /** Every request for something that is neither in the page, nor a file, nor of an allowed origin. None of them is let out. */
  left: string[];
  /** What the page wrote to the console as an error, and what it threw. */
  errors: string[];
}

let browser: Promise<Browser> | undefined;

/** Opens `url` in a Chromium that is offline, except for `origins`, such as a sandbox's on 127.0.0.1. */
export async function openPage(url: string | URL, { origins = [] as string[] } = {}): Promise<Visit> {
  if (executablePath === undefined) throw new Error("No Chromium or Chrome is here: install one or set CHROMIUM_PATH.");
  browser ??= chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-proxy-server",
    ],
  });
  const context = await (await browser).newContext({
    offline: origins.length === 0,
    serviceWorkers: "block",
    viewport: { width: 1280, height: 900 },
  });
  // Ends what hangs, and nothing else.
  context.setDefaultTimeout(300_000);
  const left: string[] = [];
  const errors: string[] = [];
  const stays = ({ protocol, origin }: URL) =>
    ["file:", "data:", "blob:", "about:"].includes(protocol) || origins.includes(origin);
  context.on("request", (request) => {
    if (!stays(new URL(request.url()))) left.push(request.url());
  });
  await context.route(
    (address) => !stays(address),
    (route) => route.abort(),
  );
  await context.routeWebSocket(
    () => true,
    (socket) => {
      left.push(socket.url());
      socket.close();
    },
  );
  context.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  context.on("weberror", (error) => errors.push(String(error.error())));
  const page = await context.newPage();
  await page.goto(String(url));
  return { page, left, errors };
}

/** Ends the browser, and with it all its pages: for `afterAll`. */
export async function closeChromium(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
