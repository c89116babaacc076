// Every page as every role, on a phone and on a desk, in light and dark: nothing inaccessible, nothing sticking out, nothing broken.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, logIn, open } from "./lib/browser.js";
import { crawl } from "./lib/crawl.js";
import { accessibility, axe, bareKeys, overflow, parts } from "./lib/judge.js";
import { addresses, reached } from "./lib/reach.js";
import { run, start } from "./lib/server.js";

/** Pictures of pages in trouble are always taken, of all others when asked for: they are a third of the walk's time. */
const PICTURES = Boolean(process.env.XIUHUA_PICTURES);
const SHOTS = join(dirname(fileURLToPath(import.meta.url)), "shots");
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

/**
 * What no page of the demo links to. Machines and scripts of ours ask for it; it is sent to people from outside; or the demo has
 * nothing of its kind, and a test of its own slice follows the link.
 */
const UNLINKED = [
  /^\/(api|assets|b|health|j|lang|login|metrics)\b/,
  /^\/t\/\{slug\}\/?$/,
  /\/(cases\/fresh|cases\/\{number\}\/conditions|categories\.json|places\.json|report\/proposal|report\/place\.json)$/,
  /\/map\/(base\.pmtiles|cards|(boundaries|hotspots|tiles)\/\{z\})/,
  /\/cases\/dossiers\.pdf$/,
  /\/(entries|schemes|score-appeals|improvements)\/\{id\}\/photos\b/,
  /\/(calendar\/periods\/\{id\}|evaluation-runs\/\{league\}|videos\/\{id\})$/,
  /\/(imports\/\{kind\}|responsibilities\/sheets)\/\{id\}/,
  /\/responsibilities\/export\.xlsx$/,
];

/** The whole walk ends within this, however many pages there come to be. */
const MOST_MINUTES = 12;

describe("the walk through every page", { timeout: MOST_MINUTES * 60_000 }, () => {
  let server, browser;
  /** What each kind of page was made of when it was looked at, over all roles: the next role's is looked at for what is new on it. */
  const looked = new Map();

  before(async () => {
    mkdirSync(SHOTS, { recursive: true });
    [server, browser] = await Promise.all([start("demo"), launch()]);
  });
  after(async () => {
    await browser?.close();
    const how = await server?.stop();
    if (how) assert.equal(how.code, 0, `the server ended with ${JSON.stringify(how)}\n${server.logged()}`);
  });

  test("the demo's campaign adds up, and follows from its facts", () => {
    const said = JSON.parse(run(server.data, "summary", "--json", "--tenant", "lsw", "--from", "2026-01-01", "--to", "2026-02-28"));
    assert.deepEqual([said.in_circulars, said.rectified, said.remaining], [1380, 1370, 10]);
    // Five were mended by those outside, and two units' appeals against their lateness were upheld: no unit's deadline counts there.
    assert.equal(said.with_deadline, said.rectified - 7, "every other case of the campaign has a deadline");
    for (const part of ["communities", "units"]) {
      for (const figure of ["found", "in_circulars", "rectified", "with_deadline", "on_time", "rework", "remaining"]) {
        const sum = said[part].reduce((sum, one) => sum + one[figure], 0);
        assert.equal(sum, said[figure], `${figure} by ${part}`);
      }
    }
    assert.match(run(server.data, "verify"), /Everything fits/);
  });

  test("somebody comes to every address by following links", async () => {
    const all = addresses();
    const missing = new Set(all.filter((address) => !UNLINKED.some((one) => one.test(address))));
    for (const who of oneOfEachRole(server.accounts())) {
      const page = await open(browser, { ...DESK, baseURL: server.address });
      await logIn(page, who);
      await reached(page.request, page.url(), all, missing);
      await page.context().close();
    }
    assert.deepEqual([...missing], []);
  });

  test("somebody who is not logged in", async () => {
    const troubles = await walk("anonymous", async (page) => void (await page.goto("/login")));
    assert.deepEqual(troubles, []);
  });

  // Two at a time: one page is laid out while another is fetched.
  test("every role, and one of them in English and large type", { concurrency: 2 }, async (people) => {
    const accounts = oneOfEachRole(server.accounts());
    assert.ok(accounts.length > 0, "the demo has no accounts");
    const walks = accounts.map(({ role, ...who }) => ({ name: role, who }));
    // The longest first.
    walks.unshift({ name: "english", who: accounts[0], how: { language: "en", large: true } });
    await Promise.all(
      walks.map(({ name, who, how }) =>
        people.test(name, async () => {
          const troubles = await walk(name, (page) => logIn(page, who), how);
          assert.deepEqual(troubles, []);
        }),
      ),
    );
  });

  test("what is searched for, by a clerk and by a unit, in each state of the page", async () => {
    const troubles = [];
    for (const role of ["clerk", "unit_handler"]) {
      const who = server.accounts().find((account) => account.roles.includes(role));
      const page = await open(browser, { ...DESK, baseURL: server.address });
      try {
        await page.addInitScript({ content: axe });
        await logIn(page, who);
        // The index follows behind the demo's campaign.
        for (let tries = 0; tries < 120; tries++) {
          await page.goto(`/t/${who.tenant}/search?q=小区`);
          if (!(await page.locator(".note").count())) break;
          await page.waitForTimeout(500);
        }
        let first = true;
        for (const words of ["", "？", "没有这种东西", "小区", "垃圾 楼道"]) {
          await page.goto(`/t/${who.tenant}/search?q=${encodeURIComponent(words)}`);
          await look(page, role, `/t/*/search ${words}`, first, (how) => (trouble) => troubles.push(`${role} “${words}” ${how}: ${trouble}`));
          first = words === "没有这种东西";
        }
        // From the box in the head of any page.
        await page.goto(`/t/${who.tenant}/account`);
        await page.fill(".top .search", "社区");
        await page.press(".top .search", "Enter");
        await page.waitForURL("**/search?q=*");
        if (!(await page.locator("mark").count())) troubles.push(`${role}: nothing is marked`);
      } finally {
        await page.context().close();
      }
    }
    assert.deepEqual(troubles, []);
  });

  test("a unit photographs against the photo of before, or is told why not", async () => {
    const who = server.accounts().find((account) => account.roles.includes("unit_handler"));
    const page = await open(browser, { ...PHONE, baseURL: server.address });
    try {
      await page.addInitScript({ content: axe });
      await logIn(page, who);
      await page.goto(await dispatched(who));
      const start = page.locator("[data-against] [data-photo]").first();
      const sent = page.locator(".upload-item input[name=photo]");
      await start.press("Enter");
      await page.waitForFunction(() => document.querySelector("dialog[open] video")?.videoWidth > 0);
      assert.deepEqual([...(await accessibility(page)), ...(await overflow(page))], []);
      // By the keyboard alone: stronger, the photo, once more, the photo, and into the form.
      const share = page.locator("dialog input[type=range]");
      await share.press("ArrowRight");
      assert.equal(await page.locator("dialog img").evaluate((image) => image.style.opacity), "0.45");
      await page.locator("[data-do=shoot]").press("Enter");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await sent.waitFor({ state: "attached" });
      assert.equal(await page.locator("dialog[open]").count(), 0);
      assert.equal(await page.evaluate(() => document.activeElement?.hasAttribute("data-photo")), true, "the focus comes back");
      // A camera that isn't there, or not allowed: said, and the field for files stays.
      await page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"))));
      await start.click();
      await page.locator("[data-against] [role=status]").filter({ hasText: "相机打不开" }).waitFor();
      assert.equal(await page.locator("form:has([data-against]) input[type=file]").first().isVisible(), true);
      assert.deepEqual([...page.troubles], []);
    } finally {
      await page.context().close();
    }
  });

  /** A problem with a photo that a clerk reports and hands to this person's unit; its address. */
  async function dispatched(who) {
    const clerk = server.accounts().find((account) => account.roles.includes("clerk") && account.tenant === who.tenant);
    const unit = "蓝湾物业";
    const page = await open(browser, { ...DESK, baseURL: server.address });
    try {
      await logIn(page, clerk);
      await page.goto(`/t/${who.tenant}/report`);
      const form = page.locator("form:has(#photos)");
      await page.setInputFiles("#photos", { name: "before.png", mimeType: "image/png", buffer: await page.screenshot() });
      await form.locator(".upload-item input[name=photo]").waitFor({ state: "attached" });
      await form.locator("[name=place]").selectOption({ index: 1 });
      await form.locator("[name=category]").evaluate((select) => (select.selectedIndex = 1));
      await form.locator("[name=what]").fill("x");
      await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
      await form.locator("[name=circular]").selectOption("");
      await form.locator("[name=unit]").selectOption({ label: unit });
      await Promise.all([page.waitForURL(/\/cases\/\d+$/), form.locator("button[type=submit]").last().click()]);
      const address = page.url();
      for (const step of ["file", "dispatch"]) {
        const form = page.locator(`form[action$="/${step}"]`).first();
        if (step === "dispatch") await form.locator("[name=unit]").selectOption({ label: unit });
        await Promise.all([page.waitForResponse((answer) => answer.request().method() === "POST"), form.locator("button[type=submit]").first().click()]);
        await page.goto(address);
      }
      return address;
    } finally {
      await page.context().close();
    }
  }

  test("on paper, in ink, without what only a screen is for", async () => {
    const [account] = server.accounts();
    const page = await open(browser, { ...DESK, baseURL: server.address });
    try {
      await page.context().addCookies([{ name: "look", value: "dark", url: server.address }]);
      await logIn(page, account);
      await page.goto(`/t/${account.tenant}/help/components`);
      await page.emulateMedia({ media: "print" });
      const shown = await page.evaluate(() =>
        [".nav", ".top", ".actions", ".filters", ".tabs", ".pager", ".skip", ".foot"].filter((what) =>
          [...document.querySelectorAll(what)].some((element) => element.getClientRects().length > 0),
        ),
      );
      assert.deepEqual(shown, []);
      const ink = await page.evaluate(() => getComputedStyle(document.body).color);
      assert.equal(ink, "rgb(29, 35, 48)", "a dark screen's light letters on white paper");
      assert.deepEqual(await overflow(page), []);
      await page.screenshot({ path: join(SHOTS, "components-print.png"), fullPage: true });
    } finally {
      await page.context().close();
    }
  });

  /** Walks all that one person reaches, and gives every trouble as `page: what`. */
  async function walk(who, enter, { language = "zh-CN", large = false } = {}) {
    const page = await open(browser, { ...DESK, language, baseURL: server.address });
    const troubles = new Set();
    try {
      const cookies = [{ name: "lang", value: language, url: server.address }];
      if (large) cookies.push({ name: "look", value: "auto.large", url: server.address });
      await page.context().addCookies(cookies);
      // With each page, instead of sent to each page.
      await page.addInitScript({ content: axe });
      await enter(page);
      const found = await crawl(page, page.url(), {
        visit: async (address, kind, status) => {
          const say = (how) => (trouble) => troubles.add(`${kind} ${how}: ${trouble}`);
          if (status !== 200) say("")(`answers ${status}`);
          const made = await parts(page);
          const known = looked.get(`${kind} ${language} ${large}`);
          looked.set(`${kind} ${language} ${large}`, new Set([...(known ?? []), ...made]));
          if (known && made.every((part) => known.has(part))) await glance(page, say);
          else await look(page, who, kind, !known && !large, say);
          page.troubles.forEach(say(""));
          page.troubles.clear();
        },
      });
      for (const address of found.downloads) {
        const answer = await page.request.get(address);
        if (answer.status() !== 200) troubles.add(`${address}: the download answers ${answer.status()}`);
      }
    } finally {
      await page.context().close();
    }
    return [...troubles].sort();
  }

  /** Where only the words and the figures are others: whether they fit. */
  async function glance(page, say) {
    await page.setViewportSize(PHONE);
    (await overflow(page)).forEach(say(`${PHONE.width}`));
    (await bareKeys(page)).forEach(say(""));
    await page.setViewportSize(DESK);
  }

  async function look(page, who, kind, first, say) {
    const name = `${who}${kind.replaceAll(/[^a-z0-9*]+/gi, "_").replaceAll("*", "x")}`.slice(0, 120);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      for (const size of [DESK, PHONE]) {
        // A kind of page that was seen whole with another role, or in other words, is seen here once a width and once a scheme.
        if (!first && (scheme === "dark") !== (size === DESK)) continue;
        await page.setViewportSize(size);
        const colours = scheme === "dark" && first ? ["color-contrast", "link-in-text-block"] : undefined;
        const troubles = [...(await accessibility(page, colours)), ...(await overflow(page))];
        troubles.forEach(say(`${size.width} ${scheme}`));
        if (troubles.length || (PICTURES && first)) {
          await page.screenshot({ path: join(SHOTS, `${name}-${size.width}-${scheme}.jpg`), fullPage: true, type: "jpeg", quality: 80 });
        }
      }
    }
    (await bareKeys(page)).forEach(say(""));
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.setViewportSize(DESK);
  }
});

/** One account for each role; one that holds several stands for all of them. */
function oneOfEachRole(accounts) {
  const roles = new Map();
  for (const account of accounts) for (const role of account.roles) if (!roles.has(role)) roles.set(role, account);
  return [...roles].map(([role, account]) => ({ role, ...account }));
}
