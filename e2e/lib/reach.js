// Which of the program's addresses people come to by following links: a page that nothing leads to is no page.

import { readFileSync } from "node:fs";
import { kind } from "./crawl.js";

const FILE = /\.(pdf|docx|xlsx|json|pmtiles)$|\/(photos|videos|paper)\/|^\/(assets|api)\//;

/** Every address that is read, as the program's own test writes them down: `/t/{slug}/cases/{number}`. */
export function addresses() {
  const written = readFileSync(new URL("../../docs/permissions.md", import.meta.url), "utf8");
  return [...written.matchAll(/^- `(\S+) · (?:routing::)?get\(/gm)].map(([, path]) => path);
}

/** The address that `path` belongs to: of those that fit, the one with the most words of its own. */
export function belongs(path, all) {
  const parts = path.split("/");
  const fits = all.filter((one) => {
    const wanted = one.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => (part.startsWith("{") ? parts[at] !== "" : part === parts[at]));
  });
  const own = (one) => one.split("/").filter((part) => !part.startsWith("{")).length;
  return fits.sort((a, b) => own(b) - own(a))[0];
}

/**
 * Follows what a logged-in person's pages lead to, and takes the addresses met out of `missing`: visited, linked, or shown as a
 * picture. Pages of one kind are read `each` times and those of one address `every` times; what is a file is met, and not read.
 * It ends when nothing is missing.
 */
export async function reached(request, from, all, missing, { each = 2, every = 12 } = {}) {
  const queue = [from];
  const seen = new Set(queue);
  const kinds = new Map();
  const visited = new Map();
  const once = (counts, what) => counts.set(what, (counts.get(what) ?? 0) + 1).get(what);
  while (queue.length && missing.size) {
    const address = queue.shift();
    const at = belongs(new URL(address).pathname, all);
    missing.delete(at);
    if (FILE.test(new URL(address).pathname) || once(kinds, kind(address)) > each || once(visited, at) > every) continue;
    const answer = await request.get(address);
    if (answer.status() !== 200 || !(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    const landed = answer.url();
    for (const [, , value] of (await answer.text()).matchAll(/\s(href|src|data-src|action)="([^"]+)"/g)) {
      const next = new URL(value.replaceAll("&amp;", "&"), landed);
      next.hash = "";
      if (next.origin !== new URL(from).origin || seen.has(next.href) || next.pathname.startsWith("/lang/")) continue;
      seen.add(next.href);
      queue.push(next.href);
    }
  }
}
