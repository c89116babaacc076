// The walk's own eyes: each kind of trouble, put on a page on purpose, is seen; a good page is not accused.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, open } from "./lib/browser.js";
import { crawl, kind } from "./lib/crawl.js";
import { accessibility, bareKeys, overflow } from "./lib/judge.js";

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";
const page = (body) => `<!doctype html><html lang="zh-CN"><head><meta name="viewport" content="width=device-width"><title>t</title><link rel="stylesheet" href="/a.css"></head><body><main>${body}</main></body></html>`;
const PAGES = {
  "/a.css": ".faint { color: #ccc; background: #fff } .wide { width: 900px } .scroll { overflow-x: auto } a { display: inline-block; padding: 12px; color: #000 }",
  "/favicon.ico": " ",
  "/good": page('<h1>问题</h1><div class="scroll"><div class="wide">x</div></div><a href="/good?after=1">1</a> <a href="/bad">2</a>'),
  "/good?after=1": page("<h1>问题</h1>"),
  "/bad": page('<h1 class="faint">问题</h1><img src="/none.png"><div class="wide">x</div><p>stage-nowhere</p><p style="color:red">x</p><script>1</script>'),
};

let server, browser, address;
before(async () => {
  server = createServer((request, response) => {
    const body = PAGES[request.url];
    response.writeHead(body ? 200 : request.url === "/none.png" ? 500 : 404, {
      "content-type": request.url.endsWith(".css") ? "text/css" : "text/html; charset=utf-8",
      "content-security-policy": CSP,
    });
    response.end(body ?? "");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

test("a good page is not accused, and a table that scrolls by itself is no overflow", async () => {
  const there = await open(browser, { width: 390, height: 844, baseURL: address });
  await there.goto("/good");
  assert.deepEqual(await accessibility(there), []);
  assert.deepEqual(await overflow(there), []);
  assert.deepEqual(await bareKeys(there), []);
  assert.deepEqual([...there.troubles].filter((trouble) => !trouble.includes("icon")), []);
});

test("each trouble of a bad page is seen", async () => {
  const there = await open(browser, { width: 390, height: 844, baseURL: address });
  await there.goto("/bad");
  const seen = (await accessibility(there)).join("\n");
  assert.match(seen, /color-contrast/);
  assert.match(seen, /image-alt/);
  assert.match((await overflow(there)).join("\n"), /div\.wide .* reaches 9\d\d of 390 px/);
  assert.deepEqual(await bareKeys(there), ["the key stage-nowhere shows as itself"]);
  const troubles = [...there.troubles].join("\n");
  assert.match(troubles, /Content-Security-Policy: style-src/);
  assert.match(troubles, /Content-Security-Policy: script-src/);
  assert.match(troubles, /500 .*none\.png/);
});

test("the walk follows links and looks at one page of a kind", async () => {
  const there = await open(browser, { baseURL: address });
  const visited = [];
  await crawl(there, `${address}/good`, { visit: async (_, what) => void visited.push(what) });
  assert.deepEqual(visited, ["/good", "/good?after", "/bad"]);
  assert.equal(kind(`${address}/t/a/cases/0190b2c4-0000-7000-8000-000000000000?after=i1&stage=x`), "/t/a/cases/*?after&stage");
});
