// Which pages there are: what a person reaches by following links from where the log-in leads.

/** What is downloaded, not looked at. */
const DOWNLOAD = /\.(pdf|docx|xlsx|csv|jpg|jpeg|png|webp|svg|zip|json|geojson)$|\/(photos|videos)\/[^/]+$/i;

/** Links that end the walk, or go on with it in another language. */
const LEAVES = /\/logout\b|\/log-out\b|^\/lang\//;

/** One page for many of a kind: ids and numbers become `*`, a query keeps its names alone. */
export function kind(address) {
  const url = new URL(address);
  const path = url.pathname
    .split("/")
    .map((part) => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(part) || /^\d+$/.test(part) || /^[a-z]+(-\d+)+$/.test(part) || /^[0-9A-Za-z_-]{20,}$/.test(part) ? "*" : part))
    .join("/");
  const names = [...new Set(url.searchParams.keys())].sort();
  return names.length ? `${path}?${names.join("&")}` : path;
}

/**
 * Walks from `from`, breadth first. `visit(address, kind)` is called on each page while it stands open.
 *
 * At most `each` pages of one kind and `most` in all. Downloads are given back, to be fetched.
 */
export async function crawl(page, from, { each = 1, most = 60, visit }) {
  const origin = new URL(from).origin;
  const queue = [from];
  const seen = new Set(queue);
  /** Pages visited, by the kind that was asked for and by the kind that was reached: a redirect makes them two. */
  const count = new Map();
  const enough = (what) => (count.get(what) ?? 0) >= each;
  const downloads = new Map();
  let pages = 0;
  while (queue.length && pages < most) {
    const address = queue.shift();
    const asked = kind(address);
    // A list of four hundred links puts them all in the queue before the first of them is visited.
    if (enough(asked)) continue;
    const response = await page.goto(address, { waitUntil: "load" });
    const landed = page.url();
    const what = kind(landed);
    const known = enough(what);
    for (const one of new Set([asked, what])) count.set(one, (count.get(one) ?? 0) + 1);
    if (known) continue;
    pages += 1;
    await visit(landed, what, response?.status() ?? 0);
    for (const href of await page.$$eval("a[href]", (links) => links.map((link) => new URL(link.getAttribute("href"), document.baseURI).href))) {
      const url = new URL(href);
      url.hash = "";
      const next = url.toString();
      if (url.origin !== origin || LEAVES.test(url.pathname) || seen.has(next)) continue;
      seen.add(next);
      if (DOWNLOAD.test(url.pathname)) {
        if (!downloads.has(kind(next))) downloads.set(kind(next), next);
      } else if (!enough(kind(next))) {
        queue.push(next);
      }
    }
  }
  return { pages, downloads: [...downloads.values()] };
}
