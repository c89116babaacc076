// One Chromium for all tests, and pages that remember everything that went wrong on them.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? KNOWN.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium found; install Debian's package chromium, or name one in CHROMIUM");
  return chromium.launch({
    executablePath,
    args: [
      // Tests run as root in containers, where Chromium's sandbox cannot start; the pages are our own.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A camera that shows a test picture, and is allowed without a question.
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
}

/**
 * A new context (cookies of its own) with one page.
 *
 * `page.troubles` gathers console errors, exceptions, refused content (CSP) and requests that failed, each once.
 */
export async function open(browser, { width = 1440, height = 900, scheme = "light", language = "zh-CN", baseURL } = {}) {
  const context = await browser.newContext({
    baseURL,
    viewport: { width, height },
    colorScheme: scheme,
    locale: language,
    timezoneId: "Asia/Shanghai",
    // A half-run animation has colours that no reader sees.
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(15_000);
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`Content-Security-Policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber ?? ""}`);
    });
  });
  const page = await context.newPage();
  page.troubles = new Set();
  page.on("console", (message) => message.type() === "error" && page.troubles.add(`console: ${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => page.troubles.add(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A page left while it loads, and a download, end their requests by themselves.
    const why = request.failure()?.errorText ?? "";
    if (!why.includes("ERR_ABORTED")) page.troubles.add(`request failed: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) page.troubles.add(`${response.status()} ${response.url()}`);
  });
  return page;
}

/** Logs in through the form, as a person does; throws when the log-in page is still there afterwards. */
export async function logIn(page, account) {
  await page.goto("/login");
  await page.fill('input[name="name"]', account.login);
  await page.fill('input[name="password"]', account.password);
  await Promise.all([page.waitForURL((url) => !url.pathname.startsWith("/login")), page.click('form button[type="submit"]')]).catch(() => {
    throw new Error(`${account.login} could not log in: ${page.url()}`);
  });
}
