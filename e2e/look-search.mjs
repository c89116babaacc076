import { launch, logIn, open } from "./lib/browser.js";
const base = process.argv[2];
const browser = await launch();
const shots = [["clerk","小区"],["clerk","垃圾 楼道"],["clerk",""],["clerk","没有这种东西"],["clerk","社区"],["unit","小区"],["sysadmin","王"],["community","路灯"]];
for (const [width,height] of [[1440,900],[390,844]]) for (const [who,q] of shots) {
  const page = await open(browser, { width, height, baseURL: base });
  await logIn(page, { login: who, password: "xiuhua-demo" });
  const at = Date.now();
  await page.goto(`/t/lsw/search?q=${encodeURIComponent(q)}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  console.log(width, who, q, Date.now()-at, "ms over", over, await page.locator("h1").innerText(), await page.locator("mark").count(), [...page.troubles]);
  await page.screenshot({ path: `/tmp/shot-search-${width}-${who}-${q.replaceAll(" ","_")||"empty"}.png`, fullPage: true });
  await page.context().close();
}
await browser.close();
